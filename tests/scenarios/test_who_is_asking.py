"""Who is asking: members, guests, people of another workspace, somebody on no list."""

import pytest

from bot.cards import Home, Message, Reply
from bot.events import (
    Asked,
    ButtonPressed,
    CardShown,
    CommandCalled,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    MessageReported,
    Standing,
)
from bot.people import Person
from tests.scenarios.newcomers import SLACK, buttons, connect, player, unblock
from tests.school import Stage, form_of, text_of

EVERYTHING = (
    (Asked, {"text": "Can I accept a friend request from a parent?"}),
    (CommandCalled, {"command": "my-requests"}),
    (CommandCalled, {"command": "unblock-request"}),
    (CommandCalled, {"command": "stuck"}),
    (HomeOpened, {}),
    (ButtonPressed, {"action": "start", "target": "report-concern"}),
    (ButtonPressed, {"action": "list", "target": "mine"}),
    (CardShown, {"target": "no-such/stage"}),
    (FormChanged, {"form": "x", "state": "{}", "values": {}}),
    (FormSubmitted, {"form": "x", "state": "{}", "values": {"a": ("b c",)}}),
    (MessageReported, {"text": "Look at this.", "link": "https://slack.example/1"}),
)


def happens(stage: Stage, kind: type, standing: Standing = "member", **values: object) -> Reply:
    return stage.clerk.assistant.handle(kind(id="e", who=SLACK, standing=standing, **values))


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
