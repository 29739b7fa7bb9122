"""`policyclerk serve` as it is installed: a process of its own that only SLACK_API_BASE_URL points at our Slack."""

import asyncio
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

import pytest

from adapters.demo import cast
from adapters.schools import Folder, read_school
from adapters.settings import Settings
from adapters.wiring import wire
from bot.events import Identity
from tests.adapters.slack.conftest import MANIFEST, SECRET
from tests.slack_server import FakeSlack, fake_slack

WAYS = ("http", "socket")


def set_up(home: Path, address: str) -> None:
    """aet with its cast, adopted and connected; U1 is the class teacher."""
    clerk = wire(Settings(home=home, model="off", database_url=address))
    published, now = read_school(Folder("aet", home)), clerk.services.clock.now()
    clerk.library.publish(published, now)
    cast(clerk, published)
    clerk.places.adopt("aet", now)
    clerk.places.connect("slack", "T1", "aet")
    clerk.directory.link(Identity(platform="slack", tenant="T1", user="U1"), "aet.class-teacher")
    clerk.close()


@contextlib.asynccontextmanager
async def process(slack: FakeSlack, home: Path, address: str, way: str) -> AsyncIterator[str]:
    """The program, with nothing but its environment; its address."""
    secrets = {"SLACK_APP_TOKEN": slack.app_token} if way == "socket" else {"SLACK_SIGNING_SECRET": SECRET}
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "POLICYCLERK_HOME": str(home),
        "POLICYCLERK_DATABASE_URL": address,
        "POLICYCLERK_MODEL": "off",
        "POLICYCLERK_PORT": "0",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_BASE_URL": slack.api_url.rstrip("/"),
        **secrets,
    }
    command = [sys.executable, "-m", "adapters.cli", "serve"]
    with subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout
        try:
            yield await asyncio.to_thread(said_address, serving.stdout)
        finally:
            serving.terminate()
            await asyncio.to_thread(serving.wait, 20)


def said_address(printed: IO[str]) -> str:
    """The address that a server says it has."""
    return next(found[0] for line in printed if (found := re.search(r"http://\S+/", line)))


@pytest.mark.parametrize("way", WAYS)
async def test_the_whole_program_talks_to_another_server(address: str, tmp_path: Path, way: str) -> None:
    await asyncio.to_thread(set_up, tmp_path, address)
    async with fake_slack() as slack:
        slack.install(MANIFEST)
        teacher = slack.person("U1", "A teacher")
        async with process(slack, tmp_path, address, way) as url:
            if way == "socket":
                slack.over_socket()
                await slack.until(lambda: slack.server.sockets, "a websocket")
            else:
                wire = slack.over_http(f"{url}slack/events", SECRET)
                assert (await wire.verifies()).body == {"challenge": "a challenge"}
            await teacher.says("who approves a post before it goes on the school page?")
            await slack.until(
                lambda: "Policy for Social Media" in teacher.sees("dm"), "an answer", teacher.sees, 30
            )
            await teacher.types("/unblock-request")
            await teacher.until("Full web address", "modal")
        assert [(call.method, call.came) for call in slack.calls if call.came != "ok"] == []
