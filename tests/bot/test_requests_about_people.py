"""Requests about people: received, noted on, closed with an outcome; somebody named later."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.workflows import change, requests, routing
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from tests.bot.small import PEOPLE, concern, context, later, sent, who
from tests.bot.steps import CONCERN, STEPS, asked_of, reported


def test_it_is_received_and_closed_with_an_outcome() -> None:
    ctx = context(CONCERN)
    request = reported(ctx)
    change = requests.receive(ctx, request, "pupil", "dsl", request.revision)
    assert [(n.kind, n.person) for n in change.notices] == [("progress", "teacher"), ("redraw", "")]
    request = change.request
    with pytest.raises(Refused, match="give a reason"):
        requests.close(ctx, request, "pupil", "dsl", request.revision, "")
    request = requests.close(ctx, request, "pupil", "dsl", request.revision, "Done.").request
    assert request.status == "open", "ICT has still to block the site"
    request = requests.finish(ctx, request, "block", "ict", request.revision, "", {}).request
    assert request.status == "closed"


@pytest.mark.parametrize(
    "doing",
    [
        lambda c, r: requests.approve(c, r, "pupil", "dsl", r.revision, "Yes."),
        lambda c, r: requests.refuse(c, r, "pupil", "dsl", r.revision, "No."),
        lambda c, r: requests.send_back(c, r, "pupil", "dsl", r.revision, "Why?"),
        lambda c, r: requests.send_back(c, r, "block", "ict", r.revision, "Why?"),
        lambda c, r: requests.withdraw(c, r, "teacher"),
        lambda c, r: requests.resubmit(c, r, "teacher", {}),
        lambda c, r: requests.finish(c, r, "pupil", "dsl", r.revision, "", {}),
    ],
)
def test_a_concern_is_never_decided_sent_back_or_withdrawn(
    doing: Callable[[Context, Request], Change],
) -> None:
    ctx = context(CONCERN)
    with pytest.raises(Refused):
        doing(ctx, reported(ctx))


@pytest.mark.parametrize("person", PEOPLE)
def test_notes_are_added_by_its_requester_and_its_handlers(person: str) -> None:
    ctx = context(CONCERN)
    request = reported(ctx)
    if person not in {"teacher", "ict", "dsl"}:
        with pytest.raises(NotYours):
            requests.add(ctx, request, person, "More.")
        return
    change = requests.add(ctx, request, person, " More. ")
    assert change.taken.reason == "More."
    assert asked_of(change) == {"ict", "dsl"} - {person}
    with pytest.raises(Refused, match="give a reason"):
        requests.add(ctx, request, person, " ")


def test_nothing_is_added_to_a_closed_one() -> None:
    ctx = context(concern("  - {id: pupil, kind: receive, title: P, who: {role: dsl}}\n"))
    request = reported(ctx)
    request = requests.close(ctx, request, "pupil", "dsl", request.revision, "Done.").request
    assert request.status == "closed"
    with pytest.raises(Overtaken, match="already closed"):
        requests.add(ctx, request, "teacher", "More.")


def test_naming_the_one_who_holds_it_takes_it_from_them_at_once() -> None:
    ctx = context(CONCERN)
    request = reported(ctx)
    request = requests.opened(ctx, request, "dsl").request
    request = requests.receive(ctx, request, "pupil", "dsl", request.revision).request
    moment = later(ctx, timedelta(hours=5))
    change = requests.name_subject(moment, request, "teacher", "dsl")
    assert asked_of(change) == {"head"}
    assert "dsl" not in {notice.person for notice in change.notices}
    named = change.request
    assert not routing.may_open(ctx, named, "dsl")
    for deed in (requests.receive, requests.opened):
        with pytest.raises(NotYours):
            deed(
                *(
                    [ctx, named, "pupil", "dsl", named.revision]
                    if deed is requests.receive
                    else [ctx, named, "dsl"]
                )
            )
    waiting = named.waiting("pupil")
    assert waiting is not None
    assert (waiting.opened_at, waiting.seen, waiting.received) == (moment.now, False, False)
    assert named.due_at is not None, "nobody but the one it is about had opened it"
    assert named.waiting("block") == request.waiting("block"), "ICT goes on as before"
    received = requests.receive(moment, named, "pupil", "head", named.revision).request
    assert received.waiting("pupil") is not None


def test_naming_the_head_later_brings_in_the_chair_and_shuts_out_their_deputy() -> None:
    ctx = context(CONCERN, away=["dsl", "deputy-dsl", "head"])
    request = reported(ctx)
    assert who(ctx, request, "pupil") == {"deputy-head"}
    change = requests.name_subject(ctx, request, "deputy-head", "head")
    assert asked_of(change) == {"chair"}
    assert not routing.may_open(ctx, change.request, "deputy-head")


def test_the_requester_may_turn_out_to_be_the_subject() -> None:
    ctx = context(CONCERN)
    change = requests.name_subject(ctx, reported(ctx), "dsl", "teacher")
    assert "teacher" not in {notice.person for notice in change.notices}
    assert not routing.may_open(ctx, change.request, "teacher")
    with pytest.raises(NotYours):
        requests.add(ctx, change.request, "teacher", "It was not me.")
    closing = requests.close(ctx, change.request, "pupil", "dsl", change.request.revision, "Done.")
    assert "teacher" not in {notice.person for notice in closing.notices}


def test_who_may_name_whom() -> None:
    ctx = context(CONCERN)
    for person in ("assistant", "deputy-dsl", "administrator"):
        with pytest.raises(NotYours):
            requests.name_subject(ctx, reported(ctx), person, "ict")
    with pytest.raises(Refused, match="staff list"):
        requests.name_subject(ctx, reported(ctx), "dsl", "Sam, year 3")
    plain = context(STEPS)
    with pytest.raises(NotYours):
        requests.name_subject(plain, sent(plain), "teacher", "head")


def test_a_concern_closed_already_is_still_kept_from_whom_it_turns_out_to_be_about() -> None:
    ctx = context(concern("  - {id: pupil, kind: receive, title: P, who: {role: dsl}}\n"))
    request = reported(ctx)
    request = requests.close(ctx, request, "pupil", "dsl", request.revision, "Done.").request
    named = requests.name_subject(ctx, request, "dsl", "teacher").request
    assert not routing.may_open(ctx, named, "teacher")
    assert named.status == "closed"


def test_naming_somebody_when_nobody_else_is_left_is_refused() -> None:
    ctx = context(CONCERN, left=["head", "deputy-head", "manager", "chair", "vice-chair"])
    with pytest.raises(change.NobodyLeft, match="LADO"):
        requests.name_subject(ctx, reported(ctx), "teacher", "dsl")
