"""The page, Slack and Teams as places where something is tried: each gets what its own platform really sends, signed,
and what the clerk made of it is noted on the way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp.test_utils import TestClient, TestServer

from adapters.server import application
from adapters.settings import SlackSettings
from adapters.slack import render as slack_render
from adapters.teams import render as teams_render
from bot.cards import Button, Card, Choice, Form, Reply
from bot.events import ButtonPressed, CommandCalled, Event
from tests.adapters.everything import filled
from tests.adapters.seen import slack_buttons, teams_actions
from tests.adapters.slack.conftest import MANIFEST, SECRET, served
from tests.adapters.teams.fake_teams import TENANT, User
from tests.adapters.teams.staff import Staffer, in_teams, words
from tests.authorisation.parties import Town
from tests.authorisation.trying import PEOPLE
from tests.school import staged
from tests.slack_server import fake_slack, payloads
from tests.slack_server.views import open_view

Tries = Callable[[str, Event], Awaitable[str]]
Sends = Callable[[str, Form], Awaitable[str]]


@dataclass
class Edge:
    """One way in. `tries` sends what a person did as their platform does, and `sends` a form that was opened for
    somebody else: everything that came back, as text."""

    town: Town
    tries: Tries = field(init=False)
    sends: Sends = field(init=False)
    replies: dict[str, Reply] = field(default_factory=dict)
    """The clerk's latest answer to each user."""

    def listens(self) -> None:
        """Note what the clerk answers from now on."""
        assistant = self.town.stage.clerk.assistant
        handle = assistant.handle

        def noted(event: Event) -> Reply:
            reply = handle(event)
            self.replies[event.who.user] = reply
            return reply

        assistant.handle = noted  # type: ignore[method-assign]


def drawn(event: Event) -> Card:
    """A card with the button that an event pressed: nobody was ever shown it."""
    assert isinstance(event, ButtonPressed)
    button = Button(action=event.action, label="Press", target=event.target, version=event.version)
    return Card(title="Kept from somewhere", buttons=(button,))


def filled_in(form: Form) -> Form:
    """The form as it is drawn with everything that it asks for already in it."""
    given = filled(form, 0)
    inputs = (
        item.model_copy(update={"value": typed if isinstance(item, Choice) else "\n".join(typed)})
        for item in form.inputs
        if (typed := given.get(item.id)) is not None
    )
    return form.model_copy(update={"inputs": tuple(inputs)})


@asynccontextmanager
async def page(home: Path) -> AsyncIterator[Edge]:
    """The page under `serve`. A stranger and a guest have no way in, and try without a session."""
    staging = staged(home)
    town = Town.settled(next(staging), home)
    edge, signs = Edge(town), town.stage.clerk.sign_ins
    edge.listens()
    async with TestClient(TestServer(application(town.stage.clerk))) as client:
        cookies = {
            name: signs.enter_by_link(signs.link([town.ids[name]]), own=False)
            for name in PEOPLE
            if name not in ("stranger", "guest")
        }
        accounts = {
            name: session.who.user
            for name, cookie in cookies.items()
            if (session := signs.session(cookie, doing=False))
        }

        async def tries(name: str, event: Event) -> str:
            if isinstance(event, CommandCalled):
                return await posts(name, {"kind": "said", "text": f"/{event.command} {event.text}"})
            assert isinstance(event, ButtonPressed)
            pressed = {"action": event.action, "target": event.target, "version": event.version}
            return await posts(name, {"kind": "pressed", **pressed})

        async def sends(name: str, form: Form) -> str:
            given = {"form": form.id, "state": form.state, "values": filled(form, 0)}
            return await posts(name, {"kind": "submitted", **given})

        async def posts(name: str, body: dict[str, object]) -> str:
            body["id"] = str(uuid4())
            edge.replies.clear()
            headers = {"Cookie": f"policyclerk={cookies.get(name, 'made-up')}"}
            async with client.post("/me/event", json=body, headers=headers) as answer:
                text = await answer.text(errors="replace")
                assert answer.status in (200, 401), (answer.status, text)
            if name in accounts and accounts[name] in edge.replies:
                edge.replies[name] = edge.replies[accounts[name]]
            return text

        edge.tries, edge.sends = tries, sends
        yield edge
    next(staging, None)


@asynccontextmanager
async def slack(home: Path) -> AsyncIterator[Edge]:
    """Signed requests of a workspace that both schools are in."""
    async with fake_slack() as fake:
        fake.install(MANIFEST)
        settings = SlackSettings.model_validate(
            {"bot_token": fake.bot_token, "api_base_url": fake.api_url, "signing_secret": SECRET}
        )
        staging = staged(home, slack=settings)
        town = Town.settled(next(staging), home)
        edge = Edge(town)
        edge.listens()
        async for _ in served(fake, town.stage):
            town.stage.clerk.places.connect("slack", "T1", "step")
            for name in PEOPLE:
                party = town.party(name, "slack", "T1")
                fake.person(party.who.user, name, guest=name == "guest")
                await fake.user(party.who.user).says("hello")
            await fake.quiet()

            async def tries(name: str, event: Event) -> str:
                user = fake.user(f"U-{name}")
                edge.replies.clear()
                before = len(user.messages("dm"))
                if isinstance(event, CommandCalled):
                    await user.types(f"/{event.command} {event.text}")
                else:
                    (button,) = slack_buttons(slack_render.message(drawn(event)))
                    source = user.messages("dm")[-1]
                    done = payloads.action({"block_id": "kept"}, button, None)
                    await user._acts(source, done)
                await fake.until(lambda: user.id in edge.replies, f"an answer to {name}")
                await fake.quiet(0.05)
                return await shown(name, before)

            async def sends(name: str, form: Form) -> str:
                user = fake.user(f"U-{name}")
                edge.replies.clear()
                before = len(user.messages("dm"))
                trigger = fake.workspace.trigger(user.id)
                open_view(
                    fake.workspace, {"trigger_id": trigger, "view": slack_render.modal(filled_in(form))}
                )
                view = user.modal
                assert view
                said = payloads.view_submission(fake.workspace, user.person, view, trigger)
                await fake.wire.deliver("interactive", said)
                await fake.quiet(0.05)
                return await shown(name, before)

            async def shown(name: str, before: int) -> str:
                user = fake.user(f"U-{name}")
                edge.replies[name] = edge.replies[user.id]
                seen = [user.sees("modal") if user.modal else ""]
                if user.modal:
                    await user.closes(everything=True)
                return "\n".join([*seen, *(repr(m) for m in user.messages("dm")[before:])])

            edge.tries, edge.sends = tries, sends
            yield edge
        next(staging, None)


@asynccontextmanager
async def teams(home: Path) -> AsyncIterator[Edge]:
    """Activities with Microsoft's signature, of a tenant that both schools are in."""
    async with in_teams(home) as here:
        town = Town.settled(here.stage, home)
        edge = Edge(town)
        edge.listens()
        town.stage.clerk.places.connect("teams", TENANT, "step")
        staff: dict[str, Staffer] = {}
        for name in PEOPLE:
            party = town.party(name, "teams", TENANT)
            role = "guest" if name == "guest" else "user"
            user = User(party.who.user, name, f"{name}@nowhere.example", role=role)
            here.fake.users[user.aad] = user
            staff[name] = Staffer(here, user)
            await staff[name].greets()

        async def sends(name: str, form: Form) -> str:
            edge.replies.clear()
            before = len(here.fake.posted)
            answer = await staff[name].fills(teams_render.form_card(filled_in(form)), message="m1")
            return await shown(name, before, answer)

        async def tries(name: str, event: Event) -> str:
            edge.replies.clear()
            someone = staff[name]
            before = len(here.fake.posted)
            answer: Any = None
            if isinstance(event, CommandCalled):
                await someone.says(f"{event.command} {event.text}")
            else:
                (action,) = teams_actions(teams_render.message(drawn(event)))
                answer = await someone.invokes(action, {}, message="m1")
            return await shown(name, before, answer)

        async def shown(name: str, before: int, answer: Any) -> str:
            someone = staff[name]
            await asyncio.sleep(0)
            if someone.user.aad in edge.replies:
                edge.replies[name] = edge.replies[someone.user.aad]
            mine = [p for p in here.fake.posted[before:] if p.conversation == someone.user.chat]
            return "\n".join([repr(answer), *(words(posted) for posted in mine)])

        edge.tries, edge.sends = tries, sends
        yield edge


WAYS = {"page": page, "slack": slack, "teams": teams}
