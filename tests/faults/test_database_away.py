"""The database goes away and comes back: people are told in words to try again, nothing is half done, and
nobody has to restart anything."""

import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from adapters.demo import cast
from adapters.schools import Folder, read_school
from adapters.server import application
from adapters.settings import Settings
from adapters.store.engine import Unavailable, open_database
from adapters.store.tables import events, requests
from adapters.wiring import Clerk, wire
from tests.adapters.store.samples import submitted
from tests.databases import name_of
from tests.scenarios.test_unblock_request import FILLED

TRY_AGAIN = "please try again"


@dataclass
class Page:
    """The page of a clerk, as the class teacher uses it."""

    clerk: Clerk
    client: TestClient[Any, Any]

    async def posts(self, **body: Any) -> tuple[int, str]:
        """Status, and what is shown."""
        where = {"Origin": str(self.client.make_url("/")).rstrip("/")}
        body["id"] = str(uuid4())
        async with self.client.post("/as/aet/class-teacher/event", json=body, headers=where) as answer:
            text = await answer.text()
        return answer.status, str(json.loads(text).get("html", text)) if text.startswith("{") else text

    async def form(self) -> str:
        """The form's state, freshly opened."""
        _, html = await self.posts(kind="said", text="/unblock-request")
        found = re.search(r'data-state="([^"]*)"', html)
        assert found, html
        return unescape(found[1])

    async def sends(self, state: str) -> tuple[int, str]:
        """The form, filled in."""
        filled = {name: [value] for name, value in FILLED.items()}
        return await self.posts(kind="submitted", form="unblock-request", state=state, values=filled)

    async def ready(self) -> int:
        async with self.client.get("/readyz") as answer:
            return answer.status


@pytest_asyncio.fixture
async def page(address: str, tmp_path: Path) -> AsyncIterator[Page]:
    """aet on either database, its worker running beside it."""
    clerk = wire(Settings(home=tmp_path, model="off", database_url=address))
    published = read_school(Folder("aet", tmp_path))
    clerk.library.publish(published, clerk.services.clock.now())
    async with TestClient(TestServer(application(clerk, [cast(clerk, published)]))) as client:
        yield Page(clerk, client)
    clerk.close()


@contextmanager
def away(address: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """PostgreSQL is stopped; a SQLite file is held by another program that writes."""
    if address.startswith("postgresql"):
        server = request.getfixturevalue("postgres_server")
        server.stop()
        try:
            yield
        finally:
            server.start()
        return
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def patiently(look: Callable[[], Awaitable[bool]], seconds: float = 40.0) -> bool:
    """Whether it is so before long."""
    end = time.monotonic() + seconds
    while not await look():
        if time.monotonic() > end:
            return False
    return True


async def test_gone_and_back_nothing_is_half_done_and_nobody_restarts_anything(
    page: Page, address: str, request: pytest.FixtureRequest
) -> None:
    state = await page.form()
    assert await page.ready() == 200
    with away(address, request):
        status, said = await page.sends(state)
        assert (status >= 500, TRY_AGAIN in said) == (True, True)
        if address.startswith("postgresql"):  # who only reads a SQLite file is not kept from it
            assert await page.ready() == 503
    assert await page.ready() == 200
    for _ in range(2):  # the same form, as somebody sends it who has been told to; and once too often
        status, said = await page.sends(state)
        assert (status, ": sent" in said) == (200, True)
    with page.clerk.database.read() as connection:
        assert len(connection.execute(select(requests.c.id)).all()) == 1
        assert len(connection.execute(select(events.c.seq).where(events.c.request.is_not(None))).all()) == 1

    async def told() -> bool:
        async with page.client.get("/as/aet/ict-technician/feed") as answer:
            return "A science lesson" in await answer.text()

    assert await patiently(told), "the worker goes on by itself"
    assert page.clerk.store.verify("aet") == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """SQLite has no room for another page: as on a disk that is full."""
    clerk = wire(Settings(home=tmp_path, model="off"))
    with clerk.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    full = submitted(values={"why": ("w" * 100_000,)})
    with pytest.raises(Unavailable):
        clerk.store.create(full, "token")
    with clerk.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert clerk.store.load("r1") is None
    clerk.store.create(full, "token")
    assert clerk.store.verify("hill") == []
    clerk.close()


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_connections_that_were_cut_are_replaced(address: str, request: pytest.FixtureRequest) -> None:
    """Every connection of the pool is cut at once, as by a server that restarts between two requests."""
    clerk = open_database(address)
    with clerk.read() as connection:
        connection.execute(select(events.c.seq)).all()
    server = request.getfixturevalue("postgres")
    with server.connect() as connection:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        cut = cut.replace("current_database()", f"'{name_of(address)}'")
        assert connection.exec_driver_sql(cut).all()
    with clerk.read() as connection:
        assert connection.execute(select(events.c.seq)).all() == []
    clerk.close()
