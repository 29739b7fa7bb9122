"""List markers, and how deep an item stands.

Extracted text has lost its layout: depth is told from the indent where there is one, and
else from a change of marker ("a)" and then "(i)").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.importers.characters import BULLETS

_MARKER = re.compile(
    rf"(?:(?P<bullet>[{BULLETS}]|o(?=[ \t]))"
    r"|\(?(?P<number>\d{1,2})[.)]"
    r"|(?P<letter>\((?:[ivx]{1,4}|[a-zA-Z])\)|[a-zA-Z]\)|[ivx]{1,4}[.)]|[a-z]\.))[ \t]+(?=\S)"
)


@dataclass(frozen=True)
class Marker:
    """`kind` is the bullet itself, "number", "letter" or "roman"; `label` what was printed."""

    kind: str
    label: str
    indent: int


def split_marker(text: str, previous: str = "") -> tuple[Marker | None, str]:
    """`- a. Staff ...` -> (marker, "Staff ..."): double markers are one item, known by the first.

    `previous` is the label of the item before, which tells the letter "i" (after "h") from
    the roman one.
    """
    bare = text.lstrip(" \t")
    indent = len(text[: len(text) - len(bare)].expandtabs(4))
    first: Marker | None = None
    while match := _MARKER.match(bare):
        first = first or Marker(_kind(match, previous), match[0].strip(), indent)
        bare = bare[match.end() :]
    return first, bare


def _kind(match: re.Match[str], previous: str) -> str:
    if match["bullet"]:
        return match["bullet"]
    if match["number"]:
        return "number"
    label = match["letter"].strip("().").lower()
    after = previous.strip("().").lower()
    if len(label) == 1 and len(after) == 1 and ord(label) == ord(after) + 1 and after != "i":
        return "letter"
    return "roman" if re.fullmatch(r"[ivx]+", label) else "letter"


@dataclass(frozen=True)
class Entry:
    """An item of a list as printed. `after_gap`: a blank line, perhaps a page break, is before it."""

    marker: Marker
    text: str
    after_gap: bool = False


def depths(entries: Sequence[Entry]) -> list[int]:
    """The depth of each item of one list, 1 at the outermost."""
    levels: list[Marker] = []
    found: list[int] = []
    outermost = 0
    for position, entry in enumerate(entries):
        levels = _levels_at(entry.marker, levels)
        depth = len(levels)
        nested = outermost == 1 and found[-1] > 1
        if depth == 1 and nested and entry.after_gap and _belongs_inside(entries[: position + 1]):
            depth = found[-1]
        outermost += depth == 1
        found.append(depth)
    return found


def _levels_at(marker: Marker, levels: list[Marker]) -> list[Marker]:
    """The open levels once this marker is read: the last one is its own."""
    kept = [level for level in levels if level.indent <= marker.indent]
    if not kept:
        return [marker]
    same = [i for i, level in enumerate(kept) if level.indent == marker.indent]
    if not same:
        return [*kept, marker]
    of_kind = next((i for i in same if kept[i].kind == marker.kind), None)
    return [*kept, marker] if of_kind is None else [*kept[:of_kind], marker]


def _belongs_inside(entries: Sequence[Entry]) -> bool:
    """After a page break an item can come out unindented that still belongs to the inner list.

    So the last of `entries` is read when the first introduces all the others, which are bare
    terms, and it is a bare term like them.
    """
    outer, *inner = entries
    return outer.text.endswith(":") and all(_is_bare(item.text) for item in inner)


def _is_bare(text: str) -> bool:
    return not text.endswith((".", ":", ";", "?", "!"))
