"""32 people at once on the playground, and what an answer costs beside a bare Whoosh query.

    .venv/bin/python tests/benchmarks/playground.py

Starts `policyclerk demo` on an empty home and an address of this machine, lets 32 windows ask and
send forms at the same time (each form twice, as an impatient double click does), and prints what it
measured. Exit status 1 when a reply took a second or more, or a request was doubled or lost.
"""

import asyncio
import gc
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import aiohttp
from whoosh import fields, index, qparser

from adapters.schools import folders, read_school
from knowledge.retriever import WhooshRetriever

PEOPLE = 32
ROUNDS = 4
QUESTIONS = (
    "can I accept a parent's friend request?",
    "who approves a post before it goes on the school page",
    "can i use my phone to check facebook at lunch",
    "a pupil has followed me on instagram",
    "are pupils allowed on the wifi for social media",
    "how do we get a site unblocked",
)
FILLED = {
    "url": ["https://example.org/a"],
    "content": ["A page with pictures."],
    "reasons": ["A lesson."],
    "risks": ["None."],
    "for_pupils": ["no"],
}
USERS = ("class-teacher", "teaching-assistant", "office-manager", "marketing-officer")


class Window:
    """One browser window of one person."""

    def __init__(self, session: aiohttp.ClientSession, address: str, number: int) -> None:
        self._session = session
        self._at = f"{address}as/aet/{USERS[number % len(USERS)]}/event"
        self.took: list[float] = []

    async def says(self, **event: object) -> str:
        """Post one event, and note how long the reply took. Returns the reply's HTML."""
        started = time.perf_counter()
        async with self._session.post(self._at, json={"id": str(uuid.uuid4()), **event}) as response:
            answer = await response.json()
            assert response.status == 200, answer
        self.took.append(time.perf_counter() - started)
        return str(answer["html"])

    async def busy(self) -> None:
        """Ask, open a form, send it twice at once; several times over."""
        for round_number in range(ROUNDS):
            await self.says(kind="said", text=QUESTIONS[round_number % len(QUESTIONS)])
            form = await self.says(kind="said", text="/unblock-request")
            state = re.search(r'data-state="([^"]+)"', form)
            assert state, form[:400]
            sent = {
                "kind": "submitted",
                "form": "unblock-request",
                "state": state[1].replace("&#34;", '"'),
                "values": FILLED,
            }
            await asyncio.gather(self.says(**sent), self.says(**sent))


async def crowd(address: str) -> tuple[list[float], float]:
    """All windows at once: how long each reply took, and the whole of it, in seconds."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        windows = [Window(session, address, number) for number in range(PEOPLE)]
        started = time.perf_counter()
        await asyncio.gather(*(window.busy() for window in windows))
        return [took for window in windows for took in window.took], time.perf_counter() - started


def stored(home: Path) -> int:
    """How many requests there are beside the two samples."""
    import sqlite3

    with sqlite3.connect(home / "demo" / "policyclerk.db") as database:
        return int(database.execute("select count(*) from requests").fetchone()[0]) - 2


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def answers_beside_whoosh(home: Path) -> dict[str, float]:
    """Median milliseconds of one answer and of one bare Whoosh query, taken turn about in one run,
    and the milliseconds an index takes to build."""
    schools = [read_school(folder) for folder in folders(home)]
    retriever = WhooshRetriever(home / "bench-index")
    started = time.perf_counter()
    for school in schools:
        retriever.find(school.policy, "friend")
    built = (time.perf_counter() - started) / len(schools) * 1000
    bare = {school.school.id: _bare(school.policy, home / f"bare-{school.school.id}") for school in schools}
    ours, theirs = [], []
    gc.disable()
    for _ in range(5):
        for school in schools:
            searcher, parser = bare[school.school.id]
            for question in QUESTIONS:
                started = time.perf_counter()
                retriever.find(school.policy, question)
                middle = time.perf_counter()
                searcher.search(parser.parse(question), limit=10)
                ours.append((middle - started) * 1000)
                theirs.append((time.perf_counter() - middle) * 1000)
    gc.enable()
    return {
        "index_build_ms": built,
        "answer_median_ms": statistics.median(ours),
        "bare_whoosh_median_ms": statistics.median(theirs),
    }


def _bare(policy, folder: Path):  # type: ignore[no-untyped-def]  # whoosh has no types
    folder.mkdir()
    made = index.create_in(str(folder), fields.Schema(text=fields.TEXT(stored=True)))
    writer = made.writer()
    for clause in policy.clauses:
        writer.add_document(text=clause.shown)
    writer.commit()
    return made.searcher(), qparser.QueryParser("text", made.schema, group=qparser.OrGroup)


def main() -> int:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        demo = subprocess.Popen(
            [sys.executable, "-m", "adapters.cli", "demo", "--no-browser", "--port", "0"],
            env={"POLICYCLERK_HOME": folder, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path.cwd())},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert demo.stdout
            address = re.search(r"http://\S+", demo.stdout.readline())
            assert address, "the demo did not say its address"
            idle = memory_mb(demo.pid)
            took, whole = asyncio.run(crowd(address[0]))
            count = stored(home)
            busy = memory_mb(demo.pid)
        finally:
            demo.terminate()
            demo.wait(10)
        took.sort()
        figures = {
            "people": PEOPLE,
            "replies": len(took),
            "replies_a_second": round(len(took) / whole, 1),
            "reply_median_ms": round(statistics.median(took) * 1000),
            "reply_99th_ms": round(took[int(len(took) * 0.99)] * 1000),
            "reply_slowest_ms": round(took[-1] * 1000),
            "requests_sent": PEOPLE * ROUNDS,
            "requests_stored": count,
            "memory_idle_mb": round(idle),
            "memory_after_mb": round(busy),
            **{name: round(value, 2) for name, value in answers_beside_whoosh(home).items()},
        }
    print(json.dumps(figures, indent=2))
    return 0 if took[-1] < 1.0 and count == PEOPLE * ROUNDS else 1


if __name__ == "__main__":
    sys.exit(main())
