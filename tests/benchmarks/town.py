"""The school and the Slack that `slack.py` measures in: 32 teachers, and a bell for every call of the Web API."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from adapters.demo import cast
from adapters.schools import Folder, read_school
from adapters.settings import Settings
from adapters.wiring import wire
from bot.events import Identity
from bot.people import Person
from tests.slack_server import FakeSlack, fake_slack
from tests.slack_server.server import Call

PEOPLE = 32


class Told(list[Call]):
    """The calls of the Web API, with a bell for whoever waits for one."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Condition()
        self._ringing: set[asyncio.Task[None]] = set()

    def append(self, call: Call) -> None:
        super().append(call)
        ring = asyncio.create_task(self._ring())
        self._ringing.add(ring)
        ring.add_done_callback(self._ringing.discard)

    async def _ring(self) -> None:
        async with self.came:
            self.came.notify_all()

    async def until(self, look: Callable[[], bool]) -> None:
        """Wait for a call after which `look` is true."""
        async with self.came, asyncio.timeout(60):
            await self.came.wait_for(look)


def staff(home: Path) -> None:
    """aet with its cast and 32 teachers, adopted and connected to the workspace T1."""
    clerk = wire(Settings(home=home))
    published, now = read_school(Folder("aet", home)), clerk.services.clock.now()
    clerk.library.publish(published, now)
    cast(clerk, published)
    clerk.places.adopt("aet", now)
    clerk.places.connect("slack", "T1", "aet")
    for number in range(PEOPLE):
        clerk.directory.add_person(Person(id=f"aet.t{number}", school="aet", name=f"Teacher {number}"))
        clerk.directory.link(Identity(platform="slack", tenant="T1", user=f"U{number}"), f"aet.t{number}")
    technician = Identity(platform="slack", tenant="T1", user="UICT")
    clerk.directory.link(technician, "aet.ict-technician")
    clerk.close()


@contextlib.asynccontextmanager
async def town() -> AsyncIterator[FakeSlack]:
    """A Slack with everybody in it."""
    async with fake_slack() as slack:
        slack.server.calls = Told()
        slack.person("UICT", "ICT technician")
        for number in range(PEOPLE):
            slack.person(f"U{number}", f"Teacher {number}")
        yield slack


def told(slack: FakeSlack) -> Told:
    calls = slack.server.calls
    assert isinstance(calls, Told)
    return calls
