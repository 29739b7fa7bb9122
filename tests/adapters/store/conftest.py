"""An open store for each test, on SQLite and on PostgreSQL (`address`, in `tests/conftest.py`)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.store.crypto import Keys
from adapters.store.engine import Database, open_database
from adapters.store.queue import Outbox
from adapters.store.requests import SqlStore


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
