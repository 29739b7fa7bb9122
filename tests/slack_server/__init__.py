"""Our own Slack, for tests: a real HTTP and websocket server on this machine.

It speaks the Web API methods the clerk calls, refuses what Slack refuses with Slack's own error names,
and lets a test act as anybody in a workspace and read what they would see:

    async with fake_slack() as slack:
        slack.person("U1", "A teacher", email="teacher@school.example")
        slack.over_http("http://127.0.0.1:8080/slack/events", "secret")   # or slack.over_socket()
        teacher = slack.user("U1")
        await teacher.types("/unblock-request")
        await teacher.fills({"Which site?": "https://example.org"})
        await teacher.submits()
        assert "sent" in await teacher.until("sent")

The app under test is given `slack.api_url` as its base address and `slack.bot_token`.

Things about Slack that surprise, and that this Slack does too: a message to somebody deactivated is
accepted and read by nobody (ask `users.info` for `deleted`; `conversations.open` says `user_disabled`);
an ephemeral message cannot be updated by `chat.update`, and no shortcut is offered on it; a typed
address arrives as `<https://…>`; a home has no `response_url`.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from tests.slack_server import payloads
from tests.slack_server.actor import User
from tests.slack_server.methods import add, address
from tests.slack_server.server import Call, Rule, Server
from tests.slack_server.wire import Delivered, HttpWire, SocketWire, Wire, with_retries
from tests.slack_server.workspace import Channel, Message, Person, Refused, Workspace

__all__ = [
    "Call",
    "Delivered",
    "FakeSlack",
    "Message",
    "Person",
    "Refused",
    "User",
    "Workspace",
    "fake_slack",
]

Drawn = dict[str, Any]
T = TypeVar("T")
ANSWERING = {"_watched", "Edge._handled"}
"""What the clerk's own tasks are called while it answers something."""
PATIENCE = 10.0
"""How long an app is waited for that seems to be answering."""


class FakeSlack:
    """One running server; its first workspace is `T1`."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        """What the app answered that Slack would not take."""
        self.events: set[str] | None = None
        """Which events the app is subscribed to; all where None."""
        self.offered: set[str] | None = None
        """Slash commands and the names of shortcuts that people can use; all where None."""
        self.app_token = "xapp-1-test"
        self.server = Server(
            handle_socket=lambda socket, said: self.sockets.heard(socket, said), app_token=self.app_token
        )
        self.sockets = SocketWire(self.server.sockets)
        self.wire: Wire = self.sockets
        self.workspace = self.add_workspace("T1")

    def install(self, manifest: Drawn) -> None:
        """The app as its manifest describes it: its scopes, its events, its commands and shortcuts, no others."""
        features, settings = manifest["features"], manifest["settings"]
        self.workspace.scopes = frozenset(manifest["oauth_config"]["scopes"]["bot"])
        self.events = set(settings["event_subscriptions"]["bot_events"])
        commands = {one["command"] for one in features["slash_commands"]}
        self.offered = commands | {one["callback_id"] for one in features["shortcuts"]}

    @property
    def api_url(self) -> str:
        """The base address of the Web API, with its slash at the end."""
        return f"{self.server.url}/api/"

    @property
    def bot_token(self) -> str:
        """The app's token for the first workspace."""
        return self.workspace.bot_token

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API so far."""
        return self.server.calls

    def called(self, method: str) -> list[Drawn]:
        """The arguments of each successful call of a method."""
        return [one.said for one in self.calls if one.method == method and one.came == "ok"]

    def add_workspace(self, team: str) -> Workspace:
        """Another workspace the app is installed in, with a token of its own."""
        self.server.workspaces[team] = Workspace(id=team, bot_token=f"xoxb-{team}")
        return self.server.workspaces[team]

    def allows(self, consent: str, team: str) -> dict[str, str]:
        """Somebody at Slack's consent page allows the app in a workspace: what Slack sends them back with."""
        asked = parse_qs(urlsplit(consent).query)
        assert consent.startswith("https://slack.com/oauth/v2/authorize?"), consent
        assert asked["client_id"] == [self.server.client[0]]
        code = self.server.workspaces[team].new("code")
        self.server.codes[code] = (team, asked["scope"][0])
        return {"code": code, "state": asked["state"][0]}

    def workspace_of(self, user: str) -> Workspace:
        """Where somebody is."""
        return next(one for one in self.server.workspaces.values() if user in one.people)

    def person(self, user: str, name: str, **more: Any) -> User:
        """Somebody new in the first workspace (`email`, `guest`, `admin`, `deleted`, `team` of a connected one)."""
        self.workspace.person(user, name, **more)
        return self.user(user)

    def channel(self, channel: str, *members: str, **more: Any) -> Channel:
        """A new channel of the first workspace (`kind`, `bot` in it or not, `name`, `shared`)."""
        return self.workspace.channel(channel, *members, **more)

    def user(self, user: str) -> User:
        """Act as this person."""
        return User(self, user)

    def over_http(self, address_: str, secret: str) -> HttpWire:
        """Reach the app by signed requests to this address."""
        self.wire = HttpWire(address_, secret)
        return self.wire

    def over_socket(self) -> SocketWire:
        """Reach the app by the websockets it opens."""
        self.wire = self.sockets
        return self.sockets

    def refuse(self, method: str, error: str, *, times: int = 1, retry_after: int = 0, **saying: Any) -> None:
        """The next `times` calls of a method (with these arguments) are refused: `ratelimited` with
        `retry_after`, or any other of Slack's names."""
        self.server.rules.append(Rule(method, Refused(error, retry_after=retry_after), times, saying))

    def pass_by(self, seconds: float) -> None:
        """Let time pass for triggers and answer addresses."""
        for workspace in self.server.workspaces.values():
            workspace.skew += seconds

    def permalink(self, message: Message) -> str:
        """Where a message is found in a browser."""
        return address(self.workspace, message.channel, message.ts)

    def told(self, workspace: Workspace, user: str, place: Channel, text: str) -> None:
        """Slack itself says something to one person."""
        add(workspace, place, {"text": text}, only_for=user).user = "USLACKBOT"
        self.refusals.append(text)

    async def happens(self, name: str, team: str = "T1", **what: Any) -> Delivered | None:
        """An event that is nobody's message: `user_change`, `tokens_revoked`, `member_left_channel`…"""
        if self.events is not None and name not in self.events:
            return None
        return await with_retries(
            self.wire, payloads.event(self.server.workspaces[team], {"type": name, **what})
        )

    async def until(
        self,
        look: Callable[[], T | None],
        what: str = "",
        shown: Callable[[], str] = str,
        within: float = 15.0,
    ) -> T:
        """Wait until `look` finds something; AssertionError with what is shown instead when nothing comes."""
        end = time.monotonic() + within
        while not (found := look()):
            assert time.monotonic() < end, (
                f"{what or 'it'} did not come. There is:\n{shown()}\nrefused: {self.refusals}"
            )
            await asyncio.sleep(0.01)
        return found

    async def quiet(self, seconds: float = 0.3) -> None:
        """Wait until the app has called nothing for so long, and has nothing under way that we can see."""
        seen, since = len(self.calls), time.monotonic()
        patience = since + PATIENCE
        while time.monotonic() - since < seconds:
            await asyncio.sleep(0.02)
            working = time.monotonic() < patience and _at_work()
            if self.server.busy or len(self.calls) != seen or working:
                seen, since = len(self.calls), time.monotonic()


def _at_work() -> bool:
    """Whether an app that runs on this loop is answering something: on a busy machine that takes its time."""
    return any(getattr(task.get_coro(), "__qualname__", "") in ANSWERING for task in asyncio.all_tasks())


@contextlib.asynccontextmanager
async def fake_slack() -> AsyncIterator[FakeSlack]:
    """A running fake Slack on a free port."""
    slack = FakeSlack()
    async with slack.server.running():
        try:
            yield slack
        finally:
            if slack.wire is not slack.sockets:
                await slack.wire.close()
