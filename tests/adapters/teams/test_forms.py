"""Forms in Teams: as a card in the chat, in a dialog, changing, refused, and their long lists."""

from typing import Any

import pytest

from bot.people import Person
from tests.adapters.seen import teams_actions, walk
from tests.adapters.teams.deeds import UNBLOCK, ask_to_unblock
from tests.adapters.teams.fake_teams import activity
from tests.adapters.teams.staff import InTeams, dialog, replaced, words


@pytest.mark.parametrize("text", ["/unblock-request", "unblock-request", "/Unblock-Request"])
async def test_a_typed_command_opens_its_form_in_the_chat(teams: InTeams, text: str) -> None:
    (form,) = await teams["class-teacher"].says(text)
    assert "Reasons for access" in words(form)


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
    assert (await teams.post(body))[0] == 400
