"""What a request says is nowhere in the clear, and opens only in its own row."""

import pytest
from sqlalchemy import insert, select, update

from adapters.store.crypto import Unreadable
from adapters.store.engine import Database
from adapters.store.queue import Outbox
from adapters.store.requests import SqlStore
from adapters.store.tables import events, request_keys, requests
from bot.ports import SendFailed
from bot.workflows.request import Taken
from tests.adapters.store.samples import NOW, deliver, erase, following, on_disk, submitted, told

SECRETS = {
    "value": "Zachary-in-year-four",
    "reason": "because-his-mother-rang",
    "stage value": "spoke-to-the-family",
    "name": "Persephone Quill",
    "detail": "read-by-the-deputy",
}


@pytest.fixture
def lived(store: SqlStore, outbox: Outbox) -> SqlStore:
    """A request full of secrets that was made, sent, failed, decided, opened."""
    values = {"who": (SECRETS["value"], SECRETS["name"])}
    change = submitted("visible-id", values=values)
    store.create(change, "token")
    for row in outbox.claim("worker", NOW, 60, 10):
        error = SendFailed(f"no channel for {SECRETS['name']}: {SECRETS['value']}", permanent=False)
        outbox.retry(row, NOW, error)
    deliver(outbox)
    approved = following(change, told("mary"), values=values)
    taken = approved.taken.model_copy(
        update={"reason": SECRETS["reason"], "values": {"done": (SECRETS["stage value"],)}}
    )
    store.save(approved.model_copy(update={"taken": taken}))
    for row in outbox.claim("worker", NOW + (taken.at - NOW), 60, 10):
        outbox.set_aside(row, f"could not tell {SECRETS['name']}", NOW)
    store.record("visible-id", Taken(at=NOW, action="opened", person="head", reason=SECRETS["detail"]))
    assert [t.reason for t in store.history("visible-id")] == ["", SECRETS["reason"], SECRETS["detail"]]
    return store


def test_no_word_of_a_request_is_in_the_files(lived: SqlStore, database: Database) -> None:
    written = on_disk(database)
    assert b"visible-id" in written, "looking in the wrong place"
    assert [name for name, secret in SECRETS.items() if secret.encode() in written] == []


@pytest.fixture
def pair(store: SqlStore) -> SqlStore:
    """Two requests at version 2, whose rows can be confused."""
    for name in ("r1", "r2"):
        store.create(submitted(name), name)
        store.save(following(submitted(name)))
    return store


def test_a_body_moved_to_another_row_is_refused(pair: SqlStore, database: Database) -> None:
    with database.write() as connection:
        body = connection.execute(select(requests.c.body).where(requests.c.id == "r1")).scalar_one()
        connection.execute(update(requests).where(requests.c.id == "r2").values(body=body))
    assert pair.load("r1") is not None
    with pytest.raises(Unreadable):
        pair.load("r2")


def test_a_body_moved_with_its_key_is_refused(pair: SqlStore, database: Database) -> None:
    with database.write() as connection:
        body = connection.execute(select(requests.c.body).where(requests.c.id == "r1")).scalar_one()
        key = connection.execute(
            select(request_keys.c.wrapped).where(request_keys.c.request == "r1")
        ).scalar_one()
        connection.execute(update(requests).where(requests.c.id == "r2").values(body=body))
        connection.execute(update(request_keys).where(request_keys.c.request == "r2").values(wrapped=key))
    with pytest.raises(Unreadable):
        pair.load("r2")


def test_an_older_body_of_the_same_request_is_refused(store: SqlStore, database: Database) -> None:
    store.create(submitted(), "token")
    with database.read() as connection:
        old = connection.execute(select(requests.c.body)).scalar_one()
    store.save(following(submitted()))
    with database.write() as connection:
        connection.execute(update(requests).values(body=old))
    with pytest.raises(Unreadable):
        store.load("r1")


def test_an_event_moved_to_another_place_is_refused(pair: SqlStore, database: Database) -> None:
    mine = select(events.c.seq).where(events.c.request == "r1").order_by(events.c.seq)
    with database.write() as connection:
        first, second = connection.execute(mine).scalars()
        words = connection.execute(select(events.c.ciphertext).where(events.c.seq == first)).scalar_one()
        connection.execute(update(events).where(events.c.seq == second).values(ciphertext=words))
    with pytest.raises(Unreadable):
        pair.history("r1")


def test_a_request_whose_key_was_taken_away_does_not_pass_for_erased(
    pair: SqlStore, database: Database
) -> None:
    with database.write() as connection:
        connection.execute(request_keys.delete().where(request_keys.c.request == "r1"))
    with pytest.raises(Unreadable, match="was not erased"):
        pair.load("r1")


def test_an_erased_request_does_not_come_back_with_a_key_of_another(
    pair: SqlStore, database: Database
) -> None:
    erase(pair, "r1", NOW)
    with database.write() as connection:
        other = connection.execute(select(request_keys)).one()._asdict()
        connection.execute(insert(request_keys).values({**other, "request": "r1"}))
    assert pair.load("r1") is None
    with pytest.raises(Unreadable):
        pair.history("r1")
