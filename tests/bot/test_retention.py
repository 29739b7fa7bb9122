"""How long what is finished is kept, by procedure, and what the school may set."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bot.retention import Retention, months_before


def test_without_a_setting_what_is_about_people_is_never_erased_by_itself() -> None:
    kept = Retention()
    assert kept.months("unblock-request", about_people=False) == 24
    assert kept.months("report-content", about_people=False) == 24
    assert kept.months("report-content", about_people=True) is None
    assert kept.months("report-concern", about_people=True) is None


def test_a_procedure_of_the_schools_own_needs_a_period_of_its_own() -> None:
    assert Retention().months("borrow-phone", about_people=False) is None
    assert Retention(requests={"borrow-phone": 6}).months("borrow-phone", about_people=False) == 6


def test_a_period_for_ordinary_requests_ends_no_concern_and_the_other_way_round() -> None:
    kept = Retention(requests={"report-content": 3}, about_people={"report-abuse": 120})
    assert kept.months("report-content", about_people=True) is None
    assert kept.months("report-abuse", about_people=True) == 120
    assert kept.months("report-abuse", about_people=False) is None


def test_keep_takes_a_default_away() -> None:
    assert (
        Retention(requests={"unblock-request": "keep"}).months("unblock-request", about_people=False) is None
    )


@pytest.mark.parametrize("months", [0, -1, "ever", 1201])
def test_a_period_that_makes_no_sense_is_refused(months: object) -> None:
    with pytest.raises(ValidationError):
        Retention.model_validate({"requests": {"unblock-request": months}})


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        (datetime(2026, 11, 9, 9, 30, tzinfo=UTC), 24, datetime(2024, 11, 9, 9, 30, tzinfo=UTC)),
        (datetime(2027, 1, 31, tzinfo=UTC), 1, datetime(2026, 12, 31, tzinfo=UTC)),
        (datetime(2026, 3, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), 12, datetime(2023, 2, 28, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(now: datetime, months: int, then: datetime) -> None:
    assert months_before(now, months) == then
