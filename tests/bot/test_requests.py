"""Each thing that can be done with a request: when it may be, when not, who is told, and the clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.workflows import answers, change, requests, routing
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from tests.bot.small import PEOPLE, concern, context, flow, later, sent, told_of, who

STEPS = flow("""\
  - id: check
    kind: act
    title: Check
    who: {role: ict}
    may_send_back: true
    asks: [{id: blocked, kind: yes_no, label: Blocked?}]
  - {id: decision, kind: decide, title: Decision, who: {role: head}}
  - {id: read, kind: acknowledge, title: Read, who: {role: manager}}
""")
CONCERN = concern(top=told_of("head"))


def at_decision(ctx: Context) -> Request:
    request = sent(ctx)
    return requests.finish(ctx, request, "check", "ict", request.revision, "", {}).request


def asked_of(change: Change) -> set[str]:
    return {notice.person for notice in change.notices if notice.kind == "asked"}


def reported(ctx: Context, requester: str = "teacher", **values: str) -> Request:
    return sent(ctx, requester, **{"url": "a.org", "who": "pupil"} | values)


# Submit


def test_submitting_asks_the_first_step_and_says_so() -> None:
    ctx = context(STEPS)
    change = requests.submit(
        ctx, request_id="r1", requester="teacher", values={"what": ("Paint",)}, policy_version="2026"
    )
    assert (change.request.status, change.request.version, change.request.revision) == ("open", 1, 1)
    assert change.request.workflow_version == STEPS.version
    assert change.request.reference.startswith("EG-")
    assert [(n.kind, n.person, n.stage) for n in change.notices] == [
        ("asked", "ict", "check"),
        ("progress", "teacher", ""),
    ]


def test_submitting_tells_whom_the_policy_wants_told() -> None:
    ctx = context(CONCERN)
    change = requests.submit(
        ctx, request_id="r", requester="teacher", values={"who": ("pupil",)}, policy_version="1", urgent=True
    )
    assert {(n.kind, n.person) for n in change.notices} == {
        ("asked", "ict"),
        ("asked", "dsl"),
        ("told", "head"),
        ("progress", "teacher"),
    }
    assert change.request.urgent


# A decision, from check to end


def test_through_every_stage_to_the_end() -> None:
    ctx = context(STEPS)
    request = at_decision(ctx)
    change = requests.approve(ctx, request, "decision", "head", request.revision, " Good. ")
    assert (change.taken.reason, change.taken.role, change.taken.stage) == ("Good.", "head", "decision")
    assert asked_of(change) == {"manager"}
    request = change.request
    done = requests.finish(ctx, request, "read", "manager", request.revision, "", {})
    assert (done.request.status, done.request.open, done.request.due_at) == ("completed", (), None)
    assert done.taken.action == "acknowledged"
    assert done.request.version == 4


def test_a_refusal_ends_it_and_needs_a_reason_always() -> None:
    workflow = flow("  - {id: decision, kind: decide, title: D, who: {role: head}, reason_required: false}\n")
    ctx = context(workflow)
    request = sent(ctx)
    with pytest.raises(Refused, match="give a reason"):
        requests.refuse(ctx, request, "decision", "head", 1, "  ")
    change = requests.refuse(ctx, request, "decision", "head", 1, "No.")
    assert (change.request.status, change.request.open) == ("refused", ())
    assert requests.approve(ctx, request, "decision", "head", 1, "").request.status == "completed"


def test_approving_and_sending_back_need_a_reason() -> None:
    ctx = context(STEPS)
    request = at_decision(ctx)
    with pytest.raises(Refused, match="give a reason"):
        requests.approve(ctx, request, "decision", "head", request.revision, "")
    with pytest.raises(Refused, match="give a reason"):
        requests.send_back(ctx, sent(ctx), "check", "ict", 1, " ")


Doing = Callable[[Context, Request, str, int], Change]
DEEDS: dict[str, Doing] = {
    "approve": lambda c, r, p, v: requests.approve(c, r, "decision", p, v, "Yes."),
    "refuse": lambda c, r, p, v: requests.refuse(c, r, "decision", p, v, "No."),
    "hand_on": lambda c, r, p, v: requests.hand_on(c, r, "decision", p, v, "assistant", "Please."),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("person", PEOPLE)
def test_only_the_head_acts_on_the_decision(deed: str, person: str) -> None:
    ctx = context(STEPS)
    request = at_decision(ctx)
    if person == "head":
        assert DEEDS[deed](ctx, request, person, request.revision).taken.person == "head"
        return
    with pytest.raises(NotYours):
        DEEDS[deed](ctx, request, person, request.revision)


@pytest.mark.parametrize("deed", DEEDS)
def test_an_older_card_does_nothing(deed: str) -> None:
    ctx = context(STEPS)
    request = at_decision(ctx)
    with pytest.raises(Overtaken, match="changed since the card was drawn"):
        DEEDS[deed](ctx, request, "head", request.revision - 1)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("end", ["approve", "refuse", "withdraw"])
def test_a_decided_request_changes_no_more(deed: str, end: str) -> None:
    ctx = context(STEPS)
    request = at_decision(ctx)
    if end == "withdraw":
        ended = requests.withdraw(ctx, request, "teacher").request
    else:
        ended = DEEDS[end](ctx, request, "head", request.revision).request
    with pytest.raises(Refused) as said:
        DEEDS[deed](ctx, ended, "head", ended.revision)
    if end != "withdraw":
        assert (
            str(said.value)
            == f"Already {'approved' if end == 'approve' else 'refused'} by Head, 9 Nov 2026, 09:30."
        )


@pytest.mark.parametrize(
    "doing",
    [
        lambda c, r: requests.approve(c, r, "check", "ict", 1, "Yes."),
        lambda c, r: requests.refuse(c, r, "check", "ict", 1, "No."),
        lambda c, r: requests.receive(c, r, "check", "ict", 1),
        lambda c, r: requests.close(c, r, "check", "ict", 1, "Done."),
        lambda c, r: requests.finish(c, r, "decision", "head", 1, "", {}),
        lambda c, r: requests.send_back(c, r, "read", "manager", 1, "Why?"),
        lambda c, r: requests.hand_on(c, r, "read", "manager", 1, "assistant", ""),
        lambda c, r: requests.approve(c, r, "no-such-stage", "head", 1, "Yes."),
    ],
)
def test_what_does_not_belong_to_a_stage_is_refused_in_words(
    doing: Callable[[Context, Request], Change],
) -> None:
    ctx = context(STEPS)
    with pytest.raises(Refused, match="cannot be done at this step"):
        doing(ctx, sent(ctx))


def test_a_stage_that_is_not_open_yet_waits() -> None:
    ctx = context(STEPS)
    with pytest.raises(Overtaken, match="not waiting for anyone"):
        requests.approve(ctx, sent(ctx), "decision", "head", 1, "Yes.")


# Back to the requester


def test_sent_back_changed_and_sent_again_starts_over() -> None:
    ctx = context(STEPS)
    back = requests.send_back(ctx, sent(ctx), "check", "ict", 1, "Which?").request
    assert (back.status, back.open, back.due_at) == ("sent_back", (), None)
    with pytest.raises(NotYours):
        requests.resubmit(ctx, back, "assistant", {"what": ("Mine",)})
    again = requests.resubmit(ctx, back, "teacher", {"what": ("Chalk",)})
    assert (again.request.status, again.request.values) == ("open", {"what": ("Chalk",)})
    assert asked_of(again) == {"ict"}
    assert again.request.step == 0
    with pytest.raises(Overtaken):
        requests.resubmit(ctx, again.request, "teacher", {"what": ("Glue",)})
    with pytest.raises(Overtaken, match="changed since"):
        requests.finish(ctx, again.request, "check", "ict", back.revision, "", {})


def test_nothing_signed_before_it_was_sent_back_counts() -> None:
    twice = "all_of: [head, manager]"
    workflow = flow(f"  - {{id: decision, kind: decide, title: D, who: {{{twice}}}, may_send_back: true}}\n")
    ctx = context(workflow)
    request = requests.approve(ctx, sent(ctx), "decision", "head", 1, "Yes.").request
    request = requests.send_back(ctx, request, "decision", "manager", request.revision, "Which?").request
    request = requests.resubmit(ctx, request, "teacher", {"what": ("Chalk",)}).request
    assert who(ctx, request) == {"head", "manager"}


def test_a_stage_that_does_not_send_back_does_not() -> None:
    ctx = context(STEPS)
    request = at_decision(ctx)
    with pytest.raises(Refused, match="cannot be sent back"):
        requests.send_back(ctx, request, "decision", "head", request.revision, "Why?")


def test_withdrawing() -> None:
    ctx = context(STEPS)
    request = sent(ctx)
    for person in ("ict", "head", "administrator"):
        with pytest.raises(NotYours):
            requests.withdraw(ctx, request, person)
    taken_back = requests.withdraw(ctx, request, "teacher").request
    assert taken_back.status == "withdrawn"
    with pytest.raises(Overtaken):
        requests.withdraw(ctx, taken_back, "teacher")
    back = requests.send_back(ctx, request, "check", "ict", 1, "Which?").request
    assert requests.withdraw(ctx, back, "teacher").request.status == "withdrawn"


# To somebody else


def test_handing_on_moves_the_stage_and_its_clock() -> None:
    ctx = context(STEPS)
    moment = later(ctx, timedelta(hours=1))
    change = requests.hand_on(moment, sent(ctx), "check", "ict", 1, "assistant", "Please.")
    assert asked_of(change) == {"assistant"}
    assert who(ctx, change.request) == {"assistant"}
    assert change.request.open[0].opened_at == moment.now
    with pytest.raises(NotYours):
        requests.finish(ctx, change.request, "check", "ict", change.request.revision, "", {})
    done = requests.finish(ctx, change.request, "check", "assistant", change.request.revision, "", {})
    assert who(ctx, done.request) == {"head"}


@pytest.mark.parametrize("to", ["teacher", "gone", "off", "nobody"])
def test_handing_on_to_someone_who_cannot_is_refused(to: str) -> None:
    holds = {"helper": ("gone", "off")}
    ctx = context(STEPS, holds=holds, left=["gone"], away=["off"])
    with pytest.raises(Refused, match="cannot go to that person"):
        requests.hand_on(ctx, sent(ctx), "check", "ict", 1, to, "")


def test_a_decision_is_not_handed_on_to_who_checked_it() -> None:
    ctx = context(STEPS)
    request = at_decision(ctx)
    with pytest.raises(Refused, match="cannot go to that person"):
        requests.hand_on(ctx, request, "decision", "head", request.revision, "ict", "")


def test_when_the_one_it_was_handed_on_to_is_away_it_comes_back() -> None:
    ctx = context(STEPS)
    request = requests.hand_on(ctx, sent(ctx), "check", "ict", 1, "assistant", "").request
    assert who(context(STEPS, away=["assistant"]), request) == {"ict"}


@pytest.mark.parametrize("person", [p for p in PEOPLE if p != "administrator"])
def test_only_the_administrator_reassigns(person: str) -> None:
    ctx = context(STEPS)
    with pytest.raises(NotYours, match="administrator"):
        requests.reassign(ctx, sent(ctx), "check", person, "assistant", "Stuck.")


def test_the_administrator_reassigns_with_a_reason_to_others_and_sees_nothing_by_it() -> None:
    ctx = context(STEPS)
    request = sent(ctx)
    with pytest.raises(Refused, match="give a reason"):
        requests.reassign(ctx, request, "check", "administrator", "assistant", "")
    with pytest.raises(Refused, match="yourself"):
        requests.reassign(ctx, request, "check", "administrator", "administrator", "Mine.")
    with pytest.raises(Overtaken):
        requests.reassign(ctx, request, "decision", "administrator", "assistant", "Stuck.")
    change = requests.reassign(ctx, request, "check", "administrator", "assistant", "Stuck.")
    assert asked_of(change) == {"assistant"}
    assert not routing.may_open(ctx, change.request, "administrator")
    gone = context(STEPS, left=["administrator"])
    with pytest.raises(NotYours):
        requests.reassign(gone, request, "check", "administrator", "assistant", "Stuck.")


def test_a_concern_is_never_reassigned_to_nor_by_who_it_is_about() -> None:
    ctx = context(CONCERN)
    request = sent(ctx, "teacher", ["assistant"], url="a.org", who="staff", colleague="assistant")
    with pytest.raises(Refused, match="must not handle it"):
        requests.reassign(ctx, request, "staff", "administrator", "assistant", "Stuck.")
    request = sent(ctx, "teacher", ["administrator"], url="a.org", who="staff", colleague="administrator")
    with pytest.raises(NotYours):
        requests.reassign(ctx, request, "staff", "administrator", "assistant", "Stuck.")


# Requests about people


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


# The clock


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


def test_choosing_oneself_is_said_at_the_field() -> None:
    fields = "  - {id: colleague, kind: person, label: Who checks}\n  - {id: friend, kind: person, label: Who else}\n"
    workflow = flow("  - {id: check, kind: decide, title: Check, who: {chosen_in: colleague}}\n", fields)
    values = {"colleague": ("teacher",), "friend": ("teacher",)}
    assert set(answers.chose_themselves(workflow, values, "teacher")) == {"colleague"}
    assert answers.chose_themselves(workflow, values, "assistant") == {}
