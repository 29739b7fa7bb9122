"""What can happen to the clerk. An adapter translates a platform's payload into one of these.

`id` is the platform's own name for this happening (event_id, view id and hash, activity id,
a form's token), so that a repeated delivery is recognised.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from bot.model import Model

_NO_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")
"""What JSON lets through and neither UTF-8 nor PostgreSQL can hold: NUL, and half of a surrogate pair."""
Typed = Annotated[str, AfterValidator(lambda text: _NO_CHARACTER.sub("\ufffd", text))]
"""What came from outside, in characters that can be kept and shown: words, and names that a platform gives."""


class Identity(Model):
    """Who the platform says this is: taken from its authenticated envelope, never from a payload."""

    platform: Literal["web", "slack", "teams"]
    tenant: Typed
    user: Typed


Standing = Literal["member", "guest", "outside"]
"""What the platform says of the person beyond who they are. `guest`: let into the workspace or tenant as one.
`outside`: of another workspace that is connected to it. Both see the safety signposts and nothing else."""


class _Event(Model):
    id: Typed
    who: Identity
    place: Literal["private", "shared"] = "private"
    """`shared`: others read along (a channel, a group chat)."""
    standing: Standing = "member"
    again: bool = False
    """It has come before, and what it asks for was done then or is being done. Nothing is done twice: the reply
    says how things stand."""
    vouched: str = ""
    """The person's e-mail address, where the platform says that it is theirs. Kept nowhere."""


class Asked(_Event):
    """Someone typed a message to the clerk. `files`: something hung on it, which nobody has looked at.
    `before`: it is no new message; what it said until its writer changed it, empty where nobody knows."""

    text: Typed
    files: bool = False
    before: Typed | None = None


class CommandCalled(_Event):
    """`/unblock-request`, as typed, without the slash; `text` is what followed it."""

    command: Typed
    text: Typed = ""


class FormChanged(_Event):
    """An input that other inputs depend on has changed in an open form."""

    form: Typed
    state: Typed
    values: dict[str, tuple[Typed, ...]]


class FormSubmitted(_Event):
    """A form came back. Every value is a tuple of strings; an empty input is absent or empty."""

    form: Typed
    state: Typed
    values: dict[str, tuple[Typed, ...]]


class ButtonPressed(_Event):
    """A button of ours was pressed: its action, target and version as they were drawn."""

    action: Typed
    target: Typed = ""
    version: int = 0


class CardShown(_Event):
    """A card of a request has come into somebody's sight, and their platform asks for it as it stands. Nobody
    has done anything: it is read, and nothing is written. `target`: the request, and the stage it was about."""

    target: str


class HomeOpened(_Event):
    """The person opened their own page."""


class MessageReported(_Event):
    """Someone reported another's message. `text` is triaged and dropped; `link` is kept. `files` as above."""

    text: Typed
    link: Typed
    files: bool = False


Event = (
    Asked
    | CommandCalled
    | FormChanged
    | FormSubmitted
    | ButtonPressed
    | CardShown
    | HomeOpened
    | MessageReported
)


def typed(event: Event) -> tuple[str, ...]:
    """What may be somebody's own words in an event, for triage. Of a form that is not known, whatever holds
    more than one word: ids and choices do not."""
    match event:
        case Asked(text=text) | CommandCalled(text=text) | MessageReported(text=text):
            return (text,)
        case FormChanged(values=values) | FormSubmitted(values=values):
            return tuple(entry for entries in values.values() for entry in entries if " " in entry.strip())
    return ()
