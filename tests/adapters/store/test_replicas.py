"""As `deploy/compose.yaml` lays it out, its processes started by hand: PostgreSQL, two replicas, a worker and the
proxy with the configuration of `deploy`; people in Slack meanwhile."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select

from adapters.demo import cast
from adapters.settings import Settings
from adapters.store.crypto import Keys
from adapters.store.tables import outbox
from adapters.wiring import Clerk, wire
from bot.events import Identity
from tests.adapters.slack.conftest import MANIFEST, SECRET
from tests.databases import Databases
from tests.slack_server import Delivered, FakeSlack, User, fake_slack

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = {"U1": "class-teacher", "U2": "ict-technician", "U3": "headteacher"}
ROUNDS = 4
SEEN_AGAIN = 4
"""Seconds until the proxy has found a replica again that was gone."""
STATES = " ".join(f"{what}_temp_path temp;" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("nginx"), reason="needs the proxy: apt-get install nginx"),
    pytest.mark.parametrize("databases", ["postgresql"], indirect=True),
]


@dataclass
class Town:
    """Everything that runs, and the environment all of it has."""

    folder: Path
    slack: FakeSlack
    given: dict[str, str]
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def types(self, *words: str) -> str:
        """A command by hand, in a home of its own."""
        env = self.given | {"POLICYCLERK_HOME": str(self.folder / "tools")}
        command = [sys.executable, "-m", "adapters.cli", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    async def starts(self, name: str, *words: str) -> None:
        """A process with a home of its own, until it says that it serves."""
        home = self.folder / name
        port = self.ports.setdefault(name, free_port())
        env = self.given | {"POLICYCLERK_HOME": str(home), "POLICYCLERK_PORT": str(port)}
        command = [sys.executable, "-m", "adapters.cli", *words]
        with (self.folder / f"{name}.log").open("a") as log:
            self.running[name] = subprocess.Popen(command, env=env, stdout=log, stderr=log, text=True)
        if words == ("serve",):
            await answers(f"http://127.0.0.1:{port}/readyz")

    async def ends(self, name: str, how: signal.Signals) -> int:
        """Its exit status."""
        self.running[name].send_signal(how)
        return await asyncio.to_thread(self.running[name].wait, 60)

    def clerk(self) -> Clerk:
        """A look at the database."""
        return wire(Settings(home=self.folder / "tools", model="off", **self.opening))

    @property
    def opening(self) -> dict[str, str]:
        return {
            "database_url": self.given["POLICYCLERK_DATABASE_URL"],
            "keys": self.given["POLICYCLERK_KEYS"],
        }


def free_port() -> int:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


async def answers(address: str) -> None:
    """Wait until there is a yes."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(address) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.2)


@pytest.fixture
def address(databases: Databases, tmp_path: Path) -> str:
    """There is nothing in it."""
    return databases.of(tmp_path, fill=None)


@pytest.fixture
async def town(address: str, tmp_path: Path) -> AsyncIterator[Town]:
    """From an empty folder and an empty database to a school that is served by all of it."""
    async with fake_slack() as slack:
        slack.install(MANIFEST)
        town = Town(
            tmp_path,
            slack,
            {
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "PYTHONPATH": str(ROOT),
                "POLICYCLERK_DATABASE_URL": address,
                "POLICYCLERK_KEYS": Keys.generate().to_text(),
                "POLICYCLERK_MODEL": "off",
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_BASE_URL": slack.api_url,
            },
        )
        await asyncio.to_thread(town.types, "db", "migrate")
        await asyncio.to_thread(town.types, "school", "adopt", "aet")
        clerk = town.clerk()
        clerk.places.connect("slack", "T1", "aet")
        cast(clerk, clerk.library.published("aet"))
        for user, person in PEOPLE.items():
            slack.person(user, person)
            clerk.directory.link(Identity(platform="slack", tenant="T1", user=user), f"aet.{person}")
            clerk.directory.unlink(Identity(platform="web", tenant="aet", user=person))
        clerk.close()
        try:
            await asyncio.gather(*(town.starts(name, "serve") for name in ("clerk-1", "clerk-2")))
            await town.starts("worker", "worker")
            proxy = await behind_the_proxy(town)
            slack.over_http(f"{proxy}/slack/events", SECRET)
            yield town
        finally:
            for process in town.running.values():
                process.kill()
                process.wait()


async def behind_the_proxy(town: Town) -> str:
    """The proxy of the compose file; without encryption, which needs a name of one's own."""
    port, text = free_port(), (ROOT / "deploy" / "nginx.conf.template").read_text()
    filled = {"listen 443 ssl": f"listen 127.0.0.1:{port}", "${CLERK_NAME}": "localhost"}
    filled |= {f"${{CLERK_{n}}}": f"127.0.0.1:{town.ports[f'clerk-{n}']}" for n in (1, 2)}
    for variable, value in filled.items():
        text = text.replace(variable, value)
    (town.folder / "clerk.conf").write_text(re.sub(r"\n +ssl_.*", "", text))
    whole = town.folder / "nginx.conf"
    whole.write_text(f"pid {town.folder}/nginx.pid; events {{}} http {{ {STATES} include clerk.conf; }}")
    command = ["nginx", "-e", "stderr", "-p", str(town.folder), "-c", str(whole), "-g", "daemon off;"]
    with (town.folder / "proxy.log").open("w") as log:
        town.running["proxy"] = subprocess.Popen(command, stdout=log, stderr=log, text=True)
    await answers(f"http://127.0.0.1:{port}/healthz")
    return f"http://127.0.0.1:{port}"


async def to_the_head(teacher: User, technician: User) -> str:
    """A request sent by the teacher and passed on by the technician. Its reference."""
    await teacher.types("/unblock-request")
    await teacher.until("Full web address", "modal")
    filled = {"url": "https://example.org/a", "content": "A page.", "reasons": "A lesson.", "risks": "None."}
    await teacher.fills({**filled, "for_pupils": "No"})
    await teacher.submits()
    reference = re.findall(r"AET-[A-Z0-9]{5}", await teacher.until("Waiting for: Check by ICT", "modal"))[0]
    await teacher.closes(everything=True)
    await technician.until(reference, "dm")
    await technician.clicks("Pass to headteacher", where="messages")
    await technician.fills({"blocked": "Yes", "technical_risks": "None beyond the usual."})
    await technician.submits()
    await technician.until("Decision by the headteacher")
    await technician.closes(everything=True)
    return reference


async def fill_in(head: User, turn: int) -> None:
    """Approve, up to the point of sending."""
    if head.modal:
        await head.closes(everything=True)
    await head.clicks("Approve", where="messages")
    await head.fills({"reason": f"Good use {turn}."})


async def decided(teacher: User, turn: int) -> bool:
    """Whether the teacher is told of it: a message that a dead process held waits for its lease, a minute."""
    with contextlib.suppress(AssertionError):
        told = f"Good use {turn}."
        await teacher.slack.until(lambda: told in teacher.sees("dm"), "the decision", teacher.sees, 75)
        return True
    return False


async def test_a_replica_killed_during_an_approval_costs_nobody_anything(town: Town) -> None:
    teacher, technician, head = (town.slack.user(user) for user in PEOPLE)
    references = []
    for turn in range(ROUNDS):
        references.append(await to_the_head(teacher, technician))
        await head.until(references[-1], "dm")
        await fill_in(head, turn)
        sending = asyncio.create_task(head.submits())
        await asyncio.sleep(0.02 * turn)
        await town.ends(victim := f"clerk-{turn % 2 + 1}", signal.SIGKILL)
        answer = await sending
        assert answer.acknowledged, (answer, town.slack.refusals)
        if not await decided(teacher, turn):  # it died before it was written: the card still asks
            await fill_in(head, turn)
            await head.submits()
            assert await decided(teacher, turn)
        if head.modal:
            await head.closes(everything=True)
        await town.starts(victim, "serve")
        await asyncio.sleep(SEEN_AGAIN)
    clerk = town.clerk()
    for reference in references:
        request = clerk.store.named(reference)
        assert request
        actions = [taken.action for taken in clerk.store.history(request.id)]
        assert actions.count("approved") == 1, actions
    assert clerk.store.verify("aet") == []
    clerk.close()


async def under_way(town: Town) -> list[asyncio.Task[Delivered]]:
    """A dozen commands at once, some of them at either replica by now."""
    teacher = town.slack.user("U1")
    asked = [asyncio.create_task(teacher.types("/my-requests")) for _ in range(12)]
    await asyncio.sleep(0.05)
    return asked


async def test_slack_does_not_notice_that_a_replica_is_killed_or_stopped(town: Town) -> None:
    asked = await under_way(town)
    await town.ends("clerk-1", signal.SIGKILL)
    assert {one.status for one in await asyncio.gather(*asked)} == {200}
    await town.starts("clerk-1", "serve")
    await asyncio.sleep(SEEN_AGAIN)

    asked = await under_way(town)
    assert await town.ends("clerk-2", signal.SIGTERM) == 0
    assert {one.status for one in await asyncio.gather(*asked)} == {200}
    log = (town.folder / "clerk-2.log").read_text()
    assert "Stopped." in log
    assert "Traceback" not in log

    assert await town.ends("worker", signal.SIGTERM) == 0
    clerk = town.clerk()
    with clerk.database.read() as connection:
        held = select(func.count()).where(outbox.c.lease_until.is_not(None))
        assert connection.execute(held).scalar() == 0
    clerk.close()
    await to_the_head(*(town.slack.user(user) for user in ("U1", "U2")))
