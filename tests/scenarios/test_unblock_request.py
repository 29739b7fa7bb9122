"""aet: a blocked site, from the teacher's form to access opened (aet:245-247, Appendix A)."""

from bot.cards import FieldErrors, Message, OpenForm, Redraw, UpdateForm
from bot.events import FormSubmitted
from tests.school import Stage, form_of, text_of

FILLED = {
    "url": "https://www.instagram.com/nasa",
    "content": "Pictures from space.",
    "reasons": "A science lesson about planets.",
    "risks": "Comments by strangers: I hide them.",
    "for_pupils": "no",
}


def send(aet: Stage, user: str = "class-teacher") -> None:
    player = aet[user]
    player.sends(player.calls("unblock-request"), **FILLED)
    aet.deliver()


def test_from_form_to_done(aet: Stage) -> None:
    send(aet)
    teacher, technician, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]
    assert "Waiting for: Check by ICT" in teacher.sees()
    assert "sent 9 Nov 2026, 09:30; not opened yet" in teacher.sees()
    assert head.feed() == ()

    technician.acts("Pass to headteacher", blocked="yes", technical_risks="None beyond the usual.")
    aet.deliver()
    assert "Waiting for: Decision by the headteacher" in teacher.sees()
    assert "None beyond the usual." in head.sees()

    head.acts("Approve", reason="Good use, risks in hand.")
    aet.deliver()
    assert "Good use, risks in hand." in teacher.sees()
    assert "Waiting for: Access opened by ICT" in teacher.sees()

    technician.acts("Mark done", until="2026-12-18")
    aet.deliver()
    assert "finished" in teacher.feed()[0].title
    assert "18 Dec 2026" in teacher.sees()


def test_errors_stand_at_their_fields_and_keep_the_input(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    form = teacher.calls("unblock-request")
    reply = teacher.sends(form, **FILLED | {"url": "not an address", "risks": "  "})
    assert isinstance(reply, FieldErrors)
    assert {field for field, _ in reply.errors} == {"url", "risks"}
    kept = {i.id: getattr(i, "value", "") for i in reply.form.inputs}
    assert kept["url"] == "not an address"
    assert kept["reasons"] == FILLED["reasons"]
    assert teacher.feed() == ()


def test_the_same_form_sent_twice_is_one_request(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    form = teacher.calls("unblock-request")
    first, second = teacher.sends(form, **FILLED), teacher.sends(form, **FILLED)
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert first.cards[0].title == second.cards[0].title
    assert len(teacher.feed()) == 1


def test_a_second_click_says_who_was_first(aet: Stage) -> None:
    send(aet)
    technician, head = aet["ict-technician"], aet["headteacher"]
    technician.acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    approve, refuse = head.button("Approve"), head.button("Refuse")
    form = head.presses(approve)
    head.sends(form, reason="Yes.")
    again = head.sends(form, reason="Yes.")
    assert isinstance(again, Redraw | Message)
    assert "Already approved by Headteacher" in text_of(again)
    assert "Already approved by Headteacher" in text_of(head.presses(refuse))


def test_a_card_that_nobody_knows_of_is_taken_away_when_it_is_pressed(aet: Stage) -> None:
    """As one that was posted by a process that died before it could write down where."""
    send(aet)
    head, other = aet["headteacher"], aet["chair"]
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    approve = head.button("Approve")
    head.sends(head.presses(approve), reason="Yes.")
    aet.clerk.directory.set_role("aet", "headteacher", [head.id, other.id])
    reply = other.presses(approve)
    assert isinstance(reply, Redraw)
    assert "Already approved by Headteacher" in reply.notice
    assert not reply.card.buttons
    assert "instagram" not in text_of(reply)


def test_refusing_needs_a_reason_and_ends_it(aet: Stage) -> None:
    send(aet)
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    head = aet["headteacher"]
    form = head.presses("Refuse")
    assert isinstance(head.sends(form, reason="  "), FieldErrors)
    head.sends(form, reason="Use the library's pictures.")
    aet.deliver()
    assert "refused" in aet["class-teacher"].feed()[0].title
    assert "Use the library's pictures." in aet["class-teacher"].sees()
    assert aet["ict-technician"].sees().count("Refused")


def test_sent_back_changed_and_sent_again_starts_over(aet: Stage) -> None:
    send(aet)
    aet["ict-technician"].acts("Send back", reason="Which page exactly?")
    aet.deliver()
    teacher = aet["class-teacher"]
    assert "Which page exactly?" in teacher.sees()
    reopened = teacher.presses("Change and send again")
    assert isinstance(reopened, OpenForm)
    teacher.sends(reopened, **FILLED | {"url": "https://www.instagram.com/nasa/mars"})
    aet.deliver()
    assert "nasa/mars" in aet["ict-technician"].sees()


def test_a_changed_request_whose_process_was_lost_is_sent_when_it_comes_again(aet: Stage) -> None:
    """Marked as seen, and then nothing: whoever sends the form once more is not told that it went."""
    send(aet)
    aet["ict-technician"].acts("Send back", reason="Which page exactly?")
    aet.deliver()
    teacher = aet["class-teacher"]
    form = form_of(teacher.presses("Change and send again"))
    again = {"form": form.id, "state": form.state, "again": True}
    changed = {key: (value,) for key, value in (FILLED | {"content": "Pictures of Mars."}).items()}
    for _ in range(2):
        reply = teacher._handle(FormSubmitted, **again, values=changed)
        assert ": sent" in text_of(reply)
        aet.deliver()
        assert aet["ict-technician"].sees().count("Pictures of Mars.") == 1


def test_nobody_outside_the_stage_can_act(aet: Stage) -> None:
    send(aet)
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    approve = aet["headteacher"].button("Approve")
    for user in ("teaching-assistant", "class-teacher", "ict-technician", "office-manager", "dsl", "ceo"):
        reply = aet[user].presses(approve)
        assert not isinstance(reply, OpenForm), user
    assert "Waiting for: Decision by the headteacher" in aet["class-teacher"].sees()


def test_a_technician_cannot_pass_on_their_own_request(aet: Stage) -> None:
    send(aet, "ict-technician")
    technician, deputy = aet["ict-technician"], aet["online-safety-lead"]
    target = deputy.button("Pass to headteacher")
    reply = technician.presses(target)
    assert "You sent this yourself" in text_of(reply)
    deputy.acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    assert "Waiting for: Decision by the headteacher" in technician.sees()


def test_while_the_head_is_away_the_deputy_decides(aet: Stage) -> None:
    send(aet)
    aet.away("headteacher")
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    aet["deputy-headteacher"].acts("Approve", reason="Fine.")
    assert "for the headteacher" in aet["class-teacher"].sees()


def test_whoever_checked_cannot_also_decide(aet: Stage) -> None:
    clerk, head = aet.clerk, aet["headteacher"]
    clerk.directory.set_role("aet", "ict-technician", [head.id])
    send(aet)
    head.acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    assert not any(button.action == "approve" for card in head.feed() for button in card.buttons)
    aet["deputy-headteacher"].acts("Approve", reason="Fine.")


def test_a_disclosure_in_the_reasons_is_caught_and_nobody_is_told(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    form = teacher.calls("unblock-request")
    told = FILLED | {"reasons": "A girl in my class told me her uncle touches her and he uses this site"}
    reply = teacher.sends(form, **told)
    assert isinstance(reply, UpdateForm)
    assert reply.before[0].mood == "safety"
    assert told["reasons"] in text_of(reply.form)
    aet.deliver()
    assert aet["ict-technician"].feed() == ()
    assert isinstance(teacher.sends(reply, **told), Message), "sending is not blocked"
