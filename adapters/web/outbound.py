"""The web's Sender, and the way to the page from elsewhere.

There is nothing to push: the outbox's delivery row is the message.
A page draws a person's requests from the store and looks again when their feed mark moves
(`live.py`), so a notice has arrived as soon as its delivery is written. Nothing here can fail.
"""

from collections.abc import Callable, Sequence

from bot.cards import Card
from bot.people import Person
from bot.ports import Delivery, Place
from bot.workflows.request import Notice, Request


class WebSender:
    """Delivers by leaving the message where the page will find it."""

    def send(self, notice: Notice, request: Request | None, card: Card, to: Place) -> str:
        """Name where it lies: the request, or what is due, in the person's feed."""
        return f"web:{notice.person}:{request.id if request else notice.item}"

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """Nothing to do: every page draws its cards afresh."""


class PageDoor:
    """`bot.ports.Door`. The token stands after a `#`, which no browser sends to a server: it is in no log, and
    nothing that fetches a link to preview it can spend it."""

    def __init__(self, token: Callable[[Sequence[str]], str], page: str) -> None:
        """`token` makes a one-time one for these people ids; `page` is the page's address."""
        self._token = token
        self._page = page

    def link(self, people: tuple[Person, ...]) -> str:
        """An address that signs this person in once."""
        return f"{self._page}/sign-in#{self._token([person.id for person in people])}"
