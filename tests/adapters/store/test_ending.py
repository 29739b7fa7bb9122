"""What is finished is found by its age, and erased only as it was read; tampering still shows afterwards."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from adapters.store.engine import Database
from adapters.store.requests import SqlStore
from adapters.store.tables import events, request_keys
from bot import disposal
from bot.ports import Conflict
from bot.workflows.entry import Deed
from tests.adapters.store.samples import MINUTE, NOW, erase, following, stored, submitted

ERASED = Deed(at=NOW + timedelta(days=1), action="request_erased", reference="REF-r1", reason="Asked for.")


@pytest.fixture
def finished(store: SqlStore) -> SqlStore:
    """`r1` and `r3` are finished, `r2` is open."""
    for name in ("r1", "r2", "r3"):
        change = submitted(name)
        store.create(change, name)
        if name != "r2":
            store.save(following(change, status="completed", open=()))
    return store


def test_only_what_is_finished_and_old_enough_is_found(finished: SqlStore) -> None:
    assert finished.finished_before("hill", NOW) == ()
    assert [f.id for f in finished.finished_before("hill", NOW + MINUTE)] == ["r1", "r3"]
    assert finished.finished_before("dale", NOW + MINUTE) == ()
    erase(finished, "r1")
    assert [f.id for f in finished.finished_before("hill", NOW + MINUTE)] == ["r3"]
    assert [r.id for r in finished.kept("hill")] == ["r2", "r3"]


def test_a_hold_set_in_between_stops_the_erasing(finished: SqlStore) -> None:
    read = stored(finished, "r1")
    finished.save(disposal.hold(read, "A claim is expected.", NOW + 2 * MINUTE))
    with pytest.raises(Conflict):
        finished.erase("r1", ERASED, read.version)
    assert stored(finished, "r1").on_hold
    assert finished.finished_before("hill", NOW + MINUTE)[0].id == "r1", "its period does not begin anew"
    finished.save(disposal.lift(stored(finished, "r1"), "Settled.", NOW + 3 * MINUTE))
    assert [t.action for t in finished.history("r1")][-2:] == ["held", "hold_lifted"]
    assert finished.verify("hill") == []


def test_why_it_was_erased_outlasts_it(finished: SqlStore) -> None:
    before = finished.printed_head("hill")
    finished.erase("r1", ERASED, stored(finished, "r1").version)
    assert finished.load("r1") is None
    assert finished.deeds("hill") == (ERASED,)
    assert finished.verify("hill", before) == []


def test_after_erasures_tampering_is_found(finished: SqlStore, database: Database) -> None:
    erase(finished, "r1")
    erase(finished, "r3")
    assert finished.verify("hill") == []
    last = finished.printed_head("hill").count
    with database.write() as connection:  # the deed that says why
        connection.execute(update(events).where(events.c.seq == last).values(ciphertext=b"x" * 64))
    assert finished.verify("hill") == [f"entry {last} was changed"]


def test_an_erasure_taken_out_of_the_chain_is_found(finished: SqlStore, database: Database) -> None:
    erase(finished, "r1")
    with database.write() as connection:
        connection.execute(delete(events).where(events.c.ciphertext == b""))
    assert any("missing" in finding for finding in finished.verify("hill"))


def test_erasing_does_not_cover_up_a_key_that_was_taken(finished: SqlStore, database: Database) -> None:
    version = stored(finished, "r1").version
    with database.write() as connection:
        connection.execute(delete(request_keys).where(request_keys.c.request == "r1"))
    finished.erase("r1", ERASED, version)
    assert finished.verify("hill") == ["request REF-r1 has lost its key, and no erasure is on record"]
