"""What staff do in Teams, as signed activities of several users, and what they get."""

import asyncio
from typing import Any

import pytest

from adapters.edge import SENT_TO_YOU
from adapters.store.places import Channel
from adapters.teams.paper import is_onedrive
from adapters.teams.turns import CANNOT_REACH_YOU
from bot.people import Person
from tests.adapters.seen import teams_actions, walk
from tests.adapters.teams.fake_teams import OTHER_TENANT, TENANT, Posted, User, activity
from tests.adapters.teams.staff import CHANNEL, GROUP, InTeams, Staffer, dialog, replaced, words

UNBLOCK = {
    "url": "https://example.org/a",
    "content": "A page with pictures.",
    "reasons": "A lesson.",
    "risks": "None.",
    "for_pupils": "no",
}
SECRET = "A girl in my class told me her uncle touches her, he found her on here"


async def ask_to_unblock(teacher: Staffer) -> str:
    """Fill in the form in the chat. The request's reference."""
    (form,) = await teacher.says("/unblock-request")
    sent = replaced(await teacher.fills(form.card, message=form.id, **UNBLOCK))
    await teacher.teams.deliver()
    return next(word for word in words(sent).replace("\n", " ").split() if word.startswith("AET-")).strip(
        ".:"
    )


async def report_a_concern(teacher: Staffer) -> None:
    """Answer whatever the form asks, until it is sent."""
    (gates,) = await teacher.says("/report-concern")
    form = replaced(await teacher.fills(gates.card, message=gates.id, danger="no", image="no"))
    asked = form
    for _ in range(4):
        chosen = {
            item["id"].partition(":")[2]: _answer(item) for item in _inputs(asked) if not item.get("value")
        }
        asked = replaced(await teacher.fills(asked, message=gates.id, **chosen))
        if not _inputs(asked):
            break
    assert "AET-" in words(asked)


async def test_a_question_is_answered_with_the_clause(teams: InTeams) -> None:
    (posted,) = await teams["class-teacher"].says("Can I accept a friend request from a pupil?")
    assert "Not allowed" in words(posted)
    assert posted.conversation == teams["class-teacher"].user.chat


@pytest.mark.parametrize("text", ["hi", "Hello!", "help", "/help"])
@pytest.mark.parametrize("channel", ["", CHANNEL, GROUP])
async def test_hi_hello_and_help_are_answered_everywhere(teams: InTeams, text: str, channel: str) -> None:
    posted = await teams["class-teacher"].says(text, channel)
    assert any("Policy Clerk for" in words(one) for one in posted)


@pytest.mark.parametrize("text", ["/unblock-request", "unblock-request", "/Unblock-Request"])
async def test_a_typed_command_opens_its_form_in_the_chat(teams: InTeams, text: str) -> None:
    (form,) = await teams["class-teacher"].says(text)
    assert "Reasons for access" in words(form)


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


async def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    (form,) = await teacher.says("/unblock-request")
    wrong = replaced(await teacher.fills(form.card, message=form.id, **UNBLOCK | {"url": "x", "risks": " "}))
    assert "not a full web address" in words(wrong) or "web address" in words(wrong)
    assert "A lesson." in words(wrong)
    sent = replaced(await teacher.fills(wrong, message=form.id, url="https://example.org", risks="None."))
    assert "AET-" in words(sent)


async def test_where_only_submit_is_known_the_form_is_replaced_all_the_same(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    (form,) = await teacher.says("/unblock-request")
    inputs = {f"text:{name}": value for name, value in UNBLOCK.items()}
    await teacher.posts(
        type="message", value={**form.card["actions"][0]["data"], **inputs}, replyToId=form.id
    )
    assert "AET-" in words(teams.fake.messages[form.id])
    assert len(teacher.chat) == 1


async def test_the_form_opens_in_a_dialog_from_a_button(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    (answer,) = await teacher.says("How do we get a website unblocked?")
    title = next(
        a["title"] for a in teams_actions(answer.card) if a["data"].get("target") == "unblock-request"
    )
    form = dialog(await teacher.presses(answer.card, title, message=answer.id))
    sent = dialog(await teacher.fills(form, message=answer.id, **UNBLOCK))
    assert "AET-" in words(sent)


async def test_a_question_that_follows_is_asked_when_it_is_due(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    (gates,) = await teacher.says("/report-content")
    form = replaced(await teacher.fills(gates.card, message=gates.id, danger="no", image="no"))
    refresh = next(a for a in teams_actions(form) if a["data"].get("changed"))
    changed = [a for a in teams_actions(form) if a["data"].get("changed")]
    assert changed
    answer = await teacher.invokes(refresh, {"text:url": "https://example.org/kept"}, message=gates.id)
    assert "https://example.org/kept" in words(replaced(answer))


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
    asked_too = {item["id"].partition(":")[2]: "Dealt with." for item in _inputs(closing)}
    answer = await dsl.fills(closing, message=card.id, **asked_too)
    assert answer["task"]["type"] == "message", answer
    await teams.deliver()
    assert "Closed" in words(teacher.card_about("AET-"))
    assert not [post for post in teams.fake.posted if post.conversation in (CHANNEL, GROUP)]


def _inputs(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [thing for thing in walk(card) if str(thing.get("type", "")).startswith("Input.")]


def _answer(item: dict[str, Any]) -> str:
    if item["type"] != "Input.ChoiceSet":
        return "020 7946 0000"
    values = [choice["value"] for choice in item["choices"]]
    return "no" if "no" in values else str(values[0])


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


async def test_an_invoke_that_comes_twice_is_done_once(teams: InTeams) -> None:
    technician = teams["ict-technician"]
    await technician.greets()
    reference = await ask_to_unblock(teams["class-teacher"])
    waiting = technician.card_about(reference)
    card = dialog(await technician.presses(waiting.card, "Pass to headteacher", message=waiting.id))
    value = {"data": {**card["actions"][0]["data"], "text:blocked": "yes"}}
    body = activity(teams.fake, technician.user, type="invoke", name="task/submit", value=value)
    first, second = await asyncio.gather(teams.post(body), teams.post(body))
    assert first == second
    assert first[0] == 200
    third = await teams.post(body)
    assert third == first
    await teams.deliver()
    history = str(teams.stage.clerk.store.history(waiting.card_data("target").partition("/")[0]))
    assert history.count("action='done'") == 1


async def test_a_form_that_is_asked_for_twice_opens_twice(teams: InTeams) -> None:
    data = {"action": "start", "target": "unblock-request", "version": 0}
    body = activity(
        teams.fake, teams["class-teacher"].user, type="invoke", name="task/fetch", value={"data": data}
    )
    (_, first), (_, second) = await teams.post(body), await teams.post(body)
    assert "Reasons for access" in words(dialog(second))
    assert first == second


async def test_a_message_that_comes_twice_is_answered_once(teams: InTeams) -> None:
    body = activity(teams.fake, teams["class-teacher"].user, type="message", text="Can I post photos?")
    await asyncio.gather(*(teams.post(body) for _ in range(3)))
    assert len(teams["class-teacher"].chat) == 1


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


@pytest.mark.parametrize("field", ["tenant", "role"])
async def test_guests_and_other_tenants_see_signposts_alone(teams: InTeams, field: str) -> None:
    visitor = User("u-visitor", "Visitor", "class-teacher@aet.example")
    setattr(visitor, field, OTHER_TENANT if field == "tenant" else "guest")
    teams.fake.users[visitor.aad] = visitor
    (posted,) = await Staffer(teams, visitor).says("Can I accept a friend request from a pupil?")
    assert "Worried about a child?" in words(posted)
    assert "Not allowed" not in words(posted)
    assert teams.stage.published.school.name not in words(posted)


async def test_somebody_on_no_list_reads_policy_and_nothing_else(teams: InTeams) -> None:
    stranger = User("u-stranger", "Stranger", "stranger@aet.example")
    teams.fake.users[stranger.aad] = stranger
    (posted,) = await Staffer(teams, stranger).says("Can I accept a friend request from a pupil?")
    assert "Not allowed" in words(posted)
    assert teams_actions(posted.card) == []


async def test_who_belongs_is_asked_of_teams_once(teams: InTeams) -> None:
    for _ in range(3):
        await teams["class-teacher"].says("hello")
    assert teams.fake.member_fetches == 1


async def test_when_teams_does_not_say_who_belongs_the_listed_are_let_in(teams: InTeams) -> None:
    await teams["class-teacher"].greets()
    known = teams["class-teacher"]
    teams.fake.users.pop("u-headteacher")
    (posted,) = await teams["headteacher"].says("hello")
    assert "Policy Clerk for" not in words(posted)
    assert "Policy Clerk for" in words(known.newest())


@pytest.mark.parametrize(
    "value",
    [
        {"data": {}}, {"data": None}, {}, {"data": {"action": "open"}}, {"data": {"form": "x"}},
        {"data": {"action": "open", "target": "x", "version": "x"}}, {"data": "x"},
        {"data": {"action": "op\0en", "target": "x", "version": 1}}, None,
    ],
)  # fmt: skip
async def test_what_comes_from_no_card_of_ours_is_a_bad_request(teams: InTeams, value: Any) -> None:
    body = activity(teams.fake, teams["class-teacher"].user, type="invoke", name="task/submit", value=value)
    assert (await teams.post(body))[0] == 400


async def test_an_invoke_nobody_knows_is_answered_so(teams: InTeams) -> None:
    body = activity(
        teams.fake, teams["class-teacher"].user, type="invoke", name="signin/verifyState", value={}
    )
    assert (await teams.post(body))[0] == 501


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


async def printed(teams: InTeams, person: Staffer, reference: str) -> Posted:
    """Press Print in the details of a request. The consent card."""
    card = person.card_about(reference)
    label = next(t for t in ("Show what I sent", "Open details") if t in words(card))
    details = dialog(await person.presses(card.card, label, message=card.id))
    said = dialog(await person.presses(details, "Print", message=card.id))
    assert "OneDrive" in words(said)
    return person.newest()


def consent(teams: InTeams, asked: Posted, action: str = "accept", upload: str = "") -> dict[str, Any]:
    """What Teams posts when somebody answers the consent card."""
    (attachment,) = asked.activity["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.teams.card.file.consent"
    info = {
        "uploadUrl": upload or f"{teams.fake.url}/onedrive/{attachment['name']}",
        "contentUrl": "https://oak.sharepoint.com/record",
        "uniqueId": "u-1",
        "fileType": "pdf",
    }
    context = attachment["content"]["acceptContext"]
    return {"type": "fileUpload", "action": action, "context": context, "uploadInfo": info}


async def test_a_record_goes_into_the_persons_own_onedrive(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    reference = await ask_to_unblock(teacher)
    asked = await printed(teams, teacher, reference)
    assert teams.fake.files == {}
    await teacher.posts(type="invoke", name="fileConsent/invoke", value=consent(teams, asked))
    assert teams.fake.files == {f"{reference}.pdf": b"%PDF-a-record"}
    (shown,) = teacher.newest().activity["attachments"]
    assert shown["contentType"] == "application/vnd.microsoft.teams.card.file.info"
    assert shown["contentUrl"] == "https://oak.sharepoint.com/record"


async def test_a_record_goes_nowhere_else(teams: InTeams) -> None:
    teacher, other = teams["class-teacher"], teams["teaching-assistant"]
    asked = await printed(teams, teacher, await ask_to_unblock(teacher))
    elsewhere = consent(teams, asked, upload=f"{teams.fake.url}/elsewhere/a.pdf")
    await teacher.posts(type="invoke", name="fileConsent/invoke", value=elsewhere)
    assert "could not be sent" in words(teacher.newest())
    await teacher.posts(type="invoke", name="fileConsent/invoke", value=consent(teams, asked, "decline"))
    await other.posts(type="invoke", name="fileConsent/invoke", value=consent(teams, asked))
    assert "cannot open this" in words(other.newest())
    assert teams.fake.files == {}


async def test_the_record_of_a_concern_does_not_go_through_teams(teams: InTeams) -> None:
    dsl = teams["dsl"]
    await dsl.greets()
    await report_a_concern(teams["class-teacher"])
    await teams.deliver()
    card = dsl.card_about("AET-")
    details = dialog(await dsl.presses(card.card, "Open details", message=card.id))
    said = dialog(await dsl.presses(details, "Print", message=card.id))
    assert "does not go through chat" in words(said)
    target = card.card_data("target")
    forged = {
        "action": "accept",
        "context": {"print": target},
        "uploadInfo": {"uploadUrl": f"{teams.fake.url}/onedrive/x.pdf", "contentUrl": "x", "uniqueId": "x"},
    }
    await dsl.posts(type="invoke", name="fileConsent/invoke", value=forged)
    assert "does not go through chat" in words(dsl.newest())
    assert teams.fake.files == {}


def test_only_onedrive_is_onedrive() -> None:
    assert is_onedrive("https://oak-my.sharepoint.com/personal/a/upload")
    for address in (
        "http://oak-my.sharepoint.com/a", "https://sharepoint.com.evil.example/", "https://evilsharepoint.com/",
        "https://127.0.0.1/", "file:///etc/passwd", "https://x@evil.example/.sharepoint.com",
    ):  # fmt: skip
        assert not is_onedrive(address), address


async def test_a_long_staff_list_is_searched(teams: InTeams) -> None:
    directory = teams.stage.clerk.directory
    for n in range(200):
        name = f"Number {n:03} of a large staff"
        directory.add_person(Person(id=f"aet.many{n}", school="aet", name=name))
    technician = teams["ict-technician"]
    await technician.greets()
    reference = await ask_to_unblock(teams["class-teacher"])
    waiting = technician.card_about(reference)
    form = dialog(await technician.presses(waiting.card, "Hand on", message=waiting.id))
    (picker,) = [thing for thing in walk(form) if "choices.data" in thing]
    dataset = picker["choices.data"]["dataset"]
    value = {"kind": "search", "queryText": "NUMBER 17", "dataset": dataset}
    answer = await technician.posts(type="invoke", name="application/search", value=value)
    assert answer["type"] == "application/vnd.microsoft.search.searchResponse"
    found = [result["title"] for result in answer["value"]["results"]]
    numbers = (17, 117, *range(170, 180))
    assert found == [f"Number {n:03} of a large staff" for n in numbers]
    stranger = await teams["teaching-assistant"].posts(type="invoke", name="application/search", value=value)
    assert stranger["value"]["results"] == []
    sent = await technician.fills(
        form, message=waiting.id, to=answer["value"]["results"][0]["value"], reason="Away."
    )
    assert sent["task"]["type"] == "message"


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
