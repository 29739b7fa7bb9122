"""The playground for the stories on the page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp.test_utils import TestServer

from adapters.demo import stage
from adapters.server import application
from adapters.settings import Settings
from adapters.wiring import wire
from tests.databases import Databases


@pytest_asyncio.fixture
async def playground(home: Path, databases: Databases) -> AsyncIterator[str]:
    """The playground as `policyclerk demo` serves it."""
    clerk = wire(Settings(home=home, model="off", database_url=databases.of(home)))
    server = TestServer(application(clerk, stage(clerk)))
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()
    clerk.close()
