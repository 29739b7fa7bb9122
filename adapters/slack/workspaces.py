"""The workspaces the app is installed in: which of them are ours, and the clients that speak there."""

import asyncio
import logging

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
from bot.ports import SendFailed

TIMEOUT_SECONDS = 10
_log = logging.getLogger(__name__)
_quiet = logging.getLogger("policyclerk.slack_sdk")
_quiet.setLevel(logging.WARNING)
"""Slack's packages write what they send and receive, words and all, to logs of a lower level."""


class Workspaces:
    """One workspace, by the token of the environment."""

    def __init__(self, token: str, base_url: str) -> None:
        self._token = token
        self._base = base_url
        self._session: aiohttp.ClientSession | None = None
        self._async: AsyncWebClient | None = None
        self._sync = WebClient(token=token, base_url=base_url, timeout=TIMEOUT_SECONDS, logger=_quiet)
        self._asking = asyncio.Lock()
        self.team = ""
        """The workspace's id; empty until Slack has been asked whose the token is."""
        self.trouble = ""
        """Why the token does not work, in Slack's own name for it."""

    def start(self) -> None:
        """Open the connections that everything here shares. Slack need not be there yet."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        self._async = AsyncWebClient(
            token=self._token,
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

    async def look(self) -> None:
        """Ask Slack whose the token is, so that whoever comes first need not wait for it."""
        try:
            await self.known()
        except SendFailed as why:
            _log.error("Slack does not say which workspace the token is for: %s", described(why))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session:
            await self._session.close()

    async def known(self) -> str:
        """The workspace's id. SendFailed when Slack cannot be asked, or says that the token is no good."""
        async with self._asking:
            if not self.team and self._async:
                try:
                    answer = await self._async.auth_test()
                except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
                    why = failure(error)
                    self.trouble = str(why)
                    raise why from None
                self.team, self.trouble = str(answer["team_id"]), ""
        return self.team

    def client(self, team: str) -> AsyncWebClient | None:
        """For people who wait; None for a workspace that is not ours."""
        return self._async if team == self.team else None

    def unbound(self) -> AsyncWebClient:
        """For what belongs to no workspace: it needs a token of its own."""
        return AsyncWebClient(base_url=self._base, timeout=TIMEOUT_SECONDS, logger=_quiet)

    def patient(self, team: str) -> WebClient | None:
        """For the outbox, which tries again by itself. A process that only works it off has asked nobody
        yet whose the token is; Slack refuses one that is not the channel's."""
        return self._sync if team == self.team or not self.team else None
