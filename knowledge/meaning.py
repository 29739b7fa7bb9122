"""How near a question's meaning is to each clause of a policy: one signal for the retriever.

Ranking, thresholds and other signals live elsewhere. A clause's vectors are worked out once per
policy version, kept in memory for the policies in use and, where a folder is given, on disk. The
files are a cache: one that is missing, damaged or of another model is made again.
"""

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.clauses import Clause, Policy
from knowledge.encoder import Encodes, Vectors
from knowledge.kept import Kept

KEPT_POLICIES = 64
"""Policies kept in memory, at some 0.5 MB each: cost follows the schools that are talking."""
LAYOUT = "1"
"""Changes whenever `sides` does, so that vectors of other texts are not read from disk."""
_log = logging.getLogger(__name__)


class Meaning:
    """Clause vectors of the policies in use, and their likeness to a question. Thread-safe."""

    def __init__(self, encoder: Encodes, home: Path | None = None, kept: int = KEPT_POLICIES) -> None:
        """`home` is the private folder that holds the indexes; without it nothing goes to disk."""
        self._encoder = encoder
        self._home = home
        self._kept = Kept[Vectors](kept)

    def scores(self, policy: Policy, question: str) -> NDArray[np.float32]:
        """(number of clauses,): cosine of the question with each of `policy.clauses`, in order.

        The better of two likenesses counts, to the clause alone and to the clause under its heading
        and lead-in: a question may be worded like the item, or like what introduces it.
        """
        if not policy.clauses:
            return np.zeros(0, dtype=np.float32)
        asked = self._encoder.encode([question])[0]
        likeness: NDArray[np.float32] = (self.vectors(policy) @ asked).max(axis=1)
        return likeness

    def at_hand(self, policy: Policy) -> bool:
        """Whether the policy's vectors need not be worked out first, which takes a second or more."""
        file = self._file(policy)
        return policy in self._kept or (file is not None and file.exists())

    def vectors(self, policy: Policy) -> Vectors:
        """(number of clauses, 2, d): each clause's two `sides`, unit length."""
        return self._kept.of(policy, self._worked_out)

    def _worked_out(self, policy: Policy) -> Vectors:
        found = self._read(policy)
        if found is None:
            texts = [side for clause in policy.clauses for side in sides(clause)]
            found = self._encoder.encode(texts).reshape(len(policy.clauses), 2, -1)
            self._write(policy, found)
        return found

    def _file(self, policy: Policy) -> Path | None:
        if self._home is None:
            return None
        return (
            self._home / f"meaning-{policy.school}-{policy.digest}-{self._encoder.card.digest}-{LAYOUT}.npy"
        )

    def _read(self, policy: Policy) -> Vectors | None:
        file = self._file(policy)
        if file is None or not file.exists():
            return None
        try:
            found = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError) as damage:
            _log.warning("%s does not open (%s): making it again", file.name, type(damage).__name__)
            return None
        shape = (len(policy.clauses), 2, self._encoder.card.dimensions)
        if found.dtype != np.float32 or found.shape != shape or not _unit_length(found):
            _log.warning("%s does not hold this policy's vectors: making it again", file.name)
            return None
        vectors: Vectors = found
        return vectors

    def _write(self, policy: Policy, vectors: Vectors) -> None:
        """Swapped in whole. A full or read-only disk costs the next start a second or two, no more."""
        file = self._file(policy)
        if file is None:
            return
        unfinished: str | None = None
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, unfinished = tempfile.mkstemp(prefix="meaning-", suffix=".part", dir=file.parent)
            with os.fdopen(handle, "wb") as stream:
                np.save(stream, vectors, allow_pickle=False)
            os.replace(unfinished, file)
        except OSError as refused:
            _log.warning("%s is kept in memory only (%s)", file.name, type(refused).__name__)
            if unfinished is not None:
                with suppress(OSError):
                    os.unlink(unfinished)


def sides(clause: Clause) -> tuple[str, str]:
    """A clause as it is encoded: by itself, and under its heading and lead-in."""
    title = clause.section.title
    return clause.text, f"{title}: {clause.shown}" if title else clause.shown


def _unit_length(vectors: Vectors) -> bool:
    return bool(np.allclose(np.linalg.norm(vectors, axis=-1), 1.0, atol=1e-3))
