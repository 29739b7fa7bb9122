"""Questions in Slack: in the conversation with the app, in a channel, at home; and what is for one person alone."""

import pytest

from adapters.edge import SENT_TO_YOU
from tests.adapters.slack.conftest import Office, both_ways, clean

FRIEND = "Can I accept a parent's friend request?"
DISCLOSURE = "A pupil in my class told me that her uncle hurts her"


@pytest.fixture(autouse=True)
def _whole_triage(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine with the model: without it every answer carries the calm line, and is for one person."""
    monkeypatch.setattr("bot.assistant.triage_ready", lambda: "")
    monkeypatch.setattr("bot.conversation.triage_ready", lambda: "")


@both_ways
async def test_a_question_is_answered_in_the_conversation(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.says(FRIEND)
    seen = await teacher.until("Not what I meant")
    assert "Policy for Social Media" in seen
    await teacher.clicks("Not what I meant")
    await teacher.until("Sorry about that")
    assert clean(office.slack)


async def test_in_a_thread_of_the_conversation_the_answer_stands_in_the_thread(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.says("hello")
    await teacher.until("Policy Clerk for")
    (first, *_) = teacher.messages("dm")
    await teacher.says(FRIEND, thread=first.ts)
    await teacher.until("Not what I meant")
    assert teacher.messages("dm")[-1].thread_ts == first.ts


@both_ways
async def test_a_mention_is_answered_in_the_thread_for_all(office: Office) -> None:
    teacher, head = office["class-teacher"], office["headteacher"]
    office.slack.channel("C1", teacher.id, head.id, name="staff")
    await teacher.says(f"@Policy Clerk {FRIEND}", "C1")
    assert "Not what I meant" in await head.until("Policy for Social Media", "C1")
    answer = head.messages("C1")[-1]
    assert answer.thread_ts == head.messages("C1")[0].ts
    # Whoever presses is told alone.
    await head.clicks("Not what I meant", where="C1")
    assert "(only you)" in await head.until("Sorry about that", "C1")
    assert "Sorry about that" not in teacher.sees()
    assert clean(office.slack)


@both_ways
@pytest.mark.parametrize("said", [DISCLOSURE, "my-requests", "unblock-request"])
async def test_what_is_for_one_person_stands_in_no_channel(office: Office, said: str) -> None:
    teacher, head = office["class-teacher"], office["headteacher"]
    office.slack.channel("C1", teacher.id, head.id, name="staff")
    await teacher.says(f"@Policy Clerk {said}", "C1")
    await head.until(SENT_TO_YOU, "C1")
    (words, answer) = head.messages("C1")
    assert answer.thread_ts == words.ts
    assert head.sees("C1").count("\n") == 3  # two names, two lines
    await office.slack.quiet()
    assert len(teacher.messages("dm")) == 1
    assert clean(office.slack)


@both_ways
async def test_a_message_that_is_changed_into_a_disclosure_gets_the_safety_card_once(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.says(FRIEND)
    await teacher.until("Not what I meant")
    (mine, *_) = [one for one in teacher.messages("dm") if one.user == teacher.id]
    for text in ("Can I accept a pupil's friend request?", DISCLOSURE, f"{DISCLOSURE}.", DISCLOSURE, FRIEND):
        await teacher.changes(mine, text)
        await office.slack.quiet()
    _, answer, card = teacher.messages("dm")
    assert "Policy for Social Media" in str(answer.blocks)
    assert "Tell your safeguarding lead now" in str(card.blocks)
    assert clean(office.slack)


async def test_in_a_channel_shared_with_another_school_nothing_is_said_to_all(office: Office) -> None:
    teacher = office["class-teacher"]
    visitor = office.slack.person("UVISITOR", "A visitor", team="T9")
    office.slack.channel("C1", teacher.id, visitor.id, name="both", shared=True)
    await teacher.says(f"@Policy Clerk {FRIEND}", "C1")
    await visitor.until(SENT_TO_YOU)
    assert "Not what I meant" in await teacher.until("Policy for Social Media", "dm")
    assert "Policy for Social Media" not in visitor.sees()


@pytest.mark.parametrize("who", [{"guest": True}, {"team": "T9"}])
async def test_guests_and_people_of_other_workspaces_see_who_to_go_to_and_no_more(
    office: Office, who: dict[str, object]
) -> None:
    someone = office.slack.person("UX", "Somebody", email="class-teacher@aet.example", **who)
    await someone.says(FRIEND)
    assert "Worried about a child?" in await someone.until("999")
    assert "Policy for Social Media" not in someone.sees()
    await someone.types("/unblock-request")
    await office.slack.quiet()
    assert someone.modal is None


async def test_somebody_is_known_by_an_address_that_slack_has_verified(office: Office) -> None:
    directory, stage = office.stage.clerk.directory, office.stage
    staff = directory.staff("aet").person(stage["class-teacher"].id)
    assert staff
    directory.add_person(
        staff.model_copy(update={"id": "aet:new", "name": "New", "email": "New@school.example"})
    )
    unsure = office.slack.person("U8", "New?", email="new@school.example", confirmed=False)
    await unsure.types("/my-requests")
    await unsure.until("I do not know you yet")
    sure = office.slack.person("U9", "New", email="new@school.example")
    await sure.types("/my-requests")
    await sure.until("You have no open requests")


async def test_somebody_whose_list_is_imported_while_they_wait_is_known_soon(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.people.STRANGER_SECONDS", 0.0)
    directory, stage = office.stage.clerk.directory, office.stage
    new = office.slack.person("U9", "New", email="new@school.example")
    await new.types("/my-requests")
    await new.until("I do not know you yet")
    staff = directory.staff("aet").person(stage["class-teacher"].id)
    assert staff
    directory.add_person(
        staff.model_copy(update={"id": "aet:new", "name": "New", "email": "new@school.example"})
    )
    await new.types("/my-requests")
    await new.until("You have no open requests")


async def test_a_mention_and_nothing_else_is_told_what_the_clerk_can_do(office: Office) -> None:
    teacher = office["class-teacher"]
    office.slack.channel("C1", teacher.id, name="staff")
    await teacher.says("@Policy Clerk", "C1")
    await teacher.until("Ask me about Policy for Social Media", "C1")


async def test_a_question_by_shortcut_and_at_home_is_answered_in_a_modal(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.uses_shortcut("ask_the_clerk")
    await teacher.fills({"What would you like to know?": FRIEND})
    await teacher.submits()
    assert "Not what I meant" in await teacher.until("Policy for Social Media", "modal")
    await teacher.clicks("Not what I meant")
    await teacher.until("Sorry about that", "modal")
    await teacher.closes()
    assert clean(office.slack)


async def test_a_reported_message_is_judged_and_dropped(office: Office) -> None:
    teacher, other = office["class-teacher"], office["teaching-assistant"]
    office.slack.channel("C1", teacher.id, other.id, name="staff")
    await other.says(DISCLOSURE, "C1", files=["a picture.png"])
    (message,) = teacher.messages("C1")
    await teacher.uses_shortcut("report_message", on=message)
    seen = await teacher.until("Tell your safeguarding lead now", "modal")
    assert DISCLOSURE not in seen
    await office.slack.quiet()
    assert DISCLOSURE not in str([call.said for call in office.slack.calls])
    assert not [call for call in office.slack.calls if call.method.startswith("files")]
    assert clean(office.slack)


async def test_the_report_that_follows_has_the_link_of_the_message(office: Office) -> None:
    teacher, other = office["class-teacher"], office["teaching-assistant"]
    office.slack.channel("C1", teacher.id, other.id, name="staff")
    await other.says("look at this", "C1")
    (message,) = teacher.messages("C1")
    await teacher.uses_shortcut("report_message", on=message)
    await teacher.clicks("Report inappropriate content")
    await teacher.fills({"danger": "No", "image": "No"})
    await teacher.submits()
    assert office.slack.permalink(message) in await teacher.until("Full web addresses", "modal")
    assert clean(office.slack)


async def test_a_file_is_never_fetched_and_the_sender_told_so(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.says("", files=["picture.png"])
    assert "Do not view, copy" in await teacher.until("I have not opened the file")
    assert len(teacher.messages("dm")) == 2
    await teacher.says(FRIEND, files=["picture.png"])
    await teacher.until("Not what I meant")
    assert not [call for call in office.slack.calls if call.method.startswith("files")]
