"""Where messages went, and what is known of each: sent, opened, acted on, each only when true."""

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from adapters.store.tables import deliveries
from bot.ports import Delivery
from bot.workflows.request import Taken


def add(connection: Connection, delivery: Delivery) -> Delivery:
    """Write one down. Its `id` is ignored; the one returned has the number it was given."""
    values = {**delivery.model_dump(exclude={"id"}), "request": delivery.request or None}
    number = connection.execute(insert(deliveries).values(values).returning(deliveries.c.id)).scalar_one()
    return delivery.model_copy(update={"id": number})


def of_request(connection: Connection, request_id: str) -> tuple[Delivery, ...]:
    """Everything sent about a request, oldest first."""
    rows = connection.execute(
        select(deliveries).where(deliveries.c.request == request_id).order_by(deliveries.c.id)
    )
    return tuple(_delivery(row) for row in rows)


def to_person(connection: Connection, person: str, limit: int) -> tuple[Delivery, ...]:
    """What a person was sent, newest first."""
    rows = connection.execute(
        select(deliveries).where(deliveries.c.person == person).order_by(deliveries.c.id.desc()).limit(limit)
    )
    return tuple(_delivery(row) for row in rows)


def stamp_opened(connection: Connection, request_id: str, person: str, at: datetime) -> None:
    """The person has seen the details: stamps what has no stamp yet."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.request == request_id, deliveries.c.person == person)
        .where(deliveries.c.opened_at.is_(None))
        .values(opened_at=at)
    )


def stamp_acted(connection: Connection, request_id: str, taken: Taken) -> None:
    """Whoever acted has acted on what they were sent about that stage; the clock acts on nothing."""
    if not taken.person:
        return
    connection.execute(
        update(deliveries)
        .where(deliveries.c.request == request_id, deliveries.c.person == taken.person)
        .where(deliveries.c.stage == taken.stage, deliveries.c.acted_at.is_(None))
        .values(acted_at=taken.at)
    )


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery.model_validate({**row._mapping, "request": row.request or ""})
