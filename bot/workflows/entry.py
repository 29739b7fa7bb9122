"""An entry of a register as it stands, and what is kept of each thing done with one. Data only."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.model import Model


class Entry(Model):
    """What a finished request left behind, or what the administrator entered. Ended, not
    deleted; one made by hand can be erased, which leaves its deed."""

    id: str
    school: str
    name: str
    """Of the register."""
    at: datetime
    cells: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Column to what stands in it as people read it, days as year-month-day. Empty cells are left out."""
    people: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Column to the ids of those its cell names, as far as they are on the staff list."""
    ties: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Column to the ids of entries of other registers that it names: an authorised person's account."""
    personal: tuple[str, ...] = ()
    """Columns that go when the request's data is erased."""
    reference: str = ""
    """Of the request it came from; empty when it was entered by hand."""
    request: str = ""
    policy_version: str = ""
    """What the school had published when the request began; when entered by hand, what was in force."""
    about_people: bool = False
    requester: str = ""
    subjects: tuple[str, ...] = ()
    """People ids it is about."""
    kept_from: tuple[str, ...] = ()
    """People ids of whoever else must never find it, as known when it was made."""
    entered_by: str = ""
    """Person id of the administrator who entered it; empty when a request left it."""
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""
    version: int = 1

    @property
    def by_clerk(self) -> bool:
        """Whether the clerk keeps it itself: the school's own policy, among those to be reviewed."""
        return not self.request and not self.entered_by

    def erased(self) -> "Entry | None":
        """What stays once the data of its request is erased: nothing of one about people."""
        if self.about_people:
            return None
        kept = {column: cell for column, cell in self.cells.items() if column not in self.personal}
        return self.model_copy(
            update={"cells": kept, "people": {}, "requester": "", "end_reason": "", "ended_by": ""}
        )


DeedAction = Literal[
    "recorded",
    "entered",
    "ended",
    "opened",
    "exported",
    "erased",
    "adopted",
    "connected",
    "disconnected",
    "channel_set",
    "people_entered",
    "role_set",
    "role_asked",
    "role_confirmed",
    "role_declined",
    "absence_set",
    "absence_cleared",
    "request_erased",
    "held_data_exported",
    "sign_in_issued",
    "signed_out",
]
"""What can be done besides requests: with registers, with where a school is talked to from, with its staff,
with what is kept."""


class Deed(Model):
    """What somebody did with a register or with the setting up, for the audit chain: never what stands in a
    register."""

    at: datetime
    action: DeedAction
    register_name: str = ""
    role: str = ""
    people: tuple[str, ...] = ()
    """Ids of those it was done about: who holds the role after it, who is away, who was entered."""
    place: str = ""
    """The workspace, tenant or channel."""
    entry: str = ""
    version: int = 0
    """The entry's after it; 0 for what changes none."""
    person: str = ""
    """Person id; empty for a request's last step, and for the command line."""
    reference: str = ""
    """Of a request that was erased."""
    reason: str = ""
    """Why. It outlasts what was erased."""


class Listed(Model):
    """An entry as a form offers it and as routing looks at it: no entry about people is ever one."""

    id: str
    label: str
    is_open: bool
    people: dict[str, tuple[str, ...]] = Field(default_factory=dict)
