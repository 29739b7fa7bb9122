"""A cast at their Slack: a real clerk served over HTTP or Socket Mode, and our fake of Slack."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from adapters.server import application
from adapters.settings import SlackSettings
from adapters.slack import listeners
from adapters.store.places import Channel
from bot.events import Identity
from tests.school import Stage, staged
from tests.slack_server import FakeSlack, User, fake_slack

SECRET = "a secret of tests"
MANIFEST = json.loads(
    (Path(__file__).parents[3] / "app_manifest" / "slack" / "manifest.json").read_text(encoding="utf-8")
)


@dataclass
class Office:
    """A school whose staff use Slack. `office["class-teacher"]` is somebody at their Slack."""

    slack: FakeSlack
    stage: Stage
    url: str
    app: web.Application

    def __getitem__(self, user: str) -> User:
        return self.slack.user(account(user))

    def link(self, user: str) -> None:
        """This person of the cast is known by their account."""
        who = Identity(platform="slack", tenant="T1", user=account(user))
        self.stage.clerk.directory.link(who, self.stage[user].id)

    def only_in_slack(self, *users: str) -> None:
        """These people have nothing but Slack: no page that waits for them."""
        for user in users:
            self.stage.clerk.directory.unlink(self.stage[user].who)

    def nobody_has_written(self) -> None:
        """Staff have addresses on the school's list, and in Slack; no account is known to be anybody's."""
        directory = self.stage.clerk.directory
        for user, player in self.stage.players.items():
            person = directory.employed(player.id)
            assert person
            directory.add_person(person.model_copy(update={"email": f"{user}@aet.example"}))
            for identity in directory.identities_of(player.id):
                if identity.platform == "slack":
                    directory.unlink(identity)
            self.slack.workspace.people[account(user)].email = f"{user}@AET.example"

    def channel(self, role: str, channel: str, *users: str) -> None:
        """The role's messages go to this channel from now on."""
        self.slack.channel(channel, *map(account, users), name=role)
        school = self.stage.published.school.id
        where = Channel(role=role, platform="slack", tenant="T1", channel=channel)
        self.stage.clerk.places.set_channel(school, where)


def account(user: str) -> str:
    """The Slack id of somebody of the cast."""
    return "U" + user.upper().replace("-", "")


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy this machine is must not choose the way an answer takes: the clerk puts up no modal that says to
    wait, but in tests of just that, which are marked `impatient`."""
    if "impatient" not in request.keywords:
        monkeypatch.setattr(listeners, "PATIENCE_SECONDS", 2.5)


@pytest.fixture(params=["http"])
async def office(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Office]:
    """The whole cast in one workspace; by Socket Mode where a test asks for it."""
    async for office in offices(home, "aet", request.param):
        yield office


async def offices(home: Path, school: str, way: str = "http") -> AsyncIterator[Office]:
    """One school in a workspace of its own, with the app as its manifest describes it."""
    async with fake_slack() as slack:
        slack.install(MANIFEST)
        reached = {"app_token": slack.app_token} if way == "socket" else {"signing_secret": SECRET}
        settings = SlackSettings.model_validate(
            {"bot_token": slack.bot_token, "api_base_url": slack.api_url, **reached}
        )
        for stage in staged(home, school, slack=settings):
            async for office in served(slack, stage, way):
                yield office


async def served(slack: FakeSlack, stage: Stage, way: str = "http") -> AsyncIterator[Office]:
    """The clerk of `stage` as its users reach it."""
    clerk, school = stage.clerk, stage.published.school.id
    clerk.places.adopt(school, stage.clock.now())
    clerk.places.connect("slack", "T1", school)
    app = application(clerk)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    office = Office(slack, stage, url, app)
    for user in stage.players:
        slack.person(account(user), clerk.directory.staff(school).person(stage[user].id).name)
        office.link(user)
    if way == "socket":
        slack.over_socket()
    else:
        slack.over_http(f"{url}/slack/events", SECRET)
    yield office
    await slack.quiet(0.1)
    await runner.cleanup()


both_ways = pytest.mark.parametrize("office", ["http", "socket"], indirect=True)
"""Over HTTP, and by Socket Mode."""


def clean(slack: FakeSlack) -> bool:
    """Slack has refused nothing of what the clerk sent. That nobody has an address is an answer."""
    nobody = ("users.lookupByEmail", "users_not_found")
    came = [(call.method, call.came) for call in slack.calls]
    bad = [one for one in came if one[1] != "ok" and one != nobody]
    assert bad == []
    assert slack.refusals == []
    return True
