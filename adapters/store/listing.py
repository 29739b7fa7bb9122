"""Lists of a person's requests, read from the columns beside what is sealed: nothing is opened here."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from adapters.store.tables import deliveries, outbox, people, requests
from bot.ports import Line, Listing

OPEN = ("open", "sent_back")
"""The statuses of `Request.is_open`."""
ASKING = ("asked", "reminded")
"""The kinds of message that ask somebody to act."""
LOST_AFTER = 8
"""After so many failures, about eight minutes, a message counts as lost: whatever is wrong may last."""


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


def mark(connection: Connection, person: str) -> str:
    """Changes whenever a page of that person may show something else."""
    theirs = or_(requests.c.requester == person, _among(deliveries, person, ()))
    concerned = select(requests.c.id).where(theirs)
    without_request = (deliveries.c.person == person, deliveries.c.request.is_(None))
    given_up = (outbox.c.person == person, outbox.c.set_aside_at.is_not(None))
    counts = (
        select(func.count(), func.sum(requests.c.version)).where(theirs),
        select(
            func.count(),
            func.max(deliveries.c.id),
            func.count(deliveries.c.opened_at),
            func.count(deliveries.c.acted_at),
        ).where(deliveries.c.request.in_(concerned)),
        select(func.count()).select_from(deliveries).where(*without_request),
        select(func.count()).select_from(outbox).where(*given_up),
    )
    numbers = (number for count in counts for number in connection.execute(count).one())
    return "-".join(str(number or 0) for number in numbers)


def _among(
    messages: Table, person: str, kinds: tuple[str, ...], *more: ColumnElement[bool]
) -> ColumnElement[bool]:
    theirs = select(messages.c.request).where(messages.c.person == person, *more)
    return requests.c.id.in_(theirs.where(messages.c.kind.in_(kinds)) if kinds else theirs)


def _given_up(person: str, kinds: tuple[str, ...]) -> ColumnElement[bool]:
    """What could not be delivered waits for them all the same."""
    return _among(outbox, person, kinds, outbox.c.set_aside_at.is_not(None))


def set_aside(connection: Connection, school: str) -> int:
    """How many messages of a school were given up, those about people left out: whoever is told the number may be
    whom one is about."""
    ours = or_(
        and_(requests.c.school == school, requests.c.about_people.is_(False)),
        and_(outbox.c.request.is_(None), people.c.school == school),
    )
    found = (
        select(func.count())
        .select_from(outbox)
        .outerjoin(requests, requests.c.id == outbox.c.request)
        .outerjoin(people, people.c.id == outbox.c.person)
        .where(outbox.c.set_aside_at.is_not(None), ours)
    )
    return connection.execute(found).scalar() or 0


def undelivered(connection: Connection, school: str) -> tuple[tuple[str, str, str], ...]:
    """Request, stage and person of each message that was to ask somebody and is lost, or may be."""
    lost = or_(outbox.c.set_aside_at.is_not(None), outbox.c.attempts >= LOST_AFTER)
    rows = connection.execute(
        select(outbox.c.request, outbox.c.stage, outbox.c.person)
        .join(requests, requests.c.id == outbox.c.request)
        .where(requests.c.school == school, outbox.c.kind.in_(ASKING), lost)
        .order_by(outbox.c.id)
    )
    return tuple((row.request, row.stage, row.person) for row in rows)


def _chosen(person: str, which: Listing, since: datetime | None) -> tuple[ColumnElement[bool], ...]:
    own = requests.c.requester == person
    sent = or_(_among(deliveries, person, ()), _given_up(person, ()))
    asked = or_(_among(deliveries, person, ASKING), _given_up(person, ASKING))
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
