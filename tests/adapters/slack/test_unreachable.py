"""What cannot be delivered in Slack: sent later, to the next person, or known to an administrator. Never silence."""

import asyncio
from datetime import timedelta

import pytest

from adapters.slack.outbound import failure
from tests.adapters.slack.conftest import Office, account, clean
from tests.adapters.slack.test_stories import UNBLOCK


def sends(office: Office) -> None:
    """A teacher's request goes to the ICT technician."""
    teacher = office.stage["class-teacher"]
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK | {"for_pupils": "no"})


async def refused(office: Office, error: str) -> None:
    """Slack has refused a message, and the worker has put it back."""
    await office.slack.until(lambda: [call for call in office.slack.calls if call.came == error], error)
    await office.slack.quiet(0.5)


async def test_whoever_never_wrote_is_found_by_the_address_that_they_have_confirmed(office: Office) -> None:
    office.nobody_has_written()
    office.only_in_slack("ict-technician", "headteacher", "deputy-headteacher")
    office.slack.workspace.people[account("headteacher")].confirmed = False
    sends(office)
    technician = office["ict-technician"]
    await technician.until("Pass to headteacher", "dm")
    technician_is = office.stage.clerk.directory.identities_of(office.stage["ict-technician"].id)
    assert [who.user for who in technician_is] == [technician.id]
    await technician.clicks("Pass to headteacher", where="dm")
    await technician.fills({"blocked": "Yes"})
    await technician.submits()
    await office["deputy-headteacher"].until("Approve", "dm")
    assert "Access to a blocked site" not in office["headteacher"].sees()
    looked_up = [said["email"] for said in office.slack.called("users.lookupByEmail")]
    assert looked_up.count("ict-technician@aet.example") == 1
    assert clean(office.slack)


async def test_a_role_with_a_channel_has_its_cards_there_without_what_was_written(office: Office) -> None:
    office.channel("ict-technician", "C5", "ict-technician", "class-teacher")
    sends(office)
    technician = office["ict-technician"]
    seen = await technician.until("Pass to headteacher", "C5")
    assert UNBLOCK["reasons"] not in seen
    assert technician.messages("dm") == []
    await technician.clicks("Open details", where="C5")
    assert UNBLOCK["reasons"] in await technician.until("Access to a blocked site", "modal")
    await technician.closes()
    await technician.clicks("Pass to headteacher", where="C5")
    await technician.fills({"blocked": "Yes"})
    await technician.submits()
    await technician.closes(everything=True)
    # Everybody's card shows what has become of it; one who may not act is told so, and alone.
    old = technician.messages("C5")[0]
    await technician.until("Waiting for: Decision by the headteacher", "C5")
    assert "Pass to headteacher" not in technician.sees("C5")
    assert old.edited
    assert clean(office.slack)


async def test_a_colleague_in_the_channel_cannot_act_and_is_told_alone(office: Office) -> None:
    office.channel("ict-technician", "C5", "ict-technician", "class-teacher")
    sends(office)
    teacher = office["class-teacher"]
    await teacher.until("Pass to headteacher", "C5")
    await teacher.clicks("Pass to headteacher", where="C5")
    assert "(only you)" in await teacher.until("You sent this yourself", "C5")
    assert "You sent this yourself" not in office["ict-technician"].sees()


@pytest.mark.parametrize("gone", ["archived", "deleted", "removed"])
async def test_a_channel_that_is_gone_leads_to_the_person_alone(office: Office, gone: str) -> None:
    office.channel("ict-technician", "C5", "ict-technician")
    place = office.slack.workspace.channels["C5"]
    if gone == "removed":
        place.members.discard(office.slack.workspace.bot.id)
    else:
        setattr(place, gone, True)
    sends(office)
    await office["ict-technician"].until("Pass to headteacher", "dm")


async def test_somebody_whose_account_is_closed_is_passed_over_for_the_next(office: Office) -> None:
    office.slack.workspace.people[account("ict-technician")].deleted = True
    office.only_in_slack("ict-technician")
    sends(office)
    school = office.stage.published.school
    chain = (*school.roles["ict-technician"].deputies, *school.escalation)
    following = next(role for role in chain if role in office.stage.players)
    await office[following].until("Pass to headteacher", "dm")
    assert "Waiting for" in office.stage["class-teacher"].sees()


async def test_where_nobody_can_be_reached_the_administrator_is_told(office: Office) -> None:
    administrator = office["office-manager"]
    for user in office.stage.players:
        if user not in ("office-manager", "class-teacher"):
            office.slack.workspace.people[account(user)].deleted = True
            office.only_in_slack(user)
    sends(office)
    assert "could not be delivered" in await administrator.until("Give to somebody else", "dm")


async def test_too_many_at_once_is_waited_out(office: Office) -> None:
    theirs = office.slack.workspace.direct(account("ict-technician")).id
    office.slack.refuse("chat.postMessage", "ratelimited", retry_after=7, channel=theirs)
    sends(office)
    await refused(office, "ratelimited")
    technician = office["ict-technician"]
    assert technician.messages("dm") == []
    office.stage.clock.pass_by(timedelta(seconds=8))
    await technician.until("Pass to headteacher", "dm")


@pytest.mark.parametrize("error", ["internal_error", "service_unavailable"])
async def test_what_passes_is_tried_again(office: Office, error: str) -> None:
    theirs = office.slack.workspace.direct(account("ict-technician")).id
    office.slack.refuse("chat.postMessage", error, channel=theirs)
    sends(office)
    await refused(office, error)
    office.stage.clock.pass_by(timedelta(minutes=1))
    await office["ict-technician"].until("Pass to headteacher", "dm")


async def test_a_revoked_token_is_known_to_the_administrator_and_sent_on_after_a_restart(
    office: Office,
) -> None:
    office.slack.workspace.token_error = "token_revoked"
    office.only_in_slack("ict-technician", "headteacher")
    sends(office)
    clerk = office.stage.clerk
    await office.slack.until(lambda: clerk.store.undelivered("aet"), "what was not delivered")
    assert "token_revoked" in str([row.last_error for row in clerk.outbox.set_aside_rows()])
    assert "could not be delivered" in str(office.stage["office-manager"].calls("stuck-requests"))
    office.slack.workspace.token_error = ""
    stop = asyncio.Event()
    restarted = asyncio.create_task(clerk.worker.run(stop))
    await office["ict-technician"].until("Pass to headteacher", "dm")
    stop.set()
    await restarted


async def test_an_old_button_says_who_was_first(office: Office) -> None:
    sends(office)
    technician = office["ict-technician"]
    await technician.until("Pass to headteacher", "dm")
    await office.slack.quiet()
    (message,) = technician.messages("dm")
    (block,) = [b for b in message.blocks if b["type"] == "actions"]
    office.stage["ict-technician"].acts("Pass to headteacher", blocked="yes")
    await technician.until("Waiting for: Decision by the headteacher", "dm")
    await technician.presses(message, block, block["elements"][0])
    await technician.until(
        "Already done by ICT technician"
    )  # beside the card, or in a window where the clerk was slow
    assert clean(office.slack)


def test_nothing_but_slacks_own_name_is_kept_of_an_error() -> None:
    assert str(failure(TimeoutError("to Ms Somebody"))) == "slack_not_reached"
    assert not failure(TimeoutError()).permanent


async def test_of_several_messages_about_one_request_the_newest_has_the_buttons(office: Office) -> None:
    sends(office)
    technician, head = office.stage["ict-technician"], office.stage["headteacher"]
    await office["ict-technician"].until("Pass to headteacher", "dm")
    await office.slack.quiet()
    technician.acts("Pass to headteacher", blocked="yes")
    await office["headteacher"].until("Approve", "dm")
    await office.slack.quiet()
    head.acts("Approve", reason="Good use.")
    await office["ict-technician"].until("Mark done", "dm")
    await office.slack.quiet()
    seen = await office["ict-technician"].until("There is a newer message about this below.", "dm")
    assert seen.count("[Mark done]") == 1
    teachers = await office["class-teacher"].until("There is a newer message about this below.", "dm")
    assert teachers.count("[Withdraw]") == 1


async def test_a_channel_is_picked_and_shown_to_work_and_the_administrator_is_told_when_it_is_gone(
    office: Office,
) -> None:
    admin, technician = office["office-manager"], office["ict-technician"]
    for channel, more in {
        "CICT": {},
        "CSHARED": {"shared": True},
        "CPRIVATE": {"kind": "private"},
    }.items():
        office.slack.channel(channel, technician.id, **more)
    place = office.slack.workspace.channels["CICT"]
    await admin.types("/policyclerk setup")
    await admin.clicks("Channels")
    await admin.fills({"Whose messages?": "ICT technician"})
    picker = await office.slack.until(lambda: admin.element("Channel in Slack"))
    assert admin.offered(picker) == ["CICT"]  # none that another school reads, none they cannot see
    await admin.fills({"Channel in Slack": "CICT"})
    await admin.submits()
    await admin.until("Saved.", "modal")
    await admin.closes(everything=True)
    assert "come here from now on" in await technician.until("This is the place", "CICT")
    place.archived = True
    for _ in range(2):
        sends(office)
        await technician.until("Pass to headteacher", "dm")
        await office.slack.quiet()
    assert await admin.until("Nothing can be put into the channel of the ICT technician in Slack", "dm")
    assert admin.sees("dm").count("A channel cannot be reached") == 1
    assert "cannot be reached" in str(office.stage["office-manager"].calls("setup"))
    place.archived = False
    sends(office)
    await technician.until("Pass to headteacher", "CICT")
    await office.slack.quiet()
    assert "cannot be reached" not in str(office.stage["office-manager"].calls("setup"))


async def test_a_channel_the_app_is_not_in_is_known_as_soon_as_it_is_set(office: Office) -> None:
    admin = office["office-manager"]
    office.slack.channel("CICT", admin.id, bot=False)
    await admin.types("/policyclerk setup")
    await admin.clicks("Channels")
    await admin.fills({"Whose messages?": "ICT technician", "Channel in Slack": "CICT"})
    await admin.submits()
    await admin.until("Saved.", "modal")
    await admin.closes(everything=True)
    assert "I am not in it any more" in await admin.until("A channel cannot be reached", "dm")
    await admin.clicks("Channels", where="messages")
    await admin.fills({"Whose messages?": "ICT technician"})
    office.slack.workspace.channels["CICT"].members.add(office.slack.workspace.bot.id)
    await admin.fills({"Channel in Slack": "CICT"})
    await admin.submits()
    await admin.closes(everything=True)
    await admin.until("This is the place", "CICT")
    await admin.types("/policyclerk setup")
    await admin.clicks("Channels")
    await admin.fills({"Whose messages?": "ICT technician", "Or": "none"})
    await admin.submits()
    await office.slack.until(lambda: not office.stage.clerk.places.channels("aet"), "no channel")
