"""Who is let in: tokens signed by a key endpoint of ours, against the connector's own validation."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.teams.adapter import TeamsAdapter
from adapters.teams.authentication import Guard, SigningKeys, Unauthorized, fetching
from adapters.teams.connector import Connector, Tokens
from adapters.teams.server import Endpoint
from tests.adapters.teams.fake_teams import (
    APP_ID,
    ISSUER,
    OTHER_TENANT,
    PASSWORD,
    TENANT,
    FakeTeams,
    User,
    activity,
)

TEACHER = User("u-teacher", "Class teacher")


class Noting:
    """Turns that only note that there was one."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def take(self, context: Any, activity: Any) -> None:
        self.taken.append(activity.text)


class Door:
    """The endpoint, and what came through it."""

    def __init__(self, teams: FakeTeams, client: TestClient[Any, Any], turns: Noting) -> None:
        self.teams = teams
        self.turns = turns
        self._client = client

    async def post(self, body: Any, token: str | None) -> int:
        """The status of posting this."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = token
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._client.post("/api/messages", data=data, headers=headers) as response:
            assert b"secret" not in await response.read()
            return response.status


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    teams, turns = FakeTeams(), Noting()
    await teams.start()
    async with ClientSession() as session:
        guard = Guard(APP_ID, SigningKeys(teams.metadata_url, fetching(session)))
        connector = Connector(Tokens(APP_ID, PASSWORD, TENANT, teams.url), session)
        endpoint = Endpoint(TeamsAdapter(guard, connector, TENANT), turns)  # type: ignore[arg-type]
        app = web.Application()
        app.router.add_post("/api/messages", endpoint.messages)
        async with TestClient(TestServer(app)) as client:
            yield Door(teams, client, turns)
    await teams.stop()


def said(door: Door, **rest: Any) -> dict[str, Any]:
    return activity(door.teams, TEACHER, type="message", text="secret words", **rest)


async def test_what_microsoft_signed_for_us_is_let_in(door: Door) -> None:
    assert await door.post(said(door), f"Bearer {door.teams.token()}") == 200
    assert door.turns.taken == ["secret words"]


STRANGER = rsa.generate_private_key(65537, 2048)
NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-app"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {
            "iss": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/",
            "ver": "1.0",
            "appid": APP_ID,
        },
        {"exp": NOW - 3600},
        {"exp": None},
        {"nbf": NOW + 3600},
        {"serviceurl": "https://evil.example/"},
        {"serviceurl": None},
        {"kid": "unheard-of"},
        {"key": STRANGER},
    ],
    ids=" ".join,
)
async def test_a_token_that_does_not_hold_is_refused(door: Door, claims: dict[str, Any]) -> None:
    assert await door.post(said(door), f"Bearer {door.teams.token(**claims)}") == 401
    assert door.turns.taken == []


async def test_what_is_no_token_is_refused(door: Door) -> None:
    claims = {"iss": "https://api.botframework.com", "aud": APP_ID, "serviceurl": door.teams.service_url}
    claims |= {"exp": NOW + 3600}  # type: ignore[dict-item]
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"kid": "key-1"})
    shared = jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "key-1"})
    good = door.teams.token()
    for header in (
        None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Bearer garbage", f"Basic {good}", good,
        f"Bearer {unsigned}", f"Bearer {shared}", f"Bearer {good} {good}", f"Bearer {good[:-8]}AAAAAAAA",
        "Bearer ää.ö.ü",
    ):  # fmt: skip
        assert await door.post(said(door), header) == 401, header
    assert door.turns.taken == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"conversation": {"id": "a:x", "conversationType": "personal", "tenantId": OTHER_TENANT}},
        {"channelData": {"tenant": {"id": OTHER_TENANT}}},
        {"conversation": {"id": "a:x", "conversationType": "personal"}, "channelData": {}},
        {"channelId": "webchat"},
        {"serviceUrl": "https://evil.example/"},
    ],
    ids=str,
)
async def test_an_envelope_the_token_does_not_speak_for_is_refused(door: Door, wrong: dict[str, Any]) -> None:
    assert await door.post(said(door, **wrong), f"Bearer {door.teams.token()}") == 401
    assert door.turns.taken == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"type":"message"}',
        b'{"type":"message","channelId":"msteams","serviceUrl":"x","conversation":"no"}',
        b'{"type":"message","channelId":"msteams","serviceUrl":"x","conversation":{"id":"a"},"text":"a\\u0000b"}',
        b'{"type":7,"channelId":"msteams","serviceUrl":"x","conversation":{"id":"a"}}',
        b" " * 300_000,
    ],
)  # fmt: skip
async def test_what_is_no_activity_is_a_bad_request(door: Door, body: bytes) -> None:
    assert await door.post(body, f"Bearer {door.teams.token()}") == 400
    assert door.turns.taken == []


async def test_only_json_is_read(door: Door) -> None:
    async with door._client.post(
        "/api/messages", data=b"{}", headers={"Content-Type": "text/plain"}
    ) as answer:
        assert answer.status == 415


async def test_a_token_that_held_is_checked_again_when_it_has_ended() -> None:
    source, now = Source(), 0.0
    guard = Guard(APP_ID, source.keys(), lambda: now)
    ends = int(time.time()) - 298  # within the tolerance for two more seconds
    claims = {"iss": ISSUER, "aud": APP_ID, "serviceurl": "x", "exp": ends}
    signed = jwt.encode(claims, source.teams.key, algorithm="RS256", headers={"kid": "key-1"})
    token = f"Bearer {signed}"
    await guard.check(token, "msteams", "x")
    await guard.check(token, "msteams", "x")
    for channel, address in (("webchat", "x"), ("msteams", "y")):
        with pytest.raises(Unauthorized):
            await guard.check(token, channel, address)
    await asyncio.sleep(2.5)
    now = 2.5
    with pytest.raises(Unauthorized):
        await guard.check(token, "msteams", "x")


async def test_keys_are_fetched_once_however_many_wait(door: Door) -> None:
    token = f"Bearer {door.teams.token()}"
    assert set(await asyncio.gather(*(door.post(said(door), token) for _ in range(20)))) == {200}
    assert door.teams.key_fetches == 1


async def test_invented_key_ids_do_not_make_us_fetch(door: Door) -> None:
    await door.post(said(door), f"Bearer {door.teams.token()}")
    for n in range(5):
        assert await door.post(said(door), f"Bearer {door.teams.token(kid=f'k{n}')}") == 401
    assert door.teams.key_fetches == 1


async def test_a_key_without_teams_among_its_endorsements_is_refused(door: Door) -> None:
    door.teams.endorsements = ("webchat",)
    assert await door.post(said(door), f"Bearer {door.teams.token()}") == 401


class Source:
    """A key endpoint with a clock: what it lists can change, hang or fail."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.teams = FakeTeams()
        self.fetched = 0
        self.down = False

    async def fetch(self, url: str) -> Any:
        self.fetched += 1
        if self.down:
            raise OSError("no route")
        if url == "meta":
            return {"jwks_uri": "keys"}
        return json.loads((await self.teams._keys(None)).text or "")  # type: ignore[arg-type]

    def keys(self) -> SigningKeys:
        return SigningKeys("meta", self.fetch, lambda: self.now)


async def test_a_new_key_is_seen_and_yesterdays_serve_while_there_are_no_new_ones() -> None:
    source = Source()
    keys = source.keys()
    await keys.get("key-1")
    source.teams.key_id = "key-2"
    with pytest.raises(Unauthorized):
        await keys.get("key-2")  # asked for a moment ago
    source.now += 301
    await keys.get("key-2")
    source.down = True
    source.now += 25 * 3600
    assert (await keys.get("key-2")).endorsements == ["msteams"]
    fetched = source.fetched
    await keys.get("key-2")
    assert source.fetched == fetched  # not at every request while it is down


async def test_without_keys_nobody_is_let_in_and_the_loop_is_not_held() -> None:
    async def hangs(url: str) -> Any:
        await asyncio.sleep(0.2)
        raise TimeoutError

    keys, ticks = SigningKeys("meta", hangs), 0

    async def ticking() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticker = asyncio.create_task(ticking())
    with pytest.raises(Unauthorized):
        await keys.get("key-1")
    ticker.cancel()
    assert ticks > 5
