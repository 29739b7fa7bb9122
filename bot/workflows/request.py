"""A request as it stands, and what is kept of each thing that happened to it. Data only."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.model import Model
from bot.workflows.entry import Entry

Status = Literal["open", "sent_back", "refused", "withdrawn", "completed", "closed"]
"""`completed`: every stage is done. `closed`: a request about a person, closed with an outcome."""

Action = Literal[
    "submitted",
    "resubmitted",
    "approved",
    "refused",
    "done",
    "acknowledged",
    "sent_back",
    "withdrawn",
    "received",
    "handed_on",
    "added",
    "closed",
    "reassigned",
    "reminded",
    "escalated",
    "unreached",
    "staff_changed",
    "subject_named",
    "logged",
    "action_done",
    "action_dropped",
    "linked",
    "opened",
    "confirmed",
    "printed",
    "held",
    "hold_lifted",
]


class Taken(Model):
    """One thing somebody did: the signature of a decision (WORKFLOWS, who decides, rule 5)."""

    at: datetime
    action: Action
    person: str
    """Person id; empty for what the clock did."""
    role: str = ""
    """The role in which they did it; empty for the requester."""
    stands_in_for: str = ""
    """The role that was empty or excluded, when a deputy or another role acted for it."""
    stage: str = ""
    reason: str = ""
    case_action: str = ""
    """Which action of a case was settled."""
    values: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """What the stage, its log or its action asked for and they filled in; of a link, the other request's
    `reference` and `request` (its id)."""

    @property
    def signs(self) -> bool:
        """Whether somebody acted as the holder of a stage, rather than as requester, reader or clock."""
        return bool(self.stage and self.person) and self.action not in ("opened", "printed", "logged")


class OpenStage(Model):
    """A stage that waits for somebody."""

    stage: str
    opened_at: datetime
    handed: dict[str, str] = Field(default_factory=dict)
    """Key of a seat to the person it was handed on or reassigned to, instead of those the route names."""
    asked: tuple[str, ...] = ()
    """People ids of those who have been told that it waits for them and for whom it still does. A change
    of staff shows in the difference to those whom routing finds."""
    unreached: tuple[str, ...] = ()
    """People ids of those of them whom no message could reach."""
    seen: bool = False
    """Somebody it waits for has opened it since it began to wait for them."""
    received: bool = False
    """Somebody has taken charge of it since."""
    escalations: int = 0
    """How many further groups (deputies, then the escalation order) have been asked."""
    reminders: int = 0
    late: dict[str, int] = Field(default_factory=dict)
    """Action of a case to how often its holders were reminded that its time has passed."""


class Request(Model):
    """One request. `version` counts every change; `revision` only those after which a card drawn
    earlier no longer shows what would be decided."""

    id: str
    reference: str
    """Shown to people: school and five letters that cannot be misread, `AET-7KM3Q`."""
    school: str
    workflow: str
    workflow_version: str
    policy_version: str
    requester: str
    values: dict[str, tuple[str, ...]]
    about_people: bool
    urgent: bool = False
    """The first gate was answered yes: someone is in danger now."""
    subjects: tuple[str, ...] = ()
    """People ids the request is about."""
    about_head: bool = False
    """One of them was a head when named. Kept: a head may be replaced while it waits."""
    unlisted: tuple[tuple[str, str], ...] = ()
    """What is known of a requester who is on no list: labels and values, for those who may open it."""
    kept_from: tuple[str, ...] = ()
    """People ids of those who deputised for a head then, and may have become head since."""
    told: tuple[str, ...] = ()
    """People ids of those who know that it exists, by what the procedure says, as of the last change."""
    status: Status = "open"
    step: int = 0
    open: tuple[OpenStage, ...] = ()
    taken: tuple[Taken, ...] = ()
    version: int = 1
    revision: int = 1
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None = None
    """When the clock looks at it next."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in ("open", "sent_back")

    @property
    def on_hold(self) -> bool:
        """Whether it is on legal hold: nothing and nobody erases it."""
        holds = [taken.action for taken in self.taken if taken.action in ("held", "hold_lifted")]
        return holds[-1:] == ["held"]

    def waiting(self, stage_id: str) -> OpenStage | None:
        """The open stage of that id, or None when it is not open (any more)."""
        return next((stage for stage in self.open if stage.stage == stage_id), None)


class Notice(Model):
    """Someone to be told, as an outbox row: no text, no card. What they see is built from the
    request as it stands when it is sent, if they are still entitled then."""

    kind: Literal["asked", "reminded", "told", "progress", "redraw", "due", "stuck", "staff", "erased"]
    """`stuck`: for an administrator, where a message reached nobody. Without a request: `due`, a day is coming or
    has passed (`bot/reminding.py`); `staff`, who holds a role or is away (`bot/staffnews.py`); `erased`, a card
    of a request that is no more."""
    person: str
    """Recipient; for `redraw`, empty: whoever holds an earlier card."""
    stage: str = ""
    role: str = ""
    """The role in which they are asked: a school may have its cards go to the role's channel."""
    item: str = ""
    """Of what is `due`: which day of what, and how often it was said. Of `staff`: what has changed. Of
    `erased`: where the card lies."""


class Change(Model):
    """A request after a transition, what happened, and who is to be told: saved as one transaction."""

    request: Request
    taken: Taken
    notices: tuple[Notice, ...]
    entries: tuple[Entry, ...] = ()
    """What the request leaves in its school's registers."""
