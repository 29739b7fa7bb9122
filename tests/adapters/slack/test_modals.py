"""Forms in Slack: what depends on an answer, what was typed, who is picked, and what stands in the way of a modal."""

import asyncio
import threading

import pytest
from aiohttp import web

from adapters.server import application
from adapters.slack import render
from adapters.wiring import wire
from bot.cards import Reply
from bot.events import Event, FormChanged
from bot.people import Person
from tests.adapters.slack.conftest import SECRET, Office, clean
from tests.adapters.slack.test_stories import UNBLOCK
from tests.slack_server import User

DISCLOSURE = "A pupil in my class told me that her uncle hurts her"


async def concern(office: Office) -> User:
    """The class teacher has a concern form before them."""
    teacher = office["class-teacher"]
    await teacher.types("/report-concern")
    await teacher.fills({"danger": "No", "image": "No"})
    await teacher.submits()
    await teacher.until("Who is it about?", "modal")
    return teacher


async def test_a_field_appears_with_the_answer_it_depends_on_and_nothing_typed_is_lost(
    office: Office,
) -> None:
    teacher = await concern(office)
    await teacher.fills({"reach": "Room 4", "kinds": ["Bullying or threats"]})
    assert "Which member of staff?" not in teacher.sees("modal")
    await teacher.fills({"who": "A member of staff"})
    seen = await teacher.until("Which member of staff?", "modal")
    assert "Room 4" in seen
    assert "(x) Bullying or threats" in seen
    await teacher.fills({"who": "A pupil"})
    await office.slack.until(lambda: "Which member of staff?" not in teacher.sees("modal"), "the field to go")
    assert "Room 4" in teacher.sees("modal")
    assert clean(office.slack)


async def test_of_two_quick_changes_the_last_is_drawn(office: Office) -> None:
    teacher = await concern(office)
    for _ in range(5):
        await asyncio.gather(*(teacher.fills({"who": who}) for who in ("A member of staff", "A pupil")))
        await teacher.fills({"who": "A member of staff"})
    await teacher.until("Which member of staff?", "modal")
    await office.slack.quiet()
    assert "Which member of staff?" in teacher.sees("modal")


async def test_what_another_process_draws_for_an_earlier_change_comes_too_late(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await concern(office)
    clerk, first = office.stage.clerk, office.slack.wire
    handle, at_work = clerk.assistant.handle, threading.Event()

    def slowly(event: Event) -> Reply:
        if isinstance(event, FormChanged) and event.values["who"] == ("pupil",):
            assert at_work.wait(10)
        return handle(event)

    monkeypatch.setattr(clerk.assistant, "handle", slowly)
    other = wire(clerk.settings, office.stage.clock)
    replica = web.AppRunner(application(other))
    await replica.setup()
    await web.TCPSite(replica, "127.0.0.1", 0).start()
    await teacher.fills({"who": "A pupil"})
    second = office.slack.over_http(f"http://127.0.0.1:{replica.addresses[0][1]}/slack/events", SECRET)
    await teacher.fills({"who": "A member of staff"})
    await teacher.until("Which member of staff?", "modal")
    at_work.set()
    await office.slack.quiet()
    assert "Which member of staff?" in teacher.sees("modal")
    office.slack.wire = first
    await second.close()
    await replica.cleanup()
    other.close()


async def test_a_disclosure_in_a_field_shows_the_card_first_and_keeps_the_input(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK | {"reasons": DISCLOSURE})
    await teacher.submits()
    seen = await teacher.until("Tell your safeguarding lead now", "modal")
    assert seen.index("Tell your safeguarding lead now") < seen.index(DISCLOSURE)
    await teacher.submits()
    await teacher.until("Waiting for: Check by ICT", "modal")
    assert clean(office.slack)


async def test_an_image_ends_the_form(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/report-concern")
    await teacher.fills({"danger": "No", "image": "Yes"})
    await teacher.submits()
    seen = await teacher.until("Stop. Tell your safeguarding lead at once", "modal")
    assert "Who is it about?" not in seen
    assert "01632 960 001" in await teacher.until("Do not view, copy", "dm")
    await teacher.closes()
    assert teacher.modal is None


async def test_among_more_than_a_hundred_staff_one_is_found_by_name(office: Office) -> None:
    directory = office.stage.clerk.directory
    for n in range(120):
        directory.add_person(Person(id=f"aet:many-{n}", school="aet", name=f"Colleague {n:03}"))
    teacher = await concern(office)
    await teacher.fills({"who": "A member of staff", "staff_member": "Colleague 117"})
    assert "Colleague 117" in teacher.sees("modal")
    await teacher.fills({"kinds": ["Bullying or threats"]})
    await teacher.submits()
    assert "Colleague 117" in await teacher.until("Is it about any of them", "modal")
    assert clean(office.slack)


@pytest.mark.parametrize("error", ["expired_trigger_id", "internal_error"])
async def test_a_form_that_cannot_be_opened_is_offered_instead(office: Office, error: str) -> None:
    teacher = office["class-teacher"]
    office.slack.channel("C1", teacher.id, bot=False)
    office.slack.refuse("views.open", error, times=2)
    await teacher.types("/unblock-request", "C1")
    await teacher.until("Open the form")
    office.slack.server.rules.clear()
    await teacher.clicks("Open the form", where="C1")
    await teacher.until("Full web address", "modal")


async def test_what_is_said_to_a_modal_that_was_closed_arrives_alone(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.uses_shortcut("ask_the_clerk")
    await teacher.fills({render.QUESTION: "Can I accept a parent's friend request?"})
    await teacher.submits()
    await teacher.until("Not what I meant", "modal")
    office.slack.refuse("views.update", "not_found", times=9)
    await teacher.clicks("Not what I meant")
    await teacher.until("Sorry about that", "dm")


async def test_a_form_too_large_for_slack_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object) -> None:
        raise ValueError("split it into steps")

    monkeypatch.setattr("adapters.slack.render.modal", too_large)
    teacher = office["class-teacher"]
    await teacher.types("/unblock-request")
    await teacher.until("That did not work")


async def test_the_record_of_a_request_comes_as_a_file_to_the_person_alone(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK)
    await teacher.submits()
    await teacher.until("sent", "modal")
    await teacher.closes()
    await teacher.types("/my-requests")
    await teacher.clicks("Show what I sent")
    await teacher.clicks("Print")
    await teacher.until(".pdf", "dm")
    (file,) = office.slack.workspace.files.values()
    assert file.content.startswith(b"%PDF")
    assert clean(office.slack)


async def test_the_record_of_a_concern_does_not_go_through_slack(office: Office) -> None:
    teacher = await concern(office)
    await teacher.fills({"who": "A pupil", "kinds": ["Bullying or threats"]})
    await teacher.submits()
    await teacher.until("Is it about any of them", "modal")
    await teacher.fills({"about_receiver": "No"})
    await teacher.submits()
    await teacher.until("sent", "modal")
    await teacher.closes()
    await teacher.types("/my-requests")
    await teacher.clicks("Show what I sent")
    await teacher.clicks("Print")
    await teacher.until("This record does not go through chat", "modal")
    assert office.slack.workspace.files == {}
