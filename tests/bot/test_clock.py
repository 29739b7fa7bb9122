"""The clock: reminders in school days, escalation in real time, and what stops them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.workflows import requests
from bot.workflows.change import NotYours
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from tests.bot.small import concern, context, later, sent, who
from tests.bot.steps import CONCERN, STEPS, asked_of, reported


def ticked(ctx: Context, request: Request) -> Change:
    change = requests.tick(ctx, request)
    assert change is not None
    return change


def utc(year: int, month: int, day: int, hour: int = 9, minute: int = 30) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def at(ctx: Context, moment: datetime) -> Context:
    return later(ctx, moment - ctx.now)


@pytest.mark.parametrize(
    ("start", "looks"),
    [
        # 2, 6, 14 school days; half-term 26-30 October; clocks go back on the 25th
        (utc(2026, 10, 21, 8), [utc(2026, 10, 23, 8), utc(2026, 11, 5, 9), utc(2026, 11, 17, 9)]),
        # over the early May bank holiday (Monday the 3rd), and half-term from 31 May to 4 June
        (utc(2027, 4, 30, 8), [utc(2027, 5, 5, 8), utc(2027, 5, 11, 8), utc(2027, 5, 21, 8)]),
        # over summer, 22 July to 1 September
        (utc(2027, 7, 20, 8), [utc(2027, 9, 2, 8), utc(2027, 9, 8, 8), utc(2027, 9, 20, 8)]),
        # sent on a Saturday night
        (
            utc(2026, 11, 14, 23),
            [utc(2026, 11, 17, 16, 0), utc(2026, 11, 23, 16, 0), utc(2026, 12, 3, 16, 0)],
        ),
    ],
)
def test_reminders_of_decisions_back_off_in_school_days(start: datetime, looks: list[datetime]) -> None:
    ctx = at(context(STEPS), start)
    request = sent(ctx)
    for look in looks:
        assert request.due_at == look
        assert requests.tick(at(ctx, look - timedelta(seconds=1)), request) is None
        change = ticked(at(ctx, look), request)
        assert [(n.kind, n.person) for n in change.notices] == [("reminded", "ict"), ("redraw", "")]
        assert change.taken.action == "reminded"
        request = change.request
        assert who(ctx, request) == {"ict"}, "a decision is not taken from anyone by the clock"
    assert request.revision == 1, "a reminder does not make an open form stale"


@pytest.mark.parametrize(
    "start", [utc(2026, 11, 9, 10), utc(2026, 11, 9, 23, 50), utc(2026, 10, 28, 3), utc(2026, 12, 25, 12)]
)
def test_a_concern_escalates_every_half_hour_day_or_night_until_it_is_opened(start: datetime) -> None:
    ctx = at(context(concern("  - {id: pupil, kind: receive, title: P, who: {role: dsl}}\n")), start)
    request = reported(ctx)
    order = ["deputy-dsl", "deputy-head", "manager", "chair", "vice-chair"]
    for i, new in enumerate(order):
        assert request.due_at == start + timedelta(minutes=30) * (i + 1)
        assert requests.tick(at(ctx, request.due_at - timedelta(seconds=1)), request) is None
        change = ticked(at(ctx, request.due_at), request)
        assert asked_of(change) == {new}
        assert {n.person for n in change.notices if n.kind == "reminded"} == {"dsl", *order[:i]}
        assert change.taken.action == "escalated"
        request = change.request
    assert who(ctx, request) == {"dsl", *order}
    assert request.due_at is not None, "still unopened: those asked are reminded"
    request = requests.opened(at(ctx, request.due_at), request, "manager").request
    assert request.due_at is None
    assert requests.tick(at(ctx, start + timedelta(days=9)), request) is None


def test_the_school_sets_how_long_a_concern_may_lie_unopened() -> None:
    ctx = context(CONCERN)
    calendar = ctx.school.calendar.model_copy(update={"unopened_minutes": 10})
    ctx = ctx.model_copy(update={"school": ctx.school.model_copy(update={"calendar": calendar})})
    assert reported(ctx).due_at == ctx.now + timedelta(minutes=10)


def test_a_declared_relationship_runs_in_school_time() -> None:
    workflow = concern(
        "  - {id: pupil, kind: receive, title: P, who: {role: dsl}}\n", top="school_time: true\n"
    )
    ctx = at(context(workflow), utc(2026, 11, 13, 15))
    request = reported(ctx)
    assert request.due_at == utc(2026, 11, 17, 15)
    change = ticked(at(ctx, utc(2026, 11, 17, 15)), request)
    assert (change.taken.action, asked_of(change)) == ("reminded", set())


def test_of_two_stages_only_the_late_one_escalates() -> None:
    ctx = context(CONCERN)
    request = reported(ctx)
    half_past = at(ctx, ctx.now + timedelta(minutes=29))
    request = requests.hand_on(half_past, request, "block", "ict", request.revision, "assistant", "").request
    change = ticked(at(ctx, ctx.now + timedelta(minutes=30)), request)
    assert asked_of(change) == {"deputy-dsl"}
    assert who(ctx, change.request, "block") == {"assistant"}


def test_opening_one_of_two_stages_leaves_the_other_running() -> None:
    ctx = context(CONCERN)
    request = requests.opened(ctx, reported(ctx), "ict").request
    change = ticked(at(ctx, ctx.now + timedelta(minutes=30)), request)
    assert asked_of(change) == {"deputy-dsl"}
    assert {n.person for n in change.notices if n.kind == "reminded"} == {"dsl"}


def test_one_opening_is_enough_for_somebody_asked_twice() -> None:
    ctx = context(CONCERN, holds={"ict": ("dsl",)})
    request = requests.opened(ctx, reported(ctx), "dsl").request
    assert request.due_at is None


def test_only_who_is_asked_stops_the_clock_by_opening() -> None:
    ctx = context(CONCERN)
    for person in ("teacher", "head", "deputy-dsl", "assistant"):
        with pytest.raises(NotYours):
            requests.opened(ctx, reported(ctx), person)


def test_handed_on_and_not_opened_it_escalates_back() -> None:
    ctx = context(concern("  - {id: pupil, kind: receive, title: P, who: {role: dsl}}\n"))
    request = requests.opened(ctx, reported(ctx), "dsl").request
    request = requests.hand_on(ctx, request, "pupil", "dsl", request.revision, "assistant", "").request
    assert request.due_at == ctx.now + timedelta(minutes=30)
    for expected in ({"assistant", "dsl"}, {"assistant", "dsl", "deputy-dsl"}):
        assert request.due_at is not None
        request = ticked(at(ctx, request.due_at), request).request
        assert who(ctx, request) == expected
    assert "received" not in {t.action for t in request.taken}


def test_after_an_outage_everybody_whose_turn_has_come_is_asked_at_once() -> None:
    ctx = context(concern("  - {id: pupil, kind: receive, title: P, who: {role: dsl}}\n"))
    request = reported(ctx)
    morning = at(ctx, ctx.now + timedelta(hours=1, minutes=5))
    request = ticked(morning, request).request
    assert who(ctx, request) == {"dsl", "deputy-dsl", "deputy-head"}
    assert requests.tick(morning, request) is None


def test_the_clock_leaves_what_is_finished_alone() -> None:
    ctx = context(STEPS)
    request = requests.withdraw(ctx, sent(ctx), "teacher").request
    assert requests.tick(at(ctx, utc(2027, 1, 1)), request) is None
    back = requests.send_back(ctx, sent(ctx), "check", "ict", 1, "Which?").request
    assert requests.tick(at(ctx, utc(2027, 1, 1)), back) is None
