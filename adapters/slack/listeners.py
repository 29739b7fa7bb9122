"""Bolt's listeners: take what Slack sends, acknowledge at once, have the clerk answer, and show the answer.

Slack wants its acknowledgement within three seconds, whatever the database is doing. So everything is
acknowledged first; only a modal that was sent waits for its answer, and no longer than `PATIENCE_SECONDS`:
then another modal says that the clerk is at work, and is filled when it has done.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.edge import TROUBLE, Edge, for_everyone
from adapters.logs import told_without_words
from adapters.slack import inbound, placing, render
from adapters.slack.longforms import LongForms
from adapters.slack.outbound import Outbound
from adapters.slack.paper import Printer, handed_over
from adapters.slack.people import People
from adapters.slack.spots import Happening, Spot
from adapters.slack.turns import Turns
from bot.cards import Choice, Message, Paper, PersonPicker, Reply, Shown, UpdateForm
from bot.events import FormChanged, HomeOpened

PATIENCE_SECONDS = 0.3
"""How long a modal or a trigger waits for the clerk before another modal is put up."""

Body = Mapping[str, Any]
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Listeners:
    """What Slack calls. Each method is one way in, and reads what came before it acknowledges: what cannot be
    read is refused."""

    def __init__(
        self,
        edge: Edge,
        forms: LongForms,
        people: People,
        outbound: Outbound,
        printer: Printer,
        turns: Turns,
    ) -> None:
        self._edge = edge
        self._forms = forms
        self._printer = printer
        self._people = people
        self._outbound = outbound
        self._running: set[asyncio.Task[None]] = set()
        self._turns = turns

    async def close(self) -> None:
        """Let what was acknowledged be answered."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def message(self, ack: AsyncAck, body: Body) -> None:
        """A message in a conversation with the app."""
        await ack()
        self._start(inbound.message(body), self._talk)

    async def mention(self, ack: AsyncAck, body: Body) -> None:
        """An @mention in a channel."""
        await ack()
        self._start(inbound.mention(body), self._talk)

    async def home(self, ack: AsyncAck, body: Body) -> None:
        """The app's home was opened."""
        await ack()
        self._start(inbound.home(body), self._talk)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """A slash command."""
        happening = inbound.command(body)
        await ack()
        self._start(happening, self._with_trigger)

    async def reported(self, ack: AsyncAck, body: Body) -> None:
        """The shortcut on a message."""
        happening = inbound.reported(body)
        await ack()
        self._start(happening, self._with_trigger)

    async def question(self, ack: AsyncAck, body: Body) -> None:
        """The global shortcut: a box to ask in."""
        spot = inbound.shortcut_spot(body)
        await ack()
        call = placing.Call("views.open", {"trigger_id": spot.trigger, "view": render.question()})
        self._run(self._outbound.show(spot.team, ((call,),)))

    async def used(self, ack: AsyncAck, body: Body) -> None:
        """A button was pressed, or an input changed that others depend on."""
        kind = body["actions"][0]["type"]
        at_home = (body.get("view") or {}).get("type") == "home"
        happening, way = None, self._with_trigger
        if "view" in body and render.is_back(body["actions"][0]):
            self._start(inbound.changed(body), self._back)
        elif kind == "button":
            happening = inbound.pressed(body)
        elif at_home:
            happening = inbound.asked_at_home(body)
        elif "view" in body:
            happening, way = inbound.changed(body), self._changed
        await ack()
        self._start(happening, way)

    async def submitted(self, ack: AsyncAck, body: Body) -> None:
        """A modal was sent: its answer is the acknowledgement, or a modal that is filled later."""
        happening = inbound.submitted(body)
        spot, view = happening.spot, dict(body["view"])
        self._turns.next(spot.view)
        work = self._working(happening)
        done, _ = await asyncio.wait({work}, timeout=PATIENCE_SECONDS)
        if done:
            reply = _shown(work.result())
            await ack(_drawn(lambda reply: placing.answered(spot, reply, view), reply))
            self._run(self._outbound.show(spot.team, placing.receipt(spot, reply)))
        else:
            name = _name(happening)
            await ack(placing.put_up(spot, render.loading(name)))
            self._run(self._fill(spot, work, name))

    async def searched(self, ack: AsyncAck, body: Body) -> None:
        """A menu with more than a hundred entries asks what to offer for what has been typed."""
        happening, name, typed = inbound.searched(body)
        reply = await self._working(happening)
        found = [one for one in reply.form.inputs if one.id == name] if isinstance(reply, UpdateForm) else []
        options: tuple[tuple[str, str], ...] = ()
        match found:
            case [PersonPicker(people=people)]:
                options = people
            case [Choice(options=choices)]:
                options = tuple((option.value, option.label) for option in choices)
        await ack(**render.suggestions(options, typed))

    def _start(
        self, happening: Happening | None, way: Callable[[Happening], Coroutine[Any, Any, None]]
    ) -> None:
        if happening is not None:
            self._run(way(happening))

    def _run(self, doing: Coroutine[Any, Any, Any]) -> None:
        """In the background: it has been acknowledged. What goes wrong is logged without anybody's words."""
        task = asyncio.create_task(_watched(doing))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _working(self, happening: Happening) -> asyncio.Task[Reply | None]:
        return asyncio.create_task(self._answer(happening))

    async def _answer(self, happening: Happening) -> Reply | None:
        return await self._forms.answer(await self._people.introduced(happening))

    async def _talk(self, happening: Happening) -> None:
        """Where nothing presses: the answer is written when it is there."""
        await self._show(happening, await self._answer(happening))

    async def _with_trigger(self, happening: Happening) -> None:
        """Where a modal may have to be opened before the trigger dies: one is put up if the clerk is slow."""
        work, spot = self._working(happening), happening.spot
        done, _ = await asyncio.wait({work}, timeout=PATIENCE_SECONDS)
        waiting = ""
        if not done and spot.trigger:
            name = _name(happening)
            if await self._outbound.show(spot.team, (placing.waiting_view(spot, name),)):
                waiting = name
        await self._show(happening, await work, waiting)

    async def _changed(self, happening: Happening) -> None:
        """Draw the form again, unless it has changed once more meanwhile, or been sent."""
        turn = self._turns.next(happening.spot.view)
        reply, _ = await asyncio.gather(self._answer(happening), self._turns.begun(happening))
        if await self._turns.is_last(happening, turn):
            await self._show(happening, reply)

    async def _back(self, happening: Happening) -> None:
        """The step before, with what stands in this one kept."""
        event = await self._people.introduced(happening)
        if isinstance(event, FormChanged):
            self._turns.next(happening.spot.view)
            await self._show(happening, await self._forms.back(event))

    async def _fill(self, spot: Spot, work: asyncio.Task[Reply | None], name: str) -> None:
        reply = _shown(await work)
        steps = _drawn(lambda reply: placing.placed(spot, reply, waiting=name), reply)
        await self._outbound.show(spot.team, steps)
        await self._outbound.show(spot.team, placing.receipt(spot, reply))

    async def _show(self, happening: Happening, reply: Reply | None, waiting: str = "") -> None:
        spot = happening.spot
        if isinstance(reply, Paper):
            reply = await handed_over(self._edge, self._outbound, self._printer, spot, reply)
        for_all = reply is not None and for_everyone(happening.event, reply)
        steps = _drawn(lambda r: placing.placed(spot, r, for_all=for_all, waiting=waiting), reply)
        await self._outbound.show(spot.team, steps)
        if spot.kind == "home" and not isinstance(happening.event, HomeOpened):
            await self._home_again(happening)

    async def _home_again(self, happening: Happening) -> None:
        """What was pressed at home may have changed what it shows."""
        event = HomeOpened(id=f"{happening.event.id}.home", who=happening.event.who)
        again = Happening(event, replace(happening.spot, kind="home"))
        home = _shown(await self._answer(again))
        await self._outbound.show(happening.spot.team, placing.placed(again.spot, home))


def _name(happening: Happening) -> str:
    """What a modal put up for this is called. Slack takes each name once."""
    return f"waiting.{happening.event.id}"[:255]


def _drawn(draw: Callable[[Shown | None], T], reply: Shown | None) -> T:
    """A reply as Slack takes it; that it did not work, where it is more than Slack can show."""
    try:
        return draw(reply)
    except ValueError as error:
        _log.error("a reply could not be drawn: %s", told_without_words(error))
        return draw(Message(cards=(TROUBLE,)))


def _shown(reply: Reply | None) -> Shown | None:
    """A reply to a form is never a file."""
    return None if isinstance(reply, Paper) else reply


async def _watched(doing: Coroutine[Any, Any, Any]) -> None:
    try:
        await doing
    except Exception as error:  # noqa: BLE001 nobody waits for it; it must not vanish either
        _log.error("something acknowledged was not answered: %s", told_without_words(error))
