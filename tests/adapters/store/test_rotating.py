"""A master key is put out of use: everything opens with the new one alone, and the chain is as it was."""

import pytest
from sqlalchemy import select, update

from adapters.store import rotating
from adapters.store.chain import lock_head
from adapters.store.crypto import BadKey, Keys
from adapters.store.drafts import Drafts
from adapters.store.engine import Database
from adapters.store.places import Conversations
from adapters.store.requests import SqlStore
from adapters.store.tables import chain_heads, events, metadata, request_keys
from bot.events import Identity
from bot.workflows.entry import Deed, Entry
from tests.adapters.store.samples import NOW, StoppedClock, following, submitted

WHO = Identity(platform="slack", tenant="T1", user="U1")
NEW = Keys.generate()


def entered(database: Database, keys: Keys) -> SqlStore:
    """A school with something of every kind that a key seals."""
    store = SqlStore(database, keys)
    store.create(submitted("r1"), "1")
    store.save(following(submitted("r1")))
    entry = Entry(id="hill.visits.1", school="hill", name="visits", at=NOW, cells={"what": ("A visit.",)})
    store.keep(entry, Deed(at=NOW, action="recorded", register_name="visits", entry=entry.id, version=1))
    Conversations(database, keys).remember("teams", "t", "19:a", "where to speak")
    Drafts(database, keys, StoppedClock()).keep(WHO, "form", {"a": ("half",)})
    return store


def reads(database: Database, keys: Keys) -> tuple[object, ...]:
    """All of it, opened with these keys and what is left of retired ones."""
    with database.read() as connection:
        known = rotating.completed(connection, keys)
    store = SqlStore(database, known)
    return (
        store.load("r1"),
        store.history("r1"),
        store.entries("hill", "visits"),
        store.deeds("hill"),
        Conversations(database, known).reference("teams", "t", "19:a"),
        Drafts(database, known, StoppedClock()).kept(WHO, "form"),
        store.verify("hill"),
    )


def chained(database: Database) -> list[tuple[object, ...]]:
    """Every entry of the chain, as stored."""
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(events).order_by(events.c.seq))]


def test_after_rewrapping_the_new_key_alone_opens_everything(database: Database, keys: Keys) -> None:
    button = entered(database, keys).seal_for("mary", "words")
    both = Keys.from_text(f"{NEW.to_text()},{keys.to_text()}")
    before, chain = reads(database, keys), chained(database)
    assert before[-1] == []
    assert keys.current in rotating.needed(database, both)
    with pytest.raises(BadKey, match="none of these keys"):
        reads(database, NEW)

    rotating.rewrap(database, both)

    assert rotating.needed(database, both) == {}
    assert reads(database, NEW) == before
    assert reads(database, both) == before, "a replica that still has both goes on"
    assert chained(database) == chain, "what the chain covers was not touched"
    assert rotating.rewrap(database, both) == {}
    with database.read() as connection:
        alone = rotating.completed(connection, NEW)
    assert SqlStore(database, alone).open_for("mary", button) == "words", "cards lie in chats for long"
    store = SqlStore(database, alone)
    store.save(following(following(submitted("r1"))))
    assert store.verify("hill") == []


def test_a_replica_that_still_seals_with_the_old_key_is_seen(database: Database, keys: Keys) -> None:
    entered(database, keys)
    both = Keys.from_text(f"{NEW.to_text()},{keys.to_text()}")
    rotating.rewrap(database, both)
    late = SqlStore(database, Keys.from_text(f"{keys.to_text()},{NEW.to_text()}"))
    late.create(submitted("r2"), "2")
    assert rotating.needed(database, both) == {keys.current: {"request_keys": 1, "chain_heads": 1}}
    rotating.rewrap(database, both)
    assert rotating.needed(database, both) == {}


def test_what_is_cut_off_is_finished_by_doing_it_again(
    database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered(database, keys)
    both = Keys.from_text(f"{NEW.to_text()},{keys.to_text()}")
    before = reads(database, keys)

    def cut_off(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rotating.chain, "seal_anew", cut_off)
        with pytest.raises(KeyboardInterrupt):
            rotating.rewrap(database, both)
    assert reads(database, both) == before
    assert set(rotating.needed(database, both)[keys.current]) == {"chain_heads", "retired_keys"}
    rotating.rewrap(database, both)
    assert reads(database, NEW) == before


def test_what_does_not_open_is_left_and_counted(database: Database, keys: Keys) -> None:
    store = entered(database, keys)
    store.create(submitted("r2"), "2")
    with database.write() as connection:
        connection.execute(
            update(request_keys).where(request_keys.c.request == "r2").values(wrapped=b"x" * 60)
        )
    both = Keys.from_text(f"{NEW.to_text()},{keys.to_text()}")
    assert rotating.rewrap(database, both)["request_keys"] == 1
    assert rotating.needed(database, both) == {keys.current: {"request_keys": 1}}


def test_a_leaked_old_key_cannot_write_a_shorter_history(database: Database, keys: Keys) -> None:
    entered(database, keys)
    with database.read() as connection:
        early = connection.execute(select(chain_heads)).one()._asdict()
    both = Keys.from_text(f"{NEW.to_text()},{keys.to_text()}")
    rotating.rewrap(database, both)
    SqlStore(database, both).save(following(following(submitted("r1"))))
    with database.write() as connection:
        lock_head(connection, "hill")
        connection.execute(events.delete().where(events.c.seq > early["count"]))
        connection.execute(update(chain_heads).values(early))
    found = reads(database, NEW)[-1]
    assert "the head of the chain was not written by this program" in found  # type: ignore[operator]


def test_every_table_that_a_key_seals_takes_part() -> None:
    sealed = {table for table in metadata.tables.values() if "master" in table.c}
    beside = {events, chain_heads, metadata.tables["retired_keys"]}
    assert sealed == rotating.SEALED.keys() | beside
