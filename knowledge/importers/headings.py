"""Which chunks of a text are headings, told by layout and by the contents page.

No list of known titles: a heading is named by the contents page, is numbered, is in capitals
or in bold, or is a short line without a verb that stands over running text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.clauses import Section
from knowledge.importers.characters import OPENING_QUOTES
from knowledge.importers.contents_page import ContentsPage, Entry
from knowledge.importers.numbering import is_label_alone, level_of, split_number
from knowledge.importers.sentences import is_finished
from knowledge.importers.unwrap import Chunk

LONGEST_TITLE = 14
"""Words: of a heading that a number, capitals, bold or the contents page proves."""
LONGEST_BARE_TITLE = 10
"""Words: of a heading that nothing but its shape proves."""

_ASKS = re.compile(r"(?:what|who|whom|whose|when|where|why|which|how)\b", re.IGNORECASE)
_OPENS_SENTENCE = re.compile(
    r"(?:this|these|those|that|it|they|we|you|he|she|there|please|if|for example|note)\b", re.IGNORECASE
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|will|must|should|shall|may|might|can|cannot|could|would|has|have|had)\b"
    r"|\b(?:do|does) not\b",
    re.IGNORECASE,
)
_DANGLES = re.compile(r"\b(?:a|an|the|of|to|with|in|for|by|on|at|from|and|or)$", re.IGNORECASE)

_LABEL_AND_VALUE = re.compile(r":\s+\S|@|\bwww\.")


@dataclass(frozen=True)
class FoundHeading:
    """A heading and how many chunks it takes up (two where "APPENDIX A" stands over its title)."""

    section: Section
    chunks: int = 1
    numbered: bool = False
    listed: bool = False
    """The contents page names it."""


def find_headings(chunks: Sequence[Chunk], contents: ContentsPage) -> dict[int, FoundHeading]:
    """Index of a chunk -> the heading it is."""
    found: dict[int, FoundHeading] = {}
    index = 0
    while index < len(chunks):
        heading = _heading_at(chunks, index, contents)
        if heading and not heading.listed and index - 1 not in found and _continues_list(chunks, index):
            heading = None
        if heading:
            found[index] = heading
        index += heading.chunks if heading else 1
    return _with_levels(found)


def _heading_at(chunks: Sequence[Chunk], index: int, contents: ContentsPage) -> FoundHeading | None:
    chunk = chunks[index]
    if chunk.row or (chunk.marker and chunk.marker.kind != "number"):
        return None
    following = chunks[index + 1] if index + 1 < len(chunks) else None
    if is_label_alone(chunk.printed):
        return _labelled(chunk, following, contents)
    number, title = split_number(chunk.printed)
    named = title.rstrip(":").strip()
    shape = named[:1].upper() + named[1:] if number[:1].isalpha() else named  # "Appendix 1: loan form"
    entry = contents.entry(named) if could_be_title(shape, LONGEST_TITLE) else None
    if entry and not (title.endswith(":") and following and following.marker):
        return _found(named, number, entry)
    if following is None or not could_be_title(shape, LONGEST_TITLE):
        return None
    if number and not title.endswith(":") and not _is_sibling(number, following):
        return _found(named, number, None)
    if chunk.bold or _in_capitals(named):
        return None if number and _is_sibling(number, following) else _found(named, number, None)
    if number or not _stands_over_text(chunks, index, title):
        return None
    return _found(named, "", None)


def _labelled(chunk: Chunk, following: Chunk | None, contents: ContentsPage) -> FoundHeading:
    """`APPENDIX A`, with the title on the next line where there is one."""
    label = chunk.printed.strip(" .:")
    number, _ = split_number(f"{label} x")
    if following and following.kind == "text" and could_be_title(following.text, LONGEST_TITLE):
        return replace(_found(following.text, number, contents.entry(following.text)), chunks=2)
    return _found(number, "", None)


def _found(title: str, number: str, entry: Entry | None) -> FoundHeading:
    appendix = entry.number if entry and entry.number.startswith("Appendix") else ""
    level = level_of(number or (entry.number if entry else ""))
    return FoundHeading(
        Section(title=title, number=number or appendix, level=level),
        numbered=bool(number),
        listed=entry is not None,
    )


def could_be_title(text: str, longest: int) -> bool:
    """Short, begins as a title does, ends as no sentence does; a question may be one."""
    words = text.split()
    if not 0 < len(words) <= longest or not text.lstrip(OPENING_QUOTES)[:1].isupper():
        return False
    if _ASKS.match(text) or text.endswith("?"):
        return not text.endswith((".", ";", ":", ","))
    if is_finished(text) or text.endswith(",") or ";" in text or _DANGLES.search(text):
        return False
    return not (_OPENS_SENTENCE.match(text) or _FINITE.search(text)) or _in_capitals(text)


def _in_capitals(text: str) -> bool:
    return text.isupper() and any(len(word) > 3 for word in re.findall(r"[A-Z]+", text))


def _stands_over_text(chunks: Sequence[Chunk], index: int, title: str) -> bool:
    """A bare title: nothing runs into it, and running text, a list or a table comes after it."""
    chunk, following = chunks[index], chunks[index + 1]
    if chunk.lines > 1 or _LABEL_AND_VALUE.search(title):
        return False
    if not could_be_title(title.rstrip(":"), LONGEST_BARE_TITLE):
        return False
    before = chunks[index - 1] if index else None
    if before and before.text.endswith(":") and not before.row:
        return False
    is_text = is_finished(following.text) or len(following.text.split()) > LONGEST_TITLE
    if title.endswith(":"):
        return is_text and not following.marker and not following.row and len(title.split()) <= 5
    return bool(following.marker) or following.row or is_text or bool(split_number(following.printed)[0])


def _continues_list(chunks: Sequence[Chunk], index: int) -> bool:
    """The last item of a numbered list has text after it, as a heading has; its neighbour tells."""
    number, _ = split_number(chunks[index].printed)
    return bool(number) and index > 0 and _is_sibling(number, chunks[index - 1])


def _is_sibling(number: str, neighbour: Chunk) -> bool:
    """Is the neighbour numbered on the same level? Then these are items of a numbered list."""
    other, _ = split_number(neighbour.printed)
    return bool(other) and other[0].isdigit() and number[0].isdigit() and level_of(other) == level_of(number)


def _with_levels(found: dict[int, FoundHeading]) -> dict[int, FoundHeading]:
    """A heading neither numbered nor in the contents stands under the one before it that is.

    In an appendix it is cited with the appendix, whose own title often has no text to it.
    """
    levelled: dict[int, FoundHeading] = {}
    above: Section | None = None
    for index, heading in sorted(found.items()):
        if heading.numbered or heading.listed:
            above = heading.section
        elif above:
            number = above.number if above.number[:1].isalpha() else ""
            section = heading.section.model_copy(update={"level": 2, "number": number})
            heading = replace(heading, section=section)
        levelled[index] = heading
    return levelled
