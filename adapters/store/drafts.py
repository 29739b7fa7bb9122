"""Completed steps of a long form that somebody has not sent yet: sealed, and gone after a day."""

import json
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update

from adapters.store.crypto import Keys
from adapters.store.engine import Database, insert_or_skip, upsert
from adapters.store.tables import drafts, seen_events
from bot.events import Identity
from bot.ports import Clock

KEPT = timedelta(days=1)
Values = dict[str, tuple[str, ...]]


class Drafts:
    """Half-filled forms, by whose they are and which form. Every method is one transaction."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def keep(self, who: Identity, form: str, values: Values) -> None:
        """Keep what has been filled in so far, for a day from now, instead of what was before."""
        key, master, now = _key(who, form), self._keys.current, self._clock.now()
        sealed = self._keys.draft_key(master).seal(json.dumps(values).encode(), "drafts", key)
        with self._database.write() as connection:
            upsert(connection, drafts, {"key": key, "until": now + KEPT, "master": master, "sealed": sealed})

    def kept(self, who: Identity, form: str) -> Values:
        """What this person has filled in of the form within a day; nothing where there is none. Unreadable
        when it was tampered with."""
        key = _key(who, form)
        found = select(drafts.c.master, drafts.c.sealed).where(
            drafts.c.key == key, drafts.c.until > self._clock.now()
        )
        with self._database.read() as connection:
            row = connection.execute(found).first()
        if row is None:
            return {}
        stored = json.loads(self._keys.draft_key(row.master).open(row.sealed, "drafts", key))
        return {name: tuple(entries) for name, entries in stored.items()}

    def changed(self, form: str, at: datetime) -> None:
        """An open form (by its platform's name for it) was changed then: what was drawn for an earlier change
        comes too late."""
        with self._database.write() as connection:
            if not insert_or_skip(connection, seen_events, {"id": form, "at": at}):
                later = update(seen_events).where(seen_events.c.id == form, seen_events.c.at < at)
                connection.execute(later.values(at=at))

    def last_change(self, form: str) -> datetime | None:
        """When the open form was last changed; None when it was not, for a day."""
        with self._database.read() as connection:
            found = select(seen_events.c.at).where(seen_events.c.id == form)
            at: datetime | None = connection.execute(found).scalar()
        return at

    def expire(self, now: datetime) -> int:
        """Throw away what has been kept for a day. How many."""
        with self._database.write() as connection:
            return connection.execute(delete(drafts).where(drafts.c.until <= now)).rowcount

    def forget(self, who: Identity, form: str) -> None:
        """It was sent."""
        with self._database.write() as connection:
            connection.execute(delete(drafts).where(drafts.c.key == _key(who, form)))


def _key(who: Identity, form: str) -> str:
    """Whose, and which: as a digest, so that the table does not say who is filling in what."""
    return sha256("\0".join((who.platform, who.tenant, who.user, form)).encode()).hexdigest()
