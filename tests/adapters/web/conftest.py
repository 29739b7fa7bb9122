"""The page in a real server of its own, for the tests that need a browser, and the fake behind it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.sync_api import Page, sync_playwright

from adapters.web.cast import Persona, Playhouse
from adapters.web.pages import routes
from tests.adapters.web.fake_clerk import SAFETY, FakeClerk
from tests.scenarios.page import CHROMIUM

STAFF = (("teacher", "Class teacher"), ("ict", "ICT technician"), ("head", "Headteacher"))
HOUSES = tuple(
    Playhouse(
        id=school,
        name=name,
        policy=policy,
        cast=tuple(Persona(user=user, person=f"{school}:{user}", name=shown) for user, shown in STAFF),
    )
    for school, name, policy in (
        ("aet", "Aspire Educational Trust", "Policy for Social Media, autumn 2023"),
        ("step", "STEP Academy Trust", "Social Media Policy, May 2016"),
        ("leamington", "Leamington Community Primary School", "Social Media Policy, January 2023"),
        ("leading-edge", "Leading Edge Academies Partnership", "Social Media Policy, March 2023"),
        ("st-alphege", "St Alphege CE Infant School", "Social Media Policy, September 2022"),
    )
)


def application(
    clerk: FakeClerk, *, playground: bool = True, live_limit: int = 100, heartbeat: float = 15.0
) -> web.Application:
    app = web.Application()
    routes(
        app,
        assistant=clerk,
        store=clerk,
        schools=HOUSES,
        playground=playground,
        signposts=(SAFETY,),
        live_limit=live_limit,
        live_every=0.05,
        live_heartbeat=heartbeat,
    )
    return app


@pytest.fixture
def clerk() -> FakeClerk:
    return FakeClerk()


@pytest_asyncio.fixture
async def client(clerk: FakeClerk) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(application(clerk))) as opened:
        yield opened


@pytest_asyncio.fixture
async def served(clerk: FakeClerk) -> AsyncIterator[TestClient]:
    """The page as `serve` has it: no playground, and room for no stream at all."""
    async with TestClient(TestServer(application(clerk, playground=False))) as opened:
        yield opened


@pytest.fixture
def site(clerk: FakeClerk) -> Iterator[str]:
    """The page on a port of its own, in a thread of its own: playwright drives the browser from this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = web.AppRunner(application(clerk))

    async def start() -> int:
        await runner.setup()
        server = web.TCPSite(runner, "127.0.0.1", 0)
        await server.start()
        return runner.addresses[0][1]

    port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    yield f"http://127.0.0.1:{port}"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def window(browser, site: str) -> Iterator[object]:
    """Opens a window as someone; fails the test when the page logged an error or broke its own policy."""
    trouble: list[str] = []
    contexts = []

    def open_as(user: str, width: int = 1280, height: int = 800, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "console",
            lambda line: trouble.append(f"{line.text} {line.location}") if line.type == "error" else None,
        )
        page.goto(f"{site}/as/aet/{user}")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert [line for line in trouble if "net::ERR" not in line] == []
