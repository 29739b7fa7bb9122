"""What the worker does when no request is due: days that are coming, and when the policy is reviewed."""

import logging
from datetime import datetime, timedelta

from adapters.store.queue import Outbox
from adapters.turns import Turns
from bot.ports import Conflict, Unreadable
from bot.reminding import Reminding
from bot.reviews import reviews_to_keep
from bot.visit import Services

LOOK = timedelta(minutes=15)
"""How often the worker looks at the days in every school's registers."""

_log = logging.getLogger(__name__)


class SchoolCalendar:
    """Looks at every school's days. Any number of workers may: each reminder is put in the outbox once."""

    def __init__(self, services: Services, outbox: Outbox) -> None:
        self._services = services
        self._outbox = outbox
        self._turns = Turns(LOOK)

    def look(self, now: datetime) -> int:
        """Keep the policies' reviews in their registers, and put in the outbox what is to be said now. Returns
        how many reminders were new."""
        schools = self._turns.next(now, self._services.library.schools)
        return sum(self._look_at(school, now) for school in schools)

    def _look_at(self, school: str, now: datetime) -> int:
        services = self._services
        published, staff = services.library.outline(school), services.directory.staff(school)
        try:
            for entry, deed in reviews_to_keep(published, staff, services.store, now):
                services.store.keep(entry, deed)
            return self._outbox.remind(Reminding(services, school, published).due(), now)
        except Conflict:
            _log.info("another worker keeps the reviews of %s; a later round looks again", school)
        except Unreadable as why:
            _log.error("registers of %s cannot be read (%s): see `policyclerk audit verify`", school, why)
        return 0
