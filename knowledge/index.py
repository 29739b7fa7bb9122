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
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

from whoosh import fields, index, query, scoring
from whoosh.analysis import StemmingAnalyzer
from whoosh.searching import Searcher

from knowledge.clauses import Clause, Policy

LAYOUT = "1"
"""Changes whenever the fields or their analysis do, so that old folders are not read."""
WEIGHTS = {"text": 1.0, "lead_in": 0.45, "heading": 0.35, "asked_as": 0.8}
"""How much a word counts by where it stands."""

_log = logging.getLogger(__name__)
_stemming = StemmingAnalyzer(minsize=2)
_schema = fields.Schema(
    position=fields.STORED,
    text=fields.TEXT(analyzer=_stemming),
    lead_in=fields.TEXT(analyzer=_stemming),
    heading=fields.TEXT(analyzer=_stemming),
    asked_as=fields.TEXT(analyzer=_stemming),
)


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

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the policy, in lower case, as written."""
        text = " ".join(f"{clause.shown} {clause.section.title}" for clause in self.policy.clauses)
        return frozenset(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.casefold()))

    def search(self, words: Sequence[str], limit: int = 30) -> list[tuple[Clause, float]]:
        """Clauses with any of the stemmed `words`, best first, with their BM25F score."""
        if not words:
            return []
        anywhere = query.Or(
            [query.Term(name, word, boost=w) for name, w in WEIGHTS.items() for word in words]
        )
        with self._lock:
            hits = self._searcher.search(anywhere, limit=limit)
            return [(self.policy.clauses[hit["position"]], float(hit.score)) for hit in hits]

    def rarity(self, word: str) -> float:
        """How telling a stemmed word is in this policy: its inverse document frequency."""
        with self._lock:
            return max(float(self._searcher.idf(name, word)) for name in WEIGHTS)


def open_index(policy: Policy, home: Path, asked_as: Sequence[str] = ()) -> PolicyIndex:
    """The index of this policy version under `home`, built if it is not there or does not open.

    `asked_as` has, for each clause in order, what staff ask about such a clause.
    """
    folder = home / _name(policy, asked_as)
    try:
        return PolicyIndex(policy, index.open_dir(str(folder)).searcher(weighting=scoring.BM25F()))
    except Exception as damage:  # noqa: BLE001 - unpickling a broken file raises anything; the cure is one
        if folder.exists():
            _log.warning("index %s does not open (%s): building it again", folder.name, type(damage).__name__)
            shutil.rmtree(folder, ignore_errors=True)
        _build(policy, folder, asked_as)
        return PolicyIndex(policy, index.open_dir(str(folder)).searcher(weighting=scoring.BM25F()))


def _name(policy: Policy, asked_as: Sequence[str]) -> str:
    content = "\n".join((LAYOUT, policy.digest, *asked_as))
    return f"{policy.school}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _build(policy: Policy, folder: Path, asked_as: Sequence[str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    building = Path(tempfile.mkdtemp(prefix="building-", dir=folder.parent))
    try:
        writer = index.create_in(str(building), _schema).writer()
        for position, clause in enumerate(policy.clauses):
            writer.add_document(
                position=position,
                text=clause.text,
                lead_in=clause.lead_in,
                heading=clause.section.title,
                asked_as=asked_as[position] if asked_as else "",
            )
        writer.commit()
        building.rename(folder)
    except OSError:
        if not folder.exists():  # else another process was quicker, and built the same
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
