"""How well an exported model, Whoosh's BM25F and both together find the clauses of `pairs/`.

    python -m knowledge.training.measure_encoder MODEL...

Each MODEL is a folder in the shape of `knowledge/model/`. One table a slice: what training kept back
by policy, by voice, by both, by area, and what it saw. Clauses of kin areas are left out of the
ranking, as nobody has said whether they answer.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Encoder
from knowledge.index import WORDS, PolicyIndex, open_index, terms
from knowledge.meaning import Meaning
from knowledge.training.pairs import HELD_OUT_POLICIES, HELD_OUT_VOICES, Pairs, kept_back, read_pairs

SMALLEST = 8
"""A policy of fewer clauses is no test of ranking."""
BLENDS = (0.5, 0.7, 0.8, 0.9)
Scores = NDArray[np.float32]


class Case(NamedTuple):
    """A question put to one policy."""

    slice: str
    policy: str
    question: str
    right: frozenset[int]
    doubtful: frozenset[int]


def cases(pairs: Pairs) -> Iterator[Case]:
    """Every question against every policy that answers it."""
    back = kept_back(pairs)
    for area in pairs.areas.values():
        doubtful = pairs.doubtful(area)
        for policy in sorted({policy for policy, _ in area.answers}):
            if len(pairs.policies[policy].clauses) < SMALLEST:
                continue
            right = frozenset(position for p, position in area.answers if p == policy)
            unsure = frozenset(position for p, position in doubtful if p == policy)
            for voice, question in area.asks:
                kept = (policy in HELD_OUT_POLICIES, voice in HELD_OUT_VOICES)
                name = "area" if area.name in back else _SLICES[kept]
                yield Case(name, policy, question, right, unsure)


_SLICES = {
    (False, False): "seen",
    (True, False): "policy",
    (False, True): "voice",
    (True, True): "policy and voice",
}


def rank(scores: Scores, case: Case) -> int:
    """The place of the best right clause, from 1; ties count against it."""
    best = max(scores[position] for position in case.right)
    others = (s for i, s in enumerate(scores) if i not in case.right and i not in case.doubtful)
    return 1 + sum(1 for score in others if score >= best)


def word_scores(index: PolicyIndex, question: str) -> Scores:
    """(number of clauses,): BM25F, 0 where no word is shared."""
    scores = np.zeros(len(index.policy.clauses), dtype=np.float32)
    for position, score in index.search(terms(question), WORDS).items():
        scores[position] = score
    return scores


def blended(words: Scores, meaning: Scores, share: float) -> Scores:
    """`share` of meaning and the rest of words, each brought to 0..1 over the policy's clauses."""
    return (1 - share) * _spread(words) + share * _spread(meaning)


def reciprocal(words: Scores, meaning: Scores, steepness: float = 20.0) -> Scores:
    """Reciprocal rank fusion; a clause without a shared word gets nothing from words."""
    total = np.zeros_like(words)
    for scores in (words, meaning):
        places = np.empty(len(scores), dtype=np.int64)
        places[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
        total += np.where(scores > 0, 1 / (steepness + places), 0).astype(np.float32)
    return total


def _spread(scores: Scores) -> Scores:
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)


def measure(pairs: Pairs, models: Sequence[Path], home: Path) -> dict[str, dict[str, list[int]]]:
    """Ranks by method and slice."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    indexes = {name: open_index(policy, home) for name, policy in pairs.policies.items()}
    meanings = {model.name: Meaning(Encoder.load(model)) for model in models}
    for case in cases(pairs):
        policy = pairs.policies[case.policy]
        words = word_scores(indexes[case.policy], case.question)
        found["BM25F"][case.slice].append(rank(words, case))
        for name, model in meanings.items():
            near = model.scores(policy, case.question)
            found[name][case.slice].append(rank(near, case))
            for share in BLENDS:
                found[f"{name} {share:.1f} + BM25F"][case.slice].append(
                    rank(blended(words, near, share), case)
                )
            found[f"{name} RRF BM25F"][case.slice].append(rank(reciprocal(words, near), case))
    return found


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="+")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        found = measure(read_pairs(), given.models, Path(home))
    slices = ("policy", "voice", "policy and voice", "area", "seen")
    sizes = {name: len(found["BM25F"][name]) for name in slices}
    heads = "".join(f"{f'{name} ({size})':>26}" for name, size in sizes.items())
    sys.stdout.write(f"{'MRR, hit@1':<30}{heads}\n")
    for method, ranks in found.items():
        cells = (np.array(ranks[name]) for name in slices)
        row = "".join(f"{np.mean(1 / r):>19.3f}, {np.mean(r == 1):.3f}" for r in cells)
        sys.stdout.write(f"{method:<30}{row}\n")


if __name__ == "__main__":
    main()
