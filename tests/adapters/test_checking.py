"""A role with nobody keeps a school from going live, with what would have nobody."""

from adapters.checking import empty_role_findings
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
