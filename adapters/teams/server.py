"""`POST /api/messages`: what is refused before anything is read, and the answer of a turn as HTTP."""

import json
import logging
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from botbuilder.core import TurnContext

from adapters.logs import told_without_words
from adapters.teams import wire
from adapters.teams.adapter import TeamsAdapter
from adapters.teams.authentication import Unauthorized

BODY_LIMIT = 256 * 1024

_log = logging.getLogger(__name__)


class Taking(Protocol):
    """What deals with an activity that is known to come from Teams: `adapters.teams.turns.Turns`."""

    async def take(self, context: TurnContext, activity: wire.Activity, /) -> None:
        """NotUnderstood when it comes from no card of ours."""


@dataclass(frozen=True)
class Endpoint:
    """The route's handler, and what it works with."""

    adapter: TeamsAdapter
    turns: Taking

    async def messages(self, request: web.Request) -> web.Response:
        """401 for what Microsoft did not sign for us, 400 for what is no activity; otherwise the turn's answer."""
        if request.content_type != "application/json":  # what a page of another site can post unasked
            return _refusal(415, "The Bot Framework sends JSON, and this is something else.")
        try:
            activity = wire.read(await _body(request))
            answer = await self.adapter.take(
                request.headers.get("Authorization", ""),
                activity,
                lambda context: self.turns.take(context, activity),
            )
        except wire.NotUnderstood as error:
            return _refusal(400, str(error))
        except Unauthorized as error:
            _log.warning("an activity was refused: %s", str(error))
            return _refusal(401, "Unauthorized.")
        except Exception as error:  # noqa: BLE001  # its text may repeat what somebody typed
            _log.error("an activity could not be answered: %s", told_without_words(error))
            return _refusal(500, "The clerk could not answer.")
        if answer is None:
            return web.Response(status=200)
        return web.json_response(answer.body, status=answer.status)


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > BODY_LIMIT:
            raise wire.NotUnderstood("This is more than an activity may be (256 KB).")
    return bytes(body)


def _refusal(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=json.dumps({"error": words}), content_type="application/json")
