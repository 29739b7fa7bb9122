"""`check`, `audit verify`, `export` and the settings: what whoever looks after the clerk types."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.demo import stage
from adapters.settings import Settings
from adapters.store.crypto import Keys
from adapters.store.engine import Database, open_database
from adapters.wiring import wire
from bot.ports import SendFailed
from tests.adapters.cli.shell import Clerk, only_sqlite, policyclerk, submit_without_delivering


class TestChecking:
    def test_every_finding_says_what_to_do(self, clerk: Clerk) -> None:
        said = clerk("check", "--school", "aet")
        assert said.status == 1
        assert "aet: the telephone numbers are invented: enter the school's own" in said.out
        assert "step:" not in said.out
        assert said.out.endswith(" to put right before going live.\n")

    def test_all_schools_until_there_is_one_in_force(self, clerk: Clerk) -> None:
        said = clerk("check").out
        assert all(f"\n{school}: " in f"\n{said}" for school in ("aet", "leamington", "step"))
        clerk("publish", "--school", "aet")
        said = clerk("check").out
        assert "\naet: " in f"\n{said}"
        assert "leamington: " not in said

    def test_a_school_that_is_not_there_is_not_found_in_order(self, clerk: Clerk) -> None:
        said = clerk("check", "--school", "nowhere")
        assert said.status == 1
        assert "There is no school “nowhere”" in said.err


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value", "why"),
        [
            ("PORT", "99999", "POLICYCLERK_PORT: "),
            ("PORT", "http", "POLICYCLERK_PORT: "),
            ("DATABASE_URL", "mysql://host/name", "POLICYCLERK_DATABASE_URL: mysql"),
            ("DATABASE_URL", "nonsense", "POLICYCLERK_DATABASE_URL: "),
            ("KEYS", "c2VjcmV0", "POLICYCLERK_KEYS: key 1 is not 32 bytes in base64"),
        ],
    )
    def test_one_that_cannot_be_used_is_named_and_not_repeated(
        self, home: Path, name: str, value: str, why: str
    ) -> None:
        given = {**os.environ, f"POLICYCLERK_{name}": value}
        result = subprocess.run(
            policyclerk("publish", "--school", "aet"), env=given, capture_output=True, text=True
        )
        assert result.returncode == 1
        assert why in result.stderr
        assert "Traceback" not in result.stderr
        assert name != "KEYS" or value not in result.stderr


class TestVerifying:
    @pytest.fixture
    def database(self, home: Path) -> Iterator[Database]:
        """The home's own, with some history."""
        submit_without_delivering(Settings())
        database = open_database(Settings().database)
        yield database
        database.close()

    @only_sqlite
    def test_without_a_database_nothing_is_claimed(self, clerk: Clerk, home: Path) -> None:
        said = clerk("audit", "verify")
        assert said.status == 1
        assert "nothing was verified" in said.err
        assert list(home.iterdir()) == []

    def test_nor_of_one_in_which_nothing_ever_happened(self, clerk: Clerk) -> None:
        clerk("db", "migrate")
        said = clerk("audit", "verify")
        assert (said.status, said.out) == (1, "")
        assert "nothing was verified" in said.err

    def test_an_untouched_history_is_whole(self, clerk: Clerk, database: Database) -> None:
        said = clerk("audit", "verify")
        assert (said.status, said.out) == (0, "The audit chain is whole; events checked: 3.\n")

    @pytest.mark.parametrize(
        "tampering",
        [
            "UPDATE events SET ciphertext = substr(ciphertext, 2) WHERE seq = 2",
            "DELETE FROM events WHERE seq = 2",
            "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
            "DELETE FROM events",
            "UPDATE events SET at = '2020-01-01 00:00:00.000000' WHERE seq = 1",
            "UPDATE chain_heads SET count = count - 1",
        ],
    )
    def test_tampering_with_the_file_is_found(self, clerk: Clerk, database: Database, tampering: str) -> None:
        with database.write() as connection:
            assert connection.execute(text(tampering)).rowcount > 0
        said = clerk("audit", "verify")
        assert said.status == 1
        assert "whole" not in said.out
        assert said.out.startswith("aet: ")

    def test_a_school_that_is_not_in_force_any_more_is_looked_at_too(
        self, clerk: Clerk, database: Database
    ) -> None:
        with database.write() as connection:
            connection.execute(text("DELETE FROM in_force WHERE school = 'aet'"))
            connection.execute(text("UPDATE events SET version = 9 WHERE seq = 1"))
        said = clerk("audit", "verify")
        assert (said.status, said.out.startswith("aet: ")) == (1, True)


class TestKeys:
    def test_a_key_that_is_none_is_said_before_anything_is_made(
        self, clerk: Clerk, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("POLICYCLERK_KEYS", "nonsense")
        said = clerk("publish", "--school", "aet")
        assert "POLICYCLERK_KEYS: key 1 is not 32 bytes" in said.err
        assert list(home.iterdir()) == []

    def test_a_key_of_another_database_is_said_by_its_name(
        self, clerk: Clerk, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submit_without_delivering(Settings())
        other = Keys.generate()
        monkeypatch.setenv("POLICYCLERK_KEYS", other.to_text())
        said = clerk("publish", "--school", "aet")
        assert said.status == 1
        assert "none of these keys belongs to this database" in said.err
        assert other.current in said.err
        assert other.to_text() not in said.err

    def test_no_new_key_is_left_where_the_right_one_is_missing(self, clerk: Clerk, home: Path) -> None:
        clerk("school", "adopt", "aet")
        (home / "keys").rename(home / "safe")
        said = clerk("audit", "verify")
        assert "put back the one that belongs to it" in said.err
        assert not (home / "keys").exists()
        (home / "safe").rename(home / "keys")
        assert clerk("audit", "verify").status == 0


@only_sqlite
def test_without_a_database_there_is_no_record(clerk: Clerk, home: Path) -> None:
    nothing = clerk("export", "request", "AET-7KM3Q", "--school", "aet", "--out", "record.pdf")
    assert (nothing.status, nothing.out) == (1, "")
    assert "no requests" in nothing.err
    assert list(home.iterdir()) == []


def test_messages_that_were_set_aside_are_listed_and_tried_again(clerk: Clerk, home: Path) -> None:
    wired = wire(Settings(home=home, model="off"))
    stage(wired)
    now = wired.services.clock.now()
    for row in wired.outbox.claim("a worker", now, 60, 2):
        wired.outbox.set_aside(row, SendFailed("channel_not_found", permanent=True), now)
    (first, _) = wired.outbox.set_aside_rows()
    wired.close()
    listed = clerk("outbox", "list").out
    assert f"{first.id}: {first.notice.kind} AET-" in listed
    assert "channel_not_found" in listed
    assert first.notice.person not in listed
    assert clerk("outbox", "retry", str(first.id)).out == "1 message is tried again.\n"
    again = clerk("outbox", "retry", str(first.id))
    assert (again.status, "outbox list" in again.err) == (1, True)
    assert clerk("outbox", "retry").out == "1 message is tried again.\n"
    assert clerk("outbox", "list").out == "Nothing was set aside.\n"


def test_the_record_of_a_request_is_written_once(clerk: Clerk, home: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "record.pdf")
    wired = wire(Settings(home=home, model="off"))
    stage(wired)
    reference = wired.store.open_in("aet")[0].reference
    wired.close()
    written = clerk("export", "request", reference, "--school", "aet", "--out", out)
    assert (written.status, written.err) == (0, "")
    assert Path(out).read_bytes().startswith(b"%PDF-")
    again = clerk("export", "request", reference, "--school", "aet", "--text", "--out", out)
    assert again.status == 1
    assert "already there" in again.err
    assert "whole" in clerk("audit", "verify").out
