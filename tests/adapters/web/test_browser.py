"""The page in Chromium, as people use it: by keyboard, in two windows, when the network fails."""

import re

import pytest
from playwright.sync_api import expect

from bot.events import Asked, CommandCalled, FormChanged, FormSubmitted
from tests.adapters.web.fake_clerk import FakeClerk
from tests.adapters.web.forms import FORM, fill_request, send_request
from tests.scenarios.page import IN_CHROMIUM

pytestmark = IN_CHROMIUM


def test_a_question_and_its_answer(window, clerk: FakeClerk) -> None:
    page = window("teacher")
    page.get_by_label("Your question").fill("May I accept")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("a <b>friend</b> request?")
    page.keyboard.press("Enter")
    log = page.get_by_role("log")
    expect(log.locator(".mine p")).to_have_text("May I accept\na <b>friend</b> request?")
    expect(log.get_by_role("heading", name="Advised against")).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("")
    assert isinstance(clerk.events[-1], Asked)
    assert clerk.events[-1].text == "May I accept\na <b>friend</b> request?"


def test_the_command_list_by_keyboard(window, clerk: FakeClerk) -> None:
    page = window("teacher")
    box = page.get_by_role("combobox", name=re.compile("Your question"))
    listed = page.get_by_role("listbox", name="Forms")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("/")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(listed.get_by_role("option")).to_have_count(4)
    box.press_sequentially("rep")
    expect(listed.get_by_role("option")).to_have_count(2)
    first = box.get_attribute("aria-activedescendant")
    assert first
    assert page.locator(f"#{first}").get_attribute("data-command") == "report-content"
    box.press("ArrowDown")
    assert page.locator("[aria-selected=true]").get_attribute("data-command") == "report-concern"
    box.press("ArrowDown")
    assert page.locator("[aria-selected=true]").get_attribute("data-command") == "report-content"
    box.press("Escape")
    expect(listed).to_be_hidden()
    expect(box).to_have_value("/rep")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.fill("/unb")
    box.press("Tab")
    expect(box).to_have_value("/unblock-request ")
    box.fill("/unb")
    box.press("Enter")
    expect(page.locator(FORM).get_by_role("heading", name="Ask to unblock a website")).to_be_visible()
    assert isinstance(clerk.events[-1], CommandCalled)
    assert clerk.events[-1].command == "unblock-request"


def test_the_forms_menu_needs_no_slash_and_keeps_a_draft(window) -> None:
    page = window("teacher")
    page.get_by_label("Your question").fill("half a thought")
    menu = page.get_by_role("button", name="Forms", exact=True)
    menu.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#forms button").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    menu.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(FORM)).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("half a thought")


def test_a_form_with_errors_a_conditional_field_and_a_detail(window, clerk: FakeClerk) -> None:
    page = window("teacher")
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    form = page.locator(FORM)
    why = form.get_by_label("What will you use it for?")
    why.fill("geography")
    pupils = form.get_by_label("Pupils")
    pupils.focus()
    page.keyboard.press("Space")
    expect(form.get_by_text("Which years?")).to_be_visible()
    expect(pupils).to_be_focused()
    expect(pupils).to_be_checked()
    expect(why).to_have_value("geography")
    form.get_by_label("Year 2").check()
    other = form.get_by_label("Someone else")
    other.check()
    expect(form.get_by_text("Which years?")).to_be_hidden()
    expect(form.get_by_label("Who?", exact=True)).to_be_visible()
    form.get_by_role("button", name="Send the request").click()
    summary = form.locator(".summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_text(["Which addresses?", "Who?"])
    expect(why).to_have_value("geography")
    address = form.get_by_label("Which addresses?")
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_have_accessible_description(re.compile("Error: Give at least one address"))
    summary.get_by_role("link", name="Which addresses?").click()
    expect(address).to_be_focused()
    address.fill("https://example.org/a\n\n  https://example.org/b ")
    form.get_by_label("Who?", exact=True).fill("Visitors")
    form.get_by_role("button", name="Send the request").click()
    expect(form).to_be_hidden()
    expect(page.get_by_role("log").get_by_role("heading", name="Sent to the ICT technician")).to_be_visible()
    sent = [event for event in clerk.events if isinstance(event, FormSubmitted)]
    assert sent[0].id == sent[1].id, "a form keeps its id from opening to closing"
    assert {name: entries for name, entries in sent[1].values.items() if entries} == {
        "address": ("https://example.org/a", "https://example.org/b"),
        "why": ("geography",),
        "who": ("other",),
        "who.other": ("Visitors",),
    }
    changed = [event for event in clerk.events if isinstance(event, FormChanged)]
    assert len({event.id for event in changed} | {sent[0].id}) == len(changed) + 1


def test_safety_that_comes_up_in_a_form_is_seen_first(window) -> None:
    page = window("teacher")
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    form = page.locator(FORM)
    form.get_by_label("What will you use it for?").fill("a child is in danger")
    form.get_by_label("Staff only").check()
    safety = form.locator(".before .card.safety")
    expect(safety).to_be_focused()
    expect(safety).to_be_in_viewport()
    expect(form.get_by_label("What will you use it for?")).to_have_value("a child is in danger")
    form.get_by_role("button", name="Report a concern").click()
    expect(page.locator("dialog#details")).to_contain_text("There is no /report here")
    page.keyboard.press("Escape")
    expect(form.get_by_label("What will you use it for?")).to_have_value("a child is in danger")


def test_escape_asks_before_losing_what_was_typed(window) -> None:
    page = window("teacher")
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    form, leave = page.locator(FORM), page.locator("dialog#leave")
    expect(form).to_be_visible()  # else the key is pressed before there is anything to leave
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    form.get_by_label("What will you use it for?").fill("maps")
    for _ in range(3):  # a browser closes a dialog at the second Escape in a row, whatever the page says
        page.keyboard.press("Escape")
        expect(leave).to_be_visible()
        page.keyboard.press("Escape")
        expect(leave).to_be_hidden()
    expect(form.get_by_label("What will you use it for?")).to_have_value("maps")
    page.evaluate("document.querySelector('dialog#form').close()")  # as a phone's back gesture does
    expect(leave).to_be_visible()
    leave.get_by_role("button", name="Keep writing").click()
    expect(form.get_by_label("What will you use it for?")).to_have_value("maps")
    form.get_by_role("button", name="Cancel").click()
    leave.get_by_role("button", name="Leave the form").click()
    expect(form).to_be_hidden()


def test_a_card_is_redrawn_in_place_and_the_notice_said(window, clerk: FakeClerk) -> None:
    teacher, technician = window("teacher"), window("ict")
    send_request(teacher)
    card = technician.locator(".feed .card")
    expect(card.get_by_role("heading")).to_contain_text("Waits for you")
    card.get_by_role("button", name="See details").click()
    details = technician.locator("dialog#details")
    expect(details).to_contain_text("https://example.org/b")
    details.get_by_role("button", name="Approve").click()
    form = technician.locator(FORM)
    form.get_by_role("button", name="Approve").click()
    expect(form.locator(".summary")).to_be_focused()
    form.get_by_label("Why?").fill("Safe and useful")
    form.get_by_role("button", name="Approve").click()
    expect(technician.get_by_role("status").filter(has_text="Approved. The class teacher")).to_be_visible()
    expect(technician.locator(".feed .card")).to_have_count(1)
    expect(technician.locator(".feed .card").get_by_role("heading")).to_contain_text("Approved by")
    expect(teacher.locator(".feed .card.good")).to_contain_text("Safe and useful")


def test_a_record_is_saved_and_the_details_stay_open(window, clerk: FakeClerk) -> None:
    teacher, technician = window("teacher"), window("ict")
    send_request(teacher)
    technician.locator(".feed .card").get_by_role("button", name="See details").click()
    details = technician.locator("dialog#details")
    with technician.expect_download() as saved:
        details.get_by_role("button", name="Print").click()
    assert saved.value.suggested_filename == "AET-7KM3Q.pdf"
    assert saved.value.path().read_bytes().startswith(b"%PDF-")
    expect(technician.get_by_role("status").filter(has_text="AET-7KM3Q.pdf has been saved.")).to_be_visible()
    expect(details).to_be_visible()


def test_two_windows_live_with_focus_kept_and_news_counted(window, clerk: FakeClerk) -> None:
    teacher, technician = window("teacher"), window("ict")
    send_request(teacher)
    expect(teacher.locator(".feed .card")).to_have_count(1)
    see = technician.locator(".feed .card").get_by_role("button", name="See details")
    see.focus()
    technician.evaluate("document.hasFocus = () => false")
    send_request(teacher)
    expect(technician.locator(".feed .card")).to_have_count(2)
    expect(technician).to_have_title(re.compile(r"^\(1\) Policy Clerk"))
    expect(technician.get_by_role("status").filter(has_text="New: Waits for you")).to_have_count(1)
    expect(technician.locator(".feed .card").nth(1).get_by_role("button", name="See details")).to_be_focused()
    technician.evaluate("document.hasFocus = () => true; window.dispatchEvent(new Event('focus'))")
    expect(technician).to_have_title(re.compile(r"^Policy Clerk"))


def test_a_network_failure_says_so_and_loses_nothing(window, clerk: FakeClerk) -> None:
    page = window("teacher")
    page.route("**/event", lambda route: route.abort())
    page.get_by_label("Your question").fill("Can I accept a friend request?")
    page.keyboard.press("Enter")
    mine = page.locator(".mine")
    expect(mine).to_contain_text("Not sent. The clerk cannot be reached. Nothing you typed is lost")
    page.unroute("**/event")
    mine.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("log").get_by_role("heading", name="Advised against")).to_be_visible()
    expect(page.locator(".trouble:visible")).to_have_count(0)
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    fill_request(page)
    page.route("**/event", lambda route: route.abort())
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(FORM).get_by_role("alert")).to_contain_text("cannot be reached")
    expect(page.get_by_label("What will you use it for?")).to_have_value("maps")
    page.unroute("**/event")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(FORM)).to_be_hidden()
    assert len(clerk.requests) == 1


def test_a_slow_redraw_keeps_what_is_typed_meanwhile(window) -> None:
    page = window("teacher")
    page.get_by_label("Your question").fill("/unblock-request")
    page.keyboard.press("Enter")
    page.evaluate(
        "() => { const sent = fetch; window.fetch = async (...a) =>"
        " { const r = await sent(...a); await new Promise(f => setTimeout(f, 400)); return r; } }"
    )
    page.get_by_label("Pupils").check()
    why = page.get_by_label("What will you use it for?")
    why.fill("maps of Etna")
    why.evaluate("field => field.setSelectionRange(4, 4)")
    expect(page.get_by_text("Which years?")).to_be_visible()
    page.keyboard.type("!")
    expect(why).to_have_value("maps! of Etna")


@pytest.mark.parametrize(
    ("asked", "urgent"), [("can I be friends with parents", False), ("can I friend a pupil", True)]
)
def test_an_answer_that_comes_late_leaves_the_open_form_alone(window, asked: str, urgent: bool) -> None:
    page = window("teacher")
    page.evaluate(
        "asked => { const sent = fetch; window.held = []; window.fetch = async (...a) => {"
        " const r = await sent(...a), body = String(a[1]?.body);"
        " if (window.held && (body.includes(asked) || body.includes('changed')))"
        "   await new Promise(f => held[body.includes(asked) ? 'unshift' : 'push'](f));"
        " return r; } }",
        asked,
    )
    for typed in (asked, "/unblock-request"):
        page.get_by_label("Your question").fill(typed)
        page.keyboard.press("Enter")
    fill_request(page)
    page.get_by_label("Pupils").check()
    while page.evaluate("held.length") < 3:  # the answer, and what each choice changes in the form
        page.wait_for_timeout(20)
    page.evaluate("held[0]()")
    urgently = page.locator("dialog#details").get_by_text("Safety first")
    if urgent:
        expect(urgently).to_be_visible()
    page.evaluate("held.slice(1).forEach(goOn => goOn()); held = null")
    expect(page.get_by_text("Which years?")).to_be_visible()
    if urgent:
        expect(urgently).to_be_visible()
    if urgent:
        page.locator("dialog#details [data-close]").first.click()
    else:
        expect(page.locator(".toast")).to_contain_text("stands in the conversation")
    expect(page.get_by_label("What will you use it for?")).to_have_value("maps")
    page.get_by_label("Staff only").check()
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(FORM)).to_be_hidden()
