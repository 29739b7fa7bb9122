"""A small bolt app, reached over HTTP and over Socket Mode, for the tests of our fake Slack itself."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import FakeSlack, fake_slack

SECRET = "a secret of tests"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Two people and two channels; no app is listening yet."""
    async with fake_slack() as slack:
        slack.person("U1", "A teacher", email="teacher@school.example")
        slack.person("U2", "The headteacher", email="head@school.example")
        slack.channel("C1", "U1", "U2", name="staff")
        slack.channel("G1", "U2", kind="private", bot=False)
        yield slack


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    """The real client, as the app in this workspace."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture(params=["http", "socket"])
async def app(
    request: pytest.FixtureRequest, slack: FakeSlack, client: AsyncWebClient
) -> AsyncIterator[AsyncApp]:
    """A real bolt app without listeners, connected either way."""
    app = AsyncApp(client=client, signing_secret=SECRET, ignoring_self_events_enabled=True)
    if request.param == "socket":
        handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client)
        slack.over_socket()
        await handler.connect_async()
        yield app
        await handler.close_async()
        return
    server = web.Application()

    async def events(asked: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(asked)))

    server.router.add_post("/slack/events", events)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.over_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events", SECRET)
    yield app
    await runner.cleanup()
