"""A case: its evidence log, its checklist in real time, links between two reports, who learns of what."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.workflows import cases, requests, routing
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.request import Request
from bot.workflows.routing import Context
from bot.workflows.views import card_for, details_card
from tests.bot.small import POLICY, concern, context, later, sent
from tests.school import text_of

FRIDAY = datetime(2026, 11, 13, 16, 0, tzinfo=UTC)
CASE = concern(
    """\
  - id: case
    kind: receive
    title: The case
    who: {role: manager}
    log:
      - {id: where, kind: text, label: Where is it?}
      - {id: seen, kind: date, label: When was it seen?, required: false}
    actions:
      - id: host
        label: Ask the site to take it down
        due_hours: 24
        asks: [{id: told, kind: text, label: Who was asked?}]
      - {id: police, label: Tell the police, when: {field: who, equals: staff}}
      - {id: support, label: Offer support, set_by_school: true}
    asks:
      - {id: lessons, kind: text, label: What did we learn?, required: false}
      - {id: advice, kind: text, label: Advice, required: false, told_to_requester: true}
"""
)


def case(ctx: Context, **about: str) -> Request:
    return sent(ctx, **{"url": "a.example", "who": "pupil", **about})


def tick_off(ctx: Context, request: Request, *actions: str) -> Request:
    for action in actions:
        request = cases.settle(
            ctx, request, "case", "manager", action, done=True, values={"told": ("The host",)}
        ).request
    return request


def reminded(
    ctx: Context, request: Request, until: datetime
) -> tuple[Request, list[tuple[float, set[tuple[str, str]]]]]:
    """What the clock sends until then: hours since the request, and (kind, person)."""
    found = []
    while request.due_at and request.due_at <= until:
        ctx = later(ctx, request.due_at - ctx.now)
        change = requests.tick(ctx, request)
        assert change is not None
        assert change.request.due_at is None or change.request.due_at > ctx.now
        hours = (ctx.now - request.created_at) / timedelta(hours=1)
        found.append((hours, {(n.kind, n.person) for n in change.notices if n.person}))
        request = change.request
    return request, found


def test_reporter_and_handler_add_evidence_and_nobody_else() -> None:
    ctx = context(CASE)
    request = case(ctx)
    for person in ("teacher", "manager"):
        change = cases.log(ctx, request, "case", person, {"where": ("b.example",)})
        assert (change.taken.action, change.taken.values) == ("logged", {"where": ("b.example",)})
        request = change.request
    for person in ("head", "assistant"):
        with pytest.raises(NotYours):
            cases.log(ctx, request, "case", person, {"where": ("b.example",)})
    assert request.revision == 1, "what was drawn before still holds"
    assert not [t for t in request.taken if t.person == "teacher" and t.signs]


def test_evidence_stands_in_details_and_never_in_chat() -> None:
    ctx = context(CASE)
    request = cases.log(ctx, case(ctx), "case", "manager", {"where": ("b.example",)}).request
    assert "b.example" in text_of(details_card(ctx, request, "manager", ()))
    assert "b.example" not in text_of(details_card(ctx, request, "teacher", ())), (
        "one does not see the other's"
    )
    for person in ("manager", "teacher"):
        assert "b.example" not in text_of(card_for(ctx, POLICY, request, person))


def test_closing_names_what_is_unsettled() -> None:
    ctx = context(CASE)
    request = case(ctx)
    with pytest.raises(Refused, match="“Ask the site to take it down”; “Offer support”"):
        requests.close(ctx, request, "case", "manager", request.revision, "Gone.")
    request = tick_off(ctx, request, "host")
    with pytest.raises(Refused, match="not needed: “Offer support”"):
        requests.close(ctx, request, "case", "manager", request.revision, "Gone.")
    with pytest.raises(Refused, match="reason"):
        cases.settle(ctx, request, "case", "manager", "support", done=False, reason=" ")
    request = cases.settle(
        ctx, request, "case", "manager", "support", done=False, reason="Not wanted."
    ).request
    closed = requests.close(
        ctx, request, "case", "manager", request.revision, "Gone.", {"lessons": ("Ask sooner",)}
    )
    assert closed.request.status == "closed"
    assert closed.taken.values == {"lessons": ("Ask sooner",)}


def test_only_what_applies_can_be_ticked_once_and_by_who_handles_it() -> None:
    ctx = context(CASE)
    request = case(ctx)
    with pytest.raises(Refused, match="on the checklist"):
        cases.settle(ctx, request, "case", "manager", "police", done=True)
    request = tick_off(ctx, request, "host")
    with pytest.raises(Overtaken):
        tick_off(ctx, request, "host")
    for person in ("teacher", "head", "dsl"):
        with pytest.raises(Refused):
            cases.settle(ctx, request, "case", person, "support", done=True)


def test_the_checklist_shows_who_when_and_what_and_not_to_the_reporter() -> None:
    ctx = context(CASE)
    request = tick_off(ctx, case(ctx), "host")
    shown = text_of(details_card(ctx, request, "manager", ()))
    assert "☑ Done: Manager, Senior manager, 9 Nov 2026, 09:30\nWho was asked? The host" in shown
    assert "☐ Not done yet\nSet by your school, not in the policy." in shown
    assert "Tell the police" not in shown
    assert "take it down" not in text_of(details_card(ctx, request, "teacher", ()))
    late = later(ctx, timedelta(hours=30))
    assert "late: it was due 10 Nov 2026, 09:30" in text_of(details_card(late, case(ctx), "manager", ()))


def test_the_requester_reads_the_outcome_and_what_is_for_them() -> None:
    ctx = context(CASE)
    request = tick_off(ctx, case(ctx), "host", "support")
    answers = {"lessons": ("Ask sooner",), "advice": ("Stay away",)}
    request = requests.close(ctx, request, "case", "manager", request.revision, "Gone.", answers).request
    shown = text_of(details_card(ctx, request, "teacher", ()))
    assert "Gone." in shown
    assert "Stay away" in shown
    assert "Ask sooner" not in shown
    assert "Ask sooner" in text_of(details_card(ctx, request, "manager", ()))


def test_late_actions_are_reminded_of_over_the_weekend_and_back_off() -> None:
    ctx = context(CASE, now=FRIDAY)
    request = requests.receive(ctx, case(ctx), "case", "manager", 1).request
    request, found = reminded(ctx, request, FRIDAY + timedelta(hours=130))
    assert [hours for hours, _ in found] == [24, 25, 27, 31, 39, 63, 87, 111]
    assert all(("reminded", "manager") in told for _, told in found)
    assert [("told", "deputy-head") in told for _, told in found] == [True] + [False] * 7
    ctx = later(ctx, timedelta(hours=130))
    assert text_of(card_for(ctx, POLICY, request, "deputy-head")).count("For your information") == 1
    assert not routing.may_open(ctx, request, "deputy-head"), "told is not asked"
    assert tick_off(ctx, request, "host").due_at is None, "settled: the clock has nothing more to do"


def test_nobody_it_is_about_is_told_that_it_is_late() -> None:
    ctx = context(CASE, now=FRIDAY)
    request = requests.receive(
        ctx, case(ctx, who="staff", colleague="deputy-head"), "case", "manager", 1
    ).request
    request = requests.name_subject(ctx, request, "manager", "deputy-head").request
    request = requests.receive(ctx, request, "case", "manager", request.revision).request
    _, found = reminded(ctx, request, FRIDAY + timedelta(hours=30))
    assert found
    assert not [told for _, told in found for kind, person in told if person == "deputy-head"]


def test_handing_on_keeps_what_is_late() -> None:
    ctx = context(CASE, now=FRIDAY)
    request = requests.receive(ctx, case(ctx), "case", "manager", 1).request
    request, _ = reminded(ctx, request, FRIDAY + timedelta(hours=26))
    ctx = later(ctx, timedelta(hours=26))
    handed = requests.hand_on(ctx, request, "case", "manager", request.revision, "dsl", "").request
    handed = requests.receive(ctx, handed, "case", "dsl", handed.revision).request
    _, found = reminded(ctx, handed, FRIDAY + timedelta(hours=28))
    assert [hours for hours, _ in found] == [27]
    assert not [1 for _, told in found if "told" in {kind for kind, _ in told}], "told once"


# Links


def two(ctx: Context) -> tuple[Request, Request]:
    first = case(ctx)
    second = case(ctx).model_copy(update={"id": "r2", "requester": "assistant"})
    return first, second


def test_only_who_handles_both_may_link_and_both_say_so() -> None:
    ctx = context(CASE)
    first, second = two(ctx)
    here, there = cases.link(ctx, first, ctx, second, "manager")
    assert here.taken.values == {"reference": (second.reference,), "request": ("r2",)}
    assert there.taken.values == {"reference": (first.reference,), "request": ("r1",)}
    with pytest.raises(Overtaken, match="already"):
        cases.link(ctx, here.request, ctx, there.request, "manager")
    with pytest.raises(Refused):
        cases.link(ctx, first, ctx, first, "manager")
    for person in ("teacher", "assistant", "head", "dsl"):
        with pytest.raises(NotYours):
            cases.link(ctx, first, ctx, second, person)


@pytest.mark.parametrize("what", ["not theirs", "about them", "closed"])
def test_whether_there_is_such_a_report_stays_unsaid(what: str) -> None:
    ctx = context(CASE, holds={"manager": ("manager", "dsl")})
    first, second = two(ctx)
    actor = "manager"
    if what == "not theirs":
        second = requests.hand_on(ctx, second, "case", "manager", second.revision, "head", "").request
    elif what == "about them":
        second = requests.name_subject(ctx, second, "dsl", "manager").request
    else:
        second = tick_off(ctx, second, "host", "support")
        second = requests.close(ctx, second, "case", "manager", second.revision, "Gone.").request
    with pytest.raises(Refused, match=cases.NO_SUCH_REPORT):
        cases.link(ctx, first, ctx, second, actor)


def test_a_link_is_shown_to_those_who_may_open_both_and_never_to_a_reporter() -> None:
    ctx = context(CASE)
    first, second = two(ctx)
    linked = cases.link(ctx, first, ctx, second, "manager")[0].request
    assert second.reference in text_of(details_card(ctx, linked, "manager", (), (second.reference,)))
    assert second.reference not in text_of(details_card(ctx, linked, "manager", ()))
    assert second.reference not in text_of(details_card(ctx, linked, "teacher", (), (second.reference,)))
    assert second.reference not in text_of(card_for(ctx, POLICY, linked, "teacher"))
