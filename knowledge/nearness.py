"""How near a question is in meaning to a policy's clauses and to every known way of asking.

There are two ways to tell: the encoder, a small neural network (`encoder.py`), and a table of words (`words.py`) for
where it cannot run. The vectors of the topics' phrasings come with the package (`python -m
knowledge.training.embed_topics` writes them); where they are missing or of other topics they are computed,
which takes seconds.
"""

import hashlib
import logging
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

import numpy as np

from knowledge.clauses import Policy
from knowledge.encoder import FOLDER, Encoder, Encodes, Vectors
from knowledge.meaning import Meaning
from knowledge.topics import Topics
from knowledge.words import FOLDER as WORDS
from knowledge.words import WordTable

PHRASINGS = "phrasings.npz"
"""Beside the model they were made with."""
SHARPNESS = 20.0
"""How fast a topic's share falls with its cosine: the scale of the loss that the encoder was trained with."""
STANDS_OUT = 0.1
"""The share from which a question may be said to be about a topic."""

_log = logging.getLogger(__name__)


class Near(NamedTuple):
    """Cosines of a question: with each clause, in order, and with the nearest phrasing of each topic."""

    clauses: Sequence[float]
    topics: Mapping[str, float]
    shares: Mapping[str, float]
    """How likely it is that the question is about each topic, against the others: they sum to 1."""

    def likeliest(self, most: int = 3) -> tuple[str, ...]:
        """The topics that stand out, likeliest first."""
        ranked = sorted(self.shares, key=lambda topic: -self.shares[topic])[:most]
        return tuple(topic for topic in ranked if self.shares[topic] >= STANDS_OUT)


class Model:
    """The encoder with the topics it knows. Safe to use from several threads."""

    def __init__(
        self, encoder: Encodes, topics: Topics, home: Path | None = None, file: Path = FOLDER / PHRASINGS
    ) -> None:
        """`home` is the private folder that holds the indexes."""
        self._encoder = encoder
        self._meaning = Meaning(encoder, home)
        self._ids = [topic.id for topic in topics.topics]
        self._starts = np.cumsum([0, *(len(topic.asked) + 1 for topic in topics.topics)])[:-1]
        self._phrasings = phrasing_vectors(encoder, topics, file)
        self._preparing: set[str] = set()
        self._lock = Lock()

    @classmethod
    def load(cls, topics: Topics, home: Path | None = None, folder: Path | None = None) -> "Model":
        """The model in `folder`, by default the package's. ModelUnavailable says why not."""
        return cls(Encoder.load(folder), topics, home)

    @classmethod
    def of_words(cls, topics: Topics) -> "Model":
        """The one that needs no neural network, from the package. It is quick enough to keep nothing on disk."""
        return cls(WordTable.load(topics.concepts), topics, None, WORDS / PHRASINGS)

    def ready(self, policy: Policy) -> bool:
        """Whether `near` answers at once for this policy; if not, it is made ready in the background."""
        if self._meaning.at_hand(policy):
            return True
        with self._lock:
            if policy.digest not in self._preparing:
                self._preparing.add(policy.digest)
                Thread(target=self._prepare, args=(policy,), name="prepare-policy").start()
        return False

    def _prepare(self, policy: Policy) -> None:
        try:
            self._meaning.vectors(policy)
        finally:
            with self._lock:
                self._preparing.discard(policy.digest)

    def near(self, policy: Policy, question: str) -> Near:
        """How near the question is to this policy's clauses, and to each topic."""
        direction = self._encoder.encode([question])[0]
        best = np.maximum.reduceat(self._phrasings @ direction, self._starts)
        mass = np.exp(SHARPNESS * (best - best.max()))
        return Near(
            self._meaning.scores(policy, question).tolist(),
            dict(zip(self._ids, best.tolist(), strict=True)),
            dict(zip(self._ids, (mass / mass.sum()).tolist(), strict=True)),
        )


def phrasing_vectors(encoder: Encodes, topics: Topics, file: Path) -> Vectors:
    """(n, d): every phrasing, topic by topic, and what each topic is about."""
    texts, mark = phrasings(topics), _mark(encoder, topics)
    try:
        with np.load(file, allow_pickle=False) as stored:
            if stored["mark"].tobytes() == mark:
                rows = stored["vectors"].astype(np.float32)
                whole: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
                return whole
        _log.warning("%s is of other topics or another model: computing them", file.name)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as damage:
        _log.warning("%s does not open (%s): computing them", file.name, type(damage).__name__)
    return encoder.encode(texts)


def write_phrasings(encoder: Encodes, topics: Topics, file: Path) -> None:
    """Compute and keep them in 8 bits a number, each row by its largest: a cosine changes in its third digit."""
    mark = np.frombuffer(_mark(encoder, topics), dtype=np.uint8)
    vectors = encoder.encode(phrasings(topics))
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9)
    np.savez(file, mark=mark, vectors=np.rint(127 * vectors / largest).astype(np.int8))


def phrasings(topics: Topics) -> list[str]:
    """Every way of asking, topic by topic."""
    return [line for topic in topics.topics for line in (*topic.asked, topic.about)]


def _mark(encoder: Encodes, topics: Topics) -> bytes:
    """What the vectors were made from."""
    return hashlib.sha256("\n".join([encoder.card.digest, *phrasings(topics)]).encode()).digest()
