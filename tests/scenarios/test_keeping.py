"""What is kept, and for how long: the worker's daily look, legal holds, erasing by hand."""

from datetime import timedelta

import pytest

from adapters import disposing
from adapters.retaining import LOOK, LOOKS
from bot.cards import Button, Details
from bot.retention import Retention
from bot.workflows.change import Refused
from bot.workflows.request import Request
from tests.finished import UNBLOCK, closed_concern, concern, give_address, looked_daily, newest, unblocked
from tests.school import Player, Stage, text_of

YEAR = timedelta(days=366)


def kept(aet: Stage, request: Request) -> bool:
    return aet.clerk.store.load(request.id) is not None


def let_pass(aet: Stage, years: float) -> None:
    """So long, and the days after which what was over by then is erased."""
    aet.clock.pass_by(years * YEAR)
    looked_daily(aet)


def set_retention(aet: Stage, **periods: dict[str, int | str]) -> None:
    school = aet.published.school.model_copy(update={"retention": Retention.model_validate(periods)})
    edition = aet.published.model_copy(update={"school": school, "version": repr(periods)})
    aet.clerk.library.publish(edition, aet.clock.now())


def test_the_worker_erases_what_is_over_and_says_so_in_the_chain(aet: Stage) -> None:
    request = unblocked(aet)
    let_pass(aet, 1.9)
    assert kept(aet, request)
    let_pass(aet, 0.2)
    assert not kept(aet, request)
    (deed,) = [d for d in aet.clerk.store.deeds("aet") if d.action == "request_erased"]
    assert (deed.reference, deed.reason) == (request.reference, "The school's period for it was over.")
    (entry,) = aet.clerk.store.entries("aet", "filtering-decisions")
    assert "reasons" in entry.cells, "what was decided stays, for whoever inspects filtering"
    assert "asked_by" not in entry.cells
    assert aet.clerk.store.verify("aet") == []


def test_a_clock_that_jumps_ahead_and_is_put_right_erases_nothing(
    aet: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    request = unblocked(aet)
    looked_daily(aet)
    aet.clock.pass_by(3 * YEAR)
    for _ in range(LOOKS):
        aet.deliver()
        aet.clock.pass_by(LOOK)
    assert "the clock of this computer has gone ahead" in caplog.text
    aet.clock.pass_by(-3 * YEAR)
    looked_daily(aet)
    assert kept(aet, request)
    aet.clock.pass_by(3 * YEAR)
    looked_daily(aet)
    assert not kept(aet, request), "it was no mistake: the time has really passed"


def test_what_is_still_in_force_is_kept_until_it_ends(aet: Stage) -> None:
    request = unblocked(aet, until="")
    let_pass(aet, 3)
    assert kept(aet, request), "the site is still open, and the register says who opened it"


def test_the_schools_own_period_holds(aet: Stage) -> None:
    request = unblocked(aet)
    set_retention(aet, requests={"unblock-request": "keep"})
    let_pass(aet, 9)
    assert kept(aet, request)
    set_retention(aet, requests={"unblock-request": 60})
    let_pass(aet, 0.01)
    assert not kept(aet, request)


def test_an_open_request_is_never_erased(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    request = newest(aet, teacher)
    let_pass(aet, 9)
    assert kept(aet, request)
    with pytest.raises(Refused, match="is not finished"):
        disposing.erasure(aet.clerk, request, "Asked for.", "")


def test_a_held_request_is_erased_by_nobody_until_the_hold_is_lifted(aet: Stage) -> None:
    reference = unblocked(aet).reference
    held = disposing.put_on_hold(aet.clerk, reference.lower(), "A claim is expected.")
    with pytest.raises(Refused, match="on legal hold already"):
        disposing.put_on_hold(aet.clerk, reference, "Again.")
    let_pass(aet, 5)
    assert kept(aet, held)
    with pytest.raises(Refused, match=f"policyclerk hold lift {reference}"):
        disposing.erasure(aet.clerk, held, "Asked for.", "")
    (line,) = disposing.held(aet.clerk)
    assert reference in line
    assert "claim" not in line
    disposing.lift_hold(aet.clerk, reference, "Settled.")
    assert list(disposing.held(aet.clerk)) == []
    let_pass(aet, 0.01)
    assert not kept(aet, held)
    assert aet.clerk.store.verify("aet") == []


def details(player: Player, request: Request) -> str:
    reply = player.presses(Button(action="open", label="Open details", target=request.id))
    assert isinstance(reply, Details)
    return text_of(reply)


def test_the_details_say_that_it_is_held_and_its_sender_is_not_told_why(aet: Stage) -> None:
    request = concern(aet)
    disposing.put_on_hold(aet.clerk, request.reference, "The police have asked.")
    assert "On legal hold since 9 Nov 2026" in details(aet["dsl"], request)
    assert "The police have asked." in details(aet["dsl"], request)
    for user in ("class-teacher", "ict-technician"):
        assert "On legal hold" in details(aet[user], request)
        assert "The police have asked." not in details(aet[user], request)
    assert "police" not in "".join(player.sees() for player in aet.players.values())


def test_what_stays_is_said_before_anything_is_erased(aet: Stage) -> None:
    request = unblocked(aet)
    said = "\n".join(disposing.what_stays(aet.clerk, request))
    assert "in the register “Filtering decisions”: Web address, Why, Risks and controls, Decision" in said
    assert "Asked by" not in said
    deed = disposing.erasure(aet.clerk, request, "The person asked us to.", "")
    disposing.erase(aet.clerk, request, deed)
    assert not kept(aet, request)
    with pytest.raises(Refused, match="or it was erased"):
        disposing.the_request(aet.clerk, request.reference)


def test_erasing_needs_a_reason(aet: Stage) -> None:
    with pytest.raises(Refused, match="Say why"):
        disposing.erasure(aet.clerk, unblocked(aet), "  ", "")


def test_a_concern_is_kept_until_a_person_decides(aet: Stage) -> None:
    request = closed_concern(aet)
    set_retention(aet, requests={"report-content": 1})
    let_pass(aet, 40)
    assert kept(aet, request)
    set_retention(aet, about_people={"report-content": 480})
    let_pass(aet, 0.01)
    assert not kept(aet, request), "the school has said how long"
    assert aet.clerk.store.verify("aet") == []


def test_a_concern_is_erased_only_when_somebody_responsible_agrees(aet: Stage) -> None:
    request = closed_concern(aet)
    with pytest.raises(Refused, match="--agreed-by"):
        disposing.erasure(aet.clerk, request, "The family asked.", "")
    with pytest.raises(Refused, match="Nobody on the staff list"):
        disposing.erasure(aet.clerk, request, "The family asked.", "who@school.example")
    for user in ("office-manager", "class-teacher"):
        with pytest.raises(Refused, match="cannot agree"):
            disposing.erasure(aet.clerk, request, "The family asked.", give_address(aet, user))
    deed = disposing.erasure(aet.clerk, request, "The family asked.", give_address(aet, "dsl"))
    disposing.erase(aet.clerk, request, deed)
    (kept_deed,) = aet.clerk.store.deeds("aet")[-1:]
    assert kept_deed.person == aet["dsl"].id
    assert aet.clerk.store.verify("aet") == []


def test_nobody_a_concern_is_about_agrees_to_erase_it(aet: Stage) -> None:
    request = closed_concern(aet).model_copy(update={"subjects": (aet["dsl"].id,)})
    with pytest.raises(Refused, match="cannot agree"):
        disposing.erasure(aet.clerk, request, "No longer needed.", give_address(aet, "dsl"))
