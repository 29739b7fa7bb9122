"""The addresses of the server at which hostile bodies are posted, with what was posted to them when all was well."""

import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar
from aiohttp.test_utils import TestServer

from adapters.demo import cast
from adapters.server import application
from adapters.web.limits import Pace
from tests.adapters.mutations import mutated
from tests.adapters.slack.conftest import SECRET, offices
from tests.adapters.slack.test_stories import UNBLOCK
from tests.adapters.teams.staff import in_teams
from tests.school import Stage, staged
from tests.slack_server.wire import HttpWire, signed

OURS = {"Origin": "https://clerk.school.example", "Sec-Fetch-Site": "same-origin"}
ELSEWHERE = {"Origin": "https://elsewhere.example"}
Body = tuple[bytes, str, str]
"""Bytes, content type, and the route they are posted to."""
FILLED = {
    "url": ["https://a.example/"],
    "content": ["a"],
    "reasons": ["b"],
    "risks": ["c"],
    "for_pupils": ["no"],
}


@dataclass
class Door:
    """Some addresses, what was posted to them, and how to post more."""

    shapes: list[Body]
    post: Callable[[bytes, str, str, bool], Awaitable[tuple[int, str]]]
    """Body, content type, route, and whether it proves where it comes from: status and answer."""
    forget: Callable[[], None] = lambda: None
    """Empties what the other side of the test keeps, so that only the clerk's memory is looked at."""
    fresh: dict[str, Callable[[], str]] = field(default_factory=dict)
    closed: tuple[int, ...] = (401, 400, 413, 415)
    """How a body without a proof is answered."""
    spoil: Callable[[bytes, Random, dict[str, Callable[[], str]]], bytes] = mutated


Post = Callable[[bytes, str, dict[str, str]], Awaitable[tuple[int, str]]]
"""Body, path and headers: status and answer."""


@asynccontextmanager
async def knocking(server: TestServer | str) -> AsyncIterator[Post]:
    """Posts to a server. aiohttp's own client for tests keeps all answers, which would look like a leak."""
    base = server if isinstance(server, str) else str(server.make_url("")).rstrip("/")
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:

        async def post(body: bytes, path: str, headers: dict[str, str]) -> tuple[int, str]:
            async with session.post(base + path, data=body, headers=headers) as answer:
                return answer.status, await answer.text(errors="replace")

        yield post


@contextmanager
def unhurried() -> Iterator[None]:
    """Nobody is told to wait: what is posted too fast would not be looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pace, "allows", lambda *_: True)
        yield


@asynccontextmanager
async def slack_door(home: Path) -> AsyncIterator[Door]:
    async with asynccontextmanager(offices)(home, "aet") as office:
        shapes: list[Body] = []
        wire = office.slack.wire
        assert isinstance(wire, HttpWire)
        post = wire.post

        async def recorded(body: bytes, content_type: str, headers: dict[str, Any]) -> Any:
            shapes.append((body, content_type, "/slack/events"))
            return await post(body, content_type, headers)

        wire.post = recorded  # type: ignore[method-assign]
        teacher, technician = office["class-teacher"], office["ict-technician"]
        await teacher.says("Can I accept a parent's friend request?")
        await teacher.until("parent")
        await teacher.changes(teacher.messages("dm")[0], "A pupil told me that he is hit at home")
        await teacher.opens_home()
        await teacher.uses_shortcut("report_message", on=teacher.messages("dm")[0])
        await office.slack.quiet()
        if teacher.modal:
            await teacher.closes(everything=True)
        await teacher.types("/unblock-request")
        await teacher.fills(UNBLOCK)
        await teacher.submits()
        await teacher.until("sent", "modal")
        await teacher.closes()
        await technician.until("Check by ICT")
        await technician.clicks("Pass to headteacher")
        await technician.fills({"blocked": "Yes"})
        await technician.submits()
        await technician.until("Decision by the headteacher")
        await technician.closes(everything=True)
        await teacher.types("/my-requests")
        await teacher.types("/report-content")
        await office.slack.quiet()
        while teacher.modal:
            await teacher.closes(everything=True)
        await teacher.opens_home()
        await teacher.enters("What would you like to know?", "Who approves a post?")
        await office.slack.quiet()
        while teacher.modal:
            await teacher.closes(everything=True)
        await teacher.uses_shortcut("ask_the_clerk")
        await teacher.until("What would you like to know?", "modal")
        await teacher.fills({"What would you like to know?": "Who approves a post?"})
        await teacher.submits()
        office.slack.channel("C1", teacher.id)
        await teacher.says("@Policy Clerk Who approves a post?", "C1")
        await wire.verifies()
        await office.slack.quiet()
        wire.post = post  # type: ignore[method-assign]
        numbers = itertools.count(1)

        def number() -> str:
            return f"n{next(numbers)}"

        async with knocking(office.url) as post_to:

            async def knock(body: bytes, content_type: str, path: str, proven: bool) -> tuple[int, str]:
                proof = signed(SECRET, body, int(time.time())) if proven else {}
                return await post_to(body, path, {"Content-Type": content_type} | proof)

            fresh = dict.fromkeys(("event_id", "trigger_id", "action_ts", "hash"), number)
            workspace = office.slack.workspace

            def forget() -> None:
                for kept in (office.slack.calls, office.slack.refusals, workspace.messages, workspace.files):
                    kept.clear()

            yield Door(shapes, knock, forget, fresh)
            await office.slack.quiet()


@asynccontextmanager
async def teams_door(home: Path) -> AsyncIterator[Door]:
    async with in_teams(home) as school:
        shapes: list[Body] = []
        token = school.fake.token()

        said = school.post

        async def remembered(body: Any, token: str | None = None) -> tuple[int, Any]:
            shapes.append((json.dumps(body).encode(), "application/json", "/api/messages"))
            return await said(body, token)

        school.post = remembered  # type: ignore[method-assign]
        teacher, technician = school["class-teacher"], school["ict-technician"]
        await teacher.greets()
        await technician.greets()
        (offer,) = await teacher.says("/unblock-request")
        values = {name: value for name, value in UNBLOCK.items() if name != "for_pupils"}
        await teacher.fills(offer.card, message=offer.id, for_pupils="no", **values)
        await school.deliver()
        checking = technician.card_about("Check by ICT")
        await technician.acts(checking, "Pass to headteacher", blocked="yes")
        await teacher.says("Can I accept a parent's friend request?")
        await teacher.posts(type="installationUpdate", action="add")
        await teacher.posts(
            type="messageUpdate", text="A pupil told me that he is hit at home", timestamp="1"
        )
        message = {"body": {"content": "<p>He hit me</p>"}, "linkToMessage": "https://teams.example/m"}
        await teacher.posts(
            type="invoke",
            name="composeExtension/fetchTask",
            value={"commandId": "reportMessage", "messagePayload": message},
        )
        numbers = itertools.count(1)

        def forget() -> None:
            school.fake.posted.clear()
            school.fake.messages.clear()

        async with knocking(school.client.server) as post:

            async def knock(body: bytes, content_type: str, path: str, proven: bool) -> tuple[int, str]:
                proof = {"Authorization": f"Bearer {token}"} if proven else {}
                return await post(body, path, {"Content-Type": content_type} | proof)

            yield Door(shapes, knock, forget, {"id": lambda: f"n{next(numbers)}"})


CLOSED = (403, 400, 413, 415)
PLAYED = "/as/{school}/{user}/event"


@asynccontextmanager
async def page_door(home: Path) -> AsyncIterator[Door]:
    """The playground, where anybody is whoever the address says."""
    with contextmanager(staged)(home, "aet") as stage:
        house = cast(stage.clerk, stage.published)
        async with TestServer(application(stage.clerk, [house])) as server, knocking(server) as post:

            async def knock(body: bytes, content_type: str, route: str, proven: bool) -> tuple[int, str]:
                headers = {"Content-Type": content_type} | ({} if proven else ELSEWHERE)
                path = route.format(school="aet", user="class-teacher")
                return await post(body, path, headers)

            shapes = [(json.dumps(body).encode(), "application/json", PLAYED) for body in done_on(stage)]
            yield Door(shapes, knock, fresh={"id": lambda: str(uuid.uuid4())}, closed=CLOSED)


@asynccontextmanager
async def signed_in_door(home: Path) -> AsyncIterator[Door]:
    """Under `serve`: signing in with a link that is good, and what somebody does who is signed in."""
    with unhurried(), contextmanager(staged)(home, "aet", public_url=OURS["Origin"]) as stage:
        stage.clerk.places.adopt("aet", stage.clock.now())
        signs, people = stage.clerk.sign_ins, [stage["class-teacher"].id]

        def enter() -> str:
            return signs.enter_by_link(signs.link(people), own=True)

        cookies = [enter()]
        async with TestServer(application(stage.clerk)) as server, knocking(server) as post:

            async def knock(body: bytes, content_type: str, route: str, proven: bool) -> tuple[int, str]:
                headers = {"Content-Type": content_type, "Cookie": f"__Host-policyclerk={cookies[-1]}"}
                headers |= OURS if proven else ELSEWHERE
                status, text = await post(body, route, headers)
                if status == 200 and route in ("/sign-in", "/me/sign-out"):  # signed out, or as somebody anew
                    cookies[:] = [enter()]
                assert status != 401, "signed out unasked"
                return status, text

            bodies: list[tuple[str, dict[str, object]]] = [
                ("/sign-in", {"token": "x" * 43}),
                ("/sign-in", {"email": "a@b.example", "code": "ABCD-EFGH", "own": True}),
                ("/me/here", {}),
                ("/me/sign-out", {"everywhere": True}),
                *(("/me/event", body) for body in done_on(stage)),
            ]
            shapes = [(json.dumps(body).encode(), "application/json", route) for route, body in bodies]
            fresh = {"id": lambda: str(uuid.uuid4()), "token": lambda: signs.link(people)}
            yield Door(shapes, knock, fresh=fresh, closed=CLOSED)


def done_on(stage: Stage) -> list[dict[str, object]]:
    """What a page posts for the class teacher, one of everything."""
    teacher = stage["class-teacher"]
    form = teacher.calls("unblock-request").form  # type: ignore[union-attr]
    teacher.sends(form, **{name: tuple(value) for name, value in FILLED.items()})
    stage.deliver()
    button = teacher.button("Withdraw")
    filled = {"form": form.id, "state": form.state, "values": FILLED}
    bodies: list[dict[str, object]] = [
        {"kind": "said", "text": "Can I accept a parent's friend request?"},
        {"kind": "said", "text": "/unblock-request"},
        {"kind": "said", "text": "A pupil told me that he is hit at home"},
        {"kind": "home"},
        {"kind": "pressed", "action": button.action, "target": button.target, "version": button.version},
        {"kind": "pressed", "action": "start", "target": "report-content"},
        {"kind": "pressed", "action": "open", "target": button.target},
        {"kind": "changed", **filled},
        {"kind": "submitted", **filled},
    ]
    return [{"id": "x", **body} for body in bodies]
