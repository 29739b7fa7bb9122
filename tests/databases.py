"""Where the clerks of a test keep their data: on SQLite, and again on PostgreSQL; each home in a database of its own.

What is wanted again and again, every table without a row or a school with its cast, is made once a session by the
program itself, and copied.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from adapters.settings import Settings
from adapters.store.engine import Database, open_database
from adapters.store.tables import metadata

KINDS = ("sqlite", "postgresql")


def tables(settings: Settings) -> None:
    """Every table, and no row."""
    open_database(settings.database).close()


class Files:
    """SQLite: the file that a clerk would make in its home."""

    def address(self, home: Path, pattern: str = "") -> str:
        """Of a file that is a copy of `pattern`, the address of another; that does not exist yet without one."""
        new = f"sqlite:///{home / 'policyclerk.db'}"
        if pattern:
            shutil.copy(*(address.removeprefix("sqlite:///") for address in (pattern, new)))
        return new

    def drop(self, address: str) -> None:
        """It goes with its home."""


class Server:
    """PostgreSQL: databases of one server."""

    def __init__(self, administrator: Engine) -> None:
        self._administrator = administrator

    def address(self, _home: Path, pattern: str = "") -> str:
        """Of a database that is a copy of `pattern`, the address of another; empty without one."""
        name = f"test_{uuid4().hex}"
        copied = f"TEMPLATE {name_of(pattern)} STRATEGY FILE_COPY" if pattern else ""
        self._does(f"CREATE DATABASE {name} {copied}")
        url = self._administrator.url.set(drivername="postgresql", database=name)
        return url.render_as_string(hide_password=False)

    def drop(self, address: str) -> None:
        """It goes, whoever is still connected."""
        self._does(f"DROP DATABASE {name_of(address)} WITH (FORCE)")

    def _does(self, statement: str) -> None:
        with self._administrator.connect() as connection:
            connection.exec_driver_sql(statement)


class Patterns:
    """Databases of one kind that others are copied from, for a session."""

    def __init__(self, kind: Files | Server, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        self._made: dict[str, Settings] = {}

    def of(self, what: str, fill: Callable[[Settings], None]) -> Settings:
        """Where the pattern of that name is, made when it is first asked for."""
        if what not in self._made:
            home = self._folder / what
            home.mkdir()
            settings = Settings(home=home, model="off", database_url=self.kind.address(home))
            fill(settings)
            self._made[what] = settings
        return self._made[what]


class Databases:
    """Those of one test, all of one kind. `chosen`: of the test that is running."""

    chosen: ClassVar["Databases | None"] = None

    def __init__(self, kind: str, patterns: Patterns) -> None:
        self.kind = kind
        self._patterns = patterns
        self._addresses: dict[Path, str] = {}

    def of(self, home: Path, what: str = "tables", fill: Callable[[Settings], None] | None = tables) -> str:
        """The address of this home's database, made when it is first asked for: a copy of what `fill` makes, or
        nothing at all without it. The key it is sealed with is in the home."""
        if home not in self._addresses:
            home.mkdir(parents=True, exist_ok=True)
            pattern = self._patterns.of(what, fill) if fill else None
            if pattern and (keys := pattern.folder / "keys").exists():
                shutil.copy(keys, home)
            self._addresses[home] = self._patterns.kind.address(home, pattern.database if pattern else "")
        return self._addresses[home]

    def drop(self) -> None:
        """All of them go."""
        for address in self._addresses.values():
            self._patterns.kind.drop(address)


@contextmanager
def running_on(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """What a fixture whose parameter is one of KINDS gives. The databases go in the end."""
    kind = request.param
    Databases.chosen = Databases(kind, request.getfixturevalue(f"{kind}_patterns"))
    yield Databases.chosen
    Databases.chosen.drop()
    Databases.chosen = None


def name_of(address: str) -> str:
    """The name of a database on a PostgreSQL server."""
    return address.rpartition("/")[2].partition("?")[0]


def rows(database: Database) -> dict[str, list[str]]:
    """Every row of every table, whatever their order."""
    with database.read() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
        }
