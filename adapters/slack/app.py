"""Slack put together: bolt with our listeners, over HTTP, Socket Mode or both."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.edge import Edge
from adapters.logs import told_without_words
from adapters.slack.finding import SlackFinder
from adapters.slack.installing import Installing, Sealing
from adapters.slack.listeners import Listeners
from adapters.slack.longforms import Drafts, LongForms
from adapters.slack.manifest import PATH
from adapters.slack.outbound import Outbound, SlackSender
from adapters.slack.paper import Printer
from adapters.slack.people import Directory, People
from adapters.slack.socket import Socket
from adapters.slack.turns import Turns
from adapters.slack.workspaces import OneWorkspace, SeveralWorkspaces, Tokens, Workspaces
from bot.ports import Clock, SendFailed

REPORT_SHORTCUT, ASK_SHORTCUT = "report_message", "ask_the_clerk"
"""Callback ids of the two shortcuts, as the manifest has them."""
UNREACHABLE = (
    "Policy Clerk cannot work in this workspace at the moment: ask your administrator. "
    "If a child is in danger, call 999, then find your safeguarding lead."
)

UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What reading a body raises that is not as Slack makes them; the last, lists in lists in lists."""

_log = logging.getLogger(__name__)
_quiet = logging.getLogger("policyclerk.slack_bolt")
_quiet.setLevel(logging.CRITICAL)
"""Bolt's own messages repeat what it was sent."""


@dataclass(frozen=True)
class Side:
    """Slack as the composition root holds it: what is set, and what the outbox sends through."""

    workspaces: Workspaces
    sender: SlackSender
    finder: SlackFinder
    signing_secret: str
    app_token: str
    client: tuple[str, str] = ("", "")
    """The app's id and secret, where several workspaces may install it."""


def in_one(bot_token: str, signing_secret: str, app_token: str, base_url: str) -> Side:
    """Slack in the one workspace whose token this is."""
    workspaces = OneWorkspace(bot_token, base_url.rstrip("/") + "/")
    patient = workspaces.patient
    return Side(workspaces, SlackSender(patient), SlackFinder(patient), signing_secret, app_token)


def in_several(
    client: tuple[str, str], tokens: Tokens, signing_secret: str, app_token: str, base_url: str
) -> Side:
    """Slack in every workspace that has installed the app. `client`: the app's id and secret."""
    workspaces = SeveralWorkspaces(tokens, base_url.rstrip("/") + "/")
    patient = workspaces.patient
    return Side(workspaces, SlackSender(patient), SlackFinder(patient), signing_secret, app_token, client)


SLACK: "web.AppKey[Slack]" = web.AppKey("slack")
"""Where the application keeps it."""


def serve(
    app: web.Application,
    side: Side,
    edge: Edge,
    directory: Directory,
    drafts: Drafts,
    printer: Printer,
    sealing: Sealing,
    clock: Clock,
) -> None:
    """Add Slack to the application: its routes, where requests are signed and where workspaces install it, and
    what runs beside it."""
    slack = Slack(side, edge, directory, drafts, printer)
    if side.signing_secret:
        app.router.add_post(PATH, slack.received)
    if isinstance(side.workspaces, SeveralWorkspaces):
        Installing(*side.client, side.workspaces, sealing, clock, edge).routes(app)
    app.cleanup_ctx.append(slack.running)
    app[SLACK] = slack


class Slack:
    """Bolt with our listeners. It lives as long as the application."""

    def __init__(
        self, side: Side, edge: Edge, directory: Directory, drafts: Drafts, printer: Printer
    ) -> None:
        self.workspaces = side.workspaces
        self._edge = edge
        self._outbound = Outbound(self.workspaces.client)
        people = People(self._outbound, directory, edge)
        forms, turns = LongForms(edge, drafts), Turns(edge, drafts)
        self._listeners = Listeners(edge, forms, people, self._outbound, printer, turns)
        self._bolt = AsyncApp(
            name="policyclerk",
            logger=_quiet,
            # Without a secret nothing comes over HTTP: the route is not there.
            signing_secret=side.signing_secret or "none",
            authorize=_authorized,
            before_authorize=_Ours(self.workspaces),
            user_facing_authorize_error_message=UNREACHABLE,
            raise_error_for_unhandled_request=False,
            # Of bolt's own steps, none that prepares what no listener here asks for.
            ignoring_self_events_enabled=False,  # it goes by the bot's id, which only a token of bolt's tells it
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        self._listen()
        self.socket = Socket(self._bolt, side.app_token, self._for_sockets) if side.app_token else None

    async def trouble(self) -> str:
        """Why Slack does not work at the moment, for whoever looks after the program; empty when it does."""
        if self.workspaces.trouble:
            return self.workspaces.trouble
        if self.socket and not await self.socket.connected():
            return "Socket Mode is not connected"
        return ""

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Connections for as long as the application runs."""
        self.workspaces.start()
        stop = asyncio.Event()
        looking = asyncio.create_task(self.workspaces.look())
        socket = asyncio.create_task(self.socket.run(stop)) if self.socket else None
        yield
        stop.set()
        await looking
        if socket:
            await socket
        await self._listeners.close()
        await self._edge.close()
        await self.workspaces.close()

    async def received(self, request: web.Request) -> web.Response:
        """One request of Slack's. What cannot even be read is refused before bolt sees it."""
        try:
            asked = await to_bolt_request(request)
            return await to_aiohttp_response(await self._bolt.async_dispatch(asked))
        except UNREADABLE as error:  # bolt reads before it checks
            _log.warning("something that is no request of Slack's was refused: %s", told_without_words(error))
            return web.Response(status=400, text="not a request of Slack's")

    def _listen(self) -> None:
        bolt, on = self._bolt, self._listeners
        anything = re.compile(".*", re.DOTALL)
        # Bolt asks one after the other, and each that is asked costs: the most frequent first.
        bolt.event("message")(on.message)
        bolt.command(anything)(on.command)
        bolt.action(anything)(on.used)
        bolt.view(anything)(on.submitted)
        bolt.event("app_home_opened")(on.home)
        bolt.event("app_mention")(on.mention)
        bolt.options(anything)(on.searched)
        bolt.message_shortcut(REPORT_SHORTCUT)(on.reported)
        bolt.global_shortcut(ASK_SHORTCUT)(on.question)
        bolt.event("app_uninstalled")(self._gone)
        bolt.event("tokens_revoked")(self._gone)
        bolt.error(_failed)

    async def _gone(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The app was removed from a workspace, or its token revoked. What is on its way there is held, and the
        next holder or the administrator is told, as of anything that cannot be delivered."""
        await ack()
        await self.workspaces.gone(str(body.get("team_id", "")))

    def _for_sockets(self) -> AsyncWebClient:
        """The client that asks for the websocket's address; it goes by the app's own token."""
        return self.workspaces.unbound()


class _Ours(AsyncMiddleware):
    """Nothing from another workspace is listened to. Slack tries again what we cannot tell yet. Before it takes
    our address it asks for a word back, on behalf of no workspace; bolt gives it. (Bolt makes ready for a plain
    function whatever it could ask for; this gets what it needs.)"""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """As bolt calls it."""
        if req.body.get("type") == "url_verification":
            return await next()
        try:
            ours = await self._workspaces.ours(req.context.team_id or "")
        except SendFailed:
            return BoltResponse(status=503, body="")
        if not ours:
            _log.warning("a request from another workspace was refused")
            return BoltResponse(status=403, body="")
        return await next()


async def _authorized(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
    """Bolt wants to know on whose behalf it works; the calls are all our own."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _failed(error: Exception, response: BoltResponse | None) -> BoltResponse | None:
    """What a listener did not expect. Nothing of what was sent is written down. No response: it has been
    acknowledged."""
    _log.error("a request of Slack's could not be read: %s", told_without_words(error))
    if response is None:
        return None
    return BoltResponse(status=400 if isinstance(error, UNREADABLE) else 500, body="")
