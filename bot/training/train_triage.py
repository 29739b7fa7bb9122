"""Learn the triage's weights: `python -m bot.training.train_triage [--look]`.

Kernel ridge regression: a text is judged by its nearness in meaning to every message learnt from, and by
its pieces of words. Seeded; about a minute once the vectors are made. The cuts between card, calm line and nothing are
chosen on messages held out in turn (five folds), never on the frozen set; `--look` prints the frozen
result: every look is noted in README.md.
"""

import argparse
import hashlib
import json
import random
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.training import messages
from bot.training.messages import Example
from bot.triage_model import (
    BUCKETS,
    CARD,
    FOLDER,
    KNOWN_SCALE,
    LEVELS,
    STAFF,
    WEIGHTS,
    Cuts,
    ModelCard,
    Numbers,
    describe,
    hashed,
    softmax,
    tidied,
)
from knowledge.encoder import Encoder

SEED = 20261121
FOLDS = 4
NEARNESS, PIECES, RIDGE = 2.0, 0.6, 0.7
"""How fast a message's say fades with distance; the share of words beside meaning; how little one message
may bend the rest. Tried by folds; each is flat around its value."""
SHARPNESS = tuple(range(2, 24))
RAISED, HINTED = 0.08, 0.15
"""Shares of the harmless messages (written to be hard) that may get a card, and a card or the calm line,
when the cuts are set."""
UNDERSTATED = 0.02
"""Share of emergencies with a card that may be taken for less than one when the cut is set."""


def learn(
    examples: list[Example], vectors: Numbers | None, rows: list[int]
) -> tuple[Numbers, NDArray[np.int64]]:
    """Ridge regression in the space of nearness and pieces: one row of numbers for each of `rows`."""
    index = np.array(rows, dtype=np.int64)
    kernel = PIECES * _pieces_kernel([examples[i].text for i in rows])
    if vectors is not None:
        kernel += np.exp(NEARNESS * (vectors[index] @ vectors[index].T - 1))
    goal = np.eye(len(LEVELS), dtype=np.float32)[[LEVELS.index(examples[i].level) for i in rows]] - 0.25
    trust = np.array([examples[i].weight for i in rows], dtype=np.float32)
    kernel[np.arange(len(rows)), np.arange(len(rows))] += RIDGE / trust
    return np.linalg.solve(kernel, goal).astype(np.float32), index


def folded(examples: list[Example], alphas: Numbers) -> Numbers:
    """(BUCKETS, 4): the part of the numbers that goes by pieces of words, summed up by column."""
    weights = np.zeros((BUCKETS, len(LEVELS)), np.float32)
    for example, alpha in zip(examples, alphas, strict=True):
        columns, values = hashed(example.text)
        np.add.at(weights, columns, PIECES * values[:, None] * alpha)
    return weights


def _pieces_kernel(texts: list[str]) -> Numbers:
    """(n, n): what the pieces of each two texts have in common, each against each."""
    table = np.zeros((len(texts), BUCKETS // 8), np.float32)
    for row, text in enumerate(texts):
        columns, values = hashed(text)
        np.add.at(table[row], columns % (BUCKETS // 8), values)
    common: Numbers = table @ table.T
    return common


def scores(
    examples: list[Example], alphas: Numbers, vectors: tuple[Numbers, Numbers] | None, texts: list[str]
) -> Numbers:
    """(n, 4) for the texts. `vectors`: of what was learnt, and of the texts."""
    weights = folded(examples, alphas)
    rows = []
    for text in texts:
        columns, values = hashed(text)
        rows.append(values @ weights[columns])
    got: Numbers = np.stack(rows)
    if vectors is not None:
        got = got + np.exp(NEARNESS * (vectors[1] @ vectors[0].T - 1)) @ alphas
    return got


def held_out(examples: list[Example], vectors: Numbers | None, tried: NDArray[np.bool_]) -> Numbers:
    """The scores of the examples marked `tried`, each from numbers that saw no disguise of it."""
    fold = np.array([hash_fold(e.origin) for e in examples])
    got = np.zeros((len(examples), len(LEVELS)), np.float32)
    for k in range(FOLDS):
        unseen = np.flatnonzero((fold == k) & tried)
        alphas, seen = learn(examples, vectors, np.flatnonzero(fold != k).tolist())
        pair = None if vectors is None else (vectors[seen], vectors[unseen])
        got[unseen] = scores([examples[i] for i in seen], alphas, pair, [examples[i].text for i in unseen])
    return got


def sharpness(got: Numbers, levels: list[str]) -> float:
    """By how much scores are multiplied so that the chances are honest on messages held out."""
    right = [LEVELS.index(level) for level in levels]
    losses = {
        s: -np.log(softmax(got * np.float32(s))[np.arange(len(right)), right]).mean() for s in SHARPNESS
    }
    return float(min(losses, key=lambda s: losses[s]))


def hash_fold(origin: int) -> int:
    """The fold of a message: fixed, and nothing to do with its place in the files."""
    return hashlib.sha256(str(origin).encode()).digest()[0] % FOLDS


def cuts(got: Numbers, levels: list[str]) -> Cuts:
    """The lowest cuts that keep to RAISED and HINTED; among positives, the emergency share that
    keeps to UNDERSTATED."""
    concern = 1 - got[:, 3]
    calm = np.sort(concern[[level == "none" for level in levels]])
    card = float(calm[int(len(calm) * (1 - RAISED))])
    unsure = float(calm[int(len(calm) * (1 - HINTED))])
    rows = np.array([level == "emergency" for level in levels]) & (concern >= card)
    rows &= got[:, 2] < STAFF * concern
    share = np.sort(got[rows, 0] / concern[rows])
    return Cuts(
        card=card, unsure=min(unsure, card), emergency=float(min(0.5, share[int(len(share) * UNDERSTATED)]))
    )


def report(name: str, got: Numbers, levels: list[str], cut: Cuts, say: list[str] | None = None) -> None:
    """A line of figures; with `say`, what was missed or raised as well."""
    concern, share = 1 - got[:, 3], got[:, 0] / np.maximum(1 - got[:, 3], 1e-9)
    for level in LEVELS:
        rows = [i for i, is_level in enumerate(levels) if is_level == level]
        card = sum(concern[i] >= cut.card for i in rows)
        hint = sum(cut.unsure <= concern[i] < cut.card for i in rows)
        urgent = sum(
            concern[i] >= cut.card and share[i] >= cut.emergency and got[i, 2] < STAFF * concern[i]
            for i in rows
        )
        print(f"{name:12} {level:12} of {len(rows):4}: card {card:4} unsure {hint:4} as emergency {urgent:4}")
    for i, text in enumerate(say or ()):
        if (concern[i] >= cut.card) != (levels[i] != "none"):
            print(f"   {levels[i]:11} {concern[i]:.2f}  {text}")


def encoded(texts: list[str], encoder: Encoder) -> Numbers:
    """Vectors, kept in the temporary folder between runs."""
    kept = Path(tempfile.gettempdir()) / f"policyclerk-triage-{encoder.card.digest}.npz"
    known: dict[str, Numbers] = {}
    if kept.exists():
        with np.load(kept, allow_pickle=False) as stored:
            known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
    todo = sorted({tidied(t) for t in texts} - set(known))
    for at in range(0, len(todo), 64):
        known.update(zip(todo[at : at + 64], encoder.encode([*todo[at : at + 64], "."])[:-1], strict=True))
    if todo:
        np.savez(kept, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[tidied(t)] for t in texts])


def gathered() -> tuple[list[Example], NDArray[np.bool_]]:
    """All examples, and which of them the cuts are chosen on: the hand-written ones as they stand."""
    rows = messages.messages()
    rng = random.Random(SEED)
    examples = list(messages.disguised(rows, rng))
    tried = [e.weight == 1.0 for e in examples]
    calm = messages.harmless()
    examples += [Example(text, "none", 0.3, origin) for origin, text in enumerate(calm, len(rows))]
    return examples, np.array(tried + [False] * len(calm))


def save(card: ModelCard, stored: dict[str, NDArray[np.generic]]) -> None:
    """Write the weights, and beside them their hash and cuts."""
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(FOLDER / WEIGHTS, **stored)  # type: ignore[arg-type]
    sha = hashlib.sha256((FOLDER / WEIGHTS).read_bytes()).hexdigest()
    (FOLDER / CARD).write_text(describe(card.model_copy(update={"sha256": sha})), encoding="utf-8")


def main() -> None:
    """Learn, choose the cuts, save, and say how good it is."""
    options = argparse.ArgumentParser()
    options.add_argument("--look", action="store_true", help="print the frozen result (note it in README.md)")
    options.add_argument("--misses", action="store_true", help="print what was got wrong when held out")
    chosen = options.parse_args()
    examples, tried = gathered()
    encoder = Encoder.load()
    vectors = encoded([e.text for e in examples], encoder)
    levels = [e.level for e, is_tried in zip(examples, tried, strict=True) if is_tried]
    texts = [e.text for e, is_tried in zip(examples, tried, strict=True) if is_tried]
    print(f"{len(texts)} messages, {len(examples)} with disguises, clauses and questions")
    stored: dict[str, NDArray[np.generic]] = {}
    found: dict[str, Cuts] = {}
    everything = list(range(len(examples)))
    for name, seen in (("meaning", vectors), ("words", None)):
        got = held_out(examples, seen, tried)[tried]
        sharp = sharpness(got, levels)
        got = softmax(got * np.float32(sharp))
        found[name] = cuts(got, levels)
        report(name, got, levels, found[name], texts if chosen.misses and seen is not None else None)
        print(f"{name:12} {found[name]} sharpness {sharp}")
        alphas, _ = learn(examples, seen, everything)
        stored[f"{name}_pieces"] = (folded(examples, alphas) * sharp).astype(np.float16)
        if seen is not None:
            stored["near"] = (alphas * sharp).astype(np.float16)
            stored["known"] = np.clip(np.round(vectors * KNOWN_SCALE), -127, 127).astype(np.int8)
    card = ModelCard(
        encoder=encoder.card.digest,
        sha256="",
        messages=len(texts),
        nearness=NEARNESS,
        with_meaning=found["meaning"],
        words_only=found["words"],
    )
    save(card, stored)
    if chosen.look:
        look()


def look() -> None:
    """The frozen set, as the whole triage judges it."""
    from bot.triage import judge

    path = Path(__file__).parents[2] / "tests/bot/triage/frozen.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for level in LEVELS:
        judged = [judge(row["text"]) for row in rows if row["expect"] == level]
        names = [j.card.level if j.card else "unsure" if j.unsure else "none" for j in judged]
        print("frozen", level, {name: names.count(name) for name in sorted(set(names))})


if __name__ == "__main__":
    main()
