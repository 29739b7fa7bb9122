"""One party trying one thing, and whether it was let through: by what came back, and by what became of the request."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from ruamel.yaml import YAML

from bot.cards import Details, Form, OpenForm, Paper, Redraw, Reply
from bot.events import ButtonPressed, CommandCalled, Event, FormSubmitted
from bot.workflows.request import Request
from tests.adapters.everything import filled
from tests.authorisation.parties import SECRET, Party
from tests.school import text_of

TABLE: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("matrix.yaml").read_text("utf-8"))
PEOPLE: list[str] = TABLE["people"]
ACTIONS: list[str] = TABLE["actions"]
STATES = [
    (procedure, state)
    for procedure in TABLE
    if procedure not in ("people", "actions", "school")
    for state in TABLE[procedure]
]
FORMS = {"change", "approve", "refuse", "send_back", "done", "hand_on", "close", "add", "log", "settle",
    "name_subject", "link", "reassign"}  # fmt: skip
"""What opens a form first; the rest is done, or shown, at the press."""


def may(procedure: str, state: str, action: str) -> Sequence[str]:
    """Whom the table names there."""
    found: Mapping[str, Sequence[str]] = TABLE[procedure][state]
    assert set(found) <= set(ACTIONS), found
    return found.get(action, ())


def press(party: Party, action: str, request: Request) -> Event:
    """The event of a button that is pressed, whether or not anybody was ever shown it."""
    common = {"id": uuid4().hex, "who": party.who, "standing": party.standing}
    if action == "find":
        return CommandCalled(command="my-requests", text=request.reference, **common)
    return ButtonPressed(action=action, target=target(request, action), version=request.revision, **common)


def target(request: Request, action: str) -> str:
    """What a button of that action acts on: a request, in the stage that is open now."""
    whole = ("open", "print", "withdraw", "change", "add", "name_subject", "link")
    stage = request.open[0].stage if request.open and action not in whole else ""
    return f"{request.id}/{stage}" if stage else request.id


def sent(party: Party, form: Form) -> Event:
    """The event of a form that is sent, whoever it was opened for."""
    values = {key.replace("__", "."): entries for key, entries in filled(form, 0).items()}
    common = {"id": uuid4().hex, "who": party.who, "standing": party.standing}
    return FormSubmitted(form=form.id, state=form.state, values=values, **common)


def let_through(reply: Reply | None, action: str, request: Request, now: Request) -> bool:
    """Whether that is what somebody gets who may. None: nobody answered them at all."""
    match action:
        case "find":
            found = any(request.reference in card.title for card in getattr(reply, "cards", ()))
            return reply is not None and found
        case "open":
            return isinstance(reply, Details)
        case "print":
            return isinstance(reply, Paper)
        case _ if action in FORMS:
            return isinstance(reply, OpenForm)
    return isinstance(reply, Redraw) and now.revision != request.revision


def read_too_much(reply: Reply | None, named: bool, found: bool, request: Request) -> list[str]:
    """What a refusal gives away. `named`: they may open it; `found`: they may know that it exists."""
    shown = text_of(reply) if reply else ""
    told = [SECRET] if SECRET in shown and not named else []
    return told + ([request.reference] if request.reference in shown and not found else [])


def ordered(allowed: Iterable[str]) -> list[str]:
    """Everybody, those who may last: what they do changes the state."""
    return sorted(PEOPLE, key=lambda name: name in set(allowed))
