"""Requests and their history, kept as `bot.ports.Store` asks: every method is one transaction."""

import logging
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, and_, delete, insert, select, update

from adapters.store import audit, bodies, chain, deliveries, ending, listing, queue, registers, tables
from adapters.store.crypto import DataKey
from adapters.store.engine import insert_new, insert_or_skip
from adapters.store.registerstore import RegisterStore
from adapters.store.tables import request_keys, requests
from bot.ports import (
    AlreadySubmitted,
    Conflict,
    Delivery,
    Finished,
    Gap,
    Line,
    Listing,
    ReferenceTaken,
    Unreadable,
)
from bot.workflows.entry import Deed
from bot.workflows.request import Change, Request, Taken

log = logging.getLogger(__name__)


class SqlStore(RegisterStore):
    """`bot.ports.Store` on SQLite or PostgreSQL, and what running it needs besides."""

    def create(self, change: Change, token: str) -> None:
        """Save a new request with its first event and its notices. AlreadySubmitted when the form's
        token was used before; ReferenceTaken when another request has its reference."""
        request = change.request
        data_key, wrapped = self._keys.new_data_key(request.id)
        fixed = {
            "id": request.id,
            "reference": request.reference,
            "school": request.school,
            "workflow": request.workflow,
            "created_at": request.created_at,
            "token": token,
        }
        with self._database.write() as connection:
            row = {**fixed, **bodies.changing_columns(request, data_key)}
            if not insert_or_skip(connection, requests, row):
                raise _why_not(connection, request, token)
            connection.execute(insert(request_keys).values(request=request.id, **vars(wrapped)))
            self._follow(connection, change, data_key)

    def save(self, *changes: Change) -> None:
        """Save a change to a request whose stored version is one less, or several together. Conflict,
        and none saved, when one is not, or when its request is gone."""
        with self._database.write() as connection:
            for change in sorted(changes, key=lambda c: c.request.id):  # two links the other way round wait
                self._save(connection, change)

    def _save(self, connection: Connection, change: Change) -> None:
        request = change.request
        data_key = bodies.data_key_of(connection, self._keys, request.id)
        if data_key is None:
            raise Conflict(f"request {request.id} does not exist or was erased")
        saved = connection.execute(
            update(requests)
            .where(requests.c.id == request.id, requests.c.version == request.version - 1)
            .where(requests.c.erased_at.is_(None))
            .values(bodies.changing_columns(request, data_key))
        )
        if saved.rowcount != 1:
            raise Conflict(f"request {request.id} is not at version {request.version - 1}")
        self._follow(connection, change, data_key)

    def record(self, request_id: str, taken: Taken) -> None:
        """Append an event that changes nothing. KeyError when the request is unknown or erased."""
        with self._database.write() as connection:
            data_key = bodies.data_key_of(connection, self._keys, request_id)
            if data_key is None:
                raise KeyError(request_id)
            school, version = _standing(connection, request_id)
            self._append(connection, school, request_id, version, taken, data_key)

    def load(self, request_id: str) -> Request | None:
        """The request; None when it is unknown or erased. Unreadable when it was tampered with."""
        chosen = bodies.sealed_requests().where(requests.c.id == request_id)
        with self._database.read() as connection:
            row = connection.execute(chosen).first()
        return bodies.open_request(row, self._keys) if row else None

    def find(self, school: str, reference: str) -> Request | None:
        """The request that a school's people know by this reference; None when there is none, or erased."""
        found = self.named(reference)
        return found if found and found.school == school else None

    def named(self, reference: str) -> Request | None:
        """The request of this reference, whatever its school; None when there is none, or erased."""
        return next(iter(self._read(bodies.sealed_requests().where(requests.c.reference == reference))), None)

    def history(self, request_id: str) -> tuple[Taken, ...]:
        """Everything that happened to it, oldest first; empty when it is unknown or erased."""
        with self._database.read() as connection:
            data_key = bodies.data_key_of(connection, self._keys, request_id)
            return bodies.read_events(connection, data_key, request_id) if data_key else ()

    def requested_by(self, person: str, limit: int = 50) -> tuple[Request, ...]:
        """A person's own requests, newest first; of what cannot be read, the reference is logged."""
        theirs = bodies.sealed_requests().where(requests.c.requester == person)
        return self._read(theirs.order_by(requests.c.created_at.desc(), requests.c.id).limit(limit))

    def lines(
        self, person: str, which: Listing, limit: int, offset: int = 0, since: datetime | None = None
    ) -> tuple[Line, ...]:
        """Requests this person made or was sent, unopened: newest first, `sent` longest waiting first.
        `since`: finished not before then, for `recent`."""
        with self._database.read() as connection:
            return listing.lines(connection, person, which, limit, offset, since)

    def undelivered(self, school: str) -> tuple[tuple[str, str, str], ...]:
        """Request, stage and person of each message that was to ask somebody and could not be delivered."""
        with self._database.read() as connection:
            return listing.undelivered(connection, school)

    def set_aside(self, school: str) -> int:
        """How many messages of a school were given up, those about people left out."""
        with self._database.read() as connection:
            return listing.set_aside(connection, school)

    def open_in(self, school: str) -> tuple[Request, ...]:
        """Requests of a school that wait for somebody, oldest first; of what cannot be read, the reference
        is logged."""
        waiting = bodies.sealed_requests().where(
            requests.c.school == school, requests.c.status.in_(listing.OPEN)
        )
        return self._read(waiting.order_by(requests.c.created_at, requests.c.id))

    def schools_waiting(self) -> tuple[str, ...]:
        """Ids of the schools in which a request waits for somebody."""
        waiting = select(requests.c.school).where(requests.c.status.in_(listing.OPEN)).distinct()
        with self._database.read() as connection:
            return tuple(connection.execute(waiting.order_by(requests.c.school)).scalars())

    def kept(self, school: str) -> tuple[Request, ...]:
        """Every request of a school that is not erased, oldest first; of what cannot be read, the reference
        is logged."""
        theirs = bodies.sealed_requests().where(requests.c.school == school)
        return self._read(theirs.order_by(requests.c.created_at, requests.c.id))

    def finished(self, school: str, workflow: str) -> tuple[Request, ...]:
        """Completed requests of one procedure, oldest first; erased ones are left out."""
        done = bodies.sealed_requests().where(
            requests.c.school == school, requests.c.workflow == workflow, requests.c.status == "completed"
        )
        return self._read(done.order_by(requests.c.created_at, requests.c.id))

    def count_gap(self, school: str, policy: str, kind: str, about: str) -> None:
        """Count once more what this version of the policy did not answer."""
        row = {"school": school, "policy": policy, "kind": kind, "about": about}
        same = and_(*(tables.gaps.c[name] == value for name, value in row.items()))
        with self._database.write() as connection:
            insert_or_skip(connection, tables.gaps, {**row, "count": 0})
            connection.execute(update(tables.gaps).where(same).values(count=tables.gaps.c.count + 1))

    def gaps(self, school: str, policy: str) -> tuple[Gap, ...]:
        """What was counted for this version of the policy."""
        counted = select(tables.gaps).where(tables.gaps.c.school == school, tables.gaps.c.policy == policy)
        with self._database.read() as connection:
            rows = connection.execute(counted).all()
        return tuple(Gap(kind=row.kind, about=row.about, count=row.count) for row in rows)

    def seal_for(self, person: str, text: str) -> str:
        """The text, for a button of that person's."""
        return self._keys.seal_for(person, text)

    def open_for(self, person: str, sealed: str) -> str:
        """What was sealed for that person. Unreadable when it was not."""
        return self._keys.open_for(person, sealed)

    def due(self, now: datetime, limit: int = 20) -> tuple[str, ...]:
        """Ids of open requests whose `due_at` has come, longest due first."""
        come = (
            select(requests.c.id)
            .where(requests.c.status.in_(listing.OPEN), requests.c.due_at <= now)
            .order_by(requests.c.due_at, requests.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple(connection.execute(come).scalars())

    def deliveries(self, request_id: str) -> tuple[Delivery, ...]:
        """Where messages about the request went, oldest first."""
        with self._database.read() as connection:
            return deliveries.of_request(connection, request_id)

    def deliveries_to(self, person: str, limit: int = 50) -> tuple[Delivery, ...]:
        """What a person was sent, newest first."""
        with self._database.read() as connection:
            return deliveries.to_person(connection, person, limit)

    def opened(self, request_id: str, person: str, at: datetime) -> None:
        """The person has seen the details: stamps their deliveries that have no stamp yet."""
        with self._database.write() as connection:
            deliveries.stamp_opened(connection, request_id, person, at)

    def first_time(self, event_id: str, at: datetime) -> bool:
        """Whether this event is seen for the first time; remembers it either way."""
        return event_id in self.first_times((event_id,), at)

    def first_times(self, event_ids: Collection[str], at: datetime) -> Collection[str]:
        """Which of these events are seen for the first time; remembers all of them, or none where it raises."""
        with self._database.write() as connection:
            marks = [{"id": event_id, "at": at} for event_id in event_ids]
            return insert_new(connection, tables.seen_events, marks)

    def forget(self, event_id: str) -> None:
        """This event was not answered after all: it is new when it comes again."""
        with self._database.write() as connection:
            connection.execute(delete(tables.seen_events).where(tables.seen_events.c.id == event_id))

    def forget_events(self, before: datetime) -> int:
        """Forget events first seen before then, which no platform repeats any more. How many."""
        with self._database.write() as connection:
            old = delete(tables.seen_events).where(tables.seen_events.c.at < before)
            return connection.execute(old).rowcount

    def feed_mark(self, person: str) -> str:
        """A short text that changes whenever a page of that person may show something else."""
        with self._database.read() as connection:
            return listing.mark(connection, person)

    def looked(self, school: str, day: date, ago: int) -> date | None:
        """Note a daily look at what is finished; the day of the one so many looks ago, None when there is none."""
        with self._database.write() as connection:
            return ending.looked(connection, school, day, ago)

    def finished_before(self, school: str, before: datetime) -> tuple[Finished, ...]:
        """Finished requests of a school with which nothing was done since then, longest ago first."""
        with self._database.read() as connection:
            return ending.finished_before(connection, school, before)

    def erase(self, request_id: str, deed: Deed, version: int) -> None:
        """Destroy the request's key, and with it what it says and its history; the chain stays whole.

        Its reference, school, procedure and dates stay, who made it does not. Does nothing to a
        request erased before; Conflict when it is not at that version any more; KeyError when there is
        none. Backups keep the key as long as they live.
        """
        with self._database.write() as connection:
            erased = ending.erase(connection, self._keys, request_id, deed, version)
        if erased:
            self._shrink_log()

    def verify(self, school: str, printed: audit.Printed | None = None) -> list[str]:
        """What is wrong with the school's history, in plain words; empty when nothing is."""
        with self._database.read() as connection:
            return audit.verify(connection, self._keys, school, printed)

    def chained(self) -> tuple[str, ...]:
        """Every school that has a history, in force or not."""
        with self._database.read() as connection:
            return audit.chained(connection)

    def printed_head(self, school: str) -> audit.Printed:
        """How long the school's history is, and its newest HMAC: for a report outside the database."""
        with self._database.read() as connection:
            return audit.printed_head(connection, school)

    def _follow(self, connection: Connection, change: Change, data_key: DataKey) -> None:
        """What goes with every change: its notices, the receipt of who acted, and its event."""
        request, taken = change.request, change.taken
        queue.enqueue(connection, change)
        deliveries.stamp_acted(connection, request.id, taken)
        self._append(connection, request.school, request.id, request.version, taken, data_key)
        registers.leave(connection, self._keys, change, data_key)

    def _append(
        self,
        connection: Connection,
        school: str,
        request_id: str,
        version: int,
        taken: Taken,
        data_key: DataKey,
    ) -> None:
        head = chain.lock_head(connection, school)
        ciphertext = bodies.seal_event(taken, data_key, school, head.count + 1, request_id)
        chain.append(connection, self._keys, head, request_id, version, taken.at, ciphertext)

    def _read(self, chosen: bodies.SealedRequests) -> tuple[Request, ...]:
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
        opened = []
        for row in rows:
            try:
                opened.append(bodies.open_request(row, self._keys))
            except Unreadable:
                log.error("%s cannot be read and is left out: see `policyclerk audit verify`", row.reference)
        return tuple(opened)


def _standing(connection: Connection, request_id: str) -> tuple[str, int]:
    """School and version of a request. KeyError when there is none."""
    row = connection.execute(
        select(requests.c.school, requests.c.version).where(requests.c.id == request_id)
    ).first()
    if row is None:
        raise KeyError(request_id)
    return row.school, row.version


def _why_not(connection: Connection, request: Request, token: str) -> Exception:
    """What stood in the way of a new row."""
    submitted = connection.execute(select(requests.c.id).where(requests.c.token == token)).scalar()
    return AlreadySubmitted(submitted) if submitted else ReferenceTaken(request.reference)
