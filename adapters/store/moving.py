"""Moving all data from a SQLite file to an empty PostgreSQL database, and a copy of the file as a backup.

A move is checked before it counts: the same number of rows in every table, the same content of every row,
and an audit chain that reads as it did before.
"""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, insert, inspect, make_url, select
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.pool import StaticPool

from adapters.store import audit
from adapters.store.crypto import Keys
from adapters.store.engine import Unavailable, open_database
from adapters.store.migrations.migrate import MOVED, exclusive, migrate
from adapters.store.rotating import completed
from adapters.store.tables import chain_heads, metadata

AT_ONCE = 500
"""How many rows are read and written at a time."""
_UNKNOWN_OUTSIDE = frozenset({"alembic_version", "sqlite_sequence"})


class CannotMove(Exception):
    """Why nothing was moved or copied, and what would be right."""


@dataclass(frozen=True)
class Moved:
    """What was found equal on both sides."""

    rows: dict[str, int]
    """How many rows of each table."""
    events: int
    findings: tuple[str, ...]
    """What `policyclerk audit verify` says of both, each line with its school; empty for a whole chain."""


def move(source: str, target: str, keys: Keys) -> Moved:
    """Copy everything from the SQLite database at `source` to the PostgreSQL database at `target`, then mark
    the file, so that no program goes on writing to it. All of it or nothing; harmless to repeat.

    CannotMove when another program has the file open, when the target holds something else, and when what
    arrived is not what was there."""
    path = _file(source, "There is nothing to move")
    if make_url(target).get_backend_name() not in ("postgresql", "postgres"):
        raise CannotMove("The new database must be PostgreSQL: postgresql://user@host/name.")
    with _alone(path) as engine:
        migrate(engine)
        database = open_database(target)
        try:
            with engine.begin() as old, exclusive(database.writing) as new:
                moved = _moved(old, new, keys)
            with engine.begin() as old:
                old.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (MOVED,))
        finally:
            database.close()
    return moved


def back_up(source: str, file: Path) -> None:
    """A copy of the SQLite database at `source` as it stands at one moment, while others read and write. The
    new file is one its owner alone can read, and whole or not there at all. CannotMove, FileExistsError."""
    path = _file(source, "There is nothing to back up")
    if file.exists():
        raise FileExistsError(17, "is there already; a backup never replaces another", str(file))
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".backup-")  # for its owner alone
    os.close(handle)
    try:
        with closing(sqlite3.connect(path, timeout=30)) as now, closing(sqlite3.connect(draft)) as copy:
            now.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            (said,) = copy.execute("PRAGMA integrity_check").fetchone()
            if said != "ok":
                raise CannotMove(f"{path} is damaged, and so would its copy be: {said}")
        os.link(draft, file)
    finally:
        os.unlink(draft)


def _file(address: str, otherwise: str) -> Path:
    """The file of a SQLite database that there is."""
    url = make_url(address)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise CannotMove("The data are in PostgreSQL: use its own tools, pg_dump and pg_restore.")
    path = Path(url.database)
    if not path.exists():
        raise CannotMove(f"{otherwise}: there is no {path}.")
    return path


@contextmanager
def _alone(path: Path) -> Iterator[Engine]:
    """The file with nobody else at it: SQLite leaves its write-ahead log only then, and afterwards the one
    connection keeps its lock until it is closed."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": 1},
        poolclass=StaticPool,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _take(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")

    try:
        with engine.begin():
            pass
        yield engine
    except OperationalError as error:
        if (
            isinstance(error.orig, sqlite3.Error)
            and error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        ):
            why = f"Another program has {path} open. Stop every `policyclerk serve` and `worker` first."
            raise CannotMove(why) from error
        raise Unavailable(f"{type(error).__name__}: {error.orig}") from error
    finally:
        engine.dispose()


def _moved(old: Connection, new: Connection, keys: Keys) -> Moved:
    """Copy, and look at both sides before anything is committed."""
    known = {table.name for table in metadata.sorted_tables} | _UNKNOWN_OUTSIDE
    if strange := sorted(set(inspect(old).get_table_names()) - known):
        raise CannotMove(f"These tables are not this program's, and would be lost: {', '.join(strange)}.")
    there = {table.name for table in metadata.sorted_tables if new.execute(select(table).limit(1)).first()}
    for table in () if there else metadata.sorted_tables:
        _copy(old, new, table)
    pictures = [{t.name: _picture(side, t) for t in metadata.sorted_tables} for side in (old, new)]
    before, after = pictures
    if different := [name for name in before if before[name] != after[name]]:
        if there:
            raise CannotMove(f"The new database is not empty: there are rows in {', '.join(sorted(there))}.")
        raise CannotMove(f"What arrived is not what was there, in {', '.join(different)}. Nothing was moved.")
    keys = completed(old, keys)
    findings = _findings(old, keys)
    if findings != _findings(new, keys):
        raise CannotMove("The audit chain reads differently in the new database. Nothing was moved.")
    rows = {name: count for name, (count, _content) in before.items()}
    return Moved(rows=rows, events=rows["events"], findings=findings)


def _copy(old: Connection, new: Connection, table: Table) -> None:
    try:
        for rows in old.execute(select(table)).partitions(AT_ONCE):
            new.execute(insert(table), [dict(row._mapping) for row in rows])
    except DataError as error:
        raise CannotMove(f"PostgreSQL refuses a row of {table.name}: {error.orig}") from error
    if table.dialect_options["sqlite"]["autoincrement"]:
        _count_on(old, new, table.name)


def _count_on(old: Connection, new: Connection, table: str) -> None:
    """New rows get numbers that none had before, not even one that is gone."""
    last = old.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).scalar()
    if last:
        new.exec_driver_sql("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, last))


def _picture(connection: Connection, table: Table) -> tuple[int, int]:
    """How many rows, and a sum of what stands in them, whatever their order."""
    count = content = 0
    for rows in connection.execute(select(table)).partitions(AT_ONCE):
        count += len(rows)
        content += sum(int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest()) for row in rows)
    return count, content


def _findings(connection: Connection, keys: Keys) -> tuple[str, ...]:
    schools = connection.execute(select(chain_heads.c.school).order_by(chain_heads.c.school)).scalars().all()
    return tuple(f"{school}: {line}" for school in schools for line in audit.verify(connection, keys, school))
