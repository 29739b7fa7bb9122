"""Entries of registers as they are stored: with the last step, sealed, erased with their request, audited."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from adapters.store import tables
from adapters.store.crypto import Keys
from adapters.store.engine import Database
from adapters.store.requests import SqlStore
from bot.ports import AlreadySubmitted, Conflict
from bot.workflows.entry import Deed, Entry
from bot.workflows.request import Change
from tests.adapters.store.samples import MINUTE, NOW, count, erase, following, raw_bytes, stored, submitted

SECRET = "Mary Poppins-Jones"


def entry(change: Change, **settings: Any) -> Entry:
    request = change.request
    given = {
        "id": f"{request.id}.0",
        "school": request.school,
        "name": "filtering",
        "at": request.updated_at,
        "cells": {"site": ("https://example.org",), "who": (SECRET,)},
        "people": {"who": ("mary",)},
        "personal": ("who",),
        "reference": request.reference,
        "request": request.id,
        "requester": "mary",
    }
    return Entry(**given | settings)


def finished(store: SqlStore, name: str = "r1", **settings: Any) -> Entry:
    """A request that ended and left an entry."""
    first = submitted(name)
    store.create(first, f"token-{name}")
    last = following(first, status="completed", open=())
    left = entry(last, **settings)
    store.save(last.model_copy(update={"entries": (left,)}))
    return left


def by_hand(name: str = "e1", **settings: Any) -> Entry:
    return Entry(
        **{
            "id": name,
            "school": "hill",
            "name": "filtering",
            "at": NOW,
            "entered_by": "ann",
            "cells": {"site": ("x",)},
        }
        | settings
    )


def deed(action: str, kept: Entry) -> Deed:
    given = {
        "at": NOW,
        "action": action,
        "register_name": kept.name,
        "entry": kept.id,
        "version": kept.version,
    }
    return Deed.model_validate({**given, "person": "ann"})


def test_an_entry_comes_back_as_it_was_and_newest_first(store: SqlStore) -> None:
    first, second = finished(store, "r1"), finished(store, "r2", at=NOW + 5 * MINUTE)
    assert store.entries("hill", "filtering") == (second, first)
    assert store.entries("hill", "accounts") == ()
    assert store.entries("vale", "filtering") == ()
    assert store.entry("r1.0") == first
    assert store.entry("r3.0") is None
    assert store.verify("hill") == []


def test_a_request_that_ends_at_once_leaves_its_entry_once(store: SqlStore, database: Database) -> None:
    at_once = submitted("r1", status="completed", open=())
    at_once = at_once.model_copy(update={"entries": (entry(at_once),)})
    store.create(at_once, "token")
    with pytest.raises(AlreadySubmitted):
        store.create(submitted("r2"), "token")
    assert count(database, tables.register_entries) == 1


def test_entry_and_last_step_are_one_transaction(store: SqlStore, database: Database) -> None:
    first = submitted("r1")
    store.create(first, "token")
    last = following(first, status="completed")
    stale = following(last, status="completed").model_copy(update={"entries": (entry(last),)})
    with pytest.raises(Conflict):
        store.save(stale)
    assert count(database, tables.register_entries) == 0
    finished(store, "r9")
    twice = last.model_copy(update={"entries": (entry(last, id="r9.0"),)})
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.save(twice)
    assert stored(store, "r1").version == 1, "without its entry the step is not taken either"


def test_nothing_of_an_entry_stands_in_the_clear(store: SqlStore, database: Database) -> None:
    finished(store)
    store.keep(by_hand(cells={"site": (SECRET,)}), deed("entered", by_hand()))
    with database.read() as connection:
        rows = connection.execute(select(tables.register_entries)).all()
        rows += connection.execute(select(tables.events)).all()
    assert SECRET not in repr(rows)
    assert "example.org" not in repr(rows)


def test_an_entry_copied_into_another_row_does_not_open(store: SqlStore, database: Database) -> None:
    finished(store, "r1")
    finished(store, "r2")
    table = tables.register_entries
    with database.write() as connection:
        row = connection.execute(select(table).where(table.c.id == "r1.0")).one()
        connection.execute(
            update(table).where(table.c.id == "r2.0").values(body=row.body, personal=row.personal)
        )
    with pytest.raises(Exception, match="not what was sealed there"):
        store.entry("r2.0")


def test_erasing_the_request_takes_what_is_personal_and_leaves_the_decision(
    store: SqlStore, address: str
) -> None:
    left = finished(store)
    erase(store, "r1", NOW + 2 * MINUTE)
    kept = store.entry("r1.0")
    assert kept is not None
    assert kept.cells == {"site": ("https://example.org",)}
    assert (kept.people, kept.requester, kept.reference) == ({}, "", left.reference)
    assert store.verify("hill") == []
    over = kept.model_copy(update={"version": 2, "ended_at": NOW, "end_reason": "Gone."})
    store.keep(over, deed("ended", over))
    assert store.entry("r1.0") is not None
    assert store.verify("hill") == []
    if address.startswith("sqlite"):
        assert SECRET.encode() not in raw_bytes(
            __import__("pathlib").Path(address.removeprefix("sqlite:///"))
        )


def test_of_an_entry_about_people_nothing_is_left(store: SqlStore) -> None:
    left = finished(store, about_people=True, subjects=("joe",))
    assert store.entries("hill", "filtering") == (left,)
    erase(store, "r1", NOW + 2 * MINUTE)
    assert store.entries("hill", "filtering") == ()
    assert store.entry("r1.0") is None
    assert store.verify("hill") == []


def test_an_entry_made_by_hand_is_changed_once_for_each_version(store: SqlStore) -> None:
    made = by_hand()
    store.keep(made, deed("entered", made))
    with pytest.raises(Conflict):
        store.keep(made, deed("entered", made))
    over = made.model_copy(update={"version": 2, "ended_at": NOW})
    store.keep(over, deed("ended", over))
    with pytest.raises(Conflict):
        store.keep(over, deed("ended", over))
    assert store.entry("e1") == over
    store.note("hill", Deed(at=NOW, action="exported", register_name="filtering", person="ann"))
    assert store.verify("hill") == []
    assert store.printed_head("hill").count == 3


def test_an_entry_that_was_removed_put_back_or_slipped_in_is_found(
    store: SqlStore, database: Database, keys: Keys
) -> None:
    made = by_hand()
    store.keep(made, deed("entered", made))
    table = tables.register_entries
    with database.read() as connection:
        before = connection.execute(select(table)).one()._asdict()
    over = made.model_copy(update={"version": 2, "ended_at": NOW})
    store.keep(over, deed("ended", over))
    with database.write() as connection:
        connection.execute(update(table).values(before))
    assert store.verify("hill") == ["entry e1 of filtering is at version 1, its history at 2"]
    with database.write() as connection:
        connection.execute(delete(table))
    assert store.verify("hill") == ["entry e1 of the register filtering is gone"]
    with database.write() as connection:
        connection.execute(table.insert().values(before | {"id": "e2"}))
    assert "entry e2 of filtering is at version 1, its history at 0" in store.verify("hill")


def test_a_changed_deed_is_found(store: SqlStore, database: Database) -> None:
    store.note("hill", Deed(at=NOW, action="exported", register_name="filtering", person="ann"))
    with database.write() as connection:
        connection.execute(update(tables.events).values(ciphertext=b"x" * 40))
    assert store.verify("hill") == ["entry 1 was changed"]
