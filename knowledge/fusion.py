"""Many signals to one score, and the decision whether the policy speaks to the question at all."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import exp
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from knowledge.asking import Asked
from knowledge.nearness import Near
from knowledge.signals import coverage, shares
from knowledge.view import PolicyView

FILE = Path(__file__).with_name("weights.yaml")
FOREIGN = 0.4
"""A cosine below which no clause of a policy has to do with a question."""
FILE_WITH_MODEL = Path(__file__).with_name("weights-with-model.yaml")


class Weights(BaseModel):
    """`weights.yaml`: written by `knowledge/training/learn_weights.py`, not by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ranking: dict[str, float]
    """By signal name; a signal without a line counts nothing."""
    answering: dict[str, float]
    """Logistic: the log-odds that the policy answers, from `evidence`, with a `bias`."""
    threshold: float = 0.5
    """The probability from which the clerk answers."""


@cache
def default_weights(with_model: bool = False) -> Weights:
    """The package's own weights, read once: one set for the encoder, one for the table of words."""
    file = FILE_WITH_MODEL if with_model else FILE
    return Weights.model_validate(YAML(typ="safe").load(file.read_text(encoding="utf-8")))


def score(signals: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The weighted sum of a clause's signals."""
    return sum(weights.get(name, 0.0) * value for name, value in signals.items())


def evidence(
    view: PolicyView,
    asked: Asked,
    about: Mapping[str, float],
    ranked: Sequence[tuple[int, Mapping[str, float]]],
    near: Near,
) -> dict[str, float]:
    """What shows whether this policy rules on the matter.

    `lead` is how much more the question is about a topic that some clause rules on than about one
    that none does; below zero it speaks for silence. The topic that the first clause has, and how
    much of the question that clause says, speak for an answer. Nothing here looks at another
    school's policy.
    """
    if not ranked:
        return {"bias": 1.0}
    first = view.clauses[ranked[0][0]]
    covered = max((about.get(t, 0.0) * strength for t, strength in view.covered.items()), default=0.0)
    silent = max((value for topic, value in about.items() if topic not in view.covered), default=0.0)
    mine = ranked[0][1]
    return {
        "bias": 1.0,
        "topic": mine["topic"],
        "lead": covered - silent,
        "topic_share": mine["topic_share"],
        "share_in_policy": sum(share * view.covered.get(t, 0.0) for t, share in shares(about).items()),
        "says": coverage(view, asked, first.tokens),
        "said_anywhere": coverage(view, asked, view.said),
        "to_the_point": mine["to_the_point"],
        "brief": float(len(set(asked.tokens)) <= 1),
        **_meant(view, ranked, near),
    }


def _meant(
    view: PolicyView, ranked: Sequence[tuple[int, Mapping[str, float]]], near: Near
) -> dict[str, float]:
    """The same by meaning: the nearest topic that no clause rules on, against the nearest that one does."""
    covered = max((near.topics[t] * strength for t, strength in view.covered.items()), default=0.0)
    silent = max((value for topic, value in near.topics.items() if topic not in view.covered), default=0.0)
    return {
        "near": near.clauses[ranked[0][0]],
        "near_any": max(near.clauses),
        "near_nothing": max(0.0, FOREIGN - max(near.clauses)),
        "near_topic": ranked[0][1].get("near_topic", 0.0),
        "near_covered": covered,
        "near_silent": silent,
        "near_silent_leads": max(0.0, silent - covered),
        "share_covered": sum(near.shares[t] * strength for t, strength in view.covered.items()),
        "share_mine": ranked[0][1].get("near_topic_share", 0.0),
    }


def probability(found: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """How likely it is that the policy answers, 0 to 1."""
    return 1.0 / (1.0 + exp(-sum(weights.get(name, 0.0) * value for name, value in found.items())))
