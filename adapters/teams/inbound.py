"""What Teams posts, read into an `Event`. Translation only: nothing is decided here. Pure.

An activity is JSON. Who did it and in which tenant is read from its envelope, which the token vouches for,
never from `value`, which any client can write.

    message                                -> Asked; with one of our cards' `value`, what its button did
    messageUpdate                          -> Asked, before: a message that its writer has changed
    invoke adaptiveCard/action             -> a button or form of a card (Action.Execute)
    invoke task/fetch, task/submit         -> a button that opens a dialog, a form in one
    invoke composeExtension/fetchTask      -> MessageReported; .../submitAction, the dialog that followed
    invoke fileConsent/invoke              -> Kept: whether a file may be put in their OneDrive
    invoke application/search              -> Searched: somebody types into a long list
    installationUpdate, conversationUpdate -> Arrived, Removed
"""

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.teams import paper, render
from adapters.teams.wire import LONGEST_MESSAGE, Activity, NotUnderstood, is_file, storable
from bot.events import (
    Asked,
    ButtonPressed,
    CardShown,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    MessageReported,
)

COMMAND = re.compile(r"/([a-z][a-z0-9-]*)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
REPORT_MESSAGE = "reportMessage"
"""The command of the message action in the manifest."""


@dataclass(frozen=True)
class Searched:
    """Somebody types into a list that is too long for a card."""

    form: str
    state: str
    input: str
    text: str
    values: dict[str, tuple[str, ...]]
    """What had been chosen when the form was drawn: the list may depend on it."""


@dataclass(frozen=True)
class Arrived:
    """The clerk was added to a conversation."""


@dataclass(frozen=True)
class Removed:
    """The clerk was taken away from a conversation, and cannot speak there any more."""


@dataclass(frozen=True)
class Unknown:
    """Something the clerk does not answer."""


@dataclass(frozen=True)
class Kept:
    """Somebody was asked whether to keep a file: `pressed` prints it once more; None for no."""

    file: paper.Accepted | None
    pressed: ButtonPressed | None


Happening = Event | Searched | Arrived | Removed | Kept | Unknown


def happened(activity: Activity) -> Happening:
    """What an activity says has happened. NotUnderstood when it carries what no card of ours does."""
    try:
        match activity.type, activity.name:
            case "message", _ if isinstance(activity.value, Mapping):
                return _pressed(activity, activity.value)
            case "message", _:
                return _said(activity)
            case "messageUpdate", _:
                return _changed(activity)
            case "invoke", "adaptiveCard/action":
                return _pressed(activity, activity.value["action"]["data"])
            case "invoke", "task/fetch" | "task/submit" | "composeExtension/submitAction":
                return _pressed(activity, activity.value["data"])
            case "invoke", "composeExtension/fetchTask":
                return _reported(activity)
            case "invoke", "fileConsent/invoke":
                return _kept(activity)
            case "invoke", "application/search":
                return _searched(activity.value)
            case "installationUpdate", _ if activity.action.startswith("add"):
                return Arrived()
            case "installationUpdate", _ if activity.action.startswith("remove"):
                return Removed()
            case "conversationUpdate", _:
                if activity.recipient.id in {account.id for account in activity.members_removed or ()}:
                    return Removed()
                added = {account.id for account in activity.members_added or ()}
                return Arrived() if activity.recipient.id in added else Unknown()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NotUnderstood("This comes from no card of the clerk's.") from None
    return Unknown()


def typed(activity: Activity) -> str:
    """What somebody wrote: without the mention that called the clerk, other names as they are read."""
    text = activity.text
    for entity in activity.entities or ():
        if entity.type == "mention" and entity.mentioned.id == activity.recipient.id and entity.text:
            text = text.replace(entity.text, " ")
    text = re.sub(r"</?at(?: [^<>]*)?>", "", text)
    return html.unescape(text).replace("\xa0", " ").strip()


def _said(activity: Activity) -> Event | Unknown:
    """A slash and a name is a command, in whatever case; nothing but the clerk's name asks for help."""
    text = typed(activity)
    command = COMMAND.fullmatch(text)
    if command:
        name, rest = command[1].lower(), (command[2] or "").strip()
        return CommandCalled(**_envelope(activity), command=name, text=rest)
    if not text and activity.shared and not activity.files:
        return CommandCalled(**_envelope(activity), command="help")
    if not text and not activity.files:
        return Unknown()
    return Asked(**_envelope(activity), text=text, files=activity.files)


def _changed(activity: Activity) -> Event | Unknown:
    """A message as it reads now. It comes by the name of the first one, and without what that said."""
    text, name = typed(activity), named(activity.conversation.id, activity.id, activity.timestamp)
    return Asked(**_envelope(activity) | {"id": name}, text=text, before="") if text else Unknown()


def _pressed(activity: Activity, data: Mapping[str, Any]) -> Event:
    """What a button or a form of ours says, or a card that asks for itself."""
    if "form" in data:
        form, state, changed = render.submitted(data)
        values = {storable(key): tuple(map(storable, given)) for key, given in render.values(data).items()}
        kind = FormChanged if changed else FormSubmitted
        return kind(**_envelope(activity), form=storable(form), state=storable(state), values=values)
    if activity.surface == "execute" and render.SHOWN in data:
        return CardShown(**_envelope(activity), target=storable(render.shown(data)))
    action, target, version = render.button(data)
    return ButtonPressed(
        **_envelope(activity), action=storable(action), target=storable(target), version=version
    )


def _reported(activity: Activity) -> Event:
    """A message somebody reported: its words, to be triaged in memory. Pictures and files are never fetched."""
    payload = activity.value["messagePayload"]
    content = str((payload.get("body") or {}).get("content") or "")
    words = html.unescape(re.sub(r"<[^<>]*>", " ", content))
    link = str(payload.get("linkToMessage") or "")
    kinds = [str(attached.get("contentType") or "") for attached in payload.get("attachments") or ()]
    return MessageReported(
        **_envelope(activity),
        text=storable(words)[:LONGEST_MESSAGE],
        link=storable(link),
        files="<img" in content or any(kind == "reference" or is_file(kind) for kind in kinds),
    )


def _kept(activity: Activity) -> Kept:
    file = paper.accepted(activity.value)
    if file is None:
        return Kept(None, None)
    return Kept(file, ButtonPressed(**_envelope(activity), action="print", target=storable(file.target)))


def _searched(value: Mapping[str, Any]) -> Searched:
    form, state, item, values = render.searched(str(value["dataset"]))
    return Searched(form=form, state=state, input=item, text=str(value.get("queryText") or ""), values=values)


def _envelope(activity: Activity) -> dict[str, Any]:
    return {
        "id": named(activity.conversation.id, activity.id) if activity.id else _nameless(activity),
        "who": activity.who,
        "place": "shared" if activity.shared else "private",
    }


def named(*parts: str) -> str:
    """A name for something that happened, the same whenever it comes again. Digested, because it is kept in
    the clear, and a conversation's id says who talks to whom."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def _nameless(activity: Activity) -> str:
    raise NotUnderstood("This activity has no id.")
