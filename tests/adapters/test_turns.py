"""Every school has its turn, a few at a time, however many there are."""

from datetime import timedelta

from adapters.turns import AT_ONCE, PAUSE, Turns
from tests.school import MONDAY

HOUR = timedelta(hours=1)
SCHOOLS = tuple(f"s{n:02}" for n in range(2 * AT_ONCE + 1))


def test_all_have_their_turn_once_a_pass_and_few_at_a_time() -> None:
    turns, now, seen = Turns(HOUR), MONDAY, []
    while batch := turns.next(now, lambda: SCHOOLS):
        assert len(batch) <= AT_ONCE
        assert turns.next(now, lambda: SCHOOLS) == (), "and then a pause"
        seen += batch
        now += PAUSE
    assert tuple(seen) == SCHOOLS
    assert turns.next(now + HOUR / 2, lambda: SCHOOLS) == ()
    assert turns.next(MONDAY + HOUR, lambda: SCHOOLS) == SCHOOLS[:AT_ONCE]


def test_a_pass_that_takes_longer_than_its_time_is_finished_first() -> None:
    turns, seen = Turns(PAUSE), []
    for second in range(3):
        seen += turns.next(MONDAY + second * PAUSE, lambda: SCHOOLS)
    assert tuple(seen) == SCHOOLS


def test_a_clock_put_back_stops_nothing() -> None:
    turns = Turns(HOUR)
    turns.next(MONDAY, lambda: SCHOOLS)
    assert turns.next(MONDAY - 2 * HOUR, lambda: SCHOOLS) == SCHOOLS[AT_ONCE : 2 * AT_ONCE]
