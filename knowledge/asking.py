"""What a question asks: its concepts, who it is about, whom they deal with, and what kind of answer it wants."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from knowledge.concepts import Concepts

Kind = Literal["who", "when", "may", "what_to_do", "other"]
AUDIENCES = {
    "#pupil": "pupil",
    "#ex-pupil": "pupil",
    "#parent": "parent",
    "#staff": "staff",
    "#colleague": "staff",
}
"""Concepts that say whom a rule is about. A grandparent counts as parent through `is:`."""
ROLES = frozenset(
    f"#{role}"
    for role in (
        [
            "headteacher",
            "dsl",
            "leadership",
            "manager",
            "governor",
            "chair",
            "ceo",
            "marketing",
            "ict",
            "business-manager",
            "police",
            "outside-help",
        ]
    )
)
MOMENTS = frozenset(
    [
        "#annual",
        "#termly",
        "#date",
        "#immediately",
        "#two-years",
        "#eighteen",
        "#review",
        "#school-hours",
        "#version",
    ]
)
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("who", re.compile(r"\b(who|whose|whom|who's|which (person|role|member)|what role)\b")),
    (
        "when",
        re.compile(
            r"\b(when (is|was|does|did|will|do|are)|how (often|long|soon|quickly|fast)|(until|by) when"
            r"|what (year|date|time))\b"
        ),
    ),
    (
        "what_to_do",
        re.compile(r"\b(what (do|should|must|shall|can|happens)|how (do|should|can|would)|where do)\b"),
    ),
    (
        "may",
        re.compile(
            r"\b(can|may|could|allowed|is it (ok|okay|fine|all right|alright|acceptable)|am i"
            r"|are (we|staff|they)|ok to|okay to|permitted|should)\b"
        ),
    ),
)
_STAFF_SPEAKING = re.compile(r"\b(i|i'm|im|i've|me|my|we|we're|our|us)\b")
_SUBJECT = re.compile(
    r"\b(?:can|may|could|should|must|are|is|do|does|did|will|if|when|have|has)\s+(?:the\s+|a\s+|an\s+|our\s+|my\s+|any\s+)?(\w+(?:\s\w+)?)"
)
_LISTED = re.compile(r"\b(?:and|or|nor|plus|with)\b|[,/&;:]|(?<=[.!?])\s")
"""What parts people in a list from each other."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+|\s[-–—]\s")


class Asked(NamedTuple):
    """A question, spelling mended, as concepts."""

    text: str
    tokens: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    """The tokens of each sentence, where there are several."""
    kind: Kind
    subject: str
    """Who would be doing it: `staff`, `pupil`, `parent`, or "" when that does not show."""
    whom: frozenset[str]
    """Everyone the question deals with."""


def read_question(text: str, concepts: Concepts) -> Asked:
    """The question as concepts; `text` has had its spelling mended."""
    plain = text.casefold().replace("’", "'")
    tokens = concepts.read(text)
    sentences = [concepts.read(s) for s in _SENTENCE.split(text) if s.strip()]
    return Asked(
        text=text,
        tokens=tokens,
        parts=tuple(s for s in sentences if len(set(s)) > 1) if len(sentences) > 1 else (),
        kind=next((kind for kind, pattern in _KINDS if pattern.search(plain)), "other"),
        subject=_subject(plain, tokens, concepts),
        whom=dealt_with(text, concepts),
    )


def dealt_with(text: str, concepts: Concepts) -> frozenset[str]:
    """Which of staff, pupils and parents a text deals with. Pupils who only say whose parent somebody is (`a mum
    from my class`, `a pupil's nan`) are not dealt with; in `pupils and parents` both are."""
    found = {AUDIENCES[token] for token in concepts.widened(concepts.read(text)) if token in AUDIENCES}
    if {"parent", "pupil"} <= found and not any(map(_pupils_alone, _named(text, concepts))):
        found.remove("pupil")
    return frozenset(found)


def _named(text: str, concepts: Concepts) -> Iterator[list[str]]:
    """Whom each word of each part of a list names, "" for nobody."""
    for part in _LISTED.split(text.casefold()):
        yield [first_audience((token,), concepts) for token in concepts.read(part)]


def _pupils_alone(named: Sequence[str]) -> bool:
    """Whether pupils are named with no parent next to them."""
    runs = (set(run) for family, run in groupby(named, key=lambda who: who in ("pupil", "parent")) if family)
    return {"pupil"} in runs


def first_audience(tokens: Sequence[str], concepts: Concepts) -> str:
    """The first of staff, pupils and parents that the tokens name, or ""."""
    for token in tokens:
        for name in (token, *concepts.wider.get(token, ())):
            if name in AUDIENCES:
                return AUDIENCES[name]
    return ""


def _subject(plain: str, tokens: Sequence[str], concepts: Concepts) -> str:
    """Who acts: whoever follows the first auxiliary; else the asker, who is staff, if they speak of themselves."""
    for found in _SUBJECT.finditer(plain):
        first = found[1].split()[0]
        if first in ("i", "we", "you", "staff"):
            return "staff"
        named = first_audience(concepts.read(found[1]), concepts)
        if named:
            return named
    if _STAFF_SPEAKING.search(plain):
        return "staff"
    return first_audience(tokens, concepts)
