"""Clause vectors: worked out once, kept in memory and on disk, and never believed when damaged."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from knowledge.clauses import Draft, Policy, Section, with_ids
from knowledge.encoder import Encoder, Vectors
from knowledge.meaning import Meaning, sides


class Counting(Encoder):
    """The packaged model, counting the texts it encodes."""

    def __init__(self, inner: Encoder) -> None:
        super().__init__(inner.card, inner._tokenizer, inner._session)
        self.texts = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return super().encode(texts)


def _policy(school: str = "wren", ending: str = "") -> Policy:
    pets, cars = Section(title="Animals in school"), Section(title="Cars")
    drafts = [
        Draft(text="Staff must not:", section=pets, is_lead_in=True),
        Draft(text="bring a dog to work", section=pets, lead_in="Staff must not:", depth=1),
        Draft(text="feed the ducks" + ending, section=pets, lead_in="Staff must not:", depth=1),
        Draft(text="Park behind the kitchen.", section=cars),
    ]
    return Policy(school=school, title="Rules", version="1", wording="verbatim", clauses=with_ids(drafts))


@pytest.fixture(scope="module")
def packaged() -> Encoder:
    return Encoder.load()


@pytest.fixture
def encoder(packaged: Encoder) -> Counting:
    return Counting(packaged)


def test_scores_stand_beside_the_clauses_and_the_right_one_is_highest(encoder: Counting) -> None:
    scores = Meaning(encoder).scores(_policy(), "can I leave my car here")
    assert scores.shape == (4,)
    assert scores.argmax() == 3
    assert scores.max() <= 1.0 + 1e-5


def test_the_better_of_a_clauses_two_sides_counts(encoder: Counting) -> None:
    policy = _policy()
    alone, in_place = sides(policy.clauses[1])
    assert (alone, in_place) == (
        "bring a dog to work",
        "Animals in school: Staff must not: bring a dog to work",
    )
    meaning = Meaning(encoder)
    for side in (alone, in_place):
        assert meaning.scores(policy, side)[1] == pytest.approx(1.0, abs=1e-5)


def test_a_policy_without_clauses_has_no_scores(encoder: Counting) -> None:
    empty = _policy().model_copy(update={"clauses": ()})
    assert Meaning(encoder).scores(empty, "anything").shape == (0,)


def test_a_policy_is_encoded_once_and_again_only_when_it_changes(encoder: Counting) -> None:
    meaning = Meaning(encoder)
    meaning.scores(_policy(), "dogs")
    assert encoder.texts == 8 + 1
    meaning.scores(_policy(), "cars")
    assert encoder.texts == 8 + 2
    meaning.scores(_policy(ending=" or geese"), "cars")
    assert encoder.texts == 8 + 2 + 8 + 1


def test_no_more_policies_are_kept_than_asked_for(encoder: Counting) -> None:
    meaning = Meaning(encoder, kept=1)
    for school in ("wren", "robin", "wren"):
        meaning.vectors(_policy(school))
    assert encoder.texts == 3 * 8


def test_another_process_reads_the_vectors_from_disk(encoder: Counting, tmp_path: Path) -> None:
    first = Meaning(encoder, tmp_path).vectors(_policy())
    assert [file.suffix for file in tmp_path.iterdir()] == [".npy"]
    encoder.texts = 0
    assert np.array_equal(Meaning(encoder, tmp_path).vectors(_policy()), first)
    assert encoder.texts == 0


def test_the_vectors_of_another_model_are_not_read(encoder: Counting, tmp_path: Path) -> None:
    Meaning(encoder, tmp_path).vectors(_policy())
    encoder.card = encoder.card.model_copy(update={"files": {"encoder.onnx": "0" * 64}})
    encoder.texts = 0
    Meaning(encoder, tmp_path).vectors(_policy())
    assert encoder.texts == 8


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "shape", "length", "kind", "nan", "pickle"])
def test_damaged_vectors_are_made_again(
    encoder: Counting, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    right = Meaning(encoder, tmp_path).vectors(_policy())
    (file,) = tmp_path.iterdir()
    _spoil(file, damage)
    with caplog.at_level(logging.WARNING, "knowledge.meaning"):
        assert np.array_equal(Meaning(encoder, tmp_path).vectors(_policy()), right)
    assert "making it again" in caplog.text
    assert np.array_equal(np.load(file, allow_pickle=False), right)


def _spoil(file: Path, damage: str) -> None:
    whole, vectors = file.read_bytes(), np.load(file)
    if damage in ("empty", "cut", "noise"):
        file.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "noise": b"\x00" * 999}[damage])
        return
    spoilt = {
        "shape": vectors[:2],
        "length": vectors * 2,
        "kind": vectors.astype(np.float64),
        "nan": vectors * np.nan,
        "pickle": np.array([{"a": 1}], dtype=object),
    }[damage]
    np.save(file, spoilt, allow_pickle=True)


def test_a_home_that_cannot_be_written_costs_nothing_but_time(encoder: Counting, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    meaning = Meaning(encoder, tmp_path / "file" / "home")
    assert meaning.scores(_policy(), "dogs").shape == (4,)
    meaning.scores(_policy(), "ducks")
    assert encoder.texts == 8 + 2


def test_threads_that_ask_at_once_agree(encoder: Counting, tmp_path: Path) -> None:
    meaning = Meaning(encoder, tmp_path)
    expected = Meaning(encoder).scores(_policy(), "ducks")
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: meaning.scores(_policy(), "ducks"), range(24)))
    assert all(np.array_equal(scores, expected) for scores in found)
    assert encoder.texts == 8 + 1 + 8 + 24, "one of them works the clauses out, and the others wait"
    assert [file.suffix for file in tmp_path.iterdir()] == [".npy"]
