"""Every route over HTTP: what it answers, what it refuses, and what it never says."""

import asyncio
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.web.security import BODY_LIMIT
from bot.events import Asked, HomeOpened, Identity
from tests.adapters.web.conftest import HOUSES, application
from tests.adapters.web.fake_clerk import FakeClerk

pytestmark = pytest.mark.asyncio
TEACHER = "/as/aet/teacher"


def said(text: str) -> dict[str, Any]:
    return {"kind": "said", "id": str(uuid4()), "text": text}


def request_body() -> dict[str, Any]:
    values = {"address": ["https://example.org"], "why": ["maps"], "who": ["staff"]}
    return {"kind": "submitted", "id": str(uuid4()), "form": "unblock", "state": "s1", "values": values}


async def test_the_playground_lists_every_school_with_its_cast(client: TestClient) -> None:
    html = await (await client.get("/")).text()
    for house in HOUSES:
        assert house.name in html
        for persona in house.cast:
            assert f'href="/as/{house.id}/{persona.user}"' in html
    assert "Playground." in html
    assert "invented" in html


async def test_the_clerk_opens_as_that_person(client: TestClient, clerk: FakeClerk) -> None:
    html = await (await client.get(TEACHER)).text()
    assert "Class teacher" in html
    assert "Aspire Educational Trust" in html
    assert "Playground." in html
    assert "Ask what the social media policy says" in html
    assert "<article" in html
    assert html.count("/unblock-request") == 2
    opened = clerk.events[-1]
    assert isinstance(opened, HomeOpened)
    assert opened.who == Identity(platform="web", tenant="aet", user="teacher")


async def test_a_question_is_answered(client: TestClient, clerk: FakeClerk) -> None:
    body = said("Can I accept a friend request?")
    answer = await (await client.post(f"{TEACHER}/event", json=body)).json()
    assert answer["target"] == "log"
    assert "Advised against" in answer["html"]
    asked = clerk.events[-1]
    assert isinstance(asked, Asked)
    assert asked.id == body["id"]
    assert asked.who.user == "teacher"


async def test_a_form_sent_twice_is_one_request(client: TestClient, clerk: FakeClerk) -> None:
    body = request_body()
    for _ in range(2):
        assert (await client.post(f"{TEACHER}/event", json=body)).status == 200
    assert len(clerk.requests) == 1
    feed = await (await client.get("/as/aet/ict/feed")).json()
    assert feed["html"].count("<article") == 1
    assert feed["mark"] == "1"
    assert (await (await client.get("/as/aet/head/feed")).json())["html"].strip() == ""


async def test_a_record_comes_as_a_file_that_no_address_leads_to(
    client: TestClient, clerk: FakeClerk
) -> None:
    await client.post(f"{TEACHER}/event", json=request_body())
    (name,) = clerk.requests
    press = {"kind": "pressed", "id": str(uuid4()), "action": "print", "target": name}
    answer = await client.post("/as/aet/ict/event", json=press)
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="AET-7KM3Q.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await answer.read()).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "path",
    [
        "/as/nowhere/teacher",
        "/as/aet/nobody",
        "/as/aet/nobody/feed",
        "/as/aet/nobody/live",
        "/static/none.js",
    ],
)
async def test_unknown_places_are_not_found_in_words(client: TestClient, path: str) -> None:
    response = await client.get(path)
    assert response.status == 404
    assert "There is no such" in await response.text()


async def test_an_unknown_person_can_do_nothing(client: TestClient, clerk: FakeClerk) -> None:
    response = await client.post("/as/aet/nobody/event", json=said("hello"))
    assert response.status == 404
    assert "no such person" in (await response.json())["error"]
    assert clerk.events == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_another_site_cannot_act(client: TestClient, clerk: FakeClerk, headers: dict[str, str]) -> None:
    response = await client.post(f"{TEACHER}/event", json=said("hello"), headers=headers)
    assert response.status == 403
    assert "another site" in (await response.json())["error"]
    assert clerk.events == []


async def test_our_own_page_can_act(client: TestClient) -> None:
    own = str(client.make_url("/")).rstrip("/")
    headers = {"Origin": own, "Sec-Fetch-Site": "same-origin"}
    assert (await client.post(f"{TEACHER}/event", json=said("hello"), headers=headers)).status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_only_json_is_taken(client: TestClient, clerk: FakeClerk, kind: str) -> None:
    response = await client.post(
        f"{TEACHER}/event", data=json.dumps(said("hello")), headers={"Content-Type": kind}
    )
    assert response.status == 415
    assert clerk.events == []


async def test_too_much_is_refused_plainly(client: TestClient, clerk: FakeClerk) -> None:
    response = await client.post(f"{TEACHER}/event", json=said("x" * BODY_LIMIT))
    assert response.status == 413
    assert "256 KB" in (await response.json())["error"]
    assert clerk.events == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"kind": "said"}', '{"kind": "nonsense", "id": "x"}'])
async def test_what_is_not_understood_is_said_so(client: TestClient, clerk: FakeClerk, body: str) -> None:
    response = await client.post(f"{TEACHER}/event", data=body, headers={"Content-Type": "application/json"})
    assert response.status == 400
    assert "Traceback" not in (await response.json())["error"]
    assert clerk.events == []


async def test_a_fault_of_ours_is_words_and_says_where_help_is(
    client: TestClient, clerk: FakeClerk, caplog: pytest.LogCaptureFixture
) -> None:
    clerk.fail = True
    posted = await client.post(f"{TEACHER}/event", json=said("a secret"))
    page = await client.get(TEACHER)
    assert posted.status == page.status == 500
    for words in ((await posted.json())["error"], await page.text()):
        assert "call 999" in words
        assert "on fire" not in words
        assert "Traceback" not in words
    assert "on fire" in caplog.text
    assert "a secret" not in caplog.text


@pytest.mark.parametrize("path", ["/", TEACHER, f"{TEACHER}/feed", "/as/aet/nobody", "/static/clerk.js"])
async def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert ("immutable" in headers["Cache-Control"]) is False


async def test_the_page_keeps_its_own_policy(client: TestClient) -> None:
    html = await (await client.get(TEACHER)).text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert "<style" not in html
    assert not re.search(r"\s(style|on[a-z]+)=", html)
    assert "http" not in html.replace("http-equiv", "")


async def test_assets_may_be_kept_under_their_digest_and_no_other(client: TestClient) -> None:
    html = await (await client.get(TEACHER)).text()
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', html):
        response = await client.get(address)
        assert response.status == 200
        assert "immutable" in response.headers["Cache-Control"]
    assert (await client.get("/static/clerk.css?v=old")).headers["Cache-Control"] == "no-cache"
    assert (await client.get("/static/..%2Fpages.py")).status == 404


async def events(response: Any, count: int) -> list[str]:
    """The next `count` events' data, passing over comments."""
    found: list[str] = []
    async with asyncio.timeout(5):
        while len(found) < count:
            line = (await response.content.readline()).decode().strip()
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))
    return found


async def test_the_stream_tells_of_changes(client: TestClient, clerk: FakeClerk) -> None:
    async with client.get("/as/aet/ict/live") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert "default-src" in stream.headers["Content-Security-Policy"]
        assert await events(stream, 1) == ["0"]
        await client.post(f"{TEACHER}/event", json=request_body())
        assert await events(stream, 1) == ["1"]


async def test_a_stream_is_given_up_when_its_page_leaves(clerk: FakeClerk) -> None:
    async with TestClient(TestServer(application(clerk, live_limit=1))) as client:
        first = await client.get(f"{TEACHER}/live")
        await events(first, 1)
        refused = await client.get(f"{TEACHER}/live")
        assert refused.status == 503
        assert "Too many pages" in await refused.text()
        first.close()
        async with asyncio.timeout(5):
            while (await client.get(f"{TEACHER}/live")).status == 503:
                await asyncio.sleep(0.05)


async def test_the_server_can_stop_while_pages_listen(clerk: FakeClerk) -> None:
    server = TestServer(application(clerk))
    client = TestClient(server)
    await client.start_server()
    stream = await client.get(f"{TEACHER}/live")
    await events(stream, 1)
    async with asyncio.timeout(5):
        await server.close()
    await client.close()


async def test_a_stream_whose_store_fails_ends_and_is_logged(
    client: TestClient, clerk: FakeClerk, caplog: pytest.LogCaptureFixture
) -> None:
    stream = await client.get(f"{TEACHER}/live")
    await events(stream, 1)
    clerk.broken = True
    async with asyncio.timeout(5):
        assert b"event:" not in await stream.content.read()
    assert "could not be looked at" in caplog.text


async def test_a_quiet_stream_sends_a_heartbeat(clerk: FakeClerk) -> None:
    app = application(clerk, heartbeat=0.1)
    async with TestClient(TestServer(app)) as client:
        stream = await client.get(f"{TEACHER}/live")
        async with asyncio.timeout(5):
            while (await stream.content.readline()) != b": still here\n":
                pass
        stream.close()


async def test_without_a_playground_there_are_signposts_and_nobody_to_be(
    served: TestClient, clerk: FakeClerk
) -> None:
    html = await (await served.get("/")).text()
    assert "call 999" in html
    assert "Slack or Teams" in html
    assert "Playground" not in html
    assert "/as/" not in html
    for path in (TEACHER, f"{TEACHER}/feed", f"{TEACHER}/live"):
        assert (await served.get(path)).status == 404
    assert (await served.post(f"{TEACHER}/event", json=said("hello"))).status == 404
    assert clerk.events == []


async def test_the_mark_is_read_before_the_cards(clerk: FakeClerk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change between the two is then seen as one more change, never missed."""
    order: list[str] = []
    monkeypatch.setattr(clerk, "feed_mark", lambda person: order.append(f"mark of {person}") or "m")
    monkeypatch.setattr(clerk, "feed", lambda who: order.append(f"cards of {who.user}") or ())
    async with TestClient(TestServer(application(clerk))) as client:
        await client.get(f"{TEACHER}/feed")
        await client.get(TEACHER)
    assert order == ["mark of aet:teacher", "cards of teacher"] * 2
