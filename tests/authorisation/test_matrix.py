"""Every party by every action in every state: allowed or refused as `matrix.yaml` says, and nothing read by whoever
is refused. Here as the clerk itself sees it; `test_edges.py` sends the same through the page, Slack and Teams."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.cards import Message, OpenForm
from bot.events import CommandCalled
from bot.workflows.change import Refused
from tests.authorisation.parties import Town
from tests.authorisation.trying import (
    ACTIONS,
    FORMS,
    PEOPLE,
    STATES,
    TABLE,
    let_through,
    may,
    ordered,
    press,
    read_too_much,
    sent,
)
from tests.school import staged


@pytest.fixture
def town(home: Path) -> Iterator[Town]:
    for stage in staged(home):
        yield Town.settled(stage, home)


IN_THE_GATE = {
    ("unblock-request", "standing-in"),
    ("unblock-request", "deciding"),
    ("concern-about-staff", "closed"),
    ("concern-about-pupil", "sent"),
    ("concern-about-head", "sent"),
    ("report-abuse", "ticked"),
}
MARKED = [
    pytest.param(*place, marks=() if place in IN_THE_GATE else pytest.mark.slow, id="-".join(place))
    for place in STATES
]


@pytest.mark.parametrize(("procedure", "state"), MARKED)
def test_everybody_in_this_state(town: Town, procedure: str, state: str) -> None:
    town.stage.clerk.places.connect("slack", "T1", "aet")
    town.stage.clerk.places.connect("slack", "T1", "step")
    parties = {name: town.party(name, "slack", "T1") for name in PEOPLE}
    handle = town.stage.clerk.assistant.handle
    request = town.request(procedure, state)
    wrong = []
    for action in ACTIONS:
        allowed = may(procedure, state, action)
        forms = []
        for name in ordered(allowed):
            reply = handle(press(parties[name], action, request))
            now = town.loaded(request)
            if let_through(reply, action, request, now) != (name in allowed):
                wrong.append(
                    f"{name} {action}: {'refused' if name in allowed else 'let through'}: {type(reply).__name__}"
                )
            opens, finds = (name in may(procedure, state, what) for what in ("open", "find"))
            admin = name in may(procedure, state, "reassign")
            wrong += [
                f"{name} {action} reads {what}"
                for what in read_too_much(reply, opens, opens or finds or admin, request)
            ]
            if isinstance(reply, OpenForm):
                forms.append(reply.form)
            if now.revision != request.revision:
                request = town.request(procedure, state)
        for form in forms[:1] if action in FORMS else ():
            for name in (name for name in PEOPLE if name not in allowed):
                handle(sent(parties[name], form))
                if town.loaded(request).revision != request.revision:
                    wrong.append(f"{name} sent the form of {action}")
                    request = town.request(procedure, state)
    assert not wrong, "\n" + "\n".join(wrong)


def test_what_belongs_to_no_request(town: Town) -> None:
    """Registers as files, which only a page gives: a guest has none. Who belongs to another school gets that
    school's own lists, which `test_isolation.py` looks at."""
    assistant, registers = town.stage.clerk.assistant, town.stage.published.school.registers
    wrong = []
    for name in PEOPLE:
        party = town.party(name, "web", "elsewhere")
        for what, allowed in TABLE["school"].items():
            if name == "elsewhere" or (what in registers and name == "guest"):
                continue
            if what in registers:
                try:
                    let_in = bool(assistant.export(party.who, what))
                except Refused:
                    let_in = False
            else:
                asked = {"id": uuid4().hex, "who": party.who, "standing": party.standing}
                reply = assistant.handle(CommandCalled(command=what, **asked))
                let_in = isinstance(reply, Message) and reply.cards[0].mood not in ("bad", "safety")
            if let_in != (name in allowed):
                wrong.append(f"{name} {what}")
    assert wrong == []
