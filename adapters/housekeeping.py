"""What the worker throws away when its time is over: events that no platform repeats any more, half-filled forms."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

LOOK = timedelta(hours=1)
"""How often."""
REPEATED = timedelta(days=1)
"""How long an event may come again: Slack repeats for about an hour, and a signed request is good for minutes."""

Forgets = Callable[[datetime], int]
"""Throws away what is older than it may be at that time; how many."""


class Housekeeping:
    """Any number of workers may: what is gone is gone."""

    def __init__(self, forgets: Sequence[Forgets]) -> None:
        self._forgets = forgets
        self._looked: datetime | None = None

    def look(self, now: datetime) -> None:
        """Throw away what is past its time, once an hour."""
        if self._looked and abs(now - self._looked) < LOOK:  # a clock may be put back
            return
        self._looked = now
        for forget in self._forgets:
            forget(now)
