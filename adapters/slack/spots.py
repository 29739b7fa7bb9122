"""Something that happened in Slack, and the spot that it is answered at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.events import Event

Kind = Literal["direct", "mention", "command", "shortcut", "button", "input", "modal", "home"]


@dataclass(frozen=True)
class Spot:
    """Where in Slack something happened, and what it can be answered with."""

    kind: Kind
    team: str
    """The workspace whose token answers."""
    user: str
    channel: str = ""
    thread: str = ""
    """The thread an answer belongs to; empty: none."""
    message: str = ""
    """The message on which a button was pressed; empty on an ephemeral one, which cannot be updated."""
    block: str = ""
    """The block the button stands in."""
    blocks: tuple[Mapping[str, Any], ...] = ()
    """What the message or view shows, with other cards beside the one that was used."""
    trigger: str = ""
    answer_to: str = ""
    """Slack's `response_url`: five answers within half an hour."""
    view: str = ""
    view_hash: str = ""
    depth: int = 0
    """How many modals lie on each other, this one included; 0 outside modals."""


@dataclass(frozen=True)
class Happening:
    """An event with the spot it came from."""

    event: Event
    spot: Spot
