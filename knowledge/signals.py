"""What speaks for a clause as the answer to a question: one number for each reason, about 0 to 1.

How much each reason counts is learned (`knowledge/training/learn_weights.py`) and kept in
`weights.yaml`; every name here is a line there.
"""

from collections.abc import Iterable, Mapping
from math import exp

from knowledge.asking import MOMENTS, ROLES, Asked
from knowledge.index import ASKED_AS, CONCEPTS, WORDS, terms
from knowledge.nearness import Near
from knowledge.view import ClauseView, PolicyView

PART_OF_WHOLE = 0.9
"""What one sentence of a longer question counts against the whole."""
CANDIDATES = 60
"""How many clauses are looked at closely: the best by each search, and those of the best topics."""
TOPICS_LOOKED_AT = 12
NEAREST = 30
SHARPNESS = 20.0
"""How fast a topic's share falls with its score."""


def topic_scores(view: PolicyView, asked: Asked) -> dict[str, float]:
    """How much the question is about each topic: as a whole, or in its best sentence."""
    scores = view.topics.scores(asked.tokens)
    for part in asked.parts:
        for topic, score in view.topics.scores(part).items():
            scores[topic] = max(scores.get(topic, 0.0), PART_OF_WHOLE * score)
    return scores


def shares(about: Mapping[str, float]) -> dict[str, float]:
    """How likely it is that the question is about each topic, against the others: they sum to 1."""
    mass = {topic: exp(SHARPNESS * score) for topic, score in about.items()}
    total = sum(mass.values())
    return {topic: value / total for topic, value in mass.items()}


def signals(
    view: PolicyView, asked: Asked, about: Mapping[str, float], near: Near
) -> dict[int, dict[str, float]]:
    """The signals of every clause worth looking at, by its position. `about` is `topic_scores`, `near`
    is `nearness`."""
    searched = {
        "words": _relative(view.index.search(tuple(dict.fromkeys(terms(asked.text))), WORDS)),
        "concepts": _relative(view.index.search(tuple(dict.fromkeys(asked.tokens)), CONCEPTS)),
        "asked_as": _relative(view.index.search(tuple(dict.fromkeys(asked.tokens)), ASKED_AS)),
    }
    best = max((about[t] for t in view.covered if t in about), default=0.0)
    likely = shares(about)
    weights = _telling(view, asked)
    meant = {token: view.telling(token) for token in view.topics.concepts.widened(asked.tokens)}
    nearest = max(near.clauses, default=0.0), max(near.topics.values(), default=0.0)
    found: dict[int, dict[str, float]] = {}
    for position in _candidates(view, searched.values(), about, near):
        clause = view.clauses[position]
        topic = max((about.get(t, 0.0) * strength for t, strength in clause.tags.items()), default=0.0)
        found[position] = {
            **{name: scores.get(position, 0.0) for name, scores in searched.items()},
            "topic": topic,
            "topic_best": topic / best if best else 0.0,
            "topic_share": sum(likely.get(t, 0.0) * strength for t, strength in clause.tags.items()),
            **_overlap(view, weights, meant, clause),
            **_fitting(asked, clause),
            **_meant(near, clause, position, *nearest),
        }
    return found


def _meant(
    near: Near, clause: ClauseView, position: int, nearest: float, nearest_topic: float
) -> dict[str, float]:
    """How near the clause is in meaning, itself and by the topics it rules on, against the nearest of all."""
    mine = near.clauses[position]
    topic = max((near.topics[t] * strength for t, strength in clause.tags.items()), default=0.0)
    return {
        "near": mine,
        "near_best": mine - nearest,
        "near_topic": topic,
        "near_topic_best": topic - nearest_topic,
        "near_topic_share": sum(near.shares[t] * strength for t, strength in clause.tags.items()),
    }


def coverage(view: PolicyView, asked: Asked, has: frozenset[str]) -> float:
    """The share of the question's tokens, by how telling they are, that `has` contains."""
    return _share(_telling(view, asked), has)


def _telling(view: PolicyView, asked: Asked) -> dict[str, float]:
    return {token: view.telling(token) for token in asked.tokens}


def _share(weights: Mapping[str, float], has: frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(w for token, w in weights.items() if token in has) / total if total else 0.0


def _candidates(
    view: PolicyView,
    searched: Iterable[Mapping[int, float]],
    about: Mapping[str, float],
    near: Near,
) -> Iterable[int]:
    leading = sorted((t for t in about if t in view.covered), key=lambda t: -about[t])[:TOPICS_LOOKED_AT]
    chosen = {p for topic in leading for p in view.tagged.get(topic, ())}
    chosen.update(sorted(range(len(near.clauses)), key=lambda p: -near.clauses[p])[:NEAREST])
    closest = sorted(near.topics, key=lambda t: -near.topics[t])[:TOPICS_LOOKED_AT]
    chosen.update(p for topic in closest for p in view.tagged.get(topic, ()))
    for scores in searched:
        chosen.update(sorted(scores, key=lambda p: -scores[p])[:CANDIDATES])
    return sorted(chosen - view.bare)


def _relative(scores: Mapping[int, float]) -> dict[int, float]:
    top = max(scores.values(), default=0.0)
    return {position: score / top for position, score in scores.items()} if top else {}


def _overlap(
    view: PolicyView, weights: Mapping[str, float], meant: Mapping[str, float], clause: ClauseView
) -> dict[str, float]:
    """How much of the question the clause says, itself and with its surroundings, and the reverse. `meant`: the
    question's tokens with what they are kinds of."""
    own = view.weight(clause)
    shared = sum(w for token, w in meant.items() if token in clause.text)
    return {
        "says": _share(weights, clause.text),
        "says_around": _share(weights, clause.around),
        "to_the_point": shared / own if own else 0.0,
    }


def _fitting(asked: Asked, clause: ClauseView) -> dict[str, float]:
    """Who about whom, what kind of answer, and what kind of clause."""
    seeks_form = "#form" in asked.tokens
    return {
        "subject": _agree(asked.subject, clause.subject),
        "whom": _same_people(asked.whom - {"staff"}, clause.whom - {"staff"}),
        "names_role": float(asked.kind == "who" and bool(clause.text & ROLES)),
        "role_above": float(asked.kind == "who" and bool(clause.around & ROLES) and not clause.text & ROLES),
        "names_moment": float(asked.kind == "when" and bool(clause.text & MOMENTS)),
        "form_row": float(clause.clause.form_field and not seeks_form),
        "form_row_sought": float(clause.clause.form_field and seeks_form),
        "scrap": float(clause.size <= 2),
    }


def _same_people(asked: frozenset[str], clause: frozenset[str]) -> float:
    """1 when both deal with pupils, or both with parents; -1 when one does and the other does not."""
    return 0.0 if not asked or not clause else 1.0 if asked & clause else -1.0


def _agree(one: str, other: str) -> float:
    return 0.0 if not one or not other else 1.0 if one == other else -1.0
