"""What the clerk needs from outside. Adapters implement these; `tests/fakes.py` does in a few lines."""

from datetime import date, datetime
from typing import Literal, Protocol

from bot.cards import Card
from bot.events import Identity
from bot.model import Model
from bot.people import Person, School, Staff
from bot.workflows.definition import Workflow
from bot.workflows.entry import Deed, Entry
from bot.workflows.request import Change, Notice, Request, Taken
from knowledge.clauses import Policy
from knowledge.retriever import Found


class Conflict(Exception):
    """The request changed between reading and saving it: read it again."""


class AlreadySubmitted(Exception):
    """This form has already become a request; `request_id` names it."""

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id)
        self.request_id = request_id


class ReferenceTaken(Exception):
    """Another request already has this reference, or this id: make a new one and try again."""


class Unreadable(Exception):
    """What is stored does not open: it was changed, moved from another row, or its master key is missing."""


class SendFailed(Exception):
    """A message could not be delivered. `permanent`: trying again makes no sense. `retry_after`: seconds.
    `gone`: it is the place that is not there, or not for the clerk; it can still reach others."""

    def __init__(
        self, message: str, *, permanent: bool, retry_after: float | None = None, gone: bool = False
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.gone = gone


class Delivery(Model):
    """Where a message about a request went, and what is known of it. Receipts say only this."""

    id: int
    request: str
    """Empty for a reminder of a day, which belongs to no request: that has an `item`."""
    kind: str
    person: str
    stage: str
    item: str = ""
    address: str
    """Where the message lies, so that it can be redrawn: the platform's name, a colon, and its own name for
    the message."""
    sent_at: datetime
    version: int = 0
    """The request's version that gave rise to it."""
    shared: bool = False
    """It lies in the channel of a role, where others read along."""
    opened_at: datetime | None = None
    acted_at: datetime | None = None

    @property
    def platform(self) -> str:
        """Where it lies: `slack`, `teams`, `web`."""
        return self.address.partition(":")[0]


Listing = Literal["mine", "sent", "finished", "recent", "all"]
"""`mine`: a person's own open requests. `sent`: open ones of others that they were asked about, longest
waiting first. `finished` and `all`: of both. `recent`: open, or finished not long ago."""


class Line(Model):
    """What a list finds a request by, without opening what it says."""

    id: str
    reference: str
    workflow: str
    requester: str


class Finished(Model):
    """A finished request, without opening what it says."""

    id: str
    workflow: str
    about_people: bool
    updated_at: datetime


class Gap(Model):
    """Something staff asked that the policy does not answer, or not as they meant it."""

    kind: str
    """`silent`: nothing was found. `not_meant`: what was shown is not what was meant."""
    about: str
    """A topic's id, or a clause's: never what somebody typed."""
    count: int


class Store(Protocol):
    """Requests, their history, and who has been told. Every method is one transaction."""

    def create(self, change: Change, token: str) -> None:
        """Save a new request with its first event and its notices. `token` is the form's: a second
        create with it raises AlreadySubmitted."""

    def save(self, *changes: Change) -> None:
        """Save a change to an existing request whose stored version is one less than the change's, or
        several such changes together. Conflict, and none saved, when one is not."""

    def record(self, request_id: str, taken: Taken) -> None:
        """Append an event that changes nothing (details opened)."""

    def load(self, request_id: str) -> Request | None:
        """The request, or None. Unreadable when what is stored does not open."""

    def named(self, reference: str) -> Request | None:
        """The request of this reference, of whatever school; None when there is none."""

    def history(self, request_id: str) -> tuple[Taken, ...]:
        """Everything that happened to it, oldest first."""

    def requested_by(self, person: str, limit: int = 50) -> tuple[Request, ...]:
        """A person's own requests, newest first; what cannot be read is left out likewise."""

    def lines(
        self, person: str, which: Listing, limit: int, offset: int = 0, since: datetime | None = None
    ) -> tuple[Line, ...]:
        """Requests this person made or was sent, or should have been sent and could not be reached, newest
        first. Whether they may see one is not looked at
        here. `since`: finished not before then, for `recent`."""

    def undelivered(self, school: str) -> tuple[tuple[str, str, str], ...]:
        """Request, stage and person of each message that was to ask somebody and could not be delivered."""

    def set_aside(self, school: str) -> int:
        """How many messages of a school were given up, those about people left out."""

    def open_in(self, school: str) -> tuple[Request, ...]:
        """Requests of a school that wait for somebody, oldest first. One that cannot be read is left out,
        and its reference logged: it must not hide the others."""

    def schools_waiting(self) -> tuple[str, ...]:
        """Ids of the schools in which a request waits for somebody."""

    def finished(self, school: str, workflow: str) -> tuple[Request, ...]:
        """Completed requests of one procedure, oldest first; what cannot be read is left out likewise."""

    def count_gap(self, school: str, policy: str, kind: str, about: str) -> None:
        """Count once more what a version of a policy did not answer. `about`: a topic's or clause's id."""

    def gaps(self, school: str, policy: str) -> tuple[Gap, ...]:
        """What was counted for a version of a policy."""

    def entries(self, school: str, register: str) -> tuple[Entry, ...]:
        """Every entry of a register, newest first; of those whose request was erased, what is left."""

    def entry(self, entry_id: str) -> Entry | None:
        """The entry, or None."""

    def entries_of(self, request_id: str) -> tuple[Entry, ...]:
        """What one request left in registers."""

    def looked(self, school: str, day: date, ago: int) -> date | None:
        """Note that what is finished was looked at that day. The day of the look so many looks ago, or None."""

    def finished_before(self, school: str, before: datetime) -> tuple[Finished, ...]:
        """Finished requests of a school with which nothing was done since then, longest ago first."""

    def erase(self, request_id: str, deed: Deed, version: int) -> None:
        """Destroy what a request says and its history for good; the deed says why. Conflict when it is not at
        that version any more; KeyError when there is none."""

    def keep(self, entry: Entry, deed: Deed) -> None:
        """Save an entry made by hand, or one changed by hand, with what was done. Conflict when it is there
        already, or when its stored version is not one less."""

    def erase_entry(self, entry: Entry, deed: Deed) -> None:
        """Empty an entry made by hand, so that only the deed tells of it. Conflict when it has changed."""

    def note(self, school: str, deed: Deed) -> None:
        """Append what was done with a register and changed no entry to the audit chain."""

    def seal_for(self, person: str, text: str) -> str:
        """The text, so that it can stand in a button of that person's: platforms keep and log buttons, and
        can read nothing of it. Nothing is stored."""

    def open_for(self, person: str, sealed: str) -> str:
        """What was sealed for that person. Unreadable when it was not."""

    def due(self, now: datetime, limit: int = 20) -> tuple[str, ...]:
        """Ids of open requests whose `due_at` has come."""

    def deliveries(self, request_id: str) -> tuple[Delivery, ...]:
        """Where messages about the request went, oldest first."""

    def deliveries_to(self, person: str, limit: int = 50) -> tuple[Delivery, ...]:
        """What a person was sent, newest first."""

    def opened(self, request_id: str, person: str, at: datetime) -> None:
        """The person has seen the details: stamps their deliveries that have no stamp yet."""


class Published(Model):
    """What a school has in force: one version of its settings, policy and procedures."""

    school: School
    policy: Policy
    workflows: tuple[Workflow, ...]
    version: str

    def workflow(self, command: str) -> Workflow | None:
        """The procedure of that command, or None when this school has none."""
        return next((w for w in self.workflows if w.command == command), None)


class Library(Protocol):
    """Published schools."""

    def schools(self) -> tuple[str, ...]:
        """Ids of the schools in force."""

    def published(self, school: str) -> Published:
        """What is in force now. KeyError for an unknown school."""

    def outline(self, school: str) -> Published:
        """What is in force now without the policy's clauses, and of its procedures the first alone: for whoever
        passes all schools, and leaves no trace in what is kept for those in use. KeyError likewise."""

    def edition(self, school: str, version: str) -> Published:
        """What a school had published as `version`. KeyError when there is none."""

    def workflow(self, school: str, command: str, version: str) -> Workflow:
        """A procedure as it was at `version`: requests keep the one they began with."""


class Membership(Model):
    """Somebody on a school's list, with all that their visit begins with."""

    person: Person
    staff: Staff
    """Their school's, as it stands today."""
    version: str
    """What their school has in force; empty for nothing."""


class Directory(Protocol):
    """People, and who holds what."""

    def who(self, identity: Identity) -> tuple[Person, ...]:
        """The person at each school that lists this identity; empty for someone on no list."""

    def memberships(self, identity: Identity) -> tuple[Membership, ...]:
        """The same, with the staff they belong to and what is in force there: of one moment."""

    def staff(self, school: str) -> Staff:
        """A school's people, roles and absences as they stand today."""

    def with_email(self, email: str) -> tuple[Person, ...]:
        """The people employed today with this address, by school. The caller has made sure that it is theirs."""

    def schools_at(self, identity: Identity) -> tuple[str, ...]:
        """Schools that this identity's workspace or tenant is connected to."""

    def chosen(self, identity: Identity) -> str:
        """The school this identity has chosen today; empty for none."""

    def choose(self, identity: Identity, school: str) -> None:
        """Remember for today which school this identity asks for."""


class Retriever(Protocol):
    """Questions to clauses."""

    def find(self, policy: Policy, question: str) -> Found:
        """Ranked clauses of this policy, or an honest nothing."""


class Place(Model):
    """Where a message goes: to one person alone, or into the channel of a role. `user` or `channel`."""

    platform: Literal["web", "slack", "teams"]
    tenant: str
    user: str = ""
    channel: str = ""
    school: str = ""
    """Whose role's channel it is."""
    lost: bool = False
    """Nothing could be put into the channel when it was last tried."""


class Sender(Protocol):
    """One platform's way of reaching people: `outbound.py` of each. It draws the card it is given: who may see
    what was looked at just before."""

    def send(self, notice: Notice, request: Request | None, card: Card, to: Place) -> str:
        """Deliver the card, and say where it lies (`Delivery.address`). SendFailed when it did not arrive.
        No request: a day that is coming or has passed (`Notice.item`)."""

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """Replace the card that lies there. SendFailed; permanent when there is nothing to replace."""


class Door(Protocol):
    """Where the page is, and one-time ways in."""

    def link(self, people: tuple[Person, ...]) -> str:
        """An address that signs a person in once, within minutes, as each of `people`: one person, at several
        schools. It replaces an earlier one that was not used."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Aware, in UTC."""
