"""A form's state and a button's value are kept and logged by platforms: nothing somebody typed is in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cards import Button, Details, FieldErrors, Form, Message, OpenForm, Reply, UpdateForm
from bot.formstate import FormState
from bot.workflows.actionforms import SUBMIT
from tests.school import Player, Stage, form_of, staged, text_of

TYPED = {
    "url": "https://typed.example/one",
    "nature": "TYPED nature of it",
    "pupil_name": "TYPED name",
    "content": "TYPED content",
    "reasons": "TYPED reasons",
    "risks": "TYPED risks",
}
REASON = "TYPED reason"


@pytest.fixture
def aet(home: Path) -> Iterator[Stage]:
    yield from staged(home, "aet")


def buttons(shown: object) -> Iterator[Button]:
    """Every button anywhere in a reply."""
    if isinstance(shown, Button):
        yield shown
    elif isinstance(shown, tuple | list):
        for part in shown:
            yield from buttons(part)
    elif hasattr(type(shown), "model_fields"):
        for name in type(shown).model_fields:
            yield from buttons(getattr(shown, name))


def carries_nothing(reply: Reply | Form | tuple[object, ...]) -> None:
    form = reply if isinstance(reply, Form) else getattr(reply, "form", None)
    carried = [f"{b.action} {b.target}" for b in buttons(reply)]
    if form:
        carried += [form.id, form.state]
        assert FormState.read(form.state) is not None
        assert len(form.state) < 3000, "Slack's limit"
    for text in carried:
        assert "TYPED" not in text
        assert "typed" not in text


def test_reporting_about_a_pupil_step_by_step(aet: Stage) -> None:
    teacher, dsl = aet["class-teacher"], aet["dsl"]
    gates = teacher.calls("report-content")
    fields = teacher.sends(gates, danger="no", image="no")
    filled = {key: TYPED[key] for key in ("url", "nature", "pupil_name")} | {"who": "pupil"}
    errors = teacher.sends(fields, **{**filled, "nature": ""})
    changed = teacher.changes(fields, **filled)
    confirm = teacher.sends(fields, **filled)
    picking = teacher.changes(confirm, **filled, about_receiver="else")
    unsure = teacher.sends(confirm, **filled, about_receiver="TYPED nonsense")
    named = teacher.sends(confirm, **filled, about_receiver=dsl.id)
    sent = teacher.sends(named, **filled, about_receiver="no")
    aet.deliver()
    kinds = [OpenForm, UpdateForm, FieldErrors, UpdateForm, UpdateForm, UpdateForm, FieldErrors, UpdateForm]
    replies = [gates, fields, errors, changed, confirm, picking, unsure, named]
    assert [type(reply) for reply in replies] == kinds
    for reply in (*replies, sent):
        carries_nothing(reply)
    head = aet["headteacher"]
    details = head.presses("Open details")
    assert isinstance(details, Details)
    carries_nothing(details)
    for player in aet.players.values():
        carries_nothing(player.feed())


def pressed(player: Player, action: str) -> Button:
    return next(b for card in player.feed() for b in card.buttons if b.action == action)


def test_deciding_with_reasons_and_errors(aet: Stage) -> None:
    teacher, technician, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]
    filled = {key: TYPED[key] for key in ("url", "content", "reasons", "risks")} | {"for_pupils": "no"}
    carries_nothing(teacher.sends(teacher.calls("unblock-request"), **filled))
    aet.deliver()
    done = technician.presses("Pass to headteacher")
    carries_nothing(done)
    carries_nothing(technician.sends(done, technical_risks=REASON))
    carries_nothing(technician.sends(done, technical_risks=REASON, blocked="yes"))
    aet.deliver()
    for action in ("approve", "refuse", "hand_on"):
        form = head.presses(pressed(head, action))
        carries_nothing(form)
        wrong = head.sends(form, reason="" if action != "hand_on" else REASON, to="TYPED person")
        assert isinstance(wrong, FieldErrors)
        carries_nothing(wrong)
    carries_nothing(head.acts("Approve", reason=REASON))
    carries_nothing(teacher.feed())


def test_a_safety_card_keeps_what_was_typed_in_the_form_alone(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    filled = {key: TYPED[key] for key in ("url", "content", "risks")} | {"for_pupils": "no"}
    told = "TYPED: she told me her uncle touches her"
    reply = teacher.sends(teacher.calls("unblock-request"), **filled, reasons=told)
    assert isinstance(reply, UpdateForm)
    assert reply.before
    carries_nothing(reply)


def test_help_is_not_hidden_behind_a_required_field(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    told = "she told me her uncle touches her"
    reply = teacher.sends(teacher.calls("unblock-request"), reasons=told)
    assert isinstance(reply, UpdateForm)
    assert reply.before[0].mood == "safety"
    assert any(getattr(i, "error", "") for i in form_of(reply).inputs)
    assert isinstance(teacher.sends(reply, reasons=told), FieldErrors)


def test_nor_when_deciding(aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    filled = {key: TYPED[key] for key in ("url", "content", "reasons", "risks")} | {"for_pupils": "no"}
    teacher.sends(teacher.calls("unblock-request"), **filled)
    aet.deliver()
    reply = technician.acts("Pass to headteacher", technical_risks="he told me he wants to die")
    assert isinstance(reply, UpdateForm)
    assert reply.before[0].mood == "safety"


def test_a_reason_of_three_thousand_characters_and_one_more(aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    filled = {key: TYPED[key] for key in ("url", "content", "reasons", "risks")} | {"for_pupils": "no"}
    teacher.sends(teacher.calls("unblock-request"), **filled)
    aet.deliver()
    form = technician.presses("Send back")
    reply = technician.sends(form, reason="ŵ" * 3001)
    assert isinstance(reply, FieldErrors)
    assert reply.errors == (("reason", "Please shorten this to 3,000 characters."),)
    assert not isinstance(technician.sends(form, reason="ŵ" * 3000), FieldErrors)


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "no-such"},
        {"action": "erase"},
        {"request": "no-such"},
        {"action": "approve"},
        {"action": "done"},
        {"action": "add"},
    ],
)
def test_a_forged_state_does_nothing(change: dict[str, str], aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    filled = {key: TYPED[key] for key in ("url", "content", "reasons", "risks")} | {"for_pupils": "no"}
    teacher.sends(teacher.calls("unblock-request"), **filled)
    aet.deliver()
    form = form_of(technician.presses("Send back"))
    state = FormState.read(form.state)
    assert state is not None
    forged = form.model_copy(update={"state": state.model_copy(update=change).text()})
    outsider = aet["teaching-assistant"]
    for reply in (outsider.sends(forged, reason="Mine."), outsider.sends(forged)):
        assert isinstance(reply, Message)
        assert "not done" in reply.cards[0].title
    if "action" in change and change["action"] == "erase":
        reply = technician.sends(forged, reason="she wants to die")
        assert "not known any more" in text_of(reply)
    assert "Waiting for: Check by ICT" in teacher.sees()


@pytest.mark.parametrize("change", [{"version": "never"}, {"workflow": "no-such-form"}])
@pytest.mark.parametrize("step", ["gates", "fields", "confirm"])
def test_a_form_of_a_procedure_that_never_was_is_refused_in_words(
    change: dict[str, str], step: str, aet: Stage
) -> None:
    teacher = aet["class-teacher"]
    form = form_of(teacher.calls("unblock-request"))
    state = FormState.read(form.state)
    assert state is not None
    forged = form.model_copy(update={"state": state.model_copy(update={**change, "step": step}).text()})
    for reply in (teacher.sends(forged, reasons="she wants to die"), teacher.changes(forged)):
        assert "cannot be read any more" in text_of(reply)
    assert "999" in text_of(teacher.sends(forged, reasons="she wants to die"))


def test_the_state_comes_back_as_it_went_and_nothing_else_is_read() -> None:
    state = FormState(
        token="t", workflow="w", version="v", step="action", action=next(iter(SUBMIT)), revision=3
    )
    assert FormState.read(state.text()) == state
    for text in ("", "{}", "[]", "no json", '{"token": "t", "workflow": "w", "version": "v", "typed": "x"}'):
        assert FormState.read(text) is None
