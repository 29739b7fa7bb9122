"""The App Home: a box to ask in, what waits, what was sent, the school's forms, who to go to."""

from tests.adapters.slack.conftest import Office, both_ways, clean
from tests.adapters.slack.test_stories import UNBLOCK


async def sent(office: Office) -> None:
    """A teacher's request waits for the technician."""
    teacher = office["class-teacher"]
    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK)
    await teacher.submits()
    await teacher.until("Waiting for: Check by ICT", "modal")
    await teacher.closes()


@both_ways
async def test_a_teachers_home(office: Office) -> None:
    await sent(office)
    teacher = office["class-teacher"]
    await teacher.opens_home()
    home = await teacher.until("Policy Clerk for", "home")
    for words in (
        "What would you like to know?",
        "Waiting for: Check by ICT",
        "Report something",
        "Access to a blocked site",
        "01632 960 001",
        "999",
    ):
        assert words in home, words
    await teacher.clicks("Withdraw", where="home")
    assert "Withdrawn." in await teacher.until("withdrawn", "modal")
    await teacher.closes()
    assert "Waiting for: Check by ICT" not in await teacher.until("withdrawn", "home")
    assert clean(office.slack)


async def test_a_technicians_home_shows_what_waits_and_lets_them_act(office: Office) -> None:
    await sent(office)
    technician = office["ict-technician"]
    await technician.until("Check by ICT", "dm")
    await office.slack.quiet()  # it is sent before it is written down as sent
    await technician.opens_home()
    await technician.until("Pass to headteacher", "home")
    await technician.clicks("Pass to headteacher", where="home")
    await technician.fills({"blocked": "Yes"})
    await technician.submits()
    await technician.until("Waiting for: Decision by the headteacher", "modal")
    await technician.closes()
    head = office["headteacher"]
    await head.until("Decision by the headteacher", "dm")
    await office.slack.quiet()
    await head.opens_home()
    assert "Approve" in await head.until("Decision by the headteacher", "home")
    assert clean(office.slack)


async def test_a_question_typed_at_home_is_answered_and_the_box_emptied(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.opens_home()
    await teacher.until("What would you like to know?", "home")
    await teacher.enters("What would you like to know?", "Can I accept a parent's friend request?")
    await teacher.until("Policy for Social Media", "modal")
    await office.slack.quiet()
    assert "friend request?" not in teacher.sees("home").partition("Ask me about")[0]
    assert clean(office.slack)


async def test_a_home_of_many_requests_still_shows_who_to_go_to(office: Office) -> None:
    teacher = office.stage["class-teacher"]
    for _ in range(30):
        teacher.sends(teacher.calls("unblock-request"), **UNBLOCK | {"for_pupils": "no"})
    await office["class-teacher"].opens_home()
    home = await office["class-teacher"].until("There is more than fits here", "home")
    assert "01632 960 001" in home
    assert clean(office.slack)
