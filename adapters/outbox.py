"""The outbox worker: tells people what was decided, and lets the clock look at what waits.

A row says who is to be told what kind of thing about which request, never what it reads. When
its turn comes, the request is read afresh, entitlement is checked again, and a row that events
have overtaken is dropped. Sending is at least once; a repeated card is harmless, because every
click is checked against the request.
"""

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from adapters.delivering import Delivering, Reaches
from adapters.housekeeping import Forgets, Housekeeping
from adapters.logs import described, told_without_words
from adapters.retaining import Retaining
from adapters.schooldays import SchoolCalendar
from adapters.store.engine import Unavailable
from adapters.store.listing import LOST_AFTER
from adapters.store.queue import LONGEST_PAUSE, Outbox, OutboxRow
from adapters.turns import Turns
from bot import reminding, staffnews
from bot.ports import Conflict, Sender, SendFailed, Unreadable
from bot.visit import Services
from bot.workflows import reaching, requests, staffing
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from bot.workflows.sending import entitled

LEASE_SECONDS = 60.0
BATCH = 20
LOOK_AT_STAFF = timedelta(seconds=10)
"""How often the worker looks whether a school's staff has changed."""
LOOK_AT_ALL = timedelta(hours=1)
"""How often it looks at every open request, whether or not anything is known to have changed."""
LAST_ATTEMPT = 200
"""After so many, about a day and a half, a row is set aside, for the administrator to see."""

_TRIES = 3
"""How often a change is tried that somebody else was quicker than."""

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)


class Worker:
    """Works off the outbox of one database. Any number of workers may share it."""

    def __init__(
        self,
        services: Services,
        outbox: Outbox,
        reaching: Reaches,
        senders: Mapping[str, Sender],
        forgets: Sequence[Forgets] = (),
    ) -> None:
        self._services = services
        self._outbox = outbox
        self._delivering = Delivering(services, reaching, senders)
        self._calendar = SchoolCalendar(services, outbox)
        self._housekeeping = Housekeeping(forgets)
        self._retaining = Retaining(services)
        self._unreadable: set[str] = set()
        self._said: set[str] = set()
        """What is wrong with what, said once."""
        self._turns = Turns(LOOK_AT_STAFF)
        self._seen: dict[str, tuple[str, datetime]] = {}
        """School to the mark of its staff and settings when all its open requests were looked at, and when
        that was. A cache: a worker that starts anew looks at everything once."""
        self._stopping: Callable[[], bool] = lambda: False
        self._name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"

    def work(self) -> int:
        """One round: what is due by the clock and the calendar, what a change of staff has moved, then a batch
        of messages.
        Returns how much was done."""
        now = self._services.clock.now()
        due = self._services.store.due(now, BATCH + len(self._said) + len(self._unreadable))
        moved = sum(bool(self._guarded(id_, self._move, id_, requests.tick)) for id_ in due)
        for look in (self._follow_staff, self._calendar.look, self._retaining.look):
            moved += self._guarded(look.__qualname__, look, now) or 0
        self._guarded("housekeeping", self._housekeeping.look, now)
        rows = self._outbox.claim(self._name, now, LEASE_SECONDS, BATCH)
        for row in rows:
            if self._stopping():  # nobody waits a whole batch long for Ctrl+C, and no message for the lease
                self._outbox.released(row)
            else:
                self._guarded(f"message {row.id}", self._work_off, row)
        return moved + len(rows)

    def _guarded(self, what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """One thing that goes wrong must not keep the others waiting: said once, and None. A database that is
        away is everybody's trouble."""
        try:
            return call(*args, **kwargs)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, the next message is somebody else's
            told = f"{what}: {told_without_words(error)}"
            if told not in self._said:
                self._said.add(told)
                _log.error("the worker could not do its work with %s", told)
            return None

    async def run(self, stop: asyncio.Event, pause: float = 0.25) -> None:
        """Work until `stop`. A database that is away is waited for, with growing pauses. What was set aside
        is tried once more: whoever starts the program again may have put right what stood in the way."""
        waiting, revived, self._stopping = pause, False, stop.is_set
        while not stop.is_set():
            try:
                if not revived:
                    await asyncio.to_thread(self._outbox.revive_all)
                    revived = True
                done = await asyncio.to_thread(self.work)
                waiting = 0.0 if done else pause
            except Exception as error:  # noqa: BLE001 a worker that ends would leave everybody untold
                waiting = min(max(waiting, pause) * 2, 30.0)
                _log.warning("the outbox waits: %s", told_without_words(error))
            try:
                await asyncio.wait_for(stop.wait(), waiting)
            except TimeoutError:
                continue

    def _follow_staff(self, now: datetime) -> int:
        """Who was newly asked because somebody went away or left, or a role changed hands. Returns how
        many requests that moved."""
        moved = 0
        for school in self._turns.next(now, self._services.store.schools_waiting):
            mark = self._mark(school)
            seen, at = self._seen.get(school, ("", now))
            if mark == seen and abs(now - at) < LOOK_AT_ALL:
                continue
            waiting = self._services.store.open_in(school)
            if self._stopping():
                break
            results = [self._move(request.id, staffing.sweep) for request in waiting]
            moved += sum(map(bool, results))
            if None not in results:
                self._seen[school] = (mark, now)
        return moved

    def _mark(self, school: str) -> str:
        """Changes whenever somebody else may be asked: people, roles and absences as they stand today, and
        the school's settings."""
        directory, library = self._services.directory, self._services.library
        people = directory.staff(school)
        there = [person.id for person in people.present(people.current)]
        managers = [person.line_manager for person in people.current]
        return repr((library.outline(school).version, people.holdings, managers, there))

    def _move(self, request_id: str, transition: Callable[[Context, Request], Change | None]) -> bool | None:
        """Whether the request was moved on; None when it changed meanwhile, and a later round looks again."""
        request = self._load(request_id)
        change = transition(self._services.context(request), request) if request else None
        if change is None:
            return False
        try:
            self._services.store.save(change)
        except Conflict:
            _log.info("request changed while the clock looked at it; a later round looks again")
            return None
        return True

    def _load(self, request_id: str) -> Request | None:
        """The request; None when there is none, or when it cannot be read: said once, not every round."""
        try:
            return self._services.store.load(request_id)
        except Unreadable as why:
            if request_id not in self._unreadable:
                self._unreadable.add(request_id)
                _log.error("request %s cannot be read (%s): see `policyclerk audit verify`", request_id, why)
            return None

    def _work_off(self, row: OutboxRow) -> None:
        """Send what is to be sent, and write down what became of it. A row with which something else goes wrong
        than the platform is tried again, and set aside like one that reaches nobody."""
        if row.attempts > LOST_AFTER and not row.last_error:
            self._failed(row, SendFailed("no_worker_survived_it", permanent=True))
            return
        try:
            self._tell(row)
        except Unavailable:
            raise
        except Exception as error:
            self._failed(row, SendFailed("could_not_be_made", permanent=row.attempts >= LOST_AFTER))
            raise error

    def _tell(self, row: OutboxRow) -> None:
        if row.notice.kind == "erased":
            self._take_down(row)
            return
        if row.notice.kind in ("due", "staff"):
            self._say_alone(row)
            return
        request = self._load(row.request)
        if row.request in self._unreadable:
            self._outbox.set_aside(row, "request_cannot_be_read", self._services.clock.now())
            return
        if request is None or not entitled(self._services.context(request), request, row.notice):
            self._outbox.dropped(row)
            return
        try:
            if row.notice.kind == "redraw":
                self._delivering.redraw(request)
                self._outbox.dropped(row)
            else:
                role = "" if request.about_people or row.notice.kind == "progress" else row.notice.role
                drawn = partial(self._delivering.card, request)
                self._outbox.delivered(row, self._delivering.send(row, request, role, drawn))
        except SendFailed as failure:
            self._failed(row, failure)

    def _take_down(self, row: OutboxRow) -> None:
        """A card of a request that was erased says so little, from now on, that nothing of it is left."""
        try:
            self._delivering.take_down(row)
            self._outbox.dropped(row)
        except SendFailed as failure:
            if failure.permanent:  # whoever took the card away was quicker, or nobody can reach it any more
                self._outbox.dropped(row)
            else:
                self._failed(row, failure)

    def _say_alone(self, row: OutboxRow) -> None:
        """Tell one person, alone, what belongs to no request, if it is still so and theirs to know."""
        draw = staffnews.card_of if row.notice.kind == "staff" else reminding.card_of
        card = draw(self._services, row.notice)
        if card is None:
            self._outbox.dropped(row)
            return
        try:
            self._outbox.delivered(
                row, self._delivering.send(row, None, row.notice.role, lambda _delivery: card)
            )
        except SendFailed as failure:
            if failure.gone and row.notice.role:
                self._outbox.dropped(row)  # a channel's first message: the administrators are told why
            else:
                self._failed(row, failure)

    def _failed(self, row: OutboxRow, failure: SendFailed) -> None:
        now = self._services.clock.now()
        if failure.permanent or row.attempts >= LAST_ATTEMPT:
            self._outbox.set_aside(row, failure, now)
            _log.error("message %s set aside (%s): see `policyclerk check`", row.id, described(failure))
            self._follow_loss(row)
            return
        wait = min(failure.retry_after or 2.0**row.attempts, LONGEST_PAUSE)
        self._outbox.retry(row, now + timedelta(seconds=wait), failure)
        if row.attempts == LOST_AFTER:
            self._follow_loss(row)

    def _follow_loss(self, row: OutboxRow) -> None:
        """Somebody else is asked, or told, instead of whoever could not be reached."""
        if row.notice.kind in ("due", "staff", "redraw", "stuck", "progress", "erased"):
            return
        delivered = {
            sent.person
            for sent in self._services.store.deliveries(row.request)
            if sent.stage == row.notice.stage and sent.kind in ("asked", "reminded")
        }
        reached = (delivered | self._outbox.on_their_way(row.request, row.notice.stage)) - {row.notice.person}
        for _ in range(_TRIES):
            lost = partial(reaching.undelivered, lost=row.notice, reached=reached)
            if self._move(row.request, lost) is not None:
                return
        _log.error("what follows from message %s could not be written", row.id)
