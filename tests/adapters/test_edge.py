"""What the chat platforms' edges share, on a real clerk: once, patiently, and never in silence."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.edge import TROUBLE, Edge, for_everyone, offered
from adapters.logs import told_without_words
from bot.cards import Message, OpenForm, Reply
from bot.events import Asked, CommandCalled, Event, FormSubmitted, HomeOpened, Identity
from tests.school import Stage, form_of

FAST = (0.0, 0.0, 0.0)


class Stubborn:
    """A clerk whose database is away for the first few calls, or for good."""

    def __init__(self, stage: Stage, failures: int, error: Exception) -> None:
        self.stage, self.failures, self.error = stage, failures, error
        self.calls = 0

    def handle(self, event: Event) -> Reply:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return self.stage.clerk.assistant.handle(event)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.edge._PAUSES", FAST)


@pytest.fixture
async def edge(aet: Stage) -> AsyncIterator[Edge]:
    made = Edge(aet.clerk.assistant, aet.clerk.store, aet.clock)
    yield made
    await made.close()


def teacher(aet: Stage) -> Identity:
    return aet["class-teacher"].who


async def test_a_question_that_comes_again_is_answered_once(aet: Stage, edge: Edge) -> None:
    question = Asked(id="Ev1", who=teacher(aet), text="Can I accept a parent's friend request?")
    replies = await asyncio.gather(*(edge.handle(question) for _ in range(5)))
    assert sum(reply is not None for reply in replies) == 1
    elsewhere = Edge(aet.clerk.assistant, aet.clerk.store, aet.clock)
    assert await elsewhere.handle(question) is None
    await elsewhere.close()


async def test_a_form_that_comes_again_gets_the_same_reply_and_is_one_request(aet: Stage, edge: Edge) -> None:
    opened = await edge.handle(CommandCalled(id="c1", who=teacher(aet), command="report-contact"))
    assert isinstance(opened, OpenForm)
    form = form_of(opened)
    values = {item.id: ("no",) for item in form.inputs}
    sent = FormSubmitted(id="V1.h1", who=teacher(aet), form=form.id, state=form.state, values=values)
    first, again = await asyncio.gather(edge.handle(sent), edge.handle(sent))
    assert first is not None
    assert again == first


async def test_a_home_is_drawn_as_often_as_it_is_opened(aet: Stage, edge: Edge) -> None:
    opened = HomeOpened(id="h", who=teacher(aet))
    assert await edge.handle(opened) is not None
    elsewhere = Edge(aet.clerk.assistant, aet.clerk.store, aet.clock)
    assert await elsewhere.handle(opened) is not None
    await elsewhere.close()


async def test_a_busy_database_is_waited_for(aet: Stage) -> None:
    clerk = Stubborn(aet, 2, OSError("database is locked"))
    edge = Edge(clerk, aet.clerk.store, aet.clock)
    reply = await edge.handle(Asked(id="e", who=teacher(aet), text="Who approves a post?"))
    assert reply not in (None, Message(cards=(TROUBLE,)))
    await edge.close()


@pytest.mark.parametrize("error", [OSError("away"), RuntimeError("a mistake of ours")])
async def test_what_fails_for_good_is_said_and_can_be_asked_again(
    aet: Stage, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    clerk = Stubborn(aet, 4 if isinstance(error, OSError) else 1, error)
    edge = Edge(clerk, aet.clerk.store, aet.clock)
    question = Asked(id="e", who=teacher(aet), text="my secret worry")
    assert await edge.handle(question) == Message(cards=(TROUBLE,))
    assert "secret" not in caplog.text
    assert await edge.handle(question) not in (None, Message(cards=(TROUBLE,)))
    await edge.close()


async def test_what_cannot_be_remembered_hurts_nobody_who_came_at_the_same_time(
    aet: Stage, edge: Edge
) -> None:
    called = [CommandCalled(id=name, who=teacher(aet), command="help") for name in ("c1", "odd", "c2")]
    called[1] = called[1].model_copy(update={"id": "\ud800"})  # which no platform's event can have
    replies = await asyncio.gather(*map(edge.handle, called))
    assert [reply == Message(cards=(TROUBLE,)) for reply in replies] == [False, True, False]
    assert [await edge.handle(called[n]) for n in (0, 2)] == [None, None]


def test_an_exception_is_logged_without_its_words() -> None:
    def fails() -> None:
        raise ValueError("what Ms Somebody typed")

    try:
        fails()
    except ValueError as error:
        logged = told_without_words(error)
    assert "ValueError" in logged
    assert "fails:" in logged
    assert "Somebody" not in logged


@pytest.mark.parametrize(
    ("text", "open_to_all"),
    [
        ("Can I accept a parent's friend request?", True),
        ("What is the capital of France?", True),
        ("hello", True),
        ("A pupil told me that her uncle hurts her", False),
        ("my-requests", False),
        ("unblock-request", False),
    ],
)
async def test_only_the_policy_is_said_in_a_channel(
    aet: Stage, edge: Edge, text: str, open_to_all: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.assistant.triage_ready", lambda: "")
    monkeypatch.setattr("bot.conversation.triage_ready", lambda: "")
    event = Asked(id=text, who=teacher(aet), text=text, place="shared")
    reply = await edge.handle(event)
    assert reply is not None
    assert for_everyone(event, reply) == open_to_all
    alone = event.model_copy(update={"place": "private"})
    assert not for_everyone(alone, reply)


async def test_a_form_is_offered_where_none_can_be_opened(aet: Stage, edge: Edge) -> None:
    reply = await edge.handle(Asked(id="e", who=teacher(aet), text="unblock-request"))
    assert isinstance(reply, OpenForm)
    (card,) = offered(reply).cards
    (button,) = card.buttons
    pressed = aet["class-teacher"].presses(button)
    assert isinstance(pressed, OpenForm)
    assert pressed.form.id == reply.form.id
