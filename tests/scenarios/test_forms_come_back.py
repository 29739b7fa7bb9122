"""A form that cannot be sent comes back with what was typed, and what happened above it."""

from datetime import timedelta

import pytest

from bot.cards import Button, FieldErrors, Form, Message, Redraw, Results, UpdateForm
from bot.triage import Judgement
from bot.workflows import requests
from bot.workflows.entry import Deed
from tests.scenarios.test_unblock_request import FILLED, send
from tests.school import Stage, form_of, text_of


def with_head(aet: Stage) -> Form:
    """A decision the head has begun to write."""
    send(aet)
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    return form_of(aet["headteacher"].presses("Approve"))


def test_a_decision_somebody_else_took_keeps_the_reasons(aet: Stage) -> None:
    head, deputy = aet["headteacher"], aet["deputy-headteacher"]
    aet.clerk.directory.set_role("aet", "headteacher", [head.id, deputy.id])
    form = with_head(aet)
    deputy.acts("Refuse", reason="Not this term.")
    reply = head.sends(form, reason="A long and careful reason.")
    assert isinstance(reply, UpdateForm)
    assert "Already refused by Deputy headteacher" in text_of(reply.before)
    assert "A long and careful reason." in text_of(reply.form)


def test_words_that_may_mean_a_child_come_back_with_the_calm_line(
    aet: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = with_head(aet)
    aet["class-teacher"].presses("Withdraw")
    monkeypatch.setattr("bot.assistant.judge_all", lambda texts: Judgement(unsure=bool(tuple(texts))))
    reply = aet["headteacher"].sends(form, reason="She has one already.")
    assert isinstance(reply, UpdateForm)
    assert "If this is about a real child" in text_of(reply.form)


def test_a_request_that_changed_meanwhile_is_shown_and_can_then_be_decided(aet: Stage) -> None:
    head, teacher = aet["headteacher"], aet["class-teacher"]
    form = with_head(aet)
    (request,) = aet.clerk.store.open_in("aet")
    ctx = aet.clerk.services.context(request)
    aet.clerk.store.save(requests.add(ctx, request, teacher.id, "The page has moved."))
    reply = head.sends(form, reason="Fine.")
    assert isinstance(reply, UpdateForm)
    assert "changed since the card was drawn" in text_of(reply.before)
    assert "The page has moved." in text_of(reply.before)
    assert isinstance(head.sends(reply, reason="Fine."), Redraw)


def test_the_same_form_sent_twice_loses_nothing_and_shows_what_became_of_it(aet: Stage) -> None:
    head = aet["headteacher"]
    form = with_head(aet)
    head.sends(form, reason="Fine.")
    assert isinstance(head.sends(form, reason="Fine."), Redraw)


def test_a_person_it_cannot_go_to_keeps_the_words(aet: Stage) -> None:
    with_head(aet)
    head = aet["headteacher"]
    hand_on = head.presses("Hand on")
    reply = head.sends(hand_on, to=aet["class-teacher"].id, reason="You know this site.")
    assert isinstance(reply, UpdateForm)
    assert "cannot go to that person" in text_of(reply.before)
    assert "You know this site." in text_of(reply.form)
    assert reply.form.id == form_of(hand_on).id


def test_whoever_may_not_have_it_any_more_gets_no_form_back(aet: Stage) -> None:
    form = with_head(aet)
    aet.clerk.directory.set_role("aet", "headteacher", [aet["dsl"].id])
    reply = aet["headteacher"].sends(form, reason="Fine.")
    assert isinstance(reply, Message)
    assert "not waiting for you" in text_of(reply)


def test_a_changed_request_that_was_withdrawn_meanwhile_keeps_the_text(aet: Stage) -> None:
    send(aet)
    aet["ict-technician"].acts("Send back", reason="Which page?")
    teacher = aet["class-teacher"]
    form = teacher.presses("Change and send again")
    teacher.presses("Withdraw")
    reply = teacher.sends(form, **FILLED | {"reasons": "A new and longer reason."})
    assert isinstance(reply, UpdateForm)
    assert "not waiting for you to change it" in text_of(reply.before)
    assert "A new and longer reason." in text_of(reply.form)


def test_a_reference_that_is_taken_is_drawn_again(aet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = aet["class-teacher"]
    drawn = iter("AAAAAAAAAABBBBB")
    monkeypatch.setattr(requests.secrets, "choice", lambda _: next(drawn))
    for _ in range(2):
        assert isinstance(teacher.sends(teacher.calls("unblock-request"), **FILLED), Message)
    references = {r.reference for r in aet.clerk.store.requested_by(teacher.id)}
    assert references == {"AET-AAAAA", "AET-BBBBB"}


def test_no_reference_at_all_keeps_the_form(aet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = aet["class-teacher"]
    monkeypatch.setattr(requests.secrets, "choice", lambda _: "A")
    teacher.sends(teacher.calls("unblock-request"), **FILLED)
    reply = teacher.sends(teacher.calls("unblock-request"), **FILLED)
    assert isinstance(reply, UpdateForm)
    assert FILLED["reasons"] in text_of(reply.form)
    assert not isinstance(reply, FieldErrors)


def test_an_entry_ended_meanwhile_keeps_the_reason_and_shows_how_it_ended(aet: Stage) -> None:
    office, officer = aet["office-manager"], aet["marketing-officer"]
    add = Button(action="register_add", label="Add", target="official-accounts")
    office.sends(office.presses(add), platform="Our page")
    (entry,) = aet.clerk.store.entries("aet", "official-accounts")
    end = Button(action="register_end", label="End", target=entry.id)
    form = officer.presses(end)
    office.sends(office.presses(end), reason="Closed by the office.")
    reply = officer.sends(form, reason="A long and careful reason.")
    assert isinstance(reply, UpdateForm)
    assert "ended already" in text_of(reply.before)
    assert "Closed by the office." in text_of(reply.before)
    assert "A long and careful reason." in text_of(reply.form)


def test_an_entry_that_is_about_them_by_now_comes_back_to_nobody(aet: Stage) -> None:
    office, officer = aet["office-manager"], aet["marketing-officer"]
    add = Button(action="register_add", label="Add", target="official-accounts")
    office.sends(office.presses(add), platform="Our page")
    (entry,) = aet.clerk.store.entries("aet", "official-accounts")
    form = officer.presses(Button(action="register_end", label="End", target=entry.id))
    about = entry.model_copy(update={"subjects": (officer.id,), "version": 2})
    deed = Deed(at=aet.clock.now(), action="entered", register_name=entry.name, entry=entry.id, version=2)
    aet.clerk.store.keep(about, deed)
    reply = officer.sends(form, reason="A long and careful reason.")
    assert isinstance(reply, Message)
    assert "Our page" not in text_of(reply)


def test_a_step_that_cannot_be_given_to_that_person_keeps_the_reason(aet: Stage) -> None:
    office = aet["office-manager"]
    send(aet)
    aet.clock.pass_by(timedelta(days=4))
    aet.deliver()
    stuck = office.calls("stuck-requests")
    assert isinstance(stuck, Results)
    form = office.presses(stuck.cards[0].buttons[0])
    sender = aet["class-teacher"].id
    reply = office.sends(form, to=sender, reason="A long and careful reason.")
    assert isinstance(reply, UpdateForm)
    assert "It cannot go to that person" in text_of(reply.before)
    assert "A long and careful reason." in text_of(reply.form)
    assert FILLED["reasons"] not in text_of(reply), "whoever reassigns does not see what was sent"
    assert "Given on." in text_of(
        office.sends(reply, to=aet["online-safety-lead"].id, reason="A long and careful reason.")
    )
