"""Learns `knowledge/weights.yaml` from `questions.txt`, against the five packs.

    python -m knowledge.training.learn_weights

Ranking: softmax over the clauses of a policy, the likelihood of the right clauses raised by
gradient ascent. Answering: logistic regression on `fusion.evidence`, then the threshold with the
best balance of answers and abstentions. Both with a pull towards zero, in plain Python: a minute or
two. The order of work is fixed, so the same files give the same weights.
"""

import logging
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from math import exp, log
from pathlib import Path
from typing import NamedTuple

from knowledge.clauses import Policy
from knowledge.fusion import FILE, FILE_WITH_MODEL, Weights, evidence, probability, score
from knowledge.importers import parse_policy_md
from knowledge.nearness import Model, Near
from knowledge.retriever import SHOWN, WhooshRetriever
from knowledge.signals import signals, topic_scores
from knowledge.topics import default_topics

QUESTIONS = Path(__file__).with_name("questions.txt")
SCHOOLS = Path(__file__).resolve().parent.parent / "schools"
ROUNDS, STEP, PULL = 150, 0.5, 0.002
ANSWERING_ROUNDS, ANSWERING_STEP, ANSWERING_PULL = 3000, 0.5, 0.004
UNSURE = Weights(ranking={"topic": 3.0, "concepts": 1.0, "says": 1.5, "form_row": -1.0}, answering={})
"""Where ranking starts from."""

log_to = logging.getLogger(__name__)
Example = Mapping[str, float]


class Question(NamedTuple):
    """A training question; no keys means that the policy is silent."""

    school: str
    keys: tuple[str, ...]
    text: str


def read_questions(path: Path = QUESTIONS) -> list[Question]:
    """The questions of a file: `school | key, key | question`, `-` where the policy is silent."""
    questions: list[Question] = []
    for line in path.read_text(encoding="utf-8").splitlines():
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
    near: Near | None
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
        right = frozenset(policy.clauses.index(policy.by_key(key)) for key in question.keys)
        near = retriever.near(policy, asked)
        seen.append(Seen(question, about, near, signals(view, asked, about, near), right))
    return seen


def learn_ranking(seen: Sequence[Seen], start: Mapping[str, float]) -> dict[str, float]:
    """Weights that raise the share of the right clauses in a softmax over all candidates."""
    weights = dict(start)
    lessons = [s for s in seen if s.right & s.clauses.keys()]
    pace: dict[str, float] = {}
    for _ in range(ROUNDS):
        slope = {name: -PULL * len(lessons) * w for name, w in weights.items()}
        for lesson in lessons:
            for name, pull in _ranking_slope(lesson, weights).items():
                slope[name] = slope.get(name, 0.0) + pull
        for name, s in slope.items():
            pace[name] = pace.get(name, 1e-6) + s * s
            weights[name] = weights.get(name, 0.0) + STEP * s / pace[name] ** 0.5
    return weights


def _ranking_slope(lesson: Seen, weights: Mapping[str, float]) -> dict[str, float]:
    """How the log share of the right clauses grows with each weight."""
    scores = {p: score(found, weights) for p, found in lesson.clauses.items()}
    top = max(scores.values())
    mass = {p: exp(s - top) for p, s in scores.items()}
    total, right = sum(mass.values()), sum(mass[p] for p in lesson.right if p in mass)
    slope: dict[str, float] = {}
    for p, found in lesson.clauses.items():
        pull = (mass[p] / right if p in lesson.right else 0.0) - mass[p] / total
        if abs(pull) > 1e-4:
            for name, value in found.items():
                slope[name] = slope.get(name, 0.0) + pull * value
    return slope


def learn_answering(examples: Sequence[tuple[Example, bool]]) -> dict[str, float]:
    """Logistic weights telling answered from silent; both kinds count the same in all."""
    weights: dict[str, float] = {}
    share = sum(answered for _, answered in examples) / len(examples)
    for round_ in range(ANSWERING_ROUNDS):
        slope: dict[str, float] = {}
        for found, answered in examples:
            miss = (answered - probability(found, weights)) * (0.5 / share if answered else 0.5 / (1 - share))
            for name, value in found.items():
                slope[name] = slope.get(name, 0.0) + miss * value / len(examples)
        step = ANSWERING_STEP / (1 + round_ / ANSWERING_ROUNDS)
        for name, s in slope.items():
            pull = 0.0 if name == "bias" else ANSWERING_PULL * weights.get(name, 0.0)
            weights[name] = weights.get(name, 0.0) + step * 4 * (s - pull)
    return weights


def best_threshold(examples: Sequence[tuple[Example, bool]], weights: Mapping[str, float]) -> float:
    """The probability that gives the best F1 of abstentions."""
    chances = [(probability(found, weights), answered) for found, answered in examples]
    tried = [n / 100 for n in range(20, 81)]
    return max(tried, key=lambda t: (abstention_f1(chances, t), -abs(t - 0.5)))


def abstention_f1(chances: Sequence[tuple[float, bool]], threshold: float) -> float:
    """F1 of "the policy does not say", given chances of an answer and whether there is one."""
    told = [answered for chance, answered in chances if chance < threshold]
    hits = told.count(False)
    silent = sum(not answered for _, answered in chances)
    return 2 * hits / (len(told) + silent) if told or silent else 1.0


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
    threshold = best_threshold(examples, answering)
    chances = [(probability(found, answering), answered) for found, answered in examples]
    log_to.info("abstention F1 %.3f at %.2f", abstention_f1(chances, threshold), threshold)
    log_to.info("log loss %.3f", log_loss(examples, answering))
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
