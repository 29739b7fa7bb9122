"""What `bot.ports.Store` asks of registers: every method is one transaction."""

import logging

from adapters.store import registers, tables
from adapters.store.crypto import Keys
from adapters.store.engine import Database
from bot.workflows.entry import Deed, Entry

log = logging.getLogger(__name__)


class RegisterStore:
    """Entries of registers, and what was done besides requests."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def entries(self, school: str, register: str) -> tuple[Entry, ...]:
        """Every entry of a register, newest first; of those whose request was erased, what is left."""
        theirs = (tables.register_entries.c.school == school, tables.register_entries.c.register == register)
        with self._database.read() as connection:
            return registers.read(connection, self._keys, *theirs)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry; None when it is unknown, or nothing is left of it."""
        with self._database.read() as connection:
            found = registers.read(connection, self._keys, tables.register_entries.c.id == entry_id)
        return next(iter(found), None)

    def entries_of(self, request_id: str) -> tuple[Entry, ...]:
        """What one request left in registers."""
        with self._database.read() as connection:
            return registers.read(connection, self._keys, tables.register_entries.c.request == request_id)

    def keep(self, entry: Entry, deed: Deed) -> None:
        """Save an entry made or changed by hand, and the deed. Conflict when somebody was quicker."""
        with self._database.write() as connection:
            registers.keep(connection, self._keys, entry, deed)

    def erase_entry(self, entry: Entry, deed: Deed) -> None:
        """Empty an entry made by hand, and record that. Conflict when somebody was quicker."""
        with self._database.write() as connection:
            registers.erase_entry(connection, self._keys, entry, deed)
        self._shrink_log()

    def note(self, school: str, deed: Deed) -> None:
        """Append what was done with a register to the audit chain."""
        with self._database.write() as connection:
            registers.note(connection, self._keys, school, deed)

    def deeds(self, school: str) -> tuple[Deed, ...]:
        """What was done at a school besides requests, oldest first, as far as it can be read."""
        with self._database.read() as connection:
            return tuple(registers.deeds(connection, self._keys, school))

    def _shrink_log(self) -> None:
        if not self._database.shrink_log():
            log.warning("the database's log was in use: what was erased stays in it until it is next emptied")
