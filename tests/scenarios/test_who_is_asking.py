"""Who is asking: members, guests, people of another workspace, somebody on no list, somebody at two schools."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.demo import cast
from adapters.store.places import Channel
from bot.cards import Button, Card, Details, Home, Message, Redraw, Reply
from bot.events import (
    Asked,
    ButtonPressed,
    CommandCalled,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    Identity,
    MessageReported,
    Standing,
)
from bot.people import Person
from bot.ports import Delivery, Place, SendFailed
from bot.workflows.request import Notice, Request
from bot.workflows.sending import channel_card
from tests.school import Player, Stage, form_of, packaged, text_of

SLACK = Identity(platform="slack", tenant="T1", user="U1")
EVERYTHING = (
    (Asked, {"text": "Can I accept a friend request from a parent?"}),
    (CommandCalled, {"command": "my-requests"}),
    (CommandCalled, {"command": "unblock-request"}),
    (CommandCalled, {"command": "stuck"}),
    (HomeOpened, {}),
    (ButtonPressed, {"action": "start", "target": "report-concern"}),
    (ButtonPressed, {"action": "list", "target": "mine"}),
    (FormChanged, {"form": "x", "state": "{}", "values": {}}),
    (FormSubmitted, {"form": "x", "state": "{}", "values": {"a": ("b c",)}}),
    (MessageReported, {"text": "Look at this.", "link": "https://slack.example/1"}),
)


def connect(stage: Stage, *schools: str) -> None:
    for school in schools:
        stage.clerk.places.adopt(school, stage.clock.now())
        stage.clerk.places.connect("slack", "T1", school)


def second_school(stage: Stage, home: Path) -> None:
    published = packaged("step")
    stage.clerk.library.publish(published, stage.clock.now())
    cast(stage.clerk, published)


def player(stage: Stage, identity: Identity = SLACK) -> Player:
    newcomer = Player(stage, "somebody", "")
    newcomer.who = identity
    return newcomer


def happens(stage: Stage, kind: type, standing: Standing = "member", **values: object) -> Reply:
    return stage.clerk.assistant.handle(kind(id="e", who=SLACK, standing=standing, **values))


def buttons(reply: Reply) -> list[Button]:
    return [button for card in getattr(reply, "cards", ()) for button in card.buttons]


@pytest.mark.parametrize(("kind", "values"), EVERYTHING, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("standing", ["guest", "outside"])
def test_guests_and_other_workspaces_see_signposts_alone(
    aet: Stage, standing: Standing, kind: type, values: dict[str, object]
) -> None:
    connect(aet, "aet")
    aet.clerk.directory.link(SLACK, aet["headteacher"].id)
    reply = happens(aet, kind, standing, **values)
    shown = text_of(reply)
    assert "999" in shown
    assert aet.published.school.name not in shown
    assert aet.published.school.contacts.dsl.phone.replace(" ", "-") not in shown
    assert not buttons(reply)
    assert isinstance(reply, Home if kind is HomeOpened else Message)


@pytest.mark.parametrize(("kind", "values"), EVERYTHING, ids=lambda value: getattr(value, "__name__", ""))
def test_a_workspace_of_no_school_sees_signposts_alone(
    aet: Stage, kind: type, values: dict[str, object]
) -> None:
    aet.clerk.directory.add_person(Person(id="aet.mary", school="aet", name="M", email="mary@aet.example"))
    assert aet.clerk.directory.recognise(SLACK, "mary@aet.example") == ()
    shown = text_of(happens(aet, kind, **values))
    assert "999" in shown
    assert "not connected to a school" in shown
    assert aet.published.school.name not in shown


@pytest.mark.parametrize(("kind", "values"), EVERYTHING, ids=lambda value: getattr(value, "__name__", ""))
def test_somebody_on_no_list_learns_nothing_of_anybody(
    aet: Stage, kind: type, values: dict[str, object]
) -> None:
    connect(aet, "aet")
    shown = text_of(happens(aet, kind, **values))
    names = {person.name for person in aet.clerk.directory.staff("aet").people}
    titles = {role.title for role in aet.published.school.roles.values()}
    contacts = {contact.title for contact in aet.published.school.contacts.everyone}
    assert not [name for name in names - titles - contacts if name in shown]


def test_somebody_on_no_list_is_answered_and_shown_whom_to_go_to(aet: Stage) -> None:
    connect(aet, "aet")
    stranger = player(aet)
    answered = stranger.asks("Can I accept a friend request from a pupil?")
    assert "headteacher" in text_of(answered).lower()
    assert aet.published.school.contacts.dsl.phone.replace(" ", "-") in text_of(stranger.opens_home())
    assert stranger.feed() == ()
    assert aet.clerk.assistant.commands(SLACK) == ()


def test_a_disclosure_by_somebody_on_no_list_is_met_first(aet: Stage) -> None:
    connect(aet, "aet")
    reply = player(aet).asks("A pupil told me her uncle hurts her")
    assert isinstance(reply, Message)
    assert reply.cards[0].mood == "safety"
    assert aet.published.school.contacts.dsl.phone.replace(" ", "-") in text_of(reply)


def test_whoever_works_at_two_schools_is_asked_once_a_day(aet: Stage, tmp_path: Path) -> None:
    second_school(aet, tmp_path)
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


def test_a_school_that_is_not_theirs_cannot_be_chosen(aet: Stage, tmp_path: Path) -> None:
    second_school(aet, tmp_path)
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


def test_a_form_and_a_card_belong_to_their_own_school_whatever_was_chosen_since(
    aet: Stage, tmp_path: Path
) -> None:
    second_school(aet, tmp_path)
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
    teacher = aet["class-teacher"]
    teacher.sends(
        teacher.calls("unblock-request"),
        url="https://b.example", content="x", reasons="y", risks="z", for_pupils="no",
    )  # fmt: skip
    aet.deliver()
    pass_on = next(b for card in both.feed() for b in card.buttons if b.action == "done")
    assert form_of(both.presses(pass_on)).title.startswith("Pass")


def test_what_cannot_wait_is_said_before_the_question_which_school(aet: Stage, tmp_path: Path) -> None:
    second_school(aet, tmp_path)
    connect(aet, "aet", "step")
    for person in (aet["class-teacher"].id, "step.class-teacher"):
        aet.clerk.directory.link(SLACK, person)
    reply = player(aet).asks("A pupil told me her uncle hurts her")
    assert isinstance(reply, Message)
    assert [card.mood for card in reply.cards] == ["safety", "safety", "plain"]


class Chat:
    """A platform that keeps what it was given."""

    def __init__(self) -> None:
        self.lying: dict[str, Card] = {}
        self.closed: set[str] = set()

    def send(self, notice: Notice, request: Request, card: Card, to: Place) -> str:
        if to.channel in self.closed:
            raise SendFailed("is_archived", permanent=True)
        address = f"slack:{to.channel or to.user}:{len(self.lying)}"
        self.lying[address] = card
        return address

    def redraw(self, delivery: Delivery, card: Card) -> None:
        self.lying[delivery.address] = card

    def seen(self, place: str) -> list[str]:
        return [text_of(card) for address, card in self.lying.items() if address.split(":")[1] == place]


@pytest.fixture
def chat(aet: Stage) -> Chat:
    """Two technicians on Slack, whose role has a channel, and a class teacher there."""
    connect(aet, "aet")
    directory, chat = aet.clerk.directory, Chat()
    directory.add_person(Person(id="aet.second", school="aet", name="Second technician"))
    directory.set_role("aet", "ict-technician", [aet["ict-technician"].id, "aet.second"])
    for user, person in (
        ("ICT", aet["ict-technician"].id),
        ("ICT2", "aet.second"),
        ("CT", "aet.class-teacher"),
    ):
        directory.link(SLACK.model_copy(update={"user": user}), person)
    aet.clerk.places.set_channel(
        "aet", Channel(role="ict-technician", platform="slack", tenant="T1", channel="C1")
    )
    aet.clerk.worker._senders = {"web": aet.clerk.worker._senders["web"], "slack": chat}
    return chat


def unblock(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(
        teacher.calls("unblock-request"),
        url="https://a.example", content="x", reasons="Secret reasons", risks="z", for_pupils="no",
    )  # fmt: skip
    aet.deliver()


def test_a_channel_gets_one_card_without_what_was_written(aet: Stage, chat: Chat) -> None:
    unblock(aet)
    (card,) = chat.seen("C1")
    assert "Class teacher" in card
    assert "Secret reasons" not in card
    assert chat.seen("ICT") == chat.seen("ICT2") == []
    aet["ict-technician"].acts(
        "Pass to headteacher", blocked="yes", technical_risks="Written by the technician"
    )
    aet.deliver()
    (card,) = chat.seen("C1")
    assert "Pass to headteacher" not in card
    assert "ICT technician" in card
    assert "Written by the technician" not in card


def test_a_card_redrawn_in_a_channel_shows_no_more_than_before(aet: Stage, chat: Chat) -> None:
    unblock(aet)
    technician = player(aet, SLACK.model_copy(update={"user": "ICT"}))
    card = next(card for address, card in chat.lying.items() if ":C1:" in address)
    stale = card.buttons[-1].model_copy(update={"version": 0})
    reply = aet.clerk.assistant.handle(
        ButtonPressed(
            id="p", who=technician.who, place="shared", action=stale.action, target=stale.target, version=0
        )
    )
    if isinstance(reply, Redraw):
        assert "Secret reasons" not in text_of(reply)
    opened = technician.presses(card.buttons[0])
    assert isinstance(opened, Details)
    assert "Secret reasons" in text_of(opened)


def test_a_channel_that_is_gone_is_made_good_by_a_message_to_each(aet: Stage, chat: Chat) -> None:
    chat.closed.add("C1")
    unblock(aet)
    assert len(chat.seen("ICT")) == len(chat.seen("ICT2")) == 1
    assert "Secret reasons" in chat.seen("ICT")[0]


def test_a_request_about_people_never_goes_to_a_channel(aet: Stage, chat: Chat) -> None:
    teacher = aet["class-teacher"]
    aet.clerk.places.set_channel("aet", Channel(role="dsl", platform="slack", tenant="T1", channel="C2"))
    aet.clerk.directory.link(SLACK.model_copy(update={"user": "DSL"}), aet["dsl"].id)
    form = teacher.sends(teacher.calls("report-concern"), danger="no", image="no")
    filled = {"who": "pupil", "kinds": "contact", "reach": "In room 4"}
    teacher.sends(teacher.sends(form, **filled), **filled, about_receiver="no")
    aet.deliver()
    assert chat.seen("C2") == []
    assert len(chat.seen("DSL")) == 1
    (request,) = aet.clerk.store.open_in("aet")
    card = channel_card(aet.clerk.services.context(request), request, request.open[0].stage)
    assert request.reference not in text_of(card)
    assert not card.buttons


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


def test_somebody_on_no_list_opens_no_other_form_and_acts_on_nothing(aet: Stage) -> None:
    connect(aet, "aet")
    unblock(aet)
    button = aet["ict-technician"].feed()[0].buttons[0]
    stranger = player(aet)
    state = form_of(aet["class-teacher"].calls("unblock-request")).state
    for reply in (
        stranger.presses(button),
        stranger.calls("unblock-request"),
        stranger._handle(
            FormSubmitted, form="unblock-request", state=state, values={"url": ("https://a.example",)}
        ),
    ):
        assert isinstance(reply, Message)
        assert {b.target for b in buttons(reply)} <= {"report-concern"}


def test_a_sexual_image_ends_that_form_too(aet: Stage) -> None:
    connect(aet, "aet")
    stranger = player(aet)
    reply = stranger.sends(stranger.calls("report-concern"), danger="no", image="yes")
    assert "Stop" in text_of(reply)


def test_whoever_has_left_is_told_nothing_more_and_their_cards_are_emptied(aet: Stage, chat: Chat) -> None:
    unblock(aet)
    before = len(chat.seen("CT"))
    teacher = aet.clerk.directory.staff("aet").person(aet["class-teacher"].id)
    assert teacher is not None
    yesterday = (aet.clock.now() - timedelta(days=1)).date()
    aet.clerk.directory.add_person(teacher.model_copy(update={"ends": yesterday}))
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes", technical_risks="None.")
    aet.deliver()
    assert len(chat.seen("CT")) == before
    assert not [card for card in chat.seen("CT") if "AET-" in card]
    assert aet.clerk.outbox.set_aside_rows() == ()
    somebody = player(aet, SLACK.model_copy(update={"user": "CT"}))
    assert somebody.feed() == ()
    assert "not on a school's staff list" in text_of(somebody.calls("my-requests"))


def test_somebody_on_no_list_of_a_trust_says_which_school_they_mean(aet: Stage, tmp_path: Path) -> None:
    second_school(aet, tmp_path)
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


def test_among_many_schools_one_is_found_by_its_name(aet: Stage, tmp_path: Path) -> None:
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
