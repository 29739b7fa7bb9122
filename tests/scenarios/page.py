"""The real page in a real Chromium, in windows of their own: what the stories on it share."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from shutil import which

import pytest
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = (
    os.environ.get("POLICYCLERK_CHROMIUM")
    or which("chromium")
    or which("chromium-browser")
    or which("google-chrome")
)
IN_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (or set POLICYCLERK_CHROMIUM)"),
]
"""Marks of a module that drives it."""
PICTURES = os.environ.get("POLICYCLERK_PICTURES", "")
"""The folder in which pictures of each step are kept, when it names one."""
PHONE = {"width": 390, "height": 844}


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
