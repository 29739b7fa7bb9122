"""Where sentences end, and which of them are kept together as one clause.

The choice looks at a sentence and the one before it, never at a running total over the
paragraph: so that a change to one clause moves no other boundary, and no other id.
"""

import re

from knowledge.importers.characters import CLOSING_QUOTES, EM_DASH, EN_DASH, OPENING_QUOTES

LONG_PARAGRAPH = 40
"""Words. Up to here a paragraph stays whole: people read it at one glance."""

SHORT_SENTENCE = 30
"""Words. A sentence that leans on the one before it joins it only up to this length."""

_BOUNDARY = re.compile(rf"(?<=[.!?])[{CLOSING_QUOTES})\]]*\s+(?=[{OPENING_QUOTES}(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[Ee]\.g|[Ii]\.e|cf|vs|viz|Nos?|[Pp]aras?|[Rr]ef|approx|[Dd]ept|[Tt]el|[Ee]xt|[Ii]ncl"
    r"|St|Mr|Mrs|Ms|Dr|Prof|Rev)|(?:^|\s)[A-Z](?:\.[A-Z])*)\.$"
)
_LEANS_BACK = re.compile(
    r"(?!this (?:policy|procedure|document|guidance|section|school)\b)"
    r"(?:they|them|these|those|this|that|it|its|their|he|she|such|instead|however|otherwise|therefore"
    r"|in addition|in this case|in these cases|if so|if not|as such|failure to do so|for example|for instance"
    r")\b|\(",
    re.IGNORECASE,
)
_OPEN_ENDS = frozenset(
    word
    for words in (
        "a an the their its our your this these any all",
        "of to with in for by on at from as that which who whose",
        "be been are is was were will must should may can not",
    )
    for word in words.split()
)


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph; "e.g." and initials end none."""
    found: list[str] = []
    start = 0
    for boundary in _BOUNDARY.finditer(text):
        sentence = text[start : boundary.end()].strip()
        if not _ABBREVIATION.search(sentence):
            found.append(sentence)
            start = boundary.end()
    return [*found, text[start:].strip()] if text[start:].strip() else found


def pieces(text: str, introduces: bool = False) -> list[str]:
    """A paragraph as clauses of one or a few sentences.

    With `introduces` the last piece is the lead-in of a list, so even a short paragraph is split.
    """
    if len(text.split()) <= LONG_PARAGRAPH and not introduces:
        return [text]
    grouped: list[str] = []
    for sentence in sentences(text):
        if grouped and leans_back(sentence):
            grouped[-1] = f"{grouped[-1]} {sentence}"
        else:
            grouped.append(sentence)
    return grouped


def leans_back(sentence: str) -> bool:
    """A short sentence that cannot be understood without the one before it."""
    return len(sentence.split()) <= SHORT_SENTENCE and bool(_LEANS_BACK.match(sentence))


def is_finished(text: str) -> bool:
    """Ends as a sentence, a clause of a list or an introduction ends."""
    return text.rstrip(f"{CLOSING_QUOTES})] ").endswith((".", "!", "?", ":", ";"))


def breaks_off(text: str) -> bool:
    """Ends on a word or mark after which a sentence has to go on: "reported to the"."""
    last = text.rsplit(maxsplit=1)[-1] if text.strip() else ""
    return last.endswith((",", EN_DASH, EM_DASH)) or last.casefold() in _OPEN_ENDS


def introduces_list(text: str) -> bool:
    """Is this paragraph, standing right before a list, the list's lead-in?

    It is when it ends in a colon, is a fragment that the items complete, or says that
    something follows. A finished sentence of its own is not.
    """
    last = sentences(text)[-1]
    if last.endswith(":") or not is_finished(last):
        return True
    return bool(re.search(r"\b(?:following|follows|below)\b[^.]{0,40}\.$", last, re.IGNORECASE))
