"""What the first page says of the document: title, school, version, adoption and review."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from knowledge.clauses import Draft
from knowledge.importers.headings import could_be_title
from knowledge.importers.lines import same_words
from knowledge.importers.preview import Dropped
from knowledge.importers.unwrap import Chunk

TITLE = "title of the document"
SCHOOL = "name of the school"
MOTTO = "cover page"

_DOCUMENT = re.compile(
    r"\b(?:policy|policies|procedures?|guidance|guidelines|code of conduct|agreement|handbook|protocol)\b",
    re.IGNORECASE,
)
_INSTITUTION = r"(?:Schools?|Academy|Academies|College|Nursery|Trust|Federation|Partnership|Centre)"
_NAMED = re.compile(
    rf"(?:[A-Z][\w'.&-]*\s+(?:(?:and|of|&|for)\s+)?){{1,7}}{_INSTITUTION}(?:\s+(?:of\s+)?{_INSTITUTION})*\b"
)
_TO_BE_CONTINUED = re.compile(r"\b(?:for|on|of|about|and|the)$", re.IGNORECASE)
_COVER_CHUNKS = 12
_LONGEST_COVER_LINE = 12
"""Words."""

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*|Spring|Summer|Autumn|Winter"
_DATE = re.compile(
    rf"\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}|(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?:{_MONTH})(?:\s+[Tt]erm)?,?"
    r"\s+\d{4}|\d{4}(?:[-/]\d{2,4})?"
)
_VERSION = re.compile(
    r"\bversion(?:\s+(?:no\.?|number))?\s*:\s*(v?\d[\w.]*)|^version\s+(\d[\w.]*)$", re.IGNORECASE
)
_ADOPTED = (
    re.compile(r"\b(?:approved|adopted|ratified|agreed)\b", re.IGNORECASE),
    re.compile(r"\b(?:issued?|effective|published)\b|\bdate of policy\b", re.IGNORECASE),
    re.compile(r"^date\b(?!.*\breview)", re.IGNORECASE),
)
_REVIEW = (
    re.compile(r"\b(?:next review|due for review|review due|review date)\b", re.IGNORECASE),
    re.compile(r"\breview\b", re.IGNORECASE),
)
_LAST_REVIEW = re.compile(r"\blast review(?:ed)?\b", re.IGNORECASE)
_LONGEST_DATE_LINE = 12
"""Words."""


@dataclass(frozen=True)
class Cover:
    """Title and school, and the chunks (indexes) that say no more than that."""

    title: str
    school: str
    used: dict[int, str]
    """Index of a chunk -> why it becomes no clause."""


def title_from_name(filename: str) -> str:
    """`mobile-phones_2024.txt` -> "mobile phones 2024", for a document that prints no title."""
    return re.sub(r"[-_\s]+", " ", PurePath(filename).stem).strip() or "Policy"


def names_document(text: str) -> bool:
    """Says what kind of document this is: a policy, a code of conduct ..."""
    return bool(_DOCUMENT.search(text))


def read_cover(chunks: Sequence[Chunk], first_body_line: int) -> Cover:
    """Title and school from the chunks before `first_body_line`."""
    front = [
        (index, chunk)
        for index, chunk in enumerate(chunks[:_COVER_CHUNKS])
        if chunk.line < first_body_line and not chunk.row and not chunk.marker
    ]
    short = [(index, chunk) for index, chunk in front if len(chunk.text.split()) <= _LONGEST_COVER_LINE]
    title, titled = _title(short)
    used = dict.fromkeys(titled, TITLE)
    school = next((chunk.text for index, chunk in short if index not in used and _is_name(chunk.text)), "")
    school = school.rstrip(":") or _school_within(title)
    for index, chunk in short:
        text = chunk.text.rstrip(":")
        if index in used:
            continue
        if school and same_words(text) == same_words(school):
            used[index] = SCHOOL
        elif title and same_words(text).startswith(same_words(title)):
            used[index] = TITLE
        elif index < max(titled, default=0) and could_be_title(text, 8) and not re.search(r"\d", text):
            used[index] = MOTTO
    return Cover(title, school, used)


def _title(front: Sequence[tuple[int, Chunk]]) -> tuple[str, list[int]]:
    """The first short line that names a kind of document, with the line it runs on into."""
    for position, (index, chunk) in enumerate(front):
        if not names_document(chunk.text) or chunk.text.endswith((".", ":", ";")):
            continue
        after = front[position + 1 : position + 2]
        if after and after[0][0] == index + 1 and _TO_BE_CONTINUED.search(chunk.text):
            return f"{chunk.text} {after[0][1].text}", [index, index + 1]
        return chunk.text, [index]
    return "", []


def _is_name(text: str) -> bool:
    bare = text.rstrip(":")
    return bool(re.fullmatch(rf"(?:.*\s)?{_INSTITUTION}", bare, re.IGNORECASE)) and could_be_title(bare, 8)


def _school_within(title: str) -> str:
    named = _NAMED.match(title)
    return named[0] if named else ""


def school_in_text(texts: Iterable[str]) -> str:
    """The first institution the text names by a name of two words or more; "" when there is none."""
    for text in texts:
        for named in _NAMED.finditer(text):
            name = re.sub(r"^The\s+", "", named[0])
            if len(name.split()) > 2:
                return name
    return ""


def dropped_from_cover(cover: Cover, chunks: Sequence[Chunk]) -> list[Dropped]:
    return [Dropped(line=chunks[i].line, text=chunks[i].text, reason=why) for i, why in cover.used.items()]


@dataclass(frozen=True)
class Dates:
    version: str
    adopted_line: str
    review_line: str


def read_dates(drafts: Iterable[Draft]) -> Dates:
    """Version, adoption and review as printed. Without a version the date of adoption stands for it."""
    lines = [draft.text for draft in drafts if len(draft.text.split()) <= _LONGEST_DATE_LINE]
    dated = [line for line in lines if _DATE.search(line)]
    current = [line for line in dated if not _LAST_REVIEW.search(line)]
    adopted = _first(_ADOPTED, current)
    review = _first(_REVIEW, current)
    last_review = next((line for line in dated if _LAST_REVIEW.search(line)), "")
    version = next((match[1] or match[2] for line in lines if (match := _VERSION.search(line))), "")
    date = _DATE.search(adopted or last_review)
    return Dates(version or (date[0] if date else ""), adopted, review)


def _first(patterns: Iterable[re.Pattern[str]], lines: Sequence[str]) -> str:
    return next((line for pattern in patterns for line in lines if pattern.search(line)), "")
