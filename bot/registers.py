"""What finished requests leave behind: who finds which entries, what is searched, counted and exported.

An entry is found by the holders of the roles its register names, and by nobody it is about (SAFEGUARDING,
must never: let find). The school's administrator, who enters what existed before, finds entries too, but of
those about people only their own.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from bot.model import Model
from bot.people import Column, Register
from bot.ports import Published
from bot.visit import Services, Visit
from bot.workflows import routing
from bot.workflows.change import NotYours, Refused
from bot.workflows.deadlines import day, moment
from bot.workflows.entry import Deed, Entry


class Table(Model):
    """A register as it leaves the clerk: cells as people read them, days as year-month-day."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    """The first is the header."""


def visible(visit: Visit) -> tuple[str, ...]:
    """Names of the registers this person may look into, in the school's order."""
    registers = visit.published.school.registers
    return tuple(name for name in registers if sees(visit, name) or administers(visit))


def sees(visit: Visit, name: str) -> bool:
    """Whether this person holds a role that the register is for."""
    held = visit.staff.roles_of(visit.person.id)
    return any(role in held for role in visit.published.school.registers[name].seen_by)


def administers(visit: Visit) -> bool:
    """Whether this person is the school's administrator."""
    return visit.published.school.administrators in visit.staff.roles_of(visit.person.id)


def register_of(visit: Visit, name: str) -> Register:
    """The register, for somebody who may look into it. NotYours tells others whose it is."""
    school = visit.published.school
    register = school.registers.get(name)
    if register is None:
        raise Refused("There is no such register.")
    if name not in visible(visit):
        titles = [school.title(role) for role in register.seen_by]
        raise NotYours(f"“{register.title}” is for: {', '.join(titles)}. Ask one of them.")
    return register


def found(services: Services, visit: Visit, name: str) -> tuple[Entry, ...]:
    """The entries of a register this person finds, newest first."""
    entries = services.store.entries(visit.published.school.id, name)
    return tuple(entry for entry in entries if may_find(services, visit, entry))


def may_find(services: Services, visit: Visit, entry: Entry) -> bool:
    """Whether this person finds the entry: looked at afresh each time, since somebody may be named later as
    the one it is about."""
    if entry.school != visit.published.school.id or entry.name not in visible(visit):
        return False
    me = visit.person.id
    if me in _barred(services, visit, entry):
        return False
    return sees(visit, entry.name) or not entry.about_people or entry.entered_by == me


def searched(register: Register, entries: Iterable[Entry], text: str) -> tuple[Entry, ...]:
    """The entries in which every word of `text` stands somewhere, in whatever case."""
    words = text.casefold().split()
    return tuple(
        entry
        for entry in entries
        if all(word in " ".join((entry.reference, *_said(register, entry))).casefold() for word in words)
    )


def shown(column: Column, entry: Entry) -> str:
    """A cell as people read it; empty when nothing stands there."""
    cell = entry.cells.get(column.id, ())
    if column.kind == "date":
        return ", ".join(day(date.fromisoformat(text)) for text in cell)
    return "\n".join(cell)


def made(visit: Visit, entry: Entry) -> str:
    """How an entry came about: `entered by Office manager, on 9 Nov 2026`."""
    if entry.by_clerk:
        return f"entered by the clerk from the policy's own dates, on {moment(entry.at)}"
    if not entry.entered_by:
        return f"left by {entry.reference}, {moment(entry.at)}"
    return f"entered by {named(visit, entry.entered_by)}, on {moment(entry.at)}"


def ended(visit: Visit, entry: Entry) -> str:
    """When, by whom and why it was ended; empty when it was not."""
    if entry.ended_at is None:
        return ""
    who = f" by {named(visit, entry.ended_by)}" if entry.ended_by else ""
    why = f": {entry.end_reason}" if entry.end_reason else ""
    return f"{moment(entry.ended_at)}{who}{why}"


def named(visit: Visit, person_id: str) -> str:
    """The name of somebody who is or was on the staff."""
    person = next((p for p in visit.staff.people if p.id == person_id), None)
    return person.name if person else "someone who has left"


def share(services: Services, visit: Visit, register: Register, entries: Iterable[Entry]) -> str:
    """`18 of 25 staff (72%) have an entry for the policy in force (Autumn 2023).` Empty where the register
    does not count."""
    if not register.share_of_staff:
        return ""
    policy = visit.published.policy
    current = {
        person
        for entry in entries
        if entry.ended_at is None and same_policy(services, visit.published, entry.policy_version)
        for person in entry.people.get(register.share_of_staff, ())
    }
    staff = {person.id for person in visit.staff.current}
    there, everyone = len(current & staff), len(staff)
    percent = 100 * there // everyone if everyone else 0
    return (
        f"{there} of {everyone} staff ({percent}%) have an entry for the policy in force ({policy.version})."
    )


def coming(register: Register, entries: Iterable[Entry], today: date) -> tuple[tuple[Entry, date], ...]:
    """Entries of whose day the register reminds people now, with that day: the nearest first."""
    if register.remind is None:
        return ()
    notice = timedelta(days=register.remind.days_before)
    days = (
        (entry, date.fromisoformat(text))
        for entry in entries
        if entry.ended_at is None
        for text in entry.cells.get(register.remind.column, ())[:1]
    )
    return tuple(sorted(((e, at) for e, at in days if at - notice <= today), key=lambda row: row[1]))


def export(services: Services, visit: Visit, name: str) -> Table:
    """The register as this person may see it. That they took it is recorded, without what stands in it."""
    register = register_of(visit, name)
    table = as_table(register, found(services, visit, name))
    deed = Deed(at=visit.now, action="exported", register_name=name, person=visit.person.id)
    services.store.note(visit.published.school.id, deed)
    return table


def as_table(register: Register, entries: Iterable[Entry]) -> Table:
    """Entries as rows below a header."""
    header = (*(c.label for c in register.columns), "Reference", "Recorded", "By hand", "Ended", "Why ended")
    rows = (
        (
            *("\n".join(entry.cells.get(column.id, ())) for column in register.columns),
            entry.reference,
            entry.at.date().isoformat(),
            "yes" if entry.entered_by else "no",
            entry.ended_at.date().isoformat() if entry.ended_at else "",
            entry.end_reason,
        )
        for entry in entries
    )
    return Table(title=register.title, rows=(header, *rows))


def holds_people(published: Published, name: str) -> bool:
    """Whether some procedure leaves entries about people in it: then those made by hand count as such."""
    return any(
        w.about_people is not False for w in published.workflows for left in w.leaves if left.name == name
    )


def _said(register: Register, entry: Entry) -> tuple[str, ...]:
    return (
        *(shown(column, entry) for column in register.columns),
        *(t for c in entry.cells.values() for t in c),
    )


def _barred(services: Services, visit: Visit, entry: Entry) -> frozenset[str]:
    """Everyone who must never find the entry: as it was kept, and as its request and the school stand now."""
    known = frozenset((*entry.subjects, *entry.kept_from))
    ctx = visit.context(visit.published.workflows[0])
    request = services.store.load(entry.request) if entry.about_people and entry.request else None
    if request:
        return known | routing.barred(ctx, request)
    return known | routing.deputies_barred(ctx, entry.subjects)


def same_policy(services: Services, published: Published, version: str) -> bool:
    """Whether what a school had published then had the policy that is in force now."""
    if version == published.version:
        return True
    try:
        edition = services.library.edition(published.school.id, version)
    except KeyError:
        return False
    return edition.policy.digest == published.policy.digest
