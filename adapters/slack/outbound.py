"""Sending to Slack, updating what lies there, and telling errors apart.

`failure` says of anything that went wrong whether trying again makes sense. `Outbound` shows the replies of
people who have just done something; `SlackSender` is what the outbox sends through.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.logs import described
from adapters.slack import render
from adapters.slack.placing import RESPOND, Call, Tries
from bot.cards import Card
from bot.ports import Delivery, Place, SendFailed
from bot.workflows.request import Notice, Request

PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
        "org_login_required",
        "updating_conversation_failed",
    }
)
"""Slack's names for what passes by itself (docs.slack.dev, errors of chat.postMessage). Everything else it
answers is so until a person changes something: archived or deleted channels, an app that was removed from
one, people whose account is closed, a token that was revoked."""
GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action"})
"""What Slack calls a channel that is no place for the clerk, while the app itself is well."""
NO_TOKEN = "no_token_for_this_workspace"
_VIEW_PAUSES = (0.2, 0.4, 0.8)
"""Seconds until a modal that Slack was told to put up is there to be filled."""

_log = logging.getLogger(__name__)


def failure(error: Exception) -> SendFailed:
    """What became of a call, in Slack's own name for it and nothing else of what it answered."""
    if not isinstance(error, SlackApiError):
        return SendFailed("slack_not_reached", permanent=False)
    response = error.response
    status = getattr(response, "status_code", 200)
    headers = {str(key).lower(): value for key, value in getattr(response, "headers", {}).items()}
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return SendFailed("ratelimited", permanent=False, retry_after=_seconds(headers.get("retry-after")))
    if status >= 500 or not code:
        return SendFailed(f"slack_answered {status}", permanent=False)
    return SendFailed(code, permanent=code not in PASSING, gone=code in GONE)


def _seconds(header: Any) -> float:
    try:
        return max(float(header), 1.0)
    except (TypeError, ValueError):
        return 1.0


class Outbound:
    """Calls Slack for people who are waiting in front of it."""

    def __init__(self, client: Callable[[str], AsyncWebClient | None]) -> None:
        self._client = client

    async def show(self, team: str, steps: Iterable[Tries]) -> bool:
        """Say it all. Of each step the calls are tried in turn; whether one of each worked. What reaches
        nobody is logged, by Slack's names for why."""
        done = True
        for tries in steps:
            why: list[str] = []
            for call in tries:
                problem = await self._tried(team, call)
                if problem is None:
                    break
                why.append(f"{call.method}: {described(problem)}")
            else:
                done = False
                _log.error("a reply reached nobody: %s", "; ".join(why))
        return done

    async def call(self, team: str, method: str, **args: Any) -> dict[str, Any]:
        """One call and what it answered. SendFailed says why not."""
        client = self._client(team)
        if client is None:
            raise SendFailed(NO_TOKEN, permanent=True)
        try:
            answer = await client.api_call(method, json=args)
        except (TimeoutError, SlackClientError, ClientError, OSError) as error:
            raise failure(error) from None
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def upload(self, team: str, user: str, name: str, body: bytes) -> None:
        """A file into the person's own conversation with the clerk. SendFailed when it did not arrive."""
        client = self._client(team)
        if client is None:
            raise SendFailed(NO_TOKEN, permanent=True)
        try:
            opened = await client.conversations_open(users=user)
            channel = opened["channel"]["id"]
            await client.files_upload_v2(file=body, filename=name, title=name, channel=channel)
        except (TimeoutError, SlackClientError, ClientError, OSError) as error:
            raise failure(error) from None

    async def _tried(self, team: str, call: Call) -> SendFailed | None:
        """Why the call did not work; None when it did."""
        try:
            if call.method == RESPOND:
                await self._respond(**call.args)
            elif "external_id" in call.args:
                await self._fill(team, call)
            else:
                await self.call(team, call.method, **call.args)
        except SendFailed as why:
            return why
        return None

    async def _fill(self, team: str, call: Call) -> None:
        """Fill a modal that Slack was told to put up a moment ago, and that may not be there yet."""
        for pause in _VIEW_PAUSES:
            try:
                await self.call(team, call.method, **call.args)
            except SendFailed as why:
                if str(why) != "not_found":
                    raise
                await asyncio.sleep(pause)
            else:
                return
        await self.call(team, call.method, **call.args)

    async def _respond(self, url: str, said: dict[str, Any]) -> None:
        if not url:
            raise SendFailed("no_response_url", permanent=True)
        try:
            answer = await AsyncWebhookClient(url, timeout=10).send_dict(said)
        except (TimeoutError, SlackClientError, ClientError, OSError) as error:
            raise failure(error) from None
        if answer.status_code != 200:
            raise SendFailed(f"response_url {answer.status_code}", permanent=True)


class SlackSender:
    """The outbox's way into Slack. Synchronous: the worker calls it in a thread."""

    def __init__(self, client: Callable[[str], WebClient | None]) -> None:
        self._client = client

    def send(self, _notice: Notice, _request: Request | None, card: Card, to: Place) -> str:
        """Post the card to the role's channel or to the person alone: `slack:{workspace}:{channel}:{ts}`."""
        client = self._of(to.tenant)
        try:
            # Opened first: a message to a closed account is taken by Slack and read by nobody.
            channel = to.channel or client.conversations_open(users=to.user)["channel"]["id"]
            said = client.chat_postMessage(channel=channel, **render.message(card))
        except (SlackClientError, OSError) as error:
            raise failure(error) from None
        return f"slack:{to.tenant}:{said['channel']}:{said['ts']}"

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """Put the card as it stands now in the place of the one that was sent."""
        _, team, channel, ts = delivery.address.split(":")
        client = self._of(team)
        drawn = render.message(card)
        try:
            client.chat_update(channel=channel, ts=ts, text=drawn["text"], blocks=drawn["blocks"])
        except (SlackClientError, OSError) as error:
            raise failure(error) from None

    def _of(self, team: str) -> WebClient:
        client = self._client(team)
        if client is None:
            raise SendFailed(NO_TOKEN, permanent=True)
        return client
