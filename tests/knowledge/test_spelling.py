"""Spelling: bad words are mended, good ones are left alone."""

import pytest

from knowledge.spelling import Speller, chat_spellings, count_words, good_english

USED = count_words(
    ["parent parent pupil facebook online message photograph safeguarding discipline friend request"]
)


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(USED, good_english(), chat_spellings())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("parint", "parent"),
        ("fasebook", "facebook"),
        ("onlyne", "online"),
        ("photagraph", "photograph"),
        ("saffeguarding", "safeguarding"),
        ("mesage", "message"),
        ("wot", "what"),
        ("friendrequest", "friend request"),
    ],
)
def test_mended(speller: Speller, typed: str, meant: str) -> None:
    assert speller.mended(typed) == meant


@pytest.mark.parametrize(
    "word", ["fishing", "cartoon", "gripe", "merger", "stag", "parents", "Ahmed", "x", "2024"]
)
def test_left_alone(speller: Speller, word: str) -> None:
    assert speller.mended(word).casefold() == word.casefold()


def test_punctuation_and_order_stay(speller: Speller) -> None:
    assert speller.mended("Parint, on fasebook?") == "parent, on facebook?"
