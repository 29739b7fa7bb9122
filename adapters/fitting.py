"""Making words and cards fit a platform's limits. Pure; knows no platform and no card.

Slack and Teams count in UTF-16 or do not say how they count, so lengths here are UTF-16 units:
never fewer than the characters a platform sees.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Drawn = dict[str, Any]
"""One block or element, as the platform's JSON has it."""


class Piece(NamedTuple):
    """Something drawn, and how dearly it is kept: `keep` 0 goes last when room runs out."""

    drawn: Drawn
    keep: int


def units(text: str) -> int:
    """The length of `text` in UTF-16 units: an emoji counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def beginning(text: str, limit: int) -> str:
    """The longest beginning of `text` within `limit` units; never half an emoji."""
    longest = min(len(text), limit)
    if units(text[:longest]) <= limit:
        return text[:longest]
    return text[: bisect_left(range(longest), True, key=lambda size: units(text[: size + 1]) > limit)]


def shortened(text: str, limit: int) -> str:
    """`text`, or its beginning with an ellipsis where it is longer than `limit` units."""
    return text if units(text) <= limit else beginning(text, limit - 1).rstrip() + "…"


def split(text: str, limit: int) -> tuple[str, ...]:
    """`text` in consecutive parts of at most `limit` units, cut after a line or a word where one ends.

    Joined again they are exactly `text`; an empty text has no parts.
    """
    parts = []
    while text:
        part = beginning(text, limit)
        if part != text:
            part = part[: _cut(part)]
        parts.append(part)
        text = text[len(part) :]
    return tuple(parts)


def _cut(part: str) -> int:
    """Where to end `part`: after its last line, else its last word, if that keeps at least half of it."""
    for end in (part.rfind("\n") + 1, part.rfind(" ") + 1):
        if end > len(part) // 2:
            return end
    return len(part)


def fitted(pieces: Sequence[Piece], fits: Callable[[list[Drawn]], bool], more: Drawn) -> list[Drawn]:
    """Everything if it fits; else as much as fits, with `more` where the first piece is missing.

    Pieces go by `keep`, highest first, and from the end. `fits` must be monotone: what fits
    still fits with a piece fewer.
    """
    drawn = [piece.drawn for piece in pieces]
    if fits(drawn):
        return drawn
    by_worth = sorted(range(len(pieces)), key=lambda at: (pieces[at].keep, at))

    def with_best(count: int) -> list[Drawn]:
        best = set(by_worth[:count])
        first_missing = next(at for at in range(len(pieces)) if at not in best)
        kept = [drawn[at] for at in sorted(best)]
        at = sum(1 for index in best if index < first_missing)
        return [*kept[:at], more, *kept[at:]]

    most = bisect_left(range(1, len(pieces)), True, key=lambda count: not fits(with_best(count)))
    return with_best(most)
