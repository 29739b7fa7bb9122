"""A full run with a word of its own in everything that can be typed, and then a search for those words: in the
logs, in every address asked for, in buttons, private metadata and ids, in outbox rows, in the database's files
and in every notification. They are found only where somebody entitled reads them.
"""

import asyncio
import io
import json
import logging
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.demo import cast
from adapters.logs import Lines
from adapters.server import application
from adapters.store.queue import Outbox
from tests.adapters.seen import walk
from tests.adapters.store.samples import raw_bytes
from tests.adapters.teams.staff import dialog, words
from tests.listening import listening
from tests.scenarios import test_slack_and_teams as together
from tests.school import Stage
from tests.slack_server import User

both = together.both

WORDS: dict[str, str] = {}
"""Where it was typed, to the word typed there: a pupil's name, a narrative, a reason, a search."""


def word(where: str) -> str:
    """A word that stands nowhere else."""
    WORDS[where] = f"Qzx{len(WORDS):03}vj"
    return WORDS[where]


class Wiretap(logging.Handler):
    """All that is logged, as `serve` writes it; and every address that anybody asked for."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(Lines("json"))
        self.lines = io.StringIO()
        self.ours = io.StringIO()
        self.addresses = io.StringIO()
        self.rows: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.write(self.format(record) + "\n")
        if record.name == "aiohttp.access":
            self.addresses.write(record.getMessage() + "\n")
        if record.name.startswith(("adapters", "bot", "knowledge")):
            self.ours.write(record.getMessage() + "\n")


@pytest.fixture
def tapped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiretap]:
    WORDS.clear()
    tap, claim = Wiretap(), Outbox.claim

    def claimed(*given: Any) -> Any:
        rows = claim(*given)
        tap.rows += [row.model_dump_json() for row in rows]
        return rows

    monkeypatch.setattr(Outbox, "claim", claimed)
    with listening(tap):
        yield tap


def leaks(*places: object) -> list[str]:
    """Where each word was typed that is found in these."""
    whole = json.dumps(places, default=str)
    return [where for where, typed in WORDS.items() if typed in whole]


def carried(drawn: object) -> list[object]:
    """What a platform keeps beside what it shows: values of buttons, private metadata, ids, addresses."""
    hidden = ("private_metadata", "callback_id", "external_id", "block_id", "action_id", "data", "verb", "id")
    found: list[object] = []
    for thing in walk(drawn):
        found += [thing[name] for name in hidden if name in thing]
        if thing.get("type") in ("button", "Action.Execute", "Action.Submit", "Action.OpenUrl"):
            found.append(thing)
    return found


def held_in(stage: Stage, tap: Wiretap) -> None:
    """What every run has to answer for, on whatever platform."""
    database = Path(str(stage.clerk.database.writing.url.database))
    assert b"class-teacher" in raw_bytes(database), "looking in the wrong place"
    assert [where for where, typed in WORDS.items() if typed.encode() in raw_bytes(database)] == []
    assert len(tap.rows) >= 3
    assert leaks(tap.rows) == [], "outbox rows"
    assert tap.addresses.getvalue().count("POST") >= 2
    assert leaks(tap.addresses.getvalue()) == [], "addresses"
    assert leaks(tap.lines.getvalue()) == [], "logs"
    assert leaks(tap.ours.getvalue()) == [], "our own lines"
    assert leaks(stage.clerk.metrics.told().decode()) == [], "metrics"


async def sends(user: User, **values: object) -> None:
    await user.fills(values)
    await user.submits()
    await user.slack.quiet(0.1)


async def test_nothing_anybody_typed_is_anywhere_but_where_it_belongs(
    both: together.Both, tapped: Wiretap
) -> None:
    slack, teams = both.slack, both.teams
    teacher, dsl = slack["class-teacher"], slack["dsl"]
    technician, head = teams["ict-technician"], teams["headteacher"]

    await teacher.says(f"A girl in my class told me {word('disclosure')} touches her")
    await teacher.until("Designated safeguarding lead")
    slack.slack.channel("CSTAFF", teacher.id)
    await teacher.says(f"@Policy Clerk can I post a picture of {word('question in a channel')}?", "CSTAFF")
    await teacher.types(f"/my-requests {word('search')}")
    await teacher.slack.quiet(0.1)
    while teacher.modal:
        await teacher.closes(everything=True)

    await teacher.types(f"/unblock-request {word('after a command')}")
    await sends(
        teacher,
        url=f"https://{word('address')}.example/a",
        content=word("content"),
        reasons=word("reasons"),
        risks=word("risks"),
        for_pupils="No",
    )
    await teacher.closes(everything=True)
    checking = await together.until(technician, "Check by ICT")
    assert WORDS["reasons"] in words(checking)
    await technician.acts(
        checking, "Pass to headteacher", blocked="yes", technical_risks=word("technical risks")
    )
    deciding = await together.until(head, "Decision by the headteacher")
    opened = dialog(await head.presses(deciding.card, "Approve", message=deciding.id))
    await head.fills(opened, message=deciding.id, reason=word("reason of a decision"))
    await teacher.until(WORDS["reason of a decision"])

    await teacher.types("/report-content")
    await sends(teacher, danger="No", image="No")
    about = {"url": f"https://{word('address seen')}.example", "nature": word("narrative"), "who": "A pupil"}
    await sends(teacher, **about, pupil_name=word("name of a pupil"))
    await sends(teacher, about_receiver="No")
    await teacher.closes(everything=True)
    await dsl.until("Urgency")
    assert leaks([one.text for one in dsl.messages()], [one.blocks for one in dsl.messages()]) == []
    await dsl.clicks("Open details")
    seen = await dsl.until(WORDS["name of a pupil"], "modal")
    assert WORDS["narrative"] in seen
    await dsl.clicks("Close with an outcome")
    await sends(dsl, reason=word("outcome of a concern"))
    await dsl.closes(everything=True)

    (asked,) = await head.says("/ask-a-person")
    await head.fills(asked.card, message=asked.id, question=word("question to a person"))
    await slack.slack.quiet()
    await teams.deliver()

    calls = [call.said for call in slack.slack.calls]
    posted = [one.activity for one in teams.fake.posted]
    assert len(calls) > 20
    assert len(posted) > 8
    assert leaks(carried(calls)) == [], "what Slack keeps beside what it shows"
    assert leaks(carried(posted)) == [], "what Teams keeps beside what it shows"
    shown = [[call.get("text"), call.get("notification")] for call in calls]
    assert leaks(shown) == [], "Slack's notifications"
    assert leaks([[one.get("text"), one.get("summary"), one.get("speak")] for one in posted]) == []
    assert leaks([thing.get("fallbackText") for thing in walk(posted)]) == [], "Teams' notifications"
    held_in(both.teams.stage, tapped)


async def test_nothing_typed_on_the_page_is_anywhere_but_on_the_page(aet: Stage, tapped: Wiretap) -> None:
    house = cast(aet.clerk, aet.published)
    async with TestClient(TestServer(application(aet.clerk, [house]))) as page:

        async def does(user: str, **body: object) -> str:
            told = json.dumps({"id": str(uuid.uuid4()), **body}).encode()
            headers = {"Content-Type": "application/json"}
            async with page.post(f"/as/aet/{user}/event", data=told, headers=headers) as answer:
                assert answer.status == 200
                return str((await answer.json())["html"])

        await does("class-teacher", kind="said", text=f"A pupil told me that {word('disclosure')} hits him")
        form = aet["class-teacher"].calls("unblock-request").form  # type: ignore[union-attr]
        typed = {"url": f"https://{word('address')}.example", "content": word("content"), "for_pupils": "no"}
        values = {
            name: [text]
            for name, text in {**typed, "reasons": word("reasons"), "risks": word("risks")}.items()
        }
        await does("class-teacher", kind="submitted", form=form.id, state=form.state, values=values)
        for user in ("class-teacher", "ict-technician"):
            await (await page.get(f"/as/aet/{user}/feed")).text()
        feed = ""
        for _ in range(100):  # until the worker of the application has brought it
            feed = (await (await page.get("/as/aet/ict-technician/feed")).json())["html"]
            if WORDS["reasons"] in feed:
                break
            await asyncio.sleep(0.1)
        assert WORDS["reasons"] in feed
        held = [
            part.partition('"')[0]
            for name in ("target", "state", "version")
            for part in feed.split(f'data-{name}="')[1:]
        ]
        assert held
        assert leaks(held) == [], "what buttons carry"
    held_in(aet, tapped)
