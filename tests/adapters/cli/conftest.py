"""An empty home, and a command line to type in."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from tests.adapters.cli.shell import Clerk, Said


@pytest.fixture
def home(typed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and no other setting but that answers come without the encoder: they come sooner,
    and how good they are is measured elsewhere."""
    monkeypatch.setenv("POLICYCLERK_MODEL", "off")
    return typed


@pytest.fixture
def clerk(home: Path) -> Clerk:
    """Type a command. A traceback fails the test."""

    def typed(*words: str, answer: str = "") -> Said:
        result = CliRunner().invoke(app, words, input=answer)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return typed
