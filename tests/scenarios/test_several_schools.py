"""Somebody at several schools, and somebody on no list of a trust that has several."""

from datetime import timedelta

from bot.cards import Button, Message
from bot.events import CommandCalled
from bot.people import Person
from tests.scenarios.newcomers import SLACK, buttons, connect, player, second_school, unblock
from tests.school import Stage, form_of, packaged, text_of


def test_whoever_works_at_two_schools_is_asked_once_a_day(aet: Stage) -> None:
    second_school(aet)
    connect(aet, "aet", "step")
    for school in ("aet", "step"):
        email = "mary@trust.example"
        aet.clerk.directory.add_person(Person(id=f"{school}.m", school=school, name="M", email=email))
    aet.clerk.directory.recognise(SLACK, "mary@trust.example")
    mary = player(aet)
    asked = mary.asks("Can I be friends with parents?")
    assert {button.label for button in buttons(asked)} == {
        aet.clerk.library.published(school).school.name for school in ("aet", "step")
    }
    step = next(button for button in buttons(asked) if button.target == "step")
    mary.presses(step)
    assert "STEP" in text_of(mary.asks("help"))
    assert "my-school" in {command for command, _, _ in aet.clerk.assistant.commands(SLACK)}
    again = mary.calls("my-school")
    mary.presses(next(button for button in buttons(again) if button.target == "aet"))
    assert aet.published.school.name in text_of(mary.asks("help"))
    aet.clock.pass_by(timedelta(days=1))
    assert "Which school" in text_of(mary.asks("help"))


def test_a_school_that_is_not_theirs_cannot_be_chosen(aet: Stage) -> None:
    second_school(aet)
    connect(aet, "aet", "step")
    aet.clerk.directory.link(SLACK, aet["class-teacher"].id)
    mary = player(aet)
    mary.presses(Button(action="choose_school", label="STEP", target="step"))
    aet.clerk.directory.choose(SLACK, "step")
    assert aet.published.school.name in text_of(mary.asks("help"))
    form = form_of(mary.calls("unblock-request"))
    other = form.model_copy(update={"state": form.state.replace('"token"', '"school":"step","token"')})
    sent = mary.sends(other, url="https://a.example", content="x", reasons="y", risks="z", for_pupils="no")
    assert "AET-" in text_of(sent)


def test_a_form_and_a_card_belong_to_their_own_school_whatever_was_chosen_since(aet: Stage) -> None:
    second_school(aet)
    connect(aet, "aet", "step")
    aet.clerk.directory.link(SLACK, aet["ict-technician"].id)
    aet.clerk.directory.link(SLACK, "step.class-teacher")
    both = player(aet)
    aet.clerk.directory.choose(SLACK, "aet")
    form = form_of(both.calls("unblock-request"))
    assert aet.published.school.name in text_of(form)
    aet.clerk.directory.choose(SLACK, "step")
    sent = both.sends(form, url="https://a.example", content="x", reasons="y", risks="z", for_pupils="no")
    assert "AET-" in text_of(sent)
    unblock(aet)
    pass_on = next(b for card in both.feed() for b in card.buttons if b.action == "done")
    assert form_of(both.presses(pass_on)).title.startswith("Pass")


def test_what_cannot_wait_is_said_before_the_question_which_school(aet: Stage) -> None:
    second_school(aet)
    connect(aet, "aet", "step")
    for person in (aet["class-teacher"].id, "step.class-teacher"):
        aet.clerk.directory.link(SLACK, person)
    reply = player(aet).asks("A pupil told me her uncle hurts her")
    assert isinstance(reply, Message)
    assert [card.mood for card in reply.cards] == ["safety", "safety", "plain"]


def test_somebody_on_no_list_of_a_trust_says_which_school_they_mean(aet: Stage) -> None:
    second_school(aet)
    connect(aet, "aet", "step")
    stranger = player(aet)
    asked = stranger.calls("report-concern")
    step = next(button for button in buttons(asked) if button.target == "step/report-concern")
    onward = buttons(stranger.presses(step))[0]
    gates = stranger.presses(onward)
    assert "STEP" in text_of(form_of(gates))
    aet.clerk.directory.choose(SLACK, "aet")
    form = stranger.sends(gates, danger="no", image="no")
    filled = {"who": "parent", "kinds": "language"}
    sent = stranger.sends(stranger.sends(form, **filled), **filled, about_receiver="no")
    assert "STEP-" in text_of(sent)
    assert aet.clerk.store.open_in("aet") == ()


def test_among_many_schools_one_is_found_by_its_name(aet: Stage) -> None:
    schools = ["aet", "step", "leamington", "leading-edge", "st-alphege", "hill", "dale"]
    for school in schools[1:]:
        published = packaged(school if school in schools[:5] else "step")
        renamed = published.school.model_copy(update={"id": school})
        if school in schools[5:]:
            renamed = renamed.model_copy(update={"name": f"{school.title()} Infants"})
        edition = published.model_copy(update={"school": renamed, "version": school})
        aet.clerk.library.publish(edition, aet.clock.now())
    connect(aet, *schools)
    stranger = player(aet)
    asked = stranger.asks("Can I use my phone?")
    assert buttons(asked) == []
    assert "There are 7" in text_of(asked)
    found = stranger._handle(CommandCalled, command="my-school", text="hill infants")
    assert "Hill Infants" in {button.label for button in buttons(found)}
