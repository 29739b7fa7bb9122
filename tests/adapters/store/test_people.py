"""People: who is who, who holds what, who is away."""

from datetime import UTC, date, datetime

import pytest

from adapters.store.engine import Database
from adapters.store.people import SqlDirectory
from adapters.store.places import Channel, Places
from bot.events import Identity
from bot.people import Absence
from bot.ports import Place
from tests.adapters.store.samples import StoppedClock, person

TODAY = date(2026, 11, 20)
SLACK = Identity(platform="slack", tenant="T1", user="U1")
TEAMS = Identity(platform="teams", tenant="T1", user="U1")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def directory(database: Database, clock: StoppedClock) -> SqlDirectory:
    places = Places(database)
    for school in ("hill", "dale"):
        places.adopt(school, clock.now())
        for platform in ("slack", "teams"):
            places.connect(platform, "T1", school)
    return SqlDirectory(database, clock)


def test_a_person_comes_back_as_they_were_entered(directory: SqlDirectory) -> None:
    mary = person("mary", email="Mary@Hill.example", line_manager="head", starts=TODAY, ends=TODAY)
    directory.add_person(mary)
    assert directory.staff("hill").people == (mary,)
    assert directory.staff("hill").today == TODAY


def test_entering_a_person_again_brings_them_up_to_date(directory: SqlDirectory) -> None:
    directory.add_person(person("mary"))
    directory.link(SLACK, "mary")
    directory.set_role("hill", "teacher", ["mary"])
    directory.add_person(person("mary", email="m@hill.example", ends=TODAY))
    assert directory.staff("hill").people == (person("mary", email="m@hill.example", ends=TODAY),)
    assert directory.staff("hill").roles_of("mary") == ("teacher",)
    assert len(directory.who(SLACK)) == 1


def test_nobody_moves_between_schools(directory: SqlDirectory) -> None:
    directory.add_person(person("mary"))
    with pytest.raises(ValueError, match="list of hill"):
        directory.add_person(person("mary", "dale"))


def test_staff_are_a_schools_own_and_in_order_of_name(directory: SqlDirectory) -> None:
    for name in ("zoe", "adam", "Émile"):
        directory.add_person(person(name))
    directory.add_person(person("bob", "dale"))
    directory.set_role("dale", "teacher", ["bob"])
    directory.set_absence(Absence(person="bob", first=TODAY, last=TODAY))
    staff = directory.staff("hill")
    assert [p.name for p in staff.people] == ["Adam", "Zoe", "Émile"]
    assert (staff.holdings, staff.absences) == ((), ())


def test_setting_a_role_replaces_its_holders(directory: SqlDirectory) -> None:
    for name in ("mary", "sam", "zoe"):
        directory.add_person(person(name))
    directory.set_role("hill", "dsl", ["sam", "mary", "sam"])
    directory.set_role("hill", "chair", ["zoe"])
    directory.set_role("hill", "dsl", ["mary"])
    assert directory.staff("hill").holdings == (("chair", "zoe"), ("dsl", "mary"))
    directory.set_role("hill", "dsl", [])
    assert directory.staff("hill").holdings == (("chair", "zoe"),)


def test_a_role_cannot_go_to_someone_the_school_does_not_list(directory: SqlDirectory) -> None:
    directory.add_person(person("mary"))
    directory.add_person(person("bob", "dale"))
    directory.set_role("hill", "dsl", ["mary"])
    with pytest.raises(ValueError, match="not on the list of hill: bob, nobody"):
        directory.set_role("hill", "dsl", ["mary", "bob", "nobody"])
    assert directory.staff("hill").holdings == (("dsl", "mary"),)


def test_an_identity_is_one_person_at_each_school(directory: SqlDirectory) -> None:
    for name, school in (("mary", "hill"), ("mary2", "dale"), ("sam", "hill")):
        directory.add_person(person(name, school))
    directory.link(SLACK, "mary")
    directory.link(SLACK, "mary2")
    assert [p.id for p in directory.who(SLACK)] == ["mary2", "mary"]
    directory.link(SLACK, "sam")
    assert [p.id for p in directory.who(SLACK)] == ["mary2", "sam"]


@pytest.mark.parametrize(
    "stranger",
    [TEAMS, SLACK.model_copy(update={"tenant": "T2"}), SLACK.model_copy(update={"user": "U2"})],
    ids=["another platform", "another workspace", "another user"],
)
def test_someone_on_no_list_is_nobody(directory: SqlDirectory, stranger: Identity) -> None:
    directory.add_person(person("mary"))
    directory.link(SLACK, "mary")
    assert directory.who(stranger) == ()


def test_an_identity_can_be_taken_away_and_cannot_go_to_nobody(directory: SqlDirectory) -> None:
    directory.add_person(person("mary"))
    directory.link(SLACK, "mary")
    directory.link(TEAMS, "mary")
    assert directory.identities_of("mary") == (SLACK, TEAMS)
    directory.unlink(SLACK)
    assert directory.identities_of("mary") == (TEAMS,)
    assert directory.who(SLACK) == ()
    with pytest.raises(KeyError):
        directory.link(SLACK, "nobody")


def test_a_person_is_found_by_e_mail_in_any_case_and_never_by_none(directory: SqlDirectory) -> None:
    directory.add_person(person("mary", email="Mary.Ann@Hill.example"))
    directory.add_person(person("sam"))
    assert [p.id for p in directory.with_email(" mary.ann@hill.EXAMPLE ")] == ["mary"]
    assert directory.with_email("mary@hill.example") == directory.with_email("  ") == ()


def test_someone_who_has_left_or_not_begun_is_nobody(directory: SqlDirectory, clock: StoppedClock) -> None:
    directory.add_person(person("mary", email="m@hill.example", starts=TODAY, ends=TODAY))
    directory.link(SLACK, "mary")
    assert len(directory.who(SLACK)) == len(directory.with_email("m@hill.example")) == 1
    for day in (19, 21):
        clock.time = datetime(2026, 11, day, 12, tzinfo=UTC)
        assert directory.who(SLACK) == directory.with_email("m@hill.example") == ()


def test_today_is_the_schools_day_not_londons_in_winter(directory: SqlDirectory, clock: StoppedClock) -> None:
    clock.time = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert directory.staff("hill").today == date(2026, 7, 1)


def test_absences_are_kept_changed_and_cleared(directory: SqlDirectory) -> None:
    directory.add_person(person("mary"))
    directory.set_absence(Absence(person="mary", first=TODAY, last=TODAY))
    longer = Absence(person="mary", first=TODAY, last=date(2026, 11, 27))
    directory.set_absence(longer)
    assert directory.staff("hill").absences == (longer,)
    directory.clear_absence("mary", TODAY)
    assert directory.staff("hill").absences == ()
    with pytest.raises(ValueError, match="cannot end"):
        directory.set_absence(Absence(person="mary", first=TODAY, last=date(2026, 11, 1)))
    with pytest.raises(KeyError):
        directory.set_absence(Absence(person="nobody", first=TODAY, last=TODAY))


def test_removing_a_person_leaves_nothing_of_them(directory: SqlDirectory) -> None:
    for name in ("mary", "sam"):
        directory.add_person(person(name))
        directory.set_absence(Absence(person=name, first=TODAY, last=TODAY))
    directory.link(SLACK, "mary")
    directory.set_role("hill", "dsl", ["mary", "sam"])
    directory.remove("mary")
    staff = directory.staff("hill")
    assert [p.id for p in staff.people] == ["sam"]
    assert staff.holdings == (("dsl", "sam"),)
    assert [a.person for a in staff.absences] == ["sam"]
    assert directory.who(SLACK) == ()


def test_a_workspace_that_is_not_connected_vouches_for_nobody(
    directory: SqlDirectory, database: Database
) -> None:
    directory.add_person(person("mary", email="mary@hill.example"))
    directory.link(SLACK, "mary")
    elsewhere = SLACK.model_copy(update={"tenant": "T9"})
    assert directory.recognise(elsewhere, "mary@hill.example") == ()
    assert directory.schools_at(elsewhere) == ()
    assert directory.identities_of("mary") == (SLACK,)
    Places(database).disconnect("slack", "T1", "hill")
    assert directory.who(SLACK) == directory.places("mary") == ()


def test_a_verified_address_in_any_case_links_the_person_once_for_all(directory: SqlDirectory) -> None:
    directory.add_person(person("mary", email="Mary.Ann@Hill.example"))
    assert [p.id for p in directory.recognise(SLACK, " mary.ANN@hill.example ")] == ["mary"]
    assert [p.id for p in directory.who(SLACK)] == ["mary"]
    assert directory.recognise(TEAMS, "") == directory.recognise(TEAMS, "mary@hill.example") == ()


def test_one_address_at_two_schools_is_one_person_at_each(directory: SqlDirectory) -> None:
    directory.add_person(person("mary", email="mary@trust.example"))
    directory.add_person(person("mary2", "dale", email="MARY@trust.example"))
    assert [p.school for p in directory.recognise(SLACK, "mary@trust.example")] == ["dale", "hill"]
    assert directory.schools_at(SLACK) == ("dale", "hill")


def test_an_address_that_two_people_of_a_school_have_is_nobodys(directory: SqlDirectory) -> None:
    directory.add_person(person("mary", email="office@hill.example"))
    directory.add_person(person("sam", email="Office@hill.example"))
    directory.add_person(person("zoe", "dale", email="office@hill.example"))
    assert [p.id for p in directory.recognise(SLACK, "office@hill.example")] == ["zoe"]


def test_the_address_of_somebody_who_has_left_opens_nothing(
    directory: SqlDirectory, clock: StoppedClock
) -> None:
    directory.add_person(person("mary", email="m@hill.example", ends=date(2026, 11, 19)))
    assert directory.recognise(SLACK, "m@hill.example") == directory.identities_of("mary") == ()
    directory.add_person(person("mona", email="m@hill.example", starts=date(2026, 11, 21)))
    assert directory.recognise(SLACK, "m@hill.example") == ()
    clock.time = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert [p.id for p in directory.recognise(SLACK, "m@hill.example")] == ["mona"]


def test_an_account_stays_whose_it_is_until_that_person_has_left(
    directory: SqlDirectory, clock: StoppedClock
) -> None:
    directory.add_person(person("mary", email="m@hill.example", ends=TODAY))
    directory.add_person(person("head", email="head@hill.example"))
    directory.link(SLACK, "mary")
    assert [p.id for p in directory.recognise(SLACK, "head@hill.example")] == ["mary"]
    clock.time = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert [p.id for p in directory.recognise(SLACK, "head@hill.example")] == ["head"]
    assert directory.identities_of("mary") == ()


def test_nobody_gets_a_second_account_of_a_workspace_by_an_address(directory: SqlDirectory) -> None:
    directory.add_person(person("head", email="head@hill.example"))
    directory.recognise(SLACK, "head@hill.example")
    other = SLACK.model_copy(update={"user": "U2"})
    assert directory.recognise(other, "head@hill.example") == ()
    directory.link(other, "head")
    assert [p.id for p in directory.who(other)] == ["head"]


def test_the_choice_of_a_school_holds_for_a_day(directory: SqlDirectory, clock: StoppedClock) -> None:
    assert directory.chosen(SLACK) == ""
    directory.choose(SLACK, "hill")
    directory.choose(SLACK, "dale")
    assert (directory.chosen(SLACK), directory.chosen(TEAMS)) == ("dale", "")
    clock.time = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    assert directory.chosen(SLACK) == ""


def test_a_message_goes_to_the_roles_channel_before_it_goes_to_each_alone(
    directory: SqlDirectory, database: Database
) -> None:
    places = Places(database)
    directory.add_person(person("mary"))
    for identity in (SLACK, TEAMS, Identity(platform="web", tenant="hill", user="mary")):
        directory.link(identity, "mary")
    alone = directory.places("mary")
    assert [(p.platform, p.user) for p in alone] == [("slack", "U1"), ("teams", "U1"), ("web", "mary")]
    places.set_channel("hill", Channel(role="ict", platform="slack", tenant="T1", channel="C1"))
    places.set_channel("dale", Channel(role="ict", platform="teams", tenant="T1", channel="C2"))
    first = Place(platform="slack", tenant="T1", channel="C1", school="hill")
    assert directory.places("mary", "ict") == (first, *alone)
    assert directory.places("mary", "head") == alone
    places.set_channel("hill", Channel(role="ict", platform="slack", tenant="T1", channel=""))
    assert directory.places("mary", "ict") == alone
