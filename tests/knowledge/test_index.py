"""The index adds up what Whoosh says of each term; together that is what Whoosh says of the question."""

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
