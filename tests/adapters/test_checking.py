"""A role with nobody keeps a school from going live, with what would have nobody."""

from datetime import date

import pytest

from adapters.checking import calendar_findings, empty_role_findings, undelivered_findings
from bot.people import Calendar
from tests.school import Stage


def findings(aet: Stage) -> list[str]:
    return list(empty_role_findings(aet.published, aet.clerk.directory.staff("aet")))


def test_with_everybody_there_nothing_is_found(aet: Stage) -> None:
    assert findings(aet) == []


def test_a_role_with_nobody_is_named_with_what_it_is_for(aet: Stage) -> None:
    aet.clerk.directory.set_role("aet", "ict-technician", [])
    (found,) = findings(aet)
    assert found.startswith("nobody holds the role “ICT technician” (ict-technician): /")
    assert "/unblock-request needs it (Check by ICT, Access opened by ICT)" in found


def test_a_leaver_holds_no_role_and_somebody_away_does(aet: Stage) -> None:
    directory = aet.clerk.directory
    dsl = directory.staff("aet").person(aet["dsl"].id)
    assert dsl is not None
    yesterday = aet.clock.now().date().replace(day=1)
    directory.add_person(dsl.model_copy(update={"ends": yesterday}))
    aet.away("deputy-dsl")
    (found,) = findings(aet)
    assert "concerns about a child go there" in found


def test_an_unneeded_deputy_is_named_too(aet: Stage) -> None:
    aet.clerk.directory.set_role("aet", "vice-chair", [])
    (found,) = findings(aet)
    assert "it stands in for: Chair of the board of trustees" in found


def test_an_empty_staff_list_is_said_once(aet: Stage) -> None:
    for player in aet.players.values():
        aet.clerk.directory.remove(player.id)
    assert findings(aet) == ["nobody is on the staff list yet, so every role is empty"]


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 9, 9), ""),
        (date(2027, 9, 11), "the term dates end on 22 Oct 2027: enter the next ones"),
        (date(2027, 10, 22), "the term dates end on 22 Oct 2027: enter the next ones"),
        (date(2027, 10, 23), "the term dates ended on 22 Oct 2027: enter the next ones"),
    ],
)
def test_terms_that_run_out_are_said_six_weeks_before(aet: Stage, today: date, said: str) -> None:
    found = list(calendar_findings(aet.published.school, today))
    assert len(found) == bool(said)
    assert all(line.startswith(said) for line in found)


def test_a_calendar_without_terms_is_said(aet: Stage) -> None:
    school = aet.published.school.model_copy(update={"calendar": Calendar()})
    (found,) = calendar_findings(school, date(2026, 11, 9))
    assert found.startswith("enter the term dates")


def test_messages_not_delivered_are_counted() -> None:
    assert list(undelivered_findings(0)) == []
    assert next(iter(undelivered_findings(1))).startswith("1 message to people who are asked could not")
    assert next(iter(undelivered_findings(3))).startswith("3 messages")
