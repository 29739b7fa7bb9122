"""Words to concepts: `one of my class's nans` and `a pupil's grandparent` meet as the same tokens.

A text becomes a sequence of tokens: `#parent` for a concept of `concepts.yaml`, a plain stem for
any other telling word. Clauses, topics and questions are read alike, so that any school's
vocabulary meets any other's. What a concept is a kind of (`is:`) comes in with `widened`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

FILE = Path(__file__).with_name("concepts.yaml")
GAP = "_"
LONGEST_GAP = 3
"""How many words a `_` may stand for."""
_WORD = re.compile(r"[a-z0-9]{1,60}(?:'[a-z]{1,60}){0,3}")
"""Nobody's words are longer, and what is made of each is remembered: a longer one is several."""
_ENDINGS = (
    ("ies", "y", 2),
    ("ied", "y", 2),
    ("sses", "ss", 1),
    ("ings", "", 3),
    ("ing", "", 3),
    ("ed", "", 3),
    ("ly", "", 5),
    ("ss", "ss", 1),
    ("us", "us", 1),
    ("s", "", 2),
)
"""Ending, what takes its place, and how much of the word must remain; the first that fits is taken."""
_DOUBLING = ("ing", "ings", "ed")
"""Endings before which a consonant may have been doubled: `tagged`."""
_COMMA = re.compile(r"\s*,\s*")


class Concept(BaseModel):
    """One entry of `concepts.yaml`, as written."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    said: str
    kind_of: str = Field(default="", alias="is")


class ConceptMistakes(Exception):
    """What is wrong with a concepts file, all of it, one mistake a line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class Phrase(NamedTuple):
    """A way of saying a concept: its words as stems, `=word` as written, or `_` for a gap."""

    words: tuple[str, ...]
    concept: str


class Concepts:
    """All concepts, ready to read texts with."""

    def __init__(self, phrases: Iterable[Phrase], wider: dict[str, tuple[str, ...]], ignored: frozenset[str]):
        """`wider` maps a concept's token to the tokens it is a kind of, itself left out."""
        self.wider = wider
        self._ignored = ignored
        self._starting: dict[str, list[Phrase]] = {}
        for phrase in sorted(phrases, key=lambda p: -len(p.words)):
            self._starting.setdefault(phrase.words[0], []).append(phrase)
        self.known = lru_cache(maxsize=20_000)(self.read)
        """The same for a text of a policy or a topic, which is remembered: never for what somebody typed."""

    def read(self, text: str) -> tuple[str, ...]:
        """The tokens of a text, in order; words that say nothing about the matter are left out."""
        return tuple(self._tokens(words(text)))

    def widened(self, tokens: Iterable[str]) -> frozenset[str]:
        """The tokens together with everything they are a kind of."""
        found = set(tokens)
        for token in tuple(found):
            found.update(self.wider.get(token, ()))
        return frozenset(found)

    def vocabulary(self) -> Iterator[str]:
        """Every stem or exact word that some phrase has."""
        for phrases in self._starting.values():
            for phrase in phrases:
                yield from (word.removeprefix("=") for word in phrase.words if word != GAP)

    def _tokens(self, said: Sequence[str]) -> Iterator[str]:
        stems = [stem(word) for word in said]
        taken: set[int] = set()
        for position, word in enumerate(said):
            if position in taken:
                continue
            match = self._longest(said, stems, position)
            if match:
                concepts, covered = match
                taken.update(covered)
                yield from concepts
            elif word not in self._ignored and stems[position] not in self._ignored:
                yield stems[position]

    def _longest(
        self, said: Sequence[str], stems: Sequence[str], start: int
    ) -> tuple[list[str], list[int]] | None:
        """The concepts of the longest phrase that begins at `start`, and the words it takes up."""
        concepts: list[str] = []
        covered: list[int] = []
        for first in (f"={said[start]}", stems[start]):
            for phrase in self._starting.get(first, ()):
                if covered and len(phrase.words) < len(covered):
                    break
                places = _places(phrase.words, said, stems, start)
                if places and len(places) > len(covered):
                    concepts, covered = [phrase.concept], places
                elif places and len(places) == len(covered) and phrase.concept not in concepts:
                    concepts.append(phrase.concept)
        return (concepts, covered) if covered else None


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without plural, -ed, -ing and -ly: enough to meet its own forms and nobody else's.

    Porter's stemmer, which the word search uses, makes one stem of `person` and `personal`, of
    `report` and `reporter`, of `use` and `us`; concepts cannot afford that.
    """
    for ending, instead, shortest in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            word = word[: len(word) - len(ending)] + instead
            doubled = (
                ending in _DOUBLING and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeosl"
            )
            word = word[:-1] if doubled else word
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def words(text: str) -> list[str]:
    """The words of a text in lower case, possessive endings and apostrophes taken off."""
    plain = text.casefold().replace("’", "'").replace("‘", "'")
    return [word.removesuffix("'s").replace("'", "") for word in _WORD.findall(plain)]


def _places(pattern: Sequence[str], said: Sequence[str], stems: Sequence[str], start: int) -> list[int]:
    """Where the words of `pattern` stand from `start` on; empty when they do not."""
    places: list[int] = []
    position, slack = start, 0
    for wanted in pattern:
        if wanted == GAP:
            slack = LONGEST_GAP
            continue
        for candidate in range(position, min(position + slack + 1, len(said))):
            if wanted in (stems[candidate], f"={said[candidate]}"):
                places.append(candidate)
                position, slack = candidate + 1, 0
                break
        else:
            return []
    return places


def parse_concepts(text: str, name: str = "concepts.yaml") -> Concepts:
    """The concepts of a file's text. ConceptMistakes lists everything wrong with it."""
    try:
        raw = YAML(typ="safe").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConceptMistakes([f"{name}:{line}: not readable as YAML: {error.problem}"]) from error
    mistakes: list[str] = []
    entries: dict[str, Concept] = {}
    for key, value in (raw or {}).items():
        try:
            entries[str(key)] = Concept.model_validate(value)
        except ValidationError as error:
            mistakes += [
                f"{name}: `{key}`: {e['msg']} ({'.'.join(map(str, e['loc']))})" for e in error.errors()
            ]
    ignored = entries.pop("ignored", Concept(said=""))
    parents = {key: [p for p in _COMMA.split(entry.kind_of) if p] for key, entry in entries.items()}
    mistakes += [
        f"{name}: `{key}` is said to be a kind of `{parent}`, which is not in the file"
        for key, wider in parents.items()
        for parent in wider
        if parent not in entries
    ]
    if mistakes:
        raise ConceptMistakes(mistakes)
    return Concepts(
        [phrase for key, entry in entries.items() for phrase in _phrases(key, entry.said)],
        {f"#{key}": tuple(f"#{wider}" for wider in _ancestors(key, parents)) for key in entries},
        frozenset(words(ignored.said)),
    )


def _phrases(key: str, said: str) -> Iterator[Phrase]:
    for phrase in dict.fromkeys(_COMMA.split(said.strip())):
        pieces: list[str] = []
        for piece in phrase.split():
            if piece == GAP:
                pieces.append(GAP)
            elif piece.startswith("="):
                pieces.append(piece)
            else:
                pieces += [stem(word) for word in words(piece)]
        if pieces:
            yield Phrase(tuple(pieces), f"#{key}")


def _ancestors(key: str, parents: dict[str, list[str]], seen: frozenset[str] = frozenset()) -> list[str]:
    """Everything above `key`, nearest first; a circle ends where it began."""
    above: list[str] = []
    for parent in parents.get(key, ()):
        if parent not in seen:
            above += [parent, *_ancestors(parent, parents, seen | {key})]
    return list(dict.fromkeys(above))


@cache
def default_concepts() -> Concepts:
    """The package's own concepts, read once."""
    return parse_concepts(FILE.read_text(encoding="utf-8"))
