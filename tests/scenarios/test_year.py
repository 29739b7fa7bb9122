"""A year of clocks, without sleeping: reminders that back off, escalation by night, half-term and summer.

The school's own dates (aet): half-term 13 to 21 February 2027, summer from 22 July.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.store.tables import events
from bot.cards import Details
from bot.people import Absence
from bot.workflows.request import Request
from tests.scenarios.test_unblock_request import FILLED, send
from tests.school import Player, Stage, text_of

SEEN = {"url": "https://example.org/horrid", "nature": "Violent pictures.", "who": "pupil"}


def at(stage: Stage, *parts: int) -> None:
    """Set the clock (UTC) and let the worker do what is due."""
    stage.clock.time = datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]
    stage.deliver()


def only(stage: Stage) -> Request:
    (request,) = stage.clerk.store.open_in("aet")
    return request


def sent_to(player: Player, kind: str) -> list[date]:
    """The days on which messages of this kind reached somebody, oldest first."""
    sent = player.stage.clerk.store.deliveries_to(player.id, 200)
    return [delivery.sent_at.date() for delivery in reversed(sent) if delivery.kind == kind]


def days(stage: Stage, first: date, last: date) -> Iterator[date]:
    """Walk through the days, the worker looking every six hours."""
    moment = datetime(first.year, first.month, first.day, tzinfo=UTC)
    while moment.date() <= last:
        stage.clock.time = moment
        stage.deliver()
        yield moment.date()
        moment += timedelta(hours=6)


def report(player: Player) -> None:
    form = player.sends(player.calls("report-content"), danger="no", image="no")
    asked = player.sends(form, **SEEN)
    player.sends(asked, **SEEN, about_receiver="no")


def test_reminders_of_a_decision_back_off_and_pause_for_half_term(aet: Stage) -> None:
    at(aet, 2027, 2, 9, 9)  # Tuesday before half-term
    send(aet)
    for _ in days(aet, date(2027, 2, 9), date(2027, 3, 26)):
        pass
    # Two school days, four more, eight more; half-term and weekends are none.
    assert sent_to(aet["ict-technician"], "reminded") == [
        date(2027, 2, 11),
        date(2027, 2, 24),
        date(2027, 3, 8),
    ]
    assert sent_to(aet["online-safety-lead"], "asked") == [], "a decision waits for its own people"


def test_over_the_summer_a_decision_rests_and_goes_on_in_september(aet: Stage) -> None:
    at(aet, 2027, 7, 20, 10)
    send(aet)
    for _ in days(aet, date(2027, 7, 20), date(2027, 9, 10)):
        pass
    # Wednesday is the last day of term; the second school day after it is the first of the next year.
    assert sent_to(aet["ict-technician"], "reminded") == [date(2027, 9, 2), date(2027, 9, 8)]
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")
    at(aet, 2027, 9, 13, 9)
    aet["headteacher"].acts("Approve", reason="Fine.")
    aet["ict-technician"].acts("Mark done")
    aet.deliver()
    assert "finished" in aet["class-teacher"].feed()[0].title


def test_a_concern_runs_by_night_in_half_term_from_one_to_the_next(aet: Stage) -> None:
    at(aet, 2027, 2, 17, 23)  # eleven at night, half-term
    report(aet["class-teacher"])
    aet.deliver()
    dsl, deputy, head = aet["dsl"], aet["deputy-dsl"], aet["deputy-headteacher"]
    assert "Open details" in text_of(dsl.feed())
    assert deputy.feed() == ()
    at(aet, 2027, 2, 17, 23, 29)
    assert deputy.feed() == ()
    at(aet, 2027, 2, 17, 23, 30)
    assert "Open details" in text_of(deputy.feed())
    assert head.feed() == ()
    at(aet, 2027, 2, 18, 0, 0)
    assert "Open details" in text_of(head.feed())
    assert isinstance(deputy.presses("Open details"), Details)
    aet["ict-technician"].presses("Open details")
    assert only(aet).due_at is None, "somebody has opened it: nobody further is woken"


def test_a_dsl_who_goes_away_after_opening_hands_over_within_seconds(aet: Stage) -> None:
    report(aet["class-teacher"])
    aet.deliver()
    dsl, deputy = aet["dsl"], aet["deputy-dsl"]
    dsl.presses("Open details")
    aet.clock.pass_by(timedelta(hours=5))
    aet.away("dsl")
    aet.clock.pass_by(timedelta(seconds=10))
    aet.deliver()
    assert "Open details" in text_of(deputy.feed())
    aet.clock.pass_by(timedelta(minutes=31))
    aet.deliver()
    assert aet["deputy-headteacher"].feed(), "the deputy did not open it either"


@pytest.mark.parametrize("how", ["away", "left", "role"])
def test_a_change_of_staff_tells_whoever_is_asked_now(aet: Stage, how: str) -> None:
    send(aet)
    directory, technician = aet.clerk.directory, aet["ict-technician"]
    today = aet.clock.now().date()
    match how:
        case "away":
            directory.set_absence(Absence(person=technician.id, first=today, last=today))
        case "left":
            person = directory.staff("aet").person(technician.id)
            assert person is not None
            directory.add_person(person.model_copy(update={"ends": today - timedelta(days=1)}))
        case "role":
            directory.set_role("aet", "ict-technician", [aet["online-safety-lead"].id])
    assert aet["online-safety-lead"].feed() == ()
    aet.clock.pass_by(timedelta(seconds=10))
    aet.deliver()
    aet["online-safety-lead"].acts("Pass to headteacher", blocked="yes")


def test_an_absence_that_begins_tomorrow_is_noticed_at_midnight(aet: Stage) -> None:
    send(aet)
    tomorrow = aet.clock.now().date() + timedelta(days=1)
    absence = Absence(person=aet["ict-technician"].id, first=tomorrow, last=tomorrow)
    aet.clerk.directory.set_absence(absence)
    at(aet, 2026, 11, 9, 23, 50)
    assert aet["online-safety-lead"].feed() == ()
    at(aet, 2026, 11, 10, 0, 1)
    assert aet["online-safety-lead"].feed()


def test_a_worker_that_looks_again_and_again_tells_nobody_twice(aet: Stage) -> None:
    send(aet)
    for _ in range(50):
        aet.clock.pass_by(timedelta(minutes=20))
        aet.deliver()
    assert len(sent_to(aet["ict-technician"], "asked")) == 1
    with aet.clerk.database.read() as connection:
        assert len(connection.execute(events.select().where(events.c.request.is_not(None))).all()) == 1
    assert FILLED["reasons"] in text_of(aet["ict-technician"].feed())


def test_the_policys_owner_sees_that_its_review_is_due(aet: Stage) -> None:
    home = aet["headteacher"].opens_home()
    assert "The review of Policy for Social Media was due on 1 Sep 2024." in text_of(home)
    assert "was due" not in text_of(aet["class-teacher"].opens_home())
    at(aet, 2024, 7, 2, 9)
    assert "Policy review" not in text_of(aet["headteacher"].opens_home())
    at(aet, 2024, 7, 4, 9)
    assert "is due on 1 Sep 2024" in text_of(aet["headteacher"].opens_home())


def receipt(player: Player) -> str:
    """What is said to them once their report is sent."""
    form = player.sends(player.calls("report-content"), danger="no", image="no")
    asked = player.sends(form, **SEEN)
    return text_of(player.sends(asked, **SEEN, about_receiver="no"))


def test_out_of_hours_the_receipt_says_when_it_is_likely_to_be_seen_and_whom_to_ring(aet: Stage) -> None:
    at(aet, 2027, 2, 12, 16, 30)  # Friday, after the last lesson before half-term
    said = receipt(aet["class-teacher"])
    assert "School is closed now." in said
    assert "it may not be seen before Monday, 22 Feb 2027, 08:30" in said
    contacts = aet.published.school.contacts
    for contact in (contacts.dsl, *contacts.deputies, contacts.out_of_hours):
        assert contact.phone.replace(" ", "-") in said
    at(aet, 2027, 2, 23, 10)
    assert "School is closed now." not in receipt(aet["class-teacher"])


def test_about_the_head_the_receipt_names_the_chair_and_no_deputy_of_the_head(aet: Stage) -> None:
    at(aet, 2027, 2, 23, 21)
    teacher, contacts = aet["class-teacher"], aet.published.school.contacts
    values = {"who": "headteacher", "kinds": "language", "reach": "After school"}
    form = teacher.sends(teacher.calls("report-concern"), danger="no", image="no")
    reply = teacher.sends(form, **values)
    said = text_of(teacher.sends(reply, **values, about_receiver="no"))
    assert "it may not be seen before Wednesday, 24 Feb 2027, 08:30" in said
    assert contacts.chair.phone.replace(" ", "-") in said
    assert contacts.headteacher.phone.replace(" ", "-") not in said
