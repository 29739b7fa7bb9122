"""Who somebody in Teams is: guests, other tenants, people on no list, and whom Teams does not tell of."""

import pytest

from bot.people import Person
from tests.adapters.seen import teams_actions
from tests.adapters.teams.fake_teams import OTHER_TENANT, TENANT, User
from tests.adapters.teams.staff import InTeams, Staffer, words


@pytest.mark.parametrize("field", ["tenant", "role"])
async def test_guests_and_other_tenants_see_signposts_alone(teams: InTeams, field: str) -> None:
    visitor = User("u-visitor", "Visitor", "class-teacher@aet.example")
    setattr(visitor, field, OTHER_TENANT if field == "tenant" else "guest")
    teams.fake.users[visitor.aad] = visitor
    (posted,) = await Staffer(teams, visitor).says("Can I accept a friend request from a pupil?")
    assert "Worried about a child?" in words(posted)
    assert "Not allowed" not in words(posted)
    assert teams.stage.published.school.name not in words(posted)


async def test_somebody_on_no_list_reads_policy_and_nothing_else(teams: InTeams) -> None:
    stranger = User("u-stranger", "Stranger", "stranger@aet.example")
    teams.fake.users[stranger.aad] = stranger
    (posted,) = await Staffer(teams, stranger).says("Can I accept a friend request from a pupil?")
    assert "Not allowed" in words(posted)
    assert teams_actions(posted.card) == []


async def test_who_belongs_is_asked_of_teams_once(teams: InTeams) -> None:
    for _ in range(3):
        await teams["class-teacher"].says("hello")
    assert teams.fake.member_fetches == 1


async def test_when_teams_does_not_say_who_belongs_the_listed_are_let_in(teams: InTeams) -> None:
    await teams["class-teacher"].greets()
    known = teams["class-teacher"]
    teams.fake.users.pop("u-headteacher")
    (posted,) = await teams["headteacher"].says("hello")
    assert "Policy Clerk for" not in words(posted)
    assert "Policy Clerk for" in words(known.newest())


async def test_a_tenant_is_connected_by_the_schools_administrator_and_nobody_else(teams: InTeams) -> None:
    places = teams.stage.clerk.places
    places.disconnect("teams", TENANT, "aet")
    admin, teacher = teams["office-manager"], teams["class-teacher"]
    liar = Staffer(
        teams, User("u-liar", "Liar", "office-manager@aet.example", signs_in_as="liar@evil.example")
    )
    teams.fake.users[liar.user.aad] = liar.user
    for somebody in (teacher, liar):
        (seen,) = await somebody.says("setup")
        assert ("999" in words(seen), "Aspire" in words(seen)) == (True, False)
    (offer,) = await admin.says("hello")
    assert "Connect Aspire Educational Trust?" in words(offer)
    assert "999" in words(offer)
    for somebody in (teacher, liar):
        await somebody.presses(offer.card, "Connect", message=offer.id)
    assert places.connections("aet") == ()
    await admin.presses(offer.card, "Connect", message=offer.id)
    assert [one.tenant for one in places.connections("aet")] == [TENANT]
    assert "Aspire Educational Trust is connected" in words(admin.newest())
    (help_card,) = await teams["headteacher"].says("help")
    assert "Policy Clerk for Aspire Educational Trust" in words(help_card)


async def test_who_was_on_no_list_is_looked_up_again_soon(
    teams: InTeams, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomer = Staffer(teams, User("u-new", "Newcomer", "newcomer@aet.example"))
    teams.fake.users[newcomer.user.aad] = newcomer.user
    monkeypatch.setattr("adapters.teams.rooms.STRANGER_SECONDS", 0.0)
    await newcomer.says("unblock-request")
    person = Person(id="aet.newcomer", school="aet", name="Newcomer", email="newcomer@aet.example")
    teams.stage.clerk.directory.add_person(person)
    (form,) = await newcomer.says("unblock-request")
    assert "Reasons for access" in words(form)
