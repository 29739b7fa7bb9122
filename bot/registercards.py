"""An entry of a register as cards and words. Of one about people, only that it is there until it is opened."""

from collections.abc import Iterable

from bot import registers
from bot.cards import Button, Card, Facts, Part, Text
from bot.people import Column, Register
from bot.visit import Services, Visit
from bot.workflows.deadlines import day
from bot.workflows.definition import Field
from bot.workflows.entry import Entry

ABOUT = Field(
    id="about_person",
    kind="person",
    label="Is it about somebody on the staff?",
    hint="Then they never find this entry.",
    required=False,
)
REASON = Field(id="reason", kind="long_text", label="Why does it end?", max_length=1000)
WORDS = Field(id="words", kind="text", label="What are you looking for?", max_length=200)
SURE = Field(id="sure", kind="yes_no", label="Erase it for good?")
SUBMIT = {"add": "Enter", "end": "End this entry", "search": "Search", "erase": "Erase"}
SAID = {
    "add": "What existed before. It is marked as entered by you.",
    "erase": "Nothing of it is left afterwards, and nobody can bring it back. To keep it as something that is "
    "over, end it instead. That it was erased, when and by whom, stays on record.",
}
"""What is said above the fields of an action's form."""


def entry_card(
    visit: Visit, register: Register, entry: Entry, tied: tuple[tuple[str, str], ...] = ()
) -> Card:
    """An entry; of one about people only that it is there, until its details are opened. `tied`: what open
    entries of other registers say of it."""
    parts: list[Part] = [] if entry.about_people else [Facts(rows=(*rows_of(visit, register, entry), *tied))]
    parts.append(Text(text=sentence(registers.made(visit, entry)), tone="quiet"))
    if entry.ended_at is not None:
        when = day(entry.ended_at.date()) if entry.about_people else registers.ended(visit, entry)
        parts.append(Text(text=f"Ended {when.removesuffix('.')}."))
    buttons: list[Button] = []
    if entry.about_people:
        buttons.append(Button(action="register_details", label="Open details", target=entry.id))
    if entry.ended_at is None and not entry.by_clerk:
        buttons.append(Button(action="register_end", label="End this entry", target=entry.id))
    if entry.entered_by and registers.administers(visit):
        buttons.append(Button(action="register_erase", label="Erase", target=entry.id))
    return Card(title=title(register, entry), parts=tuple(parts), buttons=tuple(buttons))


def tied_rows(visit: Visit, entries: Iterable[tuple[str, Entry]], to: Entry) -> tuple[tuple[str, str], ...]:
    """What open entries of other registers, each with its register's name, say of this one."""
    rows = []
    for name, entry in entries:
        columns = [column for column, ids in entry.ties.items() if to.id in ids]
        if not columns or entry.ended_at is not None or entry.about_people:
            continue
        register = visit.published.school.registers[name]
        said = (registers.shown(c, entry) for c in register.columns if c.id not in entry.ties)
        words = [text.replace("\n", ", ") for text in said if text]
        rows.append((register.title, ": ".join(words[:2])))
    return tuple(rows)


def erased_card(register: Register) -> Card:
    """What is left of an entry that was erased."""
    what = Text(text="Nothing of it is left. That it was erased, when and by whom, stays on record.")
    return Card(title=f"{register.title}: an entry was erased", parts=(what,))


def rows_of(visit: Visit, register: Register, entry: Entry) -> tuple[tuple[str, str], ...]:
    """What stands in an entry, label by label, and where it came from."""
    rows = [(c.label, text) for c in register.columns if (text := registers.shown(c, entry))]
    if entry.reference:
        rows.append(("Reference", entry.reference))
    if entry.about_people and (over := registers.ended(visit, entry)):
        rows.append(("Ended", over))
    return tuple(rows)


def title(register: Register, entry: Entry) -> str:
    """How an entry is called: its reference where it is about people, else its first column."""
    first = "" if entry.about_people else registers.shown(register.columns[0], entry).replace("\n", ", ")
    return (first or entry.reference or register.title)[:150]


def counted(entries: tuple[Entry, ...]) -> str:
    """`12 entries, 2 of them ended`."""
    over = sum(entry.ended_at is not None for entry in entries)
    number = "1 entry" if len(entries) == 1 else f"{len(entries) or 'no'} entries"
    return f"{number}, {over} of them ended" if over else number


def sentence(text: str) -> str:
    """The words with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def register_card(services: Services, visit: Visit, name: str, entries: tuple[Entry, ...]) -> Card:
    """A register in the list of those somebody may look into; `entries` are those they find."""
    register = registers.register_of(visit, name)
    parts: list[Part] = [Text(text=sentence(counted(entries)))]
    if staff := registers.share(services, visit, register, entries):
        parts.append(Text(text=staff, tone="strong"))
    buttons = [
        Button(action="register_open", label="Open", target=name, style="primary"),
        Button(action="register_search", label="Search", target=name),
        Button(action="register_export", label="Download", target=name),
    ]
    if registers.administers(visit):
        buttons.append(Button(action="register_add", label="Add an entry", target=name))
    return Card(title=register.title, parts=tuple(parts), buttons=tuple(buttons))


def fields_of(visit: Visit, action: str, name: str) -> tuple[Field, ...]:
    """What the form of an action with a register, or with an entry of it, asks."""
    if action == "search":
        return (WORDS,)
    if action == "end":
        return (REASON,)
    if action == "erase":
        return (SURE,)
    register = registers.register_of(visit, name)
    first = register.columns[0].id
    asked = tuple(_asked_of(column, required=column.id == first) for column in register.columns)
    return (*asked, *((ABOUT,) if registers.holds_people(visit.published, name) else ()))


def _asked_of(column: Column, *, required: bool) -> Field:
    """What the form for an entry asks for a column."""
    match column.kind:
        case "date":
            return Field(id=column.id, kind="date", label=column.label, required=required)
        case "addresses":
            return Field(id=column.id, kind="addresses", label=column.label, required=required)
        case "people":
            hint = "Names as on the staff list."
            return Field(id=column.id, kind="lines", label=column.label, hint=hint, required=required)
    return Field(id=column.id, kind="long_text", label=column.label, required=required)
