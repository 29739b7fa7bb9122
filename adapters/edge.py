"""What every chat platform's edge does alike, told apart from the platform: run the clerk in a thread, answer
a repeated delivery once, wait for a busy database, keep what is private out of a channel.

No platform's type stands here; `adapters/slack` and `adapters/teams` use it, and do not know each other.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from adapters.logs import told_without_words
from adapters.marks import Marks
from adapters.wording import OUR_FAULT
from bot.cards import Button, Card, FieldErrors, Message, OpenForm, Reply, Text, UpdateForm
from bot.events import ButtonPressed, CardShown, Event, FormChanged, FormSubmitted, HomeOpened
from bot.ports import Clock
from bot.workflows.actionforms import SUBMIT

SENT_TO_YOU = "I have sent the answer to you alone."
"""All that a thread says of a reply that is for one person (SAFEGUARDING, must 11). The same words whatever it
is about, so that they give nothing away."""
RECEIVED = Card(
    title="This has reached the clerk before",
    parts=(Text(text="Look at your requests before you send it again: type my-requests."),),
    buttons=(Button(action="start", target="my-requests", label="My requests"),),
)
"""Instead of a reply that was given before, or is about to be."""
TROUBLE = Card(title="That did not work", parts=(Text(text=OUR_FAULT),), mood="bad")

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0, 2.0, 2.0)
"""Seconds between looks at a database that is busy or away: nine seconds, then the person is told."""

_OPENS = {"start", "change", *SUBMIT}
"""Buttons that open a form, or show what a command does."""
_HARMLESS = (HomeOpened, FormChanged, CardShown)
"""What leaves nothing behind, and is drawn afresh however often it comes."""

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)


class Clerk(Protocol):
    """What an edge needs of `bot.assistant.Assistant`. Synchronous: it is called in a thread."""

    def handle(self, event: Event, /) -> Reply:
        """The one door."""


class Seen(Protocol):
    """What an edge needs of the store."""

    def first_times(self, event_ids: Collection[str], at: datetime) -> Collection[str]:
        """Which of these events are seen for the first time; remembers all of them, or none where it raises."""

    def forget(self, event_id: str) -> None:
        """The event was not answered: it may come again."""


class Edge:
    """The clerk as an adapter calls it: from an event loop, as often as a platform repeats itself."""

    def __init__(self, clerk: Clerk, store: Seen, clock: Clock, *, threads: int = 16) -> None:
        self._clerk = clerk
        self._store = store
        self._clock = clock
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="clerk")
        self._marks = Marks(self._remember)
        self._at_work: dict[str, asyncio.Task[Reply | None]] = {}

    async def handle(self, event: Event, *, again: bool = False) -> Reply | None:
        """The clerk's reply, TROUBLE when there can be none, or None for what was answered before or needs no answer.

        Whoever sends a form again has not seen the first reply: what is still being done here answers both,
        and otherwise, in whatever process, the second says how things stand. `again`: so it is with this
        event. Cancelling the caller does not stop the work.
        """
        key = f"{event.who.platform}:{event.id}"
        again = again or isinstance(event, FormSubmitted)
        known = self._at_work.get(key)
        if known is not None:
            return await asyncio.shield(known) if again else None
        task = self._at_work[key] = asyncio.create_task(self._handled(key, event, again))
        task.add_done_callback(lambda _: self._at_work.pop(key, None))
        return await asyncio.shield(task)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Anything else that reads the database, in a thread of the clerk's."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(call, *args, **kwargs))

    async def first_time(self, key: str) -> bool:
        """Whether something is seen for the first time; remembers it either way."""
        return await self._marks.first(key)

    async def close(self) -> None:
        """Wait for what is being done."""
        await asyncio.gather(*self._at_work.values(), return_exceptions=True)
        self._threads.shutdown(wait=True)

    async def _handled(self, key: str, event: Event, again: bool) -> Reply | None:
        unmarked = isinstance(event, _HARMLESS) or (again and _only_opens(event))
        try:
            if not unmarked and not await self.first_time(key):
                if not again:
                    return None
                event = event.model_copy(update={"again": True})
            reply = await self.patiently(self._clerk.handle, event)
        except Exception as error:  # noqa: BLE001 the person is told, whatever it was
            _log.error("an event could not be answered: %s", told_without_words(error))
            if not event.again:
                await self._forget(key)
            return Message(cards=(TROUBLE,))
        if isinstance(reply, Message) and not reply.cards:
            return None
        if isinstance(event, FormSubmitted) and reply and leaves_open(reply) and not event.again:
            await self._forget(key)  # a platform may call the corrected form by the same name
        return reply

    async def patiently(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Once more while the database is busy or away: then nothing was written, so nothing is done twice."""
        for pause in _PAUSES:
            try:
                return await self.run(call, *args, **kwargs)
            except OSError:
                await asyncio.sleep(pause)
        return await self.run(call, *args, **kwargs)

    async def _remember(self, keys: Collection[str]) -> Collection[str]:
        return await self.patiently(self._store.first_times, keys, self._clock.now())

    async def _forget(self, key: str) -> None:
        """What failed may be sent again."""
        try:
            await self.run(self._store.forget, key)
        except (OSError, ValueError) as error:  # the latter: a name that no database takes
            _log.warning("an event that failed stays marked as seen: %s", type(error).__name__)


def kept_from_chat(why: str) -> Message:
    """A record about a person is handed over by nobody's chat. `why`: what the platform would do with the file."""
    about = Text(text=f"It is about a person, and {why}.")
    ask = Text(text="Ask the clerk's administrator for it: they can print it for you.")
    return Message(
        cards=(Card(title="This record does not go through chat", parts=(about, ask), mood="bad"),)
    )


def not_taken(who: str) -> Message:
    """A record that the platform did not take. `who`: what did not take it."""
    said = f"{who} did not take the file. Please try again, or ask the clerk's administrator."
    return Message(cards=(Card(title="The record could not be sent", parts=(Text(text=said),), mood="bad"),))


def _only_opens(event: Event) -> bool:
    """Whether a button opens a form, and leaves nothing behind. Where its answer is wanted each time it comes,
    nobody need know that it has come before."""
    return isinstance(event, ButtonPressed) and event.action in _OPENS


def leaves_open(reply: Reply) -> bool:
    """Whether a form that was sent is still to be sent, and nothing has come of it yet."""
    refused = isinstance(reply, Message) and bool(reply.cards) and reply.cards[-1].mood == "bad"
    return refused or isinstance(reply, FieldErrors | UpdateForm)


def for_everyone(event: Event, reply: Reply) -> bool:
    """Whether a reply may be shown where others read along: only what the clerk has said is for them."""
    return event.place == "shared" and isinstance(reply, Message) and reply.audience == "place"


def offered(reply: OpenForm) -> Message:
    """A form where none can be opened, as a button that opens it: a typed message opens no dialog."""
    button = Button(action="start", target=reply.form.id, label="Open the form", style="primary")
    card = Card(title=reply.form.title, parts=(Text(text="It opens in a window."),), buttons=(button,))
    return Message(cards=(*reply.before, card), audience=reply.audience)
