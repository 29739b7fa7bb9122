"""People, their roles, absences and platform identities, kept as `bot.ports.Directory` asks.

People live in the database only: no school's folder names anybody.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
)

from adapters.store.engine import Database, upsert
from adapters.store.stafflists import STAFF_LIST, staff_of, whole_list
from adapters.store.tables import (
    absences,
    connections,
    holdings,
    identities,
    in_force,
    people,
    role_channels,
    school_choices,
)
from bot.events import Identity
from bot.people import PAGE, Absence, Person, Staff
from bot.ports import Clock, Membership, Place

SCHOOL_ZONE = ZoneInfo("Europe/London")
"""Where it is today, for who is employed and who is away."""


class SqlDirectory:
    """`bot.ports.Directory` on SQLite or PostgreSQL, and what setting it up needs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def who(self, identity: Identity) -> tuple[Person, ...]:
        """The person at each school that lists this identity and employs them today, by school. A workspace
        or tenant says who somebody is only at schools connected to it."""
        return tuple(membership.person for membership in self.memberships(identity))

    def memberships(self, identity: Identity) -> tuple[Membership, ...]:
        """What a visit begins with, at each school that lists this identity and employs the person today, by
        school; all of one moment."""
        with self._database.read() as connection:
            found = connection.execute(_MEMBERSHIPS, identity.model_dump()).all()
        today = self._today()
        staffs = [(row, staff_of(row, today)) for row in found]
        return tuple(
            Membership(person=person, staff=staff, version=row.version or "")
            for row, staff in staffs
            if (person := staff.person(row.id))
        )

    def recognise(self, identity: Identity, email: str) -> tuple[Person, ...]:
        """`who`, after matching by an e-mail address that the platform has verified: at each school connected
        to the workspace, the one person employed today who has it is linked with this identity. A link that
        stands to somebody still employed is kept; nobody gets a second account of one workspace this way.
        Harmless to repeat: call it whenever the person's profile was read."""
        for person in self.with_email(email):
            if self._may_link(identity, person):
                self.link(identity, person.id)
        return self.who(identity)

    def schools_at(self, identity: Identity) -> tuple[str, ...]:
        """Schools that this identity's workspace or tenant is connected to, by id."""
        connected = select(connections.c.school).where(
            connections.c.platform == identity.platform, connections.c.tenant == identity.tenant
        )
        with self._database.read() as connection:
            return tuple(connection.execute(connected.order_by(connections.c.school)).scalars())

    def chosen(self, identity: Identity) -> str:
        """The school this identity has chosen today; empty for none."""
        with self._database.read() as connection:
            row = connection.execute(
                select(school_choices.c.school, school_choices.c.day).where(
                    school_choices.c.platform == identity.platform,
                    school_choices.c.tenant == identity.tenant,
                    school_choices.c.user == identity.user,
                )
            ).first()
        return row.school if row and row.day == self._today() else ""

    def choose(self, identity: Identity, school: str) -> None:
        """Remember for today which school this identity asks for."""
        row = {**identity.model_dump(), "school": school, "day": self._today()}
        with self._database.write() as connection:
            upsert(connection, school_choices, row)

    def places(self, person_id: str, role: str = "") -> tuple[Place, ...]:
        """Where a message for this person goes, first choice first: the channel of the role in which they
        are asked, if one is named and has a channel; else to them alone, on each platform they are on."""
        channels = (
            select(
                role_channels.c.platform,
                role_channels.c.tenant,
                role_channels.c.channel,
                role_channels.c.school,
                role_channels.c.lost_at.is_not(None).label("lost"),
            )
            .join(people, people.c.school == role_channels.c.school)
            .join(connections, _same(role_channels))
            .where(people.c.id == person_id, role_channels.c.role == role)
            .where(connections.c.school == role_channels.c.school)
            .order_by(role_channels.c.platform)
        )
        alone = (
            select(identities.c.platform, identities.c.tenant, identities.c.user)
            .where(identities.c.person == person_id, _connected())
            .order_by(identities.c.platform, identities.c.tenant, identities.c.user)
        )
        with self._database.read() as connection:
            private = connection.execute(alone).all()
            shared = connection.execute(channels).all() if role else ()
        # Who has a chat platform is told there, or not told: a page on which they once signed in tells nobody.
        chats = [row for row in private if row.tenant != PAGE]
        rows = [*shared, *(chats or private)]
        return tuple(Place.model_validate(dict(row._mapping)) for row in rows)

    def with_email(self, email: str) -> tuple[Person, ...]:
        """The people employed today with this e-mail address, in whatever case it is written, by
        school. The caller has made sure that the address is really theirs."""
        if not email.strip():
            return ()
        return self._employed(_WITH_EMAIL, {"email": _folded(email)})

    def employed(self, person_id: str) -> Person | None:
        """Somebody on a list, if they are employed today."""
        return next(iter(self._employed(_BY_ID, {"id": person_id})), None)

    def staff(self, school: str) -> Staff:
        """A school's people, by name, with roles and absences as they stand today."""
        with self._database.read() as connection:
            row = connection.execute(STAFF_LIST, {"school": school}).one()
        return staff_of(row, self._today())

    def add_person(self, person: Person) -> None:
        """Put a person on their school's list, or bring their entry up to date. ValueError when the
        id is somebody's at another school: nobody moves between schools."""
        with self._database.write() as connection:
            put_person(connection, person)

    def remove(self, person_id: str) -> None:
        """Take a person off the list with their roles, absences and identities. Someone who leaves
        keeps their entry and gets an end date instead; this is for what should not be there."""
        with self._database.write() as connection:
            connection.execute(delete(people).where(people.c.id == person_id))

    def set_role(self, school: str, role: str, holders: Iterable[str]) -> None:
        """Exactly these people hold the role from now on. ValueError names whom the school does not list."""
        with self._database.write() as connection:
            put_role(connection, school, role, holders)

    def link(self, identity: Identity, person_id: str) -> None:
        """This platform identity is this person, instead of whoever it was at their school. KeyError
        for an unknown person."""
        with self._database.write() as connection:
            put_identity(connection, identity, person_id)

    def unlink(self, identity: Identity) -> None:
        """Nobody has this identity any more, at any school."""
        with self._database.write() as connection:
            connection.execute(delete(identities).where(*_is(identity)))

    def identities_of(self, person_id: str) -> tuple[Identity, ...]:
        """Where the person can be reached, by platform."""
        linked = select(identities.c.platform, identities.c.tenant, identities.c.user)
        ordered = linked.order_by(identities.c.platform, identities.c.tenant, identities.c.user)
        with self._database.read() as connection:
            rows = connection.execute(ordered.where(identities.c.person == person_id)).all()
        return tuple(Identity(platform=row.platform, tenant=row.tenant, user=row.user) for row in rows)

    def set_absence(self, absence: Absence) -> None:
        """The person is away on these days; the same first day again changes the last. KeyError for
        an unknown person, ValueError when it ends before it begins."""
        with self._database.write() as connection:
            put_absence(connection, absence)

    def clear_absence(self, person_id: str, first: date) -> None:
        """The absence that begins on this day is off."""
        with self._database.write() as connection:
            drop_absence(connection, person_id, first)

    def _may_link(self, identity: Identity, person: Person) -> bool:
        """Whether an e-mail address is enough to say that this identity is this person."""
        if person.school not in self.schools_at(identity):
            return False
        twins = [p for p in self.with_email(person.email) if p.school == person.school]
        linked = [p for p in self.who(identity) if p.school == person.school]
        accounts = [known for known in self.identities_of(person.id) if known.tenant == identity.tenant]
        taken = any(known.platform == identity.platform and known != identity for known in accounts)
        return len(twins) == 1 and not linked and not taken

    def _employed(self, listed: Select[Any], values: Mapping[str, str]) -> tuple[Person, ...]:
        with self._database.read() as connection:
            found = map(_person, connection.execute(listed, values).all())
        today = self._today()
        return tuple(person for person in found if person.employed(today))

    def _today(self) -> date:
        return self._clock.now().astimezone(SCHOOL_ZONE).date()


def put_person(connection: Connection, person: Person) -> None:
    """See `SqlDirectory.add_person`."""
    known = connection.execute(select(people.c.school).where(people.c.id == person.id)).scalar()
    if known not in (None, person.school):
        raise ValueError(f"{person.id} is on the list of {known}, not of {person.school}")
    upsert(connection, people, {**person.model_dump(), "email_folded": _folded(person.email)})


def put_role(connection: Connection, school: str, role: str, holders: Iterable[str]) -> None:
    """See `SqlDirectory.set_role`."""
    wanted = sorted(set(holders))
    listed = set(connection.execute(select(people.c.id).where(people.c.school == school)).scalars())
    if strangers := [person for person in wanted if person not in listed]:
        raise ValueError(f"not on the list of {school}: {', '.join(strangers)}")
    connection.execute(delete(holdings).where(holdings.c.school == school, holdings.c.role == role))
    for person in wanted:
        connection.execute(insert(holdings).values(school=school, role=role, person=person))


def put_identity(connection: Connection, identity: Identity, person_id: str) -> None:
    """See `SqlDirectory.link`."""
    school = _school_of(connection, person_id)
    upsert(connection, identities, {**identity.model_dump(), "school": school, "person": person_id})


def put_absence(connection: Connection, absence: Absence) -> None:
    """See `SqlDirectory.set_absence`."""
    if absence.last < absence.first:
        raise ValueError(f"an absence cannot end on {absence.last} and begin on {absence.first}")
    _school_of(connection, absence.person)
    upsert(connection, absences, absence.model_dump())


def drop_absence(connection: Connection, person_id: str, first: date) -> None:
    """See `SqlDirectory.clear_absence`."""
    connection.execute(delete(absences).where(absences.c.person == person_id, absences.c.first == first))


def _is(identity: Identity) -> tuple[ColumnElement[bool], ...]:
    return (
        identities.c.platform == identity.platform,
        identities.c.tenant == identity.tenant,
        identities.c.user == identity.user,
    )


def _same(table: Table) -> ColumnElement[bool]:
    """A row of `connections` for the workspace of a row of `table`."""
    return and_(connections.c.platform == table.c.platform, connections.c.tenant == table.c.tenant)


def _connected() -> ColumnElement[bool]:
    """Whether an identity's workspace is connected to the school it is known at. The web has none: there a
    person signs in to their school."""
    known = select(connections.c.school).where(_same(identities), connections.c.school == identities.c.school)
    return or_(identities.c.platform == "web", known.exists())


def _school_of(connection: Connection, person_id: str) -> str:
    school: str | None = connection.execute(select(people.c.school).where(people.c.id == person_id)).scalar()
    if school is None:
        raise KeyError(person_id)
    return school


def _folded(email: str) -> str:
    """How addresses are compared: staff lists write them in any case."""
    return email.strip().casefold()


def _person(row: Row[Any]) -> Person:
    return Person.model_validate({name: row._mapping[name] for name in Person.model_fields})


# Built once, since building a statement takes as long as asking SQLite.
_MEMBERSHIPS = (
    select(people.c.id, in_force.c.version, *whole_list(people.c.school))
    .join(identities, identities.c.person == people.c.id)
    .outerjoin(in_force, in_force.c.school == people.c.school)
    .where(
        identities.c.platform == bindparam("platform"),
        identities.c.tenant == bindparam("tenant"),
        identities.c.user == bindparam("user"),
        _connected(),
    )
    .order_by(people.c.school)
)
_WITH_EMAIL = (
    select(people).where(people.c.email_folded == bindparam("email")).order_by(people.c.school, people.c.id)
)
_BY_ID = select(people).where(people.c.id == bindparam("id"))
