"""Reading a school's folder, and finding every mistake in it before anyone relies on it.

`load_school` and `load_workflows` raise `Mistakes`: all that is wrong, by file and line, each
with what would be right.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.guidance import ASK
from bot.model import Model
from bot.people import School
from bot.workflows.definition import Condition, Field, Route, Stage, Tell, Workflow
from bot.workflows.pagechecks import lead_mistakes, paper_mistakes, size_mistakes
from bot.workflows.registerchecks import (
    declared_mistakes,
    left_mistakes,
    named_mistakes,
    private_mistakes,
)
from bot.yamlfile import Mistake, Mistakes, Source, plain
from knowledge.clauses import Policy

Loc = tuple[str | int, ...]
M = TypeVar("M", bound=Model)
TAKEN_IDS = {
    "fields": ("about_receiver", "about_person"),
    "asks": ("reason", "to", "action", "settled"),
    "log": ("reason", "to"),
}
"""Ids of inputs that the clerk itself puts beside a form's fields and a stage's."""


def load_school(path: Path) -> School:
    """A `school.yaml`."""
    source = Source.read(path)
    school = source.validated(School)
    if mistakes := list(_school_mistakes(source, school)):
        raise Mistakes(mistakes)
    return school


def load_workflows(folder: Path, school: School, policy: Policy) -> tuple[Workflow, ...]:
    """Every `*.yaml` of a school's `workflows` folder, checked against its roles and clauses."""
    mistakes: list[Mistake] = []
    workflows: list[Workflow] = []
    leading: list[tuple[Source, Workflow]] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            source = Source.read(path)
        except Mistakes as found:
            mistakes += found.mistakes
            continue
        try:
            workflow = source.validated(Workflow)
        except Mistakes as found:
            mistakes += found.mistakes
            workflow = _as_far_as_readable(source, school, policy)
        mistakes += _workflow_mistakes(source, workflow, school, policy)
        if workflow.id != path.stem:
            mistakes.append(
                source.mistake(f"`id` is `{workflow.id}`, but the file is named {path.name}", "id")
            )
        workflows.append(workflow)
        leading.append((source, workflow))
    commands = {ASK, *(workflow.command for workflow in workflows)}
    mistakes += (found for pair in leading for found in lead_mistakes(*pair, commands))
    mistakes += (found for pair in leading for found in private_mistakes(*pair, workflows))
    if mistakes:
        raise Mistakes(sorted(mistakes, key=lambda m: (m.file, m.line)))
    return tuple(workflows)


def _as_far_as_readable(source: Source, school: School, policy: Policy) -> Workflow:
    """A procedure whose file has mistakes of form, with a stand-in for every part that has one, so that
    roles, clauses and conditions named elsewhere in it are checked all the same."""
    who = {"role": next(iter(school.roles))}
    stand_ins: dict[type[Model], dict[str, Any]] = {
        Field: {"id": "unreadable", "kind": "text", "label": "-"},
        Stage: {"id": "unreadable", "kind": "act", "title": "-", "who": who},
        Tell: {"who": who},
        Workflow: {
            "id": source.name.rpartition("/")[2].removesuffix(".yaml"),
            "title": "-",
            "summary": "-",
            "clauses": [clause.key for clause in policy.clauses if clause.key][:1] or ["-"],
            "fields": [{"id": "unreadable", "kind": "text", "label": "-"}],
            "stages": [{"id": "unreadable", "kind": "act", "title": "-", "who": who}],
        },
    }

    def readable(model: type[M], given: Any) -> M:
        stand_in = stand_ins[model]
        data = dict(given) if isinstance(given, dict) else {}
        for _ in range(2):
            try:
                return model.model_validate(data)
            except ValidationError as error:
                wrong = {loc[0] for e in error.errors() if (loc := e["loc"])}
                kept = {k: v for k, v in data.items() if k not in wrong} if wrong else {}
                data = {**stand_in, **({"id": data["id"]} if "id" in data else {}), **kept}
        return model.model_validate(stand_in)

    data = plain(source.data) if isinstance(source.data, dict) else {}
    parts: tuple[tuple[str, type[Model]], ...] = (("fields", Field), ("stages", Stage), ("tells", Tell))
    for name, model in parts:
        if isinstance(data.get(name), list):
            data[name] = [readable(model, part) for part in data[name]]
    return readable(Workflow, data)


def _school_mistakes(source: Source, school: School) -> Iterator[Mistake]:
    known = ", ".join(school.roles)
    named: list[tuple[str, Loc]] = [
        (school.dsl, ("dsl",)),
        (school.chair, ("chair",)),
        (school.administrators, ("administrators",)),
        (school.policy.owner, ("policy", "owner")),
        *((role, ("escalation", i)) for i, role in enumerate(school.escalation)),
        *(
            (deputy, ("roles", key, "deputies", i))
            for key, role in school.roles.items()
            for i, deputy in enumerate(role.deputies)
        ),
    ]
    for role, loc in named:
        if role not in school.roles:
            yield source.mistake(f"there is no role `{role}`; the roles are: {known}", *loc)
    if not school.head_roles:
        yield source.mistake(
            "no role has `head: true`, so a concern about the head would reach the head", "roles"
        )
    elif school.chair in school.head_roles:
        yield source.mistake("the chair must not be a head: concerns about the head go to the chair", "chair")
    if not school.escalation:
        yield source.mistake(
            "`escalation` needs at least one role, or a request could end with nobody", "escalation"
        )
    yield from declared_mistakes(source, school)


def _workflow_mistakes(
    source: Source, workflow: Workflow, school: School, policy: Policy
) -> Iterator[Mistake]:
    yield from _clause_mistakes(source, workflow, policy)
    yield from _field_mistakes(source, workflow.fields, school, ("fields",))
    if workflow.may_concern_people:
        yield from size_mistakes(source, workflow.fields, ("fields",))
    for i, field in enumerate(workflow.fields):
        named = field.subject or any(option.subject_role for option in field.options)
        if named and workflow.about_people is False:
            yield source.mistake(
                f"`{field.id}` says who the request is about: that needs `about_people`", "fields", i
            )
    for i, stage in enumerate(workflow.stages):
        yield from _stage_mistakes(source, workflow, stage, ("stages", i))
        yield from _field_mistakes(source, stage.asks, school, ("stages", i, "asks"), workflow.fields)
        yield from size_mistakes(source, stage.asks, ("stages", i, "asks"))
        yield from _case_mistakes(source, workflow, stage, school, ("stages", i))
        yield from _who_mistakes(source, workflow, school, stage, ("stages", i))
    for i, tell in enumerate(workflow.tells):
        yield from _who_mistakes(source, workflow, school, tell, ("tells", i))
    yield from left_mistakes(source, workflow, school)
    yield from named_mistakes(source, workflow, school)
    for i, left in enumerate(workflow.leaves):
        for condition in left.when:
            yield from _condition_mistakes(source, workflow.fields, condition, ("register", i, "when"))
    if workflow.stages and all(stage.when for stage in workflow.stages):
        yield source.mistake("every stage has a `when`, so a request could end with nobody", "stages")
    if workflow.about_people is not False and all(stage.hides for stage in workflow.stages):
        yield source.mistake("every stage `hides` something, so nobody would see whom it is about", "stages")
    yield from paper_mistakes(source, workflow)
    if isinstance(workflow.about_people, tuple):
        for condition in workflow.about_people:
            yield from _condition_mistakes(source, workflow.fields, condition, ("about_people",))


def _clause_mistakes(source: Source, workflow: Workflow, policy: Policy) -> Iterator[Mistake]:
    keys = {clause.key for clause in policy.clauses if clause.key}
    if policy.wording == "verbatim" and not keys:
        return  # an imported policy: until its keys are confirmed, sections are cited
    if not workflow.clauses:
        yield source.mistake("`clauses` must name what the procedure rests on, by author's keys", "clauses")
    cited: list[tuple[tuple[str, ...], Loc]] = [(workflow.clauses, ())]
    for i, stage in enumerate(workflow.stages):
        cited += [(action.clauses, ("stages", i, "actions", j)) for j, action in enumerate(stage.actions)]
    for clauses, loc in cited:
        for i, key in enumerate(clauses):
            if key not in keys:
                yield source.mistake(f"policy.md has no clause {{#{key}}}", *loc, "clauses", i)


def _field_mistakes(
    source: Source, fields: tuple[Field, ...], school: School, loc: Loc, before: tuple[Field, ...] = ()
) -> Iterator[Mistake]:
    """Of a form's fields, or of those a stage asks for after the form's were filled in."""
    seen: list[Field] = []
    for i, field in enumerate(fields):
        place = (*loc, i)
        if field.id in {f.id for f in seen}:
            yield source.mistake(f"two fields have the id `{field.id}`", *place, "id")
        if field.id in TAKEN_IDS[str(loc[-1])]:
            yield source.mistake(f"`{field.id}` is an id the clerk uses itself", *place, "id")
        if before and (field.subject or any(option.subject_role for option in field.options)):
            yield source.mistake("a stage cannot say who the request is about: the form does", *place)
        for condition in field.when:
            yield from _condition_mistakes(source, (*before, *seen), condition, (*place, "when"))
        for j, option in enumerate(field.options):
            if option.subject_role and option.subject_role not in school.roles:
                yield source.mistake(f"there is no role `{option.subject_role}`", *place, "options", j)
            if option.value in {o.value for o in field.options[:j]}:
                yield source.mistake(f"two options have the value `{option.value}`", *place, "options", j)
        seen.append(field)


def _stage_mistakes(source: Source, workflow: Workflow, stage: Stage, loc: Loc) -> Iterator[Mistake]:
    if [s.id for s in workflow.stages].count(stage.id) > 1:
        yield source.mistake(f"two stages have the id `{stage.id}`", *loc, "id")
    if workflow.about_people is not False:
        if stage.kind == "decide":
            yield source.mistake(
                "nobody approves a request about people: use `receive` or `act`", *loc, "kind"
            )
        if stage.may_send_back:
            yield source.mistake("a request about people is never sent back", *loc, "may_send_back")
    elif stage.may_send_back and stage.kind not in ("decide", "act"):
        yield source.mistake("only `decide` and `act` can be sent back", *loc, "may_send_back")
    if stage.asks and stage.kind == "decide":
        yield source.mistake("`asks` belong to `act`, `acknowledge` and `receive`", *loc, "asks")
    for i, field in enumerate(stage.asks):
        if field.told_to_requester and stage.kind != "receive":
            yield source.mistake("`told_to_requester` belongs to `receive`", *loc, "asks", i)
    fields = {field.id for field in workflow.fields}
    for hidden in stage.hides:
        if hidden not in fields:
            yield source.mistake(f"`hides` names `{hidden}`, which is no field of this form", *loc, "hides")
    for condition in stage.when:
        yield from _condition_mistakes(source, workflow.fields, condition, (*loc, "when"))


def _case_mistakes(
    source: Source, workflow: Workflow, stage: Stage, school: School, loc: Loc
) -> Iterator[Mistake]:
    for key in ("log", "actions"):
        if getattr(stage, key) and stage.kind != "receive":
            yield source.mistake(f"`{key}` belongs to `receive`", *loc, key)
    yield from _field_mistakes(source, stage.log, school, (*loc, "log"), workflow.fields)
    for i, action in enumerate(stage.actions):
        place = (*loc, "actions", i)
        if action.id in {other.id for other in stage.actions[:i]}:
            yield source.mistake(f"two actions have the id `{action.id}`", *place, "id")
        for condition in action.when:
            yield from _condition_mistakes(source, workflow.fields, condition, (*place, "when"))
        yield from _field_mistakes(source, action.asks, school, (*place, "asks"), workflow.fields)


def _who_mistakes(
    source: Source, workflow: Workflow, school: School, routed: Stage | Tell, loc: Loc
) -> Iterator[Mistake]:
    fields = {field.id: field for field in workflow.fields}
    for i, route in enumerate(routed.who):
        place = (*loc, "who", i)
        for role in route.roles:
            if role not in school.roles:
                yield source.mistake(
                    f"there is no role `{role}`; the roles are: {', '.join(school.roles)}", *place
                )
        if route.chosen_in and (route.chosen_in not in fields or fields[route.chosen_in].kind != "person"):
            yield source.mistake(f"`chosen_in: {route.chosen_in}` must name a field of kind `person`", *place)
        if route.all_of and len(set(route.all_of)) < max(2, len(route.all_of)):
            yield source.mistake("`all_of` needs two or more roles, all different", *place)
        for condition in route.when:
            yield from _condition_mistakes(source, workflow.fields, condition, place)
        yield from _tell_mistakes(source, routed, route, place)


def _tell_mistakes(source: Source, routed: Stage | Tell, route: Route, place: Loc) -> Iterator[Mistake]:
    if isinstance(routed, Tell) and not route.roles:
        yield source.mistake("`tells` names roles only: `role` or `any_of`", *place)


def _condition_mistakes(
    source: Source, fields: tuple[Field, ...], condition: Condition, loc: Loc
) -> Iterator[Mistake]:
    field = next((f for f in fields if f.id == condition.field), None)
    if field is None:
        yield source.mistake(f"`when` names `{condition.field}`, which is not asked before this", *loc)
        return
    allowed = {"yes", "no"} if field.kind == "yes_no" else {option.value for option in field.options}
    wanted = {condition.equals} if condition.equals is not None else set(condition.one_of or ())
    for value in sorted(wanted - allowed) if allowed else ():
        yield source.mistake(
            f"`{condition.field}` has no option `{value}`; it has: {', '.join(sorted(allowed))}", *loc
        )
