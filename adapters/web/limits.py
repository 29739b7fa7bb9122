"""How often one person's page may ask. What is about somebody's safety never waits."""

import time
from collections import OrderedDict
from collections.abc import Callable

from bot.events import ButtonPressed, CommandCalled, Event, FormChanged, FormSubmitted, typed
from bot.triage import judge_all

REMEMBERED = 10_000


class Pace:
    """`burst` at once, then one every `every` seconds, for each key. Each process counts for itself: it protects
    a process, and keeps nobody out of anything."""

    def __init__(self, burst: int, every: float, now: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._every = every
        self._now = now
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Whether this one may pass; counted if so."""
        now = self._now()
        full_at = max(self._full_at.pop(key, now), now) + self._every
        allowed = full_at - now <= self._burst * self._every
        self._full_at[key] = full_at if allowed else full_at - self._every
        if len(self._full_at) > REMEMBERED:
            self._full_at.popitem(last=False)
        return allowed


def never_waits(event: Event) -> bool:
    """Whether no limit may hold this up: the way to a report, a report itself, and words that triage would
    answer with a card or a line about safety (SAFEGUARDING, must never hide the route to help)."""
    match event:
        case CommandCalled(command=name) | ButtonPressed(action="start", target=name):
            reports = name.startswith("report")
        case FormChanged(form=name) | FormSubmitted(form=name):
            reports = name.startswith("report")
        case _:
            reports = False
    judged = judge_all(typed(event))
    return reports or bool(judged.card) or judged.unsure
