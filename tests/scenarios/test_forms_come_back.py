"""A form that cannot be sent comes back with what was typed, and what happened above it."""

import pytest

from bot.cards import FieldErrors, Form, Message, Redraw, UpdateForm
from bot.triage import Judgement
from bot.workflows import requests
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
