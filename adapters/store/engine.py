"""Opening a database: SQLite or PostgreSQL, migrated, with one way to read and one way to write.

SQLite gets one writing connection behind a lock and separate reading ones, because that recipe
lost nothing under three writing processes where the defaults lost 260 of 300 changes. Nobody
may await a chat platform inside `write()`.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Executable, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from adapters.store.migrations.migrate import migrate

PATIENCE_SECONDS = 1.0
"""How long a write waits for another process while a person waits for it; workers take 30."""

_SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)

STARTING_SECONDS = 30.0
"""How long a new SQLite file may be busy with other programs that are starting."""


class UnknownDatabase(ValueError):
    """The database address is neither a SQLite file nor PostgreSQL."""


class Unavailable(OSError):
    """The database is away, full, or was held by another process for too long: try again later.

    Nothing was written, unless the connection broke in the middle of a commit; then trying again
    meets Conflict or AlreadySubmitted, and reading shows what is so.
    """


class Database:
    """Where the tables are. Made by `open_database`; shared by all threads of a process."""

    def __init__(self, reading: Engine, writing: Engine) -> None:
        self.reading = reading
        self.writing = writing
        self._one_writer: AbstractContextManager[Any] = (
            threading.Lock() if writing.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only transaction that sees one moment of the database throughout."""
        with _translated(), self.reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end, rolled back on an exception. Not to be nested."""
        with self._one_writer, _translated(), self.writing.begin() as connection:
            yield connection

    def shrink_log(self) -> bool:
        """Empty SQLite's write-ahead log, in which overwritten rows stay readable until then.

        False when a reader held on to it for longer than the patience of this database.
        """
        if self.writing.dialect.name != "sqlite":
            return True
        with self._one_writer, _unbegun(self.writing) as raw:
            (busy, _pages, _moved) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def close(self) -> None:
        """Give back every connection."""
        self.reading.dispose()
        self.writing.dispose()


def open_database(url: str, *, patience_seconds: float = PATIENCE_SECONDS, pool_size: int = 5) -> Database:
    """The database at `url`, created if it is a new SQLite file, and migrated to what this program needs.

    `sqlite:///path/to/file` or `postgresql://user@host/name`. `patience_seconds`: how long a SQLite
    write waits for another process before it fails with "database is locked". UnknownDatabase for
    any other address; MigrationFailed when the database cannot be brought up to date; Unavailable when
    it is away.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # its words may repeat a password
        raise UnknownDatabase("cannot be read: use sqlite:///file or postgresql://...") from None
    if address.get_backend_name() == "sqlite":
        database = _sqlite(address, patience_seconds, pool_size)
    elif address.get_backend_name() in ("postgresql", "postgres"):
        database = _postgresql(address, pool_size)
    else:
        raise UnknownDatabase(f"{address.get_backend_name()}: use sqlite:///file or postgresql://...")
    try:
        with _translated():
            migrate(database.writing)
    except BaseException:
        database.close()
        raise
    return database


def insert_or_skip(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert, or do nothing when a unique value is taken. Whether the row went in."""
    return connection.execute(_skipping(connection.dialect.name, table), row).first() is not None


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> set[str]:
    """Insert those of the rows whose unique values are not taken; the first column of their primary key."""
    return set(connection.execute(_skipping(connection.dialect.name, table), rows).scalars())


@lru_cache
def _skipping(dialect: str, table: Table) -> Executable:
    """Built once: it takes as long as asking SQLite."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key)


def upsert(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert, or replace the row with the same primary key."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    connection.execute(insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=changed))


def _postgresql(address: URL, pool_size: int) -> Database:
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_timeout=PATIENCE_SECONDS * 10,
        connect_args={"connect_timeout": 5},
        hide_parameters=True,  # what was to be written must not reach a log with the error
    )
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(reading, engine)


def _sqlite(address: URL, patience_seconds: float, pool_size: int) -> Database:
    if not address.database or address.database == ":memory:":
        raise UnknownDatabase("a SQLite database needs a file: sqlite:///path/to/file")
    _private_file(Path(address.database))
    reading = _sqlite_engine(address, patience_seconds, connections=2 * pool_size, writes=False)
    writing = _sqlite_engine(address, patience_seconds, connections=1, writes=True)
    return Database(reading, writing)


def _private_file(path: Path) -> None:
    """Create the file readable by its owner alone; SQLite gives its log the same rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _sqlite_engine(address: URL, patience_seconds: float, *, connections: int, writes: bool) -> Engine:
    engine = create_engine(
        address.set(drivername="sqlite+pysqlite"),
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": patience_seconds},
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")  # NORMAL can lose a committed row with the power
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # a destroyed key must not linger in a free page
        connection.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to its write-ahead log. The first time, SQLite does not wait for other programs
    that are starting, whatever its busy timeout says; so it is asked again."""
    give_up = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
        time.sleep(0.01)


@contextmanager
def _translated() -> Iterator[None]:
    """Tell the rest of the program that a database is away in its own words, not the driver's."""
    try:
        yield
    except NoConnection as error:
        raise Unavailable("every connection to the database is in use") from error
    except DBAPIError as error:
        if not _away(error):
            raise
        raise Unavailable(f"{type(error).__name__}: {error.orig}") from error


def _away(error: DBAPIError) -> bool:
    """Whether the database is away, rather than what was asked of it wrong. A connection that was lost shows
    as any kind of error; of the rest, SQLite calls a mistake in a statement operational too."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF in _SQLITE_AWAY
    return isinstance(error, OperationalError) or error.connection_invalidated


@contextmanager
def _unbegun(engine: Engine) -> Iterator[sqlite3.Connection]:
    """A driver connection outside any transaction: some pragmas work only there."""
    borrowed = engine.raw_connection()
    try:
        connection = borrowed.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        yield connection
    finally:
        borrowed.close()
