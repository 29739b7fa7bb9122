"""Signing in and out on the real page, in a real Chromium: by link, on a shared computer, and the way back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from adapters.demo import people_of
from adapters.server import application
from adapters.store import sessions
from tests.scenarios.page import IN_CHROMIUM, PHONE, chromium, fill_unblock, picture
from tests.school import Stage, staged

pytestmark = IN_CHROMIUM
DESK = {"width": 1280, "height": 900}


@dataclass
class Served:
    """A school under `serve`, whose people are on no chat platform and have never signed in."""

    stage: Stage
    address: str

    def link(self, user: str) -> str:
        """A way in for one of the cast, as chat hands it out."""
        return f"{self.address}sign-in#{self.stage.clerk.sign_ins.link([self.stage[user].id])}"


@pytest_asyncio.fixture
async def served(home: Path) -> AsyncIterator[Served]:
    for stage in staged(home):
        stage.clerk.places.adopt("aet", stage.clock.now())
        for user, person in people_of(stage.published.school).items():
            stage.clerk.directory.unlink(stage[user].who)
            stage.clerk.directory.add_person(person.model_copy(update={"email": f"{user}@aet.example"}))
        server = TestServer(application(stage.clerk))
        await server.start_server()
        yield Served(stage, str(server.make_url("/")))
        await server.close()


async def opened(browser: Browser, url: str, **options: object) -> Page:
    """A window of its own."""
    context = await browser.new_context(**({"viewport": DESK} | options))  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(url)
    return page


async def signs_in(page: Page) -> None:
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()


@pytest.mark.slow  # the same story without a browser: tests/adapters/cli/test_page_alone.py
async def test_a_request_goes_its_way_between_two_people_who_signed_in(served: Served) -> None:
    async with chromium() as browser:
        await picture(await opened(browser, served.address), "front")
        await picture(
            await opened(browser, served.address, viewport=PHONE, color_scheme="dark"), "front-phone"
        )
        technician = await opened(browser, served.link("ict-technician"), viewport=PHONE, color_scheme="dark")
        await picture(technician, "link-phone-dark")
        await signs_in(technician)
        teacher = await opened(browser, served.link("class-teacher"))
        assert "#" not in teacher.url
        await picture(teacher, "link")
        await signs_in(teacher)
        await picture(teacher, "signed-in")
        await fill_unblock(teacher)
        await teacher.get_by_role("dialog").get_by_role("button", name="Send").click()
        feed = teacher.get_by_role("region", name="Requests")
        await expect(feed.get_by_text("Waiting for: Check by ICT (ICT technician).").first).to_be_visible()
        await technician.get_by_role("button", name="Requests").click()
        await expect(technician.get_by_role("article").filter(has_text="volcano")).to_be_visible()
        await picture(technician, "signed-in-phone-dark")


async def test_after_signing_out_the_way_back_shows_nothing(served: Served) -> None:
    async with chromium() as browser:
        page = await opened(browser, served.link("headteacher"))
        await signs_in(page)
        await page.goto(f"{served.address}static/icon.svg")
        await page.goto(served.address)
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_text("You are signed out. On")).to_be_visible()
        await picture(page, "signed-out")
        for _ in range(2):
            await page.go_back()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert "Headteacher" not in await page.content()
        again = await opened(browser, served.address)
        await expect(again.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_window_left_alone_asks_and_then_shows_nothing_of_anybody(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = sessions.Stay(timedelta(hours=8), timedelta(seconds=8))
    monkeypatch.setattr(sessions, "SHARED", short)
    async with chromium() as browser:
        page = await opened(browser, served.link("headteacher"))
        await signs_in(page)
        other = await page.context.new_page()
        await other.goto(served.address)
        await expect(other.get_by_text("Headteacher").first).to_be_visible()
        await page.bring_to_front()  # a browser draws nothing in a tab behind another
        asked = page.get_by_role("dialog", name="Are you still there?")
        await expect(asked).to_be_visible(timeout=15_000)
        await picture(page, "still-there")
        await asked.get_by_role("button", name="Stay signed in").click()
        await expect(asked).to_be_hidden()
        await expect(page.get_by_text("You are signed out. On")).to_be_visible(timeout=25_000)
        await expect(other.get_by_text("You are signed out. On")).to_be_visible(timeout=15_000)
        assert "Headteacher" not in await page.content()
