"""One request, two platforms: the teacher uses Slack, those who decide use Teams."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.settings import SlackSettings
from bot.events import Identity
from tests.adapters.slack.conftest import MANIFEST, SECRET, Office, account, clean, served
from tests.adapters.slack.test_stories import UNBLOCK
from tests.adapters.teams.fake_teams import Posted
from tests.adapters.teams.staff import InTeams, Staffer, dialog, in_teams, words
from tests.slack_server import fake_slack


@dataclass
class Both:
    """The same school on both."""

    slack: Office
    teams: InTeams


@pytest.fixture
async def both(home: Path) -> AsyncIterator[Both]:
    async with fake_slack() as slack:
        slack.install(MANIFEST)
        settings = SlackSettings.model_validate(
            {"bot_token": slack.bot_token, "api_base_url": slack.api_url, "signing_secret": SECRET}
        )
        async with in_teams(home, slack=settings) as teams:
            async for office in served(slack, teams.stage):
                for user in ("ict-technician", "headteacher"):
                    where = Identity(platform="slack", tenant="T1", user=account(user))
                    teams.stage.clerk.directory.unlink(where)
                    await teams[user].greets()
                yield Both(office, teams)


async def until(person: Staffer, text: str) -> Posted:
    """The card in somebody's chat that says this, once the outbox has brought it."""
    for _ in range(100):
        if any(text in words(posted) for posted in person.chat):
            break
        await asyncio.sleep(0.1)
    return person.card_about(text)


async def test_a_teacher_in_slack_and_approvers_in_teams_work_on_one_request(both: Both) -> None:
    teacher = both.slack["class-teacher"]
    technician, head = both.teams["ict-technician"], both.teams["headteacher"]

    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK)
    await teacher.submits()
    await teacher.until("sent", "modal")
    await teacher.closes()

    checking = await until(technician, "Check by ICT")
    assert "A science lesson about planets." in words(checking)
    await technician.acts(checking, "Pass to headteacher", blocked="yes")
    await teacher.until("Waiting for: Decision by the headteacher")

    deciding = await until(head, "Decision by the headteacher")
    opened = dialog(await head.presses(deciding.card, "Approve", message=deciding.id))
    await head.fills(opened, message=deciding.id, reason="Good use, risks in hand.")
    await teacher.until("Good use, risks in hand.")
    again = await head.fills(opened, message=deciding.id, reason="Good use, risks in hand.")
    assert again["task"]["type"] == "message"

    opening = await until(technician, "Access opened by ICT")
    await technician.acts(opening, "Mark done", until="2026-12-18")
    assert "18 Dec 2026" in await teacher.until("finished")
    await until(head, "18 Dec 2026")
    assert clean(both.slack.slack)


async def test_what_is_withdrawn_in_slack_can_not_be_decided_in_teams(both: Both) -> None:
    teacher, technician = both.slack["class-teacher"], both.teams["ict-technician"]
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK)
    await teacher.submits()
    await teacher.until("sent", "modal")
    await teacher.closes()
    checking = await until(technician, "Check by ICT")
    stale = checking.card
    await teacher.until("Withdraw", "dm")
    await teacher.clicks("Withdraw")
    await until(technician, "Withdrawn")
    refused = dialog(await technician.presses(stale, "Pass to headteacher", message=checking.id))
    assert "not waiting for anyone any more" in words(refused)
    assert "Withdrawn" in words(refused)
