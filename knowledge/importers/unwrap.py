"""Lines -> chunks: what a line break or a page break has cut is put together again."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from knowledge.importers.characters import DASHES
from knowledge.importers.inline import plain, tidy
from knowledge.importers.lines import Line, wrap_width
from knowledge.importers.lists import Marker, split_marker
from knowledge.importers.numbering import is_label_alone
from knowledge.importers.sentences import breaks_off, is_finished

_FULL_LINE = 0.7
"""Of the page's width: a line shorter than this was ended by its author, not by the margin."""

_FEW_WORDS = 3
"""So short a line, standing alone, is a title rather than the beginning of a sentence."""

_LONGEST_PARAGRAPH = 10_000
"""Characters: what goes on for longer is no paragraph, and is not joined line by line for ever."""

_KEEPS_HYPHEN = frozenset(["self", "non", "co", "ex", "e", "well", "anti", "cross", "multi", "pre", "post"])


@dataclass(frozen=True)
class Chunk:
    """A paragraph, a list item (`marker`) or a row of a table (`row`), whole again.

    `raw` is the text with its Markdown and tabs, `text` the plain one. `after_gap`: a blank
    line stands before it. `last` is its last line as printed, `lines` how many it took. `depth` and
    `header` (a table's heading row) are set where the format itself says so, as Markdown does.
    """

    raw: str
    text: str
    line: int
    after_gap: bool = False
    marker: Marker | None = None
    row: bool = False
    last: str = ""
    lines: int = 1
    depth: int = 0
    header: bool = False

    @property
    def kind(self) -> Literal["text", "item", "row"]:
        return "row" if self.row else "item" if self.marker or self.depth else "text"

    @property
    def bold(self) -> bool:
        return bool(re.fullmatch(r"\*\*[^*]+\*\*:?", self.raw.strip()))

    @property
    def printed(self) -> str:
        """The text with its number: a numbered heading looks like a list item."""
        numbered = self.marker is not None and self.marker.kind == "number"
        return f"{self.marker.label} {self.text}" if numbered and self.marker else self.text


def chunks(lines: Sequence[Line], stands_alone: frozenset[str] = frozenset()) -> list[Chunk]:
    """The chunks of a text. `stands_alone`: titles known to be headings, never joined to what follows."""
    width = wrap_width(lines)
    words = _vocabulary(lines)
    found: list[Chunk] = []
    gap = True
    for line in lines:
        if line.blank:
            gap = True
            continue
        before = found[-1] if found else None
        chunk = _chunk(line, gap, before)
        if before and before.text.casefold() not in stands_alone and _goes_on(before, chunk, line, width):
            found[-1] = _joined(before, chunk, words)
        else:
            found.append(chunk)
        gap = False
    return found


def _chunk(line: Line, gap: bool, before: Chunk | None) -> Chunk:
    label = before.marker.label if before and before.marker else ""
    marker, text = split_marker(line.text, previous=label)
    if _is_row(text if marker else line.text, under_row=bool(before and before.row and not gap)):
        return Chunk(line.text, plain(line.text), line.number, after_gap=gap, row=True, last=line.text)
    return Chunk(text, plain(text), line.number, after_gap=gap, marker=marker, last=line.text)


def _is_row(text: str, under_row: bool) -> bool:
    """Tabs part the cells of a table. A tab that only indents, or follows a number, parts none."""
    body = text.strip(" ")
    if body.startswith("\t") and "\t" not in body.strip("\t") and not body.endswith("\t"):
        return under_row
    return "\t" in re.sub(r"^\d[\d.]*\t", "", body)


def _goes_on(before: Chunk, chunk: Chunk, line: Line, width: int | None) -> bool:
    """Does the chunk continue the sentence, or the wrapped paragraph, of the one before it?"""
    if before.row or chunk.row or not chunk.text or is_label_alone(before.text):
        return False
    if len(before.text) > _LONGEST_PARAGRAPH:
        return False
    lower = chunk.text[0].islower()
    if chunk.marker:
        cut = chunk.after_gap and lower and before.marker is not None
        return cut and breaks_off(before.text) and not before.text.endswith(",")
    if chunk.after_gap:
        if is_finished(before.text) or before.bold:
            return False
        return breaks_off(before.text) or (lower and len(before.text.split()) > _FEW_WORDS)
    if lower or breaks_off(before.text) or _ends_in_hyphen(before.last):
        return True
    if before.marker and before.marker.kind != "number" and line.text.startswith((" ", "\t")):
        return True
    if width is None or re.match(r"\d{1,2}(?:\.\d{1,2})*\s+[A-Z]|\*\*", chunk.text):
        return False
    return len(before.last) >= width * _FULL_LINE


def _ends_in_hyphen(text: str) -> bool:
    return bool(re.search(r"\w-$", text))


def _joined(before: Chunk, more: Chunk, words: frozenset[str]) -> Chunk:
    raw = _join_text(before.raw, more.raw, words)
    text = _join_text(before.text, more.text, words)
    return replace(before, raw=raw, text=text, last=more.last, lines=before.lines + 1)


def _join_text(before: str, more: str, words: frozenset[str]) -> str:
    """Two halves as one; a hyphen that only the line break had put there goes."""
    halves = re.search(rf"([\w'{DASHES}]+)-$", before), re.match(r"\w+", more)
    if not (halves[0] and halves[1]) or not more[:1].islower():
        return tidy(f"{before} {more}")
    first, second = halves[0][1].casefold(), halves[1][0].casefold()
    hyphenated = f"{first}-{second}" in words or (first + second not in words and first in _KEEPS_HYPHEN)
    return tidy((before if hyphenated else before[:-1]) + more)


def _vocabulary(lines: Iterable[Line]) -> frozenset[str]:
    """The words of the document as it spells them, hyphens inside included."""
    words = (word for line in lines for word in re.findall(r"\w+(?:['-]\w+)*", line.text))
    return frozenset(word.casefold() for word in words if len(word) > 1)
