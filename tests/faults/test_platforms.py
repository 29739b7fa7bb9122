"""A platform that answers with errors, garbage or nothing: tried again after a while, then the next people are
asked and the administrator sees it; never silence, and nothing is lost once it works again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from adapters.settings import SlackSettings
from adapters.slack import workspaces
from adapters.store.listing import LOST_AFTER
from adapters.teams import connector
from adapters.teams.connector import Connector, NoTokens
from bot.events import Identity
from bot.ports import SendFailed
from tests.scenarios.test_unblock_request import FILLED
from tests.school import Stage, staged, text_of
from tests.slack_server import fake_slack

HTML = b"<html>Sorry, we are down.</html>"
ANSWERS = {
    "500": b"HTTP/1.1 500 Oh\r\nContent-Length: 32\r\n\r\n" + HTML,
    "503 garbage": b"HTTP/1.1 503 Oh\r\nContent-Length: 4\r\n\r\n\xff\xfe\x00\x01",
    "429 without a time": b'HTTP/1.1 429 Oh\r\nContent-Length: 12\r\n\r\n{"ok":false}',
    "429 with no number": b"HTTP/1.1 429 Oh\r\nRetry-After: tomorrow\r\nContent-Length: 2\r\n\r\n{}",
    "html": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 32\r\n\r\n" + HTML,
    "a list": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
    "yes and nothing": b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}',
    "cut off": b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"ok":tr',
    "no http": b"what?\r\n",
    "closed": b"",
}
either = pytest.mark.parametrize("answer", [*ANSWERS, "silent"])


@asynccontextmanager
async def answering(answer: str) -> AsyncIterator[str]:
    """The address of a server that answers like this, whatever it is asked."""

    over, open_ = asyncio.Event(), set()

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.add(asyncio.current_task())
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if answer == "silent":
                await over.wait()
            else:
                writer.write(ANSWERS[answer])
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        over.set()
        server.close()
        await asyncio.gather(*open_)


def technician_in_slack(stage: Stage) -> None:
    """The ICT technician has nothing but Slack; everybody else has the page."""
    clerk = stage.clerk
    clerk.directory.unlink(stage["ict-technician"].who)
    clerk.places.adopt("aet", stage.clock.now())
    clerk.places.connect("slack", "T1", "aet")
    technician = Identity(platform="slack", tenant="T1", user="UICT")
    clerk.directory.link(technician, stage["ict-technician"].id)


@either
async def test_slack_that_does_not_work_is_tried_again_and_passed_over(
    answer: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspaces, "TIMEOUT_SECONDS", 0.2)
    async with answering(answer) as address:
        settings = SlackSettings.model_validate(
            {"bot_token": "xoxb-T1", "signing_secret": "s", "api_base_url": address}
        )
        for stage in staged(home, slack=settings):
            technician_in_slack(stage)
            teacher, next_holder = stage["class-teacher"], stage["online-safety-lead"]
            teacher.sends(teacher.calls("unblock-request"), **FILLED)
            await asyncio.to_thread(stage.deliver)
            assert stage.clerk.worker.work() == 0, "it waits before it tries again"
            assert "Waiting for: Check by ICT" in teacher.sees()
            for _ in range(LOST_AFTER):
                stage.clock.pass_by(timedelta(minutes=10))
                await asyncio.to_thread(stage.deliver)
            assert "could not be reached in chat" in teacher.sees()
            assert "A science lesson" in next_holder.sees()
            said = text_of(stage["office-manager"].calls("stuck-requests"))
            assert "Nothing is stuck" not in said


async def test_what_failed_arrives_once_the_platform_is_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fake_slack() as slack:
        slack.person("UICT", "ICT technician")
        settings = SlackSettings.model_validate(
            {"bot_token": slack.bot_token, "signing_secret": "s", "api_base_url": slack.api_url}
        )
        for stage in staged(home, slack=settings):
            technician_in_slack(stage)
            slack.refuse("conversations.open", "fatal_error", times=3)
            teacher = stage["class-teacher"]
            teacher.sends(teacher.calls("unblock-request"), **FILLED)
            for _ in range(4):
                await asyncio.to_thread(stage.deliver)
                stage.clock.pass_by(timedelta(minutes=1))
            assert "A science lesson" in slack.user("UICT").sees("dm")
            assert stage.clerk.outbox.set_aside_rows() == ()


@either
async def test_teams_that_does_not_work_is_a_message_that_failed(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "PATIENCE", ClientTimeout(total=0.2))
    async with answering(answer) as address, ClientSession() as session:
        with pytest.raises(SendFailed) as failed:
            await Connector(NoTokens(), session).open_chat(address, "a tenant", "an app", "somebody")
        assert not failed.value.permanent
        assert "Sorry" not in str(failed.value)
