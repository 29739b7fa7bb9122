"""What somebody fills in when they act on a request: to approve, close, hand on, tick, link, and so on."""

from bot.cards import Choice, Form, Input, Option, Part, Text
from bot.cards import Field as TextField
from bot.formstate import FormState
from bot.workflows.answers import free_text
from bot.workflows.checklist import unsettled
from bot.workflows.definition import CaseAction, Field, Stage, Values
from bot.workflows.forms import SET_BY_SCHOOL, drawn, picker
from bot.workflows.request import Request
from bot.workflows.routing import Context

_REASONS = {
    "approve": "Reasons",
    "refuse": "Reasons",
    "send_back": "What should be changed?",
    "hand_on": "Note",
    "close": "Outcome",
    "add": "What would you like to add?",
    "reassign": "Reason",
}
SUBMIT = {
    "approve": ("Approve", "Approved."),
    "refuse": ("Refuse", "Refused."),
    "send_back": ("Send back", "Sent back."),
    "done": ("Done", "Recorded."),
    "close": ("Close", "Closed."),
    "hand_on": ("Hand on", "Handed on."),
    "add": ("Add a note", "Added."),
    "log": ("Add evidence", "Added."),
    "settle": ("Tick", "Recorded."),
    "name_subject": ("Keep it from them", "Recorded. They cannot see this."),
    "link": ("Link", "Linked."),
    "reassign": ("Give on", "Given on."),
}
"""What each action that asks something first is called on its form, and what is said afterwards."""
_TICKS = (Option(value="done", label="Done"), Option(value="dropped", label="Not needed"))


def action_form(
    ctx: Context,
    request: Request,
    stage: Stage,
    state: FormState,
    title: str,
    submit: str,
    values: Values,
    errors: dict[str, str],
) -> Form:
    """The form of an action: whom or what it is about, the fields of its stage, and the reason."""
    inputs: list[Input] = []
    if state.action == "settle":
        inputs += _ticking(request, stage, values, errors)
    if state.action in ("hand_on", "reassign"):
        label = "Hand on to" if state.action == "hand_on" else "Give to"
        inputs.append(picker("to", label, ctx.staff, values, errors))
    if state.action == "name_subject":
        hint = "They cannot see this from then on, and are not told. Others are asked instead."
        inputs.append(picker("subject", "Who is it about?", ctx.staff, values, errors, hint))
    if state.action == "link":
        hint = "You must be handling both. Those who sent them do not see the link."
        inputs.append(_text("reference", "Reference of the other report", values, errors, hint))
    fields = asked_for(request, stage, state.action, values)
    steering = {condition.field for field in fields for condition in field.when}
    known = {**request.values, **values}
    inputs += [drawn(f, values, ctx.staff, errors, f.id in steering) for f in fields if f.applies(known)]
    if label := _reason_label(state.action, values):
        inputs.append(
            TextField(
                id="reason",
                label=label,
                kind="long_text",
                required=state.action != "hand_on" and (state.action != "approve" or stage.reason_required),
                value="".join(values.get("reason", ())),
                error=errors.get("reason", ""),
            )
        )
    return Form(
        id=f"{ctx.workflow.id}-{state.action}",
        title=title,
        inputs=tuple(inputs),
        submit=submit,
        state=state.text(),
    )


def asked_for(request: Request, stage: Stage, action: str, values: Values) -> tuple[Field, ...]:
    """The fields of the definition that an action asks for."""
    if action in ("done", "close"):
        return stage.asks
    if action == "log":
        return stage.log
    chosen = ticked(request, stage, values) if action == "settle" else None
    return chosen.asks if chosen and "done" in values.get("settled", ()) else ()


def typed(stage: Stage, action: str, values: Values) -> tuple[str, ...]:
    """Everything somebody typed in their own words into the form of an action, for triage, whether what
    asked for it still stands there or not."""
    asked = {
        "done": stage.asks,
        "close": stage.asks,
        "log": stage.log,
        "settle": tuple(field for one in stage.actions for field in one.asks),
    }
    others = (*values.get("reason", ()), *values.get("reference", ()))
    return (*others, *free_text(asked.get(action, ()), values))


def ticked(request: Request, stage: Stage, values: Values) -> CaseAction | None:
    """Which unsettled action of a case was chosen; the only one when there is one; None when none was."""
    left = unsettled(request, stage)
    if len(left) == 1:
        return left[0]
    return next((action for action in left if action.id in values.get("action", ())), None)


def about_action(chosen: CaseAction | None) -> tuple[Part, ...]:
    """What the form says of the action that was chosen."""
    if chosen is None:
        return ()
    hints = (chosen.hint, SET_BY_SCHOOL if chosen.set_by_school else "")
    return (
        Text(text=chosen.label, tone="strong"),
        *(Text(text=hint, tone="quiet") for hint in hints if hint),
    )


def settling_errors(request: Request, stage: Stage, values: Values) -> dict[str, str]:
    """What is missing when something on the checklist is ticked."""
    missing = {}
    if ticked(request, stage, values) is None:
        missing["action"] = "Please choose something on the checklist."
    if not {"done", "dropped"}.intersection(values.get("settled", ())):
        missing["settled"] = "Please choose an answer."
    return missing


def needs_reason(stage: Stage, action: str, values: Values) -> bool:
    """Whether an action is kept with a reason."""
    if action == "approve":
        return stage.reason_required
    if action == "settle":
        return "dropped" in values.get("settled", ())
    return action in ("refuse", "send_back", "close", "add", "reassign")


def _ticking(request: Request, stage: Stage, values: Values, errors: dict[str, str]) -> tuple[Input, ...]:
    left = unsettled(request, stage)
    chosen = ticked(request, stage, values)
    which = Choice(
        id="action",
        label="Which one?",
        options=tuple(Option(value=action.id, label=action.label) for action in left),
        value=(chosen.id,) if chosen else (),
        error=errors.get("action", ""),
        refreshes=True,
    )
    how = Choice(
        id="settled",
        label="Is it done?",
        options=_TICKS,
        value=tuple(values.get("settled", ())),
        error=errors.get("settled", ""),
        refreshes=True,
    )
    return (which, how) if len(left) > 1 else (how,)


def _reason_label(action: str, values: Values) -> str:
    if action == "settle":
        return "Why is it not needed?" if "dropped" in values.get("settled", ()) else ""
    return _REASONS.get(action, "")


def _text(field_id: str, label: str, values: Values, errors: dict[str, str], hint: str) -> TextField:
    value, error = "".join(values.get(field_id, ())), errors.get(field_id, "")
    return TextField(id=field_id, label=label, hint=hint, value=value, error=error, max_length=40)
