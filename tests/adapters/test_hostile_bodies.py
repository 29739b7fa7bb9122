"""Malformed, cut off, oversized and hostile bodies and addresses at every door: no 5xx, no traceback, nothing that the
clerk failed to answer or took long over, no growth in memory. What lies behind the door is reached: bodies are
signed as Slack signs them, carry tokens as Microsoft makes them, or come from somebody who is signed in.

A few at a time here; `pytest -m slow` sends 10,000 to each door.
"""

import asyncio
import gc
import itertools
import logging
import threading
import time
import tracemalloc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.demo import cast
from adapters.server import application
from adapters.settings import SlackSettings, TeamsSettings
from tests.adapters import doors as at
from tests.adapters.addresses import addresses_door, routes
from tests.adapters.doors import Body, Door
from tests.school import staged

FAILED = (
    "could not be answered",
    "could not be drawn",
    "could not answer",
)
"""What is logged where the clerk itself had no answer. A spot in Slack that no answer can be put into is logged too
("something acknowledged was not answered"): whoever signs for Slack has only themselves to tell."""

ROOT = Path(__file__).parents[2]
MANY = 10_000
PATIENCE = 20.0
"""Seconds in which anything is answered, however busy the machine: what is read by a bad pattern takes minutes."""
SETTLING = 300_000
"""Bytes by which caches that have a bound may still grow; 100 that each body leaves behind are more."""
POSTED = {
    at.slack_door: {"/slack/events"},
    at.teams_door: {"/api/messages"},
    at.page_door: {at.PLAYED},
    at.signed_in_door: {"/sign-in", "/me/event", "/me/here", "/me/sign-out"},
}
"""Which door posts to which addresses. The last door asks for every address that is not posted to."""
doors = pytest.mark.parametrize(
    "opened", [*POSTED, addresses_door], ids=["slack", "teams", "page", "signed-in", "addresses"]
)


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
    """Nobody else listens meanwhile: pytest keeps every line, and all that an exception in it holds on to."""
    ears, root = Heard(), logging.getLogger()
    others, root.handlers[:] = root.handlers[:], [ears]
    try:
        yield ears
    finally:
        root.handlers[:] = others


def knock(running: Running, ears: Heard, shape: Body, seed: int, chance: int) -> None:
    """Post one body spoiled by that seed: one in ten without a proof, one in ten as another type."""
    (body, content_type, path), random, door = shape, Random(seed), running.door
    sent, began = door.spoil(body, random, door.fresh), time.monotonic()
    if chance == 1:
        content_type = random.choice(("text/plain", "application/json; charset=utf-7", "multipart/form-data"))
    status, text = running.do(door.post(sent, content_type, path, chance > 0))
    assert status < 500, (status, text, sent[:300])
    assert chance > 0 or status in door.closed, status
    assert time.monotonic() - began < PATIENCE, (time.monotonic() - began, sent[:300])
    assert "Traceback" not in text
    assert 'File "' not in text
    assert not ears.failures, (ears.failures, sent[:3000])


def test_no_address_of_the_server_is_left_out(home: Path) -> None:
    """A new route is posted to by one of the doors."""
    slack = SlackSettings.model_validate({"client_id": "1", "client_secret": "x", "signing_secret": "x"})
    teams = TeamsSettings.model_validate({"app_id": "1", "app_password": "x", "app_tenant_id": "x"})
    for stage in staged(home, "aet", slack=slack, teams=teams):
        house = cast(stage.clerk, stage.published)
        apps = [application(stage.clerk), application(stage.clerk, [house])]
        assert set().union(*(routes(app, "POST") for app in apps)) == set().union(*POSTED.values())
        methods = {route.method for app in apps for route in app.router.routes()}
        assert methods == {"GET", "HEAD", "POST"}


@doors
def test_no_body_breaks_the_clerk(opened: Callable[[Path], Any], home: Path) -> None:
    running = Running(opened, home)
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
            assert {route for *_, route in running.door.shapes} == POSTED.get(opened, {"serve", "demo"})
            some()
            before = requests_held()
            for seed, shape in zip(range(40), itertools.cycle(running.door.shapes), strict=False):
                knock(running, ears, shape, seed, chance=0)
            assert requests_held() < before + 10, "what is refused is held on to"
        finally:
            running.close()


@doors
@pytest.mark.slow
def test_ten_thousand_bodies_leave_nothing_behind(opened: Callable[[Path], Any], home: Path) -> None:
    """What is held on to that came in the third quarter is compared with all that came in the second half: where
    each body left something behind, that would be twice as much."""
    running = Running(opened, home)
    shapes, sizes = running.door.shapes, []
    try:
        with heard() as ears:
            for seed in range(MANY):
                if seed == MANY // 2:
                    tracemalloc.start(1)
                knock(running, ears, shapes[seed % len(shapes)], seed, seed // 7 % 10)
                if (seed + 1) % (MANY // 20) == 0:
                    time.sleep(1)  # in which what was acknowledged is answered
                    running.door.forget()
                if seed + 1 in (MANY * 3 // 4, MANY):
                    sizes.append(_held())
    finally:
        tracemalloc.stop()
        running.close()
    assert sizes[1] < 1.3 * sizes[0] + SETTLING, sizes


def requests_held() -> int:
    """How many requests are not forgotten, of all that were ever made here: those that are still on their way."""
    gc.collect()
    return sum(type(one) is web.Request for one in gc.get_objects())


def _held() -> float:
    """Bytes that are held on to, whoever made them, but for what these tests themselves keep: what the program keeps
    of a body has often been made by a library."""
    gc.collect()
    ours = [
        tracemalloc.Filter(False, str(ROOT / "tests" / "*")),
        tracemalloc.Filter(False, tracemalloc.__file__),
    ]
    return sum(one.size for one in tracemalloc.take_snapshot().filter_traces(ours).statistics("filename"))
