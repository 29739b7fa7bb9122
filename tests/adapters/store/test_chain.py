"""The audit chain: whoever changes, removes, moves or cuts off history is found out."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from adapters.store.audit import Printed
from adapters.store.chain import entry_of
from adapters.store.crypto import Keys, Unreadable
from adapters.store.engine import Database
from adapters.store.requests import SqlStore
from adapters.store.tables import chain_heads, events, request_keys, requests
from tests.adapters.store.samples import NOW, erase, following, submitted

ENTRIES = 5


@pytest.fixture
def written(store: SqlStore) -> SqlStore:
    """A school with two requests and five entries, and another school with one."""
    first = submitted("r1")
    store.create(first, "1")
    store.create(submitted("r2"), "2")
    second = following(first)
    store.save(second)
    store.save(following(second))
    store.save(following(submitted("r2")))
    store.create(submitted("r9", school="dale"), "9")
    return store


def at(seq: int) -> ColumnElement[bool]:
    return (events.c.school == "hill") & (events.c.seq == seq)


def change_words(connection: Connection) -> None:
    words = connection.execute(select(events.c.ciphertext).where(at(3))).scalar_one()
    connection.execute(update(events).where(at(3)).values(ciphertext=words[:-1] + bytes([words[-1] ^ 1])))


def change_time(connection: Connection) -> None:
    connection.execute(update(events).where(at(3)).values(at=NOW))


def change_request(connection: Connection) -> None:
    connection.execute(update(events).where(at(3)).values(request="r2"))


def remove(connection: Connection) -> None:
    connection.execute(delete(events).where(at(3)))


def remove_and_close_the_gap(connection: Connection) -> None:
    connection.execute(delete(events).where(at(3)))
    for seq in (4, 5):
        connection.execute(update(events).where(at(seq)).values(seq=seq - 1))


def swap(connection: Connection) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        connection.execute(update(events).where(at(old)).values(seq=new))


def remove_the_first(connection: Connection) -> None:
    connection.execute(delete(events).where(at(1)))


def cut_off(connection: Connection) -> None:
    connection.execute(delete(events).where(events.c.school == "hill", events.c.seq > 3))


def cut_off_and_move_the_head(connection: Connection) -> None:
    cut_off(connection)
    newest = connection.execute(select(events.c.mac).where(at(3))).scalar_one()
    connection.execute(update(chain_heads).where(chain_heads.c.school == "hill").values(count=3, mac=newest))


def remove_the_head(connection: Connection) -> None:
    connection.execute(delete(chain_heads).where(chain_heads.c.school == "hill"))


def remove_all(connection: Connection) -> None:
    connection.execute(delete(events).where(events.c.school == "hill"))
    remove_the_head(connection)


def invent(connection: Connection) -> None:
    newest = connection.execute(select(events).where(at(ENTRIES))).one()._asdict()
    connection.execute(insert(events).values({**newest, "seq": ENTRIES + 1, "previous": newest["mac"]}))


def put_back_a_request(connection: Connection) -> None:
    connection.execute(update(requests).where(requests.c.id == "r1").values(version=1))


def lose_a_key(connection: Connection) -> None:
    connection.execute(delete(request_keys).where(request_keys.c.request == "r2"))


TAMPERING: list[tuple[Callable[[Connection], None], list[str]]] = [
    (change_words, ["entry 3 was changed"]),
    (change_time, ["entry 3 was changed"]),
    (change_request, ["entry 3 was changed"]),
    (remove, ["entry 3 is missing"]),
    (
        remove_and_close_the_gap,
        [
            "entry 3 was moved there from place 4",
            "entry 4 was moved there from place 5",
            "the end is cut off: entry 5 is missing",
        ],
    ),
    (swap, ["entry 3 was moved there from place 4", "entry 4 was moved there from place 3"]),
    (remove_the_first, ["entry 1 is missing"]),
    (
        cut_off,
        [
            "the end is cut off: entries 4 to 5 are missing",
            "request REF-r1 is at version 3, its history at 2",
            "request REF-r2 is at version 2, its history at 1",
        ],
    ),
    (
        cut_off_and_move_the_head,
        [
            "the head of the chain was not written by this program",
            "request REF-r1 is at version 3, its history at 2",
            "request REF-r2 is at version 2, its history at 1",
        ],
    ),
    (remove_the_head, ["the head of the chain says 0 entries, and the newest is entry 5"]),
    (
        remove_all,
        [
            "request REF-r1 is at version 3, its history at 0",
            "request REF-r2 is at version 2, its history at 0",
        ],
    ),
    (
        invent,
        ["entry 6 was changed", "the head of the chain says 5 entries, and the newest is entry 6"],
    ),
    (put_back_a_request, ["request REF-r1 is at version 1, its history at 3"]),
    (lose_a_key, ["request REF-r2 has lost its key, and no erasure is on record"]),
]


@pytest.mark.parametrize(("tamper", "findings"), TAMPERING, ids=lambda value: getattr(value, "__name__", ""))
def test_tampering_is_found_and_named(
    written: SqlStore, database: Database, tamper: Callable[[Connection], None], findings: list[str]
) -> None:
    assert written.verify("hill") == []
    with database.write() as connection:
        tamper(connection)
    assert written.verify("hill") == findings
    assert written.verify("dale") == []


def test_an_entry_sealed_anew_with_the_key_is_given_away_by_the_next(
    written: SqlStore, database: Database, keys: Keys
) -> None:
    with database.write() as connection:
        change_time(connection)
        entry = entry_of(connection.execute(select(events).where(at(3))).one())
        connection.execute(update(events).where(at(3)).values(mac=entry.mac(keys)))
    assert written.verify("hill") == [
        "entry 4 does not follow entry 3: one of them was written by somebody else"
    ]


def test_many_displaced_entries_are_counted_not_listed(written: SqlStore, database: Database) -> None:
    change = submitted("long")
    written.create(change, "long")
    for _turn in range(30):
        change = following(change)
        written.save(change)
    with database.write() as connection:
        remove_and_close_the_gap(connection)
        for seq in range(ENTRIES + 1, ENTRIES + 32):
            connection.execute(update(events).where(at(seq)).values(seq=seq - 1))
    findings = written.verify("hill")
    assert len(findings) == 22
    assert findings[-2:] == ["and 13 more findings like these", "the end is cut off: entry 36 is missing"]


def test_a_history_put_back_as_a_whole_is_found_by_the_printed_report(
    store: SqlStore, database: Database
) -> None:
    """An old backup is whole in itself; the count and seal in the governors' report are not in it."""
    first = submitted()
    store.create(first, "1")
    with database.read() as connection:
        old_head = connection.execute(select(chain_heads)).one()._asdict()
        old_request = connection.execute(select(requests)).one()._asdict()
    store.save(following(first))
    printed = store.printed_head("hill")
    assert printed.count == 2
    assert store.verify("hill", printed) == []

    with database.write() as connection:
        connection.execute(delete(events).where(at(2)))
        connection.execute(update(chain_heads).values(old_head))
        connection.execute(update(requests).values(old_request))
    assert store.verify("hill") == []
    assert store.verify("hill", printed) == ["entry 2 is not the one in the printed report"]


def test_an_older_report_agrees_with_a_longer_history(written: SqlStore) -> None:
    printed = written.printed_head("hill")
    written.create(submitted("r3"), "3")
    assert written.verify("hill", printed) == []
    assert written.verify("hill", Printed(printed.count, "00" * 32)) == [
        "entry 5 is not the one in the printed report"
    ]


def test_working_on_does_not_hide_a_head_that_was_moved(written: SqlStore, database: Database) -> None:
    with database.write() as connection:
        cut_off_and_move_the_head(connection)
    written.create(submitted("r3"), "3")
    assert "the head of the chain was not written by this program" in written.verify("hill")


def test_a_school_without_history_has_nothing_wrong(store: SqlStore) -> None:
    assert store.verify("hill") == []
    assert store.printed_head("hill") == Printed(0, "")


def test_another_key_does_not_fit_the_chain(written: SqlStore, database: Database) -> None:
    with pytest.raises(Unreadable, match="not among the keys"):
        SqlStore(database, Keys.generate()).verify("hill")


def test_a_head_that_names_another_key_is_a_finding_and_stops_nothing(
    written: SqlStore, database: Database
) -> None:
    with database.write() as connection:
        connection.execute(update(chain_heads).values(master="another"))
    (finding,) = written.verify("hill")
    assert "head of the chain" in finding
    assert "another" in finding


def test_erasing_one_request_hides_no_tampering_with_another(written: SqlStore, database: Database) -> None:
    erase(written, "r1", NOW)
    assert written.verify("hill") == []
    with database.write() as connection:
        change_words(connection)
    assert written.verify("hill") == ["entry 3 was changed"]


def test_a_change_of_any_column_of_any_entry_is_found(written: SqlStore, database: Database) -> None:
    other: dict[str, object] = {"request": "r9", "version": 99, "master": "another"}
    other["at"] = datetime(2020, 1, 1, tzinfo=UTC)
    for seq in range(1, ENTRIES + 1):
        for column in ("request", "version", "at", "master", "ciphertext", "previous", "mac"):
            with database.write() as connection:
                before = connection.execute(select(events).where(at(seq))).one()._asdict()[column]
                connection.execute(update(events).where(at(seq)).values({column: other.get(column, b"x")}))
            assert any(str(seq) in finding for finding in written.verify("hill")), (seq, column)
            with database.write() as connection:
                connection.execute(update(events).where(at(seq)).values({column: before}))
    assert written.verify("hill") == []


def test_a_tail_cut_anywhere_is_found(written: SqlStore, database: Database) -> None:
    for kept in reversed(range(ENTRIES)):
        with database.write() as connection:
            connection.execute(delete(events).where(events.c.school == "hill", events.c.seq > kept))
        assert any("cut off" in finding or "missing" in finding for finding in written.verify("hill")), kept
