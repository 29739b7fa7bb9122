"""The page under `serve`: who is let in, what another site or a preview cannot do, and what is never refused."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from adapters.server import application
from adapters.settings import Settings
from bot.cards import Link
from bot.events import Asked, Identity
from tests.school import Stage, staged, text_of

PAGE = "https://clerk.school.example"
OURS = {"Origin": PAGE, "Sec-Fetch-Site": "same-origin"}
SLACK = Identity(platform="slack", tenant="T1", user="U1")


@pytest.fixture
def aet(home: Path) -> Iterator[Stage]:
    for stage in staged(home, public_url=PAGE):
        stage.clerk.places.adopt("aet", stage.clock.now())
        stage.clerk.places.connect("slack", "T1", "aet")
        stage.clerk.directory.link(SLACK, stage["class-teacher"].id)
        yield stage


@pytest_asyncio.fixture
async def page(aet: Stage) -> AsyncIterator[TestClient[Any, Any]]:
    """A browser, as far as a server can tell; it sends no cookie by itself: they are for https alone."""
    async with TestClient(TestServer(application(aet.clerk))) as client:
        yield client


def asked_for_a_link(stage: Stage, who: Identity = SLACK, text: str = "sign-in") -> str:
    """The token of the link that somebody is sent in Slack."""
    reply = stage.clerk.assistant.handle(Asked(id=uuid4().hex, who=who, text=text, place="shared"))
    assert getattr(reply, "audience", "") == "person"  # alone, even where they asked in a channel
    (link,) = [part for card in reply.cards for part in card.parts if isinstance(part, Link)]  # type: ignore[union-attr]
    address, _, token = link.url.partition("#")
    assert address == f"{PAGE}/sign-in"
    return token


async def signed_in(page: TestClient[Any, Any], **asked: object) -> dict[str, str]:
    """The headers of somebody whom this lets in."""
    answer = await page.post("/sign-in", json=asked, headers=OURS)
    assert answer.status == 200, await answer.text()
    cookie = answer.cookies["__Host-policyclerk"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert bool(cookie["max-age"]) == bool(asked.get("own"))
    return OURS | {"Cookie": f"__Host-policyclerk={cookie.value}"}


def said(text: str) -> dict[str, str]:
    return {"kind": "said", "id": str(uuid4()), "text": text}


async def test_a_link_from_slack_lets_in_whoever_presses_and_no_preview(
    aet: Stage, page: TestClient[Any, Any]
) -> None:
    token = asked_for_a_link(aet)
    front = await (await page.get("/sign-in")).text()  # all that a server ever sees of the link
    assert "999" in front
    assert token not in front
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await page.post("/sign-in", json={"token": token}, headers=headers)).status == 403
    me = await signed_in(page, token=token)
    home = await page.get("/", headers=me)
    text = await home.text()
    assert "Class teacher" in text
    assert "Playground" not in text
    assert home.headers["Cache-Control"] == "no-store"
    assert home.headers["Strict-Transport-Security"]
    answer = await page.post("/me/event", json=said("can I accept a parent's friend request?"), headers=me)
    assert "Advised against" in (await answer.json())["html"]
    spent = await page.post("/sign-in", json={"token": token}, headers=OURS)
    assert (spent.status, "call 999" in (await spent.json())["error"]) == (403, True)


async def test_nobody_acts_in_anybody_s_name_from_another_site(
    aet: Stage, page: TestClient[Any, Any]
) -> None:
    me = await signed_in(page, token=asked_for_a_link(aet))
    for foreign in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "same-site"}):
        for path in ("/me/event", "/me/sign-out", "/me/here"):
            assert (await page.post(path, json=said("hello"), headers=me | foreign)).status == 403
    plain = me | {"Content-Type": "text/plain"}
    assert (await page.post("/me/event", data="{}", headers=plain)).status == 415
    link = me | {"Sec-Fetch-Site": "cross-site"}
    assert (await page.get("/me/register/filtering.csv", headers=link)).status == 403
    assert (await page.get("/me/feed", headers=me)).status == 200


@pytest.mark.parametrize("how", ["signed out", "left", "idle", "everywhere", "never"])
async def test_without_a_session_there_are_signposts_and_nothing_of_the_school(
    aet: Stage, page: TestClient[Any, Any], how: str
) -> None:
    me = OURS if how == "never" else await signed_in(page, token=asked_for_a_link(aet))
    match how:
        case "signed out":
            gone = await page.post("/me/sign-out", json={}, headers=me)
            assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'
        case "everywhere":
            other = await signed_in(page, token=asked_for_a_link(aet))
            await page.post("/me/sign-out", json={"everywhere": True}, headers=other)
        case "left":
            person = aet.clerk.directory.staff("aet").person(aet["class-teacher"].id)
            assert person
            yesterday = aet.clock.now().date() - timedelta(days=1)
            aet.clerk.directory.add_person(person.model_copy(update={"ends": yesterday}))
        case "idle":
            aet.clock.pass_by(timedelta(minutes=15))
    for path in ("/me", "/me/feed", "/me/live", "/me/register/filtering.csv"):
        refused = await page.get(path, headers=me)
        assert (refused.status, "call 999" in await refused.text()) == (401, True), path
    refused = await page.post("/me/event", json=said("hello"), headers=me)
    assert (refused.status, "call 999" in await refused.text()) == (401, True)
    front = await (await page.get("/", headers=me)).text()
    assert "Worried about a child?" in front
    assert "Aspire" not in front
    assert (await page.get("/as/aet/class-teacher", headers=me)).status == 404


async def test_a_page_that_listens_hears_that_it_is_signed_out(
    aet: Stage, page: TestClient[Any, Any]
) -> None:
    me = await signed_in(page, token=asked_for_a_link(aet))
    async with page.get("/me/live", headers=me) as stream:
        await page.post("/me/sign-out", json={}, headers=me)
        heard = await stream.content.read()
    assert heard.endswith(b"event: ended\ndata: {}\n\n")


async def test_a_code_lets_in_who_types_it_with_their_own_address(
    aet: Stage, page: TestClient[Any, Any]
) -> None:
    for user in ("headteacher", "dsl"):
        person = aet.clerk.directory.staff("aet").person(aet[user].id)
        assert person
        aet.clerk.directory.add_person(person.model_copy(update={"email": f"{user}@aet.example"}))
    code = aet.clerk.sign_ins.code(aet["headteacher"].id)
    wrong = []
    for email in ("dsl@aet.example", "nobody@aet.example"):
        refused = await page.post("/sign-in", json={"email": email, "code": code}, headers=OURS)
        wrong.append((refused.status, await refused.text()))
    assert wrong[0] == wrong[1]  # it gives away nobody's address
    me = await signed_in(page, email="HeadTeacher@aet.example", code=code.lower(), own=True)
    assert "Headteacher" in await (await page.get("/", headers=me)).text()
    for _ in range(12):
        guess = await page.post("/sign-in", json={"email": "dsl@aet.example", "code": "x"}, headers=OURS)
    assert guess.status == 429
    assert (await page.get("/")).status == 200


async def test_no_limit_holds_up_a_word_about_safety_or_a_report(
    aet: Stage, page: TestClient[Any, Any]
) -> None:
    me = await signed_in(page, token=asked_for_a_link(aet))
    statuses = {
        (await page.post("/me/event", json=said("my-requests"), headers=me)).status for _ in range(80)
    }
    assert statuses == {200, 429}
    for text in ("a pupil told me an adult hurts her", "/report-concern", "/report"):
        answer = await page.post("/me/event", json=said(text), headers=me)
        assert answer.status == 200, text
    assert "call 999" in (await (await page.get("/", headers=me)).text())


async def test_when_the_database_is_away_the_signposts_are_there(
    aet: Stage, page: TestClient[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await signed_in(page, token=asked_for_a_link(aet))

    def away(*_: object, **__: object) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(aet.clerk.database, "read", away)
    front = await page.get("/", headers=me)
    assert (front.status, "Worried about a child?" in await front.text()) == (200, True)


def test_strangers_get_no_link_and_the_page_offers_none(aet: Stage) -> None:
    stranger = Identity(platform="slack", tenant="T1", user="U9")
    for who, standing in ((stranger, "member"), (SLACK, "guest")):
        asked = Asked(id=uuid4().hex, who=who, text="sign-in", standing=standing)
        assert PAGE not in text_of(aet.clerk.assistant.handle(asked))
    offered = [command for command, _, _ in aet.clerk.assistant.commands(SLACK)]
    assert "sign-in" in offered
    assert "sign-in" not in [command for command, _, _ in aet.clerk.assistant.commands(aet["dsl"].who)]
    assert "You are signed in" in text_of(aet["dsl"].calls("sign-in"))


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://Clerk.School.example/", "https://clerk.school.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("", "http://127.0.0.1:8080"),
    ],
)
def test_the_page_s_address(tmp_path: Path, url: str, page: str) -> None:
    assert Settings(home=tmp_path, public_url=url).page == page
    assert Settings(home=tmp_path, public_url=url, host="0.0.0.0").page == (page if url else "")


@pytest.mark.parametrize(
    "url", ["http://clerk.school.example", "clerk.school.example", "https://a.example/x"]
)
def test_an_address_that_is_not_safe_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="needs an https address"):
        Settings(home=tmp_path, public_url=url)
