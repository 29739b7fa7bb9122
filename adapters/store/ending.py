"""What is finished, and how it is erased: the key goes, the chain stays whole."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Row, delete, select, update

from adapters.store import chain, deliveries, queue, registers, tables
from adapters.store.crypto import Keys
from adapters.store.engine import insert_or_skip
from adapters.store.listing import OPEN
from adapters.store.tables import looks, request_keys, requests
from bot.ports import Conflict, Finished
from bot.workflows.entry import Deed
from bot.workflows.request import Notice


def looked(connection: Connection, school: str, day: date, ago: int) -> date | None:
    """Note that a school was looked at on that day. The day of the look so many looks ago; None when there were
    fewer. Days that have not come yet are forgotten: a clock that was wrong has been put right."""
    of_school = looks.c.school == school
    connection.execute(delete(looks).where(of_school, looks.c.day > day))
    insert_or_skip(connection, looks, {"school": school, "day": day})
    chosen = select(looks.c.day).where(of_school).order_by(looks.c.day.desc())
    days: Sequence[date] = connection.execute(chosen).scalars().all()
    if len(days) <= ago:
        return None
    connection.execute(delete(looks).where(of_school, looks.c.day < days[ago]))
    return days[ago]


def finished_before(connection: Connection, school: str, before: datetime) -> tuple[Finished, ...]:
    """Finished requests of a school with which nothing was done since then, longest ago first."""
    chosen = (
        select(requests.c.id, requests.c.workflow, requests.c.about_people, requests.c.updated_at)
        .where(requests.c.school == school, requests.c.status.not_in(OPEN))
        .where(requests.c.updated_at <= before, requests.c.erased_at.is_(None))
        .order_by(requests.c.updated_at, requests.c.id)
    )
    return tuple(Finished.model_validate(dict(row._mapping)) for row in connection.execute(chosen))


def erase(connection: Connection, keys: Keys, request_id: str, deed: Deed, version: int) -> bool:
    """Destroy the request's key, and with it what it says and its history; its cards are to be taken down where
    they lie. False when it was erased before; Conflict when it is not at that version; KeyError when there is
    none."""
    row = _standing(connection, request_id)
    if not row.has_key:  # erased before; or the key was taken away, which an erasure now would hide
        return False
    emptied = {"body": b"", "requester": "", "due_at": None, "erased_at": deed.at}
    same = (requests.c.id == request_id, requests.c.version == version, requests.c.erased_at.is_(None))
    if connection.execute(update(requests).where(*same).values(emptied)).rowcount != 1:
        raise Conflict(f"request {request_id} is not at version {version}")
    registers.erase(connection, request_id)
    lying = {sent.address: sent.person for sent in deliveries.of_request(connection, request_id)}
    cards = [Notice(kind="erased", person=person, item=address) for address, person in lying.items()]
    queue.tell(connection, cards, deed.at)
    for table in (request_keys, tables.outbox, tables.deliveries):
        connection.execute(delete(table).where(table.c.request == request_id))
    head = chain.lock_head(connection, row.school)
    chain.append(connection, keys, head, request_id, row.version, deed.at, chain.ERASURE)
    registers.note(connection, keys, row.school, deed)
    return True


def _standing(connection: Connection, request_id: str) -> Row[tuple[str, int, bool]]:
    has_key = request_keys.c.request.is_not(None).label("has_key")
    chosen = select(requests.c.school, requests.c.version, has_key).outerjoin(request_keys)
    row = connection.execute(chosen.where(requests.c.id == request_id)).first()
    if row is None:
        raise KeyError(request_id)
    return row
