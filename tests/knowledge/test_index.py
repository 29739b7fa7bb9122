"""The index adds up what Whoosh says of each term; together that is what Whoosh says of the question."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from whoosh import index, query, scoring

from knowledge.index import WORDS, open_index, terms
from tests.knowledge.policies import pack


@pytest.mark.parametrize(
    "question", ["can I accept a parent's friend request?", "pupils phones wifi school", ""]
)
def test_scores_are_those_of_one_search_for_all_terms(tmp_path: Path, question: str) -> None:
    policy, wanted = pack("aet"), terms(question)
    (folder,) = (open_index(policy, tmp_path), *tmp_path.iterdir())[1:]
    searcher = index.open_dir(str(folder)).searcher(weighting=scoring.BM25F())
    anywhere = query.Or([query.Term(name, term, boost=w) for name, w in WORDS.items() for term in wanted])
    expected = {hit["position"]: hit.score for hit in searcher.search(anywhere, limit=None)}
    opened = open_index(policy, tmp_path)
    for _ in ("first", "remembered"):
        assert opened.search(wanted, WORDS) == pytest.approx(expected)
    assert bool(expected) == bool(question)


def test_an_index_that_is_open_outlives_its_folder(tmp_path: Path) -> None:
    policy, wanted = pack("aet"), terms("photographs of pupils on the school page")
    opened = open_index(policy, tmp_path)
    before = opened.search(wanted, WORDS)
    for file in [path for path in tmp_path.rglob("*") if path.is_file()]:
        file.write_bytes(b"")
    opened = opened.__class__(policy, opened._searcher)  # with nothing remembered
    assert opened.search(wanted, WORDS) == before != {}
    shutil.rmtree(tmp_path)
    assert open_index(policy, tmp_path).search(wanted, WORDS) == before


def test_where_there_is_no_room_the_index_stands_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    policy, wanted = pack("aet"), terms("photographs of pupils on the school page")
    before = open_index(policy, tmp_path / "one").search(wanted, WORDS)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    assert open_index(policy, tmp_path / "two").search(wanted, WORDS) == before
    assert "No space left" in caplog.text
