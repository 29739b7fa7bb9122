"""The only module that imports whoosh: one small index per policy version, on disk.

An index is a cache: its folder is named after the content it was built from, it is built in a
temporary folder and swapped in whole, and one that is missing or damaged is built again.
Whoosh unpickles its files, so the folder must be private to this program.
"""

import hashlib
import logging
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import fields, index, query, scoring
from whoosh.analysis import StemmingAnalyzer
from whoosh.filedb.filestore import FileStorage, RamStorage, copy_to_ram
from whoosh.lang.porter import stem as porter
from whoosh.searching import Searcher

from knowledge.clauses import Policy

LAYOUT = "2"
"""Changes whenever the fields or their analysis do, so that old folders are not read."""
WORDS: Mapping[str, float] = {"text": 1.0, "lead_in": 0.45, "heading": 0.35}
CONCEPTS: Mapping[str, float] = {"concepts": 1.0, "above": 0.4}
ASKED_AS: Mapping[str, float] = {"asked_as": 1.0}
"""Which fields to search, and how much a word counts by where it stands."""

TERMS_KEPT = 4_000
"""Terms whose scores an index keeps in memory, at some 300 bytes each: people ask in the same few words."""
_log = logging.getLogger(__name__)
_stemming = StemmingAnalyzer(minsize=2, maxsize=60)  # it remembers the stem of each word it is given
_schema = fields.Schema(
    position=fields.STORED,
    text=fields.TEXT(analyzer=_stemming, phrase=False),
    lead_in=fields.TEXT(analyzer=_stemming, phrase=False),
    heading=fields.TEXT(analyzer=_stemming, phrase=False),
    concepts=fields.KEYWORD(scorable=True),
    above=fields.KEYWORD(scorable=True),
    asked_as=fields.KEYWORD(scorable=True),
)


class Entry(NamedTuple):
    """What is indexed of a clause beside its words: tokens of `knowledge.concepts`."""

    concepts: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    """Of its lead-in and its heading."""
    asked_as: tuple[str, ...] = ()
    """Of what staff ask about such a clause."""


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a word in lower case, as the index makes it: `posting` and `posted` are `post`."""
    return str(porter(word))


def terms(text: str) -> tuple[str, ...]:
    """The stemmed words of a text that an index would hold, in order, stop words left out."""
    return tuple(token.text for token in _stemming(text))


class PolicyIndex:
    """One policy version, ready to be searched. Safe to use from several threads."""

    def __init__(self, policy: Policy, searcher: Searcher) -> None:
        """Use `open_index`; this only holds what it opened."""
        self.policy = policy
        self._searcher = searcher
        self._lock = Lock()
        self._scores = lru_cache(maxsize=TERMS_KEPT)(self._searched)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the policy, in lower case, as written."""
        text = " ".join(f"{clause.shown} {clause.section.title}" for clause in self.policy.clauses)
        return frozenset(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.casefold()))

    def search(self, wanted: Sequence[str], fields: Mapping[str, float]) -> dict[int, float]:
        """Positions of the clauses that have any of the `wanted` terms, with their BM25F score.

        `fields` is WORDS (for stemmed words), CONCEPTS or ASKED_AS (for concept tokens).
        """
        total = np.zeros(len(self.policy.clauses))
        for name, weight in fields.items():
            for term in wanted:
                positions, scores = self._scores(name, term)
                total[positions] += weight * scores
        return {position: score for position, score in enumerate(total.tolist()) if score}

    def _searched(self, field: str, term: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Positions of the clauses with this term in this field, and the BM25F score of each. That of a question
        is the sum, since BM25F scores each term by itself."""
        with self._lock:
            found = [
                (hit["position"], hit.score)
                for hit in self._searcher.search(query.Term(field, term), limit=None)
            ]
        return np.array([p for p, _ in found], dtype=np.intp), np.array([score for _, score in found])


def open_index(policy: Policy, home: Path, entries: Sequence[Entry] = ()) -> PolicyIndex:
    """The index of this policy version under `home`, built if it is not there or does not open. Once open it
    stands in memory (some 100 KB), whatever becomes of the folder; where there is no room for one, it was never
    anywhere else.

    `entries` has one for each clause, in order; none when only words are indexed.
    """
    folder = home / _name(policy, entries)
    try:
        return _opened(policy, folder)
    except Exception as damage:  # noqa: BLE001 - unpickling a broken file raises anything; the cure is one
        if folder.exists():
            _log.warning("index %s does not open (%s): building it again", folder.name, type(damage).__name__)
            shutil.rmtree(folder, ignore_errors=True)
    try:
        _build(policy, folder, entries)
        return _opened(policy, folder)
    except OSError as full:
        _log.warning("index %s cannot be kept (%s): answers go on without", folder.name, full.strerror)
        memory = RamStorage().create_index(_schema)
        _fill(memory, policy, entries)
        return PolicyIndex(policy, memory.searcher(weighting=scoring.BM25F()))


def _opened(policy: Policy, folder: Path) -> PolicyIndex:
    kept = copy_to_ram(FileStorage(str(folder))).open_index()
    return PolicyIndex(policy, kept.searcher(weighting=scoring.BM25F()))


def _name(policy: Policy, entries: Sequence[Entry]) -> str:
    content = "\n".join((LAYOUT, policy.digest, *(repr(entry) for entry in entries)))
    return f"{policy.school}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _build(policy: Policy, folder: Path, entries: Sequence[Entry]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    building = Path(tempfile.mkdtemp(prefix="building-", dir=folder.parent))
    try:
        _fill(index.create_in(str(building), _schema), policy, entries)
        building.rename(folder)
    except OSError:
        if not folder.exists():  # else another process was quicker, and built the same
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _fill(empty: index.Index, policy: Policy, entries: Sequence[Entry]) -> None:
    writer = empty.writer()
    for position, clause in enumerate(policy.clauses):
        entry = entries[position] if entries else Entry()
        writer.add_document(
            position=position,
            text=clause.text,
            lead_in=clause.lead_in,
            heading=clause.section.title,
            concepts=" ".join(entry.concepts),
            above=" ".join(entry.above),
            asked_as=" ".join(entry.asked_as),
        )
    writer.commit()
