"""A document as it is read for an import, and what the tests of that ask of it."""

import textwrap

from knowledge.clauses import Draft
from knowledge.importers import Preview, import_document

Shown = tuple[int, str, str]
"""Depth, lead-in, text."""


def read(text: str, name: str = "policy.txt") -> Preview:
    return import_document(textwrap.dedent(text).encode(), name)


def shown(preview: Preview) -> list[Shown]:
    return [(draft.depth, draft.lead_in, draft.text) for draft in preview.drafts]


def texts(preview: Preview) -> list[str]:
    return [draft.text for draft in preview.drafts]


def sections(preview: Preview) -> list[str]:
    """`## 4.1 Title {form}`, each once, as policy.md writes them."""
    found = dict.fromkeys(draft.section for draft in preview.drafts)
    return [f"{'#' * s.level} {s.heading}{' {form}' if s.form else ''}" for s in found]


def under(preview: Preview, title: str) -> list[Draft]:
    return [draft for draft in preview.drafts if draft.section.title == title]
