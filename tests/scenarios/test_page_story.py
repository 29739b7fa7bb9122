"""The unblock story on the real page, in a real Chromium, by people in windows of their own.

Pictures of each step are kept in the folder that POLICYCLERK_PICTURES names, when it does.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright, expect

from adapters.demo import stage
from adapters.server import application
from adapters.settings import Settings
from adapters.wiring import wire

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]
PICTURES = os.environ.get("POLICYCLERK_PICTURES", "")


@pytest_asyncio.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """The playground as `policyclerk demo` serves it."""
    clerk = wire(Settings(home=tmp_path, model="off"))
    server = TestServer(application(clerk, stage(clerk)))
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()
    clerk.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser for a test."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"]
        )
        yield browser
        await browser.close()


async def window(browser: Browser, address: str, user: str, **options: object) -> Page:
    """A window of one of aet's cast."""
    shape = {"viewport": {"width": 1280, "height": 900}} | options
    context = await browser.new_context(**shape)  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(f"{address}as/aet/{user}")
    return page


async def picture(page: Page, name: str) -> None:
    """Keep what the window shows."""
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


async def fill_unblock(page: Page) -> None:
    """Type the command and fill in the form."""
    say = page.get_by_role("combobox", name="Your question")
    await say.fill("/unblock-request")
    await say.press("Enter")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Full web address").fill("https://www.youtube.com/watch?v=volcano")
    await dialog.get_by_label("What is on the site").fill("A film about volcanoes.")
    await dialog.get_by_label("Reasons for access").fill("Geography, year 5.")
    await dialog.get_by_label("Risks you see").fill("Adverts: I load it before the lesson.")
    await dialog.get_by_role("radio", name="No").check()


async def test_from_form_to_done_in_four_windows(address: str) -> None:
    async with chromium() as browser:
        teacher = await window(browser, address, "class-teacher")
        technician = await window(browser, address, "ict-technician", color_scheme="dark")
        head = await window(browser, address, "headteacher", viewport={"width": 390, "height": 844})
        await fill_unblock(teacher)
        await picture(teacher, "1-form")
        await teacher.get_by_role("dialog").get_by_role("button", name="Send").click()
        feed = teacher.get_by_role("region", name="Requests")
        await expect(feed.get_by_text("Waiting for: Check by ICT (ICT technician).").first).to_be_visible()
        await picture(teacher, "2-sent")

        card = technician.get_by_role("article").filter(has_text="volcano")
        await expect(card).to_be_visible()
        await picture(technician, "3-technician-dark")
        await card.get_by_role("button", name="Pass to headteacher").click()
        dialog = technician.get_by_role("dialog")
        await dialog.get_by_role("radio", name="Yes").check()
        await dialog.get_by_role("button", name="Pass to headteacher").click()

        await head.get_by_role("button", name="Requests").click()
        card = head.get_by_role("article").filter(has_text="volcano")
        await expect(card).to_be_visible()
        await picture(head, "4-head-phone")
        await card.get_by_role("button", name="Approve").click()
        dialog = head.get_by_role("dialog")
        await dialog.get_by_role("button", name="Approve").click()
        await expect(dialog.get_by_text("Please give a reason").first).to_be_visible()
        await picture(head, "5-head-reason-missing")
        await dialog.get_by_label("Reasons").fill("A good use.")
        await dialog.get_by_role("button", name="Approve").click()
        await expect(feed.get_by_text("A good use.")).to_be_visible()
        await picture(teacher, "6-approved")

        card = technician.get_by_role("article").filter(has_text="volcano")
        await card.get_by_role("button", name="Mark done").click()
        await technician.get_by_role("dialog").get_by_role("button", name="Mark done").click()
        await expect(feed.get_by_text("blocked site: finished")).to_be_visible()
        await picture(teacher, "7-finished")


async def test_a_teaching_assistant_who_tries_the_approve_address_is_refused(address: str) -> None:
    async with chromium() as browser:
        technician = await window(browser, address, "ict-technician")
        pressed = technician.get_by_role("button", name="Pass to headteacher").first
        target = await pressed.get_attribute("data-target")
        version = await pressed.get_attribute("data-version")
        assistant = await window(browser, address, "teaching-assistant")
        answer = await assistant.evaluate(
            """async ([target, version]) => {
                const id = crypto.randomUUID();
                const body = JSON.stringify({kind: "pressed", id, action: "done", target, version: +version});
                const headers = {"Content-Type": "application/json"};
                const sent = await fetch("/as/aet/teaching-assistant/event", {method: "POST", headers, body});
                return (await sent.json());
            }""",
            [target, version],
        )
        assert "<form" not in answer["html"]
        assert "You sent this yourself" in answer["say"] + answer["html"] or "not waiting for you" in (
            answer["say"] + answer["html"]
        )


async def test_a_disclosure_in_a_form_shows_the_card_and_keeps_the_input(address: str) -> None:
    async with chromium() as browser:
        teacher = await window(browser, address, "class-teacher")
        await fill_unblock(teacher)
        dialog = teacher.get_by_role("dialog")
        told = "A girl in my class told me her uncle touches her, he found her on here"
        await dialog.get_by_label("Reasons for access").fill(told)
        await dialog.get_by_role("button", name="Send").click()
        await expect(dialog.get_by_text("Tell your safeguarding lead now")).to_be_visible()
        await expect(dialog.get_by_label("Reasons for access")).to_have_value(told)
        await picture(teacher, "8-disclosure")
        technician = await window(browser, address, "ict-technician")
        await expect(technician.get_by_text("volcano")).to_have_count(0)
