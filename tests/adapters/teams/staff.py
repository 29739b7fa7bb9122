"""The cast in Teams: each posts signed activities to the clerk and reads what it answers and sends."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from adapters.demo import people_of
from adapters.edge import Edge
from adapters.settings import TeamsSettings
from adapters.teams import render
from adapters.teams import side as teams_side
from adapters.wiring import Clerk, wire
from tests.adapters.seen import teams_actions, teams_words, walk
from tests.adapters.teams.fake_teams import APP_ID, PASSWORD, TENANT, FakeTeams, Json, Posted, User, activity
from tests.adapters.teams.rules import problems
from tests.school import Stage, staged

CHANNEL = "19:abc@thread.tacv2"
GROUP = "19:g-1@unq.gbl.spaces"
_RUNNING = itertools.count(1)


@dataclass
class InTeams:
    """One school whose staff are in Teams."""

    stage: Stage
    fake: FakeTeams
    client: TestClient[Any, Any]
    staff: dict[str, "Staffer"] = field(default_factory=dict)

    def __getitem__(self, name: str) -> "Staffer":
        return self.staff[name]

    @asynccontextmanager
    async def another_replica(self) -> AsyncIterator["InTeams"]:
        """The same school on the same database, served by a second clerk that shares no memory with the first."""
        clerk = wire(self.stage.clerk.settings, self.stage.clock)
        async with _serving(clerk, self.fake) as client:
            yield replace(self, client=client)
        clerk.close()

    async def deliver(self) -> None:
        """Let the worker send what waits."""
        await asyncio.to_thread(self.stage.deliver)

    async def post(self, body: Json, token: str | None = None) -> tuple[int, Any]:
        """Post an activity as Microsoft does; status and answer."""
        headers = {"Authorization": f"Bearer {token or self.fake.token()}"}
        async with self.client.post("/api/messages", json=body, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None


@dataclass
class Staffer:
    """One of the cast."""

    teams: InTeams
    user: User
    posted: Json = field(default_factory=dict)
    """Their last activity."""

    async def greets(self) -> None:
        """Say hello, so that the clerk knows where to find this person."""
        await self.says("hello")

    async def acts(self, posted: Posted, title: str, **values: str) -> Any:
        """Press a button of a card in the chat and send the dialog that it opens: the answer."""
        opened = dialog(await self.presses(posted.card, title, message=posted.id))
        return await self.fills(opened, message=posted.id, **values)

    async def posts(self, *, channel: str = "", **rest: Any) -> Any:
        """Post an activity as this person; the answer of an invoke."""
        self.posted = activity(self.teams.fake, self.user, channel=channel, **rest)
        status, answer = await self.teams.post(self.posted)
        assert status == 200, answer
        return answer

    async def says(self, text: str, channel: str = "") -> list[Posted]:
        """Type a message; in a channel, with the mention that calls the clerk. What the clerk did."""
        before = len(self.teams.fake.posted)
        rest: Json = {}
        if channel:
            rest["entities"] = [
                {"type": "mention", "text": "<at>Policy Clerk</at>", "mentioned": {"id": f"28:{APP_ID}"}}
            ]
            text = f"<at>Policy Clerk</at>&nbsp;{text}"
        await self.posts(channel=channel, type="message", text=text, **rest)
        return self.checked(before)

    async def presses(self, card: Json, title: str, *, channel: str = "", message: str = "") -> Any:
        """Press a button of a card: the answer of its invoke."""
        found = [action for action in teams_actions(card) if action["title"] == title]
        assert found, f"no “{title}” among {[action['title'] for action in teams_actions(card)]}"
        return await self.invokes(found[0], {}, channel=channel, message=message)

    async def fills(self, card: Json, *, channel: str = "", message: str = "", **values: str) -> Any:
        """Fill in a form and send it: the answer of the invoke. `__` in a name stands for a dot."""
        inputs = {
            thing["id"]: thing.get("value", "")
            for thing in walk(card)
            if str(thing.get("type", "")).startswith("Input.")
        }
        for name, value in values.items():
            (key,) = [key for key in inputs if key.partition(":")[2] == name.replace("__", ".")]
            inputs[key] = value
        return await self.invokes(card["actions"][0], inputs, channel=channel, message=message)

    async def invokes(
        self, action: Json, inputs: Mapping[str, str], *, channel: str = "", message: str = "", **rest: Any
    ) -> Any:
        """Do what Teams does with an action of a card."""
        data = {**action["data"], **inputs}
        rest = {"replyToId": message, "channel": channel, **rest}
        if action["type"] == "Action.Execute":
            value: Json = {"action": {"type": action["type"], "verb": action["verb"], "data": data}}
            return await self.posts(type="invoke", name="adaptiveCard/action", value=value, **rest)
        opens = data.get("msteams", {}).get("type") == "task/fetch"
        name = "task/fetch" if opens else "task/submit"
        value = {"data": data, "context": {"theme": "default"}}
        return await self.posts(type="invoke", name=name, value=value, **rest)

    @property
    def chat(self) -> list[Posted]:
        """What stands in this person's chat now, oldest first."""
        return [m for m in self.teams.fake.messages.values() if m.conversation == self.user.chat]

    def card_about(self, text: str) -> Posted:
        """The newest card in their chat that holds these words."""
        found = [posted for posted in self.chat if text in words(posted)]
        assert found, f"nothing about “{text}” in {[words(posted)[:60] for posted in self.chat]}"
        return found[-1]

    def newest(self) -> Posted:
        """The last thing in their chat."""
        return self.chat[-1]

    def checked(self, before: int) -> list[Posted]:
        """What was posted since; every card of it as Teams takes it."""
        posted = self.teams.fake.posted[before:]
        for one in posted:
            for attachment in one.activity.get("attachments") or ():
                assert problems(attachment["content"]) == []
        return posted


def dialog(answer: Json) -> Json:
    """The card of a dialog that an invoke opened or keeps open."""
    assert answer["task"]["type"] == "continue", answer
    task = answer["task"]["value"]
    assert task["card"]["contentType"] == render.CARD
    card: Json = task["card"]["content"]
    assert problems(card, dialog=True) == []
    return card


def replaced(answer: Json) -> Json:
    """The card that `Action.Execute` was answered with."""
    assert (answer["statusCode"], answer["type"]) == (200, render.CARD), answer
    card: Json = answer["value"]
    assert problems(card) == []
    return card


def words(*shown: Posted | Json) -> str:
    """What a person would read."""
    texts = []
    for one in shown:
        card = one if isinstance(one, dict) else None
        if card is None:
            assert isinstance(one, Posted)
            texts.append(str(one.activity.get("text") or ""))
            texts += [teams_words(a["content"]) for a in one.activity.get("attachments") or ()]
        else:
            texts.append(teams_words(card))
    return "\n".join(texts)


@asynccontextmanager
async def _serving(clerk: Clerk, fake: FakeTeams) -> AsyncIterator[TestClient[Any, Any]]:
    """A clerk behind the fake Teams."""
    assert clerk.teams
    app, clock = web.Application(), clerk.services.clock
    edge = Edge(clerk.assistant, clerk.store, clock)
    onedrive = replace(clerk.teams, uploads=lambda address: address.startswith(f"{fake.url}/onedrive/"))
    teams_side.serve(app, onedrive, edge, clerk.directory, lambda _: b"%PDF-a-record")
    async with TestClient(TestServer(app)) as client:
        yield client


@asynccontextmanager
async def in_teams(
    home: Path, school: str = "aet", tenant: str = TENANT, **set_to: object
) -> AsyncIterator[InTeams]:
    """A school connected to the fake Teams, with everybody of its cast known by their e-mail address.
    `set_to`: further settings."""
    fake = FakeTeams()
    await fake.start()
    settings = TeamsSettings(
        app_id=APP_ID,
        app_password=SecretStr(PASSWORD),
        app_tenant_id=tenant,
        openid_metadata_url=fake.metadata_url,
        login_url=fake.url,
    )
    staging = staged(home, school, teams=settings, **set_to)
    stage = next(staging)
    clerk = stage.clerk
    clerk.places.adopt(school, stage.clock.now())
    clerk.places.connect("teams", TENANT, school)
    async with _serving(clerk, fake) as client:
        here = InTeams(stage, fake, client)
        for name, person in people_of(stage.published.school).items():
            email = f"{name}@{school}.example"
            clerk.directory.add_person(person.model_copy(update={"email": email}))
            clerk.directory.unlink(stage[name].who)  # nobody is on the page: in Teams or nowhere
            user = User(f"u-{name}", person.name, email)
            fake.users[user.aad] = user
            here.staff[name] = Staffer(here, user)
        yield here
    next(staging, None)
    await fake.stop()
