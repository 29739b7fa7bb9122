"""Requests: kept, changed one at a time, listed, erased."""

from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.store import tables
from adapters.store.crypto import Keys
from adapters.store.engine import Database
from adapters.store.queue import Outbox
from adapters.store.requests import ReferenceTaken, SqlStore
from bot.ports import AlreadySubmitted, Conflict
from bot.workflows.request import Change, Taken
from tests.adapters.store.samples import (
    MINUTE,
    NOW,
    asked,
    count,
    deliver,
    erase,
    following,
    raw_bytes,
    stored,
    submitted,
    told,
)


def test_a_request_comes_back_as_it_was_saved(store: SqlStore) -> None:
    change = submitted(urgent=True, due_at=NOW + MINUTE, subjects=("sam",))
    store.create(change, "token")
    assert store.load("r1") == change.request

    approved = following(change, status="completed", taken=(change.taken,), due_at=None)
    store.save(approved)
    assert store.load("r1") == approved.request
    assert store.history("r1") == (change.taken, approved.taken)


def test_an_unknown_request_is_none_and_has_no_history(store: SqlStore) -> None:
    assert store.load("nobody") is None
    assert store.history("nobody") == ()
    with pytest.raises(KeyError):
        store.record("nobody", Taken(at=NOW, action="opened", person="head"))


def test_a_form_becomes_one_request(store: SqlStore, database: Database) -> None:
    store.create(submitted("r1"), "token")
    with pytest.raises(AlreadySubmitted) as refused:
        store.create(submitted("r2"), "token")
    assert refused.value.request_id == "r1"
    assert count(database, tables.events) == 1
    assert count(database, tables.outbox) == 2


def test_a_reference_is_given_once(store: SqlStore) -> None:
    store.create(submitted("r1"), "one")
    with pytest.raises(ReferenceTaken, match="REF-r1"):
        store.create(submitted("r2", reference="REF-r1"), "two")
    assert store.load("r2") is None


def test_a_change_made_on_an_older_version_is_a_conflict_and_leaves_nothing(
    store: SqlStore, database: Database
) -> None:
    first = submitted()
    store.create(first, "token")
    store.save(following(first))
    with pytest.raises(Conflict):
        store.save(following(first, asked("deputy")))
    assert count(database, tables.events) == 2
    assert count(database, tables.outbox) == 2
    assert store.verify("hill") == []


def test_several_changes_are_saved_together_or_not_at_all(store: SqlStore) -> None:
    first, second = submitted("r1"), submitted("r2")
    store.create(first, "t1")
    store.create(second, "t2")
    changes = following(first), following(second)
    store.save(changes[1], changes[0])
    loaded = [store.load(name) for name in ("r1", "r2")]
    assert [request and request.version for request in loaded] == [2, 2]
    with pytest.raises(Conflict):
        store.save(following(changes[0]), following(second))
    assert store.load("r1") == changes[0].request, "the one that would have fitted is not saved either"


def test_a_change_to_an_unknown_request_is_a_conflict(store: SqlStore) -> None:
    with pytest.raises(Conflict):
        store.save(following(submitted()))


def test_opening_is_recorded_without_changing_the_request(store: SqlStore) -> None:
    change = submitted()
    store.create(change, "token")
    opening = Taken(at=NOW + MINUTE, action="opened", person="head", role="headteacher")
    store.record("r1", opening)
    assert store.history("r1") == (change.taken, opening)
    assert store.load("r1") == change.request
    assert store.verify("hill") == []


def test_lists_are_in_order_and_of_the_right_people(store: SqlStore) -> None:
    later = NOW + MINUTE
    store.create(submitted("r1"), "1")
    store.create(submitted("r2", at=later, status="sent_back"), "2")
    store.create(submitted("r3", at=later + MINUTE, status="completed"), "3")
    store.create(submitted("r4", requester="sam", school="dale"), "4")
    assert [r.id for r in store.requested_by("mary")] == ["r3", "r2", "r1"]
    assert [r.id for r in store.requested_by("mary", limit=1)] == ["r3"]
    assert [r.id for r in store.open_in("hill")] == ["r1", "r2"]
    assert [r.id for r in store.open_in("dale")] == ["r4"]


def test_due_are_the_open_ones_whose_time_has_come(store: SqlStore) -> None:
    store.create(submitted("late", due_at=NOW - MINUTE), "1")
    store.create(submitted("now", due_at=NOW), "2")
    store.create(submitted("soon", due_at=NOW + timedelta(microseconds=1)), "3")
    store.create(submitted("over", due_at=NOW, status="withdrawn"), "4")
    store.create(submitted("never"), "5")
    assert store.due(NOW) == ("late", "now")
    assert store.due(NOW, limit=1) == ("late",)


def test_times_are_kept_to_the_microsecond_from_whatever_zone(store: SqlStore) -> None:
    summer = timezone(timedelta(hours=1))
    store.create(submitted("r1", at=NOW.astimezone(summer), due_at=NOW.astimezone(summer)), "1")
    assert stored(store, "r1").created_at == NOW
    assert store.due(NOW) == ("r1",)
    assert store.verify("hill") == []


def test_a_time_without_a_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(Exception, match="without a zone"):
        store.first_time("e1", NOW.replace(tzinfo=None))


def test_receipts_say_sent_opened_acted_on_each_when_true(store: SqlStore, outbox: Outbox) -> None:
    change = submitted()
    store.create(change, "token")
    to_head, to_mary = deliver(outbox)
    assert store.deliveries("r1") == (to_head, to_mary)
    assert store.deliveries_to("head") == (to_head,)
    assert (to_head.sent_at, to_head.opened_at, to_head.acted_at) == (NOW, None, None)

    store.opened("r1", "head", NOW + MINUTE)
    store.opened("r1", "head", NOW + 2 * MINUTE)
    assert store.deliveries_to("head")[0].opened_at == NOW + MINUTE

    approved = following(change)
    store.save(approved)
    store.save(following(approved))
    assert store.deliveries_to("head")[0].acted_at == approved.taken.at, "acting again moves no stamp"
    assert store.deliveries_to("mary") == (to_mary,)


def test_acting_on_one_stage_stamps_no_other(store: SqlStore, outbox: Outbox) -> None:
    change = submitted()
    store.create(change.model_copy(update={"notices": (asked("head", "carry_out"), asked("head"))}), "token")
    deliver(outbox)
    store.save(following(change))
    assert {d.stage: d.acted_at is not None for d in store.deliveries("r1")} == {
        "carry_out": False,
        "decide": True,
    }


def test_the_newest_deliveries_come_first(store: SqlStore, outbox: Outbox) -> None:
    for name in ("r1", "r2", "r3"):
        store.create(submitted(name), name)
        deliver(outbox)
    assert [d.request for d in store.deliveries_to("head", limit=2)] == ["r3", "r2"]


def test_an_event_is_new_once(store: SqlStore) -> None:
    assert store.first_time("e1", NOW)
    assert not store.first_time("e1", NOW + MINUTE)
    assert store.first_time("e2", NOW + MINUTE)
    assert store.forget_events(NOW + MINUTE) == 1
    assert store.first_time("e1", NOW + MINUTE)
    assert not store.first_time("e2", NOW + MINUTE)
    store.forget("e2")
    assert set(store.first_times(("e1", "e2", "e3"), NOW + MINUTE)) == {"e2", "e3"}
    assert set(store.first_times(("e1", "e2", "e3"), NOW + MINUTE)) == set()


FEED_CHANGES: dict[str, Callable[[SqlStore, Outbox, Change], object]] = {
    "a delivery": lambda store, outbox, change: deliver(outbox),
    "a change": lambda store, outbox, change: store.save(following(change)),
    "a request": lambda store, outbox, change: store.create(submitted("r2"), "2"),
    "an erasure": lambda store, outbox, change: erase(store, "r1", NOW),
}


@pytest.mark.parametrize("happening", FEED_CHANGES)
def test_the_feed_mark_of_those_concerned_changes(store: SqlStore, outbox: Outbox, happening: str) -> None:
    change = submitted()
    store.create(change, "token")
    before = store.feed_mark("mary"), store.feed_mark("sam")
    assert store.feed_mark("mary") == before[0]
    FEED_CHANGES[happening](store, outbox, change)
    assert store.feed_mark("mary") != before[0]
    assert store.feed_mark("sam") == before[1]


def test_the_feed_mark_changes_with_receipts_and_for_those_who_were_sent_it(
    store: SqlStore, outbox: Outbox
) -> None:
    change = submitted()
    store.create(change, "token")
    deliver(outbox)
    marks = [(store.feed_mark("mary"), store.feed_mark("head"))]
    store.opened("r1", "head", NOW)
    marks.append((store.feed_mark("mary"), store.feed_mark("head")))
    store.save(following(change))
    marks.append((store.feed_mark("mary"), store.feed_mark("head")))
    assert len({mary for mary, _head in marks}) == len({head for _mary, head in marks}) == 3


def test_erasing_leaves_the_reference_and_a_whole_chain(
    store: SqlStore, outbox: Outbox, database: Database
) -> None:
    change = submitted()
    store.create(change, "token")
    store.create(submitted("r2"), "two")
    deliver(outbox)
    store.save(following(change, told("mary")))
    erase(store, "r1", NOW)
    erase(store, "r1", NOW + MINUTE)

    assert store.load("r1") is None
    assert (store.history("r1"), store.deliveries("r1")) == ((), ())
    assert [r.id for r in store.open_in("hill")] == [r.id for r in store.requested_by("mary")] == ["r2"]
    left = outbox.claim("w", NOW + MINUTE, 60, 10)
    assert {(row.request, row.notice.kind) for row in left} == {("", "erased")}, "cards to be taken down"
    assert store.verify("hill") == []
    with database.read() as connection:
        row = connection.execute(select(tables.requests).where(tables.requests.c.id == "r1")).one()
    assert (row.reference, row.requester, row.body) == ("REF-r1", "", b"")
    with pytest.raises(Conflict):
        store.save(following(following(change)))
    with pytest.raises(KeyError):
        erase(store, "nobody", NOW)
    with pytest.raises(AlreadySubmitted):
        store.create(submitted("r3"), "token")


def test_an_erased_key_is_gone_from_the_file(
    tmp_path: Path, opened: Callable[..., Database], keys: Keys
) -> None:
    path = tmp_path / "clerk.db"
    database = opened(f"sqlite:///{path}")
    store = SqlStore(database, keys)
    store.create(submitted(), "token")
    with database.read() as connection:
        wrapped = connection.execute(select(tables.request_keys.c.wrapped)).scalar_one()
    assert wrapped in raw_bytes(path)
    erase(store, "r1", NOW)
    assert wrapped not in raw_bytes(path)


def test_a_new_key_in_front_leaves_what_the_old_one_sealed(database: Database, keys: Keys) -> None:
    old = SqlStore(database, keys)
    change = submitted()
    old.create(change, "token")
    both = SqlStore(database, Keys.from_text(f"{Keys.generate().to_text()},{keys.to_text()}"))
    both.save(following(change))
    assert len(both.history("r1")) == 2
    assert both.verify("hill") == []


def test_schools_waiting_are_those_with_an_open_request(store: SqlStore) -> None:
    assert store.schools_waiting() == ()
    for name, school in (("r1", "hill"), ("r2", "dale"), ("r3", "hill")):
        store.create(submitted(name, school=school), name)
    store.save(following(submitted("r2", school="dale"), status="completed"))
    assert store.schools_waiting() == ("hill",)
