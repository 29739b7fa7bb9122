"""Several workspaces, each with a school of its own: installed by invitation, kept apart, and gone when removed."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from adapters.schools import Folder, read_school
from adapters.settings import SlackSettings
from adapters.slack.installing import invitation
from bot.events import Identity
from bot.people import Person
from tests.adapters.slack.conftest import MANIFEST, SECRET, Office, account, served
from tests.adapters.slack.test_unreachable import sends
from tests.school import staged
from tests.slack_server import User, fake_slack


@pytest.fixture
async def trust(home: Path) -> AsyncIterator[Office]:
    """aet in T1 and step in T2; neither has installed the app yet."""
    async with fake_slack() as slack:
        slack.install(MANIFEST)
        slack.add_workspace("T2")
        for workspace in slack.server.workspaces.values():
            workspace.token_error = "invalid_auth"
        given = {"client_id": slack.server.client[0], "client_secret": slack.server.client[1]}
        settings = SlackSettings.model_validate(
            {**given, "api_base_url": slack.api_url, "signing_secret": SECRET}
        )
        for stage in staged(home, "aet", slack=settings):
            clerk, now = stage.clerk, stage.clock.now()
            clerk.library.publish(read_school(Folder("step", home)), now)
            clerk.places.adopt("step", now)
            clerk.places.connect("slack", "T2", "step")
            async for office in served(slack, stage):
                yield office


async def installs(office: Office, team: str, *, state: str = "", cookie: bool = True) -> tuple[int, str]:
    """Somebody follows an invitation, allows the app at Slack, and comes back: what they are told then."""
    shown = invitation(office.stage.clerk.store, office.stage.clock.now())
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        begin = f"{office.url}/slack/install?{urlencode({'invitation': shown})}"
        async with browser.get(begin, allow_redirects=False) as answer:
            assert answer.status == 302
            consent, kept = answer.headers["Location"], answer.headers["Set-Cookie"].partition(";")[0]
        back = office.slack.allows(consent, team)
        if state:
            back["state"], kept = state, f"slack-app-oauth-state={state}"
        sent = {"Cookie": kept} if cookie else {}
        async with browser.get(
            f"{office.url}/slack/oauth_redirect?{urlencode(back)}", headers=sent
        ) as answer:
            return answer.status, await answer.text()


def elsewhere(office: Office) -> User:
    """A teacher of step, in its own workspace."""
    directory = office.stage.clerk.directory
    directory.add_person(Person(id="elsewhere", school="step", name="A teacher of step"))
    directory.link(Identity(platform="slack", tenant="T2", user="UELSEWHERE"), "elsewhere")
    office.slack.server.workspaces["T2"].person("UELSEWHERE", "A teacher of step")
    return office.slack.user("UELSEWHERE")


async def test_what_is_asked_in_one_is_never_seen_in_the_other(trust: Office) -> None:
    teacher, other, technician = trust["class-teacher"], elsewhere(trust), trust["ict-technician"]
    assert (await teacher.says("hello")).status == 403  # type: ignore[union-attr]
    for team in ("T1", "T2"):
        status, words = await installs(trust, team)
        assert (status, team in words) == (200, True)
    trust.only_in_slack("ict-technician")
    sends(trust)
    await technician.until("Pass to headteacher", "dm")
    await other.types("/my-requests")
    assert "UB-" not in await other.until("requests")
    await other.opens_home()
    await trust.slack.until(lambda: other.home)
    assert "STEP" in other.sees("home")
    assert "Aspire" not in other.sees()
    # The other's press on the very button that lies in the first workspace.
    (message,) = technician.messages("dm")
    (row,) = [block for block in message.blocks if block["type"] == "actions"]
    trust.slack.server.workspaces["T2"].direct(other.id)
    moved = message.__class__(message.ts, f"D{other.id}", trust.slack.workspace.bot.id, "", [row])
    trust.slack.server.workspaces["T2"].messages.append(moved)
    await other.presses(moved, row, row["elements"][0])
    await trust.slack.quiet()
    assert "A science lesson" not in other.sees()
    assert "Waiting for: Check by ICT" in trust.stage["class-teacher"].sees()


async def test_what_did_not_begin_here_installs_nothing(trust: Office) -> None:
    async with aiohttp.ClientSession() as browser:
        for shown in ("", "?invitation=made-up"):
            async with browser.get(f"{trust.url}/slack/install{shown}", allow_redirects=False) as answer:
                assert answer.status == 403
    own = invitation(trust.stage.clerk.store, trust.stage.clock.now())
    for forged in ("made-up", own):  # an invitation is no state, though the clerk wrote both
        assert (await installs(trust, "T1", state=forged))[0] == 401
    assert (await installs(trust, "T1", cookie=False))[0] == 400
    assert trust.stage.clerk.slack
    assert trust.stage.clerk.slack.workspaces.patient("T1") is None


@pytest.mark.parametrize("event", ["app_uninstalled", "tokens_revoked"])
async def test_when_it_is_removed_the_administrator_is_told_what_did_not_arrive(
    trust: Office, event: str
) -> None:
    await installs(trust, "T1")
    clerk, workspace = trust.stage.clerk, trust.slack.workspace
    await trust.slack.happens(event)  # late news, of before it was installed again
    await trust.slack.quiet()
    assert clerk.slack
    assert clerk.slack.workspaces.patient("T1")
    workspace.token_error = "account_inactive"
    await trust.slack.happens(event)
    await trust.slack.until(lambda: clerk.slack.workspaces.patient("T1") is None, "the token to be forgotten")
    trust.only_in_slack("ict-technician", "headteacher")
    sends(trust)
    await trust.slack.until(lambda: clerk.store.undelivered("aet"), "what was not delivered")
    assert "could not be delivered" in str(trust.stage["office-manager"].calls("stuck-requests"))
    assert (await trust["class-teacher"].says("hello")).status == 403  # type: ignore[union-attr]
    workspace.people[account("ict-technician")].deleted = False
    await installs(trust, "T1")
    clerk.outbox.revive_all()
    await trust["ict-technician"].until("Pass to headteacher", "dm")
