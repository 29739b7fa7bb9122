"""The JSON that Teams posts, as far as it is looked at. Pure.

Who did it and in which tenant stands in the envelope, which the token vouches for.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from bot.events import Identity

LONGEST_MESSAGE = 30_000
"""Characters; Teams itself takes about 28 KB."""

Surface = Literal["message", "execute", "dialog"]
"""How the answer gets back: a message in the chat, a card in the place of the one pressed, a dialog."""


class NotUnderstood(ValueError):
    """The body is no activity. The text repeats nothing of it."""


def storable(text: str) -> str:
    """The text itself. ValueError for what no database keeps."""
    if "\0" in text:
        raise ValueError("it holds a null character, which cannot be kept")
    return text


def _or_empty(given: Any) -> Any:
    return "" if given is None else given


Text = Annotated[str, BeforeValidator(_or_empty), AfterValidator(storable)]
Name = Annotated[str, BeforeValidator(_or_empty), Field(max_length=2000), AfterValidator(storable)]


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
    timestamp: Name = ""
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
    members_removed: tuple[Account, ...] | None = ()
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


def read(body: bytes) -> Activity:
    """The activity in a posted body. NotUnderstood says, in our words, what is wrong with it."""
    try:
        return Activity.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the body"
        raise NotUnderstood(f"This is no activity of the Bot Framework: {where}: {first['type']}.") from None


def is_file(content_type: str) -> bool:
    """Whether an attachment is one: Teams also attaches what was typed, cards and quoted messages."""
    return (
        content_type.startswith(("image/", "video/", "audio/", "application/"))
        and ".card." not in content_type
    )
