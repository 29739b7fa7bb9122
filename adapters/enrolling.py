"""A staff list read from a file, compared with what the database has: what would change, and changing it.

Nobody is ever deleted: who is no longer in the file is named, to be given an end date. A change of a guarded
role that somebody holds waits for a second person; the first holders of a role are entered at once, because
there is nobody yet who could confirm them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from adapters.stafflist import Row, read
from adapters.wiring import Clerk
from bot.appointing import confirmers, guarded
from bot.events import Identity
from bot.people import Person, RoleChange, Staff
from bot.ports import Published
from bot.staffnews import to_ask
from bot.workflows.entry import Deed
from bot.yamlfile import Mistake, Mistakes


@dataclass(frozen=True)
class Enrolment:
    """What one school's rows would change."""

    published: Published
    staff: Staff
    people: tuple[Person, ...]
    """New people, and those whose entry is another than before."""
    holders: dict[str, tuple[str, ...]]
    """Roles that change hands at once, with who holds them then."""
    waiting: tuple[RoleChange, ...]
    accounts: tuple[tuple[Identity, str], ...]
    moved: tuple[tuple[str, str], ...]
    """Names of whose account goes to whom."""
    missing: tuple[Person, ...]
    """Employed today, and not in the file."""

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.people or self.holders or self.waiting or self.accounts)


def enrolments(clerk: Clerk, path: Path) -> tuple[Enrolment, ...]:
    """What the file would change, school by school. Mistakes lists everything that is wrong with it, and
    everything that does not fit what is there: schools, roles, managers, workspaces."""
    rows, mistakes = read(path)
    file, found = path.name, []
    in_force = clerk.library.schools()
    for school in dict.fromkeys(row.school for row in rows if row.school):
        theirs = tuple(row for row in rows if row.school == school)
        if school not in in_force:
            known = (
                f"These are: {', '.join(in_force)}." if in_force else "Adopt one: policyclerk school adopt."
            )
            message = f"no school “{school}” is in force. {known}"
            mistakes.append(Mistake(file=file, line=theirs[0].line, message=message))
            continue
        found.append(_Reading(clerk, clerk.library.published(school), theirs, file, mistakes).enrolment())
    if mistakes:
        raise Mistakes(sorted(mistakes, key=lambda mistake: mistake.line))
    return tuple(found)


def enrol(clerk: Clerk, enrolment: Enrolment) -> None:
    """Carry it out: all of a school at once; what waits for a second person is asked after that."""
    school, now = enrolment.published.school.id, clerk.services.clock.now()
    people = tuple(
        dict.fromkeys((*(p.id for p in enrolment.people), *(person for _, person in enrolment.accounts)))
    )
    deed = Deed(at=now, action="people_entered", people=people)
    clerk.staff_book.enter(school, enrolment.people, enrolment.holders, enrolment.accounts, deed)
    for role, holders in enrolment.holders.items():
        clerk.staff_book.note(school, Deed(at=now, action="role_set", role=role, people=holders))
    for change in enrolment.waiting:
        asked = Deed(at=now, action="role_asked", role=change.role, people=change.gains)
        staff = clerk.directory.staff(school)
        clerk.staff_book.ask(change, asked, to_ask(enrolment.published.school, staff, change))


def described(enrolment: Enrolment) -> Iterator[str]:
    """What would change, a line each."""
    school, staff = enrolment.published.school, enrolment.staff
    names = {person.id: person.name for person in (*staff.people, *enrolment.people)}
    before = {person.id for person in staff.people}
    new = [person.name for person in enrolment.people if person.id not in before]
    other = [person.name for person in enrolment.people if person.id in before]
    yield f"{school.id}: {school.name}"
    if not enrolment.changes:
        yield "  nothing changes"
    if new:
        yield f"  new: {', '.join(new)}"
    if other:
        yield f"  changed: {', '.join(other)}"
    for role, holders in enrolment.holders.items():
        yield f"  {school.title(role)}: {', '.join(names[p] for p in holders) or 'nobody'}"
    for change in enrolment.waiting:
        yield f"  {school.title(change.role)}: {_words(change, names)}, once a second person confirms it"
        if not confirmers(school, staff, change):
            yield "    nobody could confirm that: name another head, safeguarding lead or chair first"
    for person_id in {person_id for _, person_id in enrolment.accounts}:
        yield f"  an account for {names[person_id]}"
    for whose, to in enrolment.moved:
        yield f"  an account of {whose} becomes that of {to}"
    for person in enrolment.missing:
        yield f"  not in the file: {person.name}. Left? Put them in with an end date. Nothing is deleted."


def _words(change: RoleChange, names: dict[str, str]) -> str:
    gains = [f"{names[person]} is to hold it" for person in change.gains]
    losses = [f"{names[person]} no longer" for person in change.losses]
    return ", ".join((*gains, *losses))


class _Reading:
    """The rows of one school beside its staff list."""

    def __init__(
        self, clerk: Clerk, published: Published, rows: tuple[Row, ...], file: str, mistakes: list[Mistake]
    ) -> None:
        self._clerk, self._published, self._rows = clerk, published, rows
        self._file, self._mistakes = file, mistakes
        self._school = published.school
        self._staff = clerk.directory.staff(published.school.id)
        self._known = {p.email.casefold(): p for p in self._staff.people if p.email}
        self._before = {row.email.casefold(): self._known_as(row) for row in rows}
        self._ids = {email: known.id if known else uuid4().hex for email, known in self._before.items()}

    def enrolment(self) -> Enrolment:
        people = tuple(self._person(row) for row in self._rows)
        accounts = tuple(self._accounts())
        direct, waiting = self._roles()
        listed = set(self._ids.values())
        return Enrolment(
            published=self._published,
            staff=self._staff,
            people=tuple(p for p in people if p not in self._staff.people),
            holders=direct,
            waiting=waiting,
            accounts=accounts,
            moved=tuple(self._moved(accounts, people)),
            missing=tuple(p for p in self._staff.current if p.id not in listed),
        )

    def _known_as(self, row: Row) -> Person | None:
        """The person this row is about: by their address, or by the one they had."""
        if not row.former_email:
            return self._known.get(row.email.casefold())
        if row.email.casefold() in self._known:
            self._wrong(row, f"{row.email} is on the list already: leave the former_email out")
        elif row.former_email.casefold() not in self._known:
            self._wrong(row, f"nobody at {self._school.id} had the former_email {row.former_email}")
        return self._known.get(row.former_email.casefold())

    def _wrong(self, row: Row, message: str) -> None:
        self._mistakes.append(Mistake(file=self._file, line=row.line, message=message))

    def _person(self, row: Row) -> Person:
        before = self._before[row.email.casefold()]
        manager = before.line_manager if before else ""
        if row.line_manager is not None:
            manager = self._manager(row)
        return Person(
            id=self._ids[row.email.casefold()],
            school=self._school.id,
            name=row.name,
            email=row.email,
            line_manager=manager,
            starts=row.starts if "starts" in row.dated else before.starts if before else None,
            ends=row.ends if "ends" in row.dated else before.ends if before else None,
        )

    def _manager(self, row: Row) -> str:
        wanted = (row.line_manager or "").casefold()
        if not wanted:
            return ""
        if wanted == row.email.casefold():
            self._wrong(row, "nobody is their own line manager")
        if wanted in self._ids:
            return self._ids[wanted]
        if wanted in self._known:
            return self._known[wanted].id
        self._wrong(row, f"nobody at {self._school.id} has the line_manager's address {row.line_manager}")
        return ""

    def _roles(self) -> tuple[dict[str, tuple[str, ...]], tuple[RoleChange, ...]]:
        """Roles that change hands at once, and those that wait for a second person."""
        wanted = {
            self._ids[row.email.casefold()]: {role for name in row.roles for role in self._role(row, name)}
            for row in self._rows
            if row.roles is not None
        }
        direct: dict[str, tuple[str, ...]] = {}
        waiting = []
        second = guarded(self._published)
        for role in self._school.roles:
            before = {person for held, person in self._staff.holdings if held == role}
            after = (before - wanted.keys()) | {p for p, roles in wanted.items() if role in roles}
            if after == before:
                continue
            if role in second and self._staff.holders(role):
                waiting.append(
                    RoleChange(
                        id=uuid4().hex,
                        school=self._school.id,
                        role=role,
                        gains=tuple(sorted(after - before)),
                        losses=tuple(sorted(before - after)),
                        asked_at=self._clerk.services.clock.now(),
                    )
                )
            else:
                direct[role] = tuple(sorted(after))
        return direct, tuple(waiting)

    def _role(self, row: Row, name: str) -> Iterable[str]:
        """The role of that id or title."""
        titles = {role.title.casefold(): key for key, role in self._school.roles.items()}
        key = name.casefold() if name.casefold() in self._school.roles else titles.get(name.casefold(), "")
        if key:
            return (key,)
        self._wrong(
            row, f"{self._school.id} has no role “{name}”. There are: {', '.join(self._school.roles)}"
        )
        return ()

    def _accounts(self) -> Iterator[tuple[Identity, str]]:
        """The accounts in the file that are not known as that person's yet."""
        for row in self._rows:
            person = self._ids[row.email.casefold()]
            for identity in filter(None, (self._slack(row), self._teams(row))):
                if identity not in self._clerk.directory.identities_of(person):
                    yield identity, person

    def _slack(self, row: Row) -> Identity | None:
        if not row.slack_user:
            return None
        tenant, _, user = row.slack_user.rpartition("/")
        return self._in_workspace(row, "slack", tenant, user, "a Slack workspace", "T…/U…")

    def _teams(self, row: Row) -> Identity | None:
        if not row.teams_user:
            return None
        return self._in_workspace(row, "teams", "", row.teams_user, "a Teams tenant", "")

    def _in_workspace(
        self, row: Row, platform: str, tenant: str, user: str, what: str, among: str
    ) -> Identity | None:
        """The account in the school's workspace: there must be one, and only one unless it is named."""
        connected = self._clerk.places.connections(self._school.id)
        tenants = [c.tenant for c in connected if c.platform == platform and tenant in ("", c.tenant)]
        if len(tenants) == 1:
            return Identity.model_validate({"platform": platform, "tenant": tenants[0], "user": user})
        if tenants:
            how = f"write {among}" if among else "leave it out: their e-mail address is enough"
            self._wrong(row, f"{self._school.id} is connected to {len(tenants)} of them: {how}")
        else:
            self._wrong(
                row,
                f"{self._school.id} is not connected to {tenant or what}: policyclerk school connect first, "
                f"or leave {platform}_user out",
            )
        return None

    def _moved(
        self, accounts: tuple[tuple[Identity, str], ...], people: tuple[Person, ...]
    ) -> Iterator[tuple[str, str]]:
        names = {person.id: person.name for person in people}
        for identity, person_id in accounts:
            for holder in self._clerk.directory.who(identity):
                if holder.school == self._school.id:
                    yield holder.name, names[person_id]
