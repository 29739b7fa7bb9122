"""Server-sent events: a line to the page whenever a person's feed has changed.

The stream carries the feed's mark and nothing else; the page then fetches its cards, so what
it shows is always built, and entitlement checked, at that moment. Any replica can serve it:
the mark comes from the store.
"""

import asyncio
import json
import logging
from collections.abc import Callable

from aiohttp import web

from adapters.web.security import HEADERS, Problem

logger = logging.getLogger(__name__)


class Live:
    """All open streams of this process. Each looks every `every` seconds."""

    def __init__(self, *, limit: int = 100, every: float = 1.0, heartbeat: float = 15.0) -> None:
        self._limit = limit
        self._every = every
        self._heartbeat = heartbeat
        self._closing = asyncio.Event()
        self.open = 0

    async def close(self, _app: web.Application) -> None:
        """Let every stream end: the server is going down, and would wait for them otherwise."""
        self._closing.set()

    async def stream(self, request: web.Request, look: Callable[[], str | None]) -> web.StreamResponse:
        """Tell a page of changes until it leaves. `look`, asked in a thread, gives the mark of its feed, or None
        once whoever sits there is signed out. Problem 503 when there are too many streams."""
        if self.open >= self._limit:
            raise Problem(
                503, "Too many pages are open. This one still works, and looks for news less often."
            )
        self.open += 1
        response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
        try:
            mark = await asyncio.to_thread(look)
            await response.prepare(request)
            await response.write(b"retry: 3000\n\n" + _told(mark))
            await self._follow(request, response, look, mark)
        except ConnectionResetError:
            logger.debug("a page left its stream")
        finally:
            self.open -= 1
        return response

    async def _follow(
        self,
        request: web.Request,
        response: web.StreamResponse,
        look: Callable[[], str | None],
        mark: str | None,
    ) -> None:
        """Write each new mark, and a comment when there has been none for a while, so that proxies
        keep the connection and a page that has gone is noticed."""
        silent = 0.0
        while mark is not None and not await self._ended(request):
            try:
                now = await asyncio.to_thread(look)
            except Exception:  # the answer has begun: it can only end, and the page will come back
                logger.exception("the feed of a page could not be looked at")
                return
            silent += self._every
            if now != mark:
                mark, silent = now, 0.0
                await response.write(_told(mark))
            elif silent >= self._heartbeat:
                silent = 0.0
                await response.write(b": still here\n\n")

    async def _ended(self, request: web.Request) -> bool:
        """Wait until the next look, and say whether there is anyone left to look for."""
        try:
            await asyncio.wait_for(self._closing.wait(), self._every)
        except TimeoutError:
            return request.transport is None or request.transport.is_closing()
        return True


def _told(mark: str | None) -> bytes:
    """One event. JSON keeps a mark with line breaks in it on one line."""
    if mark is None:
        return b"event: ended\ndata: {}\n\n"
    return f"event: feed\ndata: {json.dumps(mark)}\n\n".encode()
