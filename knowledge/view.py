"""One policy version as the retriever sees it: every clause read, tagged and indexed once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log
from pathlib import Path
from typing import NamedTuple

from knowledge.asking import dealt_with, first_audience
from knowledge.clauses import Clause, Policy
from knowledge.concepts import words
from knowledge.index import Entry, PolicyIndex, open_index
from knowledge.spelling import Speller, chat_spellings, count_words, good_english
from knowledge.topics import Topics

FEW, DILUTION = 3, 0.06
"""A paragraph of ten sentences meets the wording of a dozen topics; each topic over FEW costs."""
COMMON = 3
"""How often a word stands among the ways of asking for a slip to be mended to it."""
NEAR_ENOUGH, ALIKE = 0.5, 0.8
"""How like a known way of asking a clause must be to be tagged without any wording, and how plainly."""


class ClauseView(NamedTuple):
    """A clause with all that does not depend on the question."""

    clause: Clause
    tags: Mapping[str, float]
    """Topic id to how plainly the clause rules on it."""
    text: frozenset[str]
    around: frozenset[str]
    """The widened tokens of lead-in and heading."""
    subject: str
    whom: frozenset[str]
    size: int
    """How many tokens its text has."""

    @property
    def tokens(self) -> frozenset[str]:
        """Everything it says, with its lead-in and heading."""
        return self.text | self.around


class PolicyView:
    """A policy's clauses, tags, index and speller. Immutable once built."""

    def __init__(self, policy: Policy, topics: Topics, home: Path) -> None:
        """Tags every clause, then opens (or builds) the index under `home`."""
        self.policy = policy
        self.topics = topics
        self.clauses = tuple(_view(clause, topics) for clause in policy.clauses)
        self.bare = frozenset(p for p, clause in enumerate(policy.clauses) if policy.items(clause))
        """Positions of lead-ins with items: no answer by themselves, as each item is shown with its lead-in."""
        self.covered = _covered(self.clauses)
        self.tagged = _tagged(self.clauses)
        self.said = frozenset().union(*(view.tokens for view in self.clauses))
        self._rarity = _rarity(self.clauses)
        self._weights = {
            view.clause.id: sum(self.telling(token) for token in sorted(view.text)) for view in self.clauses
        }
        self.index: PolicyIndex = open_index(policy, home, [_entry(view, topics) for view in self.clauses])
        self.speller = _speller(policy, topics)

    def weight(self, clause: ClauseView) -> float:
        """How much there is in a clause's own text, by how telling each token is."""
        return self._weights[clause.clause.id]

    def telling(self, token: str) -> float:
        """How telling a token is: rare in this policy and among the ways of asking."""
        return 0.5 * self._rarity.get(token, log(1 + len(self.clauses))) + 0.5 * self.topics.rarity(token)


def _tags(clause: Clause, topics: Topics) -> Mapping[str, float]:
    """What the clause rules on, by its wording; and, less plainly, what is asked in much the same words."""
    tags = topics.tags(clause)
    tokens = topics.concepts.known(clause.text)
    if clause.form_field or len(set(tokens)) < FEW:
        return _focus(tags)
    alike = sorted(topics.scores(tokens).items(), key=lambda t: -t[1])[:FEW]
    softer = {topic: ALIKE * score for topic, score in alike if score >= NEAR_ENOUGH and topic not in tags}
    return {**_focus(tags), **softer}


def _focus(tags: Mapping[str, float]) -> Mapping[str, float]:
    """A clause that touches on many matters rules on each of them less plainly."""
    share = 1.0 / (1.0 + DILUTION * max(0, len(tags) - FEW))
    return {topic: strength * share for topic, strength in tags.items()}


def _view(clause: Clause, topics: Topics) -> ClauseView:
    concepts = topics.concepts
    text, lead_in = concepts.known(clause.text), concepts.known(clause.lead_in)
    heading = concepts.known(clause.section.title)
    return ClauseView(
        clause=clause,
        tags=_tags(clause, topics),
        text=concepts.widened(text),
        around=concepts.widened((*lead_in, *heading)),
        subject=first_audience((*lead_in, *text, *heading), concepts),
        whom=dealt_with(clause.shown, concepts),
        size=len(set(text)),
    )


def _entry(view: ClauseView, topics: Topics) -> Entry:
    asked = topics.asked_as(view.tags)
    tokens = [
        t for line in asked.splitlines() for t in sorted(topics.concepts.widened(topics.concepts.known(line)))
    ]
    return Entry(concepts=tuple(sorted(view.text)), above=tuple(sorted(view.around)), asked_as=tuple(tokens))


def _covered(clauses: Iterable[ClauseView]) -> Mapping[str, float]:
    """Topics that some clause rules on, with how plainly the plainest does."""
    covered: dict[str, float] = {}
    for view in clauses:
        for topic, strength in view.tags.items():
            covered[topic] = max(strength, covered.get(topic, 0.0))
    return covered


def _tagged(clauses: Iterable[ClauseView]) -> Mapping[str, Sequence[int]]:
    """Topic id to the positions of the clauses that rule on it."""
    found: dict[str, list[int]] = defaultdict(list)
    for position, view in enumerate(clauses):
        for topic in view.tags:
            found[topic].append(position)
    return found


def _rarity(clauses: tuple[ClauseView, ...]) -> dict[str, float]:
    seen = Counter(token for view in clauses for token in view.tokens)
    return {token: log(1 + len(clauses) / (count + 1)) for token, count in seen.items()}


def _speller(policy: Policy, topics: Topics) -> Speller:
    used = count_words(f"{c.shown} {c.section.title}" for c in policy.clauses)
    asked = count_words([topics.wording()])
    used.update({word: count for word, count in asked.items() if count >= COMMON or word in used})
    used.update({word: 1 for word in topics.concepts.vocabulary() if word not in used and word.isalpha()})
    return Speller(used, (*good_english(), *asked, *words(policy.title)), chat_spellings())
