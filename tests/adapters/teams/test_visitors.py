"""Who somebody in Teams is: guests, other tenants, people on no list, and whom Teams does not tell of."""

import pytest

from tests.adapters.seen import teams_actions
from tests.adapters.teams.fake_teams import OTHER_TENANT, User
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
