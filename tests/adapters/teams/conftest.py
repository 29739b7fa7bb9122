"""The school in Teams."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.adapters.teams.agents_playground import running
from tests.adapters.teams.staff import InTeams, in_teams


@pytest.fixture
async def teams(home: Path) -> AsyncIterator[InTeams]:
    """The Aspire trust, in Teams."""
    async with in_teams(home) as here:
        yield here


@pytest.fixture(scope="session")
def agents_playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Microsoft's test client, with the playground behind it; the test is skipped where it is not installed."""
    with running(tmp_path_factory.mktemp("client")) as address:
        yield address
