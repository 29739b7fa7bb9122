"""A policy as clauses: the smallest pieces that can be quoted, cited and kept.

A clause is a paragraph, a lead-in sentence, a list item or a form field. An item holds its
lead-in as a separate field, outside its text and its id, so that editing the lead-in
changes one clause and not ten.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

Wording = Literal["restated", "verbatim"]


class Section(BaseModel):
    """A heading as printed. `number` is "2", "4.1", "Appendix A" or "" when none is printed."""

    model_config = ConfigDict(frozen=True)

    title: str
    number: str = ""
    level: int = 1
    form: bool = False
    """The section is a form to fill in: its list items are form fields."""

    @property
    def heading(self) -> str:
        """Number and title as printed: `4.1 Reputation`."""
        return f"{self.number} {self.title}".strip()


class Clause(BaseModel):
    """One quotable piece of a policy. `key` is the author's `{#key}`, unique in its policy."""

    model_config = ConfigDict(frozen=True)

    id: str
    text: str
    section: Section
    lead_in: str = ""
    number: str = ""
    """The paragraph's own printed number, "4.2.1"; outside the text and the id."""
    key: str = ""
    is_lead_in: bool = False
    form_field: bool = False
    depth: int = 0
    """0 for a paragraph or lead-in, 1 for a list item, 2 and more for nested ones."""

    @property
    def shown(self) -> str:
        """The clause as a person reads it: its lead-in, if any, then its text."""
        return f"{self.lead_in} {self.text}" if self.lead_in else self.text


class Policy(BaseModel):
    """One version of one school's policy. `review` and `adopted` are as printed."""

    model_config = ConfigDict(frozen=True)

    school: str
    title: str
    version: str
    wording: Wording
    clauses: tuple[Clause, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """Sections that hold clauses, in order, each once."""
        return tuple(dict.fromkeys(clause.section for clause in self.clauses))

    @cached_property
    def digest(self) -> str:
        """Changes with any clause, lead-in or heading: what an index of this policy is named after."""
        content = "\n".join(f"{c.id}|{c.lead_in}|{c.section.heading}|{c.form_field}" for c in self.clauses)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def by_key(self, key: str) -> Clause:
        """The clause an author named `{#key}`. KeyError names the key when there is none."""
        for clause in self.clauses:
            if clause.key == key:
                return clause
        raise KeyError(f"no clause in {self.school}'s policy has the key {key!r}")

    def by_id(self, clause_id: str) -> Clause | None:
        """The clause with this id, or None when this version has no such clause."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)

    def items(self, lead_in: Clause) -> tuple[Clause, ...]:
        """The list items that a lead-in introduces, nested ones too; each is shown with it."""
        if not lead_in.is_lead_in:
            return ()
        return tuple(c for c in self.clauses if c.section == lead_in.section and lead_in.text in c.lead_in)

    def cite(self, clause: Clause) -> str:
        """`Policy for Social Media (Autumn 2023), section 2 Staff use of personal social media`."""
        heading = clause.section.heading
        numbered = clause.section.number[:1].isdigit()
        place = f"section {heading}" if numbered else heading
        if heading.casefold() == self.title.casefold():
            place = "front page"
        if clause.number:
            place += f", paragraph {clause.number}"
        return f"{self.title} ({self.version}), {place}"


class Draft(BaseModel):
    """A clause before it has an id: what importers produce."""

    text: str
    section: Section
    lead_in: str = ""
    number: str = ""
    key: str = ""
    is_lead_in: bool = False
    form_field: bool = False
    depth: int = 0


def with_ids(drafts: Iterable[Draft]) -> tuple[Clause, ...]:
    """Give each draft its id: a hash of section title and text, and of which twin it is.

    The printed number, the lead-in and the position stay out of the hash, so renumbering,
    moving or editing a neighbour changes no other id. Twins (equal text in one section)
    are told apart by their order.
    """
    seen: Counter[str] = Counter()

    def identify() -> Iterator[Clause]:
        for draft in drafts:
            stem = f"{_plain(draft.section.title)}|{_plain(draft.text)}"
            seen[stem] += 1
            twin = f"|{seen[stem]}" if seen[stem] > 1 else ""
            digest = hashlib.sha256((stem + twin).encode()).hexdigest()[:10]
            yield Clause(id=f"c{digest}", **draft.model_dump(exclude={"section"}), section=draft.section)

    return tuple(identify())


def _plain(text: str) -> str:
    """Text with typographic variants folded, so that a changed quote mark changes no id."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[^\w]+", " ", folded).strip()
