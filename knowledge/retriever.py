"""A question to ranked clauses of one school's policy, or an honest nothing."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz, process

from knowledge.clauses import Clause, Policy
from knowledge.index import PolicyIndex, open_index, terms

COVERED = 0.34
"""The share of a question's telling words that the best clause must have for an answer."""
SAME_WORD = 84
"""rapidfuzz ratio from which an unknown word is taken for a misspelt word of the policy."""
FORM_FIELD, BARE_LEAD_IN = 0.45, 0.8
"""Form rows and lead-ins without their items seldom answer a question."""
KEPT_OPEN = 64
"""Indexes kept open: cost follows the schools that are talking, not those that exist."""


class Ranked(BaseModel):
    """A clause and how well it fits; scores compare within one answer only."""

    model_config = ConfigDict(frozen=True)

    clause: Clause
    score: float


class Found(BaseModel):
    """What the policy has to say. `ranked` holds up to 10, best first, also when the outcome is
    `not_in_policy`: the nearest clauses, to be shown as such."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["answer", "not_in_policy"]
    ranked: tuple[Ranked, ...] = ()


class WhooshRetriever:
    """BM25F over clause, lead-in and heading, after mending the spelling against the policy's own words."""

    def __init__(self, home: Path) -> None:
        """`home` is the private folder that holds the indexes."""
        self._home = home
        self._open: OrderedDict[str, PolicyIndex] = OrderedDict()
        self._lock = Lock()

    def find(self, policy: Policy, question: str) -> Found:
        """Ranked clauses of this policy; never of another."""
        opened = self._index(policy)
        words = tuple(dict.fromkeys(terms(mended(question, opened.vocabulary))))
        ranked = sorted(
            (Ranked(clause=clause, score=score * _weight(clause)) for clause, score in opened.search(words)),
            key=lambda r: -r.score,
        )[:10]
        if not ranked or _coverage(opened, words, ranked[0].clause) < COVERED:
            return Found(outcome="not_in_policy", ranked=tuple(ranked))
        return Found(outcome="answer", ranked=tuple(ranked))

    def _index(self, policy: Policy) -> PolicyIndex:
        key = f"{policy.school}-{policy.digest}"
        with self._lock:
            if key not in self._open:
                self._open[key] = open_index(policy, self._home)
                if len(self._open) > KEPT_OPEN:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return self._open[key]


def mended(question: str, known: frozenset[str]) -> str:
    """The question with words the policy does not have replaced by its nearest word, if near enough."""
    return " ".join(_mend(word, known) for word in question.casefold().split())


def _mend(word: str, known: frozenset[str]) -> str:
    bare = word.strip(".,;:!?()'\"“”‘’")
    if len(bare) < 4 or bare in known or not bare.isalpha():
        return bare
    nearest = process.extractOne(bare, known, scorer=fuzz.ratio, score_cutoff=SAME_WORD)
    return nearest[0] if nearest else bare


def _weight(clause: Clause) -> float:
    return FORM_FIELD if clause.form_field else BARE_LEAD_IN if clause.is_lead_in else 1.0


def _coverage(opened: PolicyIndex, words: tuple[str, ...], clause: Clause) -> float:
    """The share of the question's words, weighted by how telling they are, that the clause has."""
    has = set(terms(f"{clause.shown} {clause.section.title}"))
    weights = {word: opened.rarity(word) for word in words}
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in has) / total if total else 0.0
