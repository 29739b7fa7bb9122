"""The server: Web API over HTTP, answers to a `response_url`, file uploads, and Socket Mode's websocket."""

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.slack_server import methods, scopes, views
from tests.slack_server.blocks import Drawn
from tests.slack_server.methods import Method, add, content, redraw
from tests.slack_server.workspace import Message, Refused, Workspace

METHODS: dict[str, Method] = {**methods.METHODS, **views.METHODS}
ANSWERS, ANSWER_SECONDS = 5, 1800.0
JSON_VALUES = ("blocks", "view", "files", "attachments", "metadata")


@dataclass
class Call:
    """One call of a Web API method, and what came of it: `ok` or the error's name."""

    method: str
    said: Drawn
    came: str
    at: float = field(default_factory=time.time)
    """Seconds since 1970."""


@dataclass
class Answer:
    """An address for answers to one interaction: five times within thirty minutes."""

    workspace: Workspace
    user: str
    channel: str
    made: float
    message: Message | None = None
    left: int = ANSWERS


@dataclass
class Rule:
    """The next `times` calls of `method` that say `saying` are refused."""

    method: str
    refused: Refused
    times: int
    saying: Drawn


@dataclass
class Server:
    """Slack's side of the wire. `handle_socket` is told of every message that comes over a websocket."""

    handle_socket: Callable[[web.WebSocketResponse, Drawn], None]
    app_token: str
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What may be exchanged for a token, once: code to workspace and the scopes that were allowed."""
    client: tuple[str, str] = ("1.2", "client-secret")
    """The app's id and secret."""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    busy: int = 0
    delay: float = 0.0
    """Seconds each method takes, for tests of slow networks."""
    unanswered: Callable[[str, Drawn], bool] = field(default=lambda _method, _said: False)
    """What is done at once, and not answered for as long as this says so: for tests of who dies meanwhile."""
    url: str = ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen on a free port of this machine."""
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/answer/{name}", self._answer)
        app.router.add_post("/upload/{team}/{file}", self._upload)
        app.router.add_get("/socket", self._socket)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            for socket in list(self.sockets):
                await socket.close()
            await runner.cleanup()

    def answer_address(self, answer: Answer) -> str:
        """A new `response_url`."""
        name = answer.workspace.new("R")
        self.answers[name] = answer
        return f"{self.url}/answer/{name}"

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.busy += 1
        try:
            said = await _arguments(request)
            await asyncio.sleep(self.delay)
            if method == "oauth.v2.access":
                return self._exchanged(request, said)
            done = self._called(method, said, _token(request, said))
            while self.unanswered(method, said):
                await asyncio.sleep(0.05)
            return done
        finally:
            self.busy -= 1

    def _called(self, method: str, said: Drawn, token: str) -> web.Response:
        granted = ""
        try:
            self._planned(method, said)
            if method == "apps.connections.open":
                added: Drawn = self._connection(token)
            elif method in METHODS:
                workspace = self._workspace(token)
                granted = ",".join(sorted(workspace.scopes or ()))
                _allowed(workspace, method, said)
                added = METHODS[method](workspace, said)
            else:
                raise Refused("unknown_method", req_method=method)
        except Refused as no:
            self.calls.append(Call(method, said, no.error))
            return _refusal(no)
        if method == "files.getUploadURLExternal":
            added["upload_url"] = f"{self.url}/upload/{self._workspace(token).id}/{added['file_id']}"
        self.calls.append(Call(method, said, "ok"))
        return web.json_response({"ok": True, **added}, headers={"X-OAuth-Scopes": granted})

    def _exchanged(self, request: web.Request, said: Drawn) -> web.Response:
        """oauth.v2.access: a code for a token, from whoever has the app's secret (docs.slack.dev)."""
        login, _, password = (
            base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic "))
            .decode()
            .partition(":")
        )
        try:
            if (login, password) != self.client:
                raise Refused("bad_client_secret" if login == self.client[0] else "invalid_client_id")
            if said.get("code") not in self.codes:
                raise Refused("invalid_code")
        except Refused as no:
            self.calls.append(Call("oauth.v2.access", {}, no.error))
            return _refusal(no)
        team, scope = self.codes.pop(said["code"])
        workspace = self.workspaces[team]
        workspace.bot_token, workspace.token_error = f"xoxb-{workspace.new(team)}", ""
        workspace.scopes = frozenset(scope.split(","))
        self.calls.append(Call("oauth.v2.access", {}, "ok"))
        told: Drawn = {
            "ok": True,
            "app_id": workspace.app_id,
            "authed_user": {"id": "U0INSTALLER"},
            "scope": scope,
            "token_type": "bot",
            "access_token": workspace.bot_token,
            "bot_user_id": workspace.bot.id,
            "team": {"id": team, "name": workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        return web.json_response(told)

    def _planned(self, method: str, said: Drawn) -> None:
        for rule in self.rules:
            fits = rule.method == method and rule.saying.items() <= said.items()
            if fits and rule.times:
                rule.times -= 1
                raise rule.refused

    def _workspace(self, token: str) -> Workspace:
        if not token:
            raise Refused("not_authed")
        found = [one for one in self.workspaces.values() if one.bot_token == token]
        if not found or found[0].token_error:
            raise Refused(found[0].token_error if found else "invalid_auth")
        return found[0]

    def _connection(self, token: str) -> Drawn:
        if token != self.app_token:
            raise Refused("invalid_auth" if token else "not_authed")
        return {"url": f"{self.url.replace('http', 'ws')}/socket"}

    async def _answer(self, request: web.Request) -> web.Response:
        self.busy += 1
        try:
            answer = self.answers.get(request.match_info["name"])
            said = await request.json()
            self.calls.append(Call("response_url", said, "ok"))
            return self._answered(answer, said)
        finally:
            self.busy -= 1

    def _answered(self, answer: Answer | None, said: Drawn) -> web.Response:
        if answer is None or answer.workspace.clock() - answer.made > ANSWER_SECONDS:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        if not answer.left:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        answer.left -= 1
        try:
            respond(answer.workspace, answer.user, answer.channel, said, answer.message)
        except Refused as no:
            self.calls[-1].came = no.error
            return web.json_response({"ok": False, "error": no.error}, status=400)
        return web.json_response({"ok": True})

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.workspaces[request.match_info["team"]].files[request.match_info["file"]]
        if request.content_type.startswith("multipart/"):
            part = await (await request.multipart()).next()
            file.content = await part.read() if part else b""  # type: ignore[union-attr]
        else:
            file.content = await request.read()
        return web.Response(text=f"OK - {len(file.content)}")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        hello = {"type": "hello", "num_connections": len(self.sockets), "debug_info": {"host": "fake"}}
        await socket.send_json({**hello, "connection_info": {"app_id": "A0CLERK"}})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self.handle_socket(socket, json.loads(message.data))
        finally:
            self.sockets.remove(socket)
        return socket


def respond(workspace: Workspace, user: str, channel: str, said: Drawn, message: Message | None) -> None:
    """A message said in answer to something somebody did: to them alone unless `in_channel`."""
    if said.get("delete_original"):
        if message in workspace.messages:
            workspace.messages.remove(message)
    elif said.get("replace_original") and message:
        redraw(message, *content(said))
    else:
        shared = said.get("response_type") == "in_channel"
        place = workspace.channels[channel]
        add(workspace, place, said, only_for="" if shared or place.kind == "im" else user)


def _allowed(workspace: Workspace, method: str, said: Drawn) -> None:
    """`missing_scope` where the app was not granted what the method needs."""
    needed = scopes.METHODS[method]
    if method in ("conversations.info", "conversations.members"):
        place = workspace.channels.get(str(said.get("channel")))
        needed = (scopes.PLACES[place.kind],) if place else needed
    if method == "conversations.open":
        needed = ("im:write",)
    if workspace.scopes is not None and needed and not workspace.scopes & set(needed):
        provided = ",".join(sorted(workspace.scopes))
        raise Refused("missing_scope", needed=",".join(needed), provided=provided)


def _refusal(no: Refused) -> web.Response:
    said: Drawn = {"ok": False, "error": no.error, **no.more}
    if no.messages:
        said["response_metadata"] = {"messages": no.messages}
    if no.error == "ratelimited":
        return web.json_response(said, status=429, headers={"Retry-After": str(no.retry_after)})
    return web.json_response(said)


async def _arguments(request: web.Request) -> Drawn:
    """The arguments, from a JSON body, a form or the address; lists and objects of a form are JSON."""
    if request.content_type == "application/json":
        given: Drawn = await request.json()
        return given
    raw: dict[str, Any] = {**request.query, **await request.post()}
    return {name: json.loads(value) if name in JSON_VALUES else _typed(value) for name, value in raw.items()}


def _typed(value: Any) -> Any:
    """Forms say `1`, `0`, `True` for what JSON calls true and false; numbers stay words."""
    return {"true": True, "false": False, "True": True, "False": False}.get(value, value)


def _token(request: web.Request, said: Drawn) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or str(
        said.pop("token", "")
    )
