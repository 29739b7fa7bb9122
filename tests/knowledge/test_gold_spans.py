"""Every passage that answers a measured question stands whole in one clause of its policy.

Reads of the question set only `policy` and `gold`; skipped where the set and the originals,
which stay outside the repository, are absent.
"""

import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from knowledge.clauses import Draft
from knowledge.importers import import_document

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
QUESTIONS = SHARED / "eval" / "dev.jsonl"
SCORER = SHARED / "eval" / "score.py"

pytestmark = pytest.mark.skipif(not QUESTIONS.exists(), reason=f"no question set at {QUESTIONS}")


@cache
def norm() -> Callable[[str], str]:
    """The scorer's own normalisation, so that test and measurement cannot drift apart."""
    spec = importlib.util.spec_from_file_location("score", SCORER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    normalise: Callable[[str], str] = module.norm
    return normalise


def spans() -> list[tuple[str, str]]:
    """(policy, passage), each once."""
    if not QUESTIONS.exists():
        return []
    lines = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines() if line.strip()]
    return list(dict.fromkeys((line["policy"], span) for line in lines for span in line["gold"]))


@cache
def clauses(policy: str) -> tuple[Draft, ...]:
    original = SHARED / "policies" / f"{policy}.txt"
    return import_document(original.read_bytes(), original.name).drafts


def shown(draft: Draft) -> str:
    return f"{draft.lead_in} {draft.text}".strip()


def holding(policy: str, span: str, view: Callable[[Draft], str]) -> list[Draft]:
    wanted = norm()(span)
    return [draft for draft in clauses(policy) if wanted in norm()(view(draft))]


@pytest.mark.parametrize("policy", sorted({policy for policy, _ in spans()}))
def test_each_gold_span_lies_whole_in_one_clause(policy: str) -> None:
    cut = [span for owner, span in spans() if owner == policy and not holding(policy, span, shown)]
    assert not cut


@pytest.mark.parametrize("policy", sorted({policy for policy, _ in spans()}))
def test_no_gold_span_needs_its_lead_in(policy: str) -> None:
    needing = [
        span
        for owner, span in spans()
        if owner == policy and not holding(policy, span, lambda draft: draft.text)
    ]
    assert not needing
