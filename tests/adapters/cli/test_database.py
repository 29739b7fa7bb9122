"""`policyclerk db` and `keys` as they are typed: a key put out of use, and data that are not there to move."""

import os
import subprocess
from pathlib import Path

import pytest

from adapters.store.crypto import Keys
from tests.adapters.cli.shell import Clerk, only_sqlite, policyclerk


def test_an_old_key_is_put_out_of_use_step_by_step(clerk: Clerk, home: Path) -> None:
    clerk("school", "adopt", "aet")
    old = clerk("keys", "list").out.split()[0]
    assert "Restart every process" in clerk("keys", "add").out
    assert f"{old} is still needed" in clerk("keys", "remove", old).err
    assert "retired_keys" in clerk("keys", "rewrap").out
    assert f"{old}  can be removed" in clerk("keys", "list").out
    assert f"{old} is gone" in clerk("keys", "remove", old).out
    assert "The audit chain is whole; events checked: 1" in clerk("audit", "verify").out
    assert (home / "keys").stat().st_mode & 0o777 == 0o600


def test_a_key_in_the_environment_is_changed_there(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYCLERK_KEYS", Keys.generate().to_text())
    assert "The keys come from POLICYCLERK_KEYS: change them there." in clerk("keys", "add").err


@only_sqlite
def test_where_there_is_nothing_to_move_it_says_so(clerk: Clerk) -> None:
    said = clerk("db", "move", "--to", "postgresql://nobody@nowhere.invalid/clerk")
    assert (said.status, said.out) == (1, "")
    assert "There is nothing to move: there is no database in" in said.err


def test_a_secret_can_be_a_file_that_systemd_hands_over(home: Path, tmp_path: Path) -> None:
    given = Keys.generate()
    (tmp_path / "handed").mkdir()
    (tmp_path / "handed" / "policyclerk_keys").write_text(given.to_text() + "\n")
    env = {**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path / "handed")}
    said = subprocess.run(policyclerk("keys", "list"), env=env, capture_output=True, text=True, check=True)
    assert said.stdout == f"{given.current}  seals\n"
    assert not (home / "keys").exists()
