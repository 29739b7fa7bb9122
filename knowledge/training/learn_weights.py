"""Learns `knowledge/weights.yaml` from `questions.txt`, against the five packs.

    python -m knowledge.training.learn_weights

Ranking: softmax over the clauses of a policy, the likelihood of the right clauses raised by
gradient ascent. Answering: logistic regression on `fusion.evidence`. Both with a pull towards zero; a few
minutes, most of them for the questions' vectors. The order of work is fixed, so the same files give the same weights.
"""

import logging
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from math import log
from pathlib import Path
from typing import NamedTuple

import numpy as np

from knowledge.clauses import Policy
from knowledge.fusion import FILE, FILE_WITH_MODEL, Weights, evidence, probability, score
from knowledge.importers import parse_policy_md
from knowledge.nearness import Model, Near
from knowledge.retriever import SHOWN, WhooshRetriever
from knowledge.signals import signals, topic_scores
from knowledge.topics import default_topics

QUESTIONS = tuple(Path(__file__).with_name(name) for name in ("questions.txt", "questions_more.txt"))
"""By two hands, neither of which saw what answers are measured with."""
SCHOOLS = Path(__file__).resolve().parent.parent / "schools"
ROUNDS, STEP, PULL = 150, 0.5, 0.002
ANSWERING_ROUNDS, ANSWERING_PULL = 12, 0.03
THRESHOLD, THRESHOLD_WITH_MODEL = 0.40, 0.45
"""From which chance the clerk answers. By the questions here anything from 0.17 to 0.38 is as good; with the
encoder the upper end, a little above, serves the questions of `docs/explanation/how-good-are-the-answers.md` better."""
AT_LEAST = {"whom": 1.5}
"""Weights that must not be learned away: a rule about other people is the worst of wrong answers, and too few questions
here turn on it."""
UNSURE = Weights(ranking={"topic": 3.0, "concepts": 1.0, "says": 1.5, "form_row": -1.0}, answering={})
"""Where ranking starts from."""

log_to = logging.getLogger(__name__)
Example = Mapping[str, float]


class Question(NamedTuple):
    """A training question; no keys means that the policy is silent."""

    school: str
    keys: tuple[str, ...]
    text: str


def read_questions(*paths: Path) -> list[Question]:
    """The questions of files, by default all: `school | key, key | question`, `-` where the policy is silent."""
    questions: list[Question] = []
    texts = (path.read_text(encoding="utf-8") for path in paths or QUESTIONS)
    for line in (line for text in texts for line in text.splitlines()):
        if line.strip() and not line.startswith("#"):
            school, keys, text = (part.strip() for part in line.split("|", 2))
            named = () if keys == "-" else tuple(key.strip() for key in keys.split(","))
            questions.append(Question(school, named, text))
    return questions


def packs() -> dict[str, Policy]:
    """The five packs of the package."""
    found = sorted(SCHOOLS.glob("*/policy.md"))
    return {p.parent.name: parse_policy_md(p.read_text(encoding="utf-8"), p.parent.name) for p in found}


class Seen(NamedTuple):
    """A question as the learner sees it: each clause's signals, and which of them are right."""

    question: Question
    about: Mapping[str, float]
    near: Near
    clauses: Mapping[int, Example]
    right: frozenset[int]


def look(
    questions: Sequence[Question], retriever: WhooshRetriever, policies: Mapping[str, Policy]
) -> list[Seen]:
    """The signals for every question. KeyError names a key that no clause has."""
    seen: list[Seen] = []
    for question in questions:
        policy = policies[question.school]
        view = retriever.view(policy)
        asked = retriever.asked(view, question.text)
        about = topic_scores(view, asked)
        named = [policy.by_key(key) for key in question.keys]
        answers = {clause.id for one in named for clause in (one, *policy.items(one))}
        right = frozenset(p for p, clause in enumerate(policy.clauses) if clause.id in answers)
        near = retriever.near(policy, asked)
        seen.append(Seen(question, about, near, signals(view, asked, about, near), right))
    return seen


def learn_ranking(seen: Sequence[Seen], start: Mapping[str, float]) -> dict[str, float]:
    """Weights that raise the share of the right clauses in a softmax over all candidates."""
    lessons = [s for s in seen if s.right & s.clauses.keys()]
    names = sorted({name for s in lessons for found in s.clauses.values() for name in found})
    rows = np.array([[found.get(n, 0.0) for n in names] for s in lessons for found in s.clauses.values()])
    right = np.array([p in s.right for s in lessons for p in s.clauses])
    starts = np.cumsum([0, *(len(s.clauses) for s in lessons)])[:-1]
    lesson = np.repeat(np.arange(len(lessons)), [len(s.clauses) for s in lessons])
    weights = np.array([start.get(name, 0.0) for name in names])
    floor = np.array([AT_LEAST.get(name, -np.inf) for name in names])
    pace = np.full(len(names), 1e-6)
    for _ in range(ROUNDS):
        scores = rows @ weights
        mass = np.exp(scores - np.maximum.reduceat(scores, starts)[lesson])
        share = mass / np.add.reduceat(mass, starts)[lesson]
        good = np.where(right, mass, 0.0)
        pull = good / np.add.reduceat(good, starts)[lesson] - share
        slope = rows.T @ pull - PULL * len(lessons) * weights
        pace += slope * slope
        weights = np.maximum(weights + STEP * slope / np.sqrt(pace), floor)
    return dict(zip(names, weights.tolist(), strict=True))


def learn_answering(examples: Sequence[tuple[Example, bool]]) -> dict[str, float]:
    """Logistic weights telling answered from silent; both kinds count the same in all. Newton's steps on
    evidence brought to one scale, so that what is small in number may count much."""
    names = sorted({name for found, _ in examples for name in found} - {"bias"})
    rows = np.array([[found.get(name, 0.0) for name in names] for found, _ in examples])
    answered = np.array([float(is_answered) for _, is_answered in examples])
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.column_stack([np.ones(len(rows)), (rows - middle) / spread])
    counts = np.where(answered > 0, 0.5 / answered.mean(), 0.5 / (1 - answered.mean()))
    pull = ANSWERING_PULL * len(rows) * np.eye(len(names) + 1)
    pull[0, 0] = 0.0
    weights = np.zeros(len(names) + 1)
    for _ in range(ANSWERING_ROUNDS):
        chance = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (counts * (answered - chance)) - pull @ weights
        bend = (scaled.T * (counts * chance * (1 - chance))) @ scaled + pull
        weights = weights + np.linalg.solve(bend, slope)
    plain = weights[1:] / spread
    return {"bias": float(weights[0] - plain @ middle), **dict(zip(names, plain.tolist(), strict=True))}


def evidences(
    seen: Sequence[Seen],
    ranking: Mapping[str, float],
    retriever: WhooshRetriever,
    policies: Mapping[str, Policy],
) -> Iterator[tuple[Example, bool]]:
    """What `fusion.evidence` says of each question, and whether its policy answers it."""
    for one in seen:
        view = retriever.view(policies[one.question.school])
        asked = retriever.asked(view, one.question.text)
        order = sorted(one.clauses, key=lambda p: (-score(one.clauses[p], ranking), p))[:SHOWN]
        ranked = [(p, one.clauses[p]) for p in order]
        yield evidence(view, asked, one.about, ranked, one.near), bool(one.question.keys)


def hit_rate(seen: Sequence[Seen], ranking: Mapping[str, float], depth: int) -> float:
    """The share of answerable questions with a right clause in the first `depth`."""
    asked = [s for s in seen if s.right]
    hits = sum(
        any(p in s.right for p in sorted(s.clauses, key=lambda p: (-score(s.clauses[p], ranking), p))[:depth])
        for s in asked
    )
    return hits / len(asked)


def log_loss(examples: Sequence[tuple[Example, bool]], weights: Mapping[str, float]) -> float:
    """Mean surprise of the answering decision, in nats."""
    chances = ((probability(found, weights), answered) for found, answered in examples)
    return -sum(log(max(c if answered else 1 - c, 1e-9)) for c, answered in chances) / len(examples)


def as_yaml(weights: Weights) -> str:
    """Weights as the file holds them: one line each, rounded."""
    lines = ["# Written by `python -m knowledge.training.learn_weights`; not by hand."]
    for part, values in (("ranking", weights.ranking), ("answering", weights.answering)):
        lines.append(f"{part}:")
        lines += [f"  {name}: {values[name]:.3f}" for name in sorted(values)]
    return "\n".join([*lines, f"threshold: {weights.threshold:.2f}", ""])


def learn(
    questions: Sequence[Question],
    policies: Mapping[str, Policy],
    home: Path,
    model: Model | None = None,
) -> Weights:
    """All weights, from these questions alone."""
    retriever = WhooshRetriever(home, weights=UNSURE, model=model)
    seen = look(questions, retriever, policies)
    ranking = learn_ranking(seen, UNSURE.ranking)
    log_to.info("hit@1 %.3f, hit@3 %.3f", hit_rate(seen, ranking, 1), hit_rate(seen, ranking, 3))
    examples = list(evidences(seen, ranking, retriever, policies))
    answering = learn_answering(examples)
    log_to.info("log loss %.3f", log_loss(examples, answering))
    threshold = THRESHOLD_WITH_MODEL if model else THRESHOLD
    return Weights(ranking=ranking, answering=answering, threshold=threshold)


def main() -> int:
    """Learns from all questions and writes the weights."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    topics = default_topics()
    with tempfile.TemporaryDirectory() as home:
        for file, model in ((FILE, None), (FILE_WITH_MODEL, Model.load(topics, Path(home)))):
            log_to.info("%s", file.name)
            weights = learn(read_questions(), packs(), Path(home) / file.stem, model)
            file.write_text(as_yaml(weights), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
