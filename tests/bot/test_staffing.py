"""When staff change, whoever is asked instead learns of it, and the clock is theirs from then on."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.workflows import requests, staffing
from bot.workflows.change import Refused
from bot.workflows.definition import Workflow
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from tests.bot.small import MONDAY, concern, context, flow, later, sent, told_of, who

HOUR = timedelta(hours=1)
DECIDE = flow("  - {id: decide, kind: decide, title: Decide, who: {role: head}}\n")


def pupil(ctx: Context) -> Request:
    return sent(ctx, url="a.example", who="pupil")


def swept(ctx: Context, request: Request) -> Change:
    change = staffing.sweep(ctx, request)
    assert change is not None
    return change


def told(change: Change) -> set[tuple[str, str]]:
    return {(notice.person, notice.stage) for notice in change.notices if notice.kind == "asked"}


def same_school(workflow: Workflow, after: timedelta, **settings: object) -> Context:
    return context(workflow, now=MONDAY + after, **settings)  # type: ignore[arg-type]


def test_while_nobody_comes_or_goes_nothing_happens() -> None:
    ctx = context(concern())
    request = pupil(ctx)
    assert staffing.sweep(ctx, request) is None
    assert staffing.sweep(later(ctx, HOUR), request) is None


def test_the_deputy_is_told_when_the_holder_goes_away_unopened() -> None:
    ctx = context(concern())
    request = pupil(ctx)
    away = same_school(concern(), timedelta(minutes=20), away=["dsl"])
    change = swept(away, request)
    assert told(change) == {("deputy-dsl", "pupil")}
    assert any(notice.kind == "redraw" for notice in change.notices)
    assert change.taken.person == ""
    assert change.request.due_at == away.now + timedelta(minutes=10), "ICT's half hour runs on"
    assert change.request.waiting("pupil").opened_at == away.now, "the deputy has half an hour of their own"  # type: ignore[union-attr]
    assert staffing.sweep(away, change.request) is None


def test_a_holder_who_goes_away_after_opening_hands_over_to_the_deputy() -> None:
    ctx = context(concern())
    request = requests.receive(ctx, pupil(ctx), "pupil", "dsl", 1).request
    request = requests.opened(ctx, request, "ict").request
    assert request.due_at is None
    away = same_school(concern(), 3 * HOUR, away=["dsl"])
    change = swept(away, request)
    assert told(change) == {("deputy-dsl", "pupil")}
    waiting = change.request.waiting("pupil")
    assert waiting is not None
    assert (waiting.seen, waiting.received) == (False, False)
    assert change.request.due_at == away.now + timedelta(minutes=30), "and the next, if they leave it too"


def test_a_holder_who_comes_back_to_what_they_opened_is_not_hurried() -> None:
    ctx = context(concern())
    request = requests.opened(ctx, pupil(ctx), "ict").request
    request = requests.opened(ctx, request, "dsl").request
    away = same_school(concern(), HOUR, away=["dsl"])
    request = requests.opened(away, swept(away, request).request, "deputy-dsl").request
    back = swept(same_school(concern(), 2 * HOUR), request)
    assert told(back) == {("dsl", "pupil")}
    assert back.request.due_at is None


def test_further_people_keep_being_asked() -> None:
    ctx = context(concern())
    request = requests.opened(ctx, pupil(ctx), "ict").request
    half_past = later(ctx, timedelta(minutes=30))
    change = requests.tick(half_past, request)
    assert change is not None
    request = requests.opened(half_past, change.request, "deputy-dsl").request
    away = same_school(concern(), HOUR, away=["deputy-dsl"])
    change = swept(away, request)
    assert who(away, change.request, "pupil") > {"dsl"}
    assert change.request.due_at == away.now + timedelta(minutes=30)


def asks_after(holds: Mapping[str, tuple[str, ...]], left: tuple[str, ...] = ()) -> Change:
    ctx = context(DECIDE)
    changed = same_school(DECIDE, timedelta(days=7), holds=holds, left=left)
    return swept(changed, sent(ctx))


def test_a_role_given_to_somebody_else_asks_them() -> None:
    change = asks_after({"head": ("assistant",)})
    assert told(change) == {("assistant", "decide")}
    waiting = change.request.waiting("decide")
    assert waiting is not None
    assert waiting.opened_at == MONDAY + timedelta(days=7), "their own days before a reminder"


def test_a_leaver_is_replaced() -> None:
    assert told(asks_after({}, left=("head",))) == {("deputy-head", "decide")}


def test_a_second_holder_is_told_and_the_clock_of_the_first_runs_on() -> None:
    change = asks_after({"head": ("head", "assistant")})
    assert told(change) == {("assistant", "decide")}
    waiting = change.request.waiting("decide")
    assert waiting is not None
    assert waiting.opened_at == MONDAY


def test_nobody_it_is_about_is_told() -> None:
    workflow = concern()
    ctx = context(workflow)
    request = sent(ctx, url="a.example", who="staff", subjects=["assistant"])
    change = swept(same_school(workflow, HOUR, holds={"head": ("assistant", "supply")}), request)
    assert "assistant" not in {notice.person for notice in change.notices}


def test_what_is_finished_or_sent_back_is_left_alone() -> None:
    ctx = context(DECIDE)
    refused = requests.refuse(ctx, sent(ctx), "decide", "head", 1, "No.").request
    assert staffing.sweep(context(DECIDE, away=["head"]), refused) is None


def test_who_is_to_know_that_it_exists_changes_with_the_staff() -> None:
    known = concern(top=told_of("manager"))
    ctx = context(known)
    request = pupil(ctx)
    assert request.told == ("manager",)
    away = same_school(known, HOUR, away=["manager"])
    change = swept(away, request)
    assert [n.person for n in change.notices if n.kind == "told"] == ["deputy-head"]
    assert staffing.sweep(away, change.request) is None, "said once"
    given = same_school(known, HOUR, holds={"manager": ("assistant",)})
    change = swept(given, request)
    assert [n.person for n in change.notices if n.kind == "told"] == ["assistant"]
    nobody = same_school(known, HOUR, holds={"manager": ()}, away=["deputy-head"])
    assert staffing.sweep(nobody, swept(nobody, request).request) is None


def test_a_note_that_brings_the_absence_to_light_starts_the_deputys_own_clock() -> None:
    ctx = context(concern())
    request = requests.opened(ctx, pupil(ctx), "ict").request
    request = requests.opened(ctx, request, "dsl").request
    away = same_school(concern(), HOUR, away=["dsl"])
    change = requests.add(away, request, "teacher", "It is still there.")
    assert ("deputy-dsl", "pupil") in told(change)
    waiting = change.request.waiting("pupil")
    assert waiting is not None
    assert (waiting.seen, waiting.opened_at) == (False, away.now)
    assert change.request.due_at == away.now + timedelta(minutes=30)
    assert staffing.sweep(away, change.request) is None


def sent_back_to(sender: str) -> Request:
    flow_ = flow("  - {id: decide, kind: decide, title: Decide, who: {role: head}, may_send_back: true}\n")
    ctx = context(flow_)
    request = sent(ctx, sender)
    return requests.send_back(ctx, request, "decide", "head", request.revision, "Say why.").request


def test_what_was_sent_back_to_a_leaver_is_given_to_a_colleague_to_change() -> None:
    request = sent_back_to("teacher")
    gone = context(DECIDE, left=["teacher"])
    change = requests.reassign(gone, request, "decide", "administrator", "assistant", "She has left.")
    assert change.request.requester == "assistant"
    assert [n.person for n in change.notices if n.kind == "progress"] == ["assistant"]
    again = requests.resubmit(gone, change.request, "assistant", {"what": ("Crayons",)}).request
    assert who(gone, again) == {"head"}
    assert change.request.taken[0].person == "teacher", "who sent it first stays on record"


@pytest.mark.parametrize(
    ("left", "actor", "to"),
    [
        ((), "administrator", "assistant"),
        (("teacher",), "head", "assistant"),
        (("teacher",), "administrator", "administrator"),
        (("teacher", "assistant"), "administrator", "assistant"),
        (("teacher",), "administrator", "teacher"),
    ],
    ids=["still there", "not the administrator", "to oneself", "to a leaver", "back to the leaver"],
)
def test_it_is_given_to_nobody_else(left: tuple[str, ...], actor: str, to: str) -> None:
    request = sent_back_to("teacher")
    with pytest.raises(Refused):
        requests.reassign(context(DECIDE, left=left), request, "decide", actor, to, "Why not?")


def test_what_was_sent_back_to_a_leaver_is_not_given_to_somebody_who_has_acted_on_it() -> None:
    two = flow(
        "  - {id: check, kind: act, title: Check, who: {role: ict}}\n"
        "  - {id: decide, kind: decide, title: Decide, who: {role: head}, may_send_back: true}\n"
    )
    ctx = context(two)
    request = sent(ctx)
    request = requests.finish(ctx, request, "check", "ict", request.revision, "", {}).request
    request = requests.send_back(ctx, request, "decide", "head", request.revision, "Say why.").request
    gone = context(two, left=["teacher"])
    for acted in ("ict", "head"):
        with pytest.raises(Refused, match="dealt with it before"):
            requests.reassign(gone, request, "check", "administrator", acted, "She has left.")


def test_nothing_about_people_is_sent_back_by_a_step_that_sends_other_things_back() -> None:
    stages = "  - {id: check, kind: act, title: Check, who: {role: ict}, may_send_back: true}\n"
    ctx = context(concern(stages))
    request = pupil(ctx)
    with pytest.raises(Refused, match="cannot be sent back"):
        requests.send_back(ctx, request, "check", "ict", request.revision, "Which one?")
