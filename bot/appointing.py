"""Who may hold what: roles that a second person has to confirm, who may, and the port through which it is
changed.

An administrator sets the clerk up and must not, by that, come to see a safeguarding request: every role that
could be asked about one is guarded (DESIGN, contracts).
"""

from datetime import date
from typing import Protocol

from bot.events import Identity
from bot.people import Absence, Channel, Chat, Person, RoleChange, School, Staff
from bot.ports import Published
from bot.workflows.entry import Deed
from bot.workflows.request import Notice


class StaffBook(Protocol):
    """Changes of who holds what and who is away: each one transaction with its entry in the audit chain, and
    with those who are to be told in the outbox."""

    def set_holders(
        self, school: str, role: str, holders: tuple[str, ...], deed: Deed, told: tuple[Notice, ...] = ()
    ) -> None:
        """Exactly these people hold the role from now on. ValueError names whom the school does not list."""

    def set_absence(self, school: str, absence: Absence, deed: Deed, told: tuple[Notice, ...] = ()) -> None:
        """The person is away on these days; the same first day again changes the last."""

    def clear_absence(
        self, school: str, person: str, first: date, deed: Deed, told: tuple[Notice, ...] = ()
    ) -> None:
        """The absence that begins on this day is off."""

    def ask(self, change: RoleChange, deed: Deed, told: tuple[Notice, ...] = ()) -> None:
        """Let a change wait for a second person, instead of an earlier one of the same role."""

    def asked(self, school: str) -> tuple[RoleChange, ...]:
        """The changes that wait for a second person, oldest first."""

    def settle(
        self,
        change: RoleChange,
        holders: tuple[str, ...] | None,
        deed: Deed,
        told: tuple[Notice, ...] = (),
    ) -> None:
        """The change waits no more, and these hold the role; None leaves it as it is. Conflict when it has
        been settled meanwhile."""

    def connect(
        self, school: str, who: Identity, person: str, deed: Deed, told: tuple[Notice, ...] = ()
    ) -> None:
        """The school is talked to from this account's workspace or tenant, and the account is that person's.
        ValueError before the school has been adopted."""

    def workspaces(self, school: str) -> tuple[tuple[Chat, str], ...]:
        """Platform and tenant of each place a school is talked to from."""

    def channels(self, school: str) -> tuple[Channel, ...]:
        """The channels of a school's roles."""

    def set_channel(self, school: str, channel: Channel, deed: Deed, told: tuple[Notice, ...] = ()) -> None:
        """A role's messages go there on that platform; with an empty `channel`, to each holder alone.
        ValueError when the school is not talked to from that workspace."""

    def channel_lost(self, school: str, channel: Channel, told: tuple[Notice, ...]) -> bool:
        """Nothing can be put into the channel since its `lost_at`: tell these people, once. False when that is
        known already, or the role's messages go elsewhere by now."""

    def channel_found(self, school: str, channel: Channel) -> None:
        """Something was put into the channel again."""


def guarded(published: Published) -> frozenset[str]:
    """Roles whose holders could be asked about a person: heads, DSL and chair, whoever a procedure about
    people names, the escalation order, and everybody's deputies."""
    school = published.school
    asked = {
        role
        for workflow in published.workflows
        if workflow.about_people
        for stage in workflow.stages
        if not stage.hides
        for route in stage.who
        for role in route.roles
    }
    found = {*school.head_roles, school.dsl, school.chair, *school.escalation, *asked}
    while further := {d for role in found for d in school.roles[role].deputies} - found:
        found |= further
    return frozenset(found)


def confirmers(school: School, staff: Staff, change: RoleChange) -> tuple[Person, ...]:
    """Who may say yes to it: the holders of head, DSL, chair and administrator, but neither whoever asked nor
    anybody it gives the role to."""
    trusted = {*school.head_roles, school.dsl, school.chair, school.administrators}
    holding = {person for role, person in staff.holdings if role in trusted}
    return tuple(p for p in staff.current if p.id in holding - {change.asked_by, *change.gains})


def after(staff: Staff, change: RoleChange) -> tuple[str, ...]:
    """Ids of those who hold the role once it is confirmed: whoever has left meanwhile does not gain it."""
    held = {person for role, person in staff.holdings if role == change.role}
    gains = {person for person in change.gains if staff.person(person)}
    return tuple(sorted((held | gains) - set(change.losses)))
