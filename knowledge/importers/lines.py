"""The lines of an extracted text, with what their layout says about them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.importers.characters import BULLETS
from knowledge.importers.preview import Dropped

WIDEST_PAGE = 130
"""Characters. Lines longer than a page is wide are whole paragraphs: such a text is not wrapped."""

_BULLET_ALONE = re.compile(rf"\s*(?!-)[{BULLETS}]")
"""Its text is on the next line. A hyphen alone is no bullet but a rule, or nothing."""


@dataclass(frozen=True)
class Line:
    """One line. `number` counts from 1; `page_top`: the first line of a page, where that is known."""

    number: int
    text: str
    page_top: bool = False

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def numbered_lines(text: str) -> list[Line]:
    """Lines without trailing space; a form feed tells where a page begins."""
    normal = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\v", " ")
    lines: list[Line] = []
    page_top = False
    bullet = ""
    for number, raw in enumerate(normal.split("\n"), 1):
        page_top = page_top or "\f" in raw
        printed = raw.replace("\f", "").rstrip(" ")
        if _BULLET_ALONE.fullmatch(printed):
            bullet, printed = printed, ""
        elif bullet and printed.strip():
            bullet, printed = "", f"{bullet} {printed.strip()}"
        lines.extend(Line(number, part, page_top=page_top) for part in _side_by_side(printed))
        page_top = page_top and not printed.strip()
    return lines


def _side_by_side(text: str) -> list[str]:
    """`Approved: May 2025      Review: May 2027` are two facts that shared a line."""
    parts = re.split(r"(?<=\S) {3,}(?=\S)", text)
    return parts if len(parts) > 1 and all(re.match(r"\s*\w[^:]*: \S", part) for part in parts) else [text]


def without(lines: Iterable[Line], reasons: dict[int, str]) -> tuple[list[Line], list[Dropped]]:
    """The lines with those of `reasons` (line number -> why) blanked, and the record of them.

    Blanked, not removed: a gap stays a gap, and line numbers stay true.
    """
    kept: list[Line] = []
    dropped: list[Dropped] = []
    for line in lines:
        if line.number in reasons:
            dropped.append(Dropped(line=line.number, text=line.text.strip(), reason=reasons[line.number]))
            line = replace(line, text="")
        kept.append(line)
    return kept, dropped


def wrap_width(lines: Sequence[Line]) -> int | None:
    """The width, in characters, at which the text was broken into lines; None if it was not."""
    widths = sorted(len(line.text) for line in lines if len(line.text) >= 40 and "\t" not in line.text)
    if len(widths) < 5 or widths[int(len(widths) * 0.95)] > WIDEST_PAGE:
        return None
    return widths[int(len(widths) * 0.9)]


def same_words(text: str) -> str:
    """The key under which two printings of one line are equal: words alone, without case."""
    return " ".join(re.findall(r"\w+", text.casefold()))
