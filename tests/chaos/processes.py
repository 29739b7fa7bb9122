"""The processes that are killed: `policyclerk serve`, once or twice, and `policyclerk worker`, on one database.

Each has a home of its own, so that nothing one of them keeps there can be what another needs.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import update

from adapters.store.tables import outbox
from adapters.wiring import Clerk
from tests.slack_server.wire import PATIENCE, Delivered, HttpWire

SECRET = "a secret of tests"


@dataclass
class Process:
    """One process, its number for as long as it lives, and where it listens (0: nowhere)."""

    name: str
    words: tuple[str, ...]
    env: dict[str, str]
    log: Path
    port: int = 0
    pid: int = 0


class House:
    """All processes of one clerk. `clerk` reads the same database from outside."""

    def __init__(self, clerk: Clerk, folder: Path, slack_env: dict[str, str]) -> None:
        self.clerk = clerk
        self.folder = folder
        self.kills = 0
        self.processes: list[Process] = []
        self._env = slack_env
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def add(self, name: str, *words: str) -> None:
        """Start a process; `serve` listens on a port that stays its own."""
        port = free_port() if words == ("serve",) else 0
        home = self.folder / name
        home.mkdir()
        env = {**self._env, "POLICYCLERK_HOME": str(home), "POLICYCLERK_PORT": str(port)}
        process = Process(name, words, env, self.folder / f"{name}.log", port)
        self.processes.append(process)
        self._start(process)

    def _start(self, process: Process) -> None:
        assert self._nursery.stdin
        assert self._nursery.stdout
        order = {"words": process.words, "env": process.env, "log": str(process.log)}
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        process.pid = int(self._nursery.stdout.readline())

    def kill(self, process: Process, *, waits: bool = False) -> None:
        """kill -9, and start it again. What it had claimed is free at once: the minute until its leases end
        passes without being waited for. `waits`: it has not passed yet, until `leases_end`."""
        dead = process.pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(dead, signal.SIGKILL)
        self.kills += 1
        if not waits:
            self.leases_end(f"-{dead}-")
        self._start(process)

    def leases_end(self, of: str = "-") -> None:
        """The minute has passed for what a worker of such a name had claimed."""
        ended = update(outbox).where(outbox.c.lease_owner.contains(of))
        with contextlib.suppress(OSError), self.clerk.database.write() as connection:
            connection.execute(ended.values(lease_until=None))

    def addresses(self) -> list[str]:
        """Where Slack's requests can go."""
        return [f"http://127.0.0.1:{one.port}/slack/events" for one in self.processes if one.port]

    def logs(self) -> str:
        """What the processes have written."""
        return "\n".join(f"{one.name}: {one.log.read_text()}" for one in self.processes if one.log.exists())

    def close(self) -> None:
        """Everything ends."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        with self._nursery as nursery:
            nursery.kill()


@dataclass
class Proxy(HttpWire):
    """What stands in front of the replicas, as a load balancer does: a connection that is refused goes to
    another one; one that breaks does not, for nobody knows what was done."""

    addresses: list[str]
    chance: random.Random
    secret: str = SECRET
    address: str = ""
    bodies: list[tuple[float, str]] = field(default_factory=list)
    """What was answered, and when."""
    _session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes, content_type: str, headers: dict[str, Any]) -> Delivered:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))
        loop = asyncio.get_running_loop()
        started = loop.time()
        while loop.time() - started < PATIENCE:
            for address in self.chance.sample(self.addresses, len(self.addresses)):
                try:
                    sent = {"Content-Type": content_type, **headers}
                    async with self._session.post(address, data=body, headers=sent) as answer:
                        text = await answer.text()
                        said = (
                            json.loads(text) if answer.content_type == "application/json" and text else text
                        )
                        self.bodies.append((time.time(), text))
                        return Delivered(answer.status, said, loop.time() - started)
                except aiohttp.ClientConnectorError:
                    continue
                except (TimeoutError, aiohttp.ClientError):
                    return Delivered(0, None, loop.time() - started)
            await asyncio.sleep(0.05)
        return Delivered(0, None, loop.time() - started)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextlib.asynccontextmanager
async def running(house: House) -> AsyncIterator[House]:
    """Once every server answers."""
    try:
        await ready(house)
        yield house
    finally:
        house.close()


async def ready(house: House) -> None:
    """Wait until every server answers."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        for address in house.addresses():
            while not await _answers(session, address.replace("slack/events", "readyz")):
                await asyncio.sleep(0.1)


async def _answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
