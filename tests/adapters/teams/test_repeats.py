"""What comes twice, too late, or from somebody else: done once, and answered all the same."""

import asyncio

from adapters.edge import SENT_TO_YOU
from adapters.teams.inbound import named
from bot.acting import AGAIN
from tests.adapters.seen import teams_actions
from tests.adapters.teams.deeds import ask_to_unblock, report_a_concern
from tests.adapters.teams.fake_teams import Json, Posted, activity
from tests.adapters.teams.staff import CHANNEL, InTeams, dialog, replaced, words


async def test_a_second_click_says_who_decided(teams: InTeams) -> None:
    technician, head = teams["ict-technician"], teams["headteacher"]
    await technician.greets()
    await head.greets()
    reference = await ask_to_unblock(teams["class-teacher"])
    waiting = technician.card_about(reference)
    opened = dialog(await technician.presses(waiting.card, "Pass to headteacher", message=waiting.id))
    await technician.fills(opened, message=waiting.id, blocked="yes")
    again = await technician.fills(opened, message=waiting.id, blocked="yes")
    assert again["task"]["type"] == "message"
    await teams.deliver()
    assert "Pass to headteacher" not in [
        a["title"] for a in teams_actions(technician.card_about(reference).card)
    ]
    stale = await technician.presses(waiting.card, "Pass to headteacher", message=waiting.id)
    assert "Check by ICT: ICT technician" in words(dialog(stale))


async def test_a_button_that_is_not_theirs_is_refused(teams: InTeams) -> None:
    technician, other = teams["ict-technician"], teams["teaching-assistant"]
    await technician.greets()
    reference = await ask_to_unblock(teams["class-teacher"])
    waiting = technician.card_about(reference)
    refused = dialog(await other.presses(waiting.card, "Pass to headteacher", message=waiting.id))
    assert "not done" in words(refused)
    assert "A lesson." not in str(refused)
    body = {"action": "open", "target": waiting.card_data("target"), "version": 1}
    details = await other.posts(type="invoke", name="task/fetch", value={"data": body})
    assert "A lesson." not in str(details)


def deeds(teams: InTeams, posted: Posted, action: str) -> int:
    """How often that was done to the request of a card."""
    history = teams.stage.clerk.store.history(posted.card_data("target").partition("/")[0])
    return sum(taken.action == action for taken in history)


async def test_an_invoke_that_comes_again_is_done_once_and_answered_by_any_replica(teams: InTeams) -> None:
    technician, teacher = teams["ict-technician"], teams["class-teacher"]
    await technician.greets()
    async with teams.another_replica() as elsewhere:
        reference = await ask_to_unblock(teacher)
        _, receipt = await elsewhere.post(teacher.posted)
        assert f"{reference} Access to a blocked site: sent" in words(replaced(receipt))
        waiting = technician.card_about(reference)
        form = dialog(await technician.presses(waiting.card, "Pass to headteacher", message=waiting.id))
        for replica in (teams, elsewhere):  # the window may have to be opened once more
            assert "Is the site blocked" in words(dialog((await replica.post(technician.posted))[1]))
        answer = await technician.fills(form, message=waiting.id, blocked="yes")
        at_once = await asyncio.gather(teams.post(technician.posted), elsewhere.post(technician.posted))
        for status, again in at_once:
            assert (status, again["task"]["value"]) == (200, AGAIN)
        assert answer["task"]["value"] != AGAIN
    await teams.deliver()
    assert deeds(teams, waiting, "done") == 1
    assert len(teams.stage.clerk.store.open_in("aet")) == 1


async def test_what_can_be_done_any_number_of_times_is_done_once_for_each_time_it_is_meant(
    teams: InTeams,
) -> None:
    teacher = teams["class-teacher"]
    await report_a_concern(teacher)
    await teams.deliver()
    card = teacher.card_about("Waiting for")
    async with teams.another_replica() as elsewhere:
        for note in ("First.", "Second."):
            await teacher.acts(card, "Add a note", reason=note)
            for replica in (teams, elsewhere):
                assert (await replica.post(teacher.posted))[1]["task"]["value"] == AGAIN
    assert deeds(teams, card, "added") == 2


async def passing_on(teams: InTeams) -> tuple[Posted, Json]:
    """The card of a request that waits for the technician, and the form that passes it on, as Teams posts it."""
    technician = teams["ict-technician"]
    await technician.greets()
    waiting = technician.card_about(await ask_to_unblock(teams["class-teacher"]))
    card = dialog(await technician.presses(waiting.card, "Pass to headteacher", message=waiting.id))
    value = {"data": {**card["actions"][0]["data"], "text:blocked": "yes"}}
    body = activity(teams.fake, technician.user, type="invoke", name="task/submit", value=value)
    return waiting, body


async def test_what_was_lost_in_a_crash_is_done_when_teams_sends_it_again(teams: InTeams) -> None:
    waiting, body = await passing_on(teams)
    clerk = teams.stage.clerk  # it noted that this has come, and then its machine stopped
    assert clerk.store.first_time(
        f"teams:{named(body['conversation']['id'], body['id'])}", clerk.services.clock.now()
    )
    assert (await teams.post(body))[1]["task"]["value"] == "Recorded."
    assert (await teams.post(body))[1]["task"]["value"] == AGAIN
    assert deeds(teams, waiting, "done") == 1


async def test_two_of_one_invoke_at_the_same_moment_get_one_answer(teams: InTeams) -> None:
    waiting, body = await passing_on(teams)
    first, second = await asyncio.gather(teams.post(body), teams.post(body))
    assert first == second
    assert first[0] == 200
    assert deeds(teams, waiting, "done") == 1


async def test_a_message_that_comes_twice_is_answered_once(teams: InTeams) -> None:
    body = activity(teams.fake, teams["class-teacher"].user, type="message", text="Can I post photos?")
    await asyncio.gather(*(teams.post(body) for _ in range(3)))
    assert len(teams["class-teacher"].chat) == 1


async def test_a_form_sent_as_if_from_a_channel_is_answered_to_its_sender_alone(teams: InTeams) -> None:
    technician = teams["ict-technician"]
    await technician.greets()
    waiting = technician.card_about(await ask_to_unblock(teams["class-teacher"]))
    form = dialog(await technician.presses(waiting.card, "Hand on", message=waiting.id))
    filled = {"text:to": teams.stage["online-safety-lead"].id, "text:reason": "Away today."}
    value = {"action": {"type": "Action.Execute", "data": {**form["actions"][0]["data"], **filled}}}
    answer = await technician.posts(type="invoke", name="adaptiveCard/action", value=value, channel=CHANNEL)
    assert answer["value"] == SENT_TO_YOU
    assert "Waiting for" in words(technician.newest())
