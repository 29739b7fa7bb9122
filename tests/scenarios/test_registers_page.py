"""A register on the real page: the administrator enters what existed, those entitled download it."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.scenarios.page import IN_CHROMIUM, chromium, picture, window

pytestmark = IN_CHROMIUM


async def registers(page: Page) -> None:
    say = page.get_by_role("combobox", name="Your question")
    await say.fill("/registers")
    await say.press("Enter")


async def test_entered_by_one_and_downloaded_by_another(playground: str, tmp_path: Path) -> None:
    async with chromium() as browser:
        office = await window(browser, playground, "office-manager")
        await registers(office)
        card = office.locator(".log article.card", has=office.get_by_text("Official accounts"))
        await card.get_by_role("button", name="Add an entry").click()
        dialog = office.get_by_role("dialog")
        await dialog.get_by_label("Platform").fill("=1+1 School blog")
        await dialog.get_by_label("Closes on").fill("2027-07-20")
        await picture(office, "register-entry")
        await dialog.get_by_role("button", name="Enter").click()
        await expect(office.locator(".log")).to_contain_text("Entered by Office manager")

        head = await window(browser, playground, "headteacher")
        await registers(head)
        card = head.locator(".log article.card", has=head.get_by_text("Official accounts"))
        await expect(card).to_contain_text("1 entry.")
        await picture(head, "registers")
        async with head.expect_download() as coming:
            await card.get_by_role("button", name="Download").click()
        file = await coming.value
        assert file.suggested_filename == "official-accounts.csv"
        await file.save_as(tmp_path / "register.csv")
        text = (tmp_path / "register.csv").read_text(encoding="utf-8-sig")
        assert text.splitlines()[1].startswith("'=1+1 School blog,")
        await card.get_by_role("button", name="Open", exact=True).click()
        await expect(head.locator(".log")).to_contain_text("20 Jul 2027")
        await picture(head, "register")
