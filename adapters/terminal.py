"""What every command of `policyclerk` shares: its settings, its words, and errors said plainly."""

import asyncio
import contextlib
import errno
import gc
import os
import signal
import sys
from typing import Any

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters import importing
from adapters.exporting import CannotExport
from adapters.keyfile import CannotChangeKeys
from adapters.schools import NoSuchSchool
from adapters.scoring import BadLine
from adapters.settings import Settings
from adapters.settingup import CannotSetUp
from adapters.store.crypto import BadKey, Unreadable
from adapters.store.engine import UnknownDatabase
from adapters.store.migrations.migrate import MigrationFailed
from adapters.store.moving import CannotMove
from bot.workflows.change import Refused
from bot.yamlfile import Mistakes


def has_database(settings: Settings) -> bool:
    """Whether anything was ever kept there."""
    return bool(settings.database_url) or (settings.folder / "policyclerk.db").exists()


def read_settings() -> Settings:
    """The environment's settings. BadSettings names each that is wrong, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("\n".join(map(_said, error.errors()))) from None


def _said(error: ErrorDetails) -> str:
    """What is wrong with one setting, or with several that do not go together: those name themselves."""
    words = error["msg"].removeprefix("Value error, ")
    return f"POLICYCLERK_{str(error['loc'][0]).upper()}: {words}" if error["loc"] else words


class BadSettings(Exception):
    """An environment variable that cannot be used, and why."""


def say(text: str) -> None:
    """A line on the screen."""
    sys.stdout.write(text + "\n")


_SETTING: dict[type[BaseException], str] = {
    BadKey: "POLICYCLERK_KEYS",
    UnknownDatabase: "POLICYCLERK_DATABASE_URL",
}
"""Errors that come of a setting whose value is only looked at when it is used."""
_SAID_PLAINLY: tuple[type[BaseException], ...] = (
    *_SETTING,
    Mistakes,
    NoSuchSchool,
    BadSettings,
    Unreadable,
    MigrationFailed,
    importing.CannotImport,
    CannotExport,
    CannotSetUp,
    CannotMove,
    CannotChangeKeys,
    Refused,
    BadLine,
    OSError,
)


class plainly:
    """Mistakes of the person at the keyboard are said in words, without a traceback."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error and isinstance(error, _SAID_PLAINLY):
            refuse(_in_words(error))
            raise typer.Exit(1) from error


def _in_words(error: BaseException) -> str:
    """`trips.txt: No such file or directory`, not `[Errno 2] ...`."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    setting = _SETTING.get(type(error))
    return f"{setting}: {error}" if setting else str(error)


def refuse(text: str) -> None:
    """A line in red, beside what a program reads."""
    typer.secho(text, err=True, fg="red")


def run(work: Any, port_setting: str = "") -> None:
    """Run until stopped. `port_setting`: where another port is chosen, for when this one is taken."""
    try:
        asyncio.run(_until_stopped(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        gc.freeze()  # a program that ends need not look through all it holds, which takes seconds
        say("Stopped.")
    except OSError as error:
        refuse(_cannot_listen(error, port_setting))
        raise typer.Exit(1) from error


async def _until_stopped(work: Any) -> None:
    """A service manager's SIGTERM ends it as Ctrl+C does: what has begun is finished, then it stops."""
    this = asyncio.current_task()
    assert this
    with contextlib.suppress(NotImplementedError):  # Windows ends a process without asking it
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    await work


def _cannot_listen(error: OSError, port_setting: str) -> str:
    """asyncio's own text repeats itself; the usual reason has plain words."""
    if error.errno == errno.EADDRINUSE:
        return f"Another program is using that port. Choose another with {port_setting}."
    return f"Cannot listen there: {os.strerror(error.errno) if error.errno else error}."
