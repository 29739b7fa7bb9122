"""Entries of registers made, ended and erased by hand, each with what stands of it in the audit chain.

Whoever calls has looked whether the person finds the entry, or enters what existed before.
"""

from bot import registers
from bot.ports import Conflict
from bot.registercards import ABOUT
from bot.visit import Services, Visit
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.definition import Values
from bot.workflows.entering import people_named
from bot.workflows.entry import Deed, Entry


def add(services: Services, visit: Visit, name: str, token: str, tidy: Values) -> Entry:
    """A new entry of what existed before; the one that is there, when this form was sent twice."""
    register = registers.register_of(visit, name)
    cells = {column.id: tuple(tidy[column.id]) for column in register.columns if tidy.get(column.id)}
    people = {
        c.id: people_named(cells.get(c.id, ()), visit.staff) for c in register.columns if c.kind == "people"
    }
    entry = Entry(
        id=token,
        school=visit.published.school.id,
        name=name,
        at=visit.now,
        cells=cells,
        people={column: ids for column, ids in people.items() if ids},
        policy_version=visit.published.version,
        about_people=registers.holds_people(visit.published, name),
        subjects=tuple(tidy.get(ABOUT.id, ())),
        entered_by=visit.person.id,
    )
    try:
        services.store.keep(entry, deed(visit, "entered", entry, entry.version))
    except Conflict:
        return services.store.entry(token) or entry
    return entry


def end(services: Services, visit: Visit, entry: Entry, revision: int, reason: str) -> Entry:
    """The entry, ended. Overtaken when it has changed since the form was opened."""
    may_end(entry)
    if entry.version != revision:
        raise Overtaken("This has changed since the card was drawn. Please look at it again.")
    update = {
        "ended_at": visit.now,
        "ended_by": visit.person.id,
        "end_reason": reason,
        "version": entry.version + 1,
    }
    over = entry.model_copy(update=update)
    try:
        services.store.keep(over, deed(visit, "ended", over, over.version))
    except Conflict as error:
        raise Overtaken("Somebody else has just changed this. Please look at it again.") from error
    return over


def erase(services: Services, visit: Visit, entry: Entry) -> None:
    """What was entered by hand is gone for good; that it was erased, when and by whom, stays on record."""
    may_erase(visit, entry)
    try:
        services.store.erase_entry(entry, deed(visit, "erased", entry, entry.version + 1))
    except Conflict as error:
        raise Overtaken("Somebody else has just changed this. Please look at it again.") from error


def may_end(entry: Entry) -> None:
    """Refused for what cannot be ended by hand, Overtaken for what has been ended."""
    if entry.by_clerk:
        raise Refused("The clerk keeps this one itself: it ends when the policy's dates change.")
    if entry.ended_at is not None:
        raise Overtaken("This entry has been ended already.")


def may_erase(visit: Visit, entry: Entry) -> None:
    """Refused for anybody but the administrator, and for what a request left."""
    if not registers.administers(visit):
        raise NotYours("Only the school's administrator erases what was entered by hand.")
    if not entry.entered_by:
        raise Refused("This came from a request. It goes when that request is erased.")


def deed(visit: Visit, action: str, entry: Entry, version: int) -> Deed:
    """What this person does with an entry, without what stands in it. `version`: the entry's after it, 0 for
    what changes none."""
    given = {"at": visit.now, "action": action, "register_name": entry.name, "entry": entry.id}
    return Deed.model_validate({**given, "version": version, "person": visit.person.id})
