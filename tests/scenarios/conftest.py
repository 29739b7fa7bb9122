"""The playground for the stories on the page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp.test_utils import TestServer

from adapters.demo import stage
from adapters.server import application
from adapters.settings import Settings
from adapters.wiring import wire


@pytest_asyncio.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """The playground as `policyclerk demo` serves it."""
    clerk = wire(Settings(home=tmp_path, model="off"))
    server = TestServer(application(clerk, stage(clerk)))
    await server.start_server()
    yield str(server.make_url("/"))
    await server.close()
    clerk.close()
