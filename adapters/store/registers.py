"""Entries of registers: sealed into their rows, read back, and what was done with them in the audit chain.

An entry that a request left is sealed twice: whole with the request's key, and without what is personal
with a key of the school. Erasing the request destroys the first (see `SqlStore.erase`).
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from adapters.store import chain
from adapters.store.bodies import data_key_of
from adapters.store.crypto import DataKey, Keys, Unreadable, WrappedKey
from adapters.store.engine import insert_or_skip
from adapters.store.tables import deliveries, events, outbox, register_entries, request_keys
from bot.ports import Conflict
from bot.workflows.entry import Deed, Entry
from bot.workflows.request import Change


def leave(connection: Connection, keys: Keys, change: Change, data_key: DataKey) -> None:
    """Write down what a request leaves behind, in the transaction of its last step."""
    for entry in change.entries:
        connection.execute(insert(register_entries).values(_row(entry, keys, data_key)))
        deed = Deed(
            at=entry.at, action="recorded", register_name=entry.name, entry=entry.id, version=entry.version
        )
        note(connection, keys, entry.school, deed)


def keep(connection: Connection, keys: Keys, entry: Entry, deed: Deed) -> None:
    """Write down an entry made or changed by hand. Conflict when somebody was quicker."""
    data_key = data_key_of(connection, keys, entry.request) if entry.request else None
    row = _row(entry, keys, data_key)
    if entry.version == 1:
        if not insert_or_skip(connection, register_entries, row):
            raise Conflict(f"entry {entry.id} is there already")
    else:
        older = register_entries.c.version == entry.version - 1
        changed = update(register_entries).where(register_entries.c.id == entry.id, older).values(row)
        if connection.execute(changed).rowcount != 1:
            raise Conflict(f"entry {entry.id} is not at version {entry.version - 1}")
    note(connection, keys, entry.school, deed)


def erase_entry(connection: Connection, keys: Keys, entry: Entry, deed: Deed) -> None:
    """Empty an entry made by hand, and write down that it was erased. Conflict when it has changed since."""
    same = (register_entries.c.id == entry.id, register_entries.c.version == entry.version)
    emptied = {"version": deed.version, "body": b"", "personal": b""}
    if connection.execute(update(register_entries).where(*same).values(emptied)).rowcount != 1:
        raise Conflict(f"entry {entry.id} is not at version {entry.version}")
    for table in (outbox, deliveries):
        connection.execute(
            delete(table).where(table.c.item.endswith(f" {entry.name} {entry.id}", autoescape=True))
        )
    note(connection, keys, entry.school, deed)


def note(connection: Connection, keys: Keys, school: str, deed: Deed) -> None:
    """Append what was done to the school's chain."""
    head = chain.lock_head(connection, school)
    key = keys.school_key(school, keys.current)
    sealed = key.seal(deed.model_dump_json().encode(), "events", school, head.count + 1, "")
    chain.append(connection, keys, head, None, deed.version, deed.at, sealed)


def deeds(connection: Connection, keys: Keys, school: str) -> Iterator[Deed]:
    """Everything done with a school's registers, oldest first, as far as it can be read: whoever walks the
    chain says what was changed."""
    told = select(events).where(events.c.school == school, events.c.request.is_(None)).order_by(events.c.seq)
    for row in connection.execute(told):
        try:
            key = keys.school_key(school, row.master)
            plain = key.open(row.ciphertext, "events", school, row.seq, "")
        except Unreadable:
            continue
        yield Deed.model_validate_json(plain)


def read(connection: Connection, keys: Keys, *chosen: ColumnElement[bool]) -> tuple[Entry, ...]:
    """The entries in the rows chosen, newest first; those of which nothing is left are left out."""
    table = register_entries
    rows = connection.execute(
        select(table, request_keys.c.master.label("wrapped_by"), request_keys.c.wrapped)
        .outerjoin(request_keys, request_keys.c.request == table.c.request)
        .where(*chosen, or_(table.c.body != b"", table.c.personal != b""))
        .order_by(table.c.at.desc(), table.c.id)
    ).all()
    found = []
    for row in rows:
        place = ("register_entries", row.id, row.version)
        sealed, key = row.body, keys.school_key(row.school, row.master)
        if row.personal:
            sealed, key = row.personal, keys.unwrap(WrappedKey(row.wrapped_by, row.wrapped), row.request)
        found.append(Entry.model_validate_json(key.open(sealed, *place)))
    return tuple(found)


def erase(connection: Connection, request_id: str) -> None:
    """Empty what is personal in the entries a request left; of those about people nothing stays."""
    left = register_entries.c.request == request_id
    connection.execute(update(register_entries).where(left).values(personal=b""))


def verify(connection: Connection, keys: Keys, school: str) -> Iterator[str]:
    """Every entry is as new as its history, and every entry in the history is there."""
    told = {deed.entry: deed for deed in deeds(connection, keys, school) if deed.version}
    rows = select(register_entries).where(register_entries.c.school == school)
    there = {row.id: row for row in connection.execute(rows.order_by(register_entries.c.id))}
    for entry_id in sorted(told.keys() | there.keys()):
        deed, row = told.get(entry_id), there.get(entry_id)
        if row is None and deed:
            yield f"entry {entry_id} of the register {deed.register_name} is gone"
        elif row is not None and (deed is None or deed.version != row.version):
            at = deed.version if deed else 0
            yield f"entry {entry_id} of {row.register} is at version {row.version}, its history at {at}"


def _row(entry: Entry, keys: Keys, data_key: DataKey | None) -> dict[str, object]:
    place = ("register_entries", entry.id, entry.version)
    left = entry.erased() if entry.request else entry
    body = (
        keys.school_key(entry.school, keys.current).seal(left.model_dump_json().encode(), *place)
        if left
        else b""
    )
    personal = data_key.seal(entry.model_dump_json().encode(), *place) if data_key else b""
    return {
        "id": entry.id,
        "school": entry.school,
        "register": entry.name,
        "request": entry.request or None,
        "at": entry.at,
        "version": entry.version,
        "master": keys.current,
        "body": body,
        "personal": personal,
    }
