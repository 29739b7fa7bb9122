"""The unblock story on the real page, in a real Chromium, by people in windows of their own."""

from playwright.async_api import expect

from tests.scenarios.page import IN_CHROMIUM, PHONE, chromium, fill_unblock, picture, window

pytestmark = IN_CHROMIUM


async def test_from_form_to_done_in_four_windows(playground: str) -> None:
    async with chromium() as browser:
        teacher = await window(browser, playground, "class-teacher")
        technician = await window(browser, playground, "ict-technician", color_scheme="dark")
        head = await window(browser, playground, "headteacher", viewport=PHONE)
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


async def test_a_teaching_assistant_who_tries_the_approve_address_is_refused(playground: str) -> None:
    async with chromium() as browser:
        technician = await window(browser, playground, "ict-technician")
        pressed = technician.get_by_role("button", name="Pass to headteacher").first
        target = await pressed.get_attribute("data-target")
        version = await pressed.get_attribute("data-version")
        assistant = await window(browser, playground, "teaching-assistant")
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


async def test_the_first_press_on_a_card_that_has_just_come_counts(playground: str) -> None:
    """What says that it is new keeps its place, so that no button moves away under the pointer."""
    async with chromium() as browser:
        technician = await window(browser, playground, "ict-technician")
        teacher = await window(browser, playground, "class-teacher")
        await fill_unblock(teacher)
        await teacher.get_by_role("dialog").get_by_role("button", name="Send").click()
        card = technician.get_by_role("article").filter(has_text="volcano")
        await expect(card.get_by_text("New", exact=True)).to_be_visible()
        button = card.get_by_role("button", name="Pass to headteacher")
        await button.scroll_into_view_if_needed()
        before = await button.bounding_box()
        await button.focus()
        await expect(card.get_by_text("New", exact=True)).to_be_hidden()
        assert await button.bounding_box() == before
