"""Clauses -> policy.md, so that reading it back gives the same clauses.

Everything Markdown would take for a mark is escaped, and so is what this format itself
gives a meaning: a number or a `{` that belongs to the text.
"""

import io
import re
from collections.abc import Iterator, Sequence

from ruamel.yaml import YAML

from knowledge.clauses import Clause, Draft, Policy, Section
from knowledge.importers.characters import DASHES
from knowledge.importers.inline import tidy
from knowledge.importers.numbering import split_number, split_paragraph_number
from knowledge.importers.preview import Preview

UNDATED = "undated"
"""Written where the document gives no version or date: policy.md must name one."""

PART = "<!-- -->"
"""Parts a list from a paragraph or a list before it that does not introduce it."""

_SPECIAL = re.compile(r"[\\`*_\[\]<{|]|&(?=#?\w+;)")
_AT_START = re.compile(r"[-+>#~=]|\d+(?=[.)])")


def to_policy_md(policy: Preview | Policy) -> str:
    """The text of a policy.md. A preview, taken from the school's own document, is `verbatim`."""
    if isinstance(policy, Policy):
        pieces: Sequence[Clause | Draft] = policy.clauses
        wording = policy.wording
    else:
        pieces, wording = policy.drafts, "verbatim"
    front = io.StringIO()
    yaml = YAML()
    yaml.width = 10_000
    yaml.allow_unicode = True
    yaml.dump({"title": policy.title, "version": policy.version or UNDATED, "wording": wording}, front)
    body = "".join(_lines(pieces, Section(title=policy.title)))
    return f"---\n{front.getvalue()}---\n{body}"


def _lines(pieces: Sequence[Clause | Draft], section: Section) -> Iterator[str]:
    """The lines of the body. `section` is where clauses without a heading stand."""
    before: Clause | Draft | None = None
    for piece in pieces:
        if piece.section != section:
            section, before = piece.section, None
            yield f"\n{_heading(section)}\n"
        if piece.depth == 0:
            yield f"\n{_paragraph(piece)}\n"
        else:
            if _needs_part(piece, before):
                yield f"\n{PART}\n"
            if before is None or before.depth == 0 or _needs_part(piece, before):
                yield "\n"
            yield f"{'  ' * (piece.depth - 1)}- {escaped(piece.text)}{_key(piece)}\n"
        before = piece


def _needs_part(item: Clause | Draft, before: Clause | Draft | None) -> bool:
    """Would the item, written straight after `before`, be read with a lead-in it has not?"""
    if before is None or item.depth > 1:
        return False
    if before.depth:
        return before.lead_in != "" and item.lead_in == ""
    introduces = not item.section.form or before.text.endswith(":")
    return introduces and not before.is_lead_in


def _heading(section: Section) -> str:
    title = escaped(section.title, start=False).replace("#", "\\#")  # a "#" at the end would close it
    if section.number:
        reads_alone = "." in section.number and title[0] not in DASHES
        point = "" if reads_alone else "."
        title = f"{section.number}{point} {title}"
    elif split_number(section.title)[0]:
        title = f"&#{ord(title[0])};{title[1:]}"
    return f"{'#' * section.level} {title}{' {form}' if section.form else ''}"


def _paragraph(piece: Clause | Draft) -> str:
    text = escaped(piece.text)
    if piece.number:
        text = f"{piece.number} {text}"
    elif split_paragraph_number(piece.text)[0]:
        text = text.replace(".", "\\.", 1) if "\\." not in text[:4] else text
    return f"{text}{_key(piece)}"


def _key(piece: Clause | Draft) -> str:
    return f" {{#{piece.key}}}" if piece.key else ""


def escaped(text: str, start: bool = True) -> str:
    """Text as a line of Markdown that shows exactly this text. `start`: it begins the line."""
    text = _SPECIAL.sub(_backslash, tidy(text))
    mark = _AT_START.match(text) if start else None
    if mark is None:
        return text
    if mark[0].isdigit():
        return f"{mark[0]}\\{text[mark.end() :]}"
    return f"\\{text}"


def _backslash(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
