"""What a form asks, and on which answers it depends. Data only."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field as Setting
from pydantic import field_validator, model_validator

from bot.model import Model

Values = Mapping[str, tuple[str, ...]]
"""What was filled in: field id to its entries. A missing or empty tuple is an empty field."""


class Condition(Model):
    """Whether a field has a certain value. Exactly one of the four tests is set."""

    field: str
    equals: str | None = None
    one_of: tuple[str, ...] | None = Setting(default=None, alias="in", min_length=1)
    is_empty: bool | None = None
    at_least: int | None = None
    """The field has this many entries or more."""

    @model_validator(mode="after")
    def _one_test(self) -> "Condition":
        tests = [self.equals, self.one_of, self.is_empty, self.at_least]
        if sum(test is not None for test in tests) != 1:
            raise ValueError("needs exactly one of `equals`, `in`, `is_empty`, `at_least`")
        return self

    def holds(self, values: Values) -> bool:
        """Whether `values` pass the test."""
        entries = tuple(entry for entry in values.get(self.field, ()) if entry)
        if self.equals is not None:
            return self.equals in entries
        if self.one_of is not None:
            return any(entry in self.one_of for entry in entries)
        if self.is_empty is not None:
            return self.is_empty == (not entries)
        return len(entries) >= (self.at_least or 0)


class Conditional(Model):
    """Something that applies only while all its conditions hold; one may be written without a list."""

    when: tuple[Condition, ...] = ()

    @field_validator("when", mode="before")
    @classmethod
    def _one_or_many(cls, given: Any) -> Any:
        return [given] if isinstance(given, dict) else given

    def applies(self, values: Values) -> bool:
        """Whether every condition holds (none: always)."""
        return all(condition.holds(values) for condition in self.when)


class Option(Model):
    """A choice. `detail` asks for more when chosen. `subject_role`: choosing it says that the
    request is about whoever holds that role, who is then kept from it."""

    value: str
    label: str
    detail: str = ""
    subject_role: str = ""


class Field(Conditional):
    """One thing a form asks. `minimum`: how many entries `lines` or `choices` need at least."""

    id: str = Setting(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal[
        "text",
        "long_text",
        "address",
        "addresses",
        "date",
        "choice",
        "choices",
        "person",
        "yes_no",
        "lines",
        "entry",
    ]
    label: str = Setting(max_length=150)
    hint: str = ""
    required: bool = True
    minimum: int = 1
    options: tuple[Option, ...] = ()
    max_length: int = Setting(default=3000, ge=1, le=3000)
    subject: bool = False
    """The person picked is the one the request is about, and is kept from it."""
    not_before_today: bool = False
    set_by_school: bool = False
    """A field the policy's own form does not have."""
    entry_of: str = Setting(default="", alias="register")
    """Of an `entry` field: the register whose entries are offered."""
    told_to_requester: bool = False
    """Asked on closing a request about a person, and read by its requester as the outcome is."""

    @model_validator(mode="after")
    def _options_where_chosen(self) -> "Field":
        if (self.kind in ("choice", "choices")) != bool(self.options):
            raise ValueError("`options` belong to `choice` and `choices`, and these need them")
        if self.subject and self.kind != "person":
            raise ValueError("`subject: true` belongs to a `person` field")
        if (self.kind == "entry") != bool(self.entry_of):
            raise ValueError("`register` belongs to an `entry` field, and this needs it")
        return self
