"""The database itself: migrated, private, and holding on to what was committed, whatever happens."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Timer

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from adapters.store import tables
from adapters.store.crypto import Keys
from adapters.store.engine import Database, Unavailable, UnknownDatabase, open_database
from adapters.store.migrations import migrate
from adapters.store.people import SqlDirectory
from adapters.store.requests import SqlStore
from tests.adapters.store.samples import NOW, StoppedClock, count, person, stored, submitted
from tests.databases import Databases

ROOT = Path(__file__).parents[3]
Open = Callable[..., Database]


@pytest.fixture
def address(databases: Databases, tmp_path: Path) -> str:
    """Nothing is there yet: opening it for the first time is what these tests are about."""
    return databases.of(tmp_path, fill=None)


def writer(address: str, keys: Keys, name: str, number: int) -> subprocess.Popen[str]:
    """A process of its own that writes `number` requests."""
    command = [
        sys.executable,
        "-m",
        "tests.adapters.store.writer",
        address,
        keys.to_text(),
        name,
        str(number),
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_an_empty_database_becomes_the_one_the_program_needs(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        assert migrate.revision(connection) == migrate.HEAD


def test_the_newest_revision_is_the_one_named(database: Database) -> None:
    with database.read() as connection:
        assert ScriptDirectory.from_config(migrate.config(connection)).get_heads() == [migrate.HEAD]


def test_opening_again_changes_nothing(address: str, opened: Open, keys: Keys) -> None:
    change = submitted()
    SqlStore(opened(address), keys).create(change, "token")
    again = opened(address)
    assert SqlStore(again, keys).load("r1") == change.request
    assert SqlStore(again, keys).verify("hill") == []


def test_a_database_of_a_newer_program_is_refused_and_left_alone(address: str, opened: Open) -> None:
    database = opened(address)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.MigrationFailed, match=r"revision 9999.*newer"):
        opened(address)
    with database.read() as connection:
        assert migrate.revision(connection) == "9999"


def test_a_migration_that_breaks_off_leaves_nothing(
    address: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(connection: object) -> None:
        raise migrate.MigrationFailed("broke off at the end")

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_finish", broken)
        with pytest.raises(migrate.MigrationFailed, match="broke off"):
            open_database(address)
    database = opened(address)
    with database.read() as connection:
        assert migrate.revision(connection) == migrate.HEAD


def test_a_table_made_anew_keeps_the_rows_that_refer_to_it(database: Database) -> None:
    """What Alembic does on SQLite to change a column: with foreign keys on, it would delete them."""
    directory = SqlDirectory(database, StoppedClock())
    directory.add_person(person("mary"))
    directory.set_role("hill", "dsl", ["mary"])
    with migrate.exclusive(database.writing) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("people") as table:
            table.alter_column("name", server_default="")
    assert directory.staff("hill").holdings == (("dsl", "mary"),)
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(tables.holdings.insert().values(school="hill", role="dsl", person="nobody"))


def test_rows_that_refer_to_nothing_stop_a_migration(tmp_path: Path, opened: Open) -> None:
    database = opened(f"sqlite:///{tmp_path / 'clerk.db'}")

    def migrate_badly() -> None:
        with migrate.exclusive(database.writing) as connection:
            connection.execute(tables.holdings.insert().values(school="hill", role="dsl", person="nobody"))
            migrate._finish(connection)

    with pytest.raises(migrate.MigrationFailed, match=r"1 rows .* holdings"):
        migrate_badly()
    assert count(database, tables.holdings) == 0


def test_several_starts_at_one_moment_migrate_once(address: str, opened: Open) -> None:
    together = Barrier(6)

    def start(_number: int) -> str:
        together.wait()
        with opened(address, patience_seconds=30).read() as connection:
            return migrate.revision(connection)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(start, range(6))) == [migrate.HEAD] * 6


def test_a_new_sqlite_file_is_waited_for_while_another_program_starts(tmp_path: Path, opened: Open) -> None:
    """SQLite itself does not wait here: switching to the write-ahead log fails at once."""
    path = tmp_path / "clerk.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done = Timer(0.3, other.execute, ["COMMIT"])
    done.start()
    with opened(f"sqlite:///{path}").read() as connection:
        assert migrate.revision(connection) == migrate.HEAD
    done.join()
    other.close()


def test_several_programs_can_start_and_write_at_once(address: str, opened: Open, keys: Keys) -> None:
    """On a database that does not exist yet; the read-modify-writes are those that defaults lost."""
    writing = [writer(address, keys, f"w{number}", 30) for number in range(3)]
    printed = [process.communicate(timeout=120)[0].split() for process in writing]
    assert [process.returncode for process in writing] == [0, 0, 0]
    assert [len(lines) for lines in printed] == [31, 31, 31]
    store = SqlStore(opened(address), keys)
    assert stored(store, "shared").values == {"count": ("90",)}
    assert stored(store, "shared").version == 91
    assert len(store.open_in("hill")) == 91
    assert store.verify("hill") == []


def test_a_killed_process_loses_nothing_it_had_committed(address: str, opened: Open, keys: Keys) -> None:
    for round_number in range(3):
        process = writer(address, keys, f"k{round_number}", 100_000)
        assert process.stdout is not None
        printed = [process.stdout.readline().strip() for _line in range(20 + round_number)]
        time.sleep(0.01 * round_number)  # to strike at another moment of a write each time
        os.kill(process.pid, signal.SIGKILL)
        printed += process.communicate(timeout=60)[0].split()
        committed = [line for line in printed if line != "ready"]
        assert len(committed) >= 19
        database = opened(address, patience_seconds=30)
        store = SqlStore(database, keys)
        assert [name for name in committed if store.load(name) is None] == []
    assert store.verify("hill") == []
    assert_no_half_changes(database, store)


def assert_no_half_changes(database: Database, store: SqlStore) -> None:
    """Every request has its key, its events and its notices, or does not exist."""
    with database.read() as connection:
        names = connection.execute(select(tables.requests.c.id)).scalars().all()
    assert sum(len(store.history(name)) for name in names) == count(database, tables.events)
    assert count(database, tables.outbox) == 2 * len(names)
    assert len(store.history("shared")) == stored(store, "shared").version
    assert_foreign_keys_hold(database)


def assert_foreign_keys_hold(database: Database) -> None:
    if database.writing.dialect.name == "sqlite":
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read.?only"), database.read() as connection:
        connection.execute(tables.seen_events.insert().values(id="e", at=NOW))


def test_a_reader_sees_one_moment_throughout(database: Database, store: SqlStore) -> None:
    with database.read() as connection:
        before = connection.execute(select(tables.requests.c.id)).all()
        store.create(submitted(), "token")
        assert connection.execute(select(tables.requests.c.id)).all() == before == []
    assert store.load("r1") is not None


def test_a_failed_write_leaves_nothing_and_blocks_nobody(database: Database, store: SqlStore) -> None:
    def fail_halfway() -> None:
        with database.write() as connection:
            connection.execute(tables.seen_events.insert().values(id="e", at=NOW))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert store.first_time("e", NOW)


def test_sqlite_is_opened_by_the_recipe(tmp_path: Path, opened: Open) -> None:
    database = opened(f"sqlite:///{tmp_path / 'clerk.db'}", patience_seconds=7)
    with database.write() as connection:
        assert pragmas(connection) == ("wal", 2, 1, 7000, 1, 0)
    with database.read() as connection:
        assert pragmas(connection) == ("wal", 2, 1, 7000, 1, 1)


def pragmas(connection: Connection) -> tuple[object, ...]:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete", "query_only")
    return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names)


def test_a_writer_waits_for_another_process_as_long_as_told(tmp_path: Path, opened: Open) -> None:
    address = f"sqlite:///{tmp_path / 'clerk.db'}"
    patient, other = opened(address, patience_seconds=0.1), opened(address)
    began = time.monotonic()
    with (
        other.write(),
        pytest.raises(Unavailable, match="locked"),
        patient.write(),
    ):
        raise AssertionError("two writers at once")
    assert 0.1 <= time.monotonic() - began < 5


def test_a_postgresql_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="OperationalError"):
        open_database(f"postgresql:///clerk?host={tmp_path}")


def test_an_error_does_not_repeat_what_was_to_be_written(database: Database) -> None:
    mary = {**person("mary").model_dump(), "email": "mary@hill.example", "email_folded": None}
    with pytest.raises(IntegrityError) as failed, database.write() as connection:
        connection.execute(tables.people.insert().values(mary))
    assert "mary@hill.example" not in str(failed.value).split("DETAIL")[0]


def test_a_sqlite_file_is_its_owners_alone(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "home" / "clerk.db"
    database = opened(f"sqlite:///{path}")
    with database.write() as connection:
        connection.execute(tables.seen_events.insert().values(id="e", at=NOW))
        files = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert files == {"clerk.db": 0o600, "clerk.db-wal": 0o600, "clerk.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/clerk"])
def test_other_databases_are_refused(address: str) -> None:
    with pytest.raises(UnknownDatabase):
        open_database(address)
