"""Checking a school's audit chain: what was changed, removed, moved or cut off, in plain words.

A chain cannot say by itself that its end is missing when the head row was put back to an older
state with it. Hence the count and the newest HMAC go into the governors' report, and `verify`
compares a printed head as well.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Connection, func, select

from adapters.store import registers
from adapters.store.chain import ERASURE, Entry, entry_of, read_head
from adapters.store.crypto import Keys
from adapters.store.tables import chain_heads, events, request_keys, requests

NEARBY = 50
"""How many places before and after an entry are tried before it is called changed, not moved."""
_UNKNOWN = "says that it was sealed with a key that was not given,"
LISTED = 20
"""How many findings about single entries are spelt out."""


@dataclass(frozen=True)
class Printed:
    """The head of a chain as a report prints it: `count` entries, `mac` of the newest in hex."""

    count: int
    mac: str


def verify(connection: Connection, keys: Keys, school: str, printed: Printed | None = None) -> list[str]:
    """What is wrong with the school's history; empty when nothing is. Reads every entry once.

    `connection` must see one moment of the database throughout, or a save in between would look
    like tampering.
    """
    _some_key_fits(connection, keys, school)
    return [
        *_first_few(_entries(connection, keys, school)),
        *_end(connection, keys, school),
        *_requests(connection, school),
        *registers.verify(connection, keys, school),
        *(_report(connection, school, printed) if printed else ()),
    ]


def chained(connection: Connection) -> tuple[str, ...]:
    """Every school that has a history, in force or not."""
    heads = select(chain_heads.c.school)
    return tuple(connection.execute(heads.union(select(events.c.school)).order_by("school")).scalars())


def _some_key_fits(connection: Connection, keys: Keys, school: str) -> None:
    """Unreadable when no entry names a key that was given: then the keys are wrong, not the history."""
    named = select(events.c.master).where(events.c.school == school).distinct()
    masters = sorted(connection.execute(named).scalars())
    if masters and not any(keys.knows(master, school) for master in masters):
        keys.chain_key(school, masters[0])


def printed_head(connection: Connection, school: str) -> Printed:
    """The head for a report."""
    head = read_head(connection, school)
    return Printed(head.count, head.mac.hex())


def _first_few(findings: Iterator[str]) -> Iterator[str]:
    """One removed entry can displace all after it: nobody reads ten thousand lines of that."""
    yield from islice(findings, LISTED)
    if more := sum(1 for _finding in findings):
        yield f"and {more} more findings like these"


def _entries(connection: Connection, keys: Keys, school: str) -> Iterator[str]:
    """Walk the chain from its first entry: each in its place, unchanged, and following the one before."""
    seq, newest, followed = 0, b"", True
    rows = connection.execute(select(events).where(events.c.school == school).order_by(events.c.seq))
    for row in rows.yield_per(1000):
        entry = entry_of(row)
        known = keys.knows(entry.master, school)
        sound = known and hmac.compare_digest(entry.mac(keys), row.mac)
        if row.seq != seq + 1:
            yield _missing(seq + 1, row.seq - 1)
        elif sound and followed and entry.previous != newest:
            yield f"entry {row.seq} does not follow entry {seq}: one of them was written by somebody else"
        if not known:
            yield f"entry {row.seq} {_UNKNOWN} {row.master}: it was changed, or a key is missing"
        elif not sound:
            yield _broken(keys, entry, row.mac)
        seq, newest, followed = row.seq, row.mac, sound


def _missing(first: int, last: int) -> str:
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"


def _broken(keys: Keys, entry: Entry, mac: bytes) -> str:
    """An entry that its HMAC does not fit: moved here if it fits a place nearby, changed otherwise."""
    for distance in range(1, NEARBY + 1):
        for place in (entry.seq + distance, entry.seq - distance):
            if hmac.compare_digest(replace(entry, seq=place).mac(keys), mac):
                return f"entry {entry.seq} was moved there from place {place}"
    return f"entry {entry.seq} was changed"


def _end(connection: Connection, keys: Keys, school: str) -> Iterator[str]:
    """The head row: written by this program, and agreeing with the newest entry."""
    head = read_head(connection, school)
    if head.master and not keys.knows(head.master, school):
        yield f"the head of the chain {_UNKNOWN} {head.master}: it was changed, or a key is missing"
    elif not head.sealed(keys):
        yield "the head of the chain was not written by this program"
    newest = connection.execute(
        select(events.c.seq, events.c.mac)
        .where(events.c.school == school)
        .order_by(events.c.seq.desc())
        .limit(1)
    ).first()
    seq, mac = (newest.seq, newest.mac) if newest else (0, b"")
    if seq < head.count:
        yield f"the end is cut off: {_missing(seq + 1, head.count)}"
    elif seq > head.count or mac != head.mac:
        yield f"the head of the chain says {head.count} entries, and the newest is entry {seq}"


def _requests(connection: Connection, school: str) -> Iterator[str]:
    """Every request is as new as its history, and has its key unless its erasure is on record."""
    told = (
        select(events.c.request, func.max(events.c.version).label("version"))
        .where(events.c.school == school)
        .group_by(events.c.request)
        .subquery()
    )
    erased = select(events.c.request).where(events.c.school == school, events.c.ciphertext == ERASURE)
    rows = connection.execute(
        select(
            requests.c.reference,
            requests.c.version,
            func.coalesce(told.c.version, 0).label("told"),
            request_keys.c.request.is_not(None).label("has_key"),
            requests.c.id.in_(erased).label("erased"),
        )
        .outerjoin(told, told.c.request == requests.c.id)
        .outerjoin(request_keys, request_keys.c.request == requests.c.id)
        .where(requests.c.school == school)
        .order_by(requests.c.reference)
    )
    for row in rows:
        if row.version != row.told:
            yield f"request {row.reference} is at version {row.version}, its history at {row.told}"
        if not row.has_key and not row.erased:
            yield f"request {row.reference} has lost its key, and no erasure is on record"


def _report(connection: Connection, school: str, printed: Printed) -> Iterator[str]:
    """The entry that was the newest when the report was printed is still there, and the same."""
    mac = connection.execute(
        select(events.c.mac).where(events.c.school == school, events.c.seq == printed.count)
    ).scalar()
    if printed.count and (mac is None or mac.hex() != printed.mac):
        yield f"entry {printed.count} is not the one in the printed report"
