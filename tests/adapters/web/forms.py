"""What the tests of the page in Chromium share. The fixtures `browser` and `window` stand in `conftest.py`."""

from playwright.sync_api import Page, expect

FORM = "dialog#form"


def fill_request(page: Page) -> None:
    page.get_by_label("Which addresses?").fill("https://example.org/a\n\n  https://example.org/b ")
    page.get_by_label("What will you use it for?").fill("maps")
    page.get_by_label("Staff only").check()


def send_request(page: Page) -> None:
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    fill_request(page)
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(FORM)).to_be_hidden()
