"""Microsoft's own test client in Chromium, before `policyclerk demo`: the real cards, drawn and pressed.

Needs Chromium and the npm package @microsoft/m365agentsplayground (POLICYCLERK_NODE_MODULES).
`POLICYCLERK_PICTURES` names a folder for pictures of each step.
"""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, expect

from tests.adapters.teams.deeds import SECRET
from tests.scenarios.page import IN_CHROMIUM, chromium, picture

pytestmark = IN_CHROMIUM


@pytest.fixture
async def page(agents_playground: str) -> AsyncIterator[Page]:
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(20_000)
        await page.goto(agents_playground)
        await expect(page.get_by_text("Connected.")).to_be_visible()
        await page.wait_for_timeout(1500)  # it says that the clerk was installed, and is answered
        yield page


async def say(page: Page, text: str) -> None:
    box = page.locator("[role=textbox][contenteditable=true]").last
    await box.click()
    await box.press_sequentially(text)
    await page.keyboard.press("Enter")


async def mention(page: Page, text: str) -> None:
    """Call the clerk by its name, as one does where others read along."""
    box = page.locator("[role=textbox][contenteditable=true]").last
    await box.click()
    await box.press_sequentially("@Te", delay=100)
    await page.get_by_role("menuitem", name=re.compile("Test Bot")).click()
    await box.press_sequentially(f" {text}")
    await page.keyboard.press("Enter")


def newest(page: Page, text: str) -> Locator:
    """The last card that says this."""
    return page.locator(".ac-adaptiveCard").filter(has_text=text).last


async def test_ask_fill_in_decide_and_see_the_card_replaced(page: Page) -> None:
    await say(page, "be class-teacher")
    await expect(newest(page, "You are now: Class teacher")).to_be_visible()
    await say(page, "Can I accept a friend request from a pupil?")
    await expect(newest(page, "Not allowed")).to_be_visible()
    await picture(page, "teams-answer")

    await say(page, "/unblock-request")
    form = newest(page, "Full web address")
    await form.get_by_label("Full web address").fill("https://www.instagram.com/nasa")
    await form.get_by_label("What is on the site").fill("Pictures from space.")
    await form.get_by_label("Reasons for access").fill("A lesson about planets.")
    await form.get_by_role("button", name="Send").click()
    await expect(form.get_by_text("Please fill this in.")).to_be_visible()
    await form.get_by_label("Risks you see").fill("Comments: I hide them.")
    await form.get_by_label("No", exact=True).check()
    await picture(page, "teams-form")
    await form.get_by_role("button", name="Send").click()
    sent = newest(page, ": sent")
    await expect(sent).to_be_visible()
    await expect(page.get_by_label("Full web address")).to_have_count(0)
    waiting = newest(page, ": waiting")
    await expect(waiting).to_contain_text("not opened yet")

    await say(page, "be ict-technician")
    await expect(newest(page, "You are now: ICT technician")).to_be_visible()
    await say(page, "my-requests")
    await (
        newest(page, "A lesson about planets.").get_by_role("button", name="Pass to headteacher").last.click()
    )
    form = newest(page, "Is the site blocked at the moment?")
    await form.get_by_label("Yes", exact=True).check()
    await form.get_by_role("button", name="Pass to headteacher").click()
    await expect(newest(page, "Waiting for: Decision by the headteacher")).to_be_visible()

    await say(page, "be headteacher")
    await expect(newest(page, "You are now: Headteacher")).to_be_visible()
    await say(page, "my-requests")
    await newest(page, "A lesson about planets.").get_by_role("button", name="Approve").last.click()
    form = newest(page, "Reason")
    await form.locator("textarea").fill("Good use, risks in hand.")
    await form.get_by_role("button", name="Approve").click()
    await expect(newest(page, "Good use, risks in hand.")).to_be_visible()
    await expect(waiting).to_contain_text("Good use, risks in hand.", timeout=20_000)
    await picture(page, "teams-approved")


async def test_a_policy_answer_stands_in_a_group_and_a_disclosure_does_not(page: Page) -> None:
    await say(page, "be class-teacher")
    await expect(newest(page, "You are now: Class teacher")).to_be_visible()
    await page.locator("button", has_text="Group Chat").click()
    await mention(page, "Can I accept a friend request from a pupil?")
    await expect(newest(page, "Not allowed")).to_be_visible()
    await mention(page, SECRET)
    await expect(page.get_by_text("I have sent the answer to you alone.").last).to_be_visible()
    await expect(page.locator(".ac-adaptiveCard", has_text="safeguarding lead now")).to_have_count(0)
    await picture(page, "teams-group")
    await page.locator("button", has_text="Personal Chat").first.click()
    await expect(newest(page, "Tell your safeguarding lead now")).to_be_visible()
