"""Putting an old master key out of use: what it wraps is wrapped anew, what the audit chain covers stays as it is.

Everything is done in small transactions beside the running clerk. Who is cut off begins again; who does it
twice finds nothing left to do.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Table, select, tuple_, update

from adapters.store import chain
from adapters.store.crypto import (
    BUTTONS,
    BadKey,
    DataKey,
    Keys,
    Unreadable,
    WrappedKey,
    chain_use,
    registers_use,
)
from adapters.store.engine import Database, upsert
from adapters.store.tables import (
    chain_heads,
    conversations,
    drafts,
    events,
    installations,
    register_entries,
    request_keys,
    retired_keys,
)

AT_ONCE = 100
"""How many rows one transaction seals anew, so that nobody waits for it."""

Values = dict[str, object]


def _data_key(keys: Keys, row: Row[Any]) -> Values:
    return {"wrapped": keys.rewrap(WrappedKey(row.master, row.wrapped), row.request).wrapped}


def _entry(keys: Keys, row: Row[Any]) -> Values:
    def key(master: str) -> DataKey:
        return keys.school_key(row.school, master)

    place = ("register_entries", row.id, row.version)
    return {"body": _anew(keys, key, row.master, row.body, *place) if row.body else row.body}


def _conversation(keys: Keys, row: Row[Any]) -> Values:
    place = ("conversations", row.platform, row.tenant, row.key)
    return {"sealed": _anew(keys, keys.conversation_key, row.master, row.sealed, *place)}


def _draft(keys: Keys, row: Row[Any]) -> Values:
    return {"sealed": _anew(keys, keys.draft_key, row.master, row.sealed, "drafts", row.key)}


def _installation(keys: Keys, row: Row[Any]) -> Values:
    place = ("installations", row.platform, row.tenant)
    return {"sealed": _anew(keys, keys.installation_key, row.master, row.sealed, *place)}


SEALED: Mapping[Table, Callable[[Keys, Row[Any]], Values]] = {
    request_keys: _data_key,
    register_entries: _entry,
    conversations: _conversation,
    drafts: _draft,
    installations: _installation,
}
"""Every table whose rows a master key seals, and how one is sealed by the current key. Beside them stand the
audit chain (`events`, `chain_heads`) and `retired_keys`."""


def completed(connection: Connection, keys: Keys) -> Keys:
    """The keys given, and what is left of those that were put out of use. BadKey when none of them is one that
    this database was sealed with."""
    rows = connection.execute(select(retired_keys))
    known = keys.knowing({(row.retired, row.use): WrappedKey(row.master, row.wrapped) for row in rows})
    heads = connection.execute(select(chain_heads.c.school, chain_heads.c.master)).all()
    begun = {head.master: head.school for head in heads if head.master}
    if begun and not any(known.knows(master, school) for master, school in begun.items()):
        raise BadKey(
            f"none of these keys belongs to this database: it was sealed with {', '.join(sorted(begun))}, "
            f"and what is given is {', '.join(keys.names)}; where they come from the file `keys` in the home, "
            "put back the one that belongs to it"
        )
    return known


def rewrap(database: Database, keys: Keys) -> Counter[str]:
    """Seal by the current key whatever another one seals. How many rows of each table were."""
    done = Counter({table.name: _again(database, keys, table) for table in SEALED})
    with database.read() as connection:
        old = chain_heads.c.master.not_in((keys.current, ""))
        heads = connection.execute(select(chain_heads.c.school).where(old)).scalars().all()
        keeping = [*_not_kept(connection, keys)]
    for school in heads:
        with database.write() as connection:
            done[chain_heads.name] += chain.seal_anew(connection, keys, school)
    for name, use in keeping:
        with database.write() as connection:
            row = {"retired": name, "use": use, "master": keys.current, "wrapped": keys.retire(name, use)}
            upsert(connection, retired_keys, row)
            done[retired_keys.name] += 1
    return +done


def needed(database: Database, keys: Keys) -> dict[str, Counter[str]]:
    """For each master key but the current one that something still needs: how many rows of which table. One
    that is not in it can be taken away once every process has the same keys in the same order."""
    found: dict[str, Counter[str]] = {}
    with database.read() as connection:
        for table in (*SEALED, chain_heads):
            others = select(table.c.master).where(table.c.master.not_in((keys.current, "")))
            for name in connection.execute(others).scalars():
                found.setdefault(name, Counter())[table.name] += 1
        for name, _use in _not_kept(connection, keys):
            found.setdefault(name, Counter())[retired_keys.name] += 1
    return found


def _again(database: Database, keys: Keys, table: Table) -> int:
    """Each row by its own key, so that one which does not open keeps no other from its turn."""
    own = tuple_(*table.primary_key.columns)
    old = table.c.master != keys.current
    with database.read() as connection:
        places = [tuple(row) for row in connection.execute(select(*table.primary_key.columns).where(old))]
    done = 0
    for first in range(0, len(places), AT_ONCE):
        some = places[first : first + AT_ONCE]
        with database.write() as connection:
            rows = connection.execute(select(table).where(own.in_(some), old).with_for_update()).all()
            for row in rows:
                try:
                    values = SEALED[table](keys, row)
                except Unreadable:
                    continue  # `needed` goes on counting it
                this = [column == row._mapping[column.name] for column in table.primary_key.columns]
                connection.execute(update(table).where(*this).values(master=keys.current, **values))
                done += 1
    return done


def _not_kept(connection: Connection, keys: Keys) -> Iterator[tuple[str, str]]:
    """What the chain needs of other keys than the current one, and is not wrapped by that yet: the key's name,
    and what it is for."""
    by_now = select(retired_keys.c.retired, retired_keys.c.use, retired_keys.c.master)
    kept = {(row.retired, row.use): row.master for row in connection.execute(by_now)}
    chained = select(events.c.school, events.c.master).distinct().where(events.c.master != keys.current)
    wanted = dict.fromkeys(kept)
    for school, name in connection.execute(chained.order_by(events.c.school)):
        wanted |= dict.fromkeys([(name, chain_use(school)), (name, registers_use(school)), (name, BUTTONS)])
    yield from (place for place in wanted if kept.get(place) != keys.current)


def _anew(keys: Keys, key: Callable[[str], DataKey], master: str, sealed: bytes, *place: str | int) -> bytes:
    """The same, sealed by the current key for the same place."""
    return key(keys.current).seal(key(master).open(sealed, *place), *place)
