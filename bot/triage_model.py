"""The learnt half of the triage: a text to the chance of each level. Numbers only, no pickle.

It reads a text twice: by its nearness in meaning (`knowledge/encoder.py`) to each message it learnt from,
kept as vectors, and by its words and pieces of words. Without the encoder it goes by the words alone, less
well. `bot/training/train_triage.py` makes the weights; the hash in `triage.json` has to fit the file, or
nothing is loaded.
"""

import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from bot.model import Model

FOLDER = Path(__file__).with_name("triage_weights")
WEIGHTS, CARD = "triage.npz", "triage.json"
LEVELS = ("emergency", "dsl", "headteacher", "none")
"""The columns, gravest first."""
STAFF = 0.6
"""From this share of the chance of any concern on it is one about staff, however urgent it sounds: that card
begins with 999 as well, and names the right people."""
BUCKETS = 1 << 15
"""Into how many columns pieces of words are hashed."""

KNOWN_SCALE = 400.0
"""Entries of known vectors are kept as whole numbers of this fraction, one byte each."""

Numbers = NDArray[np.float32]


class WeightsUnavailable(Exception):
    """The weights cannot be used; the message is for the person who runs `policyclerk check`."""


class Encodes(Protocol):
    """What the triage needs of an encoder."""

    def encode(self, texts: Sequence[str], *, keep: bool) -> Numbers:
        """One unit-length row a text; without `keep`, none of them stays in memory."""


class Cuts(Model):
    """From which chance on something is said; chosen on cross-validated training messages."""

    card: float
    unsure: float
    emergency: float
    """The share of the chance of any concern from which it is taken for an emergency."""


class ModelCard(Model):
    """What `triage.json` says. `encoder`: digest of the encoder the first weights were learnt with."""

    encoder: str
    sha256: str
    messages: int
    nearness: float
    """How fast a known message's say fades with distance."""
    with_meaning: Cuts
    words_only: Cuts


class TriageModel:
    """Loaded weights. Only read after loading, so any number of threads may use one."""

    def __init__(self, card: ModelCard, weights: dict[str, Numbers]) -> None:
        self.card = card
        self._weights = weights

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "TriageModel":
        """The weights in `folder`. WeightsUnavailable says why not."""
        try:
            card = ModelCard.model_validate_json((folder / CARD).read_bytes())
            content = (folder / WEIGHTS).read_bytes()
        except OSError as missing:
            raise WeightsUnavailable(f"{folder} has no readable {CARD} and {WEIGHTS}") from missing
        except ValidationError as wrong:
            raise WeightsUnavailable(f"{folder / CARD} is not a description of weights") from wrong
        if hashlib.sha256(content).hexdigest() != card.sha256:
            raise WeightsUnavailable(
                f"{folder / WEIGHTS} is not the file that {CARD} describes: its sha256 differs"
            )
        with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
            weights = {name: stored[name].astype(np.float32) for name in stored.files}
        return cls(card, weights)

    def chances(self, texts: Sequence[str], vectors: Numbers | None) -> Numbers:
        """(n, 4): the chance of each of LEVELS for each text. `vectors` None: by the words alone."""
        kind = "words" if vectors is None else "meaning"
        scores = np.stack([self._word_scores(text, self._weights[f"{kind}_pieces"]) for text in texts])
        if vectors is not None:
            # Not `@`: so small a product is slower when several threads share it on a busy machine.
            near = np.einsum("nd,kd->nk", vectors, self._weights["known"]) / KNOWN_SCALE
            scores = scores + np.exp(self.card.nearness * (near - 1)) @ self._weights["near"]
        return softmax(scores)

    @staticmethod
    def _word_scores(text: str, pieces: Numbers) -> Numbers:
        columns, values = hashed(text)
        scores: Numbers = values @ pieces[columns]
        return scores


def softmax(scores: Numbers) -> Numbers:
    """Rows that add up to one."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Numbers = raised / raised.sum(axis=1, keepdims=True)
    return chances


def hashed(text: str) -> tuple[NDArray[np.int64], Numbers]:
    """Columns and values (unit length together) of the words, pairs of words and pieces of words."""
    words = re.findall(r"[a-z0-9']+|[?!]", tidied(text).casefold())
    pieces = Counter[str](words)
    pieces.update(f"{a} {b}" for a, b in zip(["^", *words], [*words, "$"], strict=True))
    for word in (f"<{word}>" for word in words if len(word) > 3):
        pieces.update(f"#{word[i : i + 4]}" for i in range(len(word) - 3))
    columns = np.array([zlib.crc32(piece.encode()) % BUCKETS for piece in pieces], dtype=np.int64)
    values = np.sqrt(np.array(list(pieces.values()), dtype=np.float32))
    return columns, (values / np.sqrt((values**2).sum())).astype(np.float32)


def tidied(text: str) -> str:
    """The text with staff's shorthand written out, so that `yr9`, `Y9` and `year 9` are one thing."""
    text = re.sub(r"\s+", " ", text.replace("’", "'").replace("‘", "'")).strip()
    for pattern, plain in _SHORTHAND:
        text = pattern.sub(plain, text)
    return text


_SHORTHAND = tuple(
    (re.compile(pattern, flags), plain)
    for pattern, plain, flags in (
        (r"\by(?:ea)?r?s? ?(\d{1,2})('?s)?\b", r"year \1\2", re.IGNORECASE),
        (r"\bHTs?\b|\bht\b", "headteacher", 0),
        (r"\bTA('?s)?\b", r"teaching assistant\1", 0),
        (r"\bY(\d)\b", r"year \1", 0),
        (r"\b(he|she|it|that|what|who|there)s\b", r"\1's", re.IGNORECASE),
        (r"\b(ca|do|wo|is|are|was|did|does|could|would|should|has|have)nt\b", r"\1n't", re.IGNORECASE),
        (r"\bim\b", "I'm", re.IGNORECASE),
        (r"\bive\b", "I've", re.IGNORECASE),
        (r"\btheyre\b", "they're", re.IGNORECASE),
        (r"\b(pls|plz)\b", "please", re.IGNORECASE),
        (r"\bkys\b", "kill yourself", re.IGNORECASE),
        (r"\bu\b", "you", re.IGNORECASE),
    )
)


def describe(card: ModelCard) -> str:
    """The text of `triage.json`."""
    return json.dumps(card.model_dump(), indent=2) + "\n"
