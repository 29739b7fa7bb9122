"""A full run with a word of its own in everything that can be typed, on the page, in Slack and in Teams at once, and
then a search for those words: in the logs, in every address and header that any server saw, in buttons, private
metadata and ids, in outbox rows, in every column of the database and every file of the home, in notifications, names
of files, figures and errors. They are found only where somebody entitled reads them.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar

from adapters.exporting import governors_report
from adapters.store.columns import metadata
from tests.adapters.seen import slack_words, walk
from tests.adapters.store.samples import on_disk
from tests.adapters.teams.fake_teams import Json
from tests.adapters.teams.staff import words
from tests.procedures import CASE, with_procedures
from tests.scenarios import full_run, wiretap
from tests.scenarios import test_slack_and_teams as together
from tests.scenarios.full_run import Everywhere
from tests.scenarios.on_page import Drawn
from tests.scenarios.wiretap import READERS, WORDS, Wiretap, carried, leaks

both, tapped = together.both, wiretap.tapped


@pytest.fixture
async def school(tapped: Wiretap, both: together.Both) -> AsyncIterator[Everywhere]:
    """aet, with a procedure that keeps an evidence log and a checklist."""
    with_procedures(both.teams.stage, CASE)
    post = both.teams.post

    async def noted(body: Json, token: str | None = None) -> tuple[int, Any]:
        status, answer = await post(body, token)
        tapped.answers.append((body["from"]["aadObjectId"], answer))
        return status, answer

    both.teams.post = noted  # type: ignore[method-assign]
    async with ClientSession(cookie_jar=DummyCookieJar()) as browser:
        yield Everywhere(both.slack, both.teams, browser, {})


def not_theirs(school: Everywhere, tap: Wiretap) -> list[tuple[str, str]]:
    """Which word the clerk has shown to whom, who may not read it. What people write themselves is not the clerk's."""
    slack, teams = school.slack, school.teams
    bot = slack.slack.workspace.bot.id
    shown: dict[str, list[object]] = {user: [] for user in teams.stage.players}
    for user, seen in shown.items():
        seen += [slack_words(one.blocks) for one in slack[user].messages() if one.user == bot]
        seen += [words(one) for one in teams.fake.posted if one.conversation == teams[user].user.chat]
        seen += [answer for who, answer in tap.answers if who == teams[user].user.aad]
        seen += [
            call.said["view"]
            for call in slack.slack.calls
            if call.method in ("views.open", "views.push")
            and slack.slack.workspace.triggers[call.said["trigger_id"]].user == slack[user].id
        ]
        seen += school.page[user].sent if user in school.page else []
    return [
        (where, user) for user, seen in shown.items() for where in leaks(seen) if user not in READERS[where]
    ]


def searched(school: Everywhere, tap: Wiretap) -> dict[str, list[str]]:
    """Which words are found where nothing should be."""
    clerk = school.teams.stage.clerk
    home = clerk.settings.folder
    files = {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    files["the database's own"] = on_disk(clerk.database)
    with clerk.database.read() as connection:
        tables = {table.name: connection.execute(table.select()).all() for table in metadata.sorted_tables}
    calls = [call.said for call in school.slack.slack.calls]
    posted = [one.activity for one in school.teams.fake.posted]
    pages = [sent for sitter in school.page.values() for sent in sitter.sent]
    drawn = [
        json.loads(sent).get("html", "") if sent[:1] == "{" else sent for sent in pages if sent[:1] in "{<"
    ]
    assert b"class-teacher" in files["the database's own"], "looking in the wrong place"
    assert tables["drafts"], "half a form should be kept"
    assert (len(calls) > 40, len(posted) > 8, len(drawn) > 20) == (True, True, True)
    assert (len(tap.rows) > 10, len(tap.answers) > 10) == (True, True)
    assert sum("POST /slack/events" in one for one in tap.addresses) > 10
    assert "GET /me/register/{name}.csv: 200" in tap.lines.getvalue()
    return {
        "what Slack keeps beside what it shows": leaks(
            carried([calls, [answer for _, answer in tap.answers]])
        ),
        "what Teams keeps beside what it shows": leaks(carried(posted)),
        "what the page keeps beside what it shows": leaks([Drawn(html).carried() for html in drawn]),
        "Slack's notifications": leaks([call.get("text") for call in calls]),
        "Teams' notifications": leaks(
            [[one.get(name) for name in ("text", "summary", "speak")] for one in posted],
            [one.get("fallbackText") for one in walk(posted)],
        ),
        "files": [
            where for where, typed in WORDS.items() if any(typed.encode() in b for b in files.values())
        ],
        "names of files": leaks(list(files)),
        "tables": leaks({name: [tuple(row) for row in rows] for name, rows in tables.items()}),
        "outbox rows": leaks(tap.rows),
        "addresses and headers": leaks(tap.addresses),
        "lines": leaks(tap.lines.getvalue()),
        "our own lines": leaks(tap.ours.getvalue()),
        "metrics": leaks(clerk.metrics.told().decode()),
        "the governors' report": leaks([governors_report(clerk, "aet", csv=csv) for csv in (True, False)]),
    }


async def test_nothing_anybody_typed_is_anywhere_but_where_it_belongs(
    school: Everywhere, tapped: Wiretap, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    slack, teams = school.slack, school.teams
    for user in ("teaching-assistant", "chair", "office-manager"):
        await school.sits_down(user)
    await full_run.disclosures(school)
    await full_run.an_unblock_request(school)
    await full_run.a_concern_about_a_pupil(school)
    await full_run.a_concern_about_the_headteacher(school)
    await full_run.a_case(school)
    await full_run.a_register(school)
    await slack.slack.quiet()
    await teams.deliver()
    await full_run.errors(school, monkeypatch)
    await slack.slack.quiet()

    others = not_theirs(school, tapped)
    assert others == [], str(others)
    assert {place: found for place, found in searched(school, tapped).items() if found} == {}
    assert leaks(capfd.readouterr()) == [], "what the program prints"
