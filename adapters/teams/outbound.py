"""The outbox's way to Teams: a card to one person or a role's channel, and the same card drawn again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from adapters.teams import replies
from adapters.teams.adapter import as_json, card_message
from adapters.teams.connector import Connector, Gone, Room, Tokens, connected, named
from adapters.teams.replies import OPENS
from adapters.teams.rooms import SERVICE_URL, Rooms
from bot.cards import Card
from bot.ports import Delivery, Place, SendFailed
from bot.workflows.request import Notice, Request

T = TypeVar("T")


class TeamsSender:
    """`bot.ports.Sender`. Called in the worker's thread, which has no event loop: each call brings its own."""

    def __init__(self, app_id: str, tokens: Tokens, rooms: Rooms, opens: frozenset[str] = OPENS) -> None:
        """`opens`: buttons that open a dialog."""
        self._app_id = app_id
        self._opens = opens
        self._tokens = tokens
        self._rooms = rooms

    def send(self, notice: Notice, request: Request | None, card: Card, to: Place) -> str:
        """Post the card, and name where it lies. Gone (for good) for somebody who does not have the app."""
        key = to.channel or to.user
        known = self._rooms.find(to.tenant, key)
        if known is None and to.channel:
            raise Gone("the_clerk_is_not_in_that_channel")

        shows = f"{request.id}/{notice.stage}" if request and notice.kind != "stuck" else ""

        async def deliver(connector: Connector) -> tuple[Room, str]:
            room = known or await connector.open_chat(SERVICE_URL, to.tenant, self._app_id, to.user)
            return room, named(await connector.send(room, self._message(card, shows)))

        room, message = self._run(deliver)
        self._rooms.remember(to.tenant, key, room)
        return f"teams:{to.tenant}/{key}/{message}"

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """Draw the card again where it lies. Gone when it does not lie there any more."""
        tenant, _, rest = delivery.address.removeprefix("teams:").partition("/")
        key, _, message = rest.rpartition("/")
        room = self._rooms.find(tenant, key)
        if room is None or not message:
            raise Gone("the_message_is_not_there_any_more")
        shows = (
            f"{delivery.request}/{delivery.stage}" if delivery.request and delivery.kind != "stuck" else ""
        )
        self._run(lambda connector: connector.update(room, message, self._message(card, shows)))

    def _run(self, work: Callable[[Connector], Awaitable[T]]) -> T:
        async def within() -> T:
            async with connected(self._tokens) as connector:
                return await work(connector)

        try:
            return asyncio.run(within())
        except TimeoutError:
            raise SendFailed("Teams did not answer", permanent=False) from None

    def _message(self, card: Card, shows: str) -> dict[str, object]:
        return as_json(card_message(replies.request_card(card, shows, self._opens)))
