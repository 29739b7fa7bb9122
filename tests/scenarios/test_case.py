"""A case on the page: the front door, evidence, the checklist, a link, a colleague named later, a stuck step."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cards import (
    Button,
    Card,
    Choice,
    Details,
    FieldErrors,
    Form,
    Message,
    OpenForm,
    Paper,
    Reply,
    Results,
    UpdateForm,
)
from bot.paper import as_text
from tests.procedures import CASE, with_procedures
from tests.school import Player, Stage, form_of, staged, text_of

CONTACT = """\
id: report-contact
title: A pupil contacted me
summary: Do not reply. Tell the headteacher.
clauses: [inappropriate-content, premises-content]
gates: [danger]
leads_to: [report-abuse]
"""


@pytest.fixture
def school(home: Path) -> Iterator[Stage]:
    """The aet cast, with a case and a procedure without a form."""
    for stage in staged(home, "aet"):
        with_procedures(stage, CASE, CONTACT, without=("report-concern", "remove-image"))
        yield stage


def report(school: Stage, user: str = "class-teacher") -> str:
    """A case reported by them; its reference."""
    reporter = school[user]
    asked = reporter.sends(reporter.calls("report-abuse"), url="https://example.org/post")
    reporter.sends(asked, url="https://example.org/post", about_receiver="no")
    school.deliver()
    return school.clerk.store.requested_by(reporter.id)[0].reference


def details(player: Player, reference: str = "") -> Card:
    """The details of a request that waits for them or is theirs."""
    opening = [
        b for card in player.feed() if reference in card.title for b in card.buttons if b.action == "open"
    ]
    shown = player.presses(opening[0])
    assert isinstance(shown, Details)
    return shown.card


def printed(player: Player, reference: str = "") -> str:
    """The record as they get it, as text."""
    paper = press(player, details(player, reference), "Print")
    assert isinstance(paper, Paper)
    return as_text(paper.record)


def press(player: Player, card: Card, label: str) -> Reply:
    (button,) = (b for b in card.buttons if b.label == label)
    return player.presses(button)


def labels(card: Card) -> list[str]:
    return [button.label for button in card.buttons]


def test_the_front_door_says_what_is_urgent_and_leads_to_what_the_school_has(school: Stage) -> None:
    reply = school["class-teacher"].calls("report")
    assert isinstance(reply, Message)
    (card,) = reply.cards
    assert card.title == "What has happened?"
    said = text_of(card.parts)
    assert said.index("999") < said.index("Designated safeguarding lead")
    assert "tel:01632-960-001" in said
    assert [b.target for b in card.buttons] == [
        *("ask-a-person", "ask-a-person"),  # no /report-concern and no /remove-image here
        *("report-contact", "report-content", "report-abuse", "ask-a-person"),
    ]
    assert len(set(labels(card))) == 6
    for button in card.buttons:
        assert not isinstance(school["class-teacher"].presses(button), FieldErrors)
    assert ("report", "Report something") in {
        c[:2] for c in school.clerk.assistant.commands(school["dsl"].who)
    }


def test_safety_comes_before_the_front_door_and_before_what_a_policy_says(school: Stage) -> None:
    teacher = school["class-teacher"]
    for command in ("report", "report-contact"):
        reply = teacher.asks(f"/{command} a child in my class told me she is being groomed")
        cards = getattr(reply, "cards", ()) or getattr(reply, "before", ())
        assert cards[0].mood == "safety"
        assert text_of(cards).count("Designated safeguarding lead") == 1


def test_a_procedure_without_a_form_shows_its_clauses_after_its_gates(school: Stage) -> None:
    teacher = school["class-teacher"]
    opened = teacher.calls("report-contact")
    assert isinstance(opened, OpenForm)
    shown = teacher.sends(opened, danger="yes")
    assert isinstance(shown, Message)
    assert "999" in shown.cards[0].title
    card = shown.cards[-1]
    assert card.title == "A pupil contacted me"
    assert text_of(card).count("Policy for Social Media (Autumn 2023)") == 2
    assert [(b.target, b.label) for b in card.buttons] == [
        ("report-abuse", "Report abuse of staff"),
        ("ask-a-person", "Ask a person"),
    ]


def test_evidence_is_added_by_reporter_and_handler(school: Stage) -> None:
    reference = report(school)
    teacher, officer = school["class-teacher"], school["marketing-officer"]
    teacher.acts("Add evidence", seen="https://example.org/copy")
    officer.sends(press(officer, details(officer), "Add evidence"), seen="https://example.org/third")
    school.deliver()
    shown = text_of(details(officer, reference))
    assert "example.org/copy" in shown
    assert "example.org/third" in shown
    assert "example.org/third" not in text_of(details(teacher, reference))
    assert "example.org" not in officer.sees() + teacher.sees()


def test_whatever_is_typed_into_the_forms_of_a_case_is_looked_at_for_safety(school: Stage) -> None:
    report(school)
    teacher, officer = school["class-teacher"], school["marketing-officer"]
    told = "A child in my class told me her uncle is hurting her."
    typed: tuple[tuple[str, dict[str, str]], ...] = (
        ("Add evidence", {"seen": told}),
        ("Add a note", {"reason": told}),
        ("Tick the checklist", {"action": "host", "settled": "done", "told": told}),
        ("Tick the checklist", {"settled": "dropped", "reason": told}),
        ("Link to another report", {"reference": told}),
    )

    def carded(player: Player, form: Reply, values: dict[str, str]) -> None:
        for act in (player.sends, player.changes):
            reply = act(form, **values)
            assert isinstance(reply, UpdateForm), values
            assert reply.before[0].mood == "safety", values
        sent = player.sends(reply, **values)
        assert not isinstance(sent, UpdateForm), "shown once, and then not in the way"

    for label, values in typed:
        carded(officer, press(officer, details(officer), label), values)
    carded(teacher, press(teacher, details(teacher), "Add evidence"), {"seen": told})
    closing = press(officer, details(officer), "Close with an outcome")
    carded(officer, closing, {"reason": "Taken down.", "lessons": told})
    assert not school.clerk.store.requested_by(teacher.id)[0].is_open

    report(school, "teaching-assistant")
    school.clock.pass_by(timedelta(minutes=31))
    school.deliver()
    manager = school["office-manager"]
    (button,) = stuck_buttons(manager.calls("stuck-requests"))
    carded(manager, manager.presses(button), {"to": school["online-safety-lead"].id, "reason": told})


def test_the_checklist_is_ticked_before_closing(school: Stage) -> None:
    report(school)
    officer = school["marketing-officer"]
    assert "“Ask the site”; “Offer support”" in text_of(
        press(officer, details(officer), "Close with an outcome")
    )
    form = form_of(press(officer, details(officer), "Tick the checklist"))
    which = form.inputs[0]
    assert isinstance(which, Choice)
    assert [o.label for o in which.options] == ["Ask the site", "Offer support"]
    redrawn = officer.changes(form, action="host", settled="done")
    assert isinstance(redrawn, UpdateForm)
    assert [i.id for i in form_of(redrawn).inputs] == ["action", "settled", "told"]
    assert "In writing." in text_of(form_of(redrawn).intro)
    assert "Policy for Social Media" in text_of(form_of(redrawn).intro)
    assert isinstance(officer.sends(redrawn, action="host", settled="done"), FieldErrors)
    officer.sends(redrawn, action="host", settled="done", told="The host's help desk")
    last = form_of(press(officer, details(officer), "Tick the checklist"))
    dropped = officer.changes(last, settled="dropped")
    assert isinstance(officer.sends(dropped, settled="dropped"), FieldErrors)
    officer.sends(dropped, settled="dropped", reason="The offer was declined.")
    card = details(officer)
    assert "Tick the checklist" not in labels(card)
    assert "☑ Done: Marketing officer" in text_of(card)
    assert "The offer was declined." in text_of(card)
    officer.sends(press(officer, card, "Close with an outcome"), reason="Taken down.", lessons="Be quicker.")
    school.deliver()
    theirs = text_of(details(school["class-teacher"]))
    assert "Taken down." in theirs
    assert "Be quicker." not in theirs
    assert "Ask the site" not in theirs


def test_a_late_action_is_reminded_of_in_the_night(school: Stage) -> None:
    report(school)
    officer, deputy = school["marketing-officer"], school["deputy-headteacher"]
    details(officer)
    school.clock.pass_by(timedelta(hours=24))
    school.deliver()
    kinds = [d.kind for d in school.clerk.store.deliveries_to(officer.id)]
    assert kinds.count("reminded") == 1
    assert [d.kind for d in school.clerk.store.deliveries_to(deputy.id)] == ["told"]
    assert "Nothing is asked of you." in deputy.sees()
    assert "example.org" not in deputy.sees()
    school.clock.pass_by(timedelta(hours=1))
    school.deliver()
    kinds = [d.kind for d in school.clerk.store.deliveries_to(officer.id)]
    assert kinds.count("reminded") == 2


def test_the_record_of_a_case_has_its_log_and_its_checklist_for_those_who_handle_it(school: Stage) -> None:
    report(school)
    teacher, officer = school["class-teacher"], school["marketing-officer"]
    teacher.acts("Add evidence", seen="https://example.org/copy")
    officer.sends(press(officer, details(officer), "Add evidence"), seen="https://example.org/third")
    tick = press(officer, details(officer), "Tick the checklist")
    officer.sends(
        officer.changes(tick, action="host", settled="done"), action="host", settled="done", told="A"
    )
    before = printed(officer)
    assert "[x] Done: " in before
    assert "Who was asked? A" in before
    assert "Offer support: [ ] Not done yet" in before
    drop = press(officer, details(officer), "Tick the checklist")
    officer.sends(
        officer.changes(drop, settled="dropped"), settled="dropped", reason="The offer was declined."
    )
    officer.sends(
        press(officer, details(officer), "Close with an outcome"), reason="Taken down.", lessons="Ask."
    )
    school.deliver()
    whole, theirs = printed(officer), printed(teacher)
    for text in ("example.org/copy", "example.org/third", "The offer was declined.", "Lessons learnt: Ask."):
        assert text in whole, text
    assert "Taken down." in theirs
    assert "example.org/copy" in theirs
    for text in ("example.org/third", "Ask the site", "declined", "Checklist", "Lessons", "Ask."):
        assert text not in theirs, text


def test_two_reports_of_one_event_are_linked_by_who_handles_both(school: Stage) -> None:
    first, second = report(school), report(school, "teaching-assistant")
    officer = school["marketing-officer"]
    form = press(officer, details(officer, first), "Link to another report")
    for wrong in ("AET-ZZZZZ", first):
        assert isinstance(officer.sends(form, reference=wrong), FieldErrors)
    officer.sends(form, reference=f" {second.lower()} ")
    assert second in text_of(details(officer, first).parts)
    assert first in text_of(details(officer, second).parts)
    for user, own, other in (("class-teacher", first, second), ("teaching-assistant", second, first)):
        assert other not in text_of(details(school[user], own)) + school[user].sees()
        assert other not in printed(school[user], own)
    assert second in printed(officer, first)


def test_nobody_finds_out_by_a_link_of_a_report_that_is_about_them(school: Stage) -> None:
    first, second = report(school), report(school, "teaching-assistant")
    officer, head = school["marketing-officer"], school["headteacher"]
    officer.sends(press(officer, details(officer, first), "Link to another report"), reference=second)
    naming = press(officer, details(officer, first), "It is about someone on the staff")
    officer.sends(naming, subject=school["online-safety-lead"].id)
    school.deliver()
    assert first in text_of(details(head, first)), "about a colleague, so the head is asked too"
    assert second not in text_of(details(head, first)), "the head cannot open the other"
    assert second not in printed(head, first)
    refused = head.sends(press(head, details(head, first), "Link to another report"), reference=second)
    unknown = head.sends(press(head, details(head, first), "Link to another report"), reference="AET-ZZZZZ")
    assert isinstance(refused, FieldErrors)
    assert isinstance(unknown, FieldErrors)
    assert refused.errors == unknown.errors, "nobody finds out by trying"


def test_who_is_named_loses_access_at_once(school: Stage) -> None:
    reference = report(school)
    officer, head = school["marketing-officer"], school["headteacher"]
    opening = officer.button("Open details")
    teacher = school["class-teacher"]
    teacher.sends(press(teacher, details(teacher), "It is about someone on the staff"), subject=officer.id)
    school.deliver()
    assert officer.feed() == ()
    assert "cannot open this" in text_of(officer.presses(opening))
    assert reference in text_of(head.feed())


def test_about_the_head_it_goes_to_the_chair(school: Stage) -> None:
    report(school)
    officer, head = school["marketing-officer"], school["headteacher"]
    naming = press(officer, details(officer), "It is about someone on the staff")
    officer.sends(naming, subject=head.id)
    school.deliver()
    assert "Open details" in text_of(school["chair"].feed())
    assert head.feed() == school["deputy-headteacher"].feed() == ()


# A stuck step


def stuck_buttons(reply: Reply) -> tuple[Button, ...]:
    assert isinstance(reply, Results)
    return tuple(button for card in reply.cards for button in card.buttons)


def test_the_administrator_gives_a_stuck_step_on_without_seeing_it(school: Stage) -> None:
    reference = report(school)
    manager, assistant = school["office-manager"], school["teaching-assistant"]
    assert "Nothing is stuck" in text_of(manager.calls("stuck-requests"))
    school.clock.pass_by(timedelta(minutes=31))
    school.deliver()
    listed = manager.calls("stuck-requests")
    assert reference in text_of(listed)
    assert "The case" not in text_of(listed)
    (button,) = stuck_buttons(listed)
    assert "case" not in button.target.partition("/")[2]
    form = manager.presses(button)
    assert isinstance(form_of(form), Form)
    assert "example.org" not in text_of(form)
    assert isinstance(manager.sends(form, to=assistant.id), FieldErrors)
    done = manager.sends(form, to=assistant.id, reason="Everybody is away.")
    assert "Given on." in text_of(done)
    school.deliver()
    assert "example.org" in text_of(details(assistant))
    opening = Button(action="open", label="", target=assistant.button("Open details").target)
    assert "cannot open this" in text_of(manager.presses(opening))


def test_the_list_is_the_administrators_and_not_of_what_is_about_them(school: Stage) -> None:
    report(school)
    officer, manager = school["marketing-officer"], school["office-manager"]
    naming = press(officer, details(officer), "It is about someone on the staff")
    officer.sends(naming, subject=manager.id)
    school.clock.pass_by(timedelta(hours=5))
    school.deliver()
    assert "Nothing is stuck" in text_of(manager.calls("stuck-requests"))
    assert "Only the clerk's administrator" in text_of(officer.calls("stuck-requests"))
    commands = lambda player: {c[0] for c in school.clerk.assistant.commands(player.who)}  # noqa: E731
    assert "stuck-requests" in commands(manager) - commands(officer)
