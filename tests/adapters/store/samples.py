"""What the storage tests store: one small school, one procedure, changes to its requests."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select

from adapters.store.engine import Database
from adapters.store.queue import Outbox, OutboxRow
from adapters.store.requests import SqlStore
from bot.people import Calendar, Contact, Contacts, Person, PolicyDates, Role, School, Term
from bot.ports import Conflict, Delivery, Published
from bot.workflows.definition import Workflow
from bot.workflows.entry import Deed
from bot.workflows.request import Change, Notice, OpenStage, Request, Taken
from knowledge.clauses import Draft, Policy, Section, with_ids

NOW = datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class StoppedClock:
    """A clock that says what it is told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def submitted(
    name: str = "r1", *, school: str = "hill", requester: str = "mary", at: datetime = NOW, **settings: Any
) -> Change:
    """A new request `name`, whose first stage waits for the head, who is to be told."""
    request = Request(
        id=name,
        reference=f"REF-{name}",
        school=school,
        workflow="unblock-request",
        workflow_version="w1",
        policy_version="p1",
        requester=requester,
        values={"site": ("https://example.org",)},
        about_people=False,
        open=(OpenStage(stage="decide", opened_at=at),),
        created_at=at,
        updated_at=at,
    ).model_copy(update=settings)
    taken = Taken(at=at, action="submitted", person=requester)
    return Change(request=request, taken=taken, notices=(asked("head"), told(requester)))


def following(change: Change, *notices: Notice, **settings: Any) -> Change:
    """The next change of the same request: the head approves, a minute later."""
    at = change.request.updated_at + MINUTE
    update = {"version": change.request.version + 1, "updated_at": at, **settings}
    request = change.request.model_copy(update=update)
    taken = Taken(at=at, action="approved", person="head", role="headteacher", stage="decide", reason="Fine")
    return Change(request=request, taken=taken, notices=notices)


def asked(person: str, stage: str = "decide") -> Notice:
    return Notice(kind="asked", person=person, stage=stage, role="headteacher")


def told(person: str) -> Notice:
    return Notice(kind="told", person=person)


def erase(store: SqlStore, name: str, at: datetime = NOW) -> None:
    """Erase the request as it is stored."""
    request = store.load(name)
    deed = Deed(at=at, action="request_erased", reference=f"REF-{name}", reason="Asked for.")
    store.erase(name, deed, request.version if request else 0)


def delivery(row: OutboxRow, at: datetime = NOW) -> Delivery:
    """What a worker says after it has sent `row`."""
    notice = row.notice
    return Delivery(
        id=0,
        request=row.request,
        kind=notice.kind,
        person=notice.person,
        stage=notice.stage,
        address=f"web:{notice.person}",
        sent_at=at,
    )


def deliver(outbox: Outbox) -> list[Delivery]:
    """Send everything that is due now; who was sent what."""
    return [outbox.delivered(row, delivery(row)) for row in outbox.claim("worker", NOW, 60, 100)]


def stored(store: SqlStore, name: str) -> Request:
    """The request as it is stored; there has to be one."""
    request = store.load(name)
    assert request is not None
    return request


def count_up(store: SqlStore) -> None:
    """Add one to the count in the request `shared`, reading it again after every conflict."""
    while True:
        request = stored(store, "shared")
        values = {"count": (str(1 + int(request.values.get("count", ("0",))[0])),)}
        change = Change(request=request, taken=Taken(at=NOW, action="done", person="mary"), notices=())
        with suppress(Conflict):
            return store.save(following(change, values=values))


def count(database: Database, table: Table) -> int:
    """How many rows a table has."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def raw_bytes(path: Path) -> bytes:
    """A SQLite database as it lies on the disk, its log included."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def on_disk(database: Database) -> bytes:
    """Every byte that the database, or the PostgreSQL server it is on, has written, logs included."""
    if database.writing.dialect.name == "sqlite":
        return raw_bytes(Path(str(database.writing.url.database)))
    with database.writing.connect() as connection:
        server = connection.execution_options(isolation_level="AUTOCOMMIT")
        server.exec_driver_sql("CHECKPOINT")
        folder = Path(server.exec_driver_sql("SHOW data_directory").scalar_one())
    data = [file for part in ("base", "pg_wal") for file in (folder / part).rglob("*")]
    return b"".join(file.read_bytes() for file in data if file.is_file())


def person(name: str, school: str = "hill", **settings: Any) -> Person:
    return Person(id=name, school=school, name=name.title(), **settings)


def school(name: str = "hill") -> School:
    contact = Contact(title="Someone", phone="01632 960000")
    return School(
        id=name,
        name=f"{name.title()} School",
        policy=PolicyDates(
            title="Social media",
            adopted=date(2023, 9, 1),
            adopted_as_printed="Autumn 2023",
            review="annual",
            review_as_printed="yearly",
            owner="headteacher",
        ),
        roles={"headteacher": Role(title="Headteacher", head=True)},
        dsl="headteacher",
        chair="headteacher",
        escalation=("headteacher",),
        contacts=Contacts(
            dsl=contact,
            deputies=(contact,),
            headteacher=contact,
            chair=contact,
            lado=contact,
            social_care=contact,
            out_of_hours=contact,
        ),
        calendar=Calendar(terms=(Term(first=date(2026, 9, 1), last=date(2027, 7, 20)),)),
    )


def workflow(title: str = "Unblock a site") -> Workflow:
    return Workflow.model_validate(
        {
            "id": "unblock-request",
            "title": title,
            "summary": "Ask for a blocked site",
            "clauses": ["filtering"],
            "fields": [
                {"id": "site", "kind": "text", "label": "Site"},
                {
                    "id": "why",
                    "kind": "text",
                    "label": "Why",
                    "when": {"field": "site", "in": ["https://example.org"]},
                },
            ],
            "stages": [{"id": "decide", "kind": "decide", "title": "Decide", "who": {"role": "headteacher"}}],
        }
    )


def published(version: str = "1", *, title: str = "Unblock a site", name: str = "hill") -> Published:
    draft = Draft(text="Ask the headteacher.", section=Section(title="Filtering"), key="filtering")
    policy = Policy(
        school=name,
        title="Social media",
        version="Autumn 2023",
        wording="restated",
        clauses=with_ids([draft]),
    )
    return Published(school=school(name), policy=policy, workflows=(workflow(title),), version=version)
