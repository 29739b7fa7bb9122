"""Long forms in steps: which inputs stand in which modal. Pure.

A step is named by its first input. The modal carries that name behind the form's state, with those of the step after
and the one before it; what was filled in elsewhere is kept by the clerk, for a day, and never for a form about
people: that one is drawn whole (`bot/workflows/pagechecks.py` sees to it that it can be).
"""

from bot.cards import Choice, Field, Form, Input, PersonPicker, Text
from bot.formstate import FormState

LONGEST = 12
"""How many inputs stand in one step."""
CONTINUED = Text(
    text="You filled in some of this earlier. It is kept until it is sent, for a day at most.", tone="quiet"
)


def name(form: str, state: str) -> str:
    """Which form this is, of those one person may have half filled in."""
    known = FormState.read(state)
    return "/".join((known.school, form, known.request)) if known else form


def is_long(form: Form) -> bool:
    """Whether the form is shown in steps. Gates and actions are short, and are not kept."""
    state = FormState.read(form.state)
    kept = state is not None and state.step == "fields" and not form.private
    return kept and len(form.inputs) > LONGEST


def step(form: Form, first: str = "", *, continued: bool = False) -> Form:
    """The step that begins with the input `first`, or the first one where there is none of that name: the
    form with its inputs alone. `continued`: somebody comes back to it."""
    size = _size(form)
    at = next((n for n, item in enumerate(form.inputs) if item.id == first), 0)
    inputs, rest = form.inputs[at : at + size], form.inputs[at + size :]
    number = -(-at // size) + 1
    before = form.inputs[max(at - size, 0)].id if at else ""
    where = Text(text=f"Step {number} of {number + -(-len(rest) // size)}", tone="quiet")
    intro = (where, *form.intro) if at == 0 else (where,)
    return form.model_copy(
        update={
            "inputs": inputs,
            "intro": (*intro, CONTINUED) if continued else intro,
            "submit": "Continue" if rest else form.submit,
            "state": "\n".join((form.state, inputs[0].id, rest[0].id if rest else "", before)),
        }
    )


def named(state: str) -> tuple[str, str, str]:
    """The form's own state, the step the modal shows (empty for a whole form), and the one after it."""
    own, first, following, _ = _parts(state)
    return own, first, following


def previous(state: str) -> str:
    """The step before the one the modal shows; empty for the first, and for a whole form."""
    return _parts(state)[3]


def _parts(state: str) -> tuple[str, str, str, str]:
    """A modal's state as `step` wrote it. The form's own is opaque: a line break in it means nothing here."""
    match state.rsplit("\n", 3):
        case [own, first, following, before]:
            return own, first, following, before
        case _:
            return state, "", "", ""


def after(form: Form, first: str) -> str:
    """The step after the one that begins with `first`, in the form as it stands now; empty after the last."""
    return named(step(form, first).state)[2]


def _size(form: Form) -> int:
    """Steps of about the same length."""
    return -(-len(form.inputs) // -(-len(form.inputs) // LONGEST))


def holding(form: Form, wanted: str) -> str:
    """The step that holds an input of that name, or a detail of it; the last one where none does."""
    first, following = "", form.inputs[0].id
    while following:
        first, shown = following, step(form, following)
        if any(wanted == item.id or wanted.startswith(f"{item.id}.") for item in shown.inputs):
            return first
        following = after(form, first)
    return first


def filled(form: Form) -> dict[str, tuple[str, ...]]:
    """What stands in the form."""
    found: dict[str, tuple[str, ...]] = {}
    for item in form.inputs:
        found |= _filled(item)
    return {key: entries for key, entries in found.items() if entries}


def _filled(item: Input) -> dict[str, tuple[str, ...]]:
    match item:
        case Field(kind="lines"):
            return {item.id: tuple(item.value.splitlines())}
        case Field() | PersonPicker():
            return {item.id: (item.value,) if item.value else ()}
        case Choice():
            details = {f"{item.id}.{option}": (text,) for option, text in item.details if text}
            return {item.id: item.value, **details}
