"""Whatever goes wrong with one message, one request or the clock, the worker does the rest of its work."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from adapters.outbox import Worker
from adapters.store.listing import LOST_AFTER
from adapters.store.tables import outbox
from bot.cards import Card, Results
from bot.ports import Delivery, Place
from bot.workflows.request import Notice, Request
from tests.scenarios.test_unblock_request import FILLED
from tests.school import Stage, text_of

YEAR = timedelta(days=365)


class Breaking:
    """A platform of which some part breaks for one person, in a way that nobody has thought of."""

    def __init__(self, person: str) -> None:
        self.person = person
        self.told: list[str] = []

    def send(self, notice: Notice, request: Request | None, card: Card, to: Place) -> str:
        if notice.person == self.person:
            raise RuntimeError("what was being drawn, of which nothing may be written down")
        self.told.append(f"{notice.kind} {notice.person}")
        return f"web:{notice.person}"

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """Every page draws its own."""


def working(aet: Stage, sender: Breaking) -> Callable[[], None]:
    """A worker that reaches people by this sender: works until nothing is due."""
    clerk = aet.clerk
    worker = Worker(clerk.services, clerk.outbox, clerk.directory, {"web": sender})

    def works() -> None:
        while worker.work():
            pass

    return works


def send(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(teacher.calls("unblock-request"), **FILLED)


def test_a_poisoned_message_is_set_aside_and_the_next_holder_asked(
    aet: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    sender = Breaking(aet["ict-technician"].id)
    works = working(aet, sender)
    send(aet)
    works()
    assert f"progress {aet['class-teacher'].id}" in sender.told
    for _ in range(LOST_AFTER):
        aet.clock.pass_by(timedelta(minutes=10))
        works()
    assert f"asked {aet['online-safety-lead'].id}" in sender.told
    (row,) = aet.clerk.outbox.set_aside_rows()
    assert row.notice.person == sender.person
    shown = text_of(aet["office-manager"].calls("stuck-requests"))
    assert "1 message was given up" in shown
    assert "RuntimeError" in caplog.text
    assert "being drawn" not in caplog.text
    assert aet.clerk.outbox.revive(row.id)
    sender.person = ""
    works()
    assert f"asked {aet['ict-technician'].id}" in sender.told


def test_where_nobody_is_left_the_administrator_sees_it_in_chat(aet: Stage) -> None:
    clerk = aet.clerk
    sender = Breaking(aet["ict-technician"].id)
    clerk.directory.set_role("aet", "online-safety-lead", [])
    works = working(aet, sender)
    send(aet)
    for _ in range(LOST_AFTER + 1):
        works()
        aet.clock.pass_by(timedelta(minutes=10))
    listed = aet["office-manager"].calls("stuck-requests")
    assert isinstance(listed, Results)
    assert "a message about it could not be delivered" in text_of(listed)


def test_a_message_that_no_worker_survives_is_set_aside(aet: Stage) -> None:
    """Whoever claims it is killed by it: it is claimed again and again, and nothing is ever said of it."""
    send(aet)
    clerk = aet.clerk
    with clerk.database.write() as connection:
        theirs = update(outbox).where(outbox.c.kind == "asked")
        connection.execute(theirs.values(attempts=LOST_AFTER))
    aet.deliver()
    assert [row.last_error for row in clerk.outbox.set_aside_rows()] == [
        "SendFailed permanent no_worker_survived_it"
    ]


def test_a_clock_that_jumps_ahead_and_back_reminds_once_and_goes_on(aet: Stage) -> None:
    sender = Breaking("")
    works = working(aet, sender)
    send(aet)
    works()
    asked = f"reminded {aet['ict-technician'].id}"
    aet.clock.pass_by(YEAR)
    works()
    assert sender.told.count(asked) == 1
    aet.clock.pass_by(-YEAR - timedelta(hours=1))
    sender.told.clear()
    send(aet)
    works()
    assert asked not in sender.told
    assert f"asked {aet['ict-technician'].id}" in sender.told


def test_what_was_put_off_before_the_clock_went_back_is_not_put_off_for_longer(aet: Stage) -> None:
    aet.clock.pass_by(YEAR)
    send(aet)
    assert aet.clerk.outbox.claim("a worker that is killed", aet.clock.now(), 60, 20)
    aet.clock.pass_by(-YEAR)
    sender = Breaking("")
    working(aet, sender)()
    assert f"asked {aet['ict-technician'].id}" in sender.told


def test_a_change_of_staff_is_followed_after_the_clock_went_back(aet: Stage) -> None:
    sender = Breaking("")
    works = working(aet, sender)
    send(aet)
    works()
    aet.clock.pass_by(-YEAR)
    aet.clerk.directory.set_role("aet", "ict-technician", [aet["office-manager"].id])
    works()
    assert f"asked {aet['office-manager'].id}" in sender.told
