"""What a person should look at before keeping an import."""

from collections.abc import Sequence

from knowledge.clauses import Draft

LONG_CLAUSE = 80
"""Words. Clauses beyond this are usually several rules that could not be told apart."""


def doubts_about(drafts: Sequence[Draft], version: str, headed: bool) -> tuple[str, ...]:
    """Plain sentences; none when nothing looks doubtful."""
    found: list[str] = []
    if not headed:
        found.append("No headings were found: every clause stands in one section named after the title.")
    if not version:
        found.append("No version or date was found: add the one your policy goes by.")
    found.extend(
        f'A clause of {len(draft.text.split())} words may be several rules: "{draft.text[:60]}..."'
        for draft in drafts
        if len(draft.text.split()) > LONG_CLAUSE
    )
    return tuple(found)
