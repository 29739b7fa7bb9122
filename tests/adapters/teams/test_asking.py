"""What staff type in Teams, where they type it, and where the answer stands."""

import pytest

from adapters.edge import SENT_TO_YOU
from adapters.teams.turns import CANNOT_REACH_YOU
from tests.adapters.seen import teams_actions
from tests.adapters.teams.deeds import SECRET
from tests.adapters.teams.fake_teams import TENANT
from tests.adapters.teams.staff import CHANNEL, GROUP, InTeams, dialog, words


async def test_a_question_is_answered_with_the_clause(teams: InTeams) -> None:
    (posted,) = await teams["class-teacher"].says("Can I accept a friend request from a pupil?")
    assert "Not allowed" in words(posted)
    assert posted.conversation == teams["class-teacher"].user.chat


@pytest.mark.parametrize("text", ["hi", "Hello!", "help", "/help"])
@pytest.mark.parametrize("channel", ["", CHANNEL, GROUP])
async def test_hi_hello_and_help_are_answered_everywhere(teams: InTeams, text: str, channel: str) -> None:
    posted = await teams["class-teacher"].says(text, channel)
    assert any("Policy Clerk for" in words(one) for one in posted)


async def test_a_disclosure_is_answered_first(teams: InTeams) -> None:
    (posted,) = await teams["class-teacher"].says(SECRET)
    assert words(posted).strip().startswith("Tell your safeguarding lead now")


@pytest.mark.parametrize("channel", [CHANNEL, GROUP])
async def test_a_policy_answer_may_stand_in_a_channel(teams: InTeams, channel: str) -> None:
    (posted,) = await teams["class-teacher"].says("Can I accept a friend request from a pupil?", channel)
    assert (posted.conversation, "Not allowed" in words(posted)) == (channel, True)


@pytest.mark.parametrize("said", [SECRET, "/report-concern", "my-requests"])
@pytest.mark.parametrize("channel", [CHANNEL, GROUP])
async def test_what_is_for_one_person_goes_to_them_alone(teams: InTeams, said: str, channel: str) -> None:
    teacher = teams["class-teacher"]
    alone, told = await teacher.says(said, channel)
    assert alone.conversation == teacher.user.chat
    assert (told.conversation, told.activity["text"]) == (channel, SENT_TO_YOU)


async def test_somebody_without_the_app_is_told_how_to_get_it_and_no_more(teams: InTeams) -> None:
    teams["class-teacher"].user.app = False
    (told,) = await teams["class-teacher"].says(SECRET, CHANNEL)
    assert (told.conversation, told.activity["text"]) == (CHANNEL, CANNOT_REACH_YOU)


async def test_the_welcome_comes_once(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    bot = {"id": "28:11111111-2222-3333-4444-555555555555"}
    await teacher.posts(type="installationUpdate", action="add")
    await teacher.posts(type="conversationUpdate", membersAdded=[bot])
    await teacher.posts(type="conversationUpdate", membersAdded=[bot])
    assert len(teacher.chat) == 1
    assert "Policy Clerk for" in words(teacher.newest())
    await teacher.posts(type="conversationUpdate", membersAdded=[bot], channel=CHANNEL)
    await teacher.posts(type="conversationUpdate", membersAdded=[{"id": teacher.user.mri}], channel=CHANNEL)
    assert len([p for p in teams.fake.posted if p.conversation == CHANNEL]) == 1


async def test_a_reported_message_is_triaged_and_dropped(teams: InTeams) -> None:
    value = {
        "commandId": "reportMessage",
        "messagePayload": {
            "id": "1",
            "linkToMessage": "https://teams.microsoft.com/l/message/1",
            "body": {"contentType": "html", "content": f"<div>{SECRET}</div>"},
            "attachments": [{"contentType": "reference", "contentUrl": f"{teams.fake.url}/never-fetched"}],
        },
    }
    teacher = teams["class-teacher"]
    answer = await teacher.posts(
        type="invoke", name="composeExtension/fetchTask", value=value, channel=CHANNEL
    )
    assert "safeguarding lead" in words(dialog(answer))
    assert "uncle" not in str(answer)
    button = next(a for a in teams_actions(dialog(answer)) if a["data"].get("target") == "report-concern")
    onward = await teacher.posts(
        type="invoke", name="composeExtension/submitAction", value={"data": button["data"]}, channel=CHANNEL
    )
    assert "danger" in words(dialog(onward))
    assert teams.fake.posted == []


FILES = ("application/vnd.microsoft.teams.file.download.info", "image/png", "image/*")


@pytest.mark.parametrize("kind", FILES)
async def test_files_are_never_opened_and_the_sender_is_told(teams: InTeams, kind: str) -> None:
    teacher = teams["class-teacher"]
    hung = [
        {"contentType": kind, "contentUrl": f"{teams.fake.url}/never-fetched", "name": "a.png"},
        {"contentType": "text/html", "content": "<p></p>"},
    ]
    await teacher.posts(type="message", text="", attachments=hung)
    alone = words(teacher.newest())
    assert "not open" in alone.lower() or "not opened" in alone.lower() or "cannot open" in alone.lower()
    await teacher.posts(type="message", text="Can I post photos of pupils?", attachments=hung)
    assert len(teacher.chat) == 2


async def test_what_is_typed_is_no_file(teams: InTeams) -> None:
    html = [{"contentType": "text/html", "content": "<p>help</p>"}]
    await teams["class-teacher"].posts(type="message", text="help", attachments=html)
    assert "open" not in words(teams["class-teacher"].newest()).partition("Policy Clerk for")[0]


@pytest.mark.parametrize("channel", ["", CHANNEL])
async def test_an_edited_message_gets_what_must_be_said_first_and_no_other_answer(
    teams: InTeams, channel: str
) -> None:
    teacher = teams["class-teacher"]
    await teacher.greets()
    changed = {"type": "messageUpdate", "channelData": {"tenant": {"id": TENANT}, "eventType": "editMessage"}}
    before = len(teams.fake.posted)
    await teacher.posts(channel=channel, text="Can I post photos of staff?", timestamp="1", **changed)
    assert len(teams.fake.posted) == before
    told = "A pupil in my class told me that her uncle hurts her"
    for _ in range(2):  # Teams sends it twice
        await teacher.posts(channel=channel, text=told, timestamp="2", id="changed", **changed)
    said = teams.fake.posted[before:]
    assert len(said) == (2 if channel else 1)
    assert "Tell your safeguarding lead now" in words(teacher.newest())
    if channel:
        assert [words(one).strip() for one in said if one.conversation == channel] == [SENT_TO_YOU]
