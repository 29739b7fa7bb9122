"""kill -9 at any moment of any process: nothing lost, nothing decided twice, nothing said that was not so.

People at our fake Slack send forms and decide, by signed requests to `policyclerk serve`: two replicas and a
`policyclerk worker` on PostgreSQL, or one server on SQLite. All the while their processes are killed.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adapters.demo import cast
from adapters.schools import Folder, read_school
from adapters.settings import Settings
from adapters.store.crypto import Keys
from adapters.store.tables import requests
from adapters.wiring import Clerk, wire
from bot.events import Identity
from bot.people import Person
from tests.chaos.judge import findings, leftover, lying_with, pressed_too_late, resting
from tests.chaos.people import Day, buttons
from tests.chaos.processes import SECRET, House, Proxy, ready, running
from tests.slack_server import FakeSlack, fake_slack

TEACHERS = 12
DECIDERS = {"ict-technician": ("UICT1", "UICT2"), "headteacher": ("UHEAD1", "UHEAD2")}
STEPS = 4
"""What one request takes: to send it, to pass it on, to decide, to carry it out."""


def settled(home: Path, address: str) -> Clerk:
    """aet with its teachers, two technicians and two heads, all of them in Slack alone."""
    keys = Keys.generate().to_text()
    clerk = wire(Settings(home=home, model="off", database_url=address, keys=keys))
    published, now = read_school(Folder("aet", home)), clerk.services.clock.now()
    clerk.library.publish(published, now)
    cast(clerk, published)
    clerk.places.adopt("aet", now)
    clerk.places.connect("slack", "T1", "aet")
    holders = {user: role for role, users in DECIDERS.items() for user in users}
    for user in (*holders, *(f"U{number}" for number in range(TEACHERS))):
        clerk.directory.add_person(Person(id=f"aet.{user}", school="aet", name=user))
        clerk.directory.link(Identity(platform="slack", tenant="T1", user=user), f"aet.{user}")
    for role, users in DECIDERS.items():
        clerk.directory.set_role("aet", role, [f"aet.{user}" for user in users])
    return clerk


@asynccontextmanager
async def housed(home: Path, address: str, seed: int) -> AsyncIterator[tuple[House, FakeSlack, Day]]:
    """The processes running, and everybody in Slack."""
    clerk = await asyncio.to_thread(settled, home, address)
    async with fake_slack() as slack:
        env = {
            "POLICYCLERK_DATABASE_URL": address,
            "POLICYCLERK_KEYS": clerk.settings.keys,
            "POLICYCLERK_MODEL": "off",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_BASE_URL": slack.api_url,
        }
        house = House(clerk, home, env)
        house.add("one", "serve")
        if address.startswith("postgresql"):
            house.add("two", "serve")
            house.add("worker", "worker")
        async with running(house):
            chance = random.Random(seed)
            slack.wire = Proxy(house.addresses(), chance)
            for name in (*(user for users in DECIDERS.values() for user in users), *teachers()):
                slack.person(name, name)
            yield house, slack, Day(slack, chance)
    clerk.close()


def teachers() -> list[str]:
    """Who sends."""
    return [f"U{number}" for number in range(TEACHERS)]


def taken(clerk: Clerk) -> int:
    """How many steps have been taken so far."""
    with clerk.database.read() as connection:
        return connection.execute(select(func.sum(requests.c.version))).scalar() or 0


def waiting(clerk: Clerk) -> int:
    """How many requests are not finished."""
    with clerk.database.read() as connection:
        unfinished = select(func.count()).select_from(requests).where(requests.c.status == "open")
        return connection.execute(unfinished).scalar() or 0


async def kills(house: House, day: Day, times: int, steps: int) -> None:
    """So many kills, spread over the work at random; now and then of everything at once."""
    for number in range(times):
        while not day.over and await asyncio.to_thread(taken, house.clerk) < steps * number / times:
            await asyncio.sleep(0.05)
        await asyncio.sleep(day.chance.random() * 0.3)
        several = len(house.processes) if day.chance.random() < 0.1 else 1
        for process in day.chance.sample(house.processes, several):
            await asyncio.to_thread(house.kill, process)


async def until_quiet(house: House, day: Day) -> None:
    """Until every request is finished and nothing is left to be sent."""
    while await asyncio.to_thread(waiting, house.clerk):
        await asyncio.sleep(0.2)
    while not await asyncio.to_thread(resting, house.clerk):
        await asyncio.sleep(0.2)


async def a_day(home: Path, address: str, *, forms: int, kill: int, seed: int, minutes: float) -> None:
    """People send so many forms and decide on them, while processes are killed so many times."""
    async with housed(home, address, seed) as (house, slack, day):
        asked = [f"https://example.org/{number}" for number in range(forms)]
        async with asyncio.timeout(60 * minutes):
            sending = [
                day.teaches(slack.user(user), asked[number::TEACHERS])
                for number, user in enumerate(teachers())
            ]
            deciding = [
                asyncio.create_task(day.decides(slack.user(user)))
                for users in DECIDERS.values()
                for user in users
            ]
            killing = asyncio.create_task(kills(house, day, kill, forms * STEPS))
            try:
                await asyncio.gather(*sending)
                await until_quiet(house, day)
            except TimeoutError:
                pytest.fail(f"{taken(house.clerk)} steps in {minutes} minutes\n{house.logs()[-5000:]}")
            finally:
                day.over = True
                await asyncio.gather(killing, *deciding)
        await until_quiet(house, day)
        await slack.quiet(1)
        wrong = list(findings(house.clerk, slack, day, asked))
        wrong += [one async for one in pressed_too_late(slack)]
        assert not wrong, "\n".join([f"seed {seed}", *wrong, house.logs()[-3000:]])
        assert house.kills >= kill
        assert "Traceback" not in house.logs()


async def test_a_few_kills(address: str, tmp_path: Path) -> None:
    await a_day(tmp_path, address, forms=4, kill=5, seed=8, minutes=5)


async def test_a_card_that_was_posted_and_not_written_down(address: str, tmp_path: Path) -> None:
    """Killed between the two, and the card is used before the lease ends: the decision counts, and the card is
    redrawn when it is pressed again."""
    async with housed(tmp_path, address, 1) as (house, slack, day):
        teacher, technician = slack.user("U0"), slack.user("UICT1")
        slack.server.unanswered = lambda method, said: (
            method == "chat.postMessage" and "Check by ICT" in str(said.get("blocks")) and not house.kills
        )
        sending = asyncio.create_task(day.submits(teacher, "https://example.org/posted"))
        await slack.until(lambda: buttons(technician), "a card")
        for process in house.processes:
            await asyncio.to_thread(house.kill, process, waits=True)
        await asyncio.gather(ready(house), sending)
        await technician.presses(*buttons(technician)[0])
        await technician.fills({"blocked": "Yes"})
        await technician.submits()
        await slack.until(lambda: lying_with(slack, "aet.UHEAD1"), "a card for the head", within=60)
        deciding = [asyncio.create_task(day.decides(slack.user(user))) for user in ("UHEAD1", "UICT2")]
        await asyncio.to_thread(house.leases_end)
        await until_quiet(house, day)
        day.over = True
        await asyncio.gather(*deciding)
        wrong = list(findings(house.clerk, slack, day, ["https://example.org/posted"]))
        assert leftover(slack)
        assert [*wrong, *[one async for one in pressed_too_late(slack)]] == []


@pytest.mark.slow
async def test_two_hundred_kills_over_two_thousand_submissions_and_decisions(
    address: str, tmp_path: Path
) -> None:
    await a_day(tmp_path, address, forms=500, kill=200, seed=random.randrange(1000), minutes=25)
