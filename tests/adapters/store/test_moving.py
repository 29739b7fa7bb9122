"""From a SQLite file to PostgreSQL, and a file's backup: all of it, compared, and never beside a running clerk."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, update

from adapters.keyfile import keys
from adapters.settings import Settings
from adapters.store import moving
from adapters.store.engine import open_database
from adapters.store.migrations.migrate import HEAD, MigrationFailed
from adapters.store.moving import CannotMove
from adapters.store.tables import events, metadata, outbox
from adapters.wiring import Clerk, wire
from tests.databases import Server, rows
from tests.finished import UNBLOCK, unblocked
from tests.school import MONDAY, Player, Stage, StoppedClock, staged

LATER = MONDAY + timedelta(minutes=1)
Opens = Callable[[str], Clerk]

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@pytest.fixture
def new(postgres: Engine, tmp_path: Path) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    server = Server(postgres)
    yield (address := server.address(tmp_path))
    server.drop(address)


@pytest.fixture
def lived(home: Path) -> Settings:
    """A school with a request that is done and one whose messages wait; nobody runs any more."""
    for stage in staged(home):
        unblocked(stage)
        sends_request(stage["class-teacher"])
    return stage.clerk.settings


@pytest.fixture
def opens(lived: Settings) -> Iterator[Opens]:
    """A clerk on that database with the same keys, closed at the end."""
    clerks: list[Clerk] = []

    def wired(address: str) -> Clerk:
        clerks.append(wire(lived.model_copy(update={"database_url": address}), StoppedClock(LATER)))
        return clerks[-1]

    yield wired
    for clerk in clerks:
        clerk.close()


def sends_request(teacher: Player) -> None:
    """Ask for a page to be unblocked."""
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)


def test_a_school_goes_on_in_postgresql_where_it_stood_in_sqlite(
    lived: Settings, new: str, opens: Opens, tmp_path: Path
) -> None:
    moving.back_up(lived.database, tmp_path / "copy.db")
    before = rows(opens(f"sqlite:///{tmp_path / 'copy.db'}").database)

    moved = moving.move(lived.database, new, keys(lived))

    clerk = opens(new)
    assert rows(clerk.database) == before
    assert moved.rows == {name: len(kept) for name, kept in before.items()}
    assert (moved.rows["requests"], moved.findings) == (2, ())
    told = len(clerk.store.deliveries_to("aet.ict-technician"))
    stage = Stage(clerk, clerk.library.published("aet"), StoppedClock(LATER))
    stage.deliver()
    assert len(clerk.store.deliveries_to("aet.ict-technician")) == told + 1, "what was on its way arrives"
    with clerk.database.read() as connection:
        last = connection.exec_driver_sql("SELECT last_value FROM outbox_id_seq").scalar()
    sends_request(Player(stage, "class-teacher", "aet.class-teacher"))
    with clerk.database.read() as connection:
        assert connection.execute(select(func.min(outbox.c.id))).scalar() == last + 1
    assert clerk.store.verify("aet") == []


def test_the_file_is_left_as_it_was_and_opens_no_more(lived: Settings, new: str) -> None:
    moving.move(lived.database, new, keys(lived))
    with pytest.raises(MigrationFailed, match="moved to PostgreSQL: set POLICYCLERK_DATABASE_URL"):
        wire(lived)
    with closing(sqlite3.connect(lived.folder / "policyclerk.db")) as old:
        assert old.execute("SELECT count(*) FROM requests").fetchone() == (2,)


def test_nothing_is_moved_while_a_clerk_runs(lived: Settings, new: str, opens: Opens) -> None:
    running = opens("")
    running.library.schools()
    with pytest.raises(CannotMove, match="Stop every"):
        moving.move(lived.database, new, keys(lived))
    sends_request(
        Player(Stage(running, running.library.published("aet"), StoppedClock(LATER)), "class-teacher", "")
    )
    running.close()
    assert moving.move(lived.database, new, keys(lived)).rows["requests"] == 3


def test_a_database_that_holds_something_is_never_written_over(lived: Settings, new: str) -> None:
    there = open_database(new)
    with there.write() as connection:
        row = {"school": "hill", "policy": "1", "kind": "silent", "about": "x", "count": 1}
        connection.execute(insert(metadata.tables["gaps"]).values(row))
    there.close()
    with pytest.raises(CannotMove, match="not empty: there are rows in gaps"):
        moving.move(lived.database, new, keys(lived))
    wire(lived).close()


def test_a_row_that_arrives_changed_undoes_the_whole_move(
    lived: Settings, new: str, monkeypatch: pytest.MonkeyPatch, opens: Opens
) -> None:
    copy = moving._copy

    def clumsily(old: object, new: object, table: object) -> None:
        copy(old, new, table)  # type: ignore[arg-type]
        if table is events:
            new.execute(update(events).where(events.c.seq == 1).values(version=7))  # type: ignore[attr-defined]

    monkeypatch.setattr(moving, "_copy", clumsily)
    with pytest.raises(CannotMove, match="not what was there, in events"):
        moving.move(lived.database, new, keys(lived))
    monkeypatch.undo()
    assert opens(new).library.schools() == ()
    assert moving.move(lived.database, new, keys(lived)).rows["requests"] == 2


def test_a_move_cut_off_before_the_mark_is_finished_by_moving_again(lived: Settings, new: str) -> None:
    first = moving.move(lived.database, new, keys(lived))
    with closing(sqlite3.connect(lived.folder / "policyclerk.db")) as old, old:
        old.execute("UPDATE alembic_version SET version_num = ?", (HEAD,))
    assert moving.move(lived.database, new, keys(lived)) == first


def test_a_backup_is_taken_beside_a_running_clerk_and_replaces_nothing(
    lived: Settings, tmp_path: Path, opens: Opens
) -> None:
    running, copy = opens(""), tmp_path / "copy.db"
    with running.database.write() as connection:  # somebody is in the middle of a change
        connection.execute(update(outbox).values(attempts=5))
        moving.back_up(lived.database, copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.db"]
    with pytest.raises(FileExistsError):
        moving.back_up(lived.database, copy)
    restored = opens(f"sqlite:///{copy}")
    assert restored.store.verify("aet") == []
    with restored.database.read() as connection:
        assert connection.execute(select(func.max(outbox.c.attempts))).scalar() == 0
