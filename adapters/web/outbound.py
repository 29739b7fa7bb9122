"""The web's Sender. There is nothing to push: the outbox's delivery row is the message.

A page draws a person's requests from the store and looks again when their feed mark moves
(`live.py`), so a notice has arrived as soon as its delivery is written. Nothing here can fail.
"""

from bot.cards import Card
from bot.ports import Delivery, Place
from bot.workflows.request import Notice, Request


class WebSender:
    """Delivers by leaving the message where the page will find it."""

    def send(self, notice: Notice, request: Request | None, card: Card, to: Place) -> str:
        """Name where it lies: the request, or what is due, in the person's feed."""
        return f"web:{notice.person}:{request.id if request else notice.item}"

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """Nothing to do: every page draws its cards afresh."""
