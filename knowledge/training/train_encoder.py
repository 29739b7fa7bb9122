"""Fine-tunes the small encoder on `pairs/`, and writes float folders that `export_encoder` reads.

    python -m knowledge.training.train_encoder BASE OUT [--all] [--epochs N] [--step X]

BASE is the folder of all-MiniLM-L6-v2, or of an earlier run: it also mines the clauses that are easily
taken for right ones, and a tuned one finds harder ones. OUT gets the tuned weights.
Without `--all`, what `pairs.py` holds out is kept back, so that `measure_encoder` can judge; with it, everything is
used. Multiple negatives ranking loss: each question against its clause, all other clauses of the
batch and its hard negatives. Seeded; needs the packages of `README.md`; some minutes on two cores.
"""

import argparse
import random
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from transformers import AutoModel, AutoTokenizer

from knowledge.meaning import sides
from knowledge.topics import default_topics
from knowledge.training.pairs import (
    HELD_OUT_POLICIES,
    HELD_OUT_VOICES,
    Area,
    Ask,
    Pairs,
    Place,
    kept_back,
    read_pairs,
)

SEED = 20261121
EPOCHS, BATCH, STEP, SCALE = 6, 32, 1e-4, 20.0
CHUNK = 16
"""Texts that are padded to one length and encoded together."""
WARM_UP = 0.1
"""Share of the steps in which the step size grows."""
GENERAL_EVERY, GENERAL_BATCH = 4, 24
"""After every so many batches one of the general pairs, so that the model stays a general one."""
TOPICS_EVERY, TOPICS_BATCH = 2, 48
"""After every so many, one of topics: two ways of asking about each."""
LONGEST = 56
"""Tokens; the tail of a longer text is not seen in training."""
NOISY = 0.25
"""Share of the questions that get a slip of the thumb."""
HARDEST = 14
"""A mined negative is one of so many clauses of the policy that BASE finds nearest."""


class Example(NamedTuple):
    """One question with the clauses it may be shown."""

    area: str
    question: str
    answers: tuple[Place, ...]
    negatives: tuple[Place, ...]


def trained_on(pairs: Pairs, everything: bool) -> Iterator[tuple[Area, Ask, tuple[Place, ...]]]:
    """The questions of training, and the clauses that answer each."""
    back = frozenset() if everything else kept_back(pairs)
    for area in pairs.areas.values():
        answers = tuple(sorted(p for p in area.answers if everything or p[0] not in HELD_OUT_POLICIES))
        for ask in area.asks:
            if answers and area.name not in back and (everything or ask.voice not in HELD_OUT_VOICES):
                yield area, ask, answers


class Trainer:
    """The model being tuned, its tokenizer and its chances."""

    def __init__(self, base: Path, pairs: Pairs) -> None:
        self.pairs = pairs
        self.topics = [(*t.asked, t.about) for t in default_topics().topics]
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self.model = AutoModel.from_pretrained(base)
        self.chance = random.Random(SEED)
        torch.manual_seed(SEED)

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """(n, d), unit length. Texts of like length go together: less padding, half the time."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = [
            self._padded([texts[i] for i in order[at : at + CHUNK]]) for at in range(0, len(order), CHUNK)
        ]
        back = torch.tensor(order).argsort()
        return torch.cat(parts)[back]

    def _padded(self, texts: Sequence[str]) -> torch.Tensor:
        tokens = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        )
        with torch.autocast("cpu", torch.bfloat16):
            states = self.model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        return torch.nn.functional.normalize((states.float() * mask).sum(1) / mask.sum(1), dim=1)

    def examples(self, everything: bool) -> list[Example]:
        """All questions, each with its hard negatives as BASE sees them."""
        asked = list(trained_on(self.pairs, everything))
        places = sorted({place for _, _, answers in asked for place in answers})
        policies = sorted({policy for policy, _ in places})
        shown = [(p, i) for p in policies for i in range(len(self.pairs.policies[p].clauses))]
        self.model.eval()
        with torch.no_grad():
            clauses = self.vectors([sides(self.pairs.clause(place))[1] for place in shown])
            questions = self.vectors([ask.question for _, ask, _ in asked])
        order = (questions @ clauses.T).argsort(dim=1, descending=True).tolist()
        found = []
        for (area, ask, answers), nearest in zip(asked, order, strict=True):
            spared = area.answers | self.pairs.doubtful(area)
            near = tuple(p for p in sorted(area.near) if everything or p[0] not in HELD_OUT_POLICIES)
            mined = tuple(shown[i] for i in nearest if shown[i] not in spared)
            hard = [p for policy in policies for p in [m for m in mined if m[0] == policy][:2]]
            negatives = near * 2 + tuple(dict.fromkeys([*mined[:HARDEST], *hard]))
            found.append(Example(area.name, ask.question, answers, negatives))
        return found

    def loss(self, batch: Sequence[Example]) -> torch.Tensor:
        """Each question should be nearer to its clause than to any clause known to be wrong for it."""
        right = [self.chance.choice(example.answers) for example in batch]
        wrong = [self.chance.choice(example.negatives) for example in batch]
        places = right + wrong
        asked = self.vectors([self.slip(example.question) for example in batch])
        shown = self.vectors([self.chance.choice(sides(self.pairs.clause(place))) for place in places])
        likeness = SCALE * asked @ shown.T
        for row, example in enumerate(batch):
            area = self.pairs.areas[example.area]
            spared = area.answers | self.pairs.doubtful(area)
            for column, place in enumerate(places):
                if column != row and place in spared:
                    likeness[row, column] = -torch.inf
        return torch.nn.functional.cross_entropy(likeness, torch.arange(len(batch)))

    def general_loss(self) -> torch.Tensor:
        """Sentences that mean the same stay together, others apart."""
        chosen = self.chance.sample(self.pairs.general, GENERAL_BATCH)
        one, other = (self.vectors([pair[side] for pair in chosen]) for side in (0, 1))
        return torch.nn.functional.cross_entropy(SCALE * one @ other.T, torch.arange(len(chosen)))

    def topic_loss(self) -> torch.Tensor:
        """Ways of asking about one topic stay together, those of others apart."""
        chosen = self.chance.sample(self.topics, TOPICS_BATCH)
        pairs = [self.chance.sample(lines, 2) for lines in chosen]
        one = self.vectors([self.slip(pair[0]) for pair in pairs])
        other = self.vectors([pair[1] for pair in pairs])
        return torch.nn.functional.cross_entropy(SCALE * one @ other.T, torch.arange(len(chosen)))

    def slip(self, question: str) -> str:
        """Now and then a letter doubled, dropped or swapped, and no capitals or full stops."""
        if self.chance.random() > NOISY:
            return question
        words = re.sub(r"[.,?'’]", "", question.lower()).split()
        long = [i for i, word in enumerate(words) if len(word) > 3]
        for i in self.chance.sample(long, min(len(long), self.chance.choice((1, 1, 2)))):
            word, at = words[i], self.chance.randrange(1, len(words[i]) - 1)
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            words[i] = self.chance.choice(
                (swapped, word[:at] + word[at + 1 :], word[:at] + word[at : at + 1] + word[at:])
            )
        return " ".join(words)

    def run(self, everything: bool, epochs: int, pace: float) -> None:
        """All epochs. The embeddings stay as they are: they know English already."""
        examples = self.examples(everything)
        self.model.embeddings.requires_grad_(False)
        trained = [p for p in self.model.parameters() if p.requires_grad]
        optimiser = torch.optim.AdamW(trained, lr=pace, weight_decay=0.01)
        steps = epochs * (len(examples) // BATCH)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser,
            lambda n: min((n + 1) / (WARM_UP * steps), (steps - n) / ((1 - WARM_UP) * steps)),
        )
        self.model.train()
        began, done = time.monotonic(), 0
        for epoch in range(epochs):
            self.chance.shuffle(examples)
            total = 0.0
            for first in range(0, len(examples) - BATCH + 1, BATCH):
                loss = self.loss(examples[first : first + BATCH])
                total += float(loss.detach())
                if done % GENERAL_EVERY == 0:
                    loss = loss + 0.5 * self.general_loss()
                if done % TOPICS_EVERY == 1:
                    loss = loss + 0.5 * self.topic_loss()
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(trained, 1.0)
                optimiser.step()
                schedule.step()
                done += 1
            say(
                f"epoch {epoch + 1}: loss {total * BATCH / len(examples):.3f}, {time.monotonic() - began:.0f} s"
            )

    def save(self, folder: Path) -> None:
        """The tuned weights and the tokenizer, as `export_encoder` reads them."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


def say(line: str) -> None:
    """Progress, at once."""
    print(line, flush=True)


def main() -> None:
    """Read the command line, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--all", action="store_true", help="keep nothing back")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--step", type=float, default=STEP)
    given = parser.parse_args()
    torch.set_num_threads(1)  # on a busy machine two threads wait for each other
    trainer = Trainer(given.base, read_pairs())
    trainer.run(given.all, given.epochs, given.step)
    trainer.save(given.out)


if __name__ == "__main__":
    main()
