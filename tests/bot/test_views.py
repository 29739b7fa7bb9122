"""What each person is shown: need to know, and nothing said that is not true."""

from datetime import timedelta

import pytest

from bot.cards import Card
from bot.ports import Delivery
from bot.workflows import requests, routing
from bot.workflows.request import Request
from bot.workflows.routing import Context
from bot.workflows.views import asked_card, card_for, details_card, shown_values, stage_buttons
from tests.bot.small import MONDAY, PEOPLE, POLICY, concern, context, flow, later, sent, told_of
from tests.school import text_of

STEPS = flow(
    """\
  - {id: check, kind: act, title: Check by ICT, who: {role: ict}, may_send_back: true, done_label: Pass on, set_by_school: true}
  - {id: decision, kind: decide, title: Decision, who: {role: head}, may_send_back: true, hides: [secret]}
  - {id: read, kind: acknowledge, title: Read, who: {role: manager}}
""",  # noqa: E501
    fields="  - {id: what, kind: text, label: What}\n  - {id: secret, kind: text, label: Secret}\n",
)
CONCERN = concern(top=told_of("head"))
TYPED = {"url": "horrid.example", "note": "Sam was crying."}


def shown(ctx: Context, request: Request, person: str, *deliveries: Delivery) -> str:
    return text_of(card_for(ctx, POLICY, request, person, deliveries))


def details(ctx: Context, request: Request, person: str) -> str:
    assert routing.may_open(ctx, request, person)
    return text_of(details_card(ctx, request, person, request.taken))


def labels(card: Card | None) -> list[str]:
    assert card is not None
    return [button.label for button in card.buttons]


def reported(ctx: Context, about: str = "pupil", *subjects: str, urgent: bool = False) -> Request:
    values = {key: (text,) for key, text in {**TYPED, "who": about}.items()}
    if subjects and about == "staff":
        values["colleague"] = subjects[:1]
    return requests.submit(
        ctx,
        request_id="r1",
        requester="teacher",
        values=values,
        policy_version="1",
        subjects=subjects,
        urgent=urgent,
    ).request


def delivered(
    person: str, stage: str, minutes: int = 0, opened: int | None = None, kind: str = "asked"
) -> Delivery:
    return Delivery(
        id=minutes,
        request="r1",
        kind=kind,
        person=person,
        stage=stage,
        address="",
        sent_at=MONDAY + timedelta(minutes=minutes),
        opened_at=MONDAY + timedelta(minutes=opened) if opened is not None else None,
    )


# Requests about people: reference, kind and urgency


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("about", ["pupil", "staff"])
def test_chat_never_says_what_was_filled_in(person: str, about: str) -> None:
    ctx = context(CONCERN)
    subjects = ("assistant",) if about == "staff" else ()
    request = reported(ctx, about, *subjects)
    text = shown(ctx, request, person, delivered(person, "block"))
    for typed in (*TYPED.values(), "A pupil", "Assistant"):
        assert typed not in text
    assert (request.reference in text) is (person not in subjects)


def test_chat_says_reference_kind_and_urgency() -> None:
    ctx = context(CONCERN)
    normal, urgent = reported(ctx), reported(ctx, urgent=True)
    for person in ("dsl", "ict", "head"):
        assert f"{normal.reference} Ask for something" in shown(ctx, normal, person)
        assert "Urgency\nNormal" in shown(ctx, normal, person)
        assert "Urgent: someone may be in danger" in shown(ctx, urgent, person)


def test_chat_says_nothing_of_outcomes_and_notes_either() -> None:
    ctx = context(CONCERN)
    request = requests.add(ctx, reported(ctx), "teacher", "Her mother rang.").request
    request = requests.close(ctx, request, "pupil", "dsl", request.revision, "Family spoken to.").request
    request = requests.finish(
        ctx, request, "block", "ict", request.revision, "", {"action": ("Blocked it",)}
    ).request
    assert request.status == "closed"
    for person in PEOPLE:
        text = shown(ctx, request, person, delivered(person, "block"))
        for written in ("Her mother rang.", "Family spoken to.", "Blocked it"):
            assert written not in text


def test_details_give_each_what_they_need() -> None:
    ctx = context(CONCERN)
    request = requests.add(ctx, reported(ctx), "teacher", "Her mother rang.").request
    request = requests.add(ctx, request, "dsl", "Social care know.").request
    request = requests.hand_on(
        ctx, request, "pupil", "dsl", request.revision, "assistant", "Take over."
    ).request
    request = requests.close(
        ctx, request, "pupil", "assistant", request.revision, "Family spoken to."
    ).request
    request = requests.finish(
        ctx, request, "block", "ict", request.revision, "", {"action": ("Blocked it",)}
    ).request
    written = ("Her mother rang.", "Social care know.", "Take over.", "Family spoken to.", "Blocked it")
    seen = {
        person: [text for text in written if text in details(ctx, request, person)]
        for person in ("dsl", "assistant", "ict", "teacher")
    }
    assert seen["dsl"] == seen["assistant"] == list(written)
    assert seen["ict"] == ["Blocked it"]
    assert seen["teacher"] == ["Her mother rang.", "Family spoken to."]


def test_who_only_blocks_the_site_cannot_tell_whom_it_is_about() -> None:
    ctx = context(CONCERN)
    request = requests.opened(ctx, reported(ctx), "dsl").request
    request = requests.receive(ctx, request, "pupil", "dsl", 1).request
    for stage in ("open", "done"):
        for text in (details(ctx, request, "ict"), shown(ctx, request, "ict", delivered("ict", "block"))):
            for hint in ("upil", "Sam", "safeguarding", "Dsl", "Received"):
                assert hint not in text, (stage, hint)
        assert "horrid.example" in details(ctx, request, "ict")
        if stage == "open":
            request = requests.finish(ctx, request, "block", "ict", request.revision, "", {}).request
    assert "Sam was crying." in details(ctx, request, "dsl")


def test_nobody_else_has_a_card_and_whoever_is_told_has_no_button() -> None:
    ctx = context(CONCERN)
    request = reported(ctx)
    assert labels(card_for(ctx, POLICY, request, "head")) == []
    for person in ("assistant", "deputy-dsl", "administrator", "chair"):
        assert card_for(ctx, POLICY, request, person) is None


@pytest.mark.parametrize("kind", ["asked", "told", "reminded"])
def test_a_subject_named_later_keeps_no_card(kind: str) -> None:
    ctx = context(CONCERN)
    request = requests.name_subject(ctx, reported(ctx), "teacher", "dsl").request
    assert card_for(ctx, POLICY, request, "dsl", [delivered("dsl", "pupil", kind=kind)]) is None


def test_a_requester_it_turns_out_to_be_about_learns_no_more() -> None:
    ctx = context(CONCERN)
    request = requests.name_subject(ctx, reported(ctx), "dsl", "teacher").request
    request = requests.close(ctx, request, "pupil", "dsl", request.revision, "Family spoken to.").request
    card = card_for(ctx, POLICY, request, "teacher", [delivered("ict", "block")])
    assert card is not None
    assert card.buttons == ()
    assert text_of(card).splitlines()[1:] == [
        *("Reference", request.reference, "Kind", "Ask for something", "Sent", "9 Nov 2026, 09:30", "plain"),
    ]


def test_once_received_the_next_holder_can_still_say_so() -> None:
    ctx = context(CONCERN)
    request = requests.receive(ctx, reported(ctx), "pupil", "dsl", 1).request
    stage = CONCERN.stage("pupil")
    assert [b.label for b in stage_buttons(request, stage)] == ["Close with an outcome", "Hand on"]
    handed = requests.hand_on(ctx, request, "pupil", "dsl", request.revision, "assistant", "").request
    assert next(b.label for b in stage_buttons(handed, stage)) == "I am dealing with it"


def test_openings_are_shown_to_handlers_and_not_to_the_requester() -> None:
    ctx = context(CONCERN)
    request = requests.opened(ctx, reported(ctx), "dsl").request
    assert "Opened by\n9 Nov 2026, 09:30, Dsl" in details(ctx, request, "dsl")
    assert "Opened by" not in details(ctx, request, "teacher")


# Requests that need a decision


def test_who_is_asked_sees_the_form_and_its_clause_and_the_buttons_of_the_stage() -> None:
    ctx = context(STEPS)
    request = sent(ctx, secret="Xyz")
    card = asked_card(ctx, POLICY, request, STEPS.stage("check"), "ict")
    assert labels(card) == ["Pass on", "Send back", "Hand on"]
    assert all(button.target == "r1/check" and button.version == 1 for button in card.buttons)
    text = text_of(card)
    for expected in (
        "Crayons",
        "Xyz",
        "Staff ask first.",
        "set by your school, not in the policy",
        "Teacher",
    ):
        assert expected in text
    request = requests.finish(ctx, request, "check", "ict", 1, "", {}).request
    card = asked_card(ctx, POLICY, request, STEPS.stage("decision"), "head")
    assert labels(card) == ["Approve", "Refuse", "Send back", "Hand on"]
    assert "Xyz" not in text_of(card)
    request = requests.approve(ctx, request, "decision", "head", request.revision, "Fine.").request
    card = asked_card(ctx, POLICY, request, STEPS.stage("read"), "manager")
    assert labels(card) == ["Mark done"], "nobody reads for another"


def test_the_requester_sees_each_step_and_what_they_can_do() -> None:
    ctx = context(STEPS)
    request = sent(ctx, secret="Xyz")
    card = card_for(ctx, POLICY, request, "teacher")
    assert labels(card) == ["Show what I sent", "Withdraw"]
    assert "Waiting for: Check by ICT (ICT technician)." in text_of(card)
    back = requests.send_back(ctx, request, "check", "ict", 1, "Which ones?").request
    card = card_for(ctx, POLICY, back, "teacher")
    assert labels(card) == ["Change and send again", "Show what I sent", "Withdraw"]
    assert "Which ones?" in text_of(card)
    refused = requests.finish(ctx, request, "check", "ict", 1, "", {}).request
    refused = requests.refuse(ctx, refused, "decision", "head", refused.revision, "Too dear.").request
    card = card_for(ctx, POLICY, refused, "teacher")
    assert labels(card) == ["Show what I sent"]
    assert "Too dear." in text_of(card)
    assert card is not None
    assert card.mood == "bad"


def test_a_signature_names_the_person_the_role_and_for_whom() -> None:
    ctx = context(STEPS, away=["head"])
    request = requests.finish(ctx, sent(ctx, secret="x"), "check", "ict", 1, "", {}).request
    moment = later(ctx, timedelta(0)).model_copy(update={"now": MONDAY + timedelta(hours=1)})
    request = requests.approve(moment, request, "decision", "deputy-head", request.revision, "Fine.").request
    text = shown(ctx, request, "teacher")
    assert "Approved\nDeputy-Head, Deputy headteacher, 9 Nov 2026, 10:30\nfor the headteacher\nFine." in text


def test_someone_asked_before_sees_how_it_stands_and_no_buttons() -> None:
    ctx = context(STEPS)
    request = requests.hand_on(ctx, sent(ctx, secret="x"), "check", "ict", 1, "assistant", "").request
    assert labels(card_for(ctx, POLICY, request, "ict", [delivered("ict", "check")])) == ["Open details"]
    assert card_for(ctx, POLICY, request, "ict-2") is None
    assert labels(card_for(ctx, POLICY, request, "ict-2", [delivered("ict-2", "check")])) == []


# Receipts


def test_receipts_say_sent_and_opened_each_only_when_true() -> None:
    ctx = context(CONCERN)
    request = reported(ctx)
    assert "opened" not in shown(ctx, request, "teacher"), "nothing has been delivered yet"
    text = shown(ctx, request, "teacher", delivered("dsl", "pupil", 1))
    assert "sent 9 Nov 2026, 09:31; not opened yet" in text
    assert "Ict, ICT technician" not in text, "nothing has been sent to them yet"
    text = shown(ctx, request, "teacher", delivered("dsl", "pupil", 1, opened=7))
    assert "sent 9 Nov 2026, 09:31; opened 9 Nov 2026, 09:37" in text
    assert "not opened" not in text


def test_receipts_are_of_those_asked_now_and_of_no_reminder() -> None:
    ctx = context(CONCERN)
    request = reported(ctx)
    others = (
        delivered("dsl", "pupil", kind="reminded"),
        delivered("dsl", "other"),
        delivered("head", "", kind="told"),
        delivered("assistant", "pupil"),
    )
    assert "sent 9 Nov" not in shown(ctx, request, "teacher", *others)


def test_two_people_of_one_name_have_a_receipt_each() -> None:
    ctx = context(CONCERN, holds={"dsl": ("sam", "SAM")})
    request = reported(ctx)
    text = shown(ctx, request, "teacher", delivered("sam", "pupil", 1), delivered("SAM", "pupil", 2))
    assert ("09:31" in text, "09:32" in text) == (True, True)


# Values as people read them


def test_values_are_read_as_labels_names_and_days() -> None:
    fields = """\
  - {id: place, kind: choice, label: Place, options: [{value: x, label: Elsewhere, detail: Where}]}
  - {id: ok, kind: yes_no, label: OK?}
  - {id: on, kind: date, label: On}
  - {id: colleague, kind: person, label: With}
  - {id: sites, kind: addresses, label: Sites}
  - {id: empty, kind: text, label: Empty, required: false}
"""
    workflow = flow("  - {id: one, kind: act, title: One, who: {role: ict}}\n", fields)
    ctx = context(workflow, left=["supply"])
    values = {
        "place": ("x",),
        "place.x": ("The hall",),
        "ok": ("no",),
        "on": ("2026-11-09",),
        "colleague": ("head",),
        "sites": ("a.example", "b.example"),
    }
    assert shown_values(workflow.fields, values, ctx, frozenset({"ok"})) == (
        ("Place", "Elsewhere: The hall"),
        ("On", "9 Nov 2026"),
        ("With", "Head, Headteacher"),
        ("Sites", "a.example\nb.example"),
    )
