"""Socket Mode: Slack's requests over a websocket that we open. Slack's own client connects again by itself; a
watchdog begins afresh when it does not."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

PING_SECONDS = 10.0
LOOK_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
"""How long Slack's client may be without a connection before it is thrown away for a new one."""

_log = logging.getLogger(__name__)
_quiet = logging.getLogger("policyclerk.slack_sdk.socket")
_quiet.setLevel(logging.CRITICAL)
"""Its exceptions may quote what it was sent; the watchdog says what there is to say."""


class Socket:
    """Keeps one connection open for as long as it runs."""

    def __init__(self, app: AsyncApp, app_token: str, web_client: Callable[[], AsyncWebClient]) -> None:
        self._app = app
        self._token = app_token
        self._web_client = web_client
        self._handler: AsyncSocketModeHandler | None = None

    @property
    def client(self) -> SocketModeClient | None:
        """Slack's client that is in use now."""
        return self._handler.client if self._handler else None

    async def connected(self) -> bool:
        """Whether Slack's requests arrive at this moment."""
        client = self.client
        return client is not None and bool(await client.is_connected())

    async def run(self, stop: asyncio.Event) -> None:
        """Be connected until `stop`."""
        try:
            while not stop.is_set():
                await self._begin()
                await self._watch(stop)
        finally:
            await self._end()

    async def _begin(self) -> None:
        await self._end()
        self._handler = AsyncSocketModeHandler(
            self._app, self._token, logger=_quiet, web_client=self._web_client(), ping_interval=PING_SECONDS
        )
        # In the background: it tries for ever, and the watchdog must be able to give up on it.
        self._connecting = asyncio.create_task(self._handler.connect_async())  # type: ignore[no-untyped-call]

    async def _watch(self, stop: asyncio.Event) -> None:
        """Return when the client has been without a connection for too long, or a part of it has died."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        was_there = False
        while not stop.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
            there = await self.connected() and self._alive()
            if there != was_there:
                _log.info("Socket Mode is %s", "connected" if there else "not connected")
            was_there, last = there, loop.time() if there else last
            if loop.time() - last > PATIENCE_SECONDS:
                _log.error("Socket Mode had no connection for %d seconds: beginning afresh", PATIENCE_SECONDS)
                return

    def _alive(self) -> bool:
        """Whether the client's own tasks still run: one that died leaves a connection nobody listens to."""
        client = self.client
        tasks = (
            (client.message_receiver, client.current_session_monitor, client.message_processor)
            if client
            else ()
        )
        return all(task is not None and not task.done() for task in tasks)

    async def _end(self) -> None:
        handler, self._handler = self._handler, None
        if handler is None:
            return
        self._connecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._connecting
        await handler.close_async()  # type: ignore[no-untyped-call]
