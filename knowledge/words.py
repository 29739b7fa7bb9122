"""Text to vectors without a neural network: a vector for each word and concept, added up.

`knowledge/wordtable/` holds them. They were fitted (`knowledge/training/distil_encoder.py`) so that their sum points
where the encoder's vector of a whole text points; that keeps most of what it knows of school
staff's ways of saying things, for a machine or a moment where the encoder cannot run.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.concepts import Concepts, stem, words
from knowledge.encoder import ModelCard, Vectors, checked, read_card

FOLDER = Path(__file__).with_name("wordtable")
TABLE = "words.npz"


class WordTable:
    """A table of vectors for what a text is made of. Immutable: safe in several threads."""

    def __init__(
        self, card: ModelCard, names: Iterable[str], vectors: NDArray[np.float32], concepts: Concepts
    ):
        """`vectors`: (n, d), one row for each of `names`, which are `parts` of texts."""
        self.card = card
        self._concepts = concepts
        self._rows = {name: row for row, name in enumerate(names)}
        self._vectors = vectors

    @classmethod
    def load(cls, concepts: Concepts, folder: Path = FOLDER) -> "WordTable":
        """The table in `folder`. ModelUnavailable when a file is missing or not the one its card describes."""
        card = read_card(folder)
        with np.load(BytesIO(checked(folder, TABLE, card)), allow_pickle=False) as stored:
            names = stored["names"].tobytes().decode().split("\n")
            vectors = (
                stored["vectors"].astype(np.float32) * stored["scales"].astype(np.float32)[:, np.newaxis]
            )
        return cls(card, names, vectors, concepts)

    def encode(self, texts: Sequence[str], *, keep: bool = True) -> Vectors:
        """One row for each text, unit length; all zeros for a text of which no word is known. Nothing is
        kept in memory, whatever `keep` says."""
        return np.stack([self._run(text) for text in texts]) if texts else self._nothing(0)

    def _run(self, text: str) -> Vectors:
        known = [self._rows[part] for part in parts(text, self._concepts) if part in self._rows]
        total: Vectors = self._vectors[known].sum(axis=0)
        length = float(np.linalg.norm(total))
        return total / np.float32(length) if length else self._nothing(1)[0]

    def _nothing(self, rows: int) -> Vectors:
        return np.zeros((rows, self.card.dimensions), dtype=np.float32)


def parts(text: str, concepts: Concepts) -> tuple[str, ...]:
    """What a text is made of, each once, in a fixed order: its concepts and what they are kinds of, pairs
    of neighbours (`#parent #friend-request`), and every word's stem (`=add`)."""
    return tuple(dict.fromkeys(_parts(text, concepts)))


def _parts(text: str, concepts: Concepts) -> Iterator[str]:
    tokens = concepts.read(text)
    yield from sorted(concepts.widened(tokens))
    yield from (f"{one} {other}" for one, other in pairwise(tokens))
    yield from (f"={stem(word)}" for word in words(text))
