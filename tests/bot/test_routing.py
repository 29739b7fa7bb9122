"""Who is asked, who is told, who may look, and who must never know (WORKFLOWS, `who decides`)."""

from datetime import timedelta

import pytest

from bot.workflows import change, requests, routing
from bot.workflows.change import NobodyLeft
from bot.workflows.entry import Listed
from bot.workflows.request import Request
from bot.workflows.routing import Context
from tests.bot.small import (
    PEOPLE,
    context,
    flow,
    later,
    sent,
    st_alphege,
    who,
)

CHOSEN = "  - {id: what, kind: text, label: What}\n  - {id: colleague, kind: person, label: Who}\n"


def decided_by(decider: str) -> str:
    return f"  - {{id: decision, kind: decide, title: Decision, who: {{{decider}}}}}\n"


HEAD_DECIDES = flow(decided_by("role: head"))
BOTH = flow(decided_by("all_of: [head, manager]"))


# Nobody decides their own, and nobody decides twice


def test_the_holders_of_a_role_are_asked() -> None:
    ctx = context(HEAD_DECIDES, holds={"head": ("head", "co-head")})
    assert who(ctx, sent(ctx)) == {"head", "co-head"}


def test_the_requester_is_replaced_by_their_deputy() -> None:
    ctx = context(HEAD_DECIDES)
    (_, holder), *more = routing.asked(ctx, sent(ctx, "head"))
    assert not more
    assert (holder.person, holder.role, holder.stands_in_for) == ("deputy-head", "deputy-head", "head")


def test_then_comes_the_escalation_order() -> None:
    ctx = context(HEAD_DECIDES, holds={"deputy-head": ()})
    assert who(ctx, sent(ctx, "head")) == {"manager"}
    ctx = context(HEAD_DECIDES, holds={"deputy-head": (), "manager": ("head",)})
    assert who(ctx, sent(ctx, "head")) == {"chair"}


def test_nobody_decides_two_stages() -> None:
    ctx = context(
        flow(decided_by("role: manager").replace("decision", "first") + decided_by("role: head")),
        holds={"manager": ("head",)},
    )
    request = sent(ctx)
    assert who(ctx, request) == {"head"}
    request = requests.approve(ctx, request, "first", "head", request.revision, "Yes.").request
    assert who(ctx, request) == {"deputy-head"}
    with pytest.raises(change.NotYours, match="already signed one step"):
        requests.approve(ctx, request, "decision", "head", request.revision, "Yes.")


def test_whoever_checked_does_not_decide_but_whoever_decided_may_carry_out() -> None:
    act = "  - {id: %s, kind: act, title: T, who: {role: head}}\n"
    ctx = context(flow(act % "check" + decided_by("role: head") + act % "carry_out"))
    request = sent(ctx)
    request = requests.finish(ctx, request, "check", "head", request.revision, "", {}).request
    assert who(ctx, request) == {"deputy-head"}
    request = requests.approve(ctx, request, "decision", "deputy-head", request.revision, "Yes.").request
    assert who(ctx, request) == {"head"}


def test_of_two_decisions_at_once_nobody_takes_both_and_the_replacement_is_told() -> None:
    beside = (
        decided_by("role: head").replace("decision", "beside").replace("title:", "alongside: true, title:")
    )
    ctx = context(flow(decided_by("role: head") + beside))
    request = sent(ctx)
    change = requests.approve(ctx, request, "decision", "head", request.revision, "Yes.")
    assert who(ctx, change.request) == {"deputy-head"}
    assert [n.person for n in change.notices if n.kind == "asked"] == ["deputy-head"]


# Kinds of decider


@pytest.mark.parametrize(
    ("holds", "away", "asked"),
    [
        ({}, (), {"head", "manager"}),
        ({}, ("head",), {"manager"}),
        ({}, ("head", "manager"), {"deputy-head"}),
        ({"manager": ("head",)}, (), {"head"}),
        ({"manager": (), "head": ()}, (), {"deputy-head"}),
    ],
)
def test_any_of(holds: dict[str, tuple[str, ...]], away: tuple[str, ...], asked: set[str]) -> None:
    ctx = context(flow(decided_by("any_of: [head, manager]")), holds=holds, away=away)
    request = sent(ctx)
    assert who(ctx, request) == asked
    actor = sorted(asked)[0]
    assert requests.approve(ctx, request, "decision", actor, 1, "Yes.").request.status == "completed"


def test_any_of_falls_back_on_the_deputies_of_every_role_it_names() -> None:
    ctx = context(flow(decided_by("any_of: [ict, dsl]")), holds={"ict": (), "ict-2": (), "dsl": ()})
    assert who(ctx, sent(ctx)) == {"deputy-dsl"}


def signatures(ctx: Context, request: Request, *actors: str) -> Request:
    for actor in actors:
        assert request.status == "open", f"{actor} had nothing left to sign"
        request = requests.approve(ctx, request, "decision", actor, request.revision, "Yes.").request
    return request


@pytest.mark.parametrize(
    ("holds", "requester", "seats"),
    [
        ({}, "teacher", [{"head"}, {"manager"}]),
        ({"manager": ("head",)}, "teacher", [{"head"}, {"deputy-head"}]),
        ({}, "head", [{"deputy-head"}, {"manager"}]),
        ({"manager": ("head",)}, "head", [{"deputy-head"}, {"chair"}]),
        ({"head": ("head", "manager")}, "teacher", [{"head"}, {"manager"}]),
        ({"head": ("a", "b"), "manager": ("a", "b")}, "teacher", [{"a", "b"}, {"a", "b"}]),
        ({"head": ("deputy-head",), "manager": ()}, "teacher", [{"deputy-head"}, {"chair"}]),
    ],
)
def test_both_means_two_people(
    holds: dict[str, tuple[str, ...]], requester: str, seats: list[set[str]]
) -> None:
    ctx = context(BOTH, holds=holds)
    request = sent(ctx, requester)
    assert [set(s.people) for s in routing.seats(ctx, request, BOTH.stages[0])] == seats
    first = sorted(who(ctx, request))[0]
    once = signatures(ctx, request, first)
    assert once.status == "open", "one signature is not both"
    assert first not in who(ctx, once)
    with pytest.raises(change.NotYours):
        signatures(ctx, once, first)
    assert signatures(ctx, once, sorted(who(ctx, once))[0]).status == "completed"


def test_two_people_who_hold_both_roles_sign_one_each() -> None:
    """Once one has signed, the other is still asked, and no deputy is put in their place."""
    ctx = context(BOTH, holds={"head": ("a", "b"), "manager": ("a", "b")})
    once = signatures(ctx, sent(ctx), "a")
    assert who(ctx, once) == {"b"}
    assert signatures(ctx, once, "b").status == "completed"


def test_all_of_three_leaves_room_for_everyone() -> None:
    three = flow(decided_by("all_of: [head, manager, dsl]"))
    ctx = context(three, holds={"head": ("a", "b"), "manager": ("a", "c"), "dsl": ("a", "c")})
    request = sent(ctx)
    for _ in range(3):
        assert request.status == "open"
        request = signatures(ctx, request, min(who(ctx, request)))
    assert request.status == "completed"
    assert {t.person for t in request.taken if t.action == "approved"} == {"a", "b", "c"}


def test_st_alphege_where_one_person_is_head_of_school_and_safeguarding_lead() -> None:
    school = st_alphege()
    roles = "all_of: [head-of-school, dsl]"
    ctx = context(flow(decided_by(roles)), school=school, holds={"dsl": ("head-of-school",)})
    request = sent(ctx)
    assert who(ctx, request) == {"head-of-school", "deputy-dsl"}
    once = signatures(ctx, request, "head-of-school")
    assert once.status == "open"
    (other,) = who(ctx, once)
    assert signatures(ctx, once, other).status == "completed"


def test_st_alphege_both_heads_and_one_of_them_asks() -> None:
    school = st_alphege()
    ctx = context(flow(decided_by("all_of: [head-of-school, executive-headteacher]")), school=school)
    assert who(ctx, sent(ctx)) == {"head-of-school", "executive-headteacher"}
    request = sent(ctx, "executive-headteacher")
    assert who(ctx, request) == {"head-of-school", "senior-teacher"}
    assert signatures(ctx, request, "senior-teacher", "head-of-school").status == "completed"


def test_handing_on_one_of_both_signatures_leaves_two() -> None:
    ctx = context(BOTH)
    request = requests.hand_on(ctx, sent(ctx), "decision", "head", 1, "assistant", "Please.").request
    assert who(ctx, request) == {"assistant", "manager"}
    once = signatures(ctx, request, "assistant")
    assert once.status == "open"
    assert signatures(ctx, once, "manager").status == "completed"
    with pytest.raises(change.Refused):
        requests.hand_on(ctx, once, "decision", "manager", once.revision, "assistant", "")


def test_both_signatures_can_be_handed_on() -> None:
    ctx = context(BOTH)
    request = requests.hand_on(ctx, sent(ctx), "decision", "head", 1, "assistant", "").request
    request = requests.hand_on(ctx, request, "decision", "manager", request.revision, "supply", "").request
    assert who(ctx, request) == {"assistant", "supply"}
    assert signatures(ctx, request, "supply", "assistant").status == "completed"


def test_a_chosen_person() -> None:
    ctx = context(flow(decided_by("chosen_in: colleague"), CHOSEN))
    assert who(ctx, sent(ctx, colleague="assistant")) == {"assistant"}
    assert who(ctx, sent(ctx, colleague="teacher")) == {"deputy-head"}, "nobody chooses themselves"
    ctx = context(ctx.workflow, away=["assistant"])
    assert who(ctx, sent(ctx, colleague="assistant")) == {"deputy-head"}


def test_the_line_manager() -> None:
    workflow = flow(decided_by("line_manager: true"))
    ctx = context(workflow, managers={"teacher": "manager"})
    assert who(ctx, sent(ctx)) == {"manager"}
    assert who(ctx, sent(ctx, "assistant")) == {"deputy-head"}, "one with no line manager"
    ctx = context(workflow, managers={"teacher": "manager"}, left=["manager"])
    assert who(ctx, sent(ctx)) == {"deputy-head"}


def test_people_on_a_register() -> None:
    listed = "listed_in: {name: accounts, column: moderators, entry: what}"
    blog = Listed(
        id="e1", label="Blog", is_open=True, people={"moderators": ("teacher", "assistant", "supply")}
    )
    bare = Listed(id="e2", label="Site", is_open=True, people={"administrators": ("assistant",)})
    workflow = flow(decided_by(listed), "  - {id: what, kind: entry, register: accounts, label: What}\n")
    ctx = context(workflow, registers={"accounts": (blog, bare)})
    assert who(ctx, sent(ctx, what="e1")) == {"assistant", "supply"}, "never the requester"
    assert who(ctx, sent(ctx, what="e2")) == {"deputy-head"}, "an entry that names nobody there"
    assert who(ctx, sent(ctx, what="not_listed")) == {"deputy-head"}
    alone = blog.model_copy(update={"people": {"moderators": ("teacher",)}})
    over = blog.model_copy(update={"is_open": False})
    for entry in (alone, over):
        ctx = context(workflow, registers={"accounts": (entry,)})
        assert who(ctx, sent(ctx, what="e1")) == {"deputy-head"}
    left = context(workflow, registers={"accounts": (blog,)}, left=["assistant", "supply"])
    assert who(left, sent(left, what="e1")) == {"deputy-head"}


# Absence and leaving


def test_while_a_holder_is_away_their_deputy_is_asked_and_back_again() -> None:
    ctx = context(HEAD_DECIDES)
    request = sent(ctx)
    away = context(HEAD_DECIDES, away=["head"])
    assert who(away, request) == {"deputy-head"}
    assert who(later(ctx, timedelta(days=2)), request) == {"head"}


def test_a_leaver_is_asked_no_more_and_opens_nothing() -> None:
    act = "  - {id: %s, kind: act, title: T, who: {role: %s}}\n"
    workflow = flow(act % ("first", "ict") + act % ("second", "head"))
    ctx = context(workflow)
    request = sent(ctx)
    request = requests.finish(ctx, request, "first", "ict", 1, "", {}).request
    assert routing.may_open(ctx, request, "ict")
    gone = context(workflow, left=["ict", "head"])
    assert who(gone, request) == {"deputy-head"}
    assert not routing.may_open(gone, request, "ict")
    assert not routing.may_open(gone, request, "head")


def test_when_everyone_is_away_those_away_are_still_asked() -> None:
    ctx = context(HEAD_DECIDES, away=[p for p in PEOPLE if p != "teacher"])
    assert who(ctx, sent(ctx)) == {"head"}


def test_nobody_left_is_an_error_before_sending() -> None:
    ctx = context(HEAD_DECIDES, left=["deputy-head", "manager", "chair", "vice-chair"])
    with pytest.raises(NobodyLeft, match=r"Speak to the chair of governors \(01632 960 004\), or your admin"):
        sent(ctx, "head")


def test_nobody_left_for_a_signature_of_both_is_an_error_too() -> None:
    ctx = context(BOTH, left=["deputy-head", "chair", "vice-chair"], holds={"manager": ("head",)})
    with pytest.raises(NobodyLeft):
        sent(ctx)
