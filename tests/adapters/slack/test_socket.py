"""Socket Mode stays connected: through Slack's own reconnects, dropped lines, and a client that has died."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.settings import SlackSettings
from adapters.slack.app import SLACK
from tests.adapters.slack.conftest import Office, served
from tests.school import staged
from tests.slack_server import fake_slack
from tests.slack_server.wire import SocketWire


@pytest.fixture
async def office(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """The cast by Socket Mode, with a watchdog that looks often."""
    for name, seconds in (("PING", 0.5), ("LOOK", 0.1), ("PATIENCE", 1.0)):
        monkeypatch.setattr(f"adapters.slack.socket.{name}_SECONDS", seconds)
    async with fake_slack() as slack:
        settings = SlackSettings.model_validate(
            {"bot_token": slack.bot_token, "api_base_url": slack.api_url, "app_token": slack.app_token}
        )
        for stage in staged(home, "aet", slack=settings):
            async for office in served(slack, stage, "socket"):
                yield office


async def answered(office: Office, words: str) -> None:
    """A question is answered."""
    teacher = office["class-teacher"]
    before = len(teacher.messages("dm"))
    await teacher.says(words)
    await office.slack.until(lambda: len(teacher.messages("dm")) >= before + 2, "an answer", within=20)


@pytest.mark.parametrize("end", ["refresh_requested", "warning", "dropped"])
async def test_a_connection_that_ends_is_followed_by_another(office: Office, end: str) -> None:
    await answered(office, "hello")
    wire = office.slack.wire
    assert isinstance(wire, SocketWire)
    if end == "dropped":
        await wire.drop()
    else:
        await wire.disconnect(end)
    await office.slack.until(lambda: office.slack.server.sockets, "a connection", within=20)
    await answered(office, "hello again")


async def test_a_client_that_has_died_is_replaced(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    await answered(office, "hello")
    socket = office.app[SLACK].socket
    assert socket is not None
    first = socket.client
    assert first is not None
    assert first.message_receiver is not None
    first.message_receiver.cancel()
    for task in (first.message_processor, first.current_session_monitor):
        assert task is not None
        task.cancel()
    await office.slack.until(lambda: socket.client not in (None, first), "another client", within=20)
    await answered(office, "hello again")
    assert "beginning afresh" in caplog.text
