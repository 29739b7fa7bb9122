"""Somebody who is asked cannot be told: the next people are, and the sender knows."""

from collections.abc import Iterable
from datetime import timedelta

from adapters.outbox import Worker
from bot.cards import Card
from bot.ports import Delivery, Place, SendFailed
from bot.workflows.request import Notice, Request
from tests.scenarios.test_unblock_request import FILLED
from tests.school import Stage


class Refusing:
    """A platform on which some people cannot be reached."""

    def __init__(self, people: Iterable[str]) -> None:
        self._people = {f"aet.{user}" for user in people}
        self.told: list[str] = []

    def send(self, notice: Notice, request: Request | None, card: Card, to: Place) -> str:
        if notice.person in self._people:
            raise SendFailed("403", permanent=True)
        self.told.append(f"{notice.kind} {notice.person.removeprefix('aet.')}")
        return f"web:{notice.person}"

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """Every page draws its own."""


def deliver(stage: Stage, *unreachable: str) -> list[str]:
    """Work everything off on a platform that does not reach these people. Who was told."""
    sender = Refusing(unreachable)
    clerk = stage.clerk
    worker = Worker(clerk.services, clerk.outbox, clerk.directory, {"web": sender})
    while worker.work():
        pass
    return sender.told


def send(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(teacher.calls("unblock-request"), **FILLED)


def test_the_deputy_is_asked_at_once_and_the_sender_reads_why(aet: Stage) -> None:
    send(aet)
    told = deliver(aet, "ict-technician")
    assert "asked online-safety-lead" in told
    assert "asked ict-technician" not in told
    assert "ICT technician\ncould not be reached in chat" in aet["class-teacher"].sees()
    aet["online-safety-lead"].acts("Pass to headteacher", blocked="yes")
    assert "asked headteacher" in deliver(aet)


def test_while_somebody_is_reached_nobody_further_is_asked(aet: Stage) -> None:
    clerk = aet.clerk
    clerk.directory.set_role("aet", "ict-technician", [aet["ict-technician"].id, aet["office-manager"].id])
    send(aet)
    told = deliver(aet, "ict-technician")
    assert [one for one in told if one.startswith("asked")] == ["asked office-manager"]
    assert "could not be reached" in aet["class-teacher"].sees()
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")


def test_where_nobody_is_left_it_ends(aet: Stage) -> None:
    everybody = [user for user in aet.players if user != "class-teacher"]
    send(aet)
    told = deliver(aet, *everybody)
    assert [one for one in told if one.startswith("asked")] == []
    assert aet["class-teacher"].sees().count("could not be reached in chat") > 1
    aet.clock.pass_by(timedelta(minutes=1))
    assert deliver(aet, *everybody) == []
    assert "AET-" in str(aet["office-manager"].calls("stuck-requests")), "the administrator finds it"


def test_nobody_a_concern_is_about_is_asked_because_others_cannot_be_reached(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    form = teacher.sends(teacher.calls("report-concern"), danger="no", image="no")
    filled = {"who": "staff", "staff_member": aet["deputy-headteacher"].id, "kinds": ("other",)}
    asked = teacher.sends(form, **filled)
    assert "AET-" in str(teacher.sends(asked, **filled, about_receiver="no"))
    told = deliver(aet, "headteacher")
    assert not [one for one in told if "deputy-headteacher" in one]
    assert [one for one in told if one.startswith("asked")]
