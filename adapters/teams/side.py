"""Teams put together: what the outbox sends through, and the endpoint that Microsoft posts to."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import ClientSession, web

from adapters.edge import Edge
from adapters.settings import TeamsSettings
from adapters.teams.adapter import TeamsAdapter
from adapters.teams.authentication import Guard, SigningKeys, fetching
from adapters.teams.connector import Connector, NoTokens, Tokens
from adapters.teams.outbound import TeamsSender
from adapters.teams.paper import Papers, Printer, is_onedrive
from adapters.teams.replies import NO_DIALOGS
from adapters.teams.rooms import EverybodyBelongs, Kept, Recognising, Rooms, Standings
from adapters.teams.server import Endpoint
from adapters.teams.turns import Turns


@dataclass(frozen=True)
class Side:
    """What a process needs of Teams, whether it serves or only sends."""

    settings: TeamsSettings | None
    """None for Microsoft's test client, in the playground."""
    tokens: Tokens
    rooms: Rooms
    sender: TeamsSender
    uploads: Callable[[str], bool] = is_onedrive
    """Whether a file may go to that address."""


def registered(settings: TeamsSettings, kept: Kept) -> Side | None:
    """Teams as the settings name it; None without a registration."""
    if not settings.app_id:
        return None
    password = settings.app_password.get_secret_value()
    tokens = Tokens(settings.app_id, password, settings.app_tenant_id, settings.login_url)
    rooms = Rooms(kept)
    return Side(settings, tokens, rooms, TeamsSender(settings.app_id, tokens, rooms))


def for_the_test_client(kept: Kept) -> Side:
    """Microsoft 365 Agents Playground on this machine: no registration, no tokens."""
    tokens, rooms = NoTokens(), Rooms(kept)
    return Side(None, tokens, rooms, TeamsSender("", tokens, rooms, NO_DIALOGS))


def serve(
    app: web.Application,
    side: Side,
    edge: Edge,
    directory: Recognising,
    printer: Printer,
) -> None:
    """Add `POST /api/messages`. Its connections live as long as the application does. `printer` makes a file
    of a record."""
    door: list[Endpoint] = []

    async def messages(request: web.Request) -> web.Response:
        return await door[0].messages(request)

    async def opened(_: web.Application) -> AsyncIterator[None]:
        async with ClientSession() as session:
            door.append(_endpoint(side, session, edge, directory, printer))
            yield
            await edge.close()

    app.router.add_post("/api/messages", messages)
    app.cleanup_ctx.append(opened)


def _endpoint(
    side: Side,
    session: ClientSession,
    edge: Edge,
    directory: Recognising,
    printer: Printer,
) -> Endpoint:
    connector = Connector(side.tokens, session)
    settings = side.settings
    if settings is None:
        turns = Turns(edge, side.rooms, EverybodyBelongs(), connector, "", NO_DIALOGS)
        return Endpoint(TeamsAdapter(None, connector), turns)
    guard = Guard(settings.app_id, SigningKeys(settings.openid_metadata_url, fetching(session)))
    standings = Standings(directory, connector)
    papers = Papers(edge, connector, printer, side.uploads)
    turns = Turns(edge, side.rooms, standings, connector, settings.app_id, papers=papers)
    return Endpoint(TeamsAdapter(guard, connector, settings.app_tenant_id), turns)
