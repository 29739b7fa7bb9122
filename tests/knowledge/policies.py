"""Policies for tests: the packs, and documents of tests/knowledge/ read as a school's own."""

from functools import cache
from pathlib import Path

from knowledge.clauses import Policy, with_ids
from knowledge.importers import import_document, parse_policy_md

HERE = Path(__file__).parent
SCHOOLS = HERE.parents[1] / "knowledge" / "schools"
ORIGINALS = HERE.parents[2] / "shared" / "policies"


@cache
def pack(school: str) -> Policy:
    """A packaged policy."""
    return parse_policy_md((SCHOOLS / school / "policy.md").read_text(encoding="utf-8"), school)


@cache
def document(path: Path) -> Policy:
    """A document imported as a bare school's policy, under its file's name."""
    preview = import_document(path.read_bytes(), path.name)
    return Policy(
        school=path.stem,
        title=preview.title,
        version=preview.version or "undated",
        wording="verbatim",
        clauses=with_ids(preview.drafts),
    )
