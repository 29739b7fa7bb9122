"""A concern of somebody who is on no list."""

from bot.cards import Reply
from tests.scenarios.newcomers import connect, player
from tests.school import Player, Stage, form_of, text_of


def concern(stage: Stage, **values: str | tuple[str, ...]) -> tuple[Player, Reply, dict[str, object]]:
    """Somebody on no list, at the last question of the concern form."""
    connect(stage, stage.published.school.id)
    stranger = player(stage)
    form = stranger.sends(stranger.calls("report-concern"), danger="no", image="no")
    filled = {"kinds": "contact", "reach": "01632 960 555", **values}
    return stranger, stranger.sends(form, **filled), filled


def names_of_staff(stage: Stage) -> set[str]:
    """Names that stand for nothing but a person."""
    directory, school = stage.clerk.directory, stage.published.school
    for number, person in enumerate(directory.staff(school.id).people):
        directory.add_person(person.model_copy(update={"name": f"Person Number{number}"}))
    return {person.name for person in directory.staff(school.id).people}


def test_a_concern_of_somebody_on_no_list_is_sent_by_role_and_marked(aet: Stage) -> None:
    names = names_of_staff(aet)
    stranger, asked, filled = concern(aet, who="staff", typed_name="Somebody Else")
    form = form_of(asked)
    assert "This goes to: Headteacher" in text_of(form)
    assert not [name for name in names if name in text_of(form)]
    assert not [p.id for p in aet.clerk.directory.staff("aet").people if p.id in f"{form.model_dump()}"]
    receipt = text_of(stranger.sends(form, **filled, about_receiver="no"))
    assert "Sent to: Headteacher" in receipt
    assert not [name for name in names if name in receipt]
    aet.deliver()
    assert aet.clerk.outbox.set_aside_rows() == ()
    head = aet["headteacher"]
    assert "Someone not on the staff list" in head.sees()
    details = text_of(head.presses("Open details"))
    assert "Slack U1, T1" in details
    assert "Somebody Else" in details
    assert stranger.feed() == ()


def test_whoever_is_named_in_it_is_kept_from_it_though_nobody_was_picked(aet: Stage) -> None:
    names_of_staff(aet)
    head = aet.clerk.directory.staff("aet").person(aet["headteacher"].id)
    assert head is not None
    stranger, asked, filled = concern(aet, who="staff", typed_name=f" {head.name.upper()} ")
    assert "Chair" in text_of(asked)
    stranger.sends(asked, **filled, about_receiver="no")
    aet.deliver()
    assert aet["headteacher"].feed() == ()
    assert aet["chair"].feed()


def test_a_receiver_it_is_about_is_replaced_and_the_question_asked_again(aet: Stage) -> None:
    stranger, asked, filled = concern(aet, who="parent")
    again = stranger.sends(asked, **filled, about_receiver="headteacher")
    assert "This goes to: Chair" in text_of(again)
    sent = stranger.sends(again, **filled, about_receiver="no")
    assert "Sent to: Chair" in text_of(sent)
    aet.deliver()
    assert aet["headteacher"].feed() == ()


def test_a_sexual_image_ends_that_form_too(aet: Stage) -> None:
    connect(aet, "aet")
    stranger = player(aet)
    reply = stranger.sends(stranger.calls("report-concern"), danger="no", image="yes")
    assert "Stop" in text_of(reply)
