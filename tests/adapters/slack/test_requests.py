"""What reaches the clerk: only what is Slack's, of our workspace, and each thing once, however busy the database."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from adapters.store.tables import metadata
from tests.adapters.slack.conftest import SECRET, Office, both_ways, clean
from tests.adapters.slack.test_stories import UNBLOCK
from tests.slack_server import payloads
from tests.slack_server.wire import Delivered, HttpWire, encoded, signed


def question(office: Office, words: str = "Who approves a post?", team: str = "") -> dict[str, Any]:
    """An event: the teacher has typed something."""
    workspace, teacher = office.slack.workspace, office["class-teacher"]
    place = workspace.direct(teacher.id)
    message = teacher._wrote(place, words, "", ())
    said = payloads.message_event(workspace, teacher.person, place, message, "message")
    if team:
        said |= {"team_id": team, "authorizations": [{**said["authorizations"][0], "team_id": team}]}
    return said


async def post(office: Office, body: bytes, kind: str, headers: dict[str, str]) -> Delivered:
    assert isinstance(office.slack.wire, HttpWire)
    return await office.slack.wire.post(body, kind, headers)


def told(office: Office) -> list[str]:
    """What the clerk has said to the class teacher, who alone asks here."""
    bot = office.slack.workspace.bot.id
    return [one.text for one in office["class-teacher"].messages("dm") if one.user == bot]


@pytest.mark.parametrize("wrong", ["signature", "secret", "missing", "old", "future", "altered"])
async def test_what_is_not_slacks_is_refused(office: Office, wrong: str) -> None:
    now = int(time.time())
    body, kind = encoded("events_api", question(office))
    at = {"old": now - 301, "future": now + 400}.get(wrong, now)
    headers = signed("another secret" if wrong == "secret" else SECRET, body, at)
    if wrong == "missing":
        headers = {}
    if wrong == "signature":
        headers["X-Slack-Signature"] = "v0=" + "0" * 64
    if wrong == "altered":
        body = body.replace(b"post", b"page")
    assert (await post(office, body, kind, headers)).status == 401
    await office.slack.quiet()
    assert told(office) == []


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b"payload=%7B", b"", b"null"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
async def test_what_cannot_be_read_is_refused(office: Office, body: bytes, kind: str) -> None:
    answer = await post(office, body, kind, signed(SECRET, body, int(time.time())))
    assert 400 <= answer.status < 500


@pytest.mark.parametrize("team", ["T9", ""])
async def test_another_workspace_is_not_listened_to(office: Office, team: str) -> None:
    said = question(office, team="T9")
    if not team:
        del said["team_id"]
    assert (await office.slack.wire.deliver("events_api", said)).status == 403
    trigger = office.slack.workspace.trigger(office["class-teacher"].id)
    workspace, teacher = office.slack.workspace, office["class-teacher"]
    place = workspace.direct(teacher.id)
    command = payloads.command(workspace, teacher.person, place, "/help", "", trigger, "")
    assert (await office.slack.wire.deliver("slash_commands", {**command, "team_id": "T9"})).status == 403
    await office.slack.quiet()
    assert told(office) == []
    assert not [call for call in office.slack.calls if call.method.startswith(("views.", "users."))]


@both_ways
async def test_an_event_that_is_sent_again_is_answered_once(office: Office) -> None:
    said = question(office)
    for attempt in range(4):
        assert (await office.slack.wire.deliver("events_api", said, attempt, "http_timeout")).acknowledged
    await office.slack.until(lambda: told(office), "an answer")
    await office.slack.quiet()
    assert len(told(office)) == 1


async def test_a_request_played_back_does_nothing_more(office: Office) -> None:
    teacher, wire = office["class-teacher"], office.slack.wire
    assert isinstance(wire, HttpWire)
    sent: list[tuple[bytes, str, dict[str, str]]] = []
    posted = wire.post

    async def kept(body: bytes, kind: str, headers: dict[str, str]) -> Delivered:
        sent.append((body, kind, headers))
        return await posted(body, kind, headers)

    wire.post = kept  # type: ignore[method-assign]
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK)
    await teacher.submits()
    await teacher.until("Waiting for: Check by ICT", "modal")
    await teacher.closes()
    await office.slack.quiet()
    before = len(office.slack.calls)
    for request in list(sent):
        assert (await posted(*request)).status == 200
    await office.slack.quiet()
    again = [call.method for call in office.slack.calls[before:]]
    assert again in ([], ["chat.postMessage"])  # the receipt, at most
    assert len(office.stage["class-teacher"].feed()) == 1


async def test_nothing_is_fetched_and_no_address_unfurled(office: Office) -> None:
    await office["class-teacher"].says("Can pupils use https://example.org/?")
    await office["class-teacher"].until("Policy for Social Media")
    assert not any(
        message.unfurls for message in office["class-teacher"].messages("dm") if message.blocks[1:]
    )


@contextlib.asynccontextmanager
async def busy(office: Office, seconds: float) -> AsyncIterator[None]:
    """Another process writes for so long: whatever it is, nobody else can meanwhile."""
    database = office.stage.clerk.database

    held = threading.Event()

    def hold() -> None:
        with database.write() as connection:  # which is all that SQLite needs
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"LOCK TABLE {', '.join(metadata.tables)} IN EXCLUSIVE MODE"))
            held.set()
            time.sleep(seconds)

    holding = asyncio.create_task(asyncio.to_thread(hold))
    assert await asyncio.to_thread(held.wait, 10)
    yield
    await holding


@pytest.mark.impatient
@both_ways
async def test_a_busy_database_delays_the_form_and_not_the_acknowledgement(office: Office) -> None:
    teacher = office["class-teacher"]
    async with busy(office, 2.0):
        answer = await teacher.types("/unblock-request")
        assert answer.acknowledged
        assert answer.seconds < 1
        await teacher.until("One moment…", "modal")
    await teacher.until("Full web address", "modal")
    await teacher.fills(UNBLOCK)
    async with busy(office, 2.0):
        answer = await teacher.submits()
        assert answer.acknowledged
        assert answer.seconds < 1
        await teacher.until("One moment…", "modal")
    await teacher.until("Waiting for: Check by ICT", "modal")
    await teacher.closes()
    assert teacher.modal is None
    assert clean(office.slack)


@pytest.mark.impatient
async def test_errors_that_come_late_keep_what_was_typed(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK | {"url": "not an address"})
    async with busy(office, 1.5):
        await teacher.submits()
        await teacher.until("One moment…", "modal")
    seen = await teacher.until("is not a full web address", "modal")
    assert "A science lesson about planets." in seen
    await teacher.fills({"url": "https://www.example.org/"})
    await teacher.submits()
    await teacher.until("Waiting for: Check by ICT", "modal")
    assert clean(office.slack)


@pytest.mark.impatient
async def test_errors_that_come_late_again_and_again_find_room(office: Office) -> None:
    """Slack lays three modals on each other and no more."""
    teacher = office["class-teacher"]
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK | {"url": "not an address"})
    for _ in range(4):
        async with busy(office, 1.5):
            await teacher.submits()
            await teacher.until("One moment…", "modal")
        assert "A science lesson about planets." in await teacher.until("is not a full web address", "modal")
    await teacher.fills({"url": "https://www.example.org/"})
    await teacher.submits()
    await teacher.until("Waiting for: Check by ICT", "modal")
    assert clean(office.slack)


@pytest.mark.impatient
async def test_many_at_once_beside_a_writer_are_each_acknowledged_within_a_second(office: Office) -> None:
    """32 people ask at once while the database is held; each gets one answer."""
    questions = [question(office) for _ in range(32)]
    async with busy(office, 1.5):
        answers = await asyncio.gather(*(office.slack.wire.deliver("events_api", said) for said in questions))
    assert max(answer.seconds for answer in answers) < 1
    assert all(answer.acknowledged for answer in answers)
    await office.slack.until(lambda: len(told(office)) == 32, "an answer each")
    await office.slack.quiet()
    assert len(told(office)) == 32


async def test_what_people_type_stands_in_no_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    teacher = office["class-teacher"]
    with caplog.at_level("DEBUG"):
        await teacher.says("my very own words")
        await teacher.types("/unblock-request")
        await teacher.fills(UNBLOCK | {"reasons": "my very own words"})
        await teacher.submits()
        await teacher.until("sent")
        await office.slack.quiet()
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("tests", "asyncio"))]
    assert not [line for line in ours if "my very own words" in line]
    assert json.dumps(UNBLOCK["content"]) not in "".join(ours)
