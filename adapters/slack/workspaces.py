"""The workspaces the app is installed in: which of them are ours, and the clients that speak there.

`OneWorkspace` goes by the token of the environment, `SeveralWorkspaces` by the tokens that installing the app has
left in the database.
"""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from adapters.logs import described
from adapters.slack.outbound import failure
from bot.ports import SendFailed, Unreadable

TIMEOUT_SECONDS = 10
BELIEVED_SECONDS = 5.0
"""How long a token is believed to be the workspace's: another process may have been told otherwise."""
_log = logging.getLogger(__name__)
_quiet = logging.getLogger("policyclerk.slack_sdk")
_quiet.setLevel(logging.WARNING)
"""Slack's packages write what they send and receive, words and all, to logs of a lower level."""


class Tokens(Protocol):
    """What is needed of the store: the tokens of the workspaces that have installed the app."""

    def token(self, team: str) -> str:
        """The workspace's; empty where the app is not installed."""

    def keep(self, team: str, token: str) -> None:
        """The workspace has installed the app."""

    def forget(self, team: str, token: str) -> bool:
        """It is no good any more. False when another has taken its place."""


class Workspaces(ABC):
    """Where the clerk may speak, and the connections over which it does."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._session: aiohttp.ClientSession | None = None
        self.trouble = ""
        """Why nothing works, for whoever looks after the program; empty when it does."""

    def start(self) -> None:
        """Open the connections that everything here shares. Slack need not be there yet."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session:
            await self._session.close()

    def unbound(self) -> AsyncWebClient:
        """For what belongs to no workspace: it needs a token of its own."""
        return AsyncWebClient(base_url=self._base, timeout=TIMEOUT_SECONDS, logger=_quiet)

    @abstractmethod
    async def look(self) -> None:
        """Find out what can be known before anybody comes."""

    @abstractmethod
    async def ours(self, team: str) -> bool:
        """Whether the app is installed there. SendFailed when that cannot be told now."""

    @abstractmethod
    async def gone(self, team: str) -> None:
        """Slack says that the app was removed there, or its token revoked: see whether it is so."""

    @abstractmethod
    def client(self, team: str) -> AsyncWebClient | None:
        """For people who wait; None for a workspace that is not ours."""

    @abstractmethod
    def patient(self, team: str) -> WebClient | None:
        """For the outbox, which tries again by itself, in a thread; None for a workspace that is not ours."""

    def _speaking(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(
            token=token,
            base_url=self._base,
            timeout=TIMEOUT_SECONDS,
            session=self._session,
            logger=_quiet,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(max_retry_count=1),
                AsyncRateLimitErrorRetryHandler(max_retry_count=2),
                AsyncServerErrorRetryHandler(max_retry_count=1),
            ],
        )

    def _working_off(self, token: str) -> WebClient:
        return WebClient(token=token, base_url=self._base, timeout=TIMEOUT_SECONDS, logger=_quiet)


class OneWorkspace(Workspaces):
    """One workspace, by the token of the environment."""

    def __init__(self, token: str, base_url: str) -> None:
        super().__init__(base_url)
        self._token = token
        self._async: AsyncWebClient | None = None
        self._sync = self._working_off(token)
        self._asking = asyncio.Lock()
        self._team = ""
        """The workspace's id; empty until Slack has been asked whose the token is."""
        self.trouble = "Slack has not been reached yet"

    def start(self) -> None:
        """See `Workspaces.start`."""
        super().start()
        self._async = self._speaking(self._token)

    async def look(self) -> None:
        """Ask Slack whose the token is, so that whoever comes first need not wait for it."""
        try:
            await self._known()
        except SendFailed as why:
            _log.error("Slack does not say which workspace the token is for: %s", described(why))

    async def ours(self, team: str) -> bool:
        """See `Workspaces.ours`."""
        return await self._known() == team

    async def gone(self, team: str) -> None:
        """See `Workspaces.gone`."""
        self._team = ""
        await self.look()

    def client(self, team: str) -> AsyncWebClient | None:
        """See `Workspaces.client`."""
        return self._async if team == self._team else None

    def patient(self, team: str) -> WebClient | None:
        """See `Workspaces.patient`. A process that only works the outbox off has asked nobody yet whose the
        token is; Slack refuses one that is not the channel's."""
        return self._sync if team == self._team or not self._team else None

    async def _known(self) -> str:
        """The workspace's id. SendFailed when Slack cannot be asked, or says that the token is no good."""
        async with self._asking:
            if not self._team and self._async:
                try:
                    self._team = await _team_of(self._async)
                except SendFailed as why:
                    self.trouble = f"Slack refuses the bot token: {why}"
                    raise
                self.trouble = ""
        return self._team


class SeveralWorkspaces(Workspaces):
    """Every workspace that has installed the app, by the tokens in the store."""

    def __init__(self, tokens: Tokens, base_url: str) -> None:
        super().__init__(base_url)
        self._tokens = tokens
        self._known: dict[str, tuple[float, str, AsyncWebClient | None]] = {}
        """Workspace to until when which token is believed, and the client that speaks by it."""
        self._sync: dict[str, tuple[str, WebClient]] = {}

    async def look(self) -> None:
        """See `Workspaces.look`. Each workspace's token is looked up when somebody comes from there."""

    async def ours(self, team: str) -> bool:
        """See `Workspaces.ours`."""
        until, before, client = self._known.get(team, (0.0, "", None))
        if time.monotonic() < until:
            return client is not None
        try:
            token = await asyncio.to_thread(self._token, team)
        except OSError:
            raise SendFailed("database_away", permanent=False) from None
        if token != before:
            client = self._speaking(token) if token else None
        if token:
            self._known[team] = (time.monotonic() + BELIEVED_SECONDS, token, client)
        else:
            self._known.pop(team, None)
        return bool(token)

    async def gone(self, team: str) -> None:
        """See `Workspaces.gone`. The token is forgotten only if Slack refuses it: an app that was removed and
        installed again has another one by now."""
        self._known.pop(team, None)
        token = await asyncio.to_thread(self._token, team)
        if not token:
            return
        try:
            await _team_of(self._speaking(token))
        except SendFailed as why:
            if why.permanent and await asyncio.to_thread(self._tokens.forget, team, token):
                _log.warning("the app was removed from workspace %s: %s", team, why)
        self._known.pop(team, None)

    def installed(self, team: str, token: str) -> None:
        """The app has just been installed there."""
        self._tokens.keep(team, token)
        self._known.pop(team, None)

    def client(self, team: str) -> AsyncWebClient | None:
        """See `Workspaces.client`: as `ours` has found it for whoever waits."""
        return self._known.get(team, (0.0, "", None))[2]

    def patient(self, team: str) -> WebClient | None:
        """See `Workspaces.patient`."""
        token = self._token(team)
        if not token:
            self._sync.pop(team, None)
            return None
        if self._sync.get(team, ("",))[0] != token:
            self._sync[team] = (token, self._working_off(token))
        return self._sync[team][1]

    def _token(self, team: str) -> str:
        try:
            return self._tokens.token(team)
        except Unreadable as why:
            _log.error("the token of workspace %s cannot be read: %s", team, why)
            return ""


async def _team_of(client: AsyncWebClient) -> str:
    """The workspace a client's token is for. SendFailed when Slack cannot be asked, or refuses the token."""
    try:
        answer = await client.auth_test()
    except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
        raise failure(error) from None
    return str(answer["team_id"])
