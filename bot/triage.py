"""How urgent something typed may be. Read, judged and forgotten: nothing is stored or logged, nobody told.

Levels: `emergency` (somebody may be in danger now), `dsl` (a concern about a child, or an adult at risk),
`headteacher` (a concern about staff). A learnt half (`triage_model.py`) stands beside plain phrases
(`triage_rules.py`); the graver of the two counts. Missing is far dearer than alarming, but false alarms
teach people to ignore the real ones: hence a third voice between card and nothing, the calm line.
"""

import hashlib
import re
from collections.abc import Iterable
from threading import Lock
from typing import Literal

from bot import triage_rules as rules
from bot.model import Model
from bot.people import School
from bot.triage_model import STAFF, Cuts, Encodes, Numbers, TriageModel, WeightsUnavailable, tidied
from knowledge.encoder import Encoder, ModelUnavailable

Level = Literal["emergency", "dsl", "headteacher"]
LEVELS: tuple[Level, ...] = ("emergency", "dsl", "headteacher")
MOST_PIECES = 24
"""How many pieces of a long text are judged one by one; of a longer text, several sentences at a time."""
PRESSING = 0.12
"""From this share of the chance of any concern on it is urgent, though it seems to be about staff: somebody may
have threatened them."""
ABOUT_THE_HEAD = 0.2
"""Once the head is spoken of, this share of the chance is enough to take it for a concern about staff."""


HARMLESS_KEPT = 512
"""How many texts found harmless are known again, by their hash: a form is judged anew with each of its changes."""


class Triage(Model):
    """How urgent a text may be. `about_head`: the concern is about the head, so the chair is named.
    `image`: it may speak of a sexual image of a child."""

    level: Level
    about_head: bool = False
    image: bool = False

    def to(self, school: School) -> tuple[str, ...]:
        """Role keys of the school that this is for, first things first."""
        if self.level == "headteacher":
            if self.about_head:
                return (school.chair,)
            both = (school.dsl,) if school.conduct_to_dsl else ()
            return (*both, *sorted(school.head_roles, key=lambda role: (role == school.dsl, role))[:1])
        first = school.chair if self.about_head and school.dsl in school.head_roles else school.dsl
        return (first, *school.roles[school.dsl].deputies)


class Judgement(Model):
    """What is said first. `unsure`: no card, but one calm line under the answer; `about_head`: one that
    does not name the head."""

    card: Triage | None = None
    unsure: bool = False
    about_head: bool = False


class Judge:
    """A loaded triage: one serves every thread."""

    def __init__(self, model: TriageModel | None, encoder: Encodes | None, missing: str = "") -> None:
        self._model = model
        self._harmless: dict[bytes, None] = {}
        self._lock = Lock()
        self._encoder = encoder if model else None
        self.missing = missing
        """Why it judges less well than it could, in words; empty when it does not."""

    @classmethod
    def load(cls) -> "Judge":
        """The package's own. Whatever cannot be loaded is gone without, and named."""
        try:
            model = TriageModel.load()
        except WeightsUnavailable as why:
            return cls(None, None, f"only plain phrases are looked for: {why}")
        try:
            encoder = Encoder.load()
        except ModelUnavailable as why:
            return cls(model, None, f"only words are looked at, not their meaning: {why.reason}")
        if encoder.card.digest != model.card.encoder:
            return cls(model, None, "only words are looked at: the weights were learnt with another encoder")
        return cls(model, encoder)

    def judge(self, text: str) -> Judgement:
        """The strongest voice that the whole text, or any sentence of a long one, calls for."""
        known = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
        with self._lock:
            if known in self._harmless:
                return Judgement()
        judgement = self._judged(text)
        if judgement == Judgement():  # of anything else not so much as a hash is kept
            with self._lock:
                self._harmless[known] = None
                if len(self._harmless) > HARMLESS_KEPT:
                    del self._harmless[next(iter(self._harmless))]
        return judgement

    def _judged(self, text: str) -> Judgement:
        if not re.search(r"\w", text) or rules.is_small_talk(text):
            return Judgement()
        if self._model is None:
            level = rules.by_phrases(text)
            return Judgement(card=self._card(level, text)) if level else Judgement()
        pieces = _pieces(text)
        chances, cut = self._chances(self._model, pieces)
        concern = 1 - chances[:, 3]
        bars = [cut.card, *[(1 + cut.card) / 2] * (len(pieces) - 1)]
        rows = zip(chances, concern, bars, strict=True)
        found: list[Level] = [self._level(row, cut, text) for row, c, bar in rows if c >= bar]
        if any(rules.grave(piece) for piece in pieces):
            found.append("emergency")
        if set(found) == {"dsl"} and rules.asks_ahead(text):
            return Judgement(unsure=True, about_head=rules.about_head(text))
        if found:
            return Judgement(card=self._card(min(found, key=LEVELS.index), text))
        unsure = bool(concern.max() >= cut.unsure)
        return Judgement(unsure=unsure, about_head=unsure and rules.about_head(text))

    def _chances(self, model: TriageModel, pieces: list[str]) -> tuple[Numbers, Cuts]:
        if self._encoder is None:
            return model.chances(pieces, None), model.card.words_only
        vectors = self._encoder.encode([tidied(piece) for piece in pieces], keep=False)
        return model.chances(pieces, vectors), model.card.with_meaning

    @staticmethod
    def _level(row: Numbers, cut: Cuts, text: str) -> Level:
        concern = 1 - row[3]
        urgent = row[0] / concern
        if urgent >= cut.emergency and (row[2] < STAFF * concern or urgent >= PRESSING):
            return "emergency"
        staff = row[2] / (row[1] + row[2])
        if staff >= 0.5 or (staff >= ABOUT_THE_HEAD and rules.about_head(text)):
            return "headteacher"
        return "dsl"

    @staticmethod
    def _card(level: Level, text: str) -> Triage:
        return Triage(level=level, about_head=rules.about_head(text), image=rules.speaks_of_image(text))


_lock = Lock()
_loaded: list[Judge] = []


def judge(text: str) -> Judgement:
    """Card, calm line or nothing. The first call loads the model (some 100 ms)."""
    return _own_judge().judge(text)


def triage(text: str) -> Triage | None:
    """The card a text calls for; None when nothing in it does."""
    return judge(text).card


def triage_ready() -> str:
    """Empty; or in words why messages are judged less well than they could be, and the reminder stands
    under every reply."""
    return _own_judge().missing


def judge_all(texts: Iterable[str]) -> Judgement:
    """The strongest voice that any of several texts (the fields of a form) calls for."""
    judged = [judge(text) for text in texts]
    cards = [one.card for one in judged if one.card]
    unsure = [one for one in judged if one.unsure]
    return Judgement(
        card=min(cards, key=lambda card: LEVELS.index(card.level), default=None),
        unsure=bool(unsure),
        about_head=any(one.about_head for one in unsure),
    )


def _own_judge() -> Judge:
    with _lock:
        if not _loaded:
            _loaded.append(Judge.load())
        return _loaded[0]


def _pieces(text: str) -> list[str]:
    """The whole, then its sentences where there are several, so that one line is not lost in a long text."""
    sentences = [s for s in re.split(r"(?<=[.!?;])\s+|\n+", text.strip()) if len(s.split()) > 2]
    if len(sentences) < 2:
        return [text]
    if len(sentences) > MOST_PIECES:
        step = -(-len(sentences) // MOST_PIECES)
        sentences = [" ".join(sentences[i : i + step]) for i in range(0, len(sentences), step)]
    return [text, *sentences]
