"""32 people at once in Slack beside a busy database, and how fast the clerk is beside a bare bolt app.

    PYTHONPATH=. python tests/benchmarks/slack.py

Starts `policyclerk serve` on an empty home, and our fake of Slack that it is pointed at by
SLACK_API_BASE_URL. 32 people open forms, ask, and send; each event and each form is delivered twice, as
Slack does when it hears nothing in time; another process writes to the database all the while. Then the
same commands and questions, without the writer, to the clerk and to a bare bolt app, turn about.
Prints what it measured. Exit status 1 when an acknowledgement took a second or more, or something was
doubled or lost.
"""

import asyncio
import contextlib
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO

from tests.benchmarks.town import PEOPLE, staff, told, town
from tests.slack_server import Delivered, FakeSlack, User, payloads
from tests.slack_server.views import answered

SECRET = "a secret of benchmarks"
SECONDS = 5.0
TURNS = 2
QUESTIONS = (
    "can I accept a parent's friend request?",
    "who approves a post before it goes on the school page",
    "can i use my phone to check facebook at lunch",
    "a pupil has followed me on instagram",
    "are pupils allowed on the wifi for social media",
    "how do we get a site unblocked",
)
FILLED = {
    "url": "https://example.org/a",
    "content": "A page with pictures.",
    "reasons": "A lesson.",
    "risks": "None.",
    "for_pupils": "No",
}
Doing = Callable[[User], Awaitable[Delivered]]


def said_address(printed: IO[str]) -> str:
    """The address that a server says it has."""
    return next(found[0] for line in printed if (found := re.search(r"http://\S+/", line)))


@contextlib.asynccontextmanager
async def running(command: list[str], slack: FakeSlack, home: Path) -> AsyncIterator[str]:
    """A process that Slack is the environment of; its address."""
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path.cwd()),
        "POLICYCLERK_HOME": str(home),
        "POLICYCLERK_PORT": "0",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_BASE_URL": slack.api_url,
    }
    with subprocess.Popen(
        [sys.executable, *command], env=given, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield await asyncio.to_thread(said_address, process.stdout)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 20)


@contextlib.contextmanager
def writing(home: Path) -> Iterator[None]:
    """Somebody who writes most of the time: 150 ms in every 200."""
    stop = threading.Event()

    def write() -> None:
        database = sqlite3.connect(home / "policyclerk.db", timeout=30, isolation_level=None)
        while not stop.is_set():
            database.execute("BEGIN IMMEDIATE")
            database.execute("UPDATE people SET name = name")
            stop.wait(0.15)
            database.execute("COMMIT")
            stop.wait(0.05)
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


async def opens_form(user: User) -> Delivered:
    """A command, until its form is there."""
    user.workspace.stacks.pop(user.id, None)
    answer = await user.types("/unblock-request")
    await told(user.slack).until(lambda: "Full web address" in user.sees("modal"))
    return answer


async def asks(user: User, times: int = 1) -> Delivered:
    """A question, until its answer is there; delivered as often as `times` says."""
    workspace, place = user.workspace, user.workspace.direct(user.id)
    said = len(user.messages("dm"))
    question = QUESTIONS[said % len(QUESTIONS)]
    message = user._wrote(place, question, "", ())
    event = payloads.message_event(workspace, user.person, place, message, "message")
    sent = (user.slack.wire.deliver("events_api", event, attempt) for attempt in range(times))
    answers = await asyncio.gather(*sent)
    await told(user.slack).until(lambda: len(user.messages("dm")) > said + 1)
    return max(answers, key=lambda one: one.seconds)


async def sends(user: User) -> Delivered:
    """A form filled in and sent twice at once, as by an impatient double click. The second finds the modal that
    says to wait filled already: `views.update` four times refused with `not_found` is right."""
    await user.fills(FILLED)
    assert user.modal
    trigger = user.workspace.trigger(user.id)
    sent = payloads.view_submission(user.workspace, user.person, user.modal, trigger)
    first, second = (asyncio.create_task(user.slack.wire.deliver("interactive", sent)) for _ in range(2))
    await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
    view = user.modal
    answered(user.workspace, view, (first if first.done() else second).result().body)
    return max(await first, await second, key=lambda one: one.seconds)


async def crowd(slack: FakeSlack, home: Path) -> dict[str, object]:
    """Everybody at once while somebody writes: how long acknowledgements took, and what there is afterwards."""
    everyone = [slack.user(f"U{number}") for number in range(PEOPLE)]
    acknowledged: list[Delivered] = []
    with writing(home):
        acknowledged += await asyncio.gather(*map(opens_form, everyone))
        acknowledged += await asyncio.gather(*map(sends, everyone))
        acknowledged += await asyncio.gather(*(asks(user, 2) for user in everyone))
        await slack.quiet(3)
    took = sorted(one.seconds for one in acknowledged)
    bot = slack.workspace.bot.id
    said = [one for user in everyone for one in user.messages("dm") if one.user == bot]
    with sqlite3.connect(home / "policyclerk.db") as database:
        stored = database.execute("select count(*) from requests").fetchone()[0]
    return {
        "acknowledged": sum(one.acknowledged for one in acknowledged),
        "acknowledgement_median_ms": round(statistics.median(took) * 1000),
        "acknowledgement_slowest_ms": round(took[-1] * 1000),
        "requests_sent": PEOPLE,
        "requests_stored": stored,
        "questions_asked": PEOPLE,
        "questions_answered": sum("Not what I meant" in str(one.blocks) for one in said),
        "refused_by_slack": dict(
            Counter(f"{one.method} {one.came}" for one in slack.calls if one.came != "ok")
        ),
    }


async def rate(slack: FakeSlack, doing: Doing, people: int = PEOPLE) -> float:
    """How often a second something is done, from the act to what is seen of it."""
    end, done = time.monotonic() + SECONDS, 0

    async def again_and_again(user: User) -> None:
        nonlocal done
        while time.monotonic() < end:
            await doing(user)
            done += 1

    started = time.monotonic()
    await asyncio.gather(*(again_and_again(slack.user(f"U{number}")) for number in range(people)))
    return done / (time.monotonic() - started)


async def says_ok(user: User) -> Delivered:
    """A command that is only acknowledged."""
    return await user.types("/ok")


async def beside(slack: FakeSlack, clerk: str, bare: str, people: int) -> dict[str, float]:
    """Rates of both for so many people, taken turn about, and the one as a part of the other."""
    rates: dict[str, list[float]] = {}
    for _ in range(TURNS):
        for name, address in (("clerk", clerk), ("bare", bare)):
            wire = slack.over_http(f"{address}slack/events", SECRET)
            for what, doing in (("form", opens_form), ("answer", asks)):
                slack.workspace.messages.clear()
                rates.setdefault(f"{name}_{what}_a_second", []).append(await rate(slack, doing, people))
            await wire.close()
    wire = slack.over_http(f"{bare}slack/events", SECRET)
    rates["bare_ok_a_second"] = [await rate(slack, says_ok, people)]
    await wire.close()
    means = {name: round(statistics.mean(values), 1) for name, values in rates.items()}
    for what in ("form", "answer"):
        means[f"{what}_beside_bare"] = round(
            means[f"clerk_{what}_a_second"] / means[f"bare_{what}_a_second"], 2
        )
    return means


async def measured(home: Path) -> dict[str, object]:
    """All figures."""
    await asyncio.to_thread(staff, home)
    async with (
        town() as slack,
        running(["-m", "adapters.cli", "serve"], slack, home) as clerk,
        running(["tests/benchmarks/bare_bolt.py"], slack, home) as bare,
    ):
        wire = slack.over_http(f"{clerk}slack/events", SECRET)
        await asks(slack.user("UICT"))  # the index and the model are loaded by the first who asks
        figures = await crowd(slack, home)
        await wire.close()
        for people in (1, PEOPLE):
            figures[f"people_{people}"] = await beside(slack, clerk, bare, people)
    return figures


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measured(Path(folder)))
    print(json.dumps(figures, indent=2))
    right = (
        figures["acknowledged"] == 3 * PEOPLE
        and int(str(figures["acknowledgement_slowest_ms"])) < 1000
        and figures["requests_stored"] == PEOPLE
        and figures["questions_answered"] == PEOPLE
    )
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
