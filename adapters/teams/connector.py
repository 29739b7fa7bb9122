"""Calls of the Bot Framework's connector: send, update, open a chat, look somebody up. By aiohttp.

The SDK's own client sends by `requests` in threads and rebuilds its settings twice a turn (PLATFORM.md),
so only its data types are used. A session belongs to one event loop, a token to the process.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.ports import SendFailed

LOGIN_URL = "https://login.microsoftonline.com"
SCOPE = "https://api.botframework.com/.default"
MANY_TENANTS = "botframework.com"
"""Whose token endpoint a bot without a tenant of its own asks."""
PATIENCE = ClientTimeout(total=12.0)
PASSING = frozenset({408, 412, 429, 500, 502, 503, 504})
"""Statuses after which trying again makes sense (PLATFORM.md names 412, 429, 502 and 504)."""
TRIES = 3
"""While somebody waits. What is sent later is tried again by the outbox."""
LONGEST_WAIT = 3.0

GUESTS = ("guest", "anonymous")
"""Roles of people whom the tenant has only let in; its own are `user`, in some lists `owner`."""
_MEMBER = ("aadObjectId", "name", "email", "userPrincipalName", "tenantId", "userRole")

Json = dict[str, Any]


class Gone(SendFailed):
    """Nobody can be reached there (any more): the app was never installed, was taken away or blocked."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True, gone=True)


class Tokens:
    """The app's own token, kept until five minutes before it ends. Safe to share between threads: two that
    need a new one at the same moment ask twice."""

    def __init__(
        self,
        app_id: str,
        password: str,
        tenant: str = "",
        login_url: str = LOGIN_URL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{login_url.rstrip('/')}/{tenant or MANY_TENANTS}/oauth2/v2.0/token"
        self._asked = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": password,
            "scope": SCOPE,
        }
        self._clock = clock
        self._kept = ("", 0.0)

    async def get(self, session: ClientSession) -> str:
        """A token that is good for a while. SendFailed when there is none to be had."""
        token, until = self._kept
        if self._clock() < until:
            return token
        try:
            async with session.post(self._url, data=self._asked, timeout=PATIENCE) as response:
                if response.status != 200:
                    raise SendFailed(f"no token: {response.status}", permanent=response.status in (400, 401))
                answer = json.loads(await response.read())
            token, until = str(answer["access_token"]), self._clock() + float(answer["expires_in"]) - 300
        except (ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise SendFailed(f"no token: {type(error).__name__}", permanent=False) from None
        self._kept = (token, until)
        return token

    def drop(self) -> None:
        """Microsoft did not take it: ask for another."""
        self._kept = ("", 0.0)


class NoTokens(Tokens):
    """For Microsoft's test client, which asks for none."""

    def __init__(self) -> None:
        super().__init__("", "")

    async def get(self, session: ClientSession) -> str:
        """None."""
        return ""


@dataclass(frozen=True)
class Room:
    """A conversation, and the address that its messages are sent to."""

    service_url: str
    conversation: str


@dataclass(frozen=True)
class Member:
    """What Teams' own list says about somebody in a conversation."""

    user: str
    """Their id in the school's directory (`aadObjectId`)."""
    name: str = ""
    email: str = ""
    signs_in_as: str = ""
    """Their user principal name."""
    tenant: str = ""
    guest: bool = False


class Connector:
    """One loop's way to Teams. Made once, used by every turn."""

    def __init__(self, tokens: Tokens, session: ClientSession) -> None:
        self._tokens = tokens
        self._session = session

    async def send(self, room: Room, activity: Json, reply_to: str = "") -> str:
        """Post an activity, beneath another one if named. Its id. SendFailed when it did not arrive."""
        path = f"v3/conversations/{quote(room.conversation, safe='')}/activities"
        if reply_to:
            path += f"/{quote(reply_to, safe='')}"
        return _id(await self._call("POST", room.service_url, path, activity))

    async def update(self, room: Room, message: str, activity: Json) -> None:
        """Put an activity in the place of an earlier one. SendFailed when it did not work."""
        path = f"v3/conversations/{quote(room.conversation, safe='')}/activities/{quote(message, safe='')}"
        await self._call("PUT", room.service_url, path, {**activity, "id": message})

    async def open_chat(self, service_url: str, tenant: str, app_id: str, user: str) -> Room:
        """The chat with one person. Gone when they do not have the app. `user`: their Teams or directory id."""
        asked = {
            "isGroup": False,
            "bot": {"id": f"28:{app_id}"},
            "members": [{"id": user}],
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        return Room(service_url, named(_id(await self._call("POST", service_url, "v3/conversations", asked))))

    async def upload(self, url: str, body: bytes) -> None:
        """Put a whole file where Teams said. The address is its own permission, so no token goes there."""
        headers = {"Content-Range": f"bytes 0-{len(body) - 1}/{len(body)}"}
        try:
            async with self._session.put(
                url, data=body, headers=headers, timeout=PATIENCE, allow_redirects=False
            ) as answer:
                if answer.status not in (200, 201):
                    raise failure(answer)
        except (ClientError, OSError, TimeoutError) as error:
            raise SendFailed(f"OneDrive did not answer: {type(error).__name__}", permanent=False) from None

    async def member(self, room: Room, user: str) -> Member | None:
        """What Teams says about somebody who wrote in a conversation; None when it knows nobody of that id."""
        path = f"v3/conversations/{quote(room.conversation, safe='')}/members/{quote(user, safe='')}"
        try:
            told = await self._call("GET", room.service_url, path, None)
        except Gone:
            return None
        text = {key: str(told.get(key) or "") for key in _MEMBER}
        return Member(
            user=text["aadObjectId"],
            name=text["name"],
            email=text["email"] or text["userPrincipalName"],
            signs_in_as=text["userPrincipalName"],
            tenant=text["tenantId"],
            guest=text["userRole"].lower() in GUESTS or "#EXT#" in text["userPrincipalName"],
        )

    async def _call(self, method: str, service_url: str, path: str, body: Json | None) -> Json:
        """The answer of one call, tried again while that makes sense and somebody can wait."""
        for left in reversed(range(TRIES)):
            try:
                return await self._called(method, f"{service_url.rstrip('/')}/{path}", body)
            except SendFailed as failed:
                wait = failed.retry_after or 0.3 * (TRIES - left)
                if failed.permanent or not left or wait > LONGEST_WAIT:
                    raise
            await asyncio.sleep(wait * random.uniform(1.0, 1.5))
        raise AssertionError("the last try returns or raises")

    async def _called(self, method: str, url: str, body: Json | None) -> Json:
        token = await self._tokens.get(self._session)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with self._session.request(
                method, url, json=body, headers=headers, timeout=PATIENCE
            ) as answer:
                if answer.status == 401:
                    self._tokens.drop()
                if answer.status >= 400:
                    raise failure(answer)
                return _object(await answer.read())
        except (ClientError, OSError, TimeoutError) as error:
            raise SendFailed(f"Teams did not answer: {type(error).__name__}", permanent=False) from None


def failure(answer: ClientResponse) -> SendFailed:
    """A refusal as the outbox understands it: 403 and 404 are people who cannot be reached, a few pass."""
    status = answer.status
    words = f"Teams answered {status}"
    if status in (403, 404):
        return Gone(words)
    waits = answer.headers.get("Retry-After", "")
    retry_after = float(waits) if waits.replace(".", "", 1).isdigit() else None
    return SendFailed(words, permanent=status not in PASSING and status != 401, retry_after=retry_after)


@asynccontextmanager
async def connected(tokens: Tokens) -> AsyncIterator[Connector]:
    """A connector with a session of its own, for whoever has no loop to keep one on."""
    async with ClientSession() as session:
        yield Connector(tokens, session)


def _object(raw: bytes) -> Json:
    try:
        read = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def named(given: str) -> str:
    """The id that Teams gave. SendFailed when it gave none: then something else answered in its place."""
    if not given:
        raise SendFailed("teams_gave_no_id", permanent=False)
    return given


def _id(answer: Json) -> str:
    return str(answer.get("id") or "")
