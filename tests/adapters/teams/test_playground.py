"""Microsoft's test client in the playground: no token, one user, who chooses who to be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.demo import stage
from adapters.server import application
from adapters.settings import Settings
from adapters.wiring import wire
from tests.adapters.seen import teams_actions
from tests.adapters.teams.fake_teams import FakeTeams, Posted, User, activity
from tests.adapters.teams.staff import words

VISITOR = User("000-20", "Alex")


class Visit:
    """The visitor, before `policyclerk demo`."""

    def __init__(self, fake: FakeTeams, client: TestClient[Any, Any]) -> None:
        self.fake = fake
        self.client = client

    async def post(self, **rest: Any) -> tuple[int, Any]:
        body = activity(self.fake, VISITOR, **rest)
        async with self.client.post("/api/messages", json=body) as response:
            return response.status, await response.json() if await response.read() else None

    async def says(self, text: str) -> Posted:
        assert (await self.post(type="message", text=text))[0] == 200
        return self.fake.posted[-1]

    async def presses(self, posted: Posted, title: str) -> Any:
        (action,) = [a for a in teams_actions(posted.card) if a["title"] == title]
        assert action["type"] == "Action.Execute"
        value = {"action": {"type": action["type"], "data": action["data"]}}
        status, answer = await self.post(
            type="invoke", name="adaptiveCard/action", value=value, replyToId=posted.id
        )
        assert status == 200
        return answer


@pytest.fixture
async def visit(address: str, tmp_path: Path) -> AsyncIterator[Visit]:
    fake = FakeTeams(open=True)
    await fake.start()
    clerk = wire(Settings(home=tmp_path, model="off", database_url=address), playground=True)
    houses = await asyncio.to_thread(stage, clerk)
    app: web.Application = application(clerk, houses)
    async with TestClient(TestServer(app)) as client:
        yield Visit(fake, client)
    clerk.close()
    await fake.stop()


async def test_a_visitor_chooses_who_to_be_and_uses_forms_in_the_chat(visit: Visit) -> None:
    await visit.post(type="installationUpdate", action="add")
    schools = visit.fake.posted[-1]
    assert "Who do you want to be?" in words(schools)
    await visit.presses(schools, "Aspire Educational Trust")
    await visit.presses(visit.fake.posted[-1], "Class teacher")
    assert "You are now: Class teacher" in words(visit.fake.posted[-1])
    answer = await visit.says("How do we get a website unblocked?")
    title = next(
        a["title"] for a in teams_actions(answer.card) if a["data"].get("target") == "unblock-request"
    )
    await visit.presses(answer, title)
    assert "Reasons for access" in words(visit.fake.posted[-1])
    assert "You are now: Headteacher" in words(await visit.says("be headteacher"))
    assert "STEP" in words(await visit.says("be step/headteacher"))
    assert "Who do you want to be?" in words(await visit.says("be nobody"))


async def test_only_this_machine_is_let_in(visit: Visit) -> None:
    body = activity(visit.fake, VISITOR, type="message", text="hi") | {"serviceUrl": "https://evil.example/"}
    async with visit.client.post("/api/messages", json=body) as response:
        assert response.status == 401
    assert visit.fake.posted == []
