"""Malformed, cut off, oversized and hostile bodies at every door: no 5xx, no traceback, nothing that the clerk
failed to answer, no growth in memory. What lies behind the door is reached: bodies are signed as Slack signs
them, and carry tokens as Microsoft makes them.

A few at a time here; `pytest -m slow` posts 10,000 to each door.
"""

import asyncio
import gc
import itertools
import json
import logging
import threading
import time
import tracemalloc
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.demo import cast
from adapters.server import application
from tests.adapters.mutations import mutated
from tests.adapters.slack.conftest import SECRET, offices
from tests.adapters.slack.test_stories import UNBLOCK
from tests.adapters.teams.staff import in_teams
from tests.school import staged
from tests.slack_server.wire import HttpWire, signed

ROOT = Path(__file__).parents[2]
FAILED = (
    "could not be answered",
    "could not be drawn",
    "could not answer",
)
"""What is logged where the clerk itself had no answer. A spot in Slack that no answer can be put into is logged too
("something acknowledged was not answered"): whoever signs for Slack has only themselves to tell."""

MANY = 10_000
AS_TEACHER = "/as/aet/class-teacher/event"
OURS = {"Origin": "https://clerk.school.example", "Sec-Fetch-Site": "same-origin"}
Body = tuple[bytes, str, str]
"""Bytes, content type, and the path it is posted to."""


@dataclass
class Door:
    """One address, bodies that were posted to it, and how to post more."""

    shapes: list[Body]
    post: Callable[[bytes, str, str, bool], Awaitable[tuple[int, str]]]
    """Body, content type, path, and whether it proves where it comes from: status and answer."""
    forget: Callable[[], None]
    """Empties what the other side of the test keeps, so that only the clerk's memory is looked at."""
    fresh: dict[str, Callable[[], str]] = field(default_factory=dict)
    closed: int = 401
    """How a body without a proof is answered."""


@asynccontextmanager
async def slack_door(home: Path) -> AsyncIterator[Door]:
    async with asynccontextmanager(offices)(home, "aet") as office:
        shapes: list[Body] = []
        wire = office.slack.wire
        assert isinstance(wire, HttpWire)
        post = wire.post

        async def recorded(body: bytes, content_type: str, headers: dict[str, Any]) -> Any:
            shapes.append((body, content_type, ""))
            return await post(body, content_type, headers)

        wire.post = recorded  # type: ignore[method-assign]
        teacher, technician = office["class-teacher"], office["ict-technician"]
        await teacher.says("Can I accept a parent's friend request?")
        await teacher.until("parent")
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
        await teacher.types("/my-requests")
        await teacher.types("/report-content")
        await office.slack.quiet()
        wire.post = post  # type: ignore[method-assign]
        numbers = itertools.count(1)

        def number() -> str:
            return f"n{next(numbers)}"

        async with ClientSession() as session:

            async def knock(body: bytes, content_type: str, path: str, proven: bool) -> tuple[int, str]:
                headers = {"Content-Type": content_type}
                headers |= signed(SECRET, body, int(time.time())) if proven else {}
                async with session.post(wire.address, data=body, headers=headers) as answer:
                    return answer.status, await answer.text(errors="replace")

            fresh = dict.fromkeys(("event_id", "trigger_id", "action_ts", "hash"), number)
            workspace = office.slack.workspace

            def forget() -> None:
                office.slack.calls.clear()
                workspace.messages.clear()
                workspace.views.clear()
                office.slack.refusals.clear()

            yield Door(shapes, knock, forget, fresh)
            await office.slack.quiet()


@asynccontextmanager
async def teams_door(home: Path) -> AsyncIterator[Door]:
    async with in_teams(home) as school:
        shapes: list[Body] = []
        token = school.fake.token()
        post = school.client.post

        async def knock(body: bytes, content_type: str, path: str, proven: bool) -> tuple[int, str]:
            headers = {"Content-Type": content_type}
            headers |= {"Authorization": f"Bearer {token}"} if proven else {}
            async with post(path, data=body, headers=headers) as answer:
                return answer.status, await answer.text(errors="replace")

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

        yield Door(shapes, knock, forget, {"id": lambda: f"n{next(numbers)}"})


@asynccontextmanager
async def page_door(home: Path) -> AsyncIterator[Door]:
    with contextmanager(staged)(home, "aet") as stage:
        house = cast(stage.clerk, stage.published)
        async with TestClient(TestServer(application(stage.clerk, [house]))) as page:

            async def knock(body: bytes, content_type: str, path: str, proven: bool) -> tuple[int, str]:
                headers = {"Content-Type": content_type}
                headers |= {} if proven else {"Origin": "https://elsewhere.example"}
                async with page.post(path, data=body, headers=headers) as answer:
                    return answer.status, await answer.text(errors="replace")

            teacher = stage["class-teacher"]
            form = teacher.calls("unblock-request").form  # type: ignore[union-attr]
            filled = {
                "url": ["https://a.example/"], "content": ["a"], "reasons": ["b"], "risks": ["c"],
                "for_pupils": ["no"],
            }  # fmt: skip
            teacher.sends(form, **{name: tuple(value) for name, value in filled.items()})
            stage.deliver()
            button = teacher.button("Withdraw")
            bodies = [
                {"kind": "said", "text": "Can I accept a parent's friend request?"},
                {"kind": "said", "text": "/unblock-request"},
                {"kind": "home"},
                {
                    "kind": "pressed",
                    "action": button.action,
                    "target": button.target,
                    "version": button.version,
                },
                {"kind": "pressed", "action": "start", "target": "report-content"},
                {"kind": "changed", "form": form.id, "state": form.state, "values": filled},
                {"kind": "submitted", "form": form.id, "state": form.state, "values": filled},
            ]
            shapes = [
                (json.dumps({"id": "x", **body}).encode(), "application/json", AS_TEACHER) for body in bodies
            ]
            yield Door(shapes, knock, lambda: None, {"id": lambda: str(uuid.uuid4())}, closed=403)


@asynccontextmanager
async def sign_in_door(home: Path) -> AsyncIterator[Door]:
    """Under `serve`: signing in, and what a page that was signed in does."""
    with contextmanager(staged)(home, "aet", public_url=OURS["Origin"]) as stage:
        stage.clerk.places.adopt("aet", stage.clock.now())
        async with TestClient(TestServer(application(stage.clerk))) as page:

            async def knock(body: bytes, content_type: str, path: str, proven: bool) -> tuple[int, str]:
                headers = {"Content-Type": content_type, "Cookie": f"__Host-policyclerk={'x' * 43}"}
                headers |= OURS if proven else {"Origin": "https://elsewhere.example"}
                async with page.post(path, data=body, headers=headers) as answer:
                    return answer.status, await answer.text(errors="replace")

            bodies = {
                "/sign-in": ({"token": "x" * 43}, {"email": "a@b.example", "code": "ABCD-EFGH", "own": True}),
                "/me/here": ({},),
                "/me/sign-out": ({"everywhere": True},),
                "/me/event": ({"kind": "said", "id": "x", "text": "A pupil told me that he is hit at home"},),
            }
            shapes = [
                (json.dumps(body).encode(), "application/json", path)
                for path, given in bodies.items()
                for body in given
            ]
            yield Door(shapes, knock, lambda: None, {"id": lambda: str(uuid.uuid4())}, closed=403)


class Running:
    """A door on a loop of its own, so that hypothesis, which knows no loops, can knock at it."""

    def __init__(self, opened: Callable[[Path], Any], home: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._opened = opened(home)
        self.door: Door = self.do(self._opened.__aenter__())

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run it there, and wait."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def close(self) -> None:
        """Shut everything."""
        self.do(self._opened.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Heard(logging.Handler):
    """What the clerk could not answer."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if any(words in said for words in FAILED):
            self.failures.append(said)


@contextmanager
def heard() -> Iterator[Heard]:
    ears = Heard()
    logging.getLogger("adapters").addHandler(ears)
    try:
        yield ears
    finally:
        logging.getLogger("adapters").removeHandler(ears)


doors = pytest.mark.parametrize(
    "opened", [slack_door, teams_door, page_door, sign_in_door], ids=["slack", "teams", "page", "sign-in"]
)


def knock(running: Running, ears: Heard, shape: Body, seed: int, chance: int) -> None:
    """Post one body spoiled by that seed: one in ten without a proof, one in ten as another type."""
    (body, content_type, path), random, door = shape, Random(seed), running.door
    sent = mutated(body, random, door.fresh)
    if chance == 1:
        content_type = random.choice(("text/plain", "application/json; charset=utf-7", "multipart/form-data"))
    status, text = running.do(door.post(sent, content_type, path, chance > 0))
    assert status < 500, (status, text, sent[:300])
    assert chance > 0 or status in (door.closed, 400, 413, 415), status
    assert "Traceback" not in text
    assert 'File "' not in text
    assert not ears.failures, (ears.failures, sent[:3000])


@doors
def test_no_body_breaks_the_clerk(opened: Callable[[Path], Any], tmp_path: Path) -> None:
    running = Running(opened, tmp_path)
    with heard() as ears:

        @settings(
            max_examples=60,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.sampled_from(running.door.shapes), st.integers(0, 2**32), st.integers(0, 9))
        def some(shape: Body, seed: int, chance: int) -> None:
            knock(running, ears, shape, seed, chance)

        try:
            some()
        finally:
            running.close()


@doors
@pytest.mark.slow
def test_ten_thousand_bodies_leave_nothing_behind(opened: Callable[[Path], Any], tmp_path: Path) -> None:
    """What is held on to that came in the third quarter is compared with all that came in the second half: where
    each body left something behind, that would be twice as much."""
    running = Running(opened, tmp_path)
    shapes, sizes = running.door.shapes, []
    try:
        with heard() as ears:
            for seed in range(MANY):
                if seed == MANY // 2:
                    tracemalloc.start(1)
                knock(running, ears, shapes[seed % len(shapes)], seed, seed // 7 % 10)
                if seed + 1 in (MANY * 3 // 4, MANY):
                    running.door.forget()
                    sizes.append(_held())
    finally:
        tracemalloc.stop()
        running.close()
    assert sizes[1] < 1.3 * sizes[0] + 500_000, sizes


def _held() -> float:
    """Bytes that the program's own lines hold on to."""
    gc.collect()
    own = [tracemalloc.Filter(True, str(ROOT / folder / "*")) for folder in ("adapters", "bot", "knowledge")]
    return sum(one.size for one in tracemalloc.take_snapshot().filter_traces(own).statistics("filename"))
