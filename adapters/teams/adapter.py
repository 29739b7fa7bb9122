"""The small adapter on botbuilder-core's base class: it checks who posted an activity, runs the turn, and sends.

`botbuilder-integration-aiohttp` is not used: its adapter answers every invoke with an error (PLATFORM.md).
"""

from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from botbuilder.core import CloudAdapterBase, InvokeResponse, TurnContext
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    ResourceResponse,
)
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)

from adapters.teams import wire
from adapters.teams.authentication import Guard, Unauthorized
from adapters.teams.connector import Connector, Room
from adapters.teams.render import CARD

Logic = Callable[[TurnContext], Awaitable[None]]
CHANNEL = "msteams"


class TeamsAdapter(CloudAdapterBase):
    """Takes one activity through its turn."""

    def __init__(self, guard: Guard | None, connector: Connector, tenant: str = "") -> None:
        """`guard` None lets in Microsoft's test client on this machine, and nobody else: for the playground.
        `tenant`: the only one that may write; any when empty."""
        self._authentication = _Authentication(guard, connector, tenant)
        super().__init__(self._authentication)

    async def take(self, header: str, activity: wire.Activity, logic: Logic) -> InvokeResponse | None:
        """Run the turn; what an invoke is answered with. Unauthorized when the token does not hold."""
        admitted = await self._authentication.admit(header, activity)
        answer: InvokeResponse | None = await self.process_activity(admitted, _turn_activity(activity), logic)
        return answer


class _AsItIs(dict[str, Any]):
    """A card that is not copied: `TurnContext` copies all of what it sends, which takes longer than sending."""

    def __deepcopy__(self, memo: object) -> "_AsItIs":
        return self


async def answer_invoke(context: TurnContext, body: Mapping[str, Any], status: int = 200) -> None:
    """What the invoke of this turn is answered with."""
    value = InvokeResponse(status=status, body=body)
    await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=value))


def card_message(card: Mapping[str, Any]) -> Activity:
    """A message that is one card; `summary` is what a notification shows."""
    attachment = Attachment(content_type=CARD, content=_AsItIs(card))
    return Activity(type=ActivityTypes.message, attachments=[attachment], summary=card["fallbackText"])


def as_json(activity: Activity) -> dict[str, Any]:
    """An activity as the connector takes it. A card is passed as it is: the SDK would walk through all of it."""
    cards = activity.attachments or []
    activity.attachments = None
    drawn: dict[str, Any] = activity.serialize()
    drawn["attachments"] = [{"contentType": a.content_type, "content": a.content} for a in cards]
    return drawn


class _Authentication(BotFrameworkAuthentication):
    def __init__(self, guard: Guard | None, connector: Connector, tenant: str) -> None:
        self._guard = guard
        self._tenant = tenant
        self._clients = _Clients(connector)

    async def admit(self, header: str, activity: wire.Activity) -> AuthenticateRequestResult:
        """The signature first, then the tenant: one that is told twice, and differently, is nobody's."""
        result = AuthenticateRequestResult()
        if self._guard is None:
            if not _of_this_machine(activity.service_url):
                raise Unauthorized("only a test client on this machine is let in without a token")
            result.claims_identity = ClaimsIdentity({}, True)
        else:
            result.claims_identity = await self._guard.check(
                header, activity.channel_id, activity.service_url
            )
            if activity.channel_id != CHANNEL:
                raise Unauthorized("another channel than Teams")
            if len(activity.tenants) != 1 or (self._tenant and self._tenant not in activity.tenants):
                raise Unauthorized("another tenant")
        result.connector_factory = self._clients
        return result

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        """The base class is handed what `admit` has found, and never asks."""
        raise Unauthorized("this activity was not read here")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        """The same for everybody."""
        return self._clients

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """The clerk signs nobody in."""

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:
        """There is no streaming endpoint."""
        raise Unauthorized("no streaming here")


class _Clients(ConnectorFactory):
    """One client for each service address, kept."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._kept: dict[str, _Client] = {}

    async def create(self, service_url: str, audience: str | None = None) -> "_Client":
        """The client of that address."""
        return self._kept.setdefault(service_url, _Client(self._connector, service_url))


class _Client:
    """What `CloudAdapterBase` calls a connector client, as far as it uses one."""

    def __init__(self, connector: Connector, service_url: str) -> None:
        self._connector = connector
        self._service_url = service_url
        self.conversations = self

    async def send_to_conversation(self, conversation: str, activity: Activity) -> ResourceResponse:
        """Post into a conversation."""
        return ResourceResponse(id=await self._connector.send(self._room(conversation), as_json(activity)))

    async def reply_to_activity(
        self, conversation: str, reply_to: str, activity: Activity
    ) -> ResourceResponse:
        """Post beneath a message."""
        sent = await self._connector.send(self._room(conversation), as_json(activity), reply_to)
        return ResourceResponse(id=sent)

    async def update_activity(self, conversation: str, message: str, activity: Activity) -> ResourceResponse:
        """Put an activity in the place of another."""
        await self._connector.update(self._room(conversation), message, as_json(activity))
        return ResourceResponse(id=message)

    def _room(self, conversation: str) -> Room:
        return Room(self._service_url, conversation)


def _turn_activity(activity: wire.Activity) -> Activity:
    """What the SDK needs of an activity. Not `Activity.deserialize`: it takes longer than all the rest."""
    account = activity.conversation
    return Activity(
        type=activity.type,
        id=activity.id,
        name=activity.name,
        channel_id=activity.channel_id,
        service_url=activity.service_url,
        from_property=ChannelAccount(id=activity.sender.id),
        recipient=ChannelAccount(id=activity.recipient.id),
        conversation=ConversationAccount(id=account.id, conversation_type=account.conversation_type),
    )


def _of_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
