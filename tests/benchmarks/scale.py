"""Answers with 5, 500 and 5,000 schools on one database: how long, how much memory, what the worker takes.

    PYTHONPATH=. python tests/benchmarks/scale.py [SIZE ...]

Each number of schools has a process and a SQLite database of its own; all are there at once and take turns, so that
whatever else the machine does, all of them suffer it. In each, the worker runs beside the answers, as in `serve`.
Prints what it measured, as JSON. Exit status 1 when the median or the 99th percentile of an answer with most
schools is more than 1.5 times that with fewest.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from adapters.settings import Settings
from adapters.store import tables
from adapters.wiring import Clerk, wire
from bot.events import Asked, Identity
from bot.ports import Published
from tests.benchmarks.schools import school

SIZES = (5, 500, 5000)
DIFFERENT = 100
"""So many policies are made; further schools have one of them again, under their own name."""
STAFF = 30
IN_USE = 5
MANY = 12
TURNS = 6
QUESTIONS = (
    "can I accept a parent's friend request?",
    "who approves a post before it goes on the school page",
    "can i use my phone to check facebook at lunch",
    "a pupil has followed me on instagram",
    "may we put names under photographs",
    "who may live stream the carol service",
)


def fill(clerk: Clerk, size: int) -> dict[str, float]:
    """Publish so many schools with their staff. How long one took to publish, in ms."""
    now, took = clerk.services.clock.now(), []
    made = [school(number) for number in range(min(size, DIFFERENT))]
    for published in made:
        started = time.perf_counter()
        clerk.library.publish(published, now)
        took.append(time.perf_counter() - started)
    kinds = (tables.published, tables.published_workflows, tables.in_force)
    with clerk.database.read() as connection:
        stored = {
            kind: [dict(row._mapping) for row in connection.execute(select(kind).order_by(kind.c.school))]
            for kind in kinds
        }
    with clerk.database.write() as connection:
        for first in range(DIFFERENT, size, DIFFERENT):
            for kind in kinds:
                rows = [again(row, first) for row in stored[kind]]
                connection.execute(insert(kind), [row for row in rows if row["school"] < own(size)])
        for number in range(size):
            enter(connection, own(number), made[number % len(made)])
    return {"publish_median_ms": round(statistics.median(took) * 1000, 1)}


def own(number: int) -> str:
    """The id of the school of that number."""
    return f"school-{number:05}"


def again(row: dict[str, Any], further: int) -> dict[str, Any]:
    """A stored row of a school as that of the school so much further on."""
    old = row["school"]
    new = own(int(old.rpartition("-")[2]) + further)
    return {name: value.replace(old, new) if isinstance(value, str) else value for name, value in row.items()}


def enter(connection: Connection, at: str, published: Published) -> None:
    """Its staff, the first of whom holds every role."""
    ids = [f"{at}.{n}" for n in range(STAFF)]
    no = {"school": at, "email": "", "email_folded": "", "line_manager": ids[0]}
    known = {"platform": "web", "tenant": at, "school": at}
    held = [{"school": at, "role": role, "person": ids[0]} for role in published.school.roles]
    connection.execute(insert(tables.people), [{**no, "id": id_, "name": f"Person {id_}"} for id_ in ids])
    connection.execute(insert(tables.holdings), held)
    connection.execute(insert(tables.identities), [{**known, "user": id_, "person": id_} for id_ in ids[:5]])


class Child:
    """One number of schools, in this process."""

    def __init__(self, home: Path) -> None:
        started = time.perf_counter()
        self.clerk = wire(Settings(home=home))
        self.clerk.library.schools()
        self.start_ms = (time.perf_counter() - started) * 1000
        self.asked = 0
        self.rounds: list[float] = []
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            started = time.perf_counter()
            self.clerk.worker.work()
            self.rounds.append(time.perf_counter() - started)
            time.sleep(0.25)

    def ask(self, first: int, schools: int, times: int) -> list[float]:
        """Ask in so many schools from the `first` on, turn about. Milliseconds of each answer."""
        took = []
        for n in range(times):
            at = own(first + n % schools)
            self.asked += 1
            who = Identity(platform="web", tenant=at, user=f"{at}.{self.asked % 5}")
            event = Asked(id=f"e{self.asked}", who=who, text=QUESTIONS[self.asked % len(QUESTIONS)])
            started = time.perf_counter()
            self.clerk.assistant.handle(event)
            took.append((time.perf_counter() - started) * 1000)
        return took

    def state(self) -> dict[str, float]:
        """Memory in MB and the worker's rounds in ms, since the start."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        rounds = sorted(self.rounds)
        return {
            "rss_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6),
            "rounds": len(rounds),
            "round_median_ms": round(statistics.median(rounds) * 1000, 1),
            "round_slowest_ms": round(rounds[-1] * 1000),
            "start_ms": round(self.start_ms),
        }


def child(home: Path) -> None:
    """Do what comes in, a line each; answer with a line."""
    here = Child(home)
    for line in sys.stdin:
        name, *given = json.loads(line)
        print(json.dumps(getattr(here, name)(*given)), flush=True)


class Size:
    """A child as its parent sees it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.size, home = size, folder / str(size)
        clerk = wire(Settings(home=home, model="off"))
        self.figures: dict[str, Any] = fill(clerk, size)
        clerk.close()
        self.figures["database_mb"] = round(
            sum(f.stat().st_size for f in home.glob("policyclerk.db*")) / 1e6, 1
        )
        given = [sys.executable, __file__, "--child", str(home)]
        self._child = subprocess.Popen(given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, *words: Any) -> Any:
        assert self._child.stdin
        assert self._child.stdout
        print(json.dumps(words), file=self._child.stdin, flush=True)
        return json.loads(self._child.stdout.readline())

    def end(self) -> None:
        self._child.kill()
        self._child.wait()


def measured(sizes: list[Size]) -> None:
    """Fill in each size's figures."""
    for size in sizes:
        size("ask", 0, IN_USE, 2 * IN_USE)
    time.sleep(10)  # until the encoder has read the policies
    took: dict[int, list[float]] = {size.size: [] for size in sizes}
    for _ in range(TURNS):
        for size in sizes:
            took[size.size] += size("ask", 0, IN_USE, 40)
    for size in sizes:
        ordered = sorted(took[size.size])
        size.figures |= {
            "answers": len(ordered),
            "answer_median_ms": round(statistics.median(ordered), 1),
            "answer_p99_ms": round(ordered[int(len(ordered) * 0.99)], 1),
            "in_use_5": size("state"),
        }
    print(json.dumps({size.size: size.figures for size in sizes}), file=sys.stderr, flush=True)
    for size in sizes:
        if size.size > IN_USE + MANY:
            first = size("ask", IN_USE, MANY, MANY)
            size.figures["first_answer_median_ms"] = round(statistics.median(first))
            size.figures["first_answer_slowest_ms"] = round(max(first))
            time.sleep(10)
            size("ask", IN_USE, MANY, MANY)
            again = sorted(size("ask", IN_USE, MANY, 8 * MANY))
            size.figures[f"in_use_{MANY}"] = size("state") | {
                "answer_median_ms": round(statistics.median(again), 1),
                "answer_p99_ms": round(again[int(len(again) * 0.99)], 1),
            }


def main(wanted: list[int]) -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = [Size(Path(folder), size) for size in wanted]
        try:
            measured(sizes)
        finally:
            for size in sizes:
                size.end()
    figures = {size.size: size.figures for size in sizes}
    least, most = figures[min(wanted)], figures[max(wanted)]
    ratios = {name: round(most[name] / least[name], 2) for name in ("answer_median_ms", "answer_p99_ms")}
    print(json.dumps({"schools": figures, "most_beside_fewest": ratios}, indent=2))
    return 0 if max(ratios.values()) <= 1.5 else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]))
    else:
        sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
