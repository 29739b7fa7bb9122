"""How good answers are on a file of questions: the table that `policyclerk evaluate` prints.

A question says what a right first clause is: by `gold`, spans of which one stands whole in it,
or by `keys`, author's keys. Neither means that the policy is silent and the clerk should say so.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.model import Model
from knowledge.clauses import Clause, Policy

COLUMNS = ("questions", "hit@1", "hit@3", "MRR@10", "abstain P", "abstain R", "abstain F1", "words@1")


class Question(Model):
    """One line of a question file."""

    id: str
    policy: str
    text: str
    kind: str = ""
    gold: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    """The items under the lead-ins among `keys`: each is shown with its lead-in, so each answers."""

    def within(self, policy: Policy) -> "Question":
        """The same question, its `ids` filled in from the policy it is put to."""
        keyed = [clause for clause in policy.clauses if clause.key and clause.key in self.keys]
        return self.model_copy(update={"ids": tuple(c.id for k in keyed for c in policy.items(k))})

    @property
    def answerable(self) -> bool:
        """Whether the policy has an answer."""
        return bool(self.gold or self.keys)

    def hit(self, clause: Clause) -> bool:
        """Whether the clause answers it."""
        shown = same(clause.shown)
        named = bool(clause.key) and clause.key in self.keys
        return named or clause.id in self.ids or any(same(span) in shown for span in self.gold)


class Outcome(Model):
    """What came of a question. `rank` is that of the first right clause; 0: none in ten."""

    question: Question
    rank: int
    abstained: bool
    words: int
    """Length of the first clause shown."""


class BadLine(Exception):
    """A line of a question file that cannot be used: which, and what would be right."""


def read_questions(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """(file:line, question) of every line that is not empty. BadLine for one that cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadLine(f"{path.name}: save this file as UTF-8") from error
    for number, line in enumerate(text.split("\n"), 1):  # splitlines() would cut at U+2028 in a question
        if line.strip():
            where = f"{path.name}:{number}"
            yield where, _item(line, where)


def _item(line: str, where: str) -> dict[str, object]:
    try:
        item = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadLine(f"{where}: not a line of JSON ({error.msg})") from error
    if not isinstance(item, dict) or "id" not in item or not (item.get("question") or item.get("text")):
        raise BadLine(f"{where}: needs `id` and `question` (or `text`)")
    for name in ("question", "text", "policy"):
        if not isinstance(item.get(name) or "", str):
            raise BadLine(f"{where}: `{name}` is text, in quotes")
    return item


def judged(question: Question, ranked: Sequence[Clause], abstained: bool) -> Outcome:
    """Judge one answer."""
    rank = next((n for n, clause in enumerate(ranked[:10], 1) if question.hit(clause)), 0)
    words = len(ranked[0].shown.split()) if ranked else 0
    return Outcome(question=question, rank=rank, abstained=abstained, words=words)


def figures(outcomes: Sequence[Outcome]) -> tuple[int | float | None, ...]:
    """One row of the table, in the order of COLUMNS. An answerable question on which the clerk
    abstained counts as missed."""
    ranks = [0 if o.abstained else o.rank for o in outcomes if o.question.answerable]
    said = sum(o.abstained for o in outcomes)
    silent = sum(not o.question.answerable for o in outcomes)
    both = sum(o.abstained and not o.question.answerable for o in outcomes)
    return (
        len(outcomes),
        _mean(float(rank == 1) for rank in ranks),
        _mean(float(1 <= rank <= 3) for rank in ranks),
        _mean(1 / rank if rank else 0.0 for rank in ranks),
        round(both / said, 3) if said else None,
        round(both / silent, 3) if silent else None,
        round(2 * both / (said + silent), 3) if said + silent else None,
        _mean(float(o.words) for o in outcomes),
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """All questions, then each kind and each policy."""
    groups: dict[str, list[Outcome]] = {"all": list(outcomes)}
    for outcome in outcomes:
        if outcome.question.kind:
            groups.setdefault(f"kind {outcome.question.kind}", []).append(outcome)
    for outcome in outcomes:
        groups.setdefault(f"policy {outcome.question.policy}", []).append(outcome)
    lines = [f"{'':22}" + "".join(f"{name:>12}" for name in COLUMNS)]
    for name, group in groups.items():
        cells = ("-" if value is None else str(value) for value in figures(group))
        lines.append(f"{name:22}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def same(text: str) -> str:
    """Text with quotes, dashes, markers, emphasis and spacing folded, so that only words are compared."""
    folded = unicodedata.normalize("NFKC", text).translate(_FOLDED)
    folded = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"</?\w+[^>]*>", " ", folded)).replace("**", "")
    unmarked = re.sub(
        r"(?m)^\s*(?:(?:[-*•·]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-z][.)]|[ivx]{1,4}[.)])\s+)+", "", folded
    )
    return " ".join(unmarked.casefold().split())


_FOLDED = {
    ord(mark): plain for marks, plain in (("‘’‚′", "'"), ("“”„″", '"'), ("–—−‑", "-")) for mark in marks
}


def _mean(values: Iterable[float]) -> float | None:
    counted = list(values)
    return round(sum(counted) / len(counted), 3) if counted else None
