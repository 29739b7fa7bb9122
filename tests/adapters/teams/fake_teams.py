"""Microsoft's side of Teams on this machine: signing keys, tokens, and the connector that bots send to.

Tests sign activities as Microsoft does and post them to the clerk; what the clerk sends lies in `posted`.
"""

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

APP_ID = "11111111-2222-3333-4444-555555555555"
TENANT = "aaaaaaaa-0000-0000-0000-000000000001"
OTHER_TENANT = "aaaaaaaa-0000-0000-0000-000000000002"
ISSUER = "https://api.botframework.com"
PASSWORD = "not-a-secret"

Json = dict[str, Any]


@dataclass
class User:
    """Somebody with Teams. `app`: they have the clerk, so that it may write to them first."""

    aad: str
    name: str
    email: str = ""
    tenant: str = TENANT
    role: str = "user"
    app: bool = True
    signs_in_as: str = ""
    """Their user principal name, where it is not their address."""

    @property
    def mri(self) -> str:
        return f"29:{self.aad}"

    @property
    def chat(self) -> str:
        return f"a:{self.aad}"


@dataclass
class Posted:
    """One thing the clerk did: `POST` a message, `PUT` another in its place."""

    method: str
    conversation: str
    id: str
    activity: Json

    @property
    def card(self) -> Json:
        """The one card of the message."""
        (attachment,) = self.activity["attachments"]
        card: Json = attachment["content"]
        return card

    def card_data(self, name: str) -> str:
        """What the card's first button carries under that name."""
        return str(self.card["body"][-1]["actions"][0]["data"][name])


SIGNING_KEY = rsa.generate_private_key(65537, 2048)


@dataclass
class FakeTeams:
    """All of it, as one server."""

    key: rsa.RSAPrivateKey = SIGNING_KEY
    key_id: str = "key-1"
    endorsements: tuple[str, ...] = ("msteams",)
    users: dict[str, User] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)
    messages: dict[str, Posted] = field(default_factory=dict)
    """What stands in the chats now, by id."""
    failing: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    """Statuses that the next calls of the connector are answered with."""
    a_second: int = 1000
    """So many messages a second go into one conversation; more are refused."""
    open: bool = False
    """Calls without a token are answered, as Microsoft's test client does."""
    files: dict[str, bytes] = field(default_factory=dict)
    """What was uploaded, by name."""
    key_fetches: int = 0
    token_fetches: int = 0
    member_fetches: int = 0
    _came: dict[str, list[float]] = field(default_factory=dict)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/openid", self._metadata)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        app.router.add_post("/teams/v3/conversations", self._open)
        app.router.add_post("/teams/v3/conversations/{conversation}/activities", self._post)
        app.router.add_post("/teams/v3/conversations/{conversation}/activities/{message}", self._post)
        app.router.add_put("/teams/v3/conversations/{conversation}/activities/{message}", self._put)
        app.router.add_get("/teams/v3/conversations/{conversation}/members/{user}", self._member)
        app.router.add_put("/onedrive/{name}", self._upload)
        app.router.add_put("/elsewhere/{name}", self._upload)
        self.server = TestServer(app)
        await self.server.start_server()

    async def stop(self) -> None:
        await self.server.close()

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    @property
    def service_url(self) -> str:
        return f"{self.url}/teams/"

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/openid"

    def token(self, key: rsa.RSAPrivateKey | None = None, kid: str = "", **claims: object) -> str:
        """A token as Microsoft signs one; claims given as None are left out."""
        now = int(time.time())
        whole = {
            "iss": ISSUER,
            "aud": APP_ID,
            "serviceurl": self.service_url,
            "nbf": now - 60,
            "exp": now + 3600,
        } | claims
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(kept, key or self.key, algorithm="RS256", headers={"kid": kid or self.key_id})

    def to(self, user: User) -> list[Posted]:
        """What was posted or put into the chat with one person."""
        return [posted for posted in self.posted if posted.conversation == user.chat]

    async def _metadata(self, _: web.Request) -> web.Response:
        self.key_fetches += 1
        return web.json_response({"jwks_uri": f"{self.url}/keys"})

    async def _keys(self, _: web.Request) -> web.Response:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        listed = {**public, "kid": self.key_id, "endorsements": list(self.endorsements)}
        return web.json_response({"keys": [listed]})

    async def _token(self, request: web.Request) -> web.Response:
        self.token_fetches += 1
        asked = await request.post()
        if asked["client_secret"] != PASSWORD:
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response({"access_token": f"token-{self.token_fetches}", "expires_in": 3600})

    async def _open(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        wanted = (await request.json())["members"][0]["id"].removeprefix("29:")
        user = self.users.get(wanted)
        if user is None or not user.app:
            return web.json_response({"error": {"code": "ForbiddenOperationException"}}, status=403)
        return web.json_response({"id": user.chat}, status=201)

    async def _post(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        conversation = request.match_info["conversation"]
        blocked = any(user.chat == conversation and not user.app for user in self.users.values())
        if blocked:
            return web.json_response({"error": {"code": "BotDisabledByUser"}}, status=403)
        latest = [at for at in self._came.get(conversation, ()) if time.monotonic() - at < 1.0]
        if len(latest) >= self.a_second:
            wait = {"Retry-After": f"{1.0 - (time.monotonic() - latest[0]):.2f}"}
            return web.json_response({"error": {"code": "Throttled"}}, status=429, headers=wait)
        self._came[conversation] = [*latest, time.monotonic()]
        posted = Posted("POST", conversation, f"m{next(self._ids)}", await request.json())
        self._keep(posted)
        return web.json_response({"id": posted.id}, status=201)

    async def _put(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        message = request.match_info["message"]
        if message not in self.messages:
            return web.json_response({"error": {"code": "MessageNotFound"}}, status=404)
        self._keep(Posted("PUT", request.match_info["conversation"], message, await request.json()))
        return web.json_response({"id": message})

    async def _upload(self, request: web.Request) -> web.Response:
        body = await request.read()
        assert "Authorization" not in request.headers, "the token is for Teams alone"
        assert request.headers["Content-Range"] == f"bytes 0-{len(body) - 1}/{len(body)}"
        self.files[request.match_info["name"]] = body
        return web.json_response({"id": "1"}, status=201)

    async def _member(self, request: web.Request) -> web.Response:
        self.member_fetches += 1
        if refused := self._refused(request):
            return refused
        user = self.users.get(request.match_info["user"].removeprefix("29:"))
        if user is None:
            return web.json_response({"error": {"code": "MemberNotFound"}}, status=404)
        told = {
            "id": user.mri,
            "name": user.name,
            "aadObjectId": user.aad,
            "email": user.email,
            "userPrincipalName": user.signs_in_as or user.email,
            "tenantId": user.tenant,
            "userRole": user.role,
        }
        return web.json_response(told)

    def _keep(self, posted: Posted) -> None:
        self.posted.append(posted)
        self.messages[posted.id] = posted

    def _refused(self, request: web.Request) -> web.Response | None:
        if self.failing:
            status, headers = self.failing.pop(0)
            return web.json_response({"error": {"code": "told"}}, status=status, headers=headers)
        if not self.open and not request.headers.get("Authorization", "").startswith("Bearer token-"):
            return web.json_response({"error": {"code": "Unauthorized"}}, status=401)
        return None


def activity(teams: FakeTeams, user: User, *, channel: str = "", **rest: Any) -> Json:
    """An activity of that person: in their own chat, or in a channel or group of that id."""
    kind = "personal" if not channel else "groupChat" if channel.startswith("19:g") else "channel"
    return {
        "channelId": "msteams",
        "serviceUrl": teams.service_url,
        "id": f"act-{next(_ACTIVITIES)}",
        "from": {"id": user.mri, "aadObjectId": user.aad, "name": user.name},
        "recipient": {"id": f"28:{APP_ID}", "name": "Policy Clerk"},
        "conversation": {"id": channel or user.chat, "conversationType": kind, "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        **rest,
    }


def path(conversation: str) -> str:
    """A conversation's id in an address."""
    return quote(conversation, safe="")


_ACTIVITIES = itertools.count(1)
