"""Lists of a person's requests, read from the columns beside what is sealed: nothing is opened here."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from adapters.store.tables import deliveries, requests
from bot.ports import Line, Listing

OPEN = ("open", "sent_back")
"""The statuses of `Request.is_open`."""


def lines(
    connection: Connection, person: str, which: Listing, limit: int, offset: int, since: datetime | None
) -> tuple[Line, ...]:
    """One page of a list; erased requests are in none."""
    order: tuple[ColumnElement[Any], ...] = (requests.c.updated_at.desc(), requests.c.id)
    if which == "sent":
        order = (requests.c.created_at, requests.c.id)
    if which == "recent":
        order = (requests.c.status.in_(OPEN).desc(), *order)
    columns = (requests.c.id, requests.c.reference, requests.c.workflow, requests.c.requester)
    found = select(*columns).where(*_chosen(person, which, since), requests.c.erased_at.is_(None))
    rows = connection.execute(found.order_by(*order).limit(limit).offset(offset)).all()
    return tuple(
        Line(id=r.id, reference=r.reference, workflow=r.workflow, requester=r.requester) for r in rows
    )


def _chosen(person: str, which: Listing, since: datetime | None) -> tuple[ColumnElement[bool], ...]:
    own = requests.c.requester == person
    sent = requests.c.id.in_(select(deliveries.c.request).where(deliveries.c.person == person))
    asked = requests.c.id.in_(
        select(deliveries.c.request).where(
            deliveries.c.person == person, deliveries.c.kind.in_(("asked", "reminded"))
        )
    )
    is_open = requests.c.status.in_(OPEN)
    match which:
        case "mine":
            return own, is_open
        case "sent":
            return asked, is_open, ~own
        case "finished":
            return or_(own, sent), ~is_open
        case "recent":
            return or_(own, sent), or_(is_open, requests.c.updated_at >= since) if since else is_open
        case "all":
            return (or_(own, sent),)
