"""The page's routes: the playground, or the clerk for whoever is signed in (sitting.py), or signposts alone.

    GET  /              who to be, in the playground; the clerk, for somebody signed in; else signposts
    GET  /static/{name} script, styles, icon
    GET  /as/{school}/{user}   the clerk as that person of the playground
    POST BASE/event     what they did (inbound.py)        -> {"target", "html", "say"}, or a PDF
    GET  BASE/feed      their requests as they now stand  -> {"mark", "html"}
    GET  BASE/live      server-sent events (live.py)
    GET  BASE/register/{name}.csv   a register, for those who see it

BASE is `/as/{school}/{user}` in the playground and `/me` for somebody signed in. A refusal is
`{"error": words}`, or a page with the words where a page was asked for. Anyone may be anyone in the
playground, so it exists in `demo` alone, on invented people.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from aiohttp import web

from adapters.printing.pdf import pdf
from adapters.spreadsheet import as_csv
from adapters.web import assets, inbound, render
from adapters.web.cast import Playhouse, Visitor
from adapters.web.limits import Pace, never_waits
from adapters.web.live import Live
from adapters.web.security import Handler, Problem, from_our_page, guarded, posted
from adapters.web.sitting import Doors, Sitting
from bot.cards import Card, Paper, Reply
from bot.events import Event, HomeOpened, Identity
from bot.paper import Record
from bot.registers import Table
from bot.workflows.change import Refused

TOO_FAST = "That was a lot in a short time. Please wait a moment, then go on."
_log = logging.getLogger(__name__)


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


def routes(
    app: web.Application,
    *,
    assistant: Clerk,
    store: FeedMarks,
    schools: Sequence[Playhouse] = (),
    playground: bool = False,
    signposts: Sequence[Card] = (),
    doors: Doors | None = None,
    paper: Callable[[Record], bytes] = pdf,
    live_limit: int = 100,
    live_every: float = 1.0,
    live_heartbeat: float = 15.0,
) -> None:
    """Add the page to `app`.

    `schools` are used, and `/as/...` exists, only in the playground; `signposts` only without it. People
    can sign in only with `doors`. `paper` makes a file of a record.
    At most `live_limit` pages are told of changes, looked for every `live_every` seconds; more
    pages than that look for themselves, less often.
    """
    app.router.add_get("/static/{name}", guarded(_asset))
    live = Live(limit=live_limit, every=live_every, heartbeat=live_heartbeat)
    app.on_shutdown.append(live.close)
    if playground:
        cast = _Cast({house.id: house for house in schools})
        app.router.add_get("/", guarded(_page(render.playground(schools))))
        _rooms(app, "/as/{school}/{user}", Rooms(assistant, store, cast.visitor, live, paper))
        return
    if doors is None:
        app.router.add_get("/", guarded(_page(render.signposts(signposts))))
        return
    sitting = Sitting(doors, signposts)
    rooms = Rooms(assistant, store, sitting.visitor, live, paper, sitting.still, Pace(burst=60, every=1.0))
    app.router.add_get("/", guarded(_first_page(sitting, rooms)))
    app.router.add_get("/sign-in", guarded(sitting.front))
    app.router.add_post("/sign-in", guarded(sitting.enter))
    app.router.add_post("/me/here", guarded(sitting.here))
    app.router.add_post("/me/sign-out", guarded(sitting.leave))
    _rooms(app, "/me", rooms)


def _rooms(app: web.Application, base: str, rooms: "Rooms") -> None:
    app.router.add_get(base, guarded(rooms.clerk))
    app.router.add_post(f"{base}/event", guarded(rooms.event))
    app.router.add_get(f"{base}/feed", guarded(rooms.feed))
    app.router.add_get(f"{base}/live", guarded(rooms.live))
    app.router.add_get(base + "/register/{name}.csv", guarded(rooms.register))


class Who(Protocol):
    """Says whom a request is from. Problem when nobody is let in."""

    async def __call__(self, request: web.Request, /, *, doing: bool = False) -> Visitor:
        """`doing`: they did something, which keeps them signed in."""


@dataclass(frozen=True)
class Rooms:
    """The handlers behind the page, and what they work with."""

    assistant: Clerk
    store: FeedMarks
    who: Who
    streams: Live
    paper: Callable[[Record], bytes]
    still: Callable[[web.Request], Callable[[], bool]] = lambda _request: lambda: True
    """Whether the visitor of this request stays one, asked while a stream is open."""
    pace: Pace | None = None

    async def clerk(self, request: web.Request) -> web.StreamResponse:
        """The whole page. Opening it is opening one's home."""
        visitor = await self.who(request, doing=True)
        html = await asyncio.to_thread(self._drawn, visitor)
        return web.Response(text=html, content_type="text/html")

    async def event(self, request: web.Request) -> web.StreamResponse:
        """One thing the visitor did, and what the clerk says to it."""
        body = await posted(request)
        visitor = await self.who(request, doing=True)
        try:
            event = inbound.event(body, visitor.identity)
        except inbound.NotUnderstood as error:
            raise Problem(400, str(error)) from error
        if self.pace and not self.pace.allows(visitor.identity.user) and not never_waits(event):
            raise Problem(429, TOO_FAST)
        reply = await asyncio.to_thread(self.assistant.handle, event)
        if isinstance(reply, Paper):
            return await self._file(reply.record)
        return web.json_response(render.reply(reply).as_json())

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """The visitor's requests. The mark is read first: a change in between is seen next time."""
        from_our_page(request)
        visitor = await self.who(request)
        mark = await asyncio.to_thread(self._mark, visitor)
        cards = await asyncio.to_thread(self.assistant.feed, visitor.identity)
        return web.json_response({"mark": mark, "html": render.cards(cards)})

    async def register(self, request: web.Request) -> web.StreamResponse:
        """A register as a file. The right to it is looked at now, whatever the page showed."""
        from_our_page(request)
        who, name = (await self.who(request, doing=True)).identity, request.match_info["name"]
        try:
            table = await asyncio.to_thread(self.assistant.export, who, name)
        except Refused as refusal:
            raise Problem(403, str(refusal)) from refusal
        named = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        body = as_csv(table.rows).encode("utf-8")
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=named)

    async def live(self, request: web.Request) -> web.StreamResponse:
        """The stream that says when to fetch the feed again."""
        from_our_page(request)
        visitor, still = await self.who(request), self.still(request)
        return await self.streams.stream(request, lambda: self._mark(visitor) if still() else None)

    async def _file(self, record: Record) -> web.Response:
        """The record as a file to keep. Its name is the reference, and says nothing else."""
        kept = {"Content-Disposition": f'attachment; filename="{record.reference}.pdf"'}
        body = await asyncio.to_thread(self.paper, record)
        return web.Response(body=body, content_type="application/pdf", headers=kept)

    def _mark(self, visitor: Visitor) -> str:
        return "+".join(map(self.store.feed_mark, visitor.people))

    def _drawn(self, visitor: Visitor) -> str:
        """Runs in a thread: it asks the assistant and the store."""
        return render.clerk(
            visitor,
            commands=self.assistant.commands(visitor.identity),
            home=self.assistant.handle(HomeOpened(id=str(uuid4()), who=visitor.identity)),
            mark=self._mark(visitor),  # before the feed: see there
            feed=self.assistant.feed(visitor.identity),
        )


@dataclass(frozen=True)
class _Cast:
    """Whoever a path of the playground names."""

    houses: dict[str, Playhouse]

    async def visitor(self, request: web.Request, /, *, doing: bool = False) -> Visitor:
        """Problem 404 when there is no such person."""
        house = self.houses.get(request.match_info["school"])
        persona = house.persona(request.match_info["user"]) if house else None
        if house is None or persona is None:
            raise Problem(404, "There is no such person in the playground.")
        return Visitor.player(house, persona)


def _first_page(sitting: Sitting, rooms: Rooms) -> Handler:
    """The clerk for whoever is signed in; for everybody else, and when it cannot be told, the signposts."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await rooms.clerk(request)
        except Problem as problem:
            if problem.status != 401:
                raise
        except OSError as error:
            _log.warning("the page cannot tell who is signed in: %s", type(error).__name__)
        return await sitting.front(request)

    return answer


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
