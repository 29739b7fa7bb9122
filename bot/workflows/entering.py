"""The entries a finished request leaves in its school's registers, and entries as a form offers them."""

from collections.abc import Iterable, Mapping

from bot.people import UNLISTED, UNLISTED_NAME, Register, Staff
from bot.workflows import routing
from bot.workflows.asking import Context
from bot.workflows.deadlines import SCHOOL_ZONE
from bot.workflows.definition import Field, Left, Option
from bot.workflows.entry import Entry, Listed
from bot.workflows.registerchecks import source_field
from bot.workflows.request import Request, Taken

NOT_LISTED = Option(value="not_listed", label="Another one, not on the register", detail="Which one?")
_DECISIONS = {"approved": "Approved", "refused": "Refused", "closed": "Closed"}

Cell = tuple[tuple[str, ...], tuple[str, ...]]
"""What stands in it, and the ids of the people it names."""


def left_entries(ctx: Context, request: Request) -> tuple[Entry, ...]:
    """What a request leaves behind that has just been finished or refused; nothing before."""
    finished = request.status in ("completed", "closed")
    return tuple(
        _entry(ctx, request, left, f"{request.id}.{number}")
        for number, left in enumerate(ctx.workflow.leaves)
        if (finished or (left.refused and request.status == "refused")) and left.applies(request.values)
    )


def listed(register: Register, entries: Iterable[Entry]) -> tuple[Listed, ...]:
    """Entries as a form offers them, by what stands in the register's first column. None about people."""
    first = register.columns[0].id
    return tuple(
        Listed(
            id=entry.id,
            label=", ".join(entry.cells.get(first, ())) or entry.reference or "An entry",
            is_open=entry.ended_at is None,
            people=entry.people,
        )
        for entry in entries
        if not entry.about_people and not entry.subjects
    )


def offered(
    fields: Iterable[Field], registers: Mapping[str, tuple[Listed, ...]], *, ended: bool = False
) -> tuple[Field, ...]:
    """The fields, each `entry` among them with the register's entries as its options; those that have
    ended only where it is about showing what was once chosen."""
    return tuple(
        field.model_copy(update={"options": _options(registers.get(field.entry_of, ()), ended)})
        if field.kind == "entry"
        else field
        for field in fields
    )


def _options(entries: tuple[Listed, ...], ended: bool) -> tuple[Option, ...]:
    by_name = sorted(entries, key=lambda entry: entry.label.casefold())
    shown = (Option(value=e.id, label=e.label[:75]) for e in by_name if e.is_open or ended)
    return (*shown, NOT_LISTED)


def people_named(names: Iterable[str], staff: Staff) -> tuple[str, ...]:
    """Ids of those whose name was typed, where exactly one person on the staff has it."""
    found = []
    for name in names:
        same = [p.id for p in staff.current if p.name.casefold() == name.strip().casefold()]
        found += same if len(same) == 1 else []
    return tuple(found)


def _entry(ctx: Context, request: Request, left: Left, entry_id: str) -> Entry:
    register = ctx.school.registers.get(left.name)
    columns = {column.id: column for column in register.columns} if register else {}
    cells: dict[str, tuple[str, ...]] = {}
    people: dict[str, tuple[str, ...]] = {}
    for column, sources in left.columns.items():
        found = [_cell(ctx, request, source) for source in sources]
        named = tuple(person for _, ids in found for person in ids)
        if texts := tuple(text for shown, _ in found for text in shown):
            cells[column] = texts
        if column in columns and columns[column].kind == "people":
            people[column] = named or people_named(cells.get(column, ()), ctx.staff)
    return Entry(
        id=entry_id,
        school=request.school,
        name=left.name,
        at=ctx.now,
        cells=cells,
        people={column: ids for column, ids in people.items() if ids},
        ties={
            column: ids for column, sources in left.columns.items() if (ids := _tied(ctx, request, sources))
        },
        personal=tuple(c.id for c in columns.values() if c.personal or c.kind == "people"),
        reference=request.reference,
        request=request.id,
        policy_version=request.policy_version,
        about_people=request.about_people,
        requester=request.requester,
        subjects=request.subjects,
        kept_from=tuple(sorted(routing.barred(ctx, request) - set(request.subjects))),
    )


def _tied(ctx: Context, request: Request, sources: Iterable[str]) -> tuple[str, ...]:
    """Ids of the entries of other registers that were chosen in these fields."""
    fields = (source_field(ctx.workflow, source) for source in sources if "." not in source)
    chosen = (request.values.get(f.id, ()) for f in fields if f is not None and f.kind == "entry")
    return tuple(entry for entries in chosen for entry in entries if entry != NOT_LISTED.value)


def _cell(ctx: Context, request: Request, source: str) -> Cell:
    round_ = routing.this_round(request)
    if field := source_field(ctx.workflow, source):
        stage = source.partition(".")[0]
        asked = [
            t.values for t in round_ if t.stage == stage and t.action in ("done", "acknowledged", "closed")
        ]
        values = (asked[-1] if asked else {}) if "." in source else request.values
        return _shown(ctx, field, values)
    if "." in source:
        of_stage, _, source = source.partition(".")
        round_ = tuple(t for t in round_ if t.stage == of_stage)
    decided = [t for t in round_ if t.action in _DECISIONS]
    last = tuple(t for t in decided if t.stage == decided[-1].stage and t.action == decided[-1].action)
    match source:
        case "requester":
            return _named(ctx, (request.requester,))
        case "reference":
            return (request.reference,), ()
        case "decision":
            return (_DECISIONS[last[-1].action] if last else "Done",), ()
        case "decided_by":
            return _named(ctx, tuple(t.person for t in last))
        case "decided_on":
            return _day(last[-1:]), ()
        case "reason":
            return tuple(t.reason for t in last if t.reason), ()
        case "carried_out_by":
            return _named(ctx, tuple(t.person for t in round_ if t.action == "done")[-1:])
        case "recorded_on":
            return (ctx.now.astimezone(SCHOOL_ZONE).date().isoformat(),), ()
        case _:
            return ((ctx.policy_version,) if ctx.policy_version else ()), ()


def _day(taken: tuple[Taken, ...]) -> tuple[str, ...]:
    return tuple(t.at.astimezone(SCHOOL_ZONE).date().isoformat() for t in taken)


def _named(ctx: Context, ids: tuple[str, ...]) -> Cell:
    people = {UNLISTED: UNLISTED_NAME, **{person.id: person.name for person in ctx.staff.people}}
    return tuple(people.get(person, "someone who has left") for person in ids), ids


def _shown(ctx: Context, field: Field, values: Mapping[str, tuple[str, ...]]) -> Cell:
    """What was filled in as people read it: choices by their labels, people by name."""
    entries = values.get(field.id, ())
    if field.kind == "person":
        return _named(ctx, entries)
    options = offered((field,), ctx.registers, ended=True)[0].options
    labels = {"yes": "Yes", "no": "No"} if field.kind == "yes_no" else {o.value: o.label for o in options}
    shown = []
    for entry in entries:
        detail = "".join(values.get(f"{field.id}.{entry}", ()))
        label = "" if entry == NOT_LISTED.value and field.kind == "entry" else labels.get(entry, entry)
        shown.append(": ".join(filter(None, (label, detail))))
    return tuple(shown), ()
