"""The page's routes: the playground, the clerk as one of its cast, and the signposts without it.

    GET  /                          who to be; without a playground, signposts and where to sign in
    GET  /static/{name}             script, styles, icon
    GET  /as/{school}/{user}        the clerk as that person          (playground only, as all below)
    POST /as/{school}/{user}/event  what they did (inbound.py)        -> {"target", "html", "say"}, or a PDF
    GET  /as/{school}/{user}/feed   their requests as they now stand  -> {"mark", "html"}
    GET  /as/{school}/{user}/live   server-sent events (live.py)
    GET  /as/{school}/{user}/register/{name}.csv   a register, for those who see it

A refusal is `{"error": words}`, or a page with the words where a page was asked for. Anyone may
be anyone in the playground, so it exists in `demo` alone, on invented people.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from aiohttp import web

from adapters.printing.pdf import pdf
from adapters.spreadsheet import as_csv
from adapters.web import assets, inbound, render
from adapters.web.cast import Persona, Playhouse
from adapters.web.live import Live
from adapters.web.security import Handler, Problem, guarded, posted
from bot.cards import Card, Paper, Reply
from bot.events import Event, HomeOpened, Identity
from bot.paper import Record
from bot.registers import Table
from bot.workflows.change import Refused


class Clerk(Protocol):
    """What the page needs of `bot.assistant.Assistant`. Synchronous: it is called in a thread."""

    def handle(self, event: Event, /) -> Reply:
        """The one door."""

    def feed(self, who: Identity, /) -> tuple[Card, ...]:
        """Cards of what this person was sent or made, as they now stand."""

    def export(self, who: Identity, register: str, /) -> Table:
        """A register as this person may see it. Refused, in words, when they may not."""

    def commands(self, who: Identity, /) -> tuple[render.Command, ...]:
        """(command, title, one-line summary) of what this person can start."""


class FeedMarks(Protocol):
    """What the page needs of the store."""

    def feed_mark(self, person: str, /) -> str:
        """Any text that is different whenever `feed` would be."""


@dataclass(frozen=True)
class Visitor:
    """Whoever a path says is here."""

    house: Playhouse
    persona: Persona

    @property
    def identity(self) -> Identity:
        """Who did it, for an event."""
        return Identity(platform="web", tenant=self.house.id, user=self.persona.user)


def routes(
    app: web.Application,
    *,
    assistant: Clerk,
    store: FeedMarks,
    schools: Sequence[Playhouse],
    playground: bool,
    signposts: Sequence[Card] = (),
    paper: Callable[[Record], bytes] = pdf,
    live_limit: int = 100,
    live_every: float = 1.0,
    live_heartbeat: float = 15.0,
) -> None:
    """Add the page to `app`.

    `schools` are used, and `/as/...` exists, only in the playground; `signposts` only without it.
    `paper` makes a file of a record.
    At most `live_limit` pages are told of changes, looked for every `live_every` seconds; more
    pages than that look for themselves, less often.
    """
    app.router.add_get("/static/{name}", guarded(_asset))
    if not playground:
        app.router.add_get("/", guarded(_page(render.signposts(signposts))))
        return
    live = Live(store.feed_mark, limit=live_limit, every=live_every, heartbeat=live_heartbeat)
    rooms = Rooms(assistant, store, {house.id: house for house in schools}, live, paper)
    app.on_shutdown.append(live.close)
    app.router.add_get("/", guarded(_page(render.playground(schools))))
    app.router.add_get("/as/{school}/{user}", guarded(rooms.clerk))
    app.router.add_post("/as/{school}/{user}/event", guarded(rooms.event))
    app.router.add_get("/as/{school}/{user}/feed", guarded(rooms.feed))
    app.router.add_get("/as/{school}/{user}/live", guarded(rooms.live))
    app.router.add_get("/as/{school}/{user}/register/{name}.csv", guarded(rooms.register))


@dataclass(frozen=True)
class Rooms:
    """The playground's handlers, and what they work with."""

    assistant: Clerk
    store: FeedMarks
    houses: dict[str, Playhouse]
    streams: Live
    paper: Callable[[Record], bytes]

    async def clerk(self, request: web.Request) -> web.StreamResponse:
        """The whole page. Opening it is opening one's home."""
        visitor = self._visitor(request)
        html = await asyncio.to_thread(self._drawn, visitor)
        return web.Response(text=html, content_type="text/html")

    async def event(self, request: web.Request) -> web.StreamResponse:
        """One thing the visitor did, and what the clerk says to it."""
        visitor = self._visitor(request)
        body = await posted(request)
        try:
            event = inbound.event(body, visitor.identity)
        except inbound.NotUnderstood as error:
            raise Problem(400, str(error)) from error
        reply = await asyncio.to_thread(self.assistant.handle, event)
        if isinstance(reply, Paper):
            return await self._file(reply.record)
        return web.json_response(render.reply(reply).as_json())

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """The visitor's requests. The mark is read first: a change in between is seen next time."""
        visitor = self._visitor(request)
        mark = await asyncio.to_thread(self.store.feed_mark, visitor.persona.person)
        cards = await asyncio.to_thread(self.assistant.feed, visitor.identity)
        return web.json_response({"mark": mark, "html": render.cards(cards)})

    async def register(self, request: web.Request) -> web.StreamResponse:
        """A register as a file. The right to it is looked at now, whatever the page showed."""
        who, name = self._visitor(request).identity, request.match_info["name"]
        try:
            table = await asyncio.to_thread(self.assistant.export, who, name)
        except Refused as refusal:
            raise Problem(403, str(refusal)) from refusal
        named = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        body = as_csv(table.rows).encode("utf-8")
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=named)

    async def live(self, request: web.Request) -> web.StreamResponse:
        """The stream that says when to fetch the feed again."""
        return await self.streams.stream(request, self._visitor(request).persona.person)

    async def _file(self, record: Record) -> web.Response:
        """The record as a file to keep. Its name is the reference, and says nothing else."""
        kept = {"Content-Disposition": f'attachment; filename="{record.reference}.pdf"'}
        body = await asyncio.to_thread(self.paper, record)
        return web.Response(body=body, content_type="application/pdf", headers=kept)

    def _visitor(self, request: web.Request) -> Visitor:
        house = self.houses.get(request.match_info["school"])
        persona = house.persona(request.match_info["user"]) if house else None
        if house is None or persona is None:
            raise Problem(404, "There is no such person in the playground.")
        return Visitor(house, persona)

    def _drawn(self, visitor: Visitor) -> str:
        """Runs in a thread: it asks the assistant and the store."""
        return render.clerk(
            visitor.house,
            visitor.persona,
            commands=self.assistant.commands(visitor.identity),
            home=self.assistant.handle(HomeOpened(id=str(uuid4()), who=visitor.identity)),
            mark=self.store.feed_mark(visitor.persona.person),  # before the feed: see there
            feed=self.assistant.feed(visitor.identity),
        )


def _page(html: str) -> Handler:
    """A handler for a page that is the same for everyone."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=html, content_type="text/html")

    return answer


async def _asset(request: web.Request) -> web.StreamResponse:
    """A file of ours. An address with the bytes' digest may be kept for ever; one without (a script
    that another names) is asked for again each time."""
    asset = assets.ASSETS.get(request.match_info["name"])
    if asset is None:
        raise Problem(404, "There is no such file.")
    exact = request.query.get("v") == asset.digest
    kept = {"Cache-Control": "public, max-age=31536000, immutable" if exact else "no-cache"}
    return web.Response(body=asset.body, content_type=asset.content_type, charset="utf-8", headers=kept)
