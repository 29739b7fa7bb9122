"""Fits `knowledge/wordtable/`: vectors of words and concepts whose sum points where the encoder points.

    python -m knowledge.training.distil_encoder

Ridge regression of the encoder's vectors, brought down to 128 numbers, on what each text is made of
(`knowledge.words.parts`). Texts: everything written for training here, and pieces cut out of it, so that a
word's share shows. Four minutes on one core, nearly all of them for the encoder; seeds are fixed.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import log

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.concepts import default_concepts
from knowledge.encoder import CARD, Encoder, ModelCard
from knowledge.meaning import sides
from knowledge.topics import load_topics
from knowledge.training.learn_weights import read_questions
from knowledge.training.pairs import read_pairs
from knowledge.words import FOLDER, TABLE, parts

DIMENSIONS = 128
SEEN_IN = 3
"""In how many texts a part must stand to get a vector."""
PULL = 1.0
STEPS = 40
CUT, SHORTEST, LONGEST = 2, 2, 12
"""Pieces cut out of each text, and their length in words."""


def texts() -> list[str]:
    """Every text to learn from, once."""
    return list(dict.fromkeys(text.strip() for text in _written() if text.strip()))


def _written() -> Iterator[str]:
    for topic in load_topics().topics:
        yield from (*topic.asked, topic.about)
    pairs = read_pairs()
    yield from (ask.question for area in pairs.areas.values() for ask in area.asks)
    yield from (text for both in pairs.general for text in both)
    yield from (question.text for question in read_questions())
    for policy in pairs.policies.values():
        for clause in policy.clauses:
            yield from sides(clause)


def pieces(whole: Iterable[str]) -> list[str]:
    """Pieces of the texts, two or more words long."""
    chance = random.Random(7)
    found: dict[str, None] = {}
    for text in whole:
        said = text.split()
        for _ in range(CUT if len(said) > SHORTEST + 1 else 0):
            length = chance.randint(SHORTEST, min(len(said) - 1, LONGEST))
            start = chance.randrange(len(said) - length + 1)
            found[" ".join(said[start : start + length])] = None
    return list(found)


def fit(rows: csr_matrix, wanted: np.ndarray) -> np.ndarray:
    """(parts, dimensions): conjugate gradients on the normal equations."""
    weights = np.zeros((rows.shape[1], wanted.shape[1]), dtype=np.float32)
    rest = rows.T @ wanted
    way, size = rest.copy(), (rest * rest).sum(axis=0)
    for _ in range(STEPS):
        bent = rows.T @ (rows @ way) + PULL * way
        step = size / (way * bent).sum(axis=0)
        weights += step * way
        rest -= step * bent
        smaller = (rest * rest).sum(axis=0)
        way, size = rest + smaller / size * way, smaller
    return weights


def learn(learnt: Sequence[str], vectors: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The parts that get a vector, and their vectors, weighted by how telling each is."""
    concepts = default_concepts()
    made_of = [parts(text, concepts) for text in learnt]
    counted = Counter(part for made in made_of for part in made)
    names = sorted(part for part, n in counted.items() if n >= SEEN_IN)
    place = {name: column for column, name in enumerate(names)}
    telling = np.array([log(1 + len(learnt) / (counted[name] + 1)) for name in names], dtype=np.float32)
    starts, columns, values = [0], [], []
    for made in made_of:
        here = [place[part] for part in made if part in place]
        weights = telling[here] / max(float(np.linalg.norm(telling[here])), 1e-9)
        columns += here
        values += weights.tolist()
        starts.append(len(columns))
    rows = csr_matrix((values, columns, starts), shape=(len(learnt), len(names)), dtype=np.float32)
    directions = np.linalg.eigh(vectors.T @ vectors)[1][:, ::-1][:, :DIMENSIONS]
    return names, fit(rows, (vectors @ directions).astype(np.float32)) * telling[:, np.newaxis]


def main() -> None:
    """Writes the table and its card."""
    encoder = Encoder.load()
    whole = texts()
    learnt = list(dict.fromkeys((*whole, *pieces(whole))))
    names, vectors = learn(learnt, encoder.encode(learnt, keep=False))
    scales = np.abs(vectors).max(axis=1) / 127
    small = np.rint(vectors / np.maximum(scales, 1e-12)[:, np.newaxis]).astype(np.int8)
    FOLDER.mkdir(exist_ok=True)
    listed = np.frombuffer("\n".join(names).encode(), dtype=np.uint8)
    np.savez_compressed(FOLDER / TABLE, names=listed, vectors=small, scales=scales.astype(np.float32))
    card = ModelCard(
        name="policy-clerk-words",
        recipe="distilled-1",
        base=f"{encoder.card.name}, {encoder.card.recipe}",
        licence=encoder.card.licence,
        dimensions=DIMENSIONS,
        max_tokens=10_000,
        files={TABLE: hashlib.sha256((FOLDER / TABLE).read_bytes()).hexdigest()},
    )
    (FOLDER / CARD).write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print(f"{len(learnt)} texts, {len(names)} parts, {(FOLDER / TABLE).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
