"""What reading each question for danger adds to an answer: the same questions in one run, with and without it.

    .venv/bin/python tests/benchmarks/triage.py     the questions in tests/knowledge/questions

Every answer is made both ways, one straight after the other and in turns first, so that whatever else the
machine is doing falls on both. The bar is 15 ms at the median (issue 4).
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path

from adapters.schools import Folder, read_school
from bot import conversation
from bot.conversation import Answer
from bot.ports import Published, Retriever
from bot.triage import Judgement, triage_ready
from knowledge.nearness import Model
from knowledge.retriever import WhooshRetriever
from knowledge.topics import default_topics
from tests.benchmarks.answers import asked_questions

MOST = 150
"""Questions asked: enough for a steady median, in about a minute."""
BAR_MS = 15.0


@contextmanager
def without_triage() -> Iterator[None]:
    """Answers as they would be if nobody read the question for danger."""
    judge = conversation.judge
    conversation.judge = lambda text: Judgement()
    try:
        yield
    finally:
        conversation.judge = judge


def milliseconds(published: Published, retriever: Retriever, question: str) -> tuple[float, float]:
    """How long one reply takes, from the text to its cards: by the clock, and at work on a core."""
    started, working = time.perf_counter(), time.thread_time()
    Answer(published, retriever, question, date(2026, 11, 9)).reply()
    return (time.perf_counter() - started) * 1000, (time.thread_time() - working) * 1000


def main() -> int:
    """Measure and print. Exit status 1 when the bar is missed by the clock."""
    if why := triage_ready():
        print(f"not measured: {why}")
        return 1
    asked = list(asked_questions(None))
    asked = asked[:: -(-len(asked) // MOST)]
    took: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        model = Model.load(default_topics(), Path(folder))
        retriever = WhooshRetriever(Path(folder), model=model, patient=True)
        schools = {s: read_school(Folder(s, Path("/nowhere"))) for s in {q.policy for q in asked}}
        for published in schools.values():
            milliseconds(published, retriever, "friend")
        for turn, question in enumerate(asked):
            for on in (True, False) if turn % 2 else (False, True):
                # A question once encoded is kept: asked in other words, each way encodes it afresh.
                text = f"{question.text} {'now' if on else 'then'}"
                with nullcontext() if on else without_triage():
                    took[on].append(milliseconds(schools[question.policy], retriever, text))
    added = []
    print(
        f"{len(asked)} questions, milliseconds at the median; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    for at, name in enumerate(("by the clock", "at work on a core")):
        with_it, without = ([times[at] for times in took[on]] for on in (True, False))
        added.append(statistics.median(with_it) - statistics.median(without))
        print(
            f"{name:18} with {statistics.median(with_it):6.1f}   without {statistics.median(without):6.1f}",
            end="",
        )
        print(f"   added {added[at]:5.1f}   (bar {BAR_MS})")
    return 0 if added[0] <= BAR_MS else 1


if __name__ == "__main__":
    sys.exit(main())
