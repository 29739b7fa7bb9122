"""What the worker does once a day: erase the finished requests that a school keeps no longer."""

import logging
from datetime import datetime, time, timedelta

from adapters.turns import Turns
from bot import disposal
from bot.ports import Conflict, Unreadable
from bot.retention import months_before
from bot.visit import Services
from bot.workflows.change import Refused
from bot.workflows.entry import Deed

LOOK = timedelta(days=1)
"""How often every school is looked at."""
LOOKS = 7
"""Only what was over at the look so many looks ago is erased. Nobody can bring it back, and a clock that has jumped
ahead shows at once: that leaves as many days to put it right."""
TIME_IS_OVER = "The school's period for it was over."
JUMP = timedelta(days=60)
"""More between so many looks is said in the log: longer than any holiday that a computer is switched off for."""

_log = logging.getLogger(__name__)


class Retaining:
    """Looks at every school's finished requests. Any number of workers may: each is erased once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turns = Turns(LOOK)

    def look(self, now: datetime) -> int:
        """Look at the next schools of the day. Returns how many requests were erased."""
        schools = self._turns.next(now, self._services.library.schools)
        return sum(self._tidy(school, now) for school in schools)

    def _tidy(self, school: str, now: datetime) -> int:
        over = self._services.store.looked(school, now.date(), LOOKS)
        if over is None:
            return 0
        if now.date() - over > JUMP:
            _log.warning("the clock of this computer has gone ahead since %s: see keep-it-running.md", over)
        then = datetime.combine(over, time(), now.tzinfo)
        retention = self._services.library.outline(school).school.retention
        erased = 0
        for found in self._services.store.finished_before(school, months_before(then, 1)):
            months = retention.months(found.workflow, found.about_people)
            if months is not None and found.updated_at <= months_before(then, months):
                erased += self._erased(school, found.id, now)
        if erased:
            _log.info("requests of %s erased because their time was over: %s", school, erased)
        return erased

    def _erased(self, school: str, request_id: str, now: datetime) -> bool:
        """Whether it was erased: not while it is on hold, or while something else rests on it."""
        services = self._services
        try:
            request = services.store.load(request_id)
            if request is None or disposal.still_needed(services, request):
                return False
            disposal.may_erase(request)
            deed = Deed(at=now, action="request_erased", reference=request.reference, reason=TIME_IS_OVER)
            services.store.erase(request_id, deed, request.version)
        except (Refused, Conflict):
            return False
        except Unreadable as why:
            _log.error("a request of %s cannot be read (%s): see `policyclerk audit verify`", school, why)
            return False
        return True
