"""Fixtures that many tests share. See `tests/school.py` for the cast."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.school import Stage, staged

# Slow machines are no reason to fail; `HYPOTHESIS_PROFILE=thorough` looks ten times as long.
settings.register_profile(
    "quick", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def aet(tmp_path: Path) -> Iterator[Stage]:
    """The Aspire trust with its cast, on a Monday morning in term."""
    yield from staged(tmp_path, "aet")
