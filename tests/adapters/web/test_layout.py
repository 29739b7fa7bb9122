"""The page in Chromium at any width: nothing cut off, nothing too small to press, one part at a time on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.adapters.web.fake_clerk import FakeClerk
from tests.adapters.web.forms import FORM, send_request
from tests.scenarios.page import IN_CHROMIUM

pytestmark = IN_CHROMIUM


def overflows(page: Page, selector: str) -> bool:
    """Whether something in it can only be reached by scrolling sideways."""
    return bool(page.locator(selector).evaluate("box => box.scrollWidth > box.clientWidth"))


@pytest.mark.parametrize("typed", ["list", "can I friend a pupil"])
def test_the_page_itself_never_scrolls(window, typed: str) -> None:
    page = window("teacher", height=500)
    for _ in range(3):
        page.get_by_label("Your question").fill(typed)
        page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.scrollingElement.scrollHeight - innerHeight") == 0


def test_a_phone_shows_one_part_at_a_time(window, clerk: FakeClerk) -> None:
    page = window("teacher", width=390, height=844)
    ask, requests = page.locator(".switch button").first, page.locator(".switch button").nth(1)
    expect(page.locator(".requests")).to_be_hidden()
    requests.click()
    expect(requests).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".requests")).to_be_visible()
    expect(page.locator(".chat")).to_be_hidden()
    ask.click()
    other = window("teacher")
    send_request(other)
    expect(requests).to_contain_text("1 new")
    requests.click()
    expect(page.locator(".feed .card")).to_be_visible()
    expect(requests).not_to_contain_text("new")


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 2200])
def test_nothing_is_cut_off_at_any_width(window, width: int) -> None:
    page = window("teacher", width=width)
    page.get_by_label("Your question").fill("list " + "w" * 200)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Filtering decisions")).to_be_visible()
    assert not overflows(page, "html")
    assert not overflows(page, ".log")
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    expect(page.locator(FORM)).to_be_visible()
    assert not overflows(page, FORM)


def test_what_can_be_pressed_is_large_enough(window) -> None:
    page = window("teacher", width=390, height=844)
    page.get_by_label("Your question").fill("a friend request from a pupil")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Advised against")).to_be_visible()
    page.get_by_label("Your question").fill("/report-content")
    page.keyboard.press("Enter")
    expect(page.locator(FORM)).to_be_visible()
    small = page.evaluate(
        "[...document.querySelectorAll('button, .option label, .link a, textarea, select')]"
        ".filter(e => e.checkVisibility()).map(e => [e.outerHTML, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.height < 43.9 || box.width < 43.9)"
    )
    assert small == []
