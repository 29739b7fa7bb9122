"""Bringing a database up to date when the program starts, safely when several start at once.

The whole way up is one transaction: on PostgreSQL behind an advisory lock, on SQLite behind
BEGIN IMMEDIATE. On SQLite foreign keys are off meanwhile, because Alembic changes a table by
making it anew, and dropping the old one would delete the rows that refer to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect

HEAD = max(path.name.split("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*_*.py"))
"""The newest revision: files are named by number, so that an up-to-date database starts without Alembic."""

ADVISORY_LOCK = 0x706F6C636C726B
"""Any number that no other program on the same PostgreSQL database locks ("polclrk")."""

PATIENCE_MILLISECONDS = 30_000

MOVED = "moved"
"""The revision of a database whose data are in another one by now: no version of the program opens it."""


class MigrationFailed(Exception):
    """The database could not be brought up to date; it is as it was before."""


def migrate(engine: Engine) -> None:
    """Apply what is missing. Does nothing to a database that is up to date. MigrationFailed otherwise."""
    with exclusive(engine) as connection:
        if revision(connection) != HEAD:
            _upgrade(connection)


def revision(connection: Connection) -> str:
    """The revision the database is at; empty for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""


def config(connection: Connection) -> Config:
    """Alembic's settings, without an alembic.ini."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["connection"] = connection
    return settings


def _upgrade(connection: Connection) -> None:
    if revision(connection) == MOVED:
        raise MigrationFailed(
            "the data of this database were moved to PostgreSQL:"
            " set POLICYCLERK_DATABASE_URL to where they are now"
        )
    try:
        command.upgrade(config(connection), "head")
    except CommandError as error:
        raise MigrationFailed(
            f"the database is at revision {revision(connection)}, which this version of the program"
            " does not know: it was made by a newer one"
        ) from error
    _finish(connection)


def _finish(connection: Connection) -> None:
    """Look for what foreign keys would have forbidden while they were off."""
    if connection.dialect.name != "sqlite":
        return
    if orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        raise MigrationFailed(
            f"{len(orphans)} rows would refer to rows that do not exist, first in {orphans[0][0]}"
        )


@contextmanager
def exclusive(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no other process migrates; on SQLite, without foreign keys."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            yield connection
        return
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")  # has no effect once a transaction has begun
        (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
        driver.execute(f"PRAGMA busy_timeout = {PATIENCE_MILLISECONDS}")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys = ON")
            driver.execute(f"PRAGMA busy_timeout = {patience}")
