"""Fixtures that many tests share. See `tests/school.py` for the cast."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.school import Stage, staged


@pytest.fixture
def aet(tmp_path: Path) -> Iterator[Stage]:
    """The Aspire trust with its cast, on a Monday morning in term."""
    yield from staged(tmp_path, "aet")
