"""What somebody sees on the real page who types a disclosure: asked, in a form, by night, on a phone."""

import pytest
from playwright.async_api import Page, expect

from tests.scenarios.page import IN_CHROMIUM, PHONE, chromium, fill_unblock, picture, window

pytestmark = IN_CHROMIUM

TOLD = "A girl in my class told me her uncle touches her, he found her on here"
EMERGENCY = "She has just taken all of her mum's tablets"
SHAPES = {"desktop": {"width": 1280, "height": 900}, "phone": PHONE}


async def say(page: Page, text: str) -> None:
    """Type a message and send it."""
    box = page.get_by_role("combobox", name="Your question")
    await box.fill(text)
    await box.press("Enter")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("told", "title", "first"),
    [
        (EMERGENCY, "If anyone is in danger now: call 999", "999"),
        (TOLD, "Tell your safeguarding lead now", "01632 960 001"),
        ("A teacher is sending a Year 10 girl private messages at night", "Tell the head", "01632 960 003"),
        ("Our headteacher kissed a year 11 girl", "Tell the chair, not the head", "01632 960 004"),
    ],
    ids=["emergency", "dsl", "staff", "head"],
)
async def test_a_disclosure_as_a_question(
    playground: str, shape: str, told: str, title: str, first: str, request: pytest.FixtureRequest
) -> None:
    async with chromium() as browser:
        page = await window(browser, playground, "class-teacher", viewport=SHAPES[shape])
        await say(page, told)
        card = page.get_by_role("article").filter(has_text=title)
        await expect(card.get_by_text(title)).to_be_visible()
        await page.wait_for_timeout(400)  # the page scrolls to what was said
        await picture(page, f"question-{request.node.callspec.id}")
        await expect(card.get_by_text(title)).to_be_in_viewport()
        number = card.get_by_role("link", name=first).first
        await expect(number).to_be_in_viewport()
        assert (await number.get_attribute("href") or "").startswith("tel:")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await page.evaluate(wide), "nothing is cut off at the side"


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_disclosure_in_a_form_the_card_first_the_input_kept_nobody_told(
    playground: str, shape: str
) -> None:
    async with chromium() as browser:
        teacher = await window(browser, playground, "class-teacher", viewport=SHAPES[shape])
        await fill_unblock(teacher)
        dialog = teacher.get_by_role("dialog")
        await dialog.get_by_label("Reasons for access").fill(TOLD)
        await dialog.get_by_role("button", name="Send").click()
        title = dialog.get_by_text("Tell your safeguarding lead now")
        await expect(title).to_be_visible()
        await teacher.wait_for_timeout(400)
        await picture(teacher, f"form-{shape}")
        await expect(title).to_be_in_viewport()
        await expect(dialog.get_by_role("link", name="01632 960 001")).to_be_in_viewport()
        assert await teacher.evaluate(
            "document.activeElement.closest('dialog') !== null && "
            "!document.activeElement.matches('input, textarea, button[type=submit]')"
        ), "the card is what is read next, not a field"
        await expect(dialog.get_by_label("Reasons for access")).to_have_value(TOLD)
        await expect(dialog.get_by_label("Risks you see")).to_have_value(
            "Adverts: I load it before the lesson."
        )
        technician = await window(browser, playground, "ict-technician")
        await expect(technician.get_by_text("volcano")).to_have_count(0)
        await dialog.get_by_role("button", name="Send").click()
        await expect(dialog).to_have_count(0)
        await expect(technician.get_by_role("article").filter(has_text="volcano")).to_be_visible()
        await picture(teacher, f"form-{shape}-sent")
