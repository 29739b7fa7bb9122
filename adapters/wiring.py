"""The one composition root: settings in, a working clerk out."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.housekeeping import REPEATED
from adapters.keyfile import fitting
from adapters.metrics import CountedRetriever, CountedSender, CountedStore, Metrics
from adapters.outbox import Worker
from adapters.reaching import Reaching
from adapters.settings import Settings
from adapters.slack.app import Side as SlackSide
from adapters.slack.app import in_one, in_several
from adapters.store.drafts import Drafts
from adapters.store.engine import Database, open_database
from adapters.store.installations import Installations
from adapters.store.library import SqlLibrary
from adapters.store.people import SqlDirectory
from adapters.store.places import Conversations, Places
from adapters.store.queue import Outbox
from adapters.store.requests import SqlStore
from adapters.store.rotating import completed
from adapters.store.sessions import SignIns
from adapters.store.staffbook import SqlStaffBook
from adapters.teams.side import Side as TeamsSide
from adapters.teams.side import for_the_test_client, registered
from adapters.web.outbound import PageDoor, WebSender
from bot.assistant import Assistant
from bot.ports import Clock, Sender
from bot.visit import Services
from knowledge.encoder import ModelUnavailable
from knowledge.nearness import Model
from knowledge.retriever import WhooshRetriever
from knowledge.topics import default_topics

_log = logging.getLogger(__name__)


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class Clerk:
    """Everything a process needs, wired together."""

    settings: Settings
    database: Database
    store: SqlStore
    library: SqlLibrary
    directory: SqlDirectory
    staff_book: SqlStaffBook
    places: Places
    conversations: Conversations
    drafts: Drafts
    sign_ins: SignIns
    outbox: Outbox
    services: Services
    assistant: Assistant
    worker: Worker
    metrics: Metrics
    slack: SlackSide | None
    """What there is of Slack; None without a token."""
    teams: TeamsSide | None
    """What there is of Teams; None where the app is not registered."""

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def wire(settings: Settings, clock: Clock | None = None, *, playground: bool = False) -> Clerk:
    """Open the database, bring its tables up to date, and put the clerk together. `playground`: Microsoft's
    test client on this machine may write without a token, instead of Teams."""
    home = settings.folder
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    clock = clock or SystemClock()
    with fitting(settings) as given:  # a key that cannot be one is said before anything is opened or migrated
        database = open_database(settings.database)
        try:
            with database.read() as connection:
                sealing = completed(connection, given)
        except BaseException:
            database.close()
            raise
    outbox = Outbox(database)
    metrics = Metrics(outbox, clock)
    store = CountedStore(database, sealing, metrics)
    library = SqlLibrary(database)
    directory = SqlDirectory(database, clock)
    finder = retriever(settings, patient=False)  # somebody waits: first answers by the table of words
    places = Places(database)
    staff_book = SqlStaffBook(database, sealing)
    sign_ins = SignIns(database, sealing, clock)
    services = Services(
        store=store,
        library=library,
        directory=directory,
        staff_book=staff_book,
        retriever=CountedRetriever(finder, metrics.questions),
        clock=clock,
        door=PageDoor(sign_ins.link, settings.public_url) if settings.public_url else None,
    )
    senders: dict[str, Sender] = {"web": WebSender()}
    slack = installed_slack(settings, Installations(database, sealing), clock)
    if slack:
        senders["slack"] = slack.sender
    conversations = Conversations(database, sealing)
    teams = for_the_test_client(conversations) if playground else registered(settings.teams, conversations)
    if teams:
        senders["teams"] = teams.sender
    drafts = Drafts(database, sealing, clock)
    forgets = (lambda now: store.forget_events(now - REPEATED), drafts.expire, sign_ins.expire)
    counted = {name: CountedSender(one, name, metrics.messages) for name, one in senders.items()}
    reaching = Reaching(directory, places, {"slack": slack.finder} if slack else {})
    worker = Worker(services, outbox, reaching, counted, forgets)
    return Clerk(
        settings=settings,
        database=database,
        store=store,
        library=library,
        directory=directory,
        staff_book=staff_book,
        places=places,
        conversations=conversations,
        drafts=drafts,
        sign_ins=sign_ins,
        outbox=outbox,
        services=services,
        assistant=Assistant(services),
        worker=worker,
        metrics=metrics,
        slack=slack,
        teams=teams,
    )


def installed_slack(settings: Settings, installations: Installations, clock: Clock) -> SlackSide | None:
    """Slack as the environment sets it; None where it is left alone."""
    given = settings.slack
    if not given.on:
        return None
    ways_in = (
        given.signing_secret.get_secret_value(),
        given.app_token.get_secret_value(),
        given.api_base_url,
    )
    if given.bot_token.get_secret_value():
        return in_one(given.bot_token.get_secret_value(), *ways_in)
    client = (given.client_id, given.client_secret.get_secret_value())
    return in_several(client, SlackTokens(installations, clock), *ways_in)


@dataclass(frozen=True)
class SlackTokens:
    """The tokens of the workspaces that have installed the app in Slack."""

    installations: Installations
    clock: Clock

    def token(self, team: str) -> str:
        """The workspace's; empty where the app is not installed."""
        return self.installations.token("slack", team)

    def keep(self, team: str, token: str) -> None:
        """The workspace has installed the app."""
        self.installations.keep("slack", team, token, self.clock.now())

    def forget(self, team: str, token: str) -> bool:
        """It is no good any more. False when another has taken its place."""
        return self.installations.forget("slack", team, token)


def retriever(settings: Settings, *, patient: bool = True) -> WhooshRetriever:
    """Questions to clauses, with the encoder where it runs. Without it everything works, less well."""
    index = settings.folder / "index"
    if settings.model == "off":
        return WhooshRetriever(index)
    try:
        return WhooshRetriever(index, model=model(settings), patient=patient)
    except ModelUnavailable as why:
        _log.warning("answers come without the model: %s", why.reason)
        return WhooshRetriever(index)


def model_missing(settings: Settings) -> str:
    """Why there is no model, in words; empty when there is one."""
    if settings.model == "off":
        return "POLICYCLERK_MODEL is off"
    try:
        model(settings)
    except ModelUnavailable as why:
        return why.reason
    return ""


def model(settings: Settings) -> Model:
    """The small encoder, from the package or the folder the settings name. ModelUnavailable says why not."""
    folder = Path(settings.model) if settings.model else None
    return Model.load(default_topics(), settings.folder / "index", folder)
