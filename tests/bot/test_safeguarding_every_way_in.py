"""Triage runs on every way in: messages, commands, every free-text field, the web, the command line."""

import json
import uuid
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from typer.testing import CliRunner

from adapters.cli import app
from adapters.demo import cast
from adapters.server import application
from bot.cards import (
    Details,
    Message,
    UpdateForm,
)
from bot.events import Asked, CommandCalled, FormSubmitted, MessageReported
from bot.safeguarding import KEPT
from tests.bot.disclosures import (
    DISCLOSURE,
    EMERGENCY,
    SCHOOLS,
    SEEN,
    STAFF,
    UNBLOCK,
    first_of,
    free_inputs,
    handle,
    is_safety,
    nobody_was_told,
    opened,
)
from tests.school import Player, Stage, staged, text_of


@pytest.mark.parametrize("place", ["private", "shared"])
@pytest.mark.parametrize("told", [EMERGENCY, DISCLOSURE, STAFF])
def test_must_1_on_every_way_in_that_is_not_a_form(aet: Stage, told: str, place: str) -> None:
    teacher = aet["class-teacher"]
    ways = {
        "typed or mentioned": handle(teacher, Asked, text=told, place=place),
        "after a slash": handle(teacher, CommandCalled, command="help", text=told, place=place),
        "after another": handle(teacher, CommandCalled, command="my-requests", text=told, place=place),
        "with a form": handle(teacher, CommandCalled, command="unblock-request", text=told, place=place),
        "for its owner": handle(teacher, CommandCalled, command="policy-gaps", text=told, place=place),
        "after a slash that is none": handle(
            teacher, CommandCalled, command="nothing", text=told, place=place
        ),
        "a command typed as a message": handle(teacher, Asked, text=f"/unblock-request {told}", place=place),
        "changed into it": handle(teacher, Asked, text=told, before="hello", place=place),
        "changed, and nobody knows from what": handle(teacher, Asked, text=told, before="", place=place),
        "a message reported": handle(teacher, MessageReported, text=told, link="https://x.example/1"),
    }
    for way, reply in ways.items():
        assert is_safety(reply), way
        assert first_of(reply).title != "Worried about a child?", way
        assert reply.audience == "person", way
    assert nobody_was_told(aet)


@pytest.mark.parametrize("link", [f"https://x.example/{'e' * 2000}", f"https://x.example/{'é' * 400}"])
def test_an_address_that_no_button_holds_does_not_cost_the_card(aet: Stage, link: str) -> None:
    reply = handle(aet["class-teacher"], MessageReported, text=DISCLOSURE, link=link)
    assert is_safety(reply)
    assert "x.example" not in text_of(first_of(reply).buttons)


@pytest.mark.parametrize("school", SCHOOLS)
def test_must_1_on_each_free_text_field_of_each_form(school: str, home: Path) -> None:
    for stage in staged(home, school):
        teacher = stage["class-teacher"]
        for workflow in stage.published.workflows:
            for name in free_inputs(workflow.fields):
                form = opened(teacher, workflow.command)
                for act in (teacher.sends, teacher.changes):
                    reply = act(form, **{name.replace(".", "__"): DISCLOSURE})
                    assert isinstance(reply, UpdateForm), (workflow.id, name)
                    assert first_of(reply).title == "Tell your safeguarding lead now"
        assert not stage.clerk.store.requested_by(teacher.id)


def test_must_1_on_each_free_text_field_of_whoever_decides(aet: Stage) -> None:
    teacher, technician, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]

    def told(player: Player, label: str, **values: str) -> None:
        form = player.presses(label)
        reply = player.sends(form, **values)
        assert isinstance(reply, UpdateForm), (label, values)
        assert is_safety(reply)
        assert DISCLOSURE in text_of(reply.form)
        assert KEPT in text_of(first_of(reply))

    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    aet.deliver()
    told(technician, "Pass to headteacher", blocked="yes", technical_risks=DISCLOSURE)
    told(technician, "Send back", reason=DISCLOSURE)
    told(technician, "Hand on", to=aet["online-safety-lead"].id, reason=DISCLOSURE)
    technician.acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    told(head, "Approve", reason=DISCLOSURE)
    told(head, "Refuse", reason=DISCLOSURE)

    form = opened(teacher, "report-content")
    values = {**SEEN, "who": "pupil"}
    teacher.sends(teacher.sends(form, **values), **values, about_receiver="no")
    aet.deliver()
    dsl = aet["dsl"]
    details = dsl.presses("Open details")
    assert isinstance(details, Details)
    for button in details.card.buttons:
        if button.label in ("Close with an outcome", "Add a note"):
            reply = dsl.sends(dsl.presses(button), reason=DISCLOSURE)
            assert isinstance(reply, UpdateForm), button.label
            assert is_safety(reply)


def test_must_1_on_the_last_step_before_sending(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    asked = teacher.sends(opened(teacher, "report-content"), **SEEN, who="pupil")
    assert isinstance(asked, UpdateForm)
    reply = teacher.sends(asked, url=SEEN["url"], nature=DISCLOSURE, who="pupil", about_receiver="no")
    assert isinstance(reply, UpdateForm)
    assert is_safety(reply)
    assert "This goes to" in text_of(reply.form), "the question before sending is still there"


def test_must_1_a_form_that_cannot_be_read_or_came_too_late_is_triaged_all_the_same(aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    for state in ("", "{}", "nonsense"):
        values = {"reasons": (DISCLOSURE,)}
        assert is_safety(handle(teacher, FormSubmitted, form="unblock-request", state=state, values=values))
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    aet.deliver()
    form = technician.presses("Send back")
    teacher.presses("Withdraw")
    assert is_safety(technician.sends(form, reason=DISCLOSURE))


def test_must_1_a_web_address_is_no_prose(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    url = "https://example.org/i-want-to/kill-myself/tonight?text=he-touches-her"
    reply = teacher.sends(teacher.calls("unblock-request"), **{**UNBLOCK, "url": url})
    assert isinstance(reply, Message)
    assert all(card.mood != "safety" for card in reply.cards)


async def test_must_1_on_the_web(aet: Stage) -> None:
    house = cast(aet.clerk, aet.published)
    async with TestClient(TestServer(application(aet.clerk, [house]))) as page:
        said = {"kind": "said", "id": str(uuid.uuid4()), "text": EMERGENCY}
        address = str(page.make_url("")).rstrip("/")
        headers = {"Content-Type": "application/json", "Origin": address}
        answer = await page.post("/as/aet/class-teacher/event", data=json.dumps(said), headers=headers)
        assert answer.status == 200
        html = (await answer.json())["html"]
        assert html.index("If anyone is in danger now: call 999") < html.index("01632 960 001")
        assert 'href="tel:999"' in html
        said = {**said, "id": str(uuid.uuid4()), "text": f"{EMERGENCY}. " * 500}
        answer = await page.post("/as/aet/class-teacher/event", data=json.dumps(said), headers=headers)
        assert "call 999" in (await answer.json())["error"], "too long to be read, and answered all the same"


def test_must_1_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYCLERK_HOME", str(tmp_path))
    monkeypatch.setenv("POLICYCLERK_MODEL", "off")
    said = CliRunner().invoke(app, ["ask", "--school", "aet", EMERGENCY]).stdout
    assert said.startswith("If anyone is in danger now: call 999")
    found = json.loads(CliRunner().invoke(app, ["ask", "--school", "aet", "--json", STAFF]).stdout)
    assert found["safeguarding"] == {"level": "headteacher", "to": ["headteacher"]}
