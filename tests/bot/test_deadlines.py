"""School days and school hours, and times as people in school read them."""

from datetime import UTC, date, datetime, time

import pytest

from bot.people import Calendar, Term
from bot.workflows.deadlines import after_school_days, day, in_school_hours, is_school_day, moment
from tests.bot.small import CALENDAR


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2026-11-09", True),
        ("2026-11-14", False),  # Saturday
        ("2026-11-15", False),
        ("2026-10-23", True),  # last day before half-term
        ("2026-10-26", False),
        ("2026-10-30", False),
        ("2026-11-02", True),
        ("2026-12-25", False),
        ("2027-03-26", False),  # Good Friday
        ("2027-05-03", False),  # early May bank holiday, in term
        ("2027-05-04", True),
        ("2027-08-11", False),  # summer
        ("2026-09-01", False),  # before the first term entered
        ("2027-11-08", True),  # after the last: the clock must not stop
        ("2027-12-27", False),  # a bank holiday all the same
        ("2027-11-13", False),
    ],
)
def test_school_days(day: str, open_: bool) -> None:
    assert is_school_day(CALENDAR, date.fromisoformat(day)) is open_


def test_without_terms_every_weekday_counts_but_bank_holidays() -> None:
    assert is_school_day(Calendar(), date(2026, 8, 12))
    assert not is_school_day(Calendar(), date(2026, 8, 31))
    assert not is_school_day(Calendar(), date(2026, 8, 15))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (utc(2026, 11, 9, 10), 1, utc(2026, 11, 10, 10)),
        (utc(2026, 11, 13, 10), 1, utc(2026, 11, 16, 10)),  # over a weekend
        (utc(2026, 11, 9, 6), 1, utc(2026, 11, 10, 8, 30)),  # moved into school hours
        (utc(2026, 11, 9, 22), 1, utc(2026, 11, 10, 16)),
        (utc(2026, 11, 9, 10), 0, utc(2026, 11, 9, 10)),
        (utc(2026, 10, 23, 9), 1, utc(2026, 11, 2, 10)),  # half-term and the end of summer time
        (utc(2027, 3, 25, 10), 1, utc(2027, 4, 12, 9)),  # Easter and the beginning of it
        (utc(2026, 12, 18, 15), 2, utc(2027, 1, 5, 15)),
        (utc(2027, 4, 30, 9), 1, utc(2027, 5, 4, 9)),  # a bank holiday
        (utc(2027, 7, 21, 9), 1, utc(2027, 9, 2, 9)),  # summer
    ],
)
def test_days_are_counted_in_school_days_and_the_hour_is_london_time(
    start: datetime, days: int, end: datetime
) -> None:
    assert after_school_days(CALENDAR, start, days) == end


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        (utc(2026, 11, 9, 8, 29), False),
        (utc(2026, 11, 9, 8, 30), True),
        (utc(2026, 11, 9, 15, 59), True),
        (utc(2026, 11, 9, 16), False),
        (utc(2026, 9, 9, 7, 30), True),  # half past eight in summer time
        (utc(2026, 11, 14, 12), False),
    ],
)
def test_school_hours(at: datetime, open_: bool) -> None:
    assert in_school_hours(CALENDAR, at) is open_


def test_times_are_read_in_london() -> None:
    assert moment(utc(2026, 7, 1, 23, 30)) == "2 Jul 2026, 00:30"
    assert moment(utc(2026, 11, 9, 9, 5)) == "9 Nov 2026, 09:05"
    assert day(date(2026, 11, 9)) == "9 Nov 2026"


def test_a_school_that_never_opens_on_a_weekday_in_term_still_answers() -> None:
    calendar = Calendar(
        opens=time(9), closes=time(12), terms=(Term(first=date(2020, 1, 1), last=date(2020, 1, 1)),)
    )
    assert after_school_days(calendar, utc(2026, 11, 13, 13), 1) == utc(2026, 11, 16, 12)
