"""Procedures of the packaged schools, played: what a school's own file makes people see and do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cards import FieldErrors
from bot.front_door import INSTEAD, no_such_form
from tests.school import Player, Stage, packaged, staged, text_of

BY_SCHOOL = "set by your school"
SCHOOLS = ["aet", "step", "leamington", "leading-edge", "st-alphege"]


@pytest.fixture
def leamington(home: Path) -> Iterator[Stage]:
    yield from staged(home, "leamington")


@pytest.fixture
def step(home: Path) -> Iterator[Stage]:
    yield from staged(home, "step")


@pytest.fixture
def st_alphege(home: Path) -> Iterator[Stage]:
    yield from staged(home, "st-alphege")


def reports(player: Player, command: str, **values: str) -> None:
    """Through the gates, the form and the last question."""
    form = player.sends(player.calls(command), danger="no", image="no")
    player.sends(player.sends(form, **values), **values, about_receiver="no")
    player.stage.deliver()


def closing(player: Player, **values: str) -> object:
    """What comes of closing what waits for this person, from its details."""
    shown = player.presses("Open details")
    (close,) = (b for b in getattr(shown, "card").buttons if b.label == "Close with an outcome")  # noqa: B009
    asked = player.presses(close)
    return player.sends(asked, **values) if getattr(asked, "form", None) else asked


def offered(player: Player) -> bool:
    """Whether something waits whose details this person can open."""
    return any(button.label == "Open details" for card in player.feed() for button in card.buttons)


def test_reading_the_policy_is_recorded_at_once(leamington: Stage) -> None:
    teacher = leamington["class-teacher"]
    form = teacher.calls("acknowledge")
    assert BY_SCHOOL in text_of(form).casefold()
    said = text_of(teacher.sends(form, what="policy"))
    assert "This is recorded." in said
    assert "told at each step" not in said
    (request,) = leamington.clerk.store.requested_by(teacher.id)
    assert (request.status, request.policy_version) == ("completed", leamington.published.version)


def test_abuse_is_not_closed_before_its_checklist_is_settled(leamington: Stage) -> None:
    values = {"what": "text", "threatening": "yes", "who": "parent", "nature": "Unkind words."}
    reports(leamington["class-teacher"], "report-abuse", **values)
    said = text_of(closing(leamington["senior-manager"]))
    for action in (
        "Get the website to change or remove it",
        "Tell the police",
        "Offer support and counselling",
    ):
        assert f"“{action}”" in said
    assert "behaviour policy" not in said, "no pupil did it"


def test_a_route_that_the_policy_does_not_state_says_so(leamington: Stage) -> None:
    values = {"threatening": "no", "who": "unknown", "nature": "Unkind words."}
    reports(leamington["class-teacher"], "report-abuse", what="text", **values)
    assert BY_SCHOOL not in leamington["senior-manager"].sees().casefold()
    reports(leamington["class-teacher"], "report-abuse", what="harassment", **values)
    assert BY_SCHOOL in leamington["senior-manager"].sees().casefold()


def test_what_a_declared_relationship_led_to_is_recorded_and_told(st_alphege: Stage) -> None:
    teacher, lead = st_alphege["class-teacher"], st_alphege["head-of-school"]
    values = {"tie": "friends", "contact": "A message now and then."}
    teacher.sends(
        teacher.sends(teacher.calls("declare-relationship"), **values), **values, about_receiver="no"
    )
    st_alphege.deliver()
    assert isinstance(closing(lead, reason="Talked over."), FieldErrors), "decision and advice are required"
    closing(lead, reason="Talked over.", decision="It may go on.", advice="Not about school.")
    shown = text_of(teacher.presses("Show what I sent"))
    assert "It may go on." in shown
    assert "Not about school." in shown


def test_before_sending_it_says_why_the_head_is_asked_and_what_the_policy_does_not_state(
    leamington: Stage,
) -> None:
    """Where a policy and the national guidance differ, both are shown (SAFEGUARDING, must 5)."""
    teacher = leamington["class-teacher"]
    about = {"staff": "National guidance", "parent": "Follow-up: set by your school, not in the policy."}
    for who, says in about.items():
        values = {"who": who, "kinds": "language"}
        if who == "staff":
            values["staff_member"] = leamington["teaching-assistant"].id
        form = teacher.sends(teacher.calls("report-concern"), danger="no", image="no")
        asked = text_of(teacher.sends(form, **values))
        assert says in asked
        assert not [other for other in about.values() if other != says and other in asked]


def test_the_chair_shares_a_concern_about_the_head_of_school_only_where_the_reporter_says_so(
    st_alphege: Stage,
) -> None:
    for too in ("no", "yes"):
        values = {"who": "head_of_school", "executive_too": too, "kinds": "language"}
        reports(st_alphege["class-teacher"], "report-concern", **values)
        assert offered(st_alphege["chair"])
        assert offered(st_alphege["executive-headteacher"]) is (too == "yes")
    assert not offered(st_alphege["head-of-school"])


def test_a_site_of_somebody_else_needs_no_administrators_of_ours(step: Stage) -> None:
    teacher = step["class-teacher"]
    form = teacher.calls("request-account")
    assert "Names of moderators" not in text_of(teacher.changes(form, use="join"))
    shown = text_of(teacher.changes(form, use="create"))
    assert "Names of moderators" in shown
    assert "Who will vet external contributors?" not in shown
    shown = text_of(teacher.changes(form, use="create", contributors=("public",)))
    assert "Who will vet external contributors?" in shown


def test_nobody_who_reports_themselves_is_promised_news_of_it(leamington: Stage) -> None:
    teacher = leamington["class-teacher"]
    values = {"who": "staff", "staff_member": teacher.id, "kinds": "language"}
    form = teacher.sends(teacher.calls("report-concern"), danger="no", image="no")
    said = text_of(teacher.sends(teacher.sends(form, **values), **values, about_receiver="no"))
    assert "told at each step" not in said
    assert "It is about you" in said
    leamington.deliver()
    closing(leamington["headteacher"], reason="We talked.")
    leamington.deliver()
    assert "We talked." not in teacher.sees()


def test_a_command_of_another_school_leads_to_what_comes_nearest_and_to_a_person(tmp_path: Path) -> None:
    published = [packaged(name) for name in SCHOOLS]
    commands = {w.command for one in published for w in one.workflows}
    for one in published:
        for command in commands - {w.command for w in one.workflows}:
            assert command in INSTEAD, f"nobody has said what comes nearest to {command}"
            targets = [button.target for button in no_such_form(command, one).buttons]
            assert targets[-1] == "ask-a-person"
            assert set(targets[:-1]) <= set(INSTEAD[command]) & {w.command for w in one.workflows}
    leamington = published[SCHOOLS.index("leamington")]
    nearest = [button.target for button in no_such_form("contact-permission", leamington).buttons]
    assert nearest == ["report-contact", "declare-relationship", "ask-a-person"]
    slip = [button.target for button in no_such_form("report-abus", leamington).buttons]
    assert slip[0] == "report-abuse"
