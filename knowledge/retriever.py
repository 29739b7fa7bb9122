"""A question to ranked clauses of one school's policy, or an honest nothing."""

import hashlib
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import BaseModel, ConfigDict

from knowledge.asking import Asked, read_question
from knowledge.clauses import Clause, Policy
from knowledge.fusion import Weights, default_weights, evidence, probability, score
from knowledge.kept import Kept
from knowledge.nearness import Model, Near
from knowledge.signals import signals, topic_scores
from knowledge.topics import Topics, default_topics
from knowledge.view import PolicyView

SHOWN = 10
"""How many clauses an answer ranks."""
KEPT_FOUND = 256
"""Questions of which it is kept in memory what was found: people ask in the same few words."""
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
    about: tuple[str, ...] = ()
    """The topics the question seems to be about, likeliest first; up to 3, none when it is about nothing known."""


class WhooshRetriever:
    """BM25F over words, concepts and known ways of asking, fused with topics, audience and kind."""

    def __init__(
        self,
        home: Path,
        topics: Topics | None = None,
        weights: Weights | None = None,
        model: Model | None = None,
        patient: bool = True,
    ) -> None:
        """`home` is the private folder that holds the indexes. `model` is the encoder; the table of words
        stands in for it where there is none, and, unless the retriever is `patient`, while a policy is
        being made ready for it."""
        self._home = home
        self._topics = topics or default_topics()
        self._model = model
        self._words = words_of(self._topics)
        self._patient = patient
        self._weights = weights
        self._open = Kept[PolicyView](KEPT_OPEN)
        self._found: OrderedDict[bytes, Found] = OrderedDict()
        self._lock = Lock()

    def find(self, policy: Policy, question: str) -> Found:
        """Ranked clauses of this policy; never of another."""
        model = self._at_hand(policy)
        way = f"{policy.school}-{policy.digest}-{model is self._model}"
        known = hashlib.sha256(
            f"{way}\0{question}".encode(errors="surrogatepass")
        ).digest()  # not what was typed
        with self._lock:
            if known in self._found:
                self._found.move_to_end(known)
                return self._found[known]
        found = self._looked_up(policy, question, model)
        with self._lock:
            self._found[known] = found
            if len(self._found) > KEPT_FOUND:
                self._found.popitem(last=False)
        return found

    def _looked_up(self, policy: Policy, question: str, model: Model) -> Found:
        view = self.view(policy)
        asked = self.asked(view, question)
        about = topic_scores(view, asked)
        near = model.near(policy, asked.text)
        weights = self._weights or default_weights(with_model=model is self._model)
        scored = {
            position: (score(found, weights.ranking), found)
            for position, found in signals(view, asked, about, near).items()
        }
        order = sorted(scored, key=lambda position: (-scored[position][0], position))[:SHOWN]
        known = evidence(view, asked, about, [(p, scored[p][1]) for p in order], near)
        answers = bool(order) and probability(known, weights.answering) >= weights.threshold
        return Found(
            outcome="answer" if answers else "not_in_policy",
            ranked=tuple(Ranked(clause=view.clauses[p].clause, score=scored[p][0]) for p in order),
            about=near.likeliest(),
        )

    def asked(self, view: PolicyView, question: str) -> Asked:
        """The question, its spelling mended against this policy's words, as concepts."""
        return read_question(view.speller.mended(question), self._topics.concepts)

    def near(self, policy: Policy, asked: Asked) -> Near:
        """How near the question is in meaning."""
        return self._at_hand(policy).near(policy, asked.text)

    def _at_hand(self, policy: Policy) -> Model:
        if self._model and (self._patient or self._model.ready(policy)):
            return self._model
        return self._words

    def view(self, policy: Policy) -> PolicyView:
        """The policy read, tagged and indexed; kept for the schools in use. Whoever asks for another policy
        meanwhile does not wait."""
        return self._open.of(policy, lambda policy: PolicyView(policy, self._topics, self._home))


@lru_cache(maxsize=4)
def words_of(topics: Topics) -> Model:
    """The table of words with these topics, read once."""
    return Model.of_words(topics)
