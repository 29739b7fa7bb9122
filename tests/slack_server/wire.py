"""How Slack reaches the app: signed requests over HTTP, or envelopes over a websocket of Socket Mode."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

Drawn = dict[str, Any]
PATIENCE = 3.0
"""Seconds an app has to acknowledge."""
RETRIES = 3


@dataclass
class Delivered:
    """What the app answered: an HTTP status (0 where nothing came in time), its body, and after how long."""

    status: int
    body: Any = None
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def acknowledged(self) -> bool:
        """In time, and with a yes."""
        return self.status == 200 and self.seconds <= PATIENCE


def signed(secret: str, body: bytes, at: int) -> Drawn:
    """The two headers that show a request is Slack's."""
    base = b"v0:" + str(at).encode() + b":" + body
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": str(at)}


def encoded(kind: str, payload: Drawn) -> tuple[bytes, str]:
    """The body of a request of that kind (`events_api`, `slash_commands`, `interactive`) and its type."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


class HttpWire:
    """The app's request address and the secret it shares with Slack."""

    def __init__(self, address: str, secret: str) -> None:
        self.address, self.secret = address, secret
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, kind: str, payload: Drawn, attempt: int = 0, reason: str = "") -> Delivered:
        """Send what happened, as often as `attempt` says for the n-th time again."""
        body, content_type = encoded(kind, payload)
        headers = signed(self.secret, body, int(time.time()))
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason or "http_timeout"}
        return await self.post(body, content_type, headers)

    async def post(self, body: bytes, content_type: str, headers: Drawn) -> Delivered:
        """Post these very bytes: for tests that forge."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))
        started = time.monotonic()
        sent = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **headers,
        }
        try:
            async with self._session.post(self.address, data=body, headers=sent) as response:
                text = await response.text()
                answer = json.loads(text) if response.content_type == "application/json" and text else text
                took = time.monotonic() - started
                return Delivered(response.status, answer, took, dict(response.headers))
        except (TimeoutError, aiohttp.ClientError):
            return Delivered(0, None, time.monotonic() - started)

    async def verifies(self) -> Delivered:
        """What Slack asks of an address before it takes it as the app's."""
        body = json.dumps({"type": "url_verification", "token": "x", "challenge": "a challenge"}).encode()
        return await self.post(body, "application/json", signed(self.secret, body, int(time.time())))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session:
            await self._session.close()


class SocketWire:
    """The websockets of an app in Socket Mode. Each envelope goes to one of them."""

    def __init__(self, sockets: list[web.WebSocketResponse]) -> None:
        self._sockets = sockets
        self._waiting: dict[str, asyncio.Future[Drawn]] = {}
        self._turn = 0
        self.envelopes: list[Drawn] = []

    def heard(self, _: web.WebSocketResponse, said: Drawn) -> None:
        """An acknowledgement came."""
        waiting = self._waiting.get(said.get("envelope_id", ""))
        if waiting and not waiting.done():
            waiting.set_result(said)

    async def deliver(self, kind: str, payload: Drawn, attempt: int = 0, reason: str = "") -> Delivered:
        """Send an envelope, and wait three seconds for its acknowledgement."""
        envelope: Drawn = {
            "envelope_id": str(uuid.uuid4()),
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        self.envelopes.append(envelope)
        waiting = self._waiting[envelope["envelope_id"]] = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                await (await self._next()).send_json(envelope)
                answer = await waiting
        except (TimeoutError, ConnectionError):
            return Delivered(0, None, time.monotonic() - started)
        finally:
            del self._waiting[envelope["envelope_id"]]
        return Delivered(200, answer.get("payload", ""), time.monotonic() - started)

    async def _next(self) -> web.WebSocketResponse:
        while not (there := [one for one in self._sockets if not one.closed]):
            await asyncio.sleep(0.02)
        self._turn += 1
        return there[self._turn % len(there)]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection that it ends (`warning` ten seconds ahead), and but for a warning end it."""
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}})
            if reason != "warning":
                await socket.close()

    async def drop(self) -> None:
        """The connections end without a word."""
        for socket in list(self._sockets):
            await socket.close()

    async def close(self) -> None:
        """Nothing to let go of: the server closes its sockets."""


Wire = HttpWire | SocketWire


async def with_retries(wire: Wire, payload: Drawn) -> Delivered:
    """An event, sent again up to three times while nobody says yes, as Slack does (but without its pauses)."""
    answer = await wire.deliver("events_api", payload)
    for attempt in range(1, RETRIES + 1):
        if answer.acknowledged or answer.headers.get("X-Slack-No-Retry") == "1":
            break
        reason = "http_error" if answer.status else "http_timeout"
        answer = await wire.deliver("events_api", payload, attempt, reason)
    return answer
