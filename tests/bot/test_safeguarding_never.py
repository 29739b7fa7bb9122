"""What the clerk must never do (SAFEGUARDING, must never): each rule by its number."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.server import application
from adapters.slack import render as slack_render
from bot import events
from bot.cards import (
    Details,
    FieldErrors,
    Home,
    Message,
    OpenForm,
    Redraw,
    Reply,
    Results,
    UpdateForm,
)
from bot.events import CommandCalled
from bot.workflows.definition import Field
from tests.bot.disclosures import (
    DISCLOSURE,
    EMERGENCY,
    ROOT,
    SEEN,
    STAFF,
    TYPED,
    UNBLOCK,
    first_of,
    handle,
    is_safety,
    opened,
)
from tests.school import Stage, form_of, text_of


def test_must_never_1_accept_fetch_preview_or_store_an_image(aet: Stage) -> None:
    kinds = {
        "text",
        "long_text",
        "choice",
        "choices",
        "yes_no",
        "person",
        "date",
        "address",
        "addresses",
        "lines",
        "entry",
    }
    allowed = set(Field.model_fields["kind"].annotation.__args__)  # type: ignore[union-attr]
    assert allowed == kinds, "no field takes a file"
    saved = "link.href = URL.createObjectURL(await response.blob());"
    for path in (ROOT / "adapters" / "web").rglob("*"):
        if path.suffix in (".html", ".js"):
            script = path.read_text(encoding="utf-8")
            if path.name == "page.js":  # saves what the clerk itself has printed, and shows it nowhere
                assert script.count("save(") == 2
                assert 'type.startsWith("application/pdf")) return save(response)' in script
                script = script.replace(saved, "", 1)
            assert not re.search(r'type="file"|<img|createObjectURL|FormData\(', script)
    drawn = slack_render.message(first_of(aet["class-teacher"].asks(DISCLOSURE)))
    assert drawn["unfurl_links"] is False
    assert drawn["unfurl_media"] is False
    assert '"image' not in json.dumps(drawn)


def test_must_never_2_ask_for_a_childs_name(aet: Stage) -> None:
    """Where a policy's own form has a field for it, it is optional, and leaving it empty is offered."""
    for workflow in aet.published.workflows:
        for field in workflow.fields:
            if re.search(r"name of the (pupil|child)", field.label, re.IGNORECASE):
                assert not field.required
                assert "leave this empty" in field.hint
    for told in (EMERGENCY, DISCLOSURE, STAFF):
        said = text_of(first_of(aet["class-teacher"].asks(told))).casefold()
        assert not re.search(r"tell (me|us)|what happened\?|who (is|was)|child's name|more detail", said)


def test_must_never_3_promise_confidentiality(aet: Stage) -> None:
    for text in (
        "Will you keep this secret? A pupil told me he is being hit at home",
        "is this chat confidential?",
    ):
        said = text_of(aet["class-teacher"].asks(text)).casefold()
        assert not re.search(
            r"(this (chat )?is|stays|kept|remain\w*|be) (confidential|anonymous|private)", said
        )


def test_must_never_4_judge_or_send_somebody_to_the_person_concerned(aet: Stage) -> None:
    for told in (EMERGENCY, DISCLOSURE, STAFF):
        said = text_of(first_of(aet["class-teacher"].asks(told))).casefold()
        assert not re.search(r"this (is|may be|looks like) (abuse|a crime|a breach)|unlawful|illegal", said)
        assert not re.search(
            r"(speak|talk|reply) to (him|her|them|the person|the teacher)|ask them why", said
        )


def test_must_never_5_let_the_person_it_is_about_see_or_find_it(aet: Stage) -> None:
    teacher, head = aet["class-teacher"], aet["headteacher"]
    form = opened(teacher, "report-content")
    values = {**SEEN, "who": "staff", "staff_member": head.id}
    asked = teacher.sends(form, **values)
    shown = text_of(form_of(asked).intro)
    assert "Headteacher" not in shown
    teacher.sends(asked, **values, about_receiver="no")
    aet.deliver()
    (request,) = aet.clerk.store.requested_by(teacher.id)
    assert request.about_people
    for user in ("headteacher", "deputy-headteacher"):
        assert aet[user].feed() == (), user
        assert request.reference not in text_of(handle(aet[user], CommandCalled, command="my-requests"))
    assert aet["chair"].feed()
    for action in ("open", "close", "add", "receive"):
        pressed = handle(
            head, events.ButtonPressed, action=action, target=f"{request.id}/staff", version=request.revision
        )
        assert request.reference not in text_of(pressed)
        assert SEEN["nature"] not in text_of(pressed)


def test_must_never_6_sensitive_text_in_a_button_in_private_metadata_or_in_a_log(
    aet: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    teacher = aet["class-teacher"]
    told = f"{DISCLOSURE} {TYPED}"
    with caplog.at_level(logging.DEBUG):
        reply = teacher.sends(teacher.calls("unblock-request"), **{**UNBLOCK, "reasons": told})
        sent = teacher.sends(reply, **{**UNBLOCK, "reasons": told})
    assert TYPED not in caplog.text
    assert isinstance(reply, UpdateForm)
    modal = slack_render.modal(reply.form, reply.before)
    assert TYPED not in modal["private_metadata"] + modal["callback_id"]
    assert TYPED not in reply.form.state
    aet.deliver()
    assert isinstance(sent, Message)
    for card in (*sent.cards, *teacher.feed(), *aet["ict-technician"].feed()):
        for button in card.buttons:
            assert TYPED not in button.model_dump_json()


def test_must_never_6_no_notice_is_for_a_channel(aet: Stage) -> None:
    """Every notice of a request about people goes to one person who holds the role."""
    teacher = aet["class-teacher"]
    values = {**SEEN, "who": "pupil"}
    teacher.sends(teacher.sends(opened(teacher, "report-content"), **values), **values, about_receiver="no")
    aet.deliver()
    (request,) = aet.clerk.store.requested_by(teacher.id)
    people = {player.id for player in aet.players.values()}
    assert {d.person for d in aet.clerk.store.deliveries(request.id)} <= people


def test_must_never_7_let_sent_sound_like_read(aet: Stage) -> None:
    teacher, dsl = aet["class-teacher"], aet["dsl"]
    values = {**SEEN, "who": "pupil"}
    sent = teacher.sends(
        teacher.sends(opened(teacher, "report-content"), **values), **values, about_receiver="no"
    )
    assert not re.search(r"\b(read|seen|opened|aware|knows?)\b", text_of(sent).casefold())
    aet.deliver()
    assert "not opened yet" in teacher.sees()
    aet.clock.pass_by(timedelta(minutes=7))
    dsl.presses("Open details")
    assert "opened 9 Nov 2026, 09:37" in teacher.sees()
    assert "Received" not in teacher.sees()


@pytest.fixture
def damaged(tmp_path: Path) -> dict[str, str]:
    """The environment of a clerk whose triage weights have rotted by one byte: the whole program, copied."""
    program = tmp_path / "program"
    shutil.copytree(ROOT / "bot", program / "bot", ignore=shutil.ignore_patterns("training", "__pycache__"))
    for room in ("knowledge", "adapters"):
        (program / room).symlink_to(ROOT / room)
    weights = program / "bot" / "triage_weights" / "triage.npz"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(bytes(content))
    return {
        **os.environ,
        "PYTHONPATH": str(program),
        "POLICYCLERK_HOME": str(tmp_path / "home"),
        "POLICYCLERK_MODEL": "off",
    }


LINE = "If this is about a real child, tell the designated safeguarding lead now: 01632 960 001"


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A process of its own."""
    command = [sys.executable, "-P", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, cwd="/")


def test_must_never_8_hide_help_behind_weights_that_have_rotted(damaged: dict[str, str]) -> None:
    ask = ("-m", "adapters.cli", "ask", "--school", "aet")
    assert LINE in run(damaged, *ask, "can I accept a parent's friend request?").stdout
    assert LINE in run(damaged, *ask, "what about the moon").stdout
    assert run(damaged, *ask, "he wants to kill himself").stdout.startswith("If anyone is in danger now")
    checked = run(damaged, "-m", "adapters.cli", "check", "--school", "aet").stdout
    assert "every reply carries the reminder: only plain phrases are looked for" in checked
    assert "sha256 differs" in checked


READY = """
import asyncio, json, sys
from aiohttp.test_utils import TestClient, TestServer
from adapters.demo import stage
from adapters.server import application
from adapters.settings import Settings
from adapters.wiring import wire
async def look():
    clerk = wire(Settings())
    stage(clerk)
    async with TestClient(TestServer(application(clerk))) as page:
        print(await (await page.get("/readyz")).text())
    clerk.close()
asyncio.run(look())
"""


def test_must_never_8_readyz_says_when_messages_are_judged_less_well(damaged: dict[str, str]) -> None:
    said = json.loads(run(damaged, "-c", READY).stdout)
    assert said["ready"] is True, "help is not withheld"
    assert "sha256 differs" in said["triage"]


def test_must_never_8_every_kind_of_reply_carries_the_line_while_the_triage_is_not_whole(
    aet: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from bot import triage, triage_model

    monkeypatch.setattr(triage_model.TriageModel.load.__func__, "__defaults__", (tmp_path / "gone",))
    monkeypatch.setattr(triage, "_loaded", [])
    teacher, technician, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]
    form = teacher.calls("unblock-request")
    replies: list[Reply] = [
        teacher.asks("Can I accept a parent's friend request?"),
        teacher.asks("what about the moon"),
        teacher.asks("hello"),
        handle(teacher, events.HomeOpened),
        teacher.calls("my-requests"),
        teacher.calls("policy-gaps"),
        form,
        teacher.sends(form),
        teacher.changes(form),
        teacher.sends(form, **UNBLOCK),
    ]
    aet.deliver()
    replies.append(teacher.presses("Show what I sent"))
    replies.append(technician.acts("Pass to headteacher", blocked="yes"))
    aet.deliver()
    replies.append(head.acts("Refuse", reason="Not this term."))
    kinds = {type(reply) for reply in replies}
    assert kinds == {Message, OpenForm, UpdateForm, FieldErrors, Redraw, Details, Home, Results}
    for reply in replies:
        assert text_of(reply).count(LINE) == 1, reply


def test_must_never_8_the_answers_model_being_off_weakens_no_triage(aet: Stage) -> None:
    """`staged` runs with POLICYCLERK_MODEL=off."""
    assert aet.clerk.settings.model == "off"
    assert is_safety(
        aet["class-teacher"].asks("tonight is the last night of his life, he has said his goodbyes")
    )
    assert LINE not in text_of(aet["class-teacher"].asks("Can I accept a parent's friend request?"))


def test_must_never_8_hide_help_behind_a_required_field(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    reply = teacher.sends(teacher.calls("unblock-request"), reasons=DISCLOSURE)
    assert isinstance(reply, UpdateForm), "the card comes before what is missing"
    assert is_safety(reply)


async def test_must_never_8_hide_help_behind_a_login_or_a_rate_limit(aet: Stage) -> None:
    async with TestClient(TestServer(application(aet.clerk))) as page:
        for _ in range(60):
            answer = await page.get("/")
            assert answer.status == 200
        html = await answer.text()
    assert 'href="tel:999"' in html
    assert "NSPCC" in html
