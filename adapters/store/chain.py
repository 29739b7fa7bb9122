"""The audit chain: every event of a school sealed to the one before it, so that tampering shows.

Each entry carries an HMAC over its place, its ciphertext and the HMAC before it. The head row
says how long the chain is and is locked by whoever appends, or two replicas would fork it.
Checking is in `audit.py`.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

import rfc8785
from sqlalchemy import Connection, Row, insert, select, update

from adapters.store import tables
from adapters.store.crypto import Keys, chain_use
from adapters.store.engine import insert_or_skip

ERASURE = b""
"""The ciphertext of an entry that says: this request was erased here."""


@dataclass(frozen=True)
class Entry:
    """One row of the chain. `version` is the request's after this event, or a register entry's where there
    is no request; `previous` the HMAC before."""

    school: str
    seq: int
    request: str | None
    version: int
    at: datetime
    ciphertext: bytes
    master: str
    previous: bytes

    def mac(self, keys: Keys) -> bytes:
        """What seals this entry. Unreadable when its master key is missing."""
        return _hmac(
            keys.chain_key(self.school, self.master),
            {
                "school": self.school,
                "seq": self.seq,
                "request": self.request or "",
                "version": self.version,
                "at": self.at.astimezone(UTC).isoformat(),
                "ciphertext": hashlib.sha256(self.ciphertext).hexdigest(),
                "previous": self.previous.hex(),
            },
        )


@dataclass(frozen=True)
class Head:
    """The end of a school's chain: how many entries, the HMAC of the newest, and the seal of both."""

    school: str
    count: int = 0
    mac: bytes = b""
    master: str = ""
    seal: bytes = b""

    def sealed(self, keys: Keys) -> bool:
        """Whether this program wrote it: true for a chain that has not begun. With a key that is put out of use
        nobody seals any more, unless it has leaked."""
        if not self.master:
            return self.count == 0
        if keys.is_retired(self.master, chain_use(self.school)):
            return False
        return hmac.compare_digest(self.seal, _seal(keys, self.school, self.count, self.mac, self.master))


def read_head(connection: Connection, school: str) -> Head:
    """Where the chain stands now."""
    row = connection.execute(select(tables.chain_heads).where(tables.chain_heads.c.school == school)).first()
    return _head(school, row)


def lock_head(connection: Connection, school: str) -> Head:
    """Where the chain stands; nobody else can append until this transaction ends."""
    chosen = select(tables.chain_heads).where(tables.chain_heads.c.school == school).with_for_update()
    row = connection.execute(chosen).first()
    if row is None:
        first = {"school": school, "count": 0, "mac": b"", "master": "", "seal": b""}
        insert_or_skip(connection, tables.chain_heads, first)
        row = connection.execute(chosen).first()
    return _head(school, row)


def seal_anew(connection: Connection, keys: Keys, school: str) -> bool:
    """Seal the head with the current key. False when it was not written by this program: that must show."""
    head = lock_head(connection, school)
    if not head.sealed(keys):
        return False
    seal = _seal(keys, school, head.count, head.mac, keys.current)
    theirs = tables.chain_heads.c.school == school
    connection.execute(update(tables.chain_heads).where(theirs).values(master=keys.current, seal=seal))
    return True


def append(
    connection: Connection,
    keys: Keys,
    head: Head,
    request: str | None,
    version: int,
    at: datetime,
    ciphertext: bytes,
) -> None:
    """Write the next entry and move the head, which `lock_head` must have locked."""
    entry = Entry(
        school=head.school,
        seq=head.count + 1,
        request=request,
        version=version,
        at=at,
        ciphertext=ciphertext,
        master=keys.current,
        previous=head.mac,
    )
    mac = entry.mac(keys)
    connection.execute(insert(tables.events).values(**vars(entry), mac=mac))
    # A head that somebody else wrote is not sealed anew: that would hide it.
    seal = _seal(keys, head.school, entry.seq, mac, entry.master) if head.sealed(keys) else head.seal
    connection.execute(
        update(tables.chain_heads)
        .where(tables.chain_heads.c.school == head.school)
        .values(count=entry.seq, mac=mac, master=entry.master, seal=seal)
    )


def entry_of(row: Row[tuple[object, ...]]) -> Entry:
    """An `events` row as an entry, without the HMAC it claims."""
    return Entry(**{name: value for name, value in row._mapping.items() if name != "mac"})


def _head(school: str, row: Row[tuple[object, ...]] | None) -> Head:
    return Head(**row._mapping) if row is not None else Head(school)


def _seal(keys: Keys, school: str, count: int, mac: bytes, master: str) -> bytes:
    return _hmac(keys.chain_key(school, master), {"head of": school, "count": count, "mac": mac.hex()})


def _hmac(key: bytes, content: dict[str, str | int]) -> bytes:
    return hmac.digest(key, rfc8785.dumps(content), "sha256")
