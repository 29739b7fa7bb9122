"""Each thing that can be done with a request: when it may be, when not, who is told, and the clock."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.workflows import answers, requests, routing
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from tests.bot.small import PEOPLE, context, flow, later, sent, who
from tests.bot.steps import CONCERN, STEPS, asked_of, at_decision

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


def test_choosing_oneself_is_said_at_the_field() -> None:
    fields = "  - {id: colleague, kind: person, label: Who checks}\n  - {id: friend, kind: person, label: Who else}\n"
    workflow = flow("  - {id: check, kind: decide, title: Check, who: {chosen_in: colleague}}\n", fields)
    values = {"colleague": ("teacher",), "friend": ("teacher",)}
    assert set(answers.chose_themselves(workflow, values, "teacher")) == {"colleague"}
    assert answers.chose_themselves(workflow, values, "assistant") == {}
