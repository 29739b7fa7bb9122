"""Microsoft's own test client on this machine, with `policyclerk demo` behind it, and what a script does in it.

It speaks to its page over HTTP and a websocket; `Visitor` does what the page does.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from tests.adapters.seen import teams_actions, teams_words
from tests.adapters.teams.deeds import inputs
from tests.adapters.teams.rules import problems

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]


def client() -> Path:
    """The test client's command; the test is skipped where it is not installed."""
    named = os.environ.get("POLICYCLERK_NODE_MODULES")
    places = [Path(named)] if named else [ROOT / "node_modules", ROOT.parent / "node_modules"]
    for place in places:
        if (command := place / ".bin" / "agentsplayground").exists():
            return command.resolve().parent / command.resolve().name
    pytest.skip("no npm package @microsoft/m365agentsplayground: set POLICYCLERK_NODE_MODULES")


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Where the test client is, with a playground of its own in that folder behind it."""
    command = client()
    clerk_port, port = free_port(), free_port()
    environment = {**os.environ, "POLICYCLERK_HOME": str(folder), "POLICYCLERK_MODEL": "off"}
    demo = subprocess.Popen(
        [sys.executable, "-m", "adapters.cli", "demo", "--no-browser", "--port", str(clerk_port)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert demo.stdout
    assert demo.stdout.readline().startswith("Policy Clerk is at")
    told = ["-e", f"http://127.0.0.1:{clerk_port}/api/messages", "-c", "msteams", "-p", str(port), "--dt"]
    served = subprocess.Popen(
        [str(command), *told], cwd=folder, env={**os.environ, "TEAMSAPPTESTER_BROWSER": "none"},
        stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield f"http://localhost:{port}/"
    os.killpg(served.pid, signal.SIGTERM)
    demo.terminate()
    served.wait(10)
    demo.wait(10)
    demo.stdout.close()


class Visitor:
    """The one user of the test client, by script."""

    def __init__(self, http: ClientSession, stream: ClientWebSocketResponse, places: Json) -> None:
        self._http = http
        self._stream = stream
        self._bot = places["bot"]
        self._me = {"id": places["currentUser"]["id"]}
        self.personal = str(places["personalChat"]["id"])
        self.group = str(places["groupChats"][0]["id"])
        self.channel = str(places["teams"][0]["channels"][0]["id"])
        self.standing: dict[str, tuple[str, Json]] = {}
        """Message id to where it stands, and what it is now."""
        self._since: set[str] = set()
        """What has come, or changed, since they last typed."""

    async def says(self, text: str, place: str = "") -> None:
        """Type a message; where others read along, with the mention that calls the clerk."""
        self._since.clear()
        name = f"<at>{self._bot['name']}</at>"
        mentioned = {"mentions": [{"mentioned": {"id": self._bot["id"]}, "text": name}]} if place else {}
        body = {
            "from": self._me,
            "text": f"{name} {text}" if place else text,
            "textFormat": "plain",
            **mentioned,
        }
        path = f"/_conversation/v1/conversations/{place or self.personal}/messages"
        async with self._http.post(path, json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def becomes(self, person: str) -> None:
        """Be one of the cast from now on."""
        await self.says(f"be {person}")
        await self.sees("You are now: ")

    async def sees(self, text: str, place: str = "") -> tuple[str, Json]:
        """The newest card with these words since they last typed, once it has come: its message and itself."""
        async with asyncio.timeout(30):
            while not (found := [(m, card) for m, card in self._cards(place) if text in teams_words(card)]):
                await self._next()
        assert problems(found[-1][1]) == []
        return found[-1]

    async def reads(self, text: str, place: str) -> None:
        """Wait for these words as a plain message."""
        async with asyncio.timeout(30):
            while not any(
                text in str(m.get("text")) for p, m in self.standing.values() if p.startswith(place)
            ):
                await self._next()

    async def presses(self, shown: tuple[str, Json], title: str, **values: str) -> Json:
        """Press a button of a card, with what was filled in; the answer, whose `value` is the
        card that takes its place, or a few words."""
        message, card = shown
        action = [a for a in teams_actions(card) if a["title"] == title][-1]
        filled = {
            i["id"]: values[name] for i in inputs(card) if (name := i["id"].partition(":")[2]) in values
        }
        value = {
            "action": {"type": action["type"], "verb": action["verb"], "data": {**action["data"], **filled}}
        }
        where = self.standing[message][0]
        return await self.invokes("adaptiveCard/action", value, where, replyToId=message)

    async def invokes(self, name: str, value: Mapping[str, Any], place: str = "", **rest: str) -> Json:
        """Anything that is answered at once."""
        body = {
            "name": name, "value": value, "from": self._me, "conversation": {"id": place or self.personal}, **rest
        }  # fmt: skip
        async with self._http.post("/_conversation/v1/invoke", json=body) as answer:
            assert answer.status == 200, await answer.text()
            found: Json = await answer.json()
            return found

    def _cards(self, place: str) -> list[tuple[str, Json]]:
        new = [(m, *self.standing[m]) for m in sorted(self._since)]
        here = [(m, shown) for m, there, shown in new if there.startswith(place or self.personal)]
        return [(m, hung["content"]) for m, shown in here for hung in shown.get("attachments") or ()]

    async def _next(self) -> None:
        told = await self._stream.receive_json()
        message = told.get("message") or {}
        if told["action"] in ("createMessage", "updateMessage"):
            self.standing[str(message["messageId"])] = (told["actionConversationId"], message)
            self._since.add(str(message["messageId"]))


@asynccontextmanager
async def visiting(address: str) -> AsyncIterator[Visitor]:
    """The client's user, from now on."""
    async with (
        ClientSession(address) as http,
        http.ws_connect("/_ws_conversation/v1/conversations/stream") as stream,
    ):
        async with http.get("/_internal/v1/config") as told:
            places = (await told.json())["config"]
        yield Visitor(http, stream, places)
