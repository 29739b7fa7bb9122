"""The outbox's way to Teams: first words, redraws, refusals, and what is tried again."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from aiohttp import ClientSession

from adapters.teams import connector as connecting
from adapters.teams.connector import Connector, Gone, Room, Tokens
from bot.cards import Card
from bot.ports import Delivery, Place, SendFailed
from bot.workflows.request import Notice
from tests.adapters.teams.fake_teams import APP_ID, PASSWORD, TENANT, FakeTeams, User
from tests.adapters.teams.staff import CHANNEL, InTeams, words
from tests.databases import rows

NOTICE = Notice(kind="asked", person="p")
CARD = Card(title="Something waits for you")


def place(user: User) -> Place:
    return Place(platform="teams", tenant=TENANT, user=user.aad)


async def sent(teams: InTeams, to: Place, card: Card = CARD) -> str:
    side = teams.stage.clerk.teams
    assert side
    return await asyncio.to_thread(side.sender.send, NOTICE, None, card, to)  # type: ignore[arg-type]


async def redrawn(teams: InTeams, address: str, card: Card) -> None:
    side = teams.stage.clerk.teams
    assert side
    delivery = Delivery(
        id=1, request="r", kind="asked", person="p", stage="s", address=address,
        sent_at=datetime(2026, 11, 9).astimezone(),
    )  # fmt: skip
    await asyncio.to_thread(side.sender.redraw, delivery, card)


async def test_a_card_reaches_somebody_who_has_written_and_is_redrawn_where_it_lies(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    await teacher.greets()
    address = await sent(teams, place(teacher.user))
    assert address.startswith("teams:")
    assert "Something waits" in words(teacher.newest())
    assert teacher.newest().activity["summary"] == "Something waits for you"
    await redrawn(teams, address, Card(title="Nothing waits"))
    assert [words(posted).strip() for posted in teacher.chat][-1] == "Nothing waits"


async def test_a_role_channel_is_one_the_clerk_has_been_in(teams: InTeams) -> None:
    there = Place(platform="teams", tenant=TENANT, channel=CHANNEL)
    with pytest.raises(Gone):
        await sent(teams, there)
    await teams["class-teacher"].says("hello", CHANNEL)
    address = await sent(teams, there)
    assert teams.fake.posted[-1].conversation == CHANNEL
    await redrawn(teams, address, Card(title="Done"))
    assert "Done" in words(teams.fake.posted[-1])


async def test_somebody_who_never_wrote_is_written_to_if_they_have_the_app(
    teams: InTeams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.teams.outbound.SERVICE_URL", teams.fake.service_url)
    await sent(teams, place(teams["headteacher"].user))
    assert "Something waits" in words(teams["headteacher"].newest())
    teams["dsl"].user.app = False
    with pytest.raises(Gone) as refused:
        await sent(teams, place(teams["dsl"].user))
    assert refused.value.permanent


@pytest.mark.parametrize("status", [403, 404])
async def test_somebody_who_took_the_app_away_is_gone(teams: InTeams, status: int) -> None:
    await teams["dsl"].greets()
    teams.fake.failing = [(status, {})]
    with pytest.raises(Gone):
        await sent(teams, place(teams["dsl"].user))


@pytest.mark.parametrize("status", [412, 429, 500, 502, 503, 504])
async def test_what_passes_is_tried_again_at_once(teams: InTeams, status: int) -> None:
    await teams["dsl"].greets()
    teams.fake.failing = [(status, {"Retry-After": "0.01"}), (status, {"Retry-After": "0.01"})]
    await sent(teams, place(teams["dsl"].user))
    assert "Something waits" in words(teams["dsl"].newest())


async def test_more_than_a_conversation_takes_comes_a_little_later_and_none_twice(teams: InTeams) -> None:
    await teams["dsl"].greets()
    await asyncio.sleep(1)
    teams.fake.a_second = 7
    side, to = teams.stage.clerk.teams, place(teams["dsl"].user)
    assert side

    async def one(number: int) -> None:
        notice = Card(title=f"Number {number}")
        try:
            await sent(teams, to, notice)
        except SendFailed as busy:  # what the outbox does
            await asyncio.sleep(busy.retry_after or 60)
            await sent(teams, to, notice)

    await asyncio.gather(*(one(number) for number in range(12)))
    came = sorted(words(posted).strip() for posted in teams["dsl"].chat if "Number" in words(posted))
    assert came == sorted(f"Number {number}" for number in range(12))


async def test_a_long_wait_is_the_outboxs_and_400_is_for_good(teams: InTeams) -> None:
    await teams["dsl"].greets()
    teams.fake.failing = [(429, {"Retry-After": "60"})]
    with pytest.raises(SendFailed) as busy:
        await sent(teams, place(teams["dsl"].user))
    assert (busy.value.permanent, busy.value.retry_after) == (False, 60.0)
    teams.fake.failing = [(400, {})]
    with pytest.raises(SendFailed) as wrong:
        await sent(teams, place(teams["dsl"].user))
    assert wrong.value.permanent
    assert "Something" not in str(wrong.value)


async def test_a_token_that_is_not_taken_any_more_is_asked_for_again(teams: InTeams) -> None:
    await teams["dsl"].greets()
    asked = teams.fake.token_fetches
    teams.fake.failing = [(401, {})]
    await sent(teams, place(teams["dsl"].user))
    assert teams.fake.token_fetches == asked + 1
    await sent(teams, place(teams["dsl"].user))
    assert teams.fake.token_fetches == asked + 1


async def test_a_message_that_is_gone_is_not_drawn_again(teams: InTeams) -> None:
    await teams["dsl"].greets()
    address = await sent(teams, place(teams["dsl"].user))
    teams.fake.messages.clear()
    with pytest.raises(Gone):
        await redrawn(teams, address, CARD)
    for nonsense in ("teams:x", "teams:a/b/c"):
        with pytest.raises(Gone):
            await redrawn(teams, nonsense, CARD)


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    server = FakeTeams()
    await server.start()
    yield server
    await server.stop()


async def test_a_wrong_secret_is_for_good_and_a_silent_server_is_not(
    fake: FakeTeams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "TRIES", 1)
    async with ClientSession() as session:
        wrong = Connector(Tokens("app", "wrong", TENANT, fake.url), session)
        with pytest.raises(SendFailed) as refused:
            await wrong.send(Room(fake.service_url, "a:1"), {})
        assert refused.value.permanent
        away = Connector(Tokens("app", PASSWORD, TENANT, "http://127.0.0.1:9"), session)
        with pytest.raises(SendFailed) as silent:
            await away.send(Room(fake.service_url, "a:1"), {})
        assert not silent.value.permanent


async def test_a_token_is_kept_until_shortly_before_it_ends(fake: FakeTeams) -> None:
    now = time.monotonic()
    tokens = Tokens("app", PASSWORD, TENANT, fake.url, lambda: now)
    async with ClientSession() as session:
        first = await tokens.get(session)
        now += 3000
        assert await tokens.get(session) == first
        now += 400
        assert await tokens.get(session) != first


async def test_where_the_app_was_taken_away_nothing_is_kept_and_a_role_hears_by_its_holders(
    teams: InTeams,
) -> None:
    dsl, bot = teams["dsl"], {"id": f"28:{APP_ID}"}
    await dsl.greets()
    await dsl.says("hello", CHANNEL)
    side = teams.stage.clerk.teams
    assert side
    await dsl.posts(type="installationUpdate", action="remove")
    await dsl.posts(type="conversationUpdate", membersRemoved=[bot], channel=CHANNEL)
    for key in (dsl.user.aad, CHANNEL):
        assert await asyncio.to_thread(side.rooms.find, TENANT, key) is None
    with pytest.raises(Gone) as refused:
        await sent(teams, Place(platform="teams", tenant=TENANT, channel=CHANNEL))
    assert refused.value.gone


async def test_references_are_sealed_and_survive_a_restart(teams: InTeams) -> None:
    await teams["dsl"].greets()
    side = teams.stage.clerk.teams
    assert side
    side.rooms._known.clear()
    room = await asyncio.to_thread(side.rooms.find, TENANT, teams["dsl"].user.aad)
    assert room == Room(teams.fake.service_url, teams["dsl"].user.chat)
    assert teams["dsl"].user.chat not in str(rows(teams.stage.clerk.database))
