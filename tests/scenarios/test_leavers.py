"""Somebody leaves: what they sent and what waits for them is listed, and given to somebody else."""

from datetime import timedelta

from bot.cards import Button, Message, Results
from tests.finished import closed_concern
from tests.scenarios.test_unblock_request import send
from tests.scenarios.test_year import report
from tests.school import Player, Stage, text_of


def leaves(aet: Stage, user: str, in_days: int) -> None:
    directory = aet.clerk.directory
    person = directory.staff("aet").person(aet[user].id)
    assert person is not None
    ends = aet.clock.now().date() + timedelta(days=in_days)
    directory.add_person(person.model_copy(update={"ends": ends}))


def items(aet: Stage) -> Results:
    reply = aet["office-manager"].calls("open-items")
    assert isinstance(reply, Results)
    return reply


def test_what_waits_for_a_leaver_is_listed_and_reassigned(aet: Stage) -> None:
    send(aet)
    assert isinstance(aet["office-manager"].calls("open-items"), Message)
    leaves(aet, "ict-technician", 10)
    aet.clock.pass_by(timedelta(days=3))
    (card,) = items(aet).cards
    assert "Check by ICT" in text_of(card)
    assert "waiting since Monday, with somebody who leaves" in text_of(card)
    assert "3 days ago" in text_of(card)
    assert "instagram" not in text_of(card)
    aet["office-manager"].sends(
        aet["office-manager"].presses(card.buttons[0]), to=aet["online-safety-lead"].id, reason="Leaving."
    )
    aet.deliver()
    aet["online-safety-lead"].acts("Pass to headteacher", blocked="yes")
    assert isinstance(aet["office-manager"].calls("open-items"), Message)


def test_what_a_leaver_sent_is_listed(aet: Stage) -> None:
    send(aet)
    leaves(aet, "class-teacher", -1)
    (card,) = items(aet).cards
    assert "Class teacher" in text_of(card)


def test_of_a_request_about_people_only_reference_kind_and_urgency(aet: Stage) -> None:
    report(aet["class-teacher"])
    aet.deliver()
    leaves(aet, "dsl", 5)
    leaves(aet, "class-teacher", 5)
    (card,) = items(aet).cards
    assert "Urgency\nNormal" in text_of(card)
    for secret in ("example.org", "Violent", "follow-up", "teacher", "safeguarding"):
        assert secret not in text_of(card)


def test_only_the_administrator_sees_the_list_and_not_their_own(aet: Stage) -> None:
    assert "Only the clerk's administrator" in text_of(aet["headteacher"].calls("open-items"))
    send(aet, "office-manager")
    leaves(aet, "ict-technician", 3)
    assert isinstance(aet["office-manager"].calls("open-items"), Message)


def test_what_was_done_in_a_role_can_be_opened_by_whoever_holds_it_next(aet: Stage) -> None:
    """Once nobody is left who did it, and not before; and by nobody else."""
    request = closed_concern(aet)
    directory, heir = aet.clerk.directory, aet["marketing-officer"]

    def found(by: Player = heir) -> str:
        return text_of(by.asks(f"/my-requests {request.reference}"))

    directory.set_role("aet", "dsl", [aet["dsl"].id, heir.id])
    assert "No request of yours" in found()
    leaves(aet, "dsl", -1)
    assert request.reference in found()
    opened = text_of(heir.presses(Button(action="open", label="Open details", target=request.id)))
    assert "Dealt with under the behaviour policy." in opened
    for other in ("chair", "office-manager"):
        assert "No request of yours" in found(aet[other])
