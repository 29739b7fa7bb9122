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
from collections.abc import Mapping
from datetime import timedelta

from adapters.store.people import SqlDirectory
from adapters.store.queue import Outbox, OutboxRow
from bot.ports import Conflict, Delivery, Sender, SendFailed
from bot.visit import Services
from bot.workflows import requests, routing
from bot.workflows.request import Request
from bot.workflows.routing import Context

LEASE_SECONDS = 60.0
BATCH = 20
ATTEMPTS = 8
"""After so many failures a row is set aside, for the administrator to see."""

_log = logging.getLogger(__name__)


class Worker:
    """Works off the outbox of one database. Any number of workers may share it."""

    def __init__(
        self, services: Services, outbox: Outbox, directory: SqlDirectory, senders: Mapping[str, Sender]
    ) -> None:
        self._services = services
        self._outbox = outbox
        self._directory = directory
        self._senders = senders
        self._name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"

    def work(self) -> int:
        """One round: what is due by the clock, then a batch of messages. Returns how much was done."""
        now = self._services.clock.now()
        due = self._services.store.due(now)
        for request_id in due:
            self._tick(request_id)
        rows = self._outbox.claim(self._name, now, LEASE_SECONDS, BATCH)
        for row in rows:
            self._work_off(row)
        return len(due) + len(rows)

    async def run(self, stop: asyncio.Event, pause: float = 0.25) -> None:
        """Work until `stop`. A database that is away is waited for, with growing pauses."""
        waiting = pause
        while not stop.is_set():
            try:
                done = await asyncio.to_thread(self.work)
                waiting = 0.0 if done else pause
            except OSError as error:
                waiting = min(max(waiting, pause) * 2, 30.0)
                _log.warning("the outbox waits: %s", type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), waiting)
            except TimeoutError:
                continue

    def _tick(self, request_id: str) -> None:
        request = self._services.store.load(request_id)
        if request is None:
            return
        change = requests.tick(self._services.context(request), request)
        if change is None:
            return
        try:
            self._services.store.save(change)
        except Conflict:
            _log.info("request changed while the clock looked at it; the next round looks again")

    def _work_off(self, row: OutboxRow) -> None:
        request = self._services.store.load(row.request)
        if request is None or not entitled(self._services.context(request), request, row):
            self._outbox.dropped(row)
            return
        try:
            address = self._send(row, request)
        except SendFailed as failure:
            self._failed(row, failure)
            return
        if row.notice.kind == "redraw":
            self._outbox.dropped(row)
            return
        sent = Delivery(
            id=0,
            request=row.request,
            kind=row.notice.kind,
            person=row.notice.person,
            stage=row.notice.stage,
            address=address,
            sent_at=self._services.clock.now(),
        )
        self._outbox.delivered(row, sent)

    def _send(self, row: OutboxRow, request: Request) -> str:
        """Reach the person on a platform they are known on."""
        if row.notice.kind == "redraw":
            for sender in self._senders.values():
                sender.send(row.notice, request)
            return ""
        for identity in self._directory.identities_of(row.notice.person):
            if identity.platform in self._senders:
                return self._senders[identity.platform].send(row.notice, request)
        raise SendFailed("no_platform_to_reach_them", permanent=True)

    def _failed(self, row: OutboxRow, failure: SendFailed) -> None:
        now = self._services.clock.now()
        if failure.permanent or row.attempts >= ATTEMPTS:
            self._outbox.set_aside(row, failure, now)
            _log.error("message %s set aside: see `policyclerk check`", row.id)
            return
        wait = failure.retry_after or 2.0**row.attempts
        self._outbox.retry(row, now + timedelta(seconds=wait), failure)


def entitled(ctx: Context, request: Request, row: OutboxRow) -> bool:
    """Whether this message is still true and still this person's to have."""
    person = row.notice.person
    match row.notice.kind:
        case "asked" | "reminded":
            return any(
                s.id == row.notice.stage and h.person == person for s, h in routing.asked(ctx, request)
            )
        case "told":
            return any(holder.person == person for holder in routing.told(ctx, request))
        case "progress":
            return person == request.requester and person not in routing.barred(ctx, request)
        case "redraw":
            return True
