"""The table of words: what stands in for the encoder."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from knowledge.concepts import default_concepts
from knowledge.encoder import CARD, Encoder, ModelUnavailable
from knowledge.nearness import PHRASINGS, Model
from knowledge.topics import default_topics
from knowledge.words import FOLDER, TABLE, WordTable, parts

SMALL = 4_000_000


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable.load(default_concepts())


def test_what_a_text_is_made_of() -> None:
    made = parts("Can a mum add me on insta?", default_concepts())
    assert {"#parent", "#instagram", "=mum", "=insta"} <= set(made)
    assert len(made) == len(set(made))


def test_it_points_where_the_encoder_points(table: WordTable) -> None:
    """Which of two is nearer to a question, by the encoder, is nearer by the table too."""
    lines = ["a parent sent me a friend request", "who approves posts", "the website i need is blocked"]
    asked = [
        "can i add a pupil's mum",
        "does the head check what goes on twitter",
        "filter wont let me on bbc",
    ]
    by_encoder = Encoder.load().encode(asked) @ Encoder.load().encode(lines).T
    by_words = table.encode(asked) @ table.encode(lines).T
    assert by_words.argmax(axis=1).tolist() == by_encoder.argmax(axis=1).tolist() == [0, 1, 2]


def test_rows_are_of_unit_length_and_nothing_known_is_nothing(table: WordTable) -> None:
    rows = table.encode(["a mum from my class", "zzqx", ""])
    assert np.linalg.norm(rows, axis=1).round(5).tolist() == [1.0, 0.0, 0.0]
    assert table.encode([]).shape == (0, table.card.dimensions)


def test_the_package_holds_the_vectors_of_all_phrasings(caplog: pytest.LogCaptureFixture) -> None:
    Model.of_words(default_topics())
    assert caplog.text == ""
    assert (FOLDER / TABLE).stat().st_size + (FOLDER / PHRASINGS).stat().st_size < SMALL


def test_a_changed_table_is_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "words")
    card = json.loads((tmp_path / "words" / CARD).read_text())
    card["files"][TABLE] = "0" * 64
    (tmp_path / "words" / CARD).write_text(json.dumps(card))
    with pytest.raises(ModelUnavailable, match="sha256 differs"):
        WordTable.load(default_concepts(), tmp_path / "words")
