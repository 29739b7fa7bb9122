"""Quality and time of four ways to answer, in one run: bare Whoosh, SQLite FTS5, ours without and with its model.

    .venv/bin/python tests/benchmarks/answers.py                    the questions in tests/knowledge/questions
    .venv/bin/python tests/benchmarks/answers.py SET.jsonl HOME     a set with gold spans, on policies in HOME

Whoosh and FTS5 cannot tell when a policy is silent; they are given the same chance, by abstaining
when their best score is below the value that serves them best on these very questions. In the rows
called masked, the known ways of asking that are nearest to each question are taken away first: what is
left shows how questions fare that nobody thought of.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process
from whoosh import fields, index, qparser

from adapters.schools import Folder, read_policy
from adapters.scoring import COLUMNS, Question, figures, judged, read_questions
from knowledge.clauses import Clause, Policy
from knowledge.encoder import Encoder, Vectors
from knowledge.nearness import Model
from knowledge.retriever import WhooshRetriever
from knowledge.topics import Topics, default_topics

QUESTIONS = Path(__file__).resolve().parents[1] / "knowledge" / "questions"
HIDDEN = 3
"""So many of the phrasings nearest to a question in meaning are hidden from it, and as many by its words."""
GROUPS = 10
"""Questions are masked together, every tenth: each then misses some that are near to others only."""
Search = Callable[[Policy, str], tuple[Sequence[tuple[Clause, float]], bool | None]]
"""Ranked clauses with scores, and whether it abstains (None: judged by the best score)."""


def asked_questions(path: Path | None) -> Iterator[Question]:
    """The questions to ask."""
    for file in [path] if path else sorted(QUESTIONS.glob("*.jsonl")):
        for _, row in read_questions(file):
            yield Question(text=row["question"], **{k: row[k] for k in Question.model_fields if k in row})  # type: ignore[arg-type]


def bare_whoosh(policies: Iterable[Policy], home: Path) -> Search:
    """One text field, Whoosh's defaults, any word."""
    opened = {}
    for policy in policies:
        folder = home / f"bare-{policy.school}"
        folder.mkdir()
        made = index.create_in(str(folder), fields.Schema(n=fields.STORED, text=fields.TEXT))
        writer = made.writer()
        for number, clause in enumerate(policy.clauses):
            writer.add_document(n=number, text=clause.shown)
        writer.commit()
        opened[policy.school] = (
            made.searcher(),
            qparser.QueryParser("text", made.schema, group=qparser.OrGroup),
        )

    def search(policy: Policy, question: str):  # type: ignore[no-untyped-def]
        searcher, parser = opened[policy.school]
        hits = searcher.search(parser.parse(question), limit=10)
        return [(policy.clauses[hit["n"]], hit.score) for hit in hits], None

    return search


def fts5(policies: Iterable[Policy]) -> Search:
    """SQLite's full-text search with its porter stemmer, any word."""
    database = sqlite3.connect(":memory:")
    for policy in policies:
        table = policy.school.replace("-", "_")
        database.execute(f"create virtual table {table} using fts5(text, tokenize='porter')")
        rows = [(number + 1, clause.shown) for number, clause in enumerate(policy.clauses)]
        database.executemany(f"insert into {table}(rowid, text) values (?, ?)", rows)

    def search(policy: Policy, question: str):  # type: ignore[no-untyped-def]
        words = "".join(c if c.isalnum() else " " for c in question).split()
        table = policy.school.replace("-", "_")
        found = database.execute(
            f"select rowid, -bm25({table}) from {table} where {table} match ? order by 2 desc limit 10",
            (" OR ".join(f'"{word}"' for word in words),),
        )
        return [(policy.clauses[number - 1], score) for number, score in found], None

    return search


def ours(home: Path, **options: object) -> Search:
    """The clerk's own retriever."""
    retriever = WhooshRetriever(home, **options)  # type: ignore[arg-type]

    def search(policy: Policy, question: str):  # type: ignore[no-untyped-def]
        found = retriever.find(policy, question)
        return [(r.clause, r.score) for r in found.ranked], found.outcome != "answer"

    return search


class Remembering(Encoder):
    """The encoder, each text read once: masking asks for the same phrasings ten times."""

    _known: dict[str, Vectors]

    def encode(self, texts: Sequence[str], *, keep: bool = True) -> Vectors:
        """As `Encoder.encode`."""
        known = self.__dict__.setdefault("_known", {})
        for text in texts:
            if text not in known:
                known[text] = super().encode([text], keep=False)[0]
        return np.stack([known[text] for text in texts]) if texts else super().encode(texts)


def masked(asked: Sequence[Question], home: Path, encoder: Encoder, with_model: bool) -> Search:
    """Ours, for each of these questions without the phrasings nearest to it."""
    topics = default_topics()
    near = nearest_phrasings([question.text for question in asked], topics, encoder)
    retrievers: dict[str, WhooshRetriever] = {}
    for first in range(GROUPS):
        group = range(first, len(asked), GROUPS)
        left = without(topics, frozenset(line for number in group for line in near[number]))
        folder = home / f"masked-{first}"
        model = Model(encoder, left, folder, folder / "none.npz") if with_model else None
        retriever = WhooshRetriever(folder, topics=left, model=model)
        retrievers |= {asked[number].text: retriever for number in group}

    def search(policy: Policy, question: str):  # type: ignore[no-untyped-def]
        found = retrievers.get(question, retriever).find(policy, question)
        return [(r.clause, r.score) for r in found.ranked], found.outcome != "answer"

    return search


def nearest_phrasings(texts: Sequence[str], topics: Topics, encoder: Encoder) -> list[list[str]]:
    """For each text the known ways of asking that are most like it, in meaning or in words."""
    lines = [line for topic in topics.topics for line in topic.asked]
    likeness = encoder.encode(texts) @ encoder.encode(lines).T
    alike = [
        process.extract(text.lower(), lines, scorer=fuzz.token_set_ratio, limit=HIDDEN) for text in texts
    ]
    return [
        [*(lines[i] for i in np.argsort(-row)[:HIDDEN]), *(line for line, _, _ in words)]
        for row, words in zip(likeness, alike, strict=True)
    ]


def without(topics: Topics, hidden: frozenset[str]) -> Topics:
    """The topics with these phrasings taken away."""
    left = [
        topic.model_copy(update={"asked": tuple(line for line in topic.asked if line not in hidden)})
        for topic in topics.topics
    ]
    return Topics(left, topics.concepts)


def measured(search: Search, asked: Sequence[Question], policies: dict[str, Policy]) -> dict[str, object]:
    """One row of the table. An abstained answerable question counts as missed."""
    for policy in policies.values():
        search(policy, "friend")
    took, found = [], []
    for question in asked:
        started = time.perf_counter()
        ranked, abstained = search(policies[question.policy], question.text)
        took.append((time.perf_counter() - started) * 1000)
        found.append((question.within(policies[question.policy]), ranked, abstained))
    bar = None if found[0][2] is not None else _best_bar(found)
    outcomes = [
        judged(
            question,
            [clause for clause, _ in ranked],
            bool(abstained) if bar is None else not ranked or ranked[0][1] < bar,
        )
        for question, ranked, abstained in found
    ]
    row = dict(zip(COLUMNS, figures(outcomes), strict=True))
    kept: dict[str, object] = {name: row[name] for name in ("hit@1", "hit@3", "MRR@10", "abstain F1")}
    for kind in ("direct", "paraphrase", "typo", "scenario", "procedure"):
        kept[kind] = figures([o for o in outcomes if o.question.kind == kind])[1]
    return kept | {"median ms": round(statistics.median(took), 1)}


def _best_bar(found: Sequence[tuple[Question, Sequence[tuple[Clause, float]], bool | None]]) -> float:
    """The score under which to abstain, chosen in hindsight: more than any real use could know."""
    tops = [
        (q, ranked[0][1] if ranked else 0.0, bool(ranked) and q.hit(ranked[0][0])) for q, ranked, _ in found
    ]
    bars = sorted({top for _, top, _ in tops})
    return max(
        bars, key=lambda bar: sum(hit and top >= bar if q.answerable else top < bar for q, top, hit in tops)
    )


def main(arguments: list[str]) -> None:
    """Measure and print."""
    path = Path(arguments[0]) if arguments else None
    home = Path(arguments[1]) if len(arguments) > 1 else Path("/nowhere")
    asked = list(asked_questions(path))
    policies = {
        school: read_policy(Folder(school, home)) for school in dict.fromkeys(i.policy for i in asked)
    }
    with tempfile.TemporaryDirectory() as folder:
        ways = {
            "bare Whoosh": bare_whoosh(policies.values(), Path(folder)),
            "SQLite FTS5": fts5(policies.values()),
            "ours without model": ours(Path(folder) / "ours"),
            "ours": ours(Path(folder) / "model", model=Model.load(default_topics(), Path(folder) / "model")),
        }
        encoder = Remembering.load()
        for name, with_model in (("without model, masked", False), ("ours, masked", True)):
            ways[name] = masked(asked, Path(folder) / name, encoder, with_model)
        table = {name: measured(search, asked, policies) for name, search in ways.items()}
    columns = list(next(iter(table.values())))
    print(f"{'':24}" + "".join(f"{column:>12}" for column in columns))
    for name, row in table.items():
        print(f"{name:24}" + "".join(f"{row[column]!s:>12}" for column in columns))


if __name__ == "__main__":
    main(sys.argv[1:])
