"""A workflow's definition as a form: the two gates, the fields, the last question before sending."""

from bot.cards import Choice, Form, Input, Option, Part, PersonPicker, Text, TextKind
from bot.cards import Field as TextField
from bot.formstate import FormState
from bot.people import UNLISTED, UNLISTED_NAME, Staff
from bot.workflows import routing
from bot.workflows.definition import Field, Gate, Values, Workflow
from bot.workflows.request import Request
from bot.workflows.routing import Context

SET_BY_SCHOOL = "Set by your school, not in the policy."
YES_NO = (Option(value="yes", label="Yes"), Option(value="no", label="No"))
GATES: dict[Gate, str] = {
    "danger": "Is anyone in danger now?",
    "image": "Might it be a sexual image of anyone under 18?",
}
_TEXT_KINDS: dict[str, TextKind] = {
    "text": "text",
    "long_text": "long_text",
    "address": "address",
    "addresses": "lines",
    "lines": "lines",
    "date": "date",
}


def gate_form(workflow: Workflow, state: FormState, values: Values, missing: bool = False) -> Form:
    """The questions asked before any field opens (SAFEGUARDING, must 4)."""
    inputs = tuple(
        Choice(
            id=gate,
            label=GATES[gate],
            options=YES_NO,
            value=tuple(values.get(gate, ())),
            error="Please answer yes or no." if missing and not values.get(gate) else "",
        )
        for gate in workflow.gates
    )
    return Form(id=workflow.id, title=workflow.title, inputs=inputs, submit="Continue", state=state.text())


def fields_form(
    workflow: Workflow,
    state: FormState,
    values: Values,
    staff: Staff,
    errors: dict[str, str] | None = None,
    intro: tuple[Part, ...] = (),
    extra: tuple[Input, ...] = (),
) -> Form:
    """The fields that apply to what is filled in so far, with errors at their fields."""
    fields = workflow.asked(values)
    steering = {c.field for f in workflow.fields for c in f.when}
    inputs = tuple(drawn(field, values, staff, errors or {}, field.id in steering) for field in fields)
    submit = "Continue" if workflow.concerns_people(values) and state.step == "fields" else "Send"
    return Form(
        id=workflow.id,
        title=workflow.title,
        intro=intro,
        inputs=(*inputs, *extra),
        submit=submit,
        state=state.text(),
        private=workflow.may_concern_people,
    )


def receivers(ctx: Context, request: Request) -> tuple[str, ...]:
    """Ids of everyone who will be asked, at any step, or told, in order, before it is sent."""
    stages = [stage for step in ctx.workflow.steps(request.values) for stage in step]
    holders = [h for stage in stages for seat in routing.seats(ctx, request, stage) for h in seat.holders]
    return tuple(dict.fromkeys(h.person for h in (*holders, *routing.told(ctx, request))))


def confirm_inputs(
    ctx: Context, people: tuple[str, ...], values: Values, errors: dict[str, str]
) -> tuple[Input, ...]:
    """`This goes to A and B: is it about either of them?` and the list to pick somebody else from."""
    names = {person.id: person.name for person in ctx.staff.current}
    about = tuple(values.get("about_receiver", ()))
    options = (
        Option(value="no", label="No"),
        *(Option(value=person, label=f"Yes, it is about {names[person]}") for person in people),
        Option(value="else", label="No, but it is about someone else on the staff"),
    )
    question = Choice(
        id="about_receiver",
        label="Is it about any of them, or about anyone else on the staff?",
        hint="Whoever it is about will not see it, and will not be told.",
        options=options,
        value=about,
        refreshes=True,
        error=errors.get("about_receiver", ""),
    )
    if "else" not in about:
        return (question,)
    return (question, picker("about_person", "Who is it about?", ctx.staff, values, errors))


def confirm_intro(ctx: Context, request: Request, people: tuple[str, ...]) -> tuple[Part, ...]:
    """Who will receive it, each by name and role; why the head is among them; what is not in the policy."""
    stages = [stage for step in ctx.workflow.steps(request.values) for stage in step]
    parts: list[Part] = [
        Text(text=f"This goes to: {'; '.join(describe(ctx, person) for person in people)}.", tone="strong")
    ]
    quiet: list[str] = []
    if any(routing.head_beside(ctx, request, stage) for stage in stages):
        quiet.append("National guidance sends a concern about staff to the head, so the head is asked too.")
    if any(stage.hides for stage in stages):
        quiet.append("Those who only deal with the website do not see who was involved.")
    by_school = (s for s in stages if s.set_by_school or s.route(request.values).set_by_school)
    quiet += [f"{stage.title}: {SET_BY_SCHOOL.lower()}" for stage in by_school]
    return (*parts, *(Text(text=line, tone="quiet") for line in quiet))


def describe(ctx: Context, person_id: str) -> str:
    """`Headteacher` or `A. Name, Headteacher`: name and roles, without saying the same twice."""
    if person_id == UNLISTED:
        return UNLISTED_NAME
    person = next((p for p in ctx.staff.people if p.id == person_id), None)
    if person is None:
        return "someone who has left"
    titles = [ctx.school.title(role) for role in ctx.staff.roles_of(person_id) if role in ctx.school.roles]
    return ", ".join(dict.fromkeys((person.name, *titles)))


def drawn(field: Field, values: Values, staff: Staff, errors: dict[str, str], refreshes: bool) -> Input:
    """One field of a definition as an input, with its value, hint and error."""
    hint = " ".join(filter(None, (field.hint, SET_BY_SCHOOL if field.set_by_school else "")))
    given = tuple(values.get(field.id, ()))
    error = errors.get(field.id, "")
    if field.kind == "person":
        return picker(field.id, field.label, staff, values, errors, hint, field.required, refreshes)
    if field.kind in ("choice", "choices", "yes_no", "entry"):
        options = (
            tuple(Option(value=o.value, label=o.label, detail=o.detail) for o in field.options) or YES_NO
        )
        details = tuple(
            (o.value, "".join(values.get(f"{field.id}.{o.value}", ()))) for o in options if o.detail
        )
        problems = [error, *(errors.get(f"{field.id}.{o.value}", "") for o in options if o.detail)]
        return Choice(
            id=field.id,
            label=field.label,
            options=options,
            several=field.kind == "choices",
            hint=hint,
            required=field.required,
            value=given,
            details=details,
            error=" ".join(filter(None, problems)),
            refreshes=refreshes,
        )
    return TextField(
        id=field.id,
        label=field.label,
        kind=_TEXT_KINDS[field.kind],
        hint=hint,
        required=field.required,
        value="\n".join(given),
        error=error,
        max_length=field.max_length,
    )


def picker(
    field_id: str,
    label: str,
    staff: Staff,
    values: Values,
    errors: dict[str, str],
    hint: str = "",
    required: bool = True,
    refreshes: bool = False,
) -> PersonPicker:
    """Somebody on the staff list."""
    return PersonPicker(
        id=field_id,
        label=label,
        people=tuple((person.id, person.name) for person in staff.current),
        hint=hint,
        required=required,
        value="".join(values.get(field_id, ())),
        error=errors.get(field_id, ""),
        refreshes=refreshes,
    )
