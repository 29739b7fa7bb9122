"""The school in Teams."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.teams.staff import InTeams, in_teams


@pytest.fixture
async def teams(tmp_path: Path) -> AsyncIterator[InTeams]:
    """The Aspire trust, in Teams."""
    async with in_teams(tmp_path) as here:
        yield here
