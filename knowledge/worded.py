"""How policies word a topic: conditions over concepts that any school's clause can meet.

One condition is one line: groups joined by `&`, words within a group parted by `|`.

    contact|friend & parent|family & personal & not complaint

Every group must occur in the clause, its lead-in or its heading, and at least one in the clause
itself, unless all are `above`. `here` before a group asks for the clause itself, `above` for
lead-in or heading, and `not` for its absence from clause and lead-in. A word is the name of a
concept, or is read as any text is; one that says nothing otherwise is matched by its stem.
"""

import re
from typing import Literal, NamedTuple

from knowledge.clauses import Clause
from knowledge.concepts import Concepts, stem, words

Where = Literal["anywhere", "here", "above", "not"]
IN_TEXT, IN_LEAD_IN, IN_HEADING = 1.0, 0.75, 0.6
"""How strongly a group counts by where it is found."""
ALL_ABOVE = 0.7
"""How strongly a condition counts that only asks about lead-in and heading."""
_PREFIX = re.compile(r"(here|above|not)\s+(.+)")


class Read(NamedTuple):
    """A clause as tokens, widened: its own text, its lead-in, its heading."""

    text: frozenset[str]
    lead_in: frozenset[str]
    heading: frozenset[str]

    @property
    def tokens(self) -> frozenset[str]:
        """Everything, wherever it stands."""
        return self.text | self.lead_in | self.heading


class Group(NamedTuple):
    """Alternatives, of which one must (or, for `not`, must not) occur; each a set of tokens."""

    where: Where
    any_of: tuple[frozenset[str], ...]

    def strength(self, clause: Read) -> float:
        """Where the best alternative stands, as a weight; 0 when nowhere it may."""
        places: tuple[tuple[frozenset[str], float], ...]
        places = ((clause.text, IN_TEXT), (clause.lead_in, IN_LEAD_IN), (clause.heading, IN_HEADING))
        if self.where == "not":
            return 0.0 if self._occurs(clause.text) or self._occurs(clause.lead_in) else IN_TEXT
        if self.where == "here":
            places = places[:1]
        if self.where == "above":
            return IN_TEXT if any(self._occurs(tokens) for tokens, _ in places[1:]) else 0.0
        return max((weight for tokens, weight in places if self._occurs(tokens)), default=0.0)

    def _occurs(self, tokens: frozenset[str]) -> bool:
        return any(wanted <= tokens for wanted in self.any_of)


class Condition(NamedTuple):
    """One way policies word a topic."""

    groups: tuple[Group, ...]

    def strength(self, clause: Read) -> float:
        """0 when the clause does not meet it, else up to 1: nearer the text is stronger."""
        sought: list[float] = []
        for group in self.groups:
            strength = group.strength(clause)
            if not strength:
                return 0.0
            if group.where in ("anywhere", "here"):
                sought.append(strength)
        if max(sought, default=IN_TEXT) < IN_TEXT:
            return 0.0
        return sum(sought) / len(sought) if sought else ALL_ABOVE

    @property
    def keys(self) -> frozenset[str]:
        """Tokens of which a clause must have one somewhere, or the condition cannot hold."""
        needed = next(group for group in self.groups if group.where != "not")
        return frozenset(min(tokens) for tokens in needed.any_of)


def read_clause(clause: Clause, concepts: Concepts) -> Read:
    """A clause as the conditions see it."""
    return Read(
        *(_all_tokens(text, concepts) for text in (clause.text, clause.lead_in, clause.section.title))
    )


def _all_tokens(text: str, concepts: Concepts) -> frozenset[str]:
    """Concepts with what they are a kind of, and the stem of every word, however common."""
    return concepts.widened(concepts.known(text)) | {stem(word) for word in words(text)}


def parse_condition(line: str, concepts: Concepts) -> Condition:
    """One line of `worded`. ValueError says which group means nothing."""
    groups = tuple(_group(part.strip(), concepts) for part in line.split("&"))
    if all(group.where == "not" for group in groups):
        raise ValueError(f"{line.strip()!r} says only what must not occur")
    barred = [tokens for group in groups if group.where == "not" for tokens in group.any_of]
    for group in groups:
        if group.where != "not" and all(
            any(no <= concepts.widened(yes) for no in barred) for yes in group.any_of
        ):
            raise ValueError(
                f"{line.strip()!r} can never hold: a `not` rules out everything that a group asks for"
            )
    return Condition(groups)


def _group(part: str, concepts: Concepts) -> Group:
    where: Where = "anywhere"
    if prefixed := _PREFIX.fullmatch(part):
        where = _where(prefixed[1])
        part = prefixed[2]
    any_of = tuple(frozenset(_meant(word.strip(), concepts)) for word in part.split("|"))
    if not all(any_of):
        raise ValueError(f"the group {part!r} has an empty alternative")
    return Group(where, any_of)


def _meant(word: str, concepts: Concepts) -> tuple[str, ...]:
    if f"#{word}" in concepts.wider:
        return (f"#{word}",)
    return concepts.known(word) or tuple(stem(each) for each in words(word))


def _where(word: str) -> Where:
    return "here" if word == "here" else "above" if word == "above" else "not"
