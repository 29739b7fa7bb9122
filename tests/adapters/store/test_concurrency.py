"""Many threads on one store: nothing lost, nothing double, one winner where there can be only one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from adapters.store import tables
from adapters.store.engine import Database
from adapters.store.requests import SqlStore
from bot.ports import AlreadySubmitted, Conflict
from tests.adapters.store.samples import NOW, count, count_up, following, stored, submitted

THREADS = 8


def test_many_threads_lose_nothing_and_double_nothing(store: SqlStore, database: Database) -> None:
    """Each thread makes requests, and all of them count up one shared field: what the defaults lost."""
    shared = submitted("shared")
    store.create(shared, "shared")

    def work(thread: int) -> None:
        for turn in range(10):
            store.create(submitted(f"r{thread}-{turn}"), f"{thread}-{turn}")
            count_up(store)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    request = stored(store, "shared")
    assert request.values["count"] == (str(THREADS * 10),)
    assert request.version == 1 + THREADS * 10
    assert len(store.history("shared")) == 1 + THREADS * 10
    assert len(store.open_in("hill")) == 1 + THREADS * 10
    assert count(database, tables.events) == 1 + THREADS * 10 * 2
    assert count(database, tables.outbox) == 2 + THREADS * 10 * 2
    assert store.verify("hill") == []


def test_of_many_changes_to_one_version_one_is_saved(store: SqlStore) -> None:
    first = submitted()
    store.create(first, "token")
    together = Barrier(THREADS)

    def save(number: int) -> bool:
        change = following(first, values={"by": (str(number),)})
        together.wait()
        try:
            store.save(change)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        saved = [number for number, done in enumerate(pool.map(save, range(THREADS))) if done]
    assert len(saved) == 1
    assert stored(store, "r1").values == {"by": (str(saved[0]),)}
    assert len(store.history("r1")) == 2


def test_of_many_submissions_of_one_form_one_becomes_a_request(store: SqlStore, database: Database) -> None:
    def submit(number: int) -> str:
        try:
            store.create(submitted(f"r{number}"), "token")
        except AlreadySubmitted as refused:
            return refused.request_id
        return f"r{number}"

    with ThreadPoolExecutor(THREADS) as pool:
        named = set(pool.map(submit, range(THREADS * 3)))
    assert len(named) == count(database, tables.requests) == count(database, tables.events) == 1
    assert store.load(named.pop()) is not None


def test_a_thousand_submissions_and_decisions_are_each_kept_once(store: SqlStore, database: Database) -> None:
    """For every decision two people press at once, and one of them is told that it is taken."""
    decisions = 1000
    names = [f"r{number}" for number in range(decisions)]
    begun = Barrier(THREADS)

    def work(thread: int) -> list[tuple[str, str]]:
        begun.wait()
        mine = names[thread::THREADS]
        for name in mine:
            store.create(submitted(name), name)
        begun.wait()  # every request is there: now each is decided by two threads at the same time
        beside = names[(thread ^ 1) :: THREADS]
        won = []
        for name in sorted((*mine, *beside), key=lambda name: int(name[1:])):
            try:
                store.save(following(submitted(name), values={"by": (str(thread),)}, status="completed"))
            except Conflict:
                continue
            won.append((name, str(thread)))
        return won

    with ThreadPoolExecutor(THREADS) as pool:
        won = [decision for each in pool.map(work, range(THREADS)) for decision in each]
    assert sorted(name for name, _ in won) == sorted(names), "each is decided, and once"
    assert {name: "".join(stored(store, name).values["by"]) for name, _ in won} == dict(won)
    assert store.open_in("hill") == ()
    assert count(database, tables.requests) == decisions
    assert count(database, tables.events) == 2 * decisions
    assert count(database, tables.outbox) == 2 * decisions
    assert [t.action for t in store.history("r7")] == ["submitted", "approved"]
    assert store.verify("hill") == []


def test_one_of_many_handlers_sees_an_event_first(store: SqlStore) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(lambda _: store.first_time("e1", NOW), range(40))) == 1
