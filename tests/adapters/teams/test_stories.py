"""Requests in Teams from the first question to the end, as signed activities of several users."""

from adapters.store.places import Channel
from tests.adapters.teams.deeds import ask_to_unblock, inputs, report_a_concern
from tests.adapters.teams.fake_teams import TENANT, Posted
from tests.adapters.teams.staff import CHANNEL, GROUP, InTeams, dialog, words


async def test_the_unblock_story(teams: InTeams) -> None:
    teacher, technician, head = teams["class-teacher"], teams["ict-technician"], teams["headteacher"]
    for person in (technician, head):
        await person.greets()
    reference = await ask_to_unblock(teacher)
    assert "not opened yet" in words(teacher.card_about(reference))

    waiting = technician.card_about(reference)
    assert "A lesson." in words(waiting)
    answer = await technician.acts(waiting, "Pass to headteacher", blocked="yes")
    assert answer["task"]["type"] == "message"
    await teams.deliver()
    deciding = head.card_about(reference)
    opened = dialog(await head.presses(deciding.card, "Approve", message=deciding.id))
    missing = dialog(await head.fills(opened, message=deciding.id))
    assert "Please give a reason" in words(missing)
    await head.fills(opened, message=deciding.id, reason="For the lesson.")
    await teams.deliver()
    assert "For the lesson." in words(teacher.card_about(reference))

    opening = technician.card_about(reference)
    await technician.acts(opening, "Mark done", until="2026-12-18")
    await teams.deliver()
    assert "finished" in words(teacher.card_about(reference))
    assert "18 Dec 2026" in words(teacher.card_about(reference))


async def test_the_concern_story(teams: InTeams) -> None:
    teacher, dsl, head = teams["class-teacher"], teams["dsl"], teams["headteacher"]
    for person in (dsl, head):
        await person.greets()
    before = {name: len(person.chat) for name, person in teams.staff.items()}
    await report_a_concern(teacher)
    await teams.deliver()
    got = {name for name, person in teams.staff.items() if len(person.chat) > before[name]}
    assert "dsl" in got
    card = dsl.newest()
    assert "Someone may be" in words(card) or "Urgency" in words(card)
    details = dialog(await dsl.presses(card.card, "Open details", message=card.id))
    assert "020 7946 0000" in words(details) or "Class teacher" in words(details)
    taken = await dsl.presses(details, "I am dealing with it", message=card.id)
    assert taken["task"]["value"].startswith("Recorded")
    await teams.deliver()
    card = dsl.card_about("AET-")
    details = dialog(await dsl.presses(card.card, "Open details", message=card.id))
    closing = dialog(await dsl.presses(details, "Close with an outcome", message=card.id))
    asked_too = {item["id"].partition(":")[2]: "Dealt with." for item in inputs(closing)}
    answer = await dsl.fills(closing, message=card.id, **asked_too)
    assert answer["task"]["type"] == "message", answer
    await teams.deliver()
    assert "Closed" in words(teacher.card_about("AET-"))
    assert not [post for post in teams.fake.posted if post.conversation in (CHANNEL, GROUP)]


async def test_who_has_not_the_app_is_followed_by_the_next_and_the_sender_knows(teams: InTeams) -> None:
    teacher, head, deputy = teams["class-teacher"], teams["headteacher"], teams["deputy-headteacher"]
    for person in (teams["ict-technician"], head, deputy):
        await person.greets()
    head.user.app = False
    reference = await ask_to_unblock(teacher)
    waiting = teams["ict-technician"].card_about(reference)
    await teams["ict-technician"].acts(waiting, "Pass to headteacher", blocked="yes")
    await teams.deliver()
    assert "Headteacher: could not be reached in chat" in words(teacher.card_about(reference))
    assert "Decision by the headteacher" in words(deputy.card_about(reference))
    deciding = deputy.card_about(reference)
    await deputy.acts(deciding, "Approve", reason="In the headteacher's place.")
    await teams.deliver()
    assert "In the headteacher's place." in words(teacher.card_about(reference))


async def test_a_concern_goes_on_to_the_deputy_at_once_and_never_to_a_channel(teams: InTeams) -> None:
    clerk = teams.stage.clerk
    clerk.places.set_channel("aet", Channel(role="dsl", platform="teams", tenant=TENANT, channel=CHANNEL))
    await teams["class-teacher"].says("hello", CHANNEL)
    teacher, dsl, deputy = teams["class-teacher"], teams["dsl"], teams["deputy-dsl"]
    for person in (dsl, deputy):
        await person.greets()
    dsl.user.app = False
    before = len(teams.fake.posted)
    await report_a_concern(teacher)
    await teams.deliver()
    assert "could not be reached in chat" in words(teacher.card_about("AET-"))
    assert "Urgency" in words(deputy.newest())
    assert CHANNEL not in [posted.conversation for posted in teams.fake.posted[before:]]


async def test_a_role_has_its_cards_in_its_channel_without_what_was_written(teams: InTeams) -> None:
    technician, teacher = teams["ict-technician"], teams["class-teacher"]
    where = Channel(role="ict-technician", platform="teams", tenant=TENANT, channel=CHANNEL)
    teams.stage.clerk.places.set_channel("aet", where)
    await technician.says("hello", CHANNEL)
    reference = await ask_to_unblock(teacher)

    def in_channel() -> Posted:
        standing = teams.fake.messages.values()
        return [p for p in standing if p.conversation == CHANNEL and reference in words(p)][-1]

    asked = in_channel()
    assert "A lesson." not in words(asked)
    details = dialog(await technician.presses(asked.card, "Open details", channel=CHANNEL, message=asked.id))
    assert "A lesson." in words(details)
    refused = await teacher.presses(asked.card, "Pass to headteacher", channel=CHANNEL, message=asked.id)
    assert "You sent this yourself" in words(dialog(refused))
    form = dialog(
        await technician.presses(asked.card, "Pass to headteacher", channel=CHANNEL, message=asked.id)
    )
    done = await technician.fills(form, channel=CHANNEL, message=asked.id, blocked="yes")
    assert done["task"]["type"] == "message"
    await teams.deliver()
    assert "Pass to headteacher" not in words(in_channel())
    assert "Waiting for: Decision by the headteacher" in words(in_channel())
    assert in_channel().id == asked.id
