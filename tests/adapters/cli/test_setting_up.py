"""`setup`, `people import`, `role set`, `school ...`: from a packaged school to one that is served."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from adapters.settings import Settings
from adapters.settingup import served
from adapters.store.audit import Printed
from adapters.wiring import Clerk as Wired
from adapters.wiring import wire
from bot.events import Identity
from tests.adapters.cli.shell import Clerk, saved

HEADER = "school,name,email,roles,line_manager,starts,ends,slack_user,teams_user\n"
TENANT = "0b5b1a5e-1111-2222-3333-444455556666"


@pytest.fixture
def adopted(clerk: Clerk) -> Clerk:
    """A command line on a home in which one school is adopted and on Slack."""
    assert clerk("school", "adopt", "aet").status == 0
    assert clerk("school", "connect", "aet", "--slack-team", "T012AB3CD").status == 0
    return clerk


@pytest.fixture
def wired(home: Path) -> Iterator[Wired]:
    clerk = wire(Settings(home=home, model="off"))
    yield clerk
    clerk.close()


def staff(clerk: Clerk, *rows: str, header: str = HEADER) -> str:
    said = clerk("people", "import", saved("staff.csv", header + "\n".join(rows)), "--yes")
    return said.out + said.err


def roles(wired: Wired, email: str) -> set[str]:
    listed = wired.directory.staff("aet")
    (person,) = (p for p in listed.people if p.email.casefold() == email)
    return set(listed.roles_of(person.id))


class TestAdopting:
    def test_the_packages_folder_becomes_ones_own_and_is_in_force(self, clerk: Clerk, home: Path) -> None:
        assert "is your own" in clerk("school", "adopt", "step").out
        assert (home / "schools" / "step" / "workflows" / "report-concern.yaml").exists()
        own = home / "schools" / "step" / "school.yaml"
        own.write_text(own.read_text().replace("name: ", "name: Our "))
        assert clerk("school", "adopt", "step").status == 0
        assert "name: Our " in own.read_text()
        assert "Our " in clerk("policy", "list").out

    def test_a_school_that_is_not_there_is_not_adopted(self, clerk: Clerk) -> None:
        assert "There is no school “hill”" in clerk("school", "adopt", "hill").err


class TestConnecting:
    def test_only_an_adopted_school_is_connected(self, clerk: Clerk) -> None:
        assert (
            "not in force: policyclerk school adopt aet"
            in clerk("school", "connect", "aet", "--slack-team", "T012AB3CD").err
        )
        clerk("publish", "--school", "aet")
        said = clerk("school", "connect", "aet", "--slack-team", "T012AB3CD")
        assert said.status == 1
        assert "policyclerk school adopt aet" in said.err

    def test_several_workspaces_and_what_is_no_id(self, adopted: Clerk) -> None:
        both = adopted("school", "connect", "aet", "--slack-team", "T2", "--teams-tenant", TENANT.upper())
        assert both.status == 1
        assert "begins with T" in both.err
        both = adopted("school", "connect", "aet", "--slack-team", "T0999", "--teams-tenant", TENANT.upper())
        assert f"Slack workspace T012AB3CD, Slack workspace T0999, Teams tenant {TENANT}" in both.out
        assert "GUID" in adopted("school", "connect", "aet", "--teams-tenant", "hill.example").err
        assert "Say where from" in adopted("school", "connect", "aet").err
        assert "T0999" not in adopted("school", "disconnect", "aet", "--slack-team", "T0999").out
        assert "not connected" in adopted("school", "disconnect", "aet", "--slack-team", "T0999").err


class TestFirstAdministrator:
    def test_is_named_once(self, adopted: Clerk, home: Path) -> None:
        said = adopted("setup", "--school", "aet", "--admin", "Office@AET.example", "--name", "Office")
        assert "Office is the clerk's administrator of aet" in said.out
        again = adopted("setup", "--school", "aet", "--admin", "other@aet.example")
        assert (again.status, "has an administrator already" in again.err) == (1, True)

    def test_is_somebody_on_the_list_by_their_address_in_any_case(self, adopted: Clerk, wired: Wired) -> None:
        staff(adopted, "aet,Ann,Ann@aet.example,,,,,,")
        assert "Ann is" in adopted("setup", "--school", "aet", "--admin", "ANN@aet.EXAMPLE").out
        assert len(wired.directory.staff("aet").people) == 1

    def test_is_nobody_who_has_left(self, adopted: Clerk) -> None:
        staff(adopted, "aet,Ann,ann@aet.example,,,,2020-01-01,,")
        assert "has left" in adopted("setup", "--school", "aet", "--admin", "ann@aet.example").err


class TestStaffLists:
    def test_every_column_arrives(self, adopted: Clerk, wired: Wired) -> None:
        staff(
            adopted,
            "aet,Hal,hal@aet.example,headteacher,,,,U0001,",
            "aet,Ann,Ann@aet.example,dsl|Deputy safeguarding lead,hal@aet.example,01/09/2026,2027-07-31,,",
        )
        listed = wired.directory.staff("aet")
        ann, hal = listed.people
        assert (ann.name, ann.starts, ann.ends) == ("Ann", date(2026, 9, 1), date(2027, 7, 31))
        assert ann.line_manager == hal.id
        assert roles(wired, "ann@aet.example") == {"dsl", "deputy-dsl"}
        identity = Identity(platform="slack", tenant="T012AB3CD", user="U0001")
        assert [p.id for p in wired.directory.who(identity)] == [hal.id]
        assert wired.store.verify("aet", Printed(0, "")) == []

    @pytest.mark.parametrize(
        ("encoding", "parted_by"),
        [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t")],
    )
    def test_what_spreadsheets_make_of_it(
        self, adopted: Clerk, wired: Wired, encoding: str, parted_by: str
    ) -> None:
        text = 'School,Name,Email,Roles\r\naet,"Zoë, née X",zoe@aet.example,headteacher|dsl\r\n'
        text = text.replace(",", parted_by).replace("Zoë; ", "Zoë, ").replace("Zoë\t ", "Zoë, ")
        if parted_by == ";":
            text = f"sep=;\r\n{text}"
        saved("staff.csv", text.encode(encoding))
        assert adopted("people", "import", "staff.csv", "--yes").status == 0
        assert [p.name for p in wired.directory.staff("aet").people] == ["Zoë, née X"]
        assert roles(wired, "zoe@aet.example") == {"headteacher", "dsl"}

    def test_all_mistakes_come_at_once_with_their_lines_and_nothing_is_changed(
        self, adopted: Clerk, wired: Wired
    ) -> None:
        said = staff(
            adopted,
            "aet,Ann,ann@aet.example,boss,,,,,",
            "hill,Ben,ben@hill.example,,,,,,",
            "aet,,cat,,,31/31/2026,,me,me",
            "aet,Dan,ANN@aet.example,,nobody@aet.example,2026-09-01,2026-08-01,,",
            f"aet,Eve,eve@aet.example,,,,,,{TENANT}",
            "aet,Fay,fay@aet.example,,,,,T999/U7,",
            "aet,Gus,gus@aet.example,headteacher,dsl,,,,,",
        )
        for expected in (
            "staff.csv:2: aet has no role “boss”. There are: headteacher,",
            "staff.csv:3: no school “hill” is in force. These are: aet.",
            "staff.csv:4: the name is missing",
            "staff.csv:4: “cat” is no e-mail address",
            "staff.csv:4: “31/31/2026” is no day: write starts as",
            "staff.csv:4: the slack_user is the member ID",
            "staff.csv:4: the teams_user is the object ID",
            "staff.csv:5: the email stands on line 2 already",
            "staff.csv:5: it ends before it starts",
            "staff.csv:5: nobody at aet has the line_manager's address nobody@aet.example",
            "staff.csv:6: aet is not connected to a Teams tenant",
            "staff.csv:7: aet is not connected to T999",
            "staff.csv:8: it has more cells than there are columns",
            "staff.csv:8: the line_manager is an e-mail address",
        ):
            assert expected in said
        assert wired.directory.staff("aet").people == ()

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("name,email\nA,a@b.example\n", "there is no column “school”"),
            (f"{HEADER.strip()},salary\n", "“salary” is no column of a staff list"),
            ("school,name,email,name\n", "the column “name” is there twice"),
            (HEADER, "there is nobody in it"),
            ("", "there is no column “school”"),
            ("PK\0\3", "this is no text: save the sheet as CSV"),
        ],
    )
    def test_what_is_no_staff_list(self, adopted: Clerk, text: str, why: str) -> None:
        said = adopted("people", "import", saved("staff.csv", text), "--yes")
        assert (said.status, why in said.err) == (1, True)

    def test_leavers_are_proposed_and_nobody_is_deleted(self, adopted: Clerk, wired: Wired) -> None:
        staff(adopted, "aet,Ann,ann@aet.example,,,,,,", "aet,Ben,ben@aet.example,ict-technician,,,,,")
        said = staff(adopted, "aet,Ann,ann@aet.example,,,,,,")
        assert "not in the file: Ben. Left?" in said
        assert len(wired.directory.staff("aet").current) == 2
        assert roles(wired, "ben@aet.example") == {"ict-technician"}

    def test_a_column_that_is_not_there_changes_nothing(self, adopted: Clerk, wired: Wired) -> None:
        staff(adopted, "aet,Ann,ann@aet.example,ict-technician,,2020-09-01,2030-07-31,,")
        staff(adopted, "aet,Ann Other,ann@aet.example", header="school,name,email\n")
        (ann,) = wired.directory.staff("aet").people
        assert (ann.name, ann.starts, ann.ends) == ("Ann Other", date(2020, 9, 1), date(2030, 7, 31))
        assert roles(wired, "ann@aet.example") == {"ict-technician"}

    def test_a_new_address_is_the_same_person(self, adopted: Clerk, wired: Wired) -> None:
        staff(adopted, "aet,Ann,ann@aet.example,ict-technician,,,,,", "aet,Ben,ben@aet.example,,,,,,")
        (ann, _) = wired.directory.staff("aet").people
        header = "school,name,email,former_email\n"
        said = staff(adopted, "aet,Ann New,new@aet.example,ANN@aet.example", header=header)
        assert "changed: Ann New" in said
        assert wired.directory.staff("aet").person(ann.id) == ann.model_copy(
            update={"name": "Ann New", "email": "new@aet.example"}
        )
        assert roles(wired, "new@aet.example") == {"ict-technician"}
        said = staff(
            adopted,
            "aet,Ann,ben@aet.example,new@aet.example",
            "aet,Zoe,zoe@aet.example,nobody@aet.example",
            header=header,
        )
        assert "staff.csv:2: ben@aet.example is on the list already" in said
        assert "staff.csv:3: nobody at aet had the former_email nobody@aet.example" in said

    def test_nothing_happens_without_a_yes(self, adopted: Clerk, wired: Wired) -> None:
        saved("staff.csv", HEADER + "aet,Ann,ann@aet.example,,,,,,\n")
        assert adopted("people", "import", "staff.csv", answer="n\n").status == 1
        assert wired.directory.staff("aet").people == ()

    def test_the_first_holders_are_entered_and_later_ones_wait_for_a_second_person(
        self, adopted: Clerk, wired: Wired
    ) -> None:
        staff(adopted, "aet,Ann,ann@aet.example,dsl,,,,,", "aet,Hal,hal@aet.example,headteacher,,,,,")
        said = staff(
            adopted, "aet,Ann,ann@aet.example,,,,,,", "aet,Bad,bad@aet.example,dsl|ict-technician,,,,,"
        )
        assert "Designated safeguarding lead: Bad is to hold it, Ann no longer, once a second person" in said
        assert roles(wired, "bad@aet.example") == {"ict-technician"}
        assert roles(wired, "ann@aet.example") == {"dsl"}
        (change,) = wired.staff_book.asked("aet")
        assert (change.role, change.asked_by) == ("dsl", "")
        assert "a change of the Designated safeguarding lead waits" in adopted("check", "--school", "aet").out

    def test_an_account_moves_only_where_it_is_said(self, adopted: Clerk, wired: Wired) -> None:
        staff(adopted, "aet,Ann,ann@aet.example,,,,,U0001,")
        said = staff(adopted, "aet,Ann,ann@aet.example,,,,,,", "aet,Ben,ben@aet.example,,,,,U0001,")
        assert "an account of Ann becomes that of Ben" in said
        identity = Identity(platform="slack", tenant="T012AB3CD", user="U0001")
        assert [p.name for p in wired.directory.who(identity)] == ["Ben"]


class TestChannels:
    def test_a_roles_messages_go_to_a_channel(self, adopted: Clerk, wired: Wired) -> None:
        said = adopted("role", "set", "aet", "ict-technician", "--slack-channel", "C012345")
        assert said.out == "ICT technician: set.\n"
        assert "each holder alone" in adopted("role", "set", "aet", "dsl", "--slack-channel", "C0999").out
        assert [(c.role, c.channel) for c in wired.places.channels("aet")] == [
            ("dsl", "C0999"),
            ("ict-technician", "C012345"),
        ]
        adopted("role", "set", "aet", "dsl", "--slack-channel", "none")
        assert len(wired.places.channels("aet")) == 1

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (("dsl", "--slack-channel", "#safeguarding"), "A Slack channel's ID begins with C"),
            (("dsl", "--teams-conversation", "19:x"), "aet is not on Teams yet: policyclerk school connect"),
            (("boss", "--slack-channel", "C012345"), "aet has no role “boss”"),
            (("dsl",), "Say where"),
        ],
    )
    def test_what_cannot_be_set(self, adopted: Clerk, words: tuple[str, ...], why: str) -> None:
        said = adopted("role", "set", "aet", *words)
        assert (said.status, why in said.err) == (1, True)

    def test_two_workspaces_want_to_be_told_apart(self, adopted: Clerk, wired: Wired) -> None:
        adopted("school", "connect", "aet", "--slack-team", "T0999")
        words = ("role", "set", "aet", "dsl", "--slack-channel", "C012345")
        assert "say which one with --slack-team" in adopted(*words).err
        assert adopted(*words, "--slack-team", "T0999").status == 0
        assert wired.places.channels("aet")[0].tenant == "T0999"


class TestChecking:
    def test_says_the_next_step(self, clerk: Clerk) -> None:
        clerk("publish", "--school", "aet")
        assert "policyclerk school adopt aet" in clerk("check", "--school", "aet").out
        clerk("school", "adopt", "aet")
        assert "policyclerk school connect aet" in clerk("check", "--school", "aet").out
        clerk("school", "connect", "aet", "--slack-team", "T012AB3CD")
        assert "policyclerk school" not in clerk("check", "--school", "aet").out


class TestServing:
    def test_only_adopted_and_connected_schools_are_served_and_the_others_say_why(
        self, adopted: Clerk, wired: Wired
    ) -> None:
        adopted("publish", "--school", "step")
        adopted("school", "adopt", "leamington")
        assert served(wired).splitlines() == [
            "Serving aet.",
            "On the page alone: leamington. For chat: policyclerk school connect leamington",
            "Not served: step. Next: policyclerk school adopt step",
        ]

    def test_no_school_is_said_too(self, wired: Wired) -> None:
        assert served(wired).startswith("No school is served yet. Next: policyclerk school adopt")
