"""aet: inappropriate content, reported so that it can be blocked (aet:245, Appendix B; 225, 241)."""

import pytest

from bot.cards import Details, FieldErrors, Form, Message, OpenForm, UpdateForm
from tests.school import Player, Stage, form_of, text_of

SEEN = {"url": "https://example.org/horrid", "nature": "Violent pictures."}


def past_gates(player: Player, danger: str = "no") -> Form:
    return form_of(player.sends(player.calls("report-content"), danger=danger, image="no"))


def test_the_gates_come_before_any_field(aet: Stage) -> None:
    opened = aet["class-teacher"].calls("report-content")
    assert isinstance(opened, OpenForm)
    assert [i.id for i in opened.form.inputs] == ["danger", "image"]
    assert isinstance(aet["class-teacher"].sends(opened, danger="no"), FieldErrors)


def test_a_possible_sexual_image_ends_the_form(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    reply = teacher.sends(teacher.calls("report-content"), danger="no", image="yes")
    assert isinstance(reply, Message)
    assert "Do not view, copy, print, forward, save or screenshot" in text_of(reply)
    aet.deliver()
    assert all(not aet[user].feed() for user in aet.players)


def test_danger_now_shows_999_first_and_goes_on(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    reply = teacher.sends(teacher.calls("report-content"), danger="yes", image="no")
    assert isinstance(reply, UpdateForm)
    assert "999" in reply.before[0].title
    teacher.sends(reply, **SEEN, who="unknown")
    aet.deliver()
    assert "dangers" not in aet["ict-technician"].sees()


def test_a_site_alone_goes_to_ict(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(past_gates(teacher), **SEEN, who="unknown")
    aet.deliver()
    technician = aet["ict-technician"]
    assert SEEN["nature"] in technician.sees()
    technician.acts("Record action taken", action_taken="Blocked on the filter.")
    aet.deliver()
    assert "Blocked on the filter." in teacher.sees()
    assert aet["dsl"].feed() == aet["headteacher"].feed() == ()


def test_a_pupil_reaches_the_dsl_and_ict_never_sees_who(aet: Stage) -> None:
    teacher, technician, dsl = aet["class-teacher"], aet["ict-technician"], aet["dsl"]
    asked = teacher.sends(past_gates(teacher), **SEEN, who="pupil", pupil_name="Sam Example")
    assert "This goes to: ICT technician; Designated safeguarding lead." in text_of(asked)
    teacher.sends(asked, **SEEN, who="pupil", pupil_name="Sam Example", about_receiver="no")
    aet.deliver()
    for player in (technician, dsl):
        assert "example.org" not in player.sees(), "chat shows reference, kind and urgency alone"
        assert "Sam Example" not in player.sees()
    ict_view, dsl_view = technician.presses("Open details"), dsl.presses("Open details")
    assert isinstance(ict_view, Details)
    assert "example.org" in text_of(ict_view)
    assert "Sam Example" not in text_of(ict_view)
    assert "A pupil" not in text_of(ict_view)
    assert "Sam Example" in text_of(dsl_view)
    assert aet["headteacher"].feed() == ()


def test_a_member_of_staff_reaches_the_head_and_never_themselves(aet: Stage) -> None:
    teacher, assistant, head = aet["class-teacher"], aet["teaching-assistant"], aet["headteacher"]
    filled = {**SEEN, "who": "staff", "staff_member": assistant.id}
    asked = teacher.sends(past_gates(teacher), **filled)
    teacher.sends(asked, **filled, about_receiver="no")
    aet.deliver()
    details = head.presses("Open details")
    assert "Teaching assistant" in text_of(details)
    assert assistant.feed() == ()
    target = head.button("Open details")
    assert "cannot open this" in text_of(assistant.presses(target))


def test_about_the_head_it_goes_to_the_chair_and_to_no_deputy(aet: Stage) -> None:
    teacher, head = aet["class-teacher"], aet["headteacher"]
    filled = {**SEEN, "who": "staff", "staff_member": head.id}
    asked = teacher.sends(past_gates(teacher), **filled)
    assert "Chair of the board of trustees" in text_of(form_of(asked).intro)
    assert "eadteacher" not in text_of(form_of(asked).intro)
    teacher.sends(asked, **filled, about_receiver="no")
    aet.deliver()
    assert "Open details" in text_of(aet["chair"].feed())
    assert head.feed() == aet["deputy-headteacher"].feed() == ()


@pytest.mark.parametrize("who", ["ict-technician", "dsl"])
def test_a_receiver_it_is_about_is_left_out_before_sending(aet: Stage, who: str) -> None:
    teacher = aet["class-teacher"]
    filled = {**SEEN, "who": "pupil"}
    first = teacher.sends(past_gates(teacher), **filled)
    second = teacher.sends(first, **filled, about_receiver=aet[who].id)
    assert isinstance(second, UpdateForm), "the receivers have changed, so they are shown again"
    assert aet[who].id not in text_of(
        [o.value for i in form_of(second).inputs for o in getattr(i, "options", ())]
    )
    teacher.sends(second, **filled, about_receiver="no")
    aet.deliver()
    assert aet[who].feed() == ()
    instead = {"ict-technician": "online-safety-lead", "dsl": "headteacher"}[who]
    assert aet[instead].feed()


def test_someone_else_on_the_staff_can_be_named(aet: Stage) -> None:
    teacher, other = aet["class-teacher"], aet["marketing-officer"]
    filled = {**SEEN, "who": "pupil"}
    first = teacher.sends(past_gates(teacher), **filled)
    with_picker = teacher.changes(first, **filled, about_receiver="else")
    assert "about_person" in {i.id for i in form_of(with_picker).inputs}
    assert isinstance(teacher.sends(with_picker, **filled, about_receiver="else"), FieldErrors)
    again = teacher.sends(with_picker, **filled, about_receiver="else", about_person=other.id)
    assert "Headteacher" in text_of(form_of(again).intro), "a colleague brings the head in"
    assert isinstance(teacher.sends(again, **filled, about_receiver="no"), Message)
    (request,) = aet.clerk.store.open_in("aet")
    assert request.subjects == (other.id,), "and is kept from it"


def test_it_is_closed_with_an_outcome_and_nobody_withdraws_it(aet: Stage) -> None:
    teacher, dsl = aet["class-teacher"], aet["dsl"]
    filled = {**SEEN, "who": "pupil"}
    asked = teacher.sends(past_gates(teacher), **filled)
    teacher.sends(asked, **filled, about_receiver="no")
    aet.deliver()
    assert "Withdraw" not in text_of(teacher.feed())
    details = dsl.presses("Open details")
    assert isinstance(details, Details)
    close = next(b for b in details.card.buttons if b.action == "close")
    dsl.sends(dsl.presses(close), reason="Dealt with under the behaviour policy.")
    technician = aet["ict-technician"]
    details = technician.presses("Open details")
    assert isinstance(details, Details)
    done = next(b for b in details.card.buttons if b.action == "done")
    technician.sends(technician.presses(done), action_taken="Blocked.")
    aet.deliver()
    assert "closed" in teacher.feed()[0].title


def test_each_opening_is_recorded(aet: Stage) -> None:
    teacher, dsl = aet["class-teacher"], aet["dsl"]
    filled = {**SEEN, "who": "pupil"}
    asked = teacher.sends(past_gates(teacher), **filled)
    teacher.sends(asked, **filled, about_receiver="no")
    aet.deliver()
    for _ in range(3):
        dsl.presses("Open details")
    (request,) = aet.clerk.store.open_in("aet")
    opened = [t.person for t in aet.clerk.store.history(request.id) if t.action == "opened"]
    assert opened == [dsl.id] * 3
    assert [(waiting.stage, waiting.seen) for waiting in request.open] == [("block", False), ("pupil", True)]
    assert request.version == 2, "only the first opening stops a clock"


def test_a_note_reaches_those_handling_it(aet: Stage) -> None:
    teacher, dsl, technician = aet["class-teacher"], aet["dsl"], aet["ict-technician"]
    filled = {**SEEN, "who": "pupil"}
    asked = teacher.sends(past_gates(teacher), **filled)
    teacher.sends(asked, **filled, about_receiver="no")
    aet.deliver()
    teacher.acts("Add a note", reason="It was during lunch.")
    aet.deliver()
    assert "during lunch" not in dsl.sees() + technician.sees() + teacher.sees()
    assert "during lunch" in text_of(dsl.presses("Open details"))
    assert "during lunch" not in text_of(technician.presses("Open details"))
