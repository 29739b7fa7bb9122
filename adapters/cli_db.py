"""`policyclerk db`: bringing the database up to date, copying it, and moving it to PostgreSQL."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.store import moving
from adapters.store.engine import open_database
from adapters.store.migrations.migrate import revision
from adapters.terminal import has_database, plainly, read_settings, say
from adapters.wiring import keys

db_app = typer.Typer(no_args_is_help=True, help="The database: bring up to date, back up, move.")


@db_app.command("migrate")
def db_migrate() -> None:
    """Bring the database up to date, as every start does. All of it or nothing."""
    with plainly():
        database = open_database(read_settings().database)
        try:
            with database.read() as connection:
                say(f"The database is up to date, at revision {revision(connection)}.")
        finally:
            database.close()


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
