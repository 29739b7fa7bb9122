"""Which schools the worker looks at now. All of them come in turn, a few at a time: messages do not wait for the
rest, and answering is not slowed down by how many schools there are."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

AT_ONCE = 5
PAUSE = timedelta(seconds=1)
"""So many schools in one round of the worker, and then none for so long."""


class Turns:
    """One reason to look at schools. A pass through all of them begins `every` so often, or when the last one is
    over, if that takes longer."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._begun: datetime | None = None
        self._handed: datetime | None = None
        self._waiting: deque[str] = deque()

    def next(self, now: datetime, schools: Callable[[], Iterable[str]]) -> tuple[str, ...]:
        """The schools to look at now. `schools`: all whose turn it is, asked once a pass."""
        if not self._waiting and _passed(self._begun, now, self._every):
            self._begun, self._handed = now, None
            self._waiting = deque(schools())
        if not _passed(self._handed, now, PAUSE):
            return ()
        self._handed = now
        return tuple(self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting))))


def _passed(since: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether it is so long ago, or never was. A clock may be put back."""
    return since is None or abs(now - since) >= span
