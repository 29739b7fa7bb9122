"""The outbox: nobody is told twice by two workers, nobody is forgotten."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from adapters.logs import described
from adapters.store import tables
from adapters.store.engine import Database
from adapters.store.queue import Outbox
from adapters.store.requests import SqlStore
from bot.ports import SendFailed
from tests.adapters.store.samples import (
    MINUTE,
    NOW,
    asked,
    count,
    delivery,
    following,
    submitted,
    told,
)

LEASE = 60
EXPIRED = NOW + timedelta(seconds=LEASE)


@pytest.fixture
def one(store: SqlStore, outbox: Outbox) -> Outbox:
    """An outbox with a single message: the head is asked."""
    store.create(submitted().model_copy(update={"notices": (asked("head"),)}), "token")
    return outbox


def test_a_notice_is_claimed_with_what_sending_needs(one: Outbox) -> None:
    (row,) = one.claim("a", NOW, LEASE, 10)
    assert (row.request, row.version, row.notice) == ("r1", 1, asked("head"))
    assert (row.due, row.attempts, row.lease_owner, row.lease_until) == (NOW, 1, "a", EXPIRED)


def test_telling_one_person_the_same_twice_is_one_message(store: SqlStore, outbox: Outbox) -> None:
    notices = (asked("head"), asked("head").model_copy(update={"role": "deputy"}), asked("sam"), told("head"))
    store.create(submitted().model_copy(update={"notices": notices}), "token")
    rows = outbox.claim("a", NOW, LEASE, 10)
    assert [(row.notice.kind, row.notice.person) for row in rows] == [
        ("asked", "head"),
        ("asked", "sam"),
        ("told", "head"),
    ]


def test_a_conflict_tells_nobody(one: Outbox, store: SqlStore) -> None:
    store.save(following(submitted(), told("mary")))
    with pytest.raises(Exception, match="not at version"):
        store.save(following(submitted(), told("sam")))
    assert {row.notice.person for row in one.claim("a", NOW + MINUTE, LEASE, 10)} == {"head", "mary"}


def test_nothing_is_claimed_before_it_is_due(one: Outbox) -> None:
    assert one.claim("a", NOW - timedelta(microseconds=1), LEASE, 10) == ()


def test_the_longest_due_come_first_and_no_more_than_asked_for(store: SqlStore, outbox: Outbox) -> None:
    for minutes in (2, 0, 1):
        change = submitted(f"r{minutes}", at=NOW + minutes * MINUTE)
        store.create(change.model_copy(update={"notices": (asked("head"),)}), str(minutes))
    assert [row.request for row in outbox.claim("a", EXPIRED + MINUTE, LEASE, 2)] == ["r0", "r1"]
    assert [row.request for row in outbox.claim("a", EXPIRED + MINUTE, LEASE, 2)] == ["r2"]


def test_a_lease_keeps_others_away_until_it_runs_out(one: Outbox) -> None:
    (mine,) = one.claim("a", NOW, LEASE, 10)
    assert one.claim("b", EXPIRED - timedelta(microseconds=1), LEASE, 10) == ()
    assert one.claim("a", EXPIRED - timedelta(microseconds=1), LEASE, 10) == ()
    (taken_over,) = one.claim("b", EXPIRED, LEASE, 10)
    assert (taken_over.id, taken_over.attempts, taken_over.lease_owner) == (mine.id, 2, "b")


def test_two_claimers_never_hold_the_same_row(store: SqlStore, outbox: Outbox) -> None:
    notices = tuple(asked(f"p{number}") for number in range(100))
    store.create(submitted().model_copy(update={"notices": notices}), "token")

    def work(owner: int) -> list[int]:
        claimed: list[int] = []
        while rows := outbox.claim(f"w{owner}", NOW, LEASE, 3):
            claimed += [row.id for row in rows]
        return claimed

    with ThreadPoolExecutor(8) as pool:
        holders = Counter(row for claimed in pool.map(work, range(8)) for row in claimed)
    assert len(holders) == 100
    assert set(holders.values()) == {1}


def test_what_was_sent_is_off_the_outbox_and_in_the_deliveries(one: Outbox, store: SqlStore) -> None:
    (row,) = one.claim("a", NOW, LEASE, 10)
    sent = one.delivered(row, delivery(row))
    assert store.deliveries("r1") == (sent,)
    assert sent.id > 0
    assert one.claim("a", EXPIRED, LEASE, 10) == ()


def test_a_delivery_that_cannot_be_written_leaves_the_message(one: Outbox) -> None:
    (row,) = one.claim("a", NOW, LEASE, 10)
    with pytest.raises(IntegrityError):
        one.delivered(row, delivery(row).model_copy(update={"request": "nobody"}))
    assert [again.id for again in one.claim("a", EXPIRED, LEASE, 10)] == [row.id]


def test_what_two_workers_sent_is_written_twice(one: Outbox, store: SqlStore) -> None:
    (slow,) = one.claim("a", NOW, LEASE, 10)
    (quick,) = one.claim("b", EXPIRED, LEASE, 10)
    one.delivered(quick, delivery(quick))
    one.delivered(slow, delivery(slow))
    assert len(store.deliveries("r1")) == 2


def test_an_overtaken_message_is_dropped(one: Outbox, database: Database) -> None:
    (row,) = one.claim("a", NOW, LEASE, 10)
    assert one.dropped(row)
    assert count(database, tables.outbox) == count(database, tables.deliveries) == 0


def test_a_failed_message_is_tried_again_when_due(one: Outbox) -> None:
    (row,) = one.claim("a", NOW, LEASE, 10)
    assert one.retry(row, NOW + MINUTE / 2, SendFailed("429 too many", permanent=False))
    assert one.claim("a", NOW + MINUTE / 3, LEASE, 10) == ()
    (again,) = one.claim("b", NOW + MINUTE / 2, LEASE, 10)
    assert (again.id, again.attempts, again.last_error) == (row.id, 2, "SendFailed 429")


def test_a_message_set_aside_waits_for_somebody_to_look(one: Outbox) -> None:
    (row,) = one.claim("a", NOW, LEASE, 10)
    assert one.set_aside_rows() == ()
    assert one.set_aside(row, SendFailed("channel_not_found", permanent=True), NOW + MINUTE)
    assert one.claim("a", NOW + 60 * MINUTE, LEASE, 10) == ()
    assert one.oldest_due(NOW + 60 * MINUTE) is None
    (aside,) = one.set_aside_rows()
    assert (aside.id, aside.set_aside_at, aside.last_error) == (
        row.id,
        NOW + MINUTE,
        "SendFailed permanent channel_not_found",
    )

    assert one.revive(row.id)
    assert not one.revive(row.id)
    assert one.set_aside_rows() == ()
    assert [(again.id, again.attempts) for again in one.claim("a", NOW, LEASE, 10)] == [(row.id, 1)]


@pytest.mark.parametrize("owner", ["b", "a"])
def test_who_lost_the_lease_cannot_put_the_row_anywhere(one: Outbox, owner: str) -> None:
    """`a` claiming again is another claim: the first one, still running somewhere, has lost it too."""
    (slow,) = one.claim("a", NOW, LEASE, 10)
    (quick,) = one.claim(owner, EXPIRED, LEASE, 10)
    assert not one.retry(slow, NOW, "late")
    assert not one.set_aside(slow, "late", NOW)
    assert not one.dropped(slow)
    assert one.claim("c", EXPIRED, LEASE, 10) == ()
    assert one.dropped(quick)


def test_the_oldest_due_tells_how_late_we_are(one: Outbox) -> None:
    assert one.oldest_due(NOW - MINUTE) is None
    assert one.oldest_due(NOW + MINUTE) == NOW
    (row,) = one.claim("a", NOW, LEASE, 10)
    assert one.oldest_due(NOW + MINUTE) == NOW, "what is being sent is late until it is sent"
    one.delivered(row, delivery(row))
    assert one.oldest_due(NOW + MINUTE) is None


def test_a_number_is_never_given_to_another_row(one: Outbox, store: SqlStore) -> None:
    (first,) = one.claim("a", NOW, LEASE, 10)
    one.delivered(first, delivery(first))
    store.save(following(submitted(), told("mary")))
    (second,) = one.claim("a", NOW + MINUTE, LEASE, 10)
    assert second.id > first.id


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (SendFailed("HTTP 503 for jane.doe@school.example", permanent=False), "SendFailed 503"),
        (SendFailed("user_not_found: @jane_doe", permanent=True), "SendFailed permanent user_not_found"),
        (TimeoutError(), "TimeoutError"),
        (ValueError("Jane Doe said: Zachary was sad, call 01632 960999"), "ValueError"),
        ("Jane Doe cannot be reached", "no code given"),
        ("jane_doe@school.example", "no code given"),
    ],
)
def test_errors_are_kept_without_anybodys_data(error: Exception | str, kept: str) -> None:
    assert described(error) == kept
