"""Mistakes in what a school's files say about registers: in school.yaml, and where procedures name them."""

import re
from collections.abc import Iterable, Iterator
from typing import get_args

from bot.people import Column, Register, School
from bot.workflows.definition import Field, Source, Workflow
from bot.yamlfile import Mistake
from bot.yamlfile import Source as File

Loc = tuple[str | int, ...]
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

SOURCES: tuple[str, ...] = get_args(Source)
SIGNED = ("decision", "decided_by", "decided_on", "reason", "carried_out_by")
"""Sources that may name the stage they come from: `stage.reason`."""
_PEOPLE = ("requester", "decided_by", "carried_out_by")
_DAYS = ("decided_on", "recorded_on")
_FIELD_KINDS = {
    "date": ("date",),
    "people": ("person", "lines", "text"),
    "addresses": ("address", "addresses"),
}
"""Kinds of field that a column of a kind takes. A `text` column takes every kind."""


def declared_mistakes(file: File, school: School) -> Iterator[Mistake]:
    """What is wrong with the ids in a school.yaml, which stand in addresses and commands, and with its `registers`."""
    for part in ("roles", "registers"):
        for name in getattr(school, part):
            if not _ID.fullmatch(name):
                yield file.mistake(f"`{name}`: write small letters, digits and hyphens", part, name)
    for name, register in school.registers.items():
        at: Loc = ("registers", name)
        ids = [column.id for column in register.columns]
        for i, column in enumerate(ids):
            if column == "about_person":
                yield file.mistake(f"`{column}` is an id the clerk uses itself", *at, "columns", i)
            if column in ids[:i]:
                yield file.mistake(f"two columns have the id `{column}`", *at, "columns", i)
        for i, role in enumerate(register.seen_by):
            if role not in school.roles:
                known = ", ".join(school.roles)
                yield file.mistake(f"there is no role `{role}`; the roles are: {known}", *at, "seen_by", i)
        if register.remind:
            yield from _column_of_kind(file, register, register.remind.column, "date", (*at, "remind"))
        if register.own_policy:
            kinds = {"policy": "text", "owner": "people", "due": "date"}
            for own, kind in kinds.items():
                place = (*at, "own_policy", own)
                yield from _column_of_kind(file, register, getattr(register.own_policy, own), kind, place)
        if register.share_of_staff:
            place = (*at, "share_of_staff")
            yield from _column_of_kind(file, register, register.share_of_staff, "people", place)


def left_mistakes(file: File, workflow: Workflow, school: School) -> Iterator[Mistake]:
    """What is wrong with what a procedure says it leaves behind. Its conditions are checked elsewhere."""
    if workflow.leaves and not workflow.has_form:
        yield file.mistake("nothing is sent here, so it can leave nothing in a register", "register")
    for i, left in enumerate(workflow.leaves):
        at: Loc = ("register", i)
        register = school.registers.get(left.name)
        if register is None:
            yield no_register(file, left.name, school, *at, "name")
            continue
        for column_id, sources in left.columns.items():
            column = register.column(column_id)
            place = (*at, "columns", column_id)
            if column is None:
                yield _no_column(file, register, column_id, *place)
                continue
            for source in sources:
                yield from _source_mistakes(file, workflow, column, source, place)
        if left.refused and not any(stage.kind == "decide" for stage in workflow.stages):
            yield file.mistake("nothing is refused here: `refused` needs a `decide` stage", *at, "refused")


def named_mistakes(file: File, workflow: Workflow, school: School) -> Iterator[Mistake]:
    """What is wrong where fields and routes name a register."""
    for i, field in enumerate(workflow.fields):
        if field.kind == "entry" and field.entry_of not in school.registers:
            yield no_register(file, field.entry_of, school, "fields", i, "register")
    fields = {field.id: field for field in workflow.fields}
    for i, stage in enumerate(workflow.stages):
        for place in [("asks", j) for j, f in enumerate(stage.asks) if f.kind == "entry"]:
            yield file.mistake("`entry` belongs to the form's own fields", "stages", i, *place)
        for j, route in enumerate(stage.who):
            listed, at = route.listed_in, ("stages", i, "who", j)
            if listed is None:
                continue
            entry = fields.get(listed.entry)
            if entry is None or entry.kind != "entry" or entry.entry_of != listed.name:
                what = f"a field of kind `entry` with `register: {listed.name}`"
                yield file.mistake(f"`entry: {listed.entry}` must name {what}", *at)
            if listed.name not in school.registers:
                yield no_register(file, listed.name, school, *at)
            else:
                yield from _column_of_kind(file, school.registers[listed.name], listed.column, "people", at)


def private_mistakes(file: File, workflow: Workflow, workflows: Iterable[Workflow]) -> Iterator[Mistake]:
    """Entries about people are never offered in a form: anyone could find them there."""
    private = {left.name: w.id for w in workflows if w.about_people is not False for left in w.leaves}
    for i, field in enumerate(workflow.fields):
        if field.entry_of in private:
            kept = (
                f"`{private[field.entry_of]}` leaves entries about people in it, which a form must not show"
            )
            yield file.mistake(f"`{field.entry_of}` cannot be offered: {kept}", "fields", i, "register")


def no_register(file: File, name: str, school: School, *loc: str | int) -> Mistake:
    """A register that school.yaml does not declare."""
    known = ", ".join(school.registers) or "none yet (school.yaml, registers)"
    return file.mistake(f"there is no register `{name}`; there are: {known}", *loc)


def _no_column(file: File, register: Register, column: str, *loc: str | int) -> Mistake:
    known = ", ".join(column.id for column in register.columns)
    return file.mistake(f"the register has no column `{column}`; it has: {known}", *loc)


def _column_of_kind(file: File, register: Register, column: str, kind: str, loc: Loc) -> Iterator[Mistake]:
    found = register.column(column)
    if found is None:
        yield _no_column(file, register, column, *loc)
    elif found.kind != kind:
        yield file.mistake(f"`{column}` must be a column of kind `{kind}`; it is `{found.kind}`", *loc)


def _source_mistakes(
    file: File, workflow: Workflow, column: Column, source: str, loc: Loc
) -> Iterator[Mistake]:
    field, own = source_field(workflow, source), {field.id for field in workflow.fields}
    stage, _, word = source.partition(".")
    if field is None and word in SIGNED and any(s.id == stage for s in workflow.stages):
        source = word
    if source in SOURCES and source in own:
        yield file.mistake(f"`{source}` is a field of this form and what the clerk knows: rename it", *loc)
    elif source in SOURCES:
        takes = {"date": _DAYS, "people": _PEOPLE, "addresses": ()}.get(column.kind, SOURCES)
        if source not in takes:
            yield file.mistake(f"`{source}` does not fit a column of kind `{column.kind}`", *loc)
    elif field is None:
        right = f"a field of this form, `stage.field`, or one of: {', '.join(SOURCES)}"
        yield file.mistake(f"`{source}` is not known here; it must be {right}", *loc)
    elif field.kind not in _FIELD_KINDS.get(column.kind, (field.kind,)):
        kinds = ", ".join(_FIELD_KINDS[column.kind])
        fits = f"a column of kind `{column.kind}` takes: {kinds}"
        yield file.mistake(f"`{source}` is of kind `{field.kind}`; {fits}", *loc)


def source_field(workflow: Workflow, source: str) -> Field | None:
    """The field a source names: of the form, or `stage.field` of what a stage asks; None for neither."""
    stage, _, asked = source.partition(".")
    fields = workflow.fields
    if asked:
        fields = next((s.asks for s in workflow.stages if s.id == stage), ())
    return next((field for field in fields if field.id == (asked or source)), None)
