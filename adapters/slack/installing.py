"""Installing the app in one more workspace, by Slack's own consent page (OAuth), with bolt's pieces.

Whoever looks after the clerk invites a workspace: without an invitation nothing is installed. Slack vouches for the
addresses of the people in a workspace, and a stranger's workspace could vouch for anything.
"""

import json
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from adapters.edge import Edge
from adapters.slack.manifest import INSTALL, REDIRECT, scopes
from adapters.slack.workspaces import SeveralWorkspaces
from bot.ports import Clock, Unreadable

INVITATION, STATE = "a slack invitation", "a slack installation"
"""What is sealed for what; no person has such an id."""
INVITED = timedelta(days=7)
"""How long an invitation is good."""
CONSENT = timedelta(minutes=10)
"""How long somebody may look at Slack's consent page."""

_log = logging.getLogger(__name__)
_quiet = logging.getLogger("policyclerk.slack_bolt.oauth")
_quiet.setLevel(logging.CRITICAL)
"""Bolt's own messages repeat codes it was sent."""

NOT_INVITED = (
    "This link does not install Policy Clerk, or not any more. Ask whoever looks after the clerk for one: "
    "policyclerk slack invite."
)
FAILED = {
    "access_denied": "Policy Clerk was not installed: that was your choice, and nothing was kept.",
    "invalid_browser": "Please open the link again in this browser, and go on from there.",
    "invalid_state": "That took too long, or was done already. Please open the link again.",
}
NOT_INSTALLED = "Policy Clerk could not be installed. Please open the link again."
WHOLE_ENTERPRISE = "Install it in one workspace, please: it cannot be installed for a whole organisation."


class Sealing(Protocol):
    """What is needed of the store: what only the clerk can have written, and what was seen before."""

    def seal_for(self, person: str, text: str) -> str:
        """The text, unreadable to others."""

    def open_for(self, person: str, sealed: str) -> str:
        """What was sealed. Unreadable when it was not."""

    def first_time(self, event_id: str, at: datetime) -> bool:
        """Whether this is seen for the first time."""


def invitation(sealing: Sealing, now: datetime) -> str:
    """What lets a workspace install the app, for a while: a part of an address."""
    return _sealed(sealing, INVITATION, now + INVITED)


class Installing:
    """Two routes: to Slack's consent page, and back from it."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        workspaces: SeveralWorkspaces,
        sealing: Sealing,
        clock: Clock,
        edge: Edge,
    ) -> None:
        self._sealing, self._clock, self._edge = sealing, clock, edge
        self._flow = AsyncOAuthFlow(
            client=workspaces.unbound(),
            logger=_quiet,
            settings=AsyncOAuthSettings(
                client_id=client_id,
                client_secret=client_secret,
                scopes=scopes(),
                installation_store=_Installations(workspaces, edge),
                state_store=_States(sealing, clock, edge),
                state_expiration_seconds=int(CONSENT.total_seconds()),
                install_page_rendering_enabled=False,
                callback_options=AsyncCallbackOptions(success=_installed, failure=_failed),
                logger=_quiet,
            ),
        )

    def routes(self, app: web.Application) -> None:
        """Add both to the application."""
        app.router.add_get(INSTALL, self.invited)
        app.router.add_get(REDIRECT, self.came_back)

    async def invited(self, request: web.Request) -> web.Response:
        """Whoever has an invitation goes on to Slack's consent page."""
        shown = request.query.get("invitation", "")
        if not await self._edge.run(_opened, self._sealing, INVITATION, shown, self._clock.now()):
            return web.Response(status=403, text=NOT_INVITED)
        asked = await to_bolt_request(request)
        return await to_aiohttp_response(await self._flow.handle_installation(asked))

    async def came_back(self, request: web.Request) -> web.Response:
        """From Slack's consent page, with a code in exchange for a token, or without."""
        asked = await to_bolt_request(request)
        try:
            return await to_aiohttp_response(await self._flow.handle_callback(asked))
        except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
            _log.error("an installation failed: %s", type(error).__name__)
            return web.Response(status=502, text=NOT_INSTALLED)


class _States(AsyncOAuthStateStore):
    """What goes to Slack and must come back, once and soon. Sealed, so that every replica knows its own."""

    logger = _quiet

    def __init__(self, sealing: Sealing, clock: Clock, edge: Edge) -> None:
        self._sealing, self._clock, self._edge = sealing, clock, edge

    async def async_issue(self, *_: object, **__: object) -> str:
        """A new one."""
        until = self._clock.now() + CONSENT
        return await self._edge.run(_sealed, self._sealing, STATE, until)

    async def async_consume(self, state: str) -> bool:
        """Whether it is ours, in time, and has not come back before."""
        now = self._clock.now()
        name = await self._edge.run(_opened, self._sealing, STATE, state, now)
        return bool(name) and await self._edge.patiently(self._sealing.first_time, f"slack:{name}", now)


class _Installations(AsyncInstallationStore):
    """Of what Slack hands over, the token is kept."""

    logger = _quiet

    def __init__(self, workspaces: SeveralWorkspaces, edge: Edge) -> None:
        self._workspaces, self._edge = workspaces, edge

    async def async_save(self, installation: Installation) -> None:
        """BoltError for what cannot be kept."""
        if installation.is_enterprise_install or not installation.team_id or not installation.bot_token:
            raise BoltError(WHOLE_ENTERPRISE)
        team, token = installation.team_id, installation.bot_token
        await self._edge.patiently(self._workspaces.installed, team, token)
        _log.info("the app was installed in workspace %s", team)


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    name = args.installation.team_name or "the workspace"
    words = (
        f"Policy Clerk is installed in {name} ({args.installation.team_id}). Next, its school's administrator writes "
        "setup to Policy Clerk in Slack."
    )
    return _said(200, words, args.settings)


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    words = FAILED.get(args.reason, NOT_INSTALLED)
    if args.reason == "storage_error":
        words = str(args.error)
    return _said(args.suggested_status_code, words, args.settings)


def _said(status: int, words: str, settings: AsyncOAuthSettings) -> BoltResponse:
    """Plain text; the state's cookie has done its duty."""
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": "text/plain; charset=utf-8",
        "Set-Cookie": settings.state_utils.build_set_cookie_for_deletion(),
    }
    return BoltResponse(status=status, body=words, headers=headers)


def _sealed(sealing: Sealing, what: str, until: datetime) -> str:
    text = json.dumps({"name": secrets.token_hex(16), "until": until.isoformat()})
    return sealing.seal_for(what, text).replace("=", "~")


def _opened(sealing: Sealing, what: str, sealed: str, now: datetime) -> str:
    """The name of what was sealed; empty for what was not, or is not good any more."""
    try:
        found = json.loads(sealing.open_for(what, sealed.replace("~", "=")))
    except Unreadable:
        return ""
    return str(found["name"]) if datetime.fromisoformat(found["until"]) > now else ""
