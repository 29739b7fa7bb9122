"""The messages the triage learns from, and the disguises each is also seen in.

A message is one line of `triage/*.jsonl`. The clauses of the packaged policies and the questions the
retriever's weights are learnt from are read as well: they are what harmless text looks like here.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent


@dataclass(frozen=True)
class Example:
    """A text, the level it calls for, what share of a whole message it counts as, and its origin."""

    text: str
    level: str
    weight: float
    origin: int
    """Disguises of one message share it: they are never split between learning and trying out."""


def messages() -> list[tuple[str, str]]:
    """(text, level) of everything written by hand for the triage."""
    rows = []
    for path in sorted((HERE / "triage").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.append((row["text"], row["expect"]))
    return rows


def harmless() -> list[str]:
    """Clauses of the packs and questions about them, each once."""
    texts: dict[str, None] = {}
    for policy in sorted((PACKAGE / "knowledge/schools").glob("*/policy.md")):
        for line in policy.read_text(encoding="utf-8").split("---\n", 2)[2].splitlines():
            plain = re.sub(r"\{#[\w-]+\}|^[#\-*\s\d.]+", "", line).strip()
            if len(plain) > 25:
                texts[plain] = None
    for line in (PACKAGE / "knowledge/training/questions.txt").read_text(encoding="utf-8").splitlines():
        if line.count("|") == 2 and not line.startswith("#"):
            texts[line.rsplit("|", 1)[1].strip()] = None
    return list(texts)


def disguised(rows: list[tuple[str, str]], rng: random.Random) -> Iterator[Example]:
    """Each message; the same about the other sex; and the same with a sentence that changes nothing: a
    question about forms does not make a disclosure a question."""
    calm = [text for text, level in rows if level == "none" and len(text) < 80]
    for number, (text, level) in enumerate(rows):
        yield Example(text, level, 1.0, number)
        yield Example(swapped(text), level, 0.3, number)
        if level == "none":
            yield Example(f"{text}. {rng.choice(calm)}", level, 0.3, number)
        else:
            yield Example(f"{text}. {rng.choice(ENDINGS)}", level, 0.3, number)


def swapped(text: str) -> str:
    """He for she and son for daughter: who is meant must not change the level."""
    return re.sub(r"\b[A-Za-z']+\b", lambda word: _other(word[0]), text)


def _other(word: str) -> str:
    other = SWAPS.get(word.casefold())
    if other is None:
        return word
    return other.capitalize() if word[0].isupper() else other


SWAPS = {
    a: b
    for pair in (
        "he she", "him her", "his her", "himself herself", "he's she's", "boy girl", "boys girls",
        "mum dad", "mother father", "son daughter", "brother sister", "uncle auntie", "man woman", "men women",
        "lad lass", "lads lasses", "stepdad stepmum", "mr mrs", "sir miss", "grandad nan", "boyfriend girlfriend",
    )
    for one, two in [pair.split()]
    for a, b in ((one, two), (two, one))
}  # fmt: skip
SWAPS["her"] = "him"
ENDINGS = (
    "What does the policy say?",
    "Which form do I use?",
    "Who do I tell?",
    "What should I do?",
    "Is there a form for this?",
    "Is that allowed?",
    "Do I need to report it?",
    "It may be nothing.",
    "I've got a lesson in five minutes.",
    "Thanks",
    "I don't want to make a fuss.",
    "Can I put this on the unblock form?",
)
