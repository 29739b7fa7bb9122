"""Who is told of a change of who holds a role, is away, or where a role's messages go; and what they are shown
when it is sent."""

import uuid

from bot import channelcards
from bot import setupcards as drawn
from bot.appointing import confirmers
from bot.cards import Card
from bot.people import Channel, Person, RoleChange, School, Staff
from bot.ports import Place
from bot.visit import Services
from bot.workflows.request import Notice


def to_ask(school: School, staff: Staff, change: RoleChange) -> tuple[Notice, ...]:
    """Who is told that a change waits: those who may confirm it, and the present holders."""
    people = sorted(concerned(school, staff, change) - {change.asked_by})
    return tuple(_notice(person, f"asked {change.school} {change.id}") for person in people)


def to_tell_of(role: str, school: str, people: set[str]) -> tuple[Notice, ...]:
    """Who is told who holds a role now."""
    once = uuid.uuid4().hex
    return tuple(_notice(person, f"changed {school} {role} {once}") for person in sorted(people))


def to_tell_of_absence(school: str, person: str) -> tuple[Notice, ...]:
    """Somebody else has said when this person is away."""
    return (_notice(person, f"away {school} {uuid.uuid4().hex}"),)


def to_try(school: str, channel: Channel, person: str) -> tuple[Notice, ...]:
    """A role's channel was set by this person: a first message there shows that messages arrive."""
    item = f"welcome {school} {channel.role} {channel.platform} {uuid.uuid4().hex}"
    return (Notice(kind="staff", person=person, role=channel.role, item=item),)


def to_tell_of_lost(services: Services, school_id: str, channel: Channel) -> tuple[Notice, ...]:
    """Who is told that nothing can be put into a role's channel: the clerk's administrators."""
    school, staff = services.library.published(school_id).school, services.directory.staff(school_id)
    item = f"lost {school_id} {channel.role} {channel.platform} {uuid.uuid4().hex}"
    return tuple(_notice(person.id, item) for person in staff.holders(school.administrators))


def to_tell_of_place(services: Services, school_id: str, place: str, by: Person) -> tuple[Notice, ...]:
    """Who is told that a school is talked to from one more place: its other administrators, and its heads."""
    school, staff = services.library.published(school_id).school, services.directory.staff(school_id)
    roles = (school.administrators, *sorted(school.head_roles))
    people = dict.fromkeys(p.id for role in roles for p in staff.holders(role) if p.id != by.id)
    return tuple(_notice(person, f"place {school_id} {place} {by.id}") for person in people)


def belongs(notice: Notice, to: Place) -> bool:
    """Whether a notice may go there: the first message of a channel goes nowhere else."""
    what, *about = notice.item.split(" ")
    return what != "welcome" or (bool(to.channel) and to.platform == about[2])


def card_of(services: Services, notice: Notice) -> Card | None:
    """What the person of a `staff` notice is shown; None once it is not true any more, or they have left."""
    what, school_id, about, platform = (*notice.item.split(" "), "", "", "")[:4]
    if school_id not in services.library.schools():
        return None
    school, staff = services.library.published(school_id).school, services.directory.staff(school_id)
    if staff.person(notice.person) is None:
        return None
    if what == "asked":
        change = next((c for c in services.staff_book.asked(school_id) if c.id == about), None)
        return drawn.change_card(school, staff, change, notice.person) if change else None
    if what in ("welcome", "lost"):
        there = services.staff_book.channels(school_id)
        channel = next((c for c in there if (c.role, c.platform) == (about, platform)), None)
        if channel is None or (what == "lost" and not channel.lost_at):
            return None
        return (
            channelcards.lost_card(school, channel)
            if what == "lost"
            else channelcards.welcome_card(school, about)
        )
    if what == "place":
        by = staff.person(notice.item.rpartition(" ")[2])
        return channelcards.place_card(school, about, platform, by.name if by else "")
    if what == "away":
        return drawn.away_card(school, staff, notice.person, everybody=False)
    return drawn.holders_card(school, staff, about) if about in school.roles else None


def concerned(school: School, staff: Staff, change: RoleChange) -> set[str]:
    """Ids of those who hold the role, and of those who may confirm the change."""
    holders = {person.id for person in staff.holders(change.role)}
    return holders | {person.id for person in confirmers(school, staff, change)}


def _notice(person: str, item: str) -> Notice:
    return Notice(kind="staff", person=person, item=item)
