"""Schools, their roles, and who holds them today. Pure: a `Staff` is a snapshot someone else loads."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal

from pydantic import Field

from bot.model import Model
from bot.retention import Retention


class Role(Model):
    """A role of the school. `deputies` are roles, in the order in which they stand in.

    `head`: the person in charge of staff conduct; a concern about a holder goes to the chair
    and to no deputy of theirs (SAFEGUARDING.md, must 5).
    """

    title: str
    deputies: tuple[str, ...] = ()
    head: bool = False


class Contact(Model):
    """A number to ring: a setting of the school. Empty until somebody enters it."""

    title: str
    phone: str = ""
    note: str = ""


class Contacts(Model):
    """Everyone SAFEGUARDING.md (must 10) wants a number for."""

    dsl: Contact
    deputies: tuple[Contact, ...] = Field(min_length=1)
    headteacher: Contact
    chair: Contact
    lado: Contact
    social_care: Contact
    out_of_hours: Contact
    fictional: bool = False
    """The numbers are invented: `policyclerk check` refuses to go live with them."""
    checked: date | None = None
    """The day somebody last rang them."""
    services_checked: date | None = None
    """The day the school last checked the national services (`bot/services.yaml`)."""

    @property
    def everyone(self) -> tuple[Contact, ...]:
        """All of them, in the order in which they are tried for a child."""
        return (
            self.dsl,
            *self.deputies,
            self.headteacher,
            self.social_care,
            self.out_of_hours,
            self.chair,
            self.lado,
        )


class Term(Model):
    """A stretch of school days, both ends included; half-terms lie between two of these."""

    first: date
    last: date


class Calendar(Model):
    """When the school is open; England's bank holidays are left out by `deadlines.py`. Without terms,
    every other weekday counts."""

    opens: time = time(8, 30)
    closes: time = time(16, 0)
    terms: tuple[Term, ...] = ()
    unopened_minutes: int = Field(default=30, ge=1)
    """How long a request about a person may lie unopened, day or night, before the next people are
    asked."""


class PolicyDates(Model):
    """What the policy prints about itself; None until entered. `review` may be `annual`."""

    title: str
    adopted: date | None = None
    adopted_as_printed: str = ""
    review: date | Literal["annual"] | None = None
    review_as_printed: str = ""
    owner: str
    """The role that answers what the policy does not."""

    @property
    def review_due(self) -> date | None:
        """The day the review was or is due, as far as it is known."""
        if self.review != "annual":
            return self.review
        if self.adopted is None:
            return None
        try:
            return self.adopted.replace(year=self.adopted.year + 1)
        except ValueError:  # adopted on 29 February
            return self.adopted.replace(year=self.adopted.year + 1, day=28)


class ConcernClauses(Model):
    """What the policy says to whoever has a concern, by author's keys: the safety card quotes it."""

    child: str = ""
    staff: str = ""
    head: str = ""


class Column(Model):
    """One column of a register. `personal`: it goes when a request's data is erased, as `people` always do."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(max_length=75)
    kind: Literal["text", "date", "people", "addresses"] = "text"
    personal: bool = False


class Remind(Model):
    """Those who see a register are reminded of an entry from so many days before the date in a column."""

    column: str
    days_before: int = Field(default=0, ge=0)
    weekly: bool = False
    """Every week once the day has come; otherwise after one week, two, four and so on."""


class PolicyReview(Model):
    """Columns in which the clerk itself keeps when the school's own policy is reviewed."""

    policy: str
    owner: str
    due: str


class Register(Model):
    """What finished requests leave behind: one table of a school (WORKFLOWS)."""

    title: str = Field(max_length=75)
    columns: tuple[Column, ...] = Field(min_length=1)
    seen_by: tuple[str, ...] = Field(min_length=1)
    """Roles whose holders find its entries, never those they are about."""
    remind: Remind | None = None
    own_policy: PolicyReview | None = None
    """The clerk enters the school's own policy here, and ends the entry once its dates change."""
    share_of_staff: str = ""
    """A `people` column: what share of the staff stands in it for the policy in force is shown."""

    def column(self, column_id: str) -> Column | None:
        """The column of that id, or None."""
        return next((column for column in self.columns if column.id == column_id), None)


class School(Model):
    """One `school.yaml`. `escalation` is the order of roles asked when a role and its deputies
    are empty or excluded."""

    id: str
    name: str
    policy: PolicyDates
    roles: dict[str, Role]
    dsl: str
    chair: str
    escalation: tuple[str, ...]
    contacts: Contacts
    calendar: Calendar = Calendar()
    conduct_to_dsl: bool = False
    """Its policy sends concerns about staff to the DSL; national guidance to the head. Both are shown
    (SAFEGUARDING.md, must 5)."""
    concern_clauses: ConcernClauses = ConcernClauses()
    administrators: str = "administrator"
    """The role that may set the clerk up and sees, and may reassign, what is stuck."""
    registers: dict[str, Register] = Field(default_factory=dict)
    """What finished requests leave behind, by name."""
    retention: Retention = Retention()
    """How long what is finished is kept."""

    def title(self, role: str) -> str:
        """How a person reads the role's name."""
        return self.roles[role].title

    @property
    def review_soon(self) -> timedelta:
        """How long before the review of its policy the owner is reminded of it."""
        kept = [r.remind for r in self.registers.values() if r.own_policy and r.remind]
        return timedelta(days=kept[0].days_before) if kept else timedelta(weeks=4)

    @property
    def head_roles(self) -> frozenset[str]:
        """Roles whose holders a concern reaches the chair about."""
        return frozenset(key for key, role in self.roles.items() if role.head)


PAGE = "page"
"""The tenant of a web identity that a person signs in with. In the playground it is the school."""
UNLISTED = "not-on-the-list"
"""The person id of whoever is on no school's list. Nobody on a list has it, and nobody is told by it."""
UNLISTED_NAME = "Someone not on the staff list"


class Person(Model):
    """Someone on a school's list. `id` is ours and never shown; `name` is shown to colleagues."""

    id: str
    school: str
    name: str
    email: str = ""
    line_manager: str = ""
    starts: date | None = None
    ends: date | None = None

    def employed(self, day: date) -> bool:
        """Whether this person is on the staff on `day` (supply staff have an end date)."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


Chat = Literal["slack", "teams"]
"""Where a school can be talked to from, besides the clerk's own page."""


class Channel(Model):
    """Where a role's messages go on one platform: a Slack channel, a Teams conversation."""

    role: str
    platform: Chat
    tenant: str
    channel: str
    lost_at: datetime | None = None
    """Since when nothing can be put there: it is archived or deleted, or the clerk was taken out of it."""


class Absence(Model):
    """A stretch of days away, both ends included: the deputy is asked meanwhile."""

    person: str
    first: date
    last: date


class RoleChange(Model):
    """A change of who holds a guarded role, waiting for a second person."""

    id: str
    school: str
    role: str
    gains: tuple[str, ...] = ()
    """People ids of those who would hold it, and do not."""
    losses: tuple[str, ...] = ()
    """People ids of those who hold it, and would not."""
    asked_by: str = ""
    """Person id; empty for the command line."""
    asked_at: datetime


class Staff(Model):
    """One school's people and who holds what, on one day."""

    today: date
    people: tuple[Person, ...]
    holdings: tuple[tuple[str, str], ...] = ()
    """(role, person id)"""
    absences: tuple[Absence, ...] = ()

    def person(self, person_id: str) -> Person | None:
        """The person, or None when they are not on this school's staff today."""
        return next((p for p in self.people if p.id == person_id and p.employed(self.today)), None)

    @property
    def current(self) -> tuple[Person, ...]:
        """Everyone on the staff today, in the order of the list."""
        return tuple(p for p in self.people if p.employed(self.today))

    def holders(self, role: str) -> tuple[Person, ...]:
        """Who holds the role today, away or not."""
        holding = {person for held, person in self.holdings if held == role}
        return tuple(p for p in self.current if p.id in holding)

    def present(self, people: Iterable[Person]) -> tuple[Person, ...]:
        """Those of `people` who are not away today."""
        away = {a.person for a in self.absences if a.first <= self.today <= a.last}
        return tuple(p for p in people if p.id not in away)

    def roles_of(self, person_id: str) -> tuple[str, ...]:
        """The roles this person holds."""
        return tuple(role for role, person in self.holdings if person == person_id)
