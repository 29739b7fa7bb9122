"""What Teams posts, read into an `Event`. Translation only: nothing is decided here. Pure.

An activity is JSON. Who did it and in which tenant is read from its envelope, which the token vouches for,
never from `value`, which any client can write.

    message                                -> Asked; with one of our cards' `value`, what its button did
    invoke adaptiveCard/action             -> a button or form of a card (Action.Execute)
    invoke task/fetch, task/submit         -> a button that opens a dialog, a form in one
    invoke composeExtension/fetchTask      -> MessageReported; .../submitAction, the dialog that followed
    invoke fileConsent/invoke              -> Kept: whether a file may be put in their OneDrive
    invoke application/search              -> Searched: somebody types into a long list
    installationUpdate, conversationUpdate -> Arrived
"""

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from adapters.teams import paper, render
from bot.events import (
    Asked,
    ButtonPressed,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    Identity,
    MessageReported,
)

LONGEST_MESSAGE = 30_000
"""Characters; Teams itself takes about 28 KB."""
COMMAND = re.compile(r"/([a-z][a-z0-9-]*)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
REPORT_MESSAGE = "reportMessage"
"""The command of the message action in the manifest."""

Surface = Literal["message", "execute", "dialog"]
"""How the answer gets back: a message in the chat, a card in the place of the one pressed, a dialog."""


class NotUnderstood(ValueError):
    """The body is no activity. The text repeats nothing of it."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a null character, which cannot be kept")
    return text


def _or_empty(given: Any) -> Any:
    return "" if given is None else given


Text = Annotated[str, BeforeValidator(_or_empty), AfterValidator(_storable)]
Name = Annotated[str, BeforeValidator(_or_empty), Field(max_length=2000), AfterValidator(_storable)]


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


class Account(_Wire):
    """Somebody in a conversation, or the clerk itself."""

    id: Name = ""
    name: Name = ""
    aad_object_id: Name = ""


class Conversation(_Wire):
    """Where something happened. `personal`, `groupChat` or `channel`."""

    id: Name = Field(min_length=1)
    conversation_type: Name = ""
    tenant_id: Name = ""


class _Entity(_Wire):
    type: Name = ""
    text: Text = ""
    mentioned: Account = Account()


class _Attachment(_Wire):
    content_type: Name = ""


class _Tenant(_Wire):
    id: Name = ""


class _ChannelData(_Wire):
    tenant: _Tenant | None = None


class Activity(_Wire):
    """What of an activity is looked at."""

    type: Name = Field(min_length=1)
    id: Name = ""
    name: Name = ""
    channel_id: Name = Field(min_length=1)
    service_url: Name = Field(min_length=1)
    sender: Account = Field(default=Account(), alias="from")
    recipient: Account = Account()
    conversation: Conversation
    text: Annotated[Text, Field(max_length=LONGEST_MESSAGE)] = ""
    value: Any = None
    reply_to_id: Name = ""
    action: Name = ""
    entities: tuple[_Entity, ...] | None = ()
    attachments: tuple[_Attachment, ...] | None = ()
    members_added: tuple[Account, ...] | None = ()
    channel_data: _ChannelData | None = None

    @property
    def tenants(self) -> frozenset[str]:
        """Every tenant the envelope names: one, unless it contradicts itself."""
        in_channel = self.channel_data.tenant.id if self.channel_data and self.channel_data.tenant else ""
        return frozenset(filter(None, (self.conversation.tenant_id, in_channel)))

    @property
    def who(self) -> Identity:
        """Whoever did it, by their id in the school's directory."""
        tenant = next(iter(self.tenants), "")
        return Identity(platform="teams", tenant=tenant, user=self.sender.aad_object_id or self.sender.id)

    @property
    def shared(self) -> bool:
        """Whether others read along. What Teams does not call personal is not."""
        return self.conversation.conversation_type != "personal"

    @property
    def files(self) -> bool:
        """Whether pictures or files came along. What was typed always comes as HTML too."""
        return any(is_file(attachment.content_type) for attachment in self.attachments or ())

    @property
    def surface(self) -> Surface:
        """How the answer gets back."""
        if self.type == "invoke":
            return "execute" if self.name == "adaptiveCard/action" else "dialog"
        return "message"


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
class Unknown:
    """Something the clerk does not answer."""


@dataclass(frozen=True)
class Kept:
    """Somebody was asked whether to keep a file: `pressed` prints it once more; None for no."""

    file: paper.Accepted | None
    pressed: ButtonPressed | None


Happening = Event | Searched | Arrived | Kept | Unknown


def read(body: bytes) -> Activity:
    """The activity in a posted body. NotUnderstood says, in our words, what is wrong with it."""
    try:
        return Activity.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the body"
        raise NotUnderstood(f"This is no activity of the Bot Framework: {where}: {first['type']}.") from None


def happened(activity: Activity) -> Happening:
    """What an activity says has happened. NotUnderstood when it carries what no card of ours does."""
    try:
        match activity.type, activity.name:
            case "message", _ if isinstance(activity.value, Mapping):
                return _pressed(activity, activity.value)
            case "message", _:
                return _said(activity)
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
            case "conversationUpdate", _:
                added = {account.id for account in activity.members_added or ()}
                return Arrived() if activity.recipient.id in added else Unknown()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NotUnderstood("This comes from no card of the clerk's.") from None
    return Unknown()


def is_file(content_type: str) -> bool:
    """Whether an attachment is one: Teams also attaches what was typed, cards and quoted messages."""
    return (
        content_type.startswith(("image/", "video/", "audio/", "application/"))
        and ".card." not in content_type
    )


def typed(activity: Activity) -> str:
    """What somebody wrote: without the mention that called the clerk, other names as they are read."""
    text = activity.text
    for entity in activity.entities or ():
        if entity.type == "mention" and entity.mentioned.id == activity.recipient.id and entity.text:
            text = text.replace(entity.text, " ")
    text = re.sub(r"</?at(?: [^>]*)?>", "", text)
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


def _pressed(activity: Activity, data: Mapping[str, Any]) -> Event:
    """What a button or a form of ours says."""
    if "form" in data:
        form, state, changed = render.submitted(data)
        values = {_storable(key): tuple(map(_storable, given)) for key, given in render.values(data).items()}
        kind = FormChanged if changed else FormSubmitted
        return kind(**_envelope(activity), form=_storable(form), state=_storable(state), values=values)
    action, target, version = render.button(data)
    return ButtonPressed(
        **_envelope(activity), action=_storable(action), target=_storable(target), version=version
    )


def _reported(activity: Activity) -> Event:
    """A message somebody reported: its words, to be triaged in memory. Pictures and files are never fetched."""
    payload = activity.value["messagePayload"]
    content = str((payload.get("body") or {}).get("content") or "")
    words = html.unescape(re.sub(r"<[^>]*>", " ", content))
    link = str(payload.get("linkToMessage") or "")
    kinds = [str(attached.get("contentType") or "") for attached in payload.get("attachments") or ()]
    return MessageReported(
        **_envelope(activity),
        text=_storable(words)[:LONGEST_MESSAGE],
        link=_storable(link),
        files="<img" in content or any(kind == "reference" or is_file(kind) for kind in kinds),
    )


def _kept(activity: Activity) -> Kept:
    file = paper.accepted(activity.value)
    if file is None:
        return Kept(None, None)
    return Kept(file, ButtonPressed(**_envelope(activity), action="print", target=_storable(file.target)))


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
