"""The outbox: who is still to be told. Rows are written with the decision and worked off later.

A worker claims rows for a while (a lease). If it dies, the lease runs out and another worker
takes over, so a message is sent at least once. Only who holds the lease may put a row back or
aside; what has been sent is written down whoever holds it by then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select, update

from adapters.logs import described
from adapters.store import deliveries
from adapters.store.engine import Database, insert_or_skip
from adapters.store.tables import outbox, reminded
from bot.model import Model
from bot.ports import Delivery
from bot.workflows.request import Change, Notice

LONGEST_PAUSE = 600.0
"""Seconds between two attempts. What is due or held for longer than that was written before a clock was put
back, and does not wait until it has caught up."""


class OutboxRow(Model):
    """One message on its way. `attempts` counts claims, this one included. Times are UTC."""

    id: int
    idempotency_key: str
    request: str
    """Empty for what belongs to no request: its notice has an `item`."""
    version: int
    """The request's version that gave rise to it; the message shows the request as it stands when sent."""
    notice: Notice
    due: datetime
    lease_until: datetime | None
    lease_owner: str
    attempts: int
    last_error: str
    set_aside_at: datetime | None


class Standing(Model):
    """The outbox at one moment."""

    waiting: int
    """Messages on their way: due, or waiting for another attempt."""
    age_seconds: float
    """How long the one that has waited longest has been due."""
    attempts: int
    """The most that one of them has had."""
    set_aside: int


class Outbox:
    """Claiming messages, and saying what became of them. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, owner: str, now: datetime, lease_seconds: float, limit: int) -> tuple[OutboxRow, ...]:
        """Up to `limit` rows that are due, longest due first: nobody else gets them before `now`
        plus `lease_seconds`. `owner` names the worker, and no other one."""
        never = now + timedelta(seconds=max(LONGEST_PAUSE, lease_seconds))
        lease = outbox.c.lease_until
        free = (
            select(outbox.c.id)
            .where(outbox.c.set_aside_at.is_(None), (outbox.c.due <= now) | (outbox.c.due > never))
            .where(lease.is_(None) | (lease <= now) | (lease > never))
            .order_by(outbox.c.due, outbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("free")
        )
        taken = {
            "lease_owner": owner,
            "lease_until": now + timedelta(seconds=lease_seconds),
            "attempts": outbox.c.attempts + 1,
        }
        claiming = update(outbox).where(outbox.c.id.in_(select(free.c.id))).values(taken).returning(outbox)
        with self._database.write() as connection:
            rows = connection.execute(claiming).all()
        return tuple(sorted(map(_row, rows), key=lambda row: (row.due, row.id)))

    def remind(self, notices: Iterable[Notice], at: datetime) -> int:
        """Put in what belongs to no request, each only the first time it is given: whichever worker is first,
        and however long ago. Returns how many were new."""
        new = 0
        with self._database.write() as connection:
            for notice in notices:
                key = "|".join((notice.kind, notice.item, notice.person))
                if insert_or_skip(connection, reminded, {"key": key, "at": at}):
                    new += 1
                    tell(connection, (notice,), at)
        return new

    def delivered(self, row: OutboxRow, delivery: Delivery) -> Delivery:
        """It was sent: the row goes and the delivery is written, both or neither. Returns the delivery
        with its number (`delivery.id` is ignored). Written even when the lease had run out meanwhile:
        it was sent all the same."""
        with self._database.write() as connection:
            connection.execute(delete(outbox).where(outbox.c.id == row.id))
            return deliveries.add(connection, delivery)

    def dropped(self, row: OutboxRow) -> bool:
        """Nothing is left to send: overtaken by events, or a redraw that is done. False when another
        worker has the row by now."""
        with self._database.write() as connection:
            return connection.execute(delete(outbox).where(_held(row))).rowcount == 1

    def released(self, row: OutboxRow) -> bool:
        """It was claimed and not tried. False when another worker has the row by now."""
        return self._put_back(row)

    def retry(self, row: OutboxRow, due: datetime, error: Exception | str) -> bool:
        """Try again when `due`. False when another worker has the row by now."""
        return self._put_back(row, due=due, last_error=described(error))

    def set_aside(self, row: OutboxRow, error: Exception | str, at: datetime) -> bool:
        """Stop trying until somebody looks at it. False when another worker has the row by now."""
        return self._put_back(row, set_aside_at=at, last_error=described(error))

    def set_aside_rows(self) -> tuple[OutboxRow, ...]:
        """What was given up, oldest first."""
        given_up = select(outbox).where(outbox.c.set_aside_at.is_not(None))
        with self._database.read() as connection:
            rows = connection.execute(given_up.order_by(outbox.c.set_aside_at, outbox.c.id)).all()
        return tuple(_row(row) for row in rows)

    def on_their_way(self, request: str, stage: str) -> frozenset[str]:
        """People ids of those to whom something about a stage of a request is still to be sent."""
        waiting = select(outbox.c.person).where(outbox.c.request == request, outbox.c.stage == stage)
        with self._database.read() as connection:
            return frozenset(connection.execute(waiting.where(outbox.c.set_aside_at.is_(None))).scalars())

    def revive(self, row_id: int) -> bool:
        """Try a row that was set aside again, as if for the first time. False when there is none."""
        with self._database.write() as connection:
            revived = connection.execute(
                update(outbox)
                .where(outbox.c.id == row_id, outbox.c.set_aside_at.is_not(None))
                .values(set_aside_at=None, attempts=0)
            )
            return revived.rowcount == 1

    def revive_all(self) -> int:
        """Try everything that was set aside once more. How many."""
        with self._database.write() as connection:
            again = update(outbox).where(outbox.c.set_aside_at.is_not(None))
            return connection.execute(again.values(set_aside_at=None, attempts=0)).rowcount

    def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the longest waiting message has been due; None when nothing is late."""
        waiting = select(func.min(outbox.c.due)).where(outbox.c.set_aside_at.is_(None), outbox.c.due <= now)
        with self._database.read() as connection:
            return connection.execute(waiting).scalar()

    def standing(self, now: datetime) -> Standing:
        """How it stands, for whoever watches over it."""
        waiting = outbox.c.set_aside_at.is_(None)
        figures = select(
            func.count().filter(waiting),
            func.min(outbox.c.due).filter(waiting, outbox.c.due <= now),
            func.max(outbox.c.attempts).filter(waiting),
            func.count().filter(~waiting),
        ).select_from(outbox)
        with self._database.read() as connection:
            count, oldest, attempts, set_aside = connection.execute(figures).one()
        age = (now - oldest).total_seconds() if oldest else 0.0
        return Standing(waiting=count, age_seconds=age, attempts=attempts or 0, set_aside=set_aside)

    def _put_back(self, row: OutboxRow, **values: object) -> bool:
        with self._database.write() as connection:
            freed = update(outbox).where(_held(row)).values(lease_owner="", lease_until=None, **values)
            return connection.execute(freed).rowcount == 1


def enqueue(connection: Connection, change: Change) -> None:
    """Put a change's notices in the outbox, due now. Telling one person the same thing twice for one
    version is one message."""
    request = change.request
    for notice in change.notices:
        parts = (request.id, str(request.version), notice.kind, notice.person, notice.stage)
        row = {
            "idempotency_key": "|".join(parts),
            "request": request.id,
            "version": request.version,
            "due": change.taken.at,
            **notice.model_dump(),
        }
        insert_or_skip(connection, outbox, row)


def tell(connection: Connection, notices: Iterable[Notice], at: datetime) -> None:
    """Put in what belongs to no request and has just happened, in the transaction in which it did."""
    for notice in notices:
        key = "|".join((notice.kind, notice.item, notice.person))
        row = {"idempotency_key": key, "version": 0, "due": at, **notice.model_dump()}
        insert_or_skip(connection, outbox, row)


def _held(row: OutboxRow) -> ColumnElement[bool]:
    """Whether this claim is still the last one: the count tells two claims of one worker apart."""
    return and_(
        outbox.c.id == row.id, outbox.c.lease_owner == row.lease_owner, outbox.c.attempts == row.attempts
    )


def _row(row: Row[tuple[object, ...]]) -> OutboxRow:
    values = dict(row._mapping)
    notice = Notice.model_validate({name: values.pop(name) for name in Notice.model_fields})
    return OutboxRow.model_validate({**values, "request": row.request or "", "notice": notice})
