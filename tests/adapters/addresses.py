"""Every address that is asked for and not posted to, with something hostile in each of its gaps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.demo import cast
from adapters.server import application
from adapters.settings import SlackSettings
from tests.adapters.doors import OURS, Door
from tests.adapters.mutations import misdirected
from tests.adapters.slack.conftest import SECRET
from tests.school import staged
from tests.slack_server import fake_slack


@asynccontextmanager
async def addresses_door(home: Path) -> AsyncIterator[Door]:
    """Every address that is asked for and not posted to, of the playground and under `serve`, with Slack's way to
    install the app. What is sent is the first line of a request, as it is."""
    async with fake_slack() as slack:
        given = {"client_id": slack.server.client[0], "client_secret": slack.server.client[1]}
        settings = SlackSettings.model_validate(
            {**given, "signing_secret": SECRET, "api_base_url": slack.api_url}
        )
        with (
            contextmanager(staged)(home / "serve", "aet", public_url=OURS["Origin"], slack=settings) as stage,
            contextmanager(staged)(home / "demo", "aet") as other,
        ):
            stage.clerk.places.adopt("aet", stage.clock.now())
            signs = stage.clerk.sign_ins
            cookie = signs.enter_by_link(signs.link([stage["headteacher"].id]), own=True)
            house = cast(other.clerk, other.published)
            apps = [application(stage.clerk), application(other.clerk, [house])]
            async with TestServer(apps[0]) as serving, TestServer(apps[1]) as playground:
                ports = {"serve": serving.port, "demo": playground.port}

                async def ask(line: bytes, accept: str, where: str, proven: bool) -> tuple[int, str]:
                    head = [line, b"Host: clerk", b"Connection: close", b"Accept: " + accept.encode()]
                    head += [f"Cookie: __Host-policyclerk={cookie}".encode()] if proven else []
                    return await said_to(ports[where], b"\r\n".join([*head, b"", b""]))

                lines = [
                    (f"GET {route} HTTP/1.1".encode(), "text/html", where)
                    for where, app in zip(ports, apps, strict=True)
                    for route in sorted(routes(app, "GET"))
                ]
                yield Door(lines, ask, closed=tuple(range(200, 500)), spoil=misdirected)


async def said_to(port: int | None, sent: bytes) -> tuple[int, str]:
    """The status and the words of what a server answers to these bytes; of a stream, its beginning."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        stream = b"text/event-stream" in head
        body = b"" if stream else await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()
    return int(head.split(b" ", 2)[1]), (head + body).decode("utf-8", "replace")


def routes(app: web.Application, method: str) -> set[str]:
    """The addresses of a server that take this method, as its code has them."""
    return {
        route.resource.canonical for route in app.router.routes() if route.method == method and route.resource
    }
