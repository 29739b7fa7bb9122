"""What a role has in its channel, its holders alone, and leavers not any more: on a platform that keeps what it got."""

from datetime import timedelta

import pytest

from adapters.store.places import Channel
from bot.cards import Card, Details, Redraw
from bot.events import ButtonPressed
from bot.people import Person
from bot.ports import Delivery, Place, SendFailed
from bot.workflows.request import Notice, Request
from bot.workflows.sending import channel_card
from tests.scenarios.newcomers import SLACK, connect, player, unblock
from tests.school import Stage, text_of


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
    delivering = aet.clerk.worker._delivering
    delivering._senders = {"web": delivering._senders["web"], "slack": chat}
    return chat


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
