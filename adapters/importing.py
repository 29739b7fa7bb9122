"""A school's own document becomes its policy: previewed, confirmed, and put in place whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.schools import GOOD_ID, Folder, bare_school, read_school
from bot.ports import Published
from knowledge.clauses import Policy
from knowledge.importers import NotAPolicy, Preview, import_document, parse_policy_md, to_policy_md

LARGEST = 5 * 1024 * 1024


class CannotImport(Exception):
    """Why it cannot be done, and what would be right, in the administrator's words."""


@dataclass(frozen=True)
class Proposal:
    """What a document would become."""

    preview: Preview
    markdown: str
    policy: Policy
    new_school: str
    """The name of a school that does not exist yet, else empty."""


def read(file: Path, folder: Folder) -> Proposal:
    """Read a document for a school. CannotImport says what is wrong with it."""
    if not GOOD_ID.fullmatch(folder.id):
        raise CannotImport(f"“{folder.id}” cannot be a school's id: use small letters, digits and hyphens.")
    if file.stat().st_size > LARGEST:
        raise CannotImport(f"{file.name} is larger than 5 MB: that is no policy. Save the text alone.")
    try:
        preview = import_document(file.read_bytes(), file.name)
    except NotAPolicy as refusal:
        raise CannotImport(f"{file.name}: {refusal}") from refusal
    markdown = to_policy_md(preview)
    new_school = "" if folder.known else preview.school_name or folder.id
    return Proposal(preview, markdown, parse_policy_md(markdown, folder.id), new_school)


def described(proposal: Proposal) -> str:
    """What was found and what was dropped, for the person to confirm."""
    preview, policy = proposal.preview, proposal.policy
    words = sum(len(clause.text.split()) for clause in policy.clauses) / len(policy.clauses)
    fields = sum(clause.form_field for clause in policy.clauses)
    lines = [
        f"{policy.title} ({policy.version})",
        f"  {len(policy.clauses)} clauses in {len(policy.sections)} sections, {words:.0f} words on average,"
        f" {fields} form fields",
        *(f"  {section.heading}" for section in policy.sections),
        *(
            f"  As printed: {line}"
            for line in dict.fromkeys((preview.adopted_line, preview.review_line))
            if line
        ),
        f"  Dropped: {len(preview.dropped)} lines",
        *(f"    line {d.line}: {d.text[:60]} ({d.reason})" for d in preview.dropped),
        *(f"  Warning: {warning}" for warning in preview.warnings),
    ]
    if proposal.new_school:
        lines.append(
            f"  {proposal.new_school} is new here: questions work at once; contacts, roles, forms come later."
        )
    else:
        lines.append("  The dates of adoption and review stay as they are in school.yaml.")
    return "\n".join(lines)


def put_in_force(proposal: Proposal, folder: Folder, publish: Callable[[Published], None]) -> Published:
    """Write the school's folder, read it back whole and publish it. If anything is wrong on the way,
    the folder is put back as it was."""
    written = {"policy.md": proposal.markdown}
    if proposal.new_school:
        written["school.yaml"] = bare_school(folder.id, proposal.new_school, proposal.policy)
    before = {name: folder.read_own(name) for name in written}
    try:
        for name, text in written.items():
            folder.write_own(name, text.encode())
        published = read_school(folder)
        publish(published)
    except BaseException:
        for name, old in before.items():
            folder.write_own(name, old)
        raise
    return published
