"""What every answer of the page carries, and what is refused before anything reads it."""

import functools
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from adapters.logs import known_method, route_of
from adapters.web import render
from adapters.wording import OUR_FAULT

logger = logging.getLogger(__name__)

BODY_LIMIT = 256 * 1024

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
"""`form-action 'none'`: forms are sent by the script, never by the browser. `no-store`: nothing of
a request stays in a shared computer's cache; assets alone say otherwise."""

ORIGIN = web.AppKey("origin", str)
"""`https://host` of the page as browsers know it; not set where that is whatever they asked for."""
KEEP_SAFE = "max-age=31536000"
"""Browsers that have seen the page encrypted never ask for it otherwise again."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """An answer other than the one hoped for: its status, and what to tell a person."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


ELSEWHERE = "This came from another site, so it was not accepted."


def guarded(handler: Handler) -> Handler:
    """The handler with our headers on whatever it answers, and words instead of tracebacks."""

    @functools.wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Problem as problem:
            response = _told(request, problem)
        except Exception:
            logger.exception(
                "the page could not answer %s %s", known_method(request.method), route_of(request)
            )
            response = _told(request, Problem(500, OUR_FAULT))
        if not response.prepared:
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            if request.app.get(ORIGIN, "").startswith("https:"):
                response.headers["Strict-Transport-Security"] = KEEP_SAFE
        return response

    return answer


def _told(request: web.Request, problem: Problem) -> web.Response:
    if request.method == "GET" and not request.path.endswith(("/feed", "/live")):
        html = render.problem(problem.words)
        return web.Response(status=problem.status, text=html, content_type="text/html")
    return web.json_response({"error": problem.words}, status=problem.status)


async def posted(request: web.Request) -> bytes:
    """The JSON body our own page sent. Problem when another site sent it, or it is not JSON, or too big.

    A browser states where a POST comes from in Origin and Sec-Fetch-Site. A program that is no
    browser states neither and carries no one's session, so their absence is no refusal.
    """
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    ours = urlsplit(request.app.get(ORIGIN, "")).netloc or request.host
    if site != "same-origin" or (origin is not None and urlsplit(origin).netloc != ours):
        raise Problem(403, ELSEWHERE)
    if request.content_type != "application/json":
        raise Problem(415, "The clerk's page sends JSON, and this is something else.")
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Problem(413, "That is more than the clerk can take at once (256 KB). Please shorten it.")
    return bytes(body)


def from_our_page(request: web.Request) -> None:
    """Problem when another site's page asks for it, as a picture, a frame or a link: nobody is sent there to
    leave a trace in their own name."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Problem(403, ELSEWHERE)
