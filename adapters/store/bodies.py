"""What a request says, sealed into its row, and what happened to it, sealed into its events.

A body is bound to its request and version, an event to its place in the school's chain: neither
opens in another row, and an older body does not open in a newer row.
"""

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from adapters.store.crypto import DataKey, Keys, Unreadable, WrappedKey
from adapters.store.tables import events, request_keys, requests
from bot.workflows.request import Request, Taken

_Columns = tuple[str, str, int, bytes, str | None, bytes | None]
SealedRequests = Select[_Columns]


def changing_columns(request: Request, data_key: DataKey) -> dict[str, Any]:
    """The columns of `requests` that a change may alter, the sealed body among them."""
    body = data_key.seal(request.model_dump_json().encode(), "requests", request.id, request.version)
    return {
        "requester": request.requester,
        "status": request.status,
        "version": request.version,
        "updated_at": request.updated_at,
        "due_at": request.due_at,
        "about_people": request.about_people,
        "urgent": request.urgent,
        "body": body,
    }


def sealed_requests() -> SealedRequests:
    """Rows for `open_request`: what is not erased."""
    return (
        select(
            requests.c.id,
            requests.c.reference,
            requests.c.version,
            requests.c.body,
            request_keys.c.master,
            request_keys.c.wrapped,
        )
        .outerjoin(request_keys, request_keys.c.request == requests.c.id)
        .where(requests.c.erased_at.is_(None))
    )


def open_request(row: Row[_Columns], keys: Keys) -> Request:
    """The request in a row. Unreadable when the row was tampered with."""
    if row.master is None:
        raise Unreadable(f"the key of request {row.id} is gone, and it was not erased")
    data_key = keys.unwrap(WrappedKey(row.master, row.wrapped), row.id)
    return Request.model_validate_json(data_key.open(row.body, "requests", row.id, row.version))


def data_key_of(connection: Connection, keys: Keys, request_id: str) -> DataKey | None:
    """The key of a request, or None when there is no such request or it was erased."""
    row = connection.execute(
        select(request_keys.c.master, request_keys.c.wrapped).where(request_keys.c.request == request_id)
    ).first()
    return keys.unwrap(WrappedKey(row.master, row.wrapped), request_id) if row else None


def seal_event(taken: Taken, data_key: DataKey, school: str, seq: int, request_id: str) -> bytes:
    """What happened, for the entry of that number in the school's chain."""
    return data_key.seal(taken.model_dump_json().encode(), "events", school, seq, request_id)


def read_events(connection: Connection, data_key: DataKey, request_id: str) -> tuple[Taken, ...]:
    """Everything that happened to a request, oldest first. Unreadable when an event was tampered with."""
    rows = connection.execute(select(events).where(events.c.request == request_id).order_by(events.c.seq))
    opened = (data_key.open(row.ciphertext, "events", row.school, row.seq, request_id) for row in rows)
    return tuple(Taken.model_validate_json(event) for event in opened)
