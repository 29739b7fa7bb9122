"""Text that would call people, pose as a link or break a layout, typed wherever something can be typed:
everyone reads it as it was typed, nobody is called, and no link leads anywhere else."""

from adapters.fitting import shortened
from tests.adapters.gallery import EVERYTHING_NASTY, NASTY
from tests.adapters.slack.conftest import Office, both_ways
from tests.adapters.slack.test_stories import clean
from tests.slack_server import User
from tests.slack_server.drawing import links
from tests.slack_server.screen import pings

ONE_LINE = EVERYTHING_NASTY.replace("\n", " ")
SITE = "https://site.example/<!channel>?a=*b*&c=<@U1>|school"
LONGEST = shortened((EVERYTHING_NASTY + " 👩‍🏫 ") * 40, 3000).rstrip("… ")
"""As much as Slack lets anybody type."""


def harmless(office: Office) -> None:
    """Of everything the clerk has said in Slack so far."""
    bot = office.slack.workspace.bot.id
    messages = [one for one in office.slack.workspace.messages if one.user == bot]
    assert messages
    assert not [one.text for one in messages if pings(one)]
    assert not [one.text for one in messages if one.unfurls]
    for shown, address in (link for one in messages for link in links(one.blocks)):
        assert shown in (address, address.removeprefix("tel:").replace("-", " ")), (
            "a link that says where it leads"
        )
    assert not [one.text for one in messages if "evil" in one.text], "a notification says titles only"


@both_ways
async def test_in_every_field_of_a_form_and_in_every_reason(office: Office) -> None:
    teacher, technician, head = office["class-teacher"], office["ict-technician"], office["headteacher"]
    await teacher.types(f"/unblock-request {ONE_LINE}")
    await teacher.fills({"url": SITE, "content": EVERYTHING_NASTY, "for_pupils": "No"})
    await teacher.fills({"reasons": LONGEST, "risks": ONE_LINE})
    await _send(teacher)

    await technician.clicks("Pass to headteacher")
    await technician.fills({"blocked": "Yes", "technical_risks": EVERYTHING_NASTY})
    await _send(technician)

    card = await head.until("Decision by the headteacher", "dm")
    for text in (SITE, EVERYTHING_NASTY, ONE_LINE, LONGEST):
        assert text in card
    await head.clicks("Refuse")
    await head.fills({"reason": EVERYTHING_NASTY})
    await _send(head)
    await teacher.until(EVERYTHING_NASTY, "dm")
    harmless(office)
    assert clean(office.slack)


async def test_in_a_message_to_the_clerk(office: Office) -> None:
    """In a conversation, and in a channel where others read along."""
    teacher = office["class-teacher"]
    office.slack.channel("CSTAFF", teacher.id, office["chair"].id)
    for text in (*NASTY, ONE_LINE, LONGEST):
        said = len(teacher.messages())
        await teacher.says(text)
        await teacher.says(f"@Policy Clerk {text}", "CSTAFF")
        await office.slack.until(
            lambda said=said: len(teacher.messages()) >= said + 4, f"two answers to {text}", teacher.sees
        )
    assert len(office["chair"].messages("CSTAFF")) == 2 * len((*NASTY, ONE_LINE, LONGEST))
    harmless(office)
    assert clean(office.slack)


async def test_in_what_follows_a_command_and_in_a_search(office: Office) -> None:
    teacher = office["class-teacher"]
    for line in (f"/my-requests {ONE_LINE}", f"/policyclerk {ONE_LINE}", f"/policyclerk help {ONE_LINE}"):
        before = len(teacher.messages())
        await teacher.types(line)
        await office.slack.until(lambda before=before: len(teacher.messages()) > before, line, teacher.sees)
    harmless(office)
    assert clean(office.slack)


async def _send(user: User) -> None:
    """Send the modal, and close what answers it once the clerk has done."""
    sent = user.modal
    await user.submits()
    await user.slack.until(lambda: "One moment…" not in user.sees("modal"), "an answer", user.sees)
    assert user.modal is not sent or "Send)" not in user.sees("modal"), user.sees("modal")
    await user.closes(everything=True)
