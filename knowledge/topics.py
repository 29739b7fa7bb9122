"""Topics: what such a policy can rule on, how policies word it and how staff ask it.

`topics/*.yaml` is read whole, all mistakes at once. A policy's clauses are tagged with the topics
they rule on; a question is scored against every topic by its nearest phrasing. That a question is
about a topic which no clause of this policy has is how the clerk knows that the policy is silent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import log
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from knowledge.clauses import Clause
from knowledge.concepts import Concepts, default_concepts
from knowledge.worded import Condition, parse_condition, read_clause

FOLDER = Path(__file__).with_name("topics")
Audience = Literal["pupil", "ex_pupil", "parent", "staff", "anyone"]
WIDER_COUNTS = 0.4
"""How much a shared wider concept counts (both say a platform, not the same one)."""
QUESTION_ONLY, PHRASING_ONLY = 0.35, 0.5
"""What a telling word costs that only the question, or only the phrasing, has. A question tells a story
around its matter; a phrasing is the matter."""
PROFILE = 0.35
"""The share of a topic's score that comes from all its phrasings together, the rest from the nearest."""
OFTEN = 1.5
"""How often a token stands in a topic's phrasings to count half in its profile."""


def _lines(value: object) -> object:
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


class Topic(BaseModel):
    """One entry of a topics file. `asked` and `worded` are blocks with one phrasing a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    about: str
    who: Annotated[tuple[Audience, ...], BeforeValidator(lambda v: v.split() if isinstance(v, str) else v)]
    worded: Annotated[tuple[str, ...], BeforeValidator(_lines)] = ()
    asked: Annotated[tuple[str, ...], BeforeValidator(_lines)]
    form: str = ""
    outside: bool = False
    """Nothing a policy would rule on (small talk, the timetable): its silence is no gap."""


class TopicMistakes(Exception):
    """What is wrong with the topics files, all of it, one mistake a line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class Row(NamedTuple):
    """Where one token stands, and how much it counts there: a row of a sparse matrix."""

    places: NDArray[np.intp]
    values: NDArray[np.float64]


class Topics:
    """Every topic, ready to tag clauses and to score questions. Immutable: safe in several threads."""

    def __init__(self, topics: Sequence[Topic], concepts: Concepts) -> None:
        """ValueError from a `worded` line that means nothing; `load_topics` collects them."""
        self.topics = tuple(topics)
        self._by_id = {topic.id: topic for topic in topics}
        self.concepts = concepts
        self._conditions: dict[str, list[tuple[str, Condition]]] = defaultdict(list)
        for topic in topics:
            for line in topic.worded:
                condition = parse_condition(line, concepts)
                for key in condition.keys:
                    self._conditions[key].append((topic.id, condition))
        asked = [(i, concepts.known(line)) for i, t in enumerate(topics) for line in (*t.asked, t.about)]
        self._rarity = _rarity(concepts.widened(tokens) for _, tokens in asked)
        self._unknown = sorted(self._rarity.values())[-len(self._rarity) // 3]
        weighed = [self.weighed(tokens) for _, tokens in asked]
        self._totals = np.array([total for _, total in weighed])
        self._starts = np.flatnonzero(np.diff([topic for topic, _ in asked], prepend=-1))
        """Where each topic's phrasings begin: they stand together, in the order of the topics."""
        self._phrasings = _rows(weights for weights, _ in weighed)
        self._profiles = _rows(self._all_profiles(zip((i for i, _ in asked), weighed, strict=True)))

    def rarity(self, token: str) -> float:
        """How telling a token is among all phrasings; a token none has counts as fairly telling."""
        return self._rarity.get(token, self._unknown)

    def weighed(self, tokens: Iterable[str]) -> tuple[dict[str, float], float]:
        """Tokens with their weights, wider concepts at a discount, and the sum of the weights."""
        said = set(tokens)
        weights = {token: self.rarity(token) for token in said}
        for token in self.concepts.widened(said) - said:
            weights[token] = WIDER_COUNTS * self.rarity(token)
        return weights, sum(weights.values())

    def tags(self, clause: Clause) -> dict[str, float]:
        """The topics this clause rules on, with how plainly (up to 1)."""
        read = read_clause(clause, self.concepts)
        found: dict[str, float] = {}
        for token in read.tokens:
            for topic, condition in self._conditions.get(token, ()):
                if found.get(topic, 0.0) < 1.0 and (strength := condition.strength(read)):
                    found[topic] = max(strength, found.get(topic, 0.0))
        return {topic.id: found[topic.id] for topic in self.topics if topic.id in found}

    def scores(self, tokens: Iterable[str]) -> dict[str, float]:
        """Topics that share any token with the question, 0 to 1: nearest phrasing and whole profile."""
        weights, total = self.weighed(tokens)
        if not total:
            return {}
        nearest, covered = self._nearest(weights, total), np.zeros(len(self.topics))
        for token, weight in weights.items():
            if row := self._profiles.get(token):
                covered[row.places] += weight * row.values
        scored = (1 - PROFILE) * nearest + PROFILE * covered / total
        return {self.topics[i].id: float(scored[i]) for i in np.flatnonzero(nearest)}

    def _nearest(self, weights: Mapping[str, float], total: float) -> NDArray[np.float64]:
        """(number of topics,): how like the question each topic's nearest phrasing is; 0 without a token in
        common."""
        shared = np.zeros(len(self._totals))
        for token, weight in weights.items():
            if row := self._phrasings.get(token):
                shared[row.places] += np.minimum(weight, row.values)
        unmatched = QUESTION_ONLY * (total - shared) + PHRASING_ONLY * (self._totals - shared)
        likeness = np.divide(shared, shared + unmatched, out=np.zeros_like(shared), where=shared > 0)
        return np.maximum.reduceat(likeness, self._starts)

    def _all_profiles(
        self, phrasings: Iterable[tuple[int, tuple[Mapping[str, float], float]]]
    ) -> list[dict[str, float]]:
        counts: list[Counter[str]] = [Counter() for _ in self.topics]
        for topic, (weights, _) in phrasings:
            counts[topic].update(weights.keys())
        return [{token: n / (n + OFTEN) for token, n in count.items()} for count in counts]

    def by_id(self, topic_id: str) -> Topic:
        """The topic with this id. KeyError when there is none."""
        return self._by_id[topic_id]

    def asked_as(self, tags: Mapping[str, float]) -> str:
        """All phrasings of the topics a clause is tagged with: what the index holds beside its words."""
        return "\n".join(line for topic in self.topics if topic.id in tags for line in topic.asked)

    def wording(self) -> str:
        """Every phrasing of every topic: the words that staff are known to use."""
        return "\n".join(line for topic in self.topics for line in topic.asked)


def _rows(columns: Iterable[Mapping[str, float]]) -> dict[str, Row]:
    """Each token with where it stands among the columns, and its value there."""
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, column in enumerate(columns):
        for token, value in column.items():
            found[token].append((number, value))
    return {
        token: Row(np.array([n for n, _ in cells]), np.array([v for _, v in cells]))
        for token, cells in found.items()
    }


def _rarity(documents: Iterable[frozenset[str]]) -> dict[str, float]:
    """Inverse document frequency of each token, squeezed so that rare words do not decide alone."""
    seen: Counter[str] = Counter()
    count = 0
    for tokens in documents:
        seen.update(tokens)
        count += 1
    return {token: log(1 + count / (n + 2)) for token, n in seen.items()}


def load_topics(folder: Path = FOLDER, concepts: Concepts | None = None) -> Topics:
    """The topics of every `*.yaml` in a folder. TopicMistakes lists everything wrong with them."""
    concepts = concepts or default_concepts()
    topics: list[Topic] = []
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        found, wrong = _parse(path)
        topics += found
        mistakes += wrong
        mistakes += [
            f"{path.name}: `{topic.id}`: {problem}"
            for topic in found
            for problem in _problems(topic, concepts)
        ]
    twice = [topic for topic, n in Counter(t.id for t in topics).items() if n > 1]
    mistakes += [f"two topics have the id `{topic}`" for topic in twice]
    if mistakes:
        raise TopicMistakes(mistakes)
    return Topics(topics, concepts)


def _parse(path: Path) -> tuple[list[Topic], list[str]]:
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return [], [f"{path.name}:{line}: not readable as YAML: {error.problem}"]
    topics: list[Topic] = []
    mistakes: list[str] = []
    for number, entry in enumerate(raw or [], 1):
        try:
            topics.append(Topic.model_validate(entry))
        except ValidationError as error:
            name = entry.get("id", f"entry {number}") if isinstance(entry, dict) else f"entry {number}"
            mistakes += [
                f"{path.name}: `{name}`: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
            ]
    return topics, mistakes


def _problems(topic: Topic, concepts: Concepts) -> list[str]:
    """What is wrong with one topic's lines."""
    problems = [
        f"{line!r} says nothing that could be matched" for line in topic.asked if not concepts.known(line)
    ]
    for line in topic.worded:
        try:
            parse_condition(line, concepts)
        except ValueError as error:
            problems.append(str(error))
    return problems


@cache
def default_topics() -> Topics:
    """The package's own topics, read once."""
    return load_topics()


__all__ = ["Condition", "Topic", "TopicMistakes", "Topics", "default_topics", "load_topics"]
