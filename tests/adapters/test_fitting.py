"""Cutting and splitting lose nothing they need not lose."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.fitting import Piece, beginning, fitted, shortened, split, units
from tests.adapters.strategies import texts, unhurried

MORE = {"name": "more"}


@given(texts, st.integers(2, 40))
@unhurried
def test_split_parts_are_the_text_and_within_the_limit(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(0 < units(part) <= limit for part in parts)


@given(texts, st.integers(1, 40))
@unhurried
def test_shortened_says_that_it_is(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert units(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_an_emoji_is_two_units_and_is_not_halved() -> None:
    assert units("😀") == 2
    assert beginning("a😀b", 2) == "a"
    assert beginning("a😀b", 3) == "a😀"


def test_split_ends_at_a_line_then_at_a_word() -> None:
    assert split("one two\nthree four", 12) == ("one two\n", "three four")
    assert split("one two three", 10) == ("one two ", "three")


def test_pieces_go_by_worth_and_from_the_end() -> None:
    pieces = [
        Piece({"name": name}, keep) for name, keep in (("a", 1), ("b", 2), ("c", 1), ("d", 2), ("e", 0))
    ]
    held = {room: _kept(pieces, room) for room in range(1, 6)}
    assert held == {
        5: ["a", "b", "c", "d", "e"],
        4: ["a", "more", "c", "e"],
        3: ["a", "more", "e"],
        2: ["more", "e"],
        1: ["more"],
    }  # fmt: skip


def _kept(pieces: list[Piece], room: int) -> list[str]:
    return [one["name"] for one in fitted(pieces, lambda some: len(some) <= room, MORE)]
