"""Who holds what and who is away: changed together with the audit chain, or not at all."""

from datetime import date

import pytest

from adapters.store.crypto import Keys
from adapters.store.engine import Database
from adapters.store.people import SqlDirectory
from adapters.store.places import Places
from adapters.store.registers import deeds
from adapters.store.requests import SqlStore
from adapters.store.staffbook import SqlStaffBook
from bot.events import Identity
from bot.people import Absence, Channel, RoleChange
from bot.ports import Conflict
from bot.workflows.entry import Deed, DeedAction
from tests.adapters.store.samples import NOW, StoppedClock, person

TODAY = date(2026, 11, 20)
CHANGE = RoleChange(id="c1", school="hill", role="dsl", gains=("sam",), losses=("mary",), asked_at=NOW)


def deed(action: DeedAction, **values: str) -> Deed:
    return Deed(at=NOW, action=action, **values)  # type: ignore[arg-type]


@pytest.fixture
def directory(database: Database) -> SqlDirectory:
    directory = SqlDirectory(database, StoppedClock())
    for name in ("mary", "sam"):
        directory.add_person(person(name))
    directory.set_role("hill", "dsl", ["mary"])
    return directory


@pytest.fixture
def book(database: Database, keys: Keys, directory: SqlDirectory) -> SqlStaffBook:
    return SqlStaffBook(database, keys)


def done(database: Database, keys: Keys) -> list[str]:
    with database.read() as connection:
        return [deed.action for deed in deeds(connection, keys, "hill")]


def test_every_change_stands_in_the_chain(
    database: Database, keys: Keys, store: SqlStore, directory: SqlDirectory, book: SqlStaffBook
) -> None:
    away = Absence(person="mary", first=TODAY, last=TODAY)
    book.set_absence("hill", away, deed("absence_set", person="mary"))
    assert directory.staff("hill").absences == (away,)
    book.clear_absence("hill", "mary", TODAY, deed("absence_cleared"))
    book.set_holders("hill", "ict", ("sam",), deed("role_set", role="ict"))
    assert directory.staff("hill").holdings == (("dsl", "mary"), ("ict", "sam"))
    slack = Identity(platform="web", tenant="hill", user="zoe")
    book.enter("hill", (person("zoe"),), {"ict": ("zoe",)}, ((slack, "zoe"),), deed("people_entered"))
    assert directory.staff("hill").roles_of("zoe") == ("ict",)
    assert [p.id for p in directory.who(slack)] == ["zoe"]
    assert done(database, keys) == ["absence_set", "absence_cleared", "role_set", "people_entered"]
    assert store.verify("hill") == []


def test_what_fails_leaves_neither_change_nor_entry(
    database: Database, keys: Keys, directory: SqlDirectory, book: SqlStaffBook
) -> None:
    with pytest.raises(ValueError, match="not on the list of hill: bob"):
        book.enter("hill", (person("zoe"),), {"dsl": ("bob",)}, (), deed("people_entered"))
    with pytest.raises(ValueError, match="not connected"):
        book.set_channel(
            "hill", Channel(role="dsl", platform="slack", tenant="T1", channel="C1"), deed("channel_set")
        )
    assert directory.staff("hill").roles_of("mary") == ("dsl",)
    assert len(directory.staff("hill").people) == 2
    assert done(database, keys) == []


def test_a_change_waits_and_is_settled_once(directory: SqlDirectory, book: SqlStaffBook) -> None:
    book.ask(CHANGE, deed("role_asked"))
    again = CHANGE.model_copy(update={"id": "c2", "gains": (), "asked_by": "sam"})
    other = CHANGE.model_copy(update={"id": "c3", "role": "chair"})
    book.ask(other, deed("role_asked"))
    book.ask(again, deed("role_asked"))
    assert {change.id for change in book.asked("hill")} == {"c2", "c3"}
    assert book.asked("dale") == ()
    with pytest.raises(Conflict):
        book.settle(CHANGE, ("sam",), deed("role_confirmed"))
    assert directory.staff("hill").roles_of("sam") == ()
    book.settle(other, None, deed("role_declined"))
    book.settle(again, ("sam",), deed("role_confirmed"))
    assert directory.staff("hill").holdings == (("dsl", "sam"),)
    assert book.asked("hill") == ()
    with pytest.raises(Conflict):
        book.settle(again, ("mary",), deed("role_confirmed"))
    assert directory.staff("hill").holdings == (("dsl", "sam"),)


def test_channels_are_those_of_the_school(database: Database, book: SqlStaffBook) -> None:
    places = Places(database)
    places.adopt("hill", NOW)
    places.connect("slack", "T1", "hill")
    channel = Channel(role="dsl", platform="slack", tenant="T1", channel="C1")
    book.set_channel("hill", channel, deed("channel_set", role="dsl", place="slack C1"))
    assert (book.channels("hill"), book.channels("dale")) == ((channel,), ())
