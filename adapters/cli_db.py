"""`policyclerk db` and `policyclerk keys`: the database as a whole, and what seals it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from adapters.keyfile import CannotChangeKeys, change, keys
from adapters.settings import Settings
from adapters.store import moving, rotating
from adapters.store.engine import Database, open_database
from adapters.store.migrations.migrate import revision
from adapters.terminal import has_database, plainly, read_settings, say

db_app = typer.Typer(no_args_is_help=True, help="The database: bring up to date, back up, move.")
keys_app = typer.Typer(
    no_args_is_help=True, help="The keys that seal the database: list, add, rewrap, remove."
)


@db_app.command("migrate")
def db_migrate() -> None:
    """Bring the database up to date, as every start does. All of it or nothing."""
    with plainly(), _database(read_settings()) as database, database.read() as connection:
        say(f"The database is up to date, at revision {revision(connection)}.")


@db_app.command("backup")
def db_backup(file: Path) -> None:
    """Copy a SQLite database as it stands, while the clerk goes on working. The keys are not in it."""
    with plainly():
        moving.back_up(read_settings().database, file)
    say(f"{file} holds the database. The keys are not in it: without them nobody can read a request.")


@db_app.command("move")
def db_move(
    to: Annotated[
        str,
        typer.Option(
            help="postgresql://user@host/name. In the environment a password is less in sight.",
            envvar="POLICYCLERK_MOVE_TO",
            show_envvar=True,
        ),
    ],
) -> None:
    """Move everything from SQLite to an empty PostgreSQL database, compared row by row. Stop the clerk first."""
    with plainly():
        settings = read_settings()
        if not has_database(settings):
            raise moving.CannotMove(f"There is nothing to move: there is no database in {settings.folder}.")
        moved = moving.move(settings.database, to, keys(settings))
    for table, count in moved.rows.items():
        say(f"{table:20} {count}")
    for finding in moved.findings:
        say(finding)
    chain = "as it was, findings and all" if moved.findings else "whole"
    say(f"Every row is the same on both sides, and the audit chain of {moved.events} events is {chain}.")
    say("Now set POLICYCLERK_DATABASE_URL to the new database. The old one is marked, and opens no more.")


@keys_app.command("list")
def keys_list() -> None:
    """Every key by its public name, and whether anything still needs it."""
    with plainly():
        settings = read_settings()
        given = keys(settings)
        with _database(settings) as database:
            needed = rotating.needed(database, given)
    say(f"{given.current}  seals")
    for name in dict.fromkeys((*given.names[1:], *needed)):
        missing = "" if name in given.names else "MISSING, and "
        rows = ", ".join(f"{table} {count}" for table, count in sorted(needed.get(name, {}).items()))
        say(f"{name}  {missing}needed by: {rows}" if rows else f"{name}  can be removed")


@keys_app.command("add")
def keys_add() -> None:
    """Put a new key in front: it seals from the next start on. The old ones go on opening."""
    with plainly():
        settings = read_settings()
        wanted = keys(settings).with_new()
        change(settings, wanted)
    say(f"{wanted.current} is the first key now. Restart every process, then: policyclerk keys rewrap")


@keys_app.command("rewrap")
def keys_rewrap() -> None:
    """Seal by the first key whatever an older one seals, beside a running clerk. Can be cut off and repeated."""
    with plainly():
        settings = read_settings()
        with _database(settings) as database:
            with database.read() as connection:
                given = rotating.completed(connection, keys(settings))
            done = rotating.rewrap(database, given)
    for table, count in sorted(done.items()):
        say(f"{table:20} {count}")
    say(f"{sum(done.values())} rows are sealed by {given.current} now. See: policyclerk keys list")


@keys_app.command("remove")
def keys_remove(name: Annotated[str, typer.Argument(help="As `policyclerk keys list` prints it.")]) -> None:
    """Take a key away that nothing needs any more."""
    with plainly():
        settings = read_settings()
        given = keys(settings)
        left = given.without(name)
        if name == given.current:
            raise CannotChangeKeys(f"{name} seals: add another first, and rewrap.")
        with _database(settings) as database:
            if name in rotating.needed(database, given):
                raise CannotChangeKeys(f"{name} is still needed: policyclerk keys rewrap")
        change(settings, left)
    say(f"{name} is gone. Restart every process. Backups made before still need it.")


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = open_database(settings.database)
    try:
        yield database
    finally:
        database.close()
