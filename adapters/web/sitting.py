"""Signing in and out under `serve`, and who a request is from. Nobody is anybody without a session.

    GET  /           the clerk for whoever is signed in; else the signposts, and where to sign in
    GET  /sign-in    the same signposts with a button; the link's token stays in the browser (after the #)
    POST /sign-in    {"token"} or {"email", "code"}, with "own"  -> the cookie
    POST /me/here    somebody is still at the keyboard
    POST /me/sign-out  {"everywhere"}

A link is spent by the POST alone: whatever fetches it to show a preview gets the page and no more.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from aiohttp import web
from pydantic import Field, ValidationError

from adapters.web import render
from adapters.web.cast import Visitor
from adapters.web.limits import Pace
from adapters.web.security import Problem, posted
from bot.cards import Card
from bot.events import Identity
from bot.model import Model
from bot.people import Person

OWN_LASTS = timedelta(days=30)
SIGNED_OUT = (
    "You are not signed in any more. If a child is in danger, call 999, then find your safeguarding lead. "
    "To go on, sign in again."
)
REFUSED = (
    "That did not sign you in: it was used, is too old, or is not right. Ask for a new one; if a child is in "
    "danger, do not wait for it: call 999, then find your safeguarding lead."
)
TOO_OFTEN = "That was tried too often. Please wait a minute, then ask for a new code."


T = TypeVar("T", bound=Model)


class Signed(Protocol):
    """What the page needs of a session (`adapters/store/sessions.py`)."""

    @property
    def digest(self) -> str: ...
    @property
    def who(self) -> Identity: ...
    @property
    def idle(self) -> timedelta: ...


@dataclass(frozen=True)
class Doors:
    """What signing in needs, in functions that are called in a thread."""

    by_link: Callable[[str, bool], str]
    """(token, own) -> what the cookie holds, or nothing."""
    by_code: Callable[[str, str, bool], str]
    """(e-mail, code, own) -> the same."""
    session: Callable[[str, bool], Signed | None]
    """(cookie, doing) -> who that is signed in."""
    end: Callable[[str], None]
    """Sign out whoever has this cookie."""
    end_everywhere: Callable[[Sequence[str]], int]
    people: Callable[[Identity], tuple[Person, ...]]
    """Who a session is today: nobody once they have left."""
    place: Callable[[str], str]
    """A school's name."""
    secure: bool = False
    """The page is reached by https alone."""


class _Asked(Model):
    """What the sign-in page sends: a token, or an address and a code."""

    token: str = Field(default="", max_length=100)
    email: str = Field(default="", max_length=300)
    code: str = Field(default="", max_length=40)
    own: bool = False


class _Leaving(Model):
    everywhere: bool = False


class Sitting:
    """The handlers around a session, and the visitor that one stands for."""

    def __init__(self, doors: Doors, signposts: Sequence[Card]) -> None:
        self._doors = doors
        self._front = render.signposts(signposts, sign_in=True)
        self._codes = Pace(burst=10, every=6.0)
        self._cookie = "__Host-policyclerk" if doors.secure else "policyclerk"

    async def visitor(self, request: web.Request, *, doing: bool = False) -> Visitor:
        """Who this request is from. Problem 401 without a session. `doing`: it keeps the session going."""
        visitor = await asyncio.to_thread(self.of, self._given(request), doing)
        if visitor is None:
            raise Problem(401, SIGNED_OUT)
        return visitor

    def of(self, cookie: str, doing: bool = False) -> Visitor | None:
        """Who has this cookie; None when the session is over, or they have left. Runs in a thread."""
        session = self._doors.session(cookie, doing)
        people = self._doors.people(session.who) if session else ()
        if session is None or not people:
            return None
        several = f"{len(people)} schools"
        return Visitor(
            identity=session.who,
            people=tuple(person.id for person in people),
            name=people[0].name,
            place=self._doors.place(people[0].school) if len(people) == 1 else several,
            base="/me",
            idle_seconds=int(session.idle.total_seconds()),
        )

    def still(self, request: web.Request) -> Callable[[], bool]:
        """Whether the session of this request lasts, asked again and again by an open stream."""
        cookie = self._given(request)
        return lambda: self.of(cookie) is not None

    async def front(self, _request: web.Request) -> web.StreamResponse:
        """Where to turn, and how to sign in. It asks no database, so it is always there."""
        return web.Response(text=self._front, content_type="text/html")

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Spend a link or a code. A session that this browser had ends."""
        asked = _read(_Asked, await posted(request))
        if asked.token:
            cookie = await asyncio.to_thread(self._doors.by_link, asked.token, asked.own)
        elif self._codes.allows(asked.email.strip().casefold()):
            cookie = await asyncio.to_thread(self._doors.by_code, asked.email, asked.code, asked.own)
        else:
            raise Problem(429, TOO_OFTEN)
        if not cookie:
            raise Problem(403, REFUSED)
        if before := self._given(request):
            await asyncio.to_thread(self._doors.end, before)
        response = web.json_response({"to": "/"})
        response.set_cookie(
            self._cookie,
            cookie,
            path="/",
            httponly=True,
            secure=self._doors.secure,
            samesite="Lax",
            max_age=int(OWN_LASTS.total_seconds()) if asked.own else None,
        )
        return response

    async def here(self, request: web.Request) -> web.StreamResponse:
        """Somebody is typing: the session goes on."""
        await posted(request)
        await self.visitor(request, doing=True)
        return web.json_response({})

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Sign out here, or everywhere; a session that is over already is no mistake."""
        leaving = _read(_Leaving, await posted(request))
        cookie = self._given(request)
        visitor = await asyncio.to_thread(self.of, cookie)
        if visitor and leaving.everywhere:
            await asyncio.to_thread(self._doors.end_everywhere, visitor.people)
        elif cookie:
            await asyncio.to_thread(self._doors.end, cookie)
        response = web.json_response({})
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        response.del_cookie(self._cookie, path="/", httponly=True, secure=self._doors.secure, samesite="Lax")
        return response

    def _given(self, request: web.Request) -> str:
        return request.cookies.get(self._cookie, "")


def _read(kind: type[T], body: bytes) -> T:
    try:
        return kind.model_validate_json(body)
    except ValidationError:
        raise Problem(400, "The page sent something the clerk cannot read.") from None
