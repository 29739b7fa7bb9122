"""Mending the spelling of a question against the words a school's policy and its staff use.

A word is mended only when nobody is known to use it: the policy, the topics, the concepts and a
list of common English words are all asked first, so that a good word is never "mended" into
another. Chat spellings (`wot`, `abt`) are looked up.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA
from ruamel.yaml import YAML

from knowledge.concepts import stem

CHAT = Path(__file__).with_name("spelling.yaml")
ENGLISH = Path(__file__).with_name("english.txt")
SHORTEST = 4
"""Shorter words have too many neighbours to be mended."""
TWO_SLIPS_FROM = 7
"""Letters from which a word may be two slips from its mended form, where the first letter agrees."""
_WORD = re.compile(r"[^\W_]{1,60}(?:['’][^\W_]{1,60}){0,3}")
"""Nobody's words are longer, and what is made of each is remembered: a longer one is several."""


class Speller:
    """The words known in one policy's world, and how often each is used. Safe in several threads."""

    def __init__(self, used: Mapping[str, int], known: Iterable[str], chat: Mapping[str, str]) -> None:
        """`used` words can be mended to, the more often the rather; `known` ones are only left alone."""
        self._used = dict(used)
        self._targets = sorted(w for w in used if len(w) >= SHORTEST and w.isalpha())
        self._known = {stem(word) for word in (*used, *known)} | set(known) | set(used)
        self._chat = dict(chat)
        self.word = lru_cache(maxsize=5_000)(self._word)

    def mended(self, text: str) -> str:
        """The text with unknown words replaced by the nearest known one, if one is near enough."""
        return _WORD.sub(lambda found: self.word(found[0].casefold().replace("’", "'")), text)

    def _word(self, word: str) -> str:
        if word in self._chat:
            return self._chat[word]
        bare = word.removesuffix("'s")
        if len(bare) < SHORTEST or not bare.isalpha() or bare in self._known or stem(bare) in self._known:
            return word
        return self._nearest(bare) or self._parted(bare) or word

    def _nearest(self, word: str) -> str | None:
        slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
        found = process.extract(word, self._targets, scorer=OSA.distance, score_cutoff=slips, limit=8)
        fair = [(distance, target) for target, distance, _ in found if distance == 1 or target[0] == word[0]]
        if not fair:
            return None
        return min(fair, key=lambda f: (f[0], f[1][0] != word[0], -self._used[f[1]], f[1]))[1]

    def _parted(self, word: str) -> str | None:
        """`friendrequest` as `friend request`, where both halves are words in use."""
        for cut in range(SHORTEST, len(word) - SHORTEST + 1):
            if word[:cut] in self._used and word[cut:] in self._used:
                return f"{word[:cut]} {word[cut:]}"
        return None


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word, in lower case, stands in the texts."""
    return Counter(word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold()))


@cache
def good_english() -> frozenset[str]:
    """Words that are spelt right, whether or not a policy uses them."""
    lines = ENGLISH.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def chat_spellings() -> Mapping[str, str]:
    """Chat spellings and what they stand for."""
    said: str = YAML(typ="safe").load(CHAT.read_text(encoding="utf-8"))["chat"]
    return dict(pair.split("=", 1) for pair in re.split(r"\s*,\s*", said.strip()))
