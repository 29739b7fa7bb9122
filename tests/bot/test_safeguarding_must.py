"""SAFEGUARDING.md, line by line, through the clerk's one door, its page and its command line; each test is
named after its line. What the cards themselves say is in test_safeguarding.py.
"""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from typer.testing import CliRunner

from adapters.checking import go_live_findings
from adapters.cli import app
from adapters.demo import cast
from adapters.schools import Folder, read_school
from adapters.server import application
from adapters.slack import render as slack_render
from adapters.teams import render as teams_render
from bot import contacts, events
from bot.cards import (
    Card,
    Details,
    FieldErrors,
    Form,
    Home,
    Link,
    Message,
    OpenForm,
    Quote,
    Redraw,
    Reply,
    Results,
    UpdateForm,
)
from bot.events import Asked, CommandCalled, FormSubmitted, MessageReported
from bot.people import Contacts
from bot.safeguarding import IMAGE_RULE, KEPT, national_services, urgent_line
from bot.workflows.definition import Field
from tests.school import MONDAY, Player, Stage, form_of, staged, text_of

ROOT = Path(__file__).resolve().parents[2]
SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")
EMERGENCY = "She has just taken all of her mum's tablets"
DISCLOSURE = "A girl in my class told me her uncle touches her and she is scared to go home"
STAFF = "A teacher is sending a Year 10 girl private messages at night asking for photos"
TYPED = "zyxomma"
"""A word that stands nowhere else: where it is found, what was typed is found."""
NIGHT = datetime(2026, 11, 9, 22, 0, tzinfo=UTC)
UNBLOCK = {
    "url": "https://example.org/volcano",
    "content": "A film about volcanoes.",
    "reasons": "Geography in year 5.",
    "risks": "Adverts: I load it before the lesson.",
    "for_pupils": "no",
}
SEEN = {"url": "https://example.org/horrid", "nature": "Violent pictures."}


def first_of(reply: Reply) -> Card:
    """The card that is seen first."""
    cards = reply.before if isinstance(reply, OpenForm | UpdateForm) else getattr(reply, "cards", ())
    assert cards, f"nothing is said first in {reply}"
    return cards[0]


def is_safety(reply: Reply) -> bool:
    """Whether a safety card comes first."""
    return first_of(reply).mood == "safety"


def handle(player: Player, kind: type, **values: object) -> Reply:
    """Something the platform passes on."""
    return player.stage.clerk.assistant.handle(kind(id=str(uuid.uuid4()), who=player.who, **values))


def opened(player: Player, command: str) -> Form:
    """A form past its gates."""
    form = form_of(player.calls(command))
    if gates := {item.id: "no" for item in form.inputs if item.id in ("danger", "image")}:
        form = form_of(player.sends(form, **gates))
    return form


def nobody_was_told(stage: Stage) -> bool:
    """Whether nothing waits to be sent, and nobody has been sent anything."""
    stage.deliver()
    return all(not stage[user].feed() for user in stage.players)


def entered(given: Contacts) -> Contacts:
    """The contacts as a school would have entered them."""
    return given.model_validate(
        json.loads(re.sub(r"01632 960 \d{3}", "020 7123 4567", given.model_dump_json()))
        | {"fictional": False}
    )


def free_inputs(fields: tuple[Field, ...]) -> list[str]:
    """Ids of everything in which somebody can type their own words."""
    typed = [f.id for f in fields if f.kind in ("text", "long_text", "lines", "address", "addresses")]
    return [*typed, *(f"{f.id}.{o.value}" for f in fields for o in f.options if o.detail)]


# Must


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
        "a message reported": handle(teacher, MessageReported, text=told, link="https://x.example/1"),
    }
    for way, reply in ways.items():
        assert is_safety(reply), way
        assert first_of(reply).title != "Worried about a child?", way
        assert reply.audience == "person", way
    assert nobody_was_told(aet)


@pytest.mark.parametrize("school", SCHOOLS)
def test_must_1_on_each_free_text_field_of_each_form(school: str, tmp_path: Path) -> None:
    for stage in staged(tmp_path, school):
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


def test_must_2_the_policys_clause_and_the_form_come_last_and_never_in_an_emergency(aet: Stage) -> None:
    for told in (DISCLOSURE, STAFF):
        card = first_of(aet["class-teacher"].asks(told))
        assert isinstance(card.parts[-1], Quote)
        assert "No one watches this chat" in text_of(card.parts[-4:-1])
    about_head = first_of(aet["class-teacher"].asks("Our headteacher kissed a year 11 girl"))
    assert "chair" in text_of(about_head.parts[-1]).casefold()
    urgent = first_of(aet["class-teacher"].asks(EMERGENCY))
    assert not any(isinstance(part, Quote) for part in urgent.parts)


def test_must_2_beside_a_concern_no_verdict_is_given(aet: Stage) -> None:
    question = "Can I accept a parent's friend request?"
    alone, beside = aet["class-teacher"].asks(question), aet["class-teacher"].asks(f"{STAFF}. {question}")
    assert isinstance(alone, Message)
    assert isinstance(beside, Message)
    assert re.match("[✔✘▲]", alone.cards[0].title)
    assert is_safety(beside)
    assert [card.title for card in beside.cards[1:]] == ["● What the policy says"]


def test_must_2_what_was_told_and_not_asked_gets_the_card_alone(aet: Stage) -> None:
    for told in (EMERGENCY, DISCLOSURE, STAFF):
        reply = aet["class-teacher"].asks(told)
        assert isinstance(reply, Message)
        assert len(reply.cards) == 1
    asked = aet["class-teacher"].asks(f"{DISCLOSURE}. What does the policy say about disclosures?")
    assert isinstance(asked, Message)
    assert len(asked.cards) == 2


def test_must_3_out_of_hours_the_card_says_that_school_is_closed(aet: Stage) -> None:
    teacher, number = aet["class-teacher"], "01632-960-007"
    assert number not in text_of(teacher.asks(DISCLOSURE))
    aet.clock.time = NIGHT
    for told in (EMERGENCY, DISCLOSURE, STAFF):
        said = text_of(teacher.asks(told))
        assert "School is closed now" in said
        assert number in said
    form = teacher.sends(teacher.calls("unblock-request"), **{**UNBLOCK, "reasons": DISCLOSURE})
    assert "School is closed now" in text_of(first_of(form))
    gates = teacher.sends(teacher.calls("report-content"), danger="yes", image="no")
    assert "School is closed now" in text_of(first_of(gates))


@pytest.mark.parametrize("school", SCHOOLS)
def test_must_4_every_form_about_something_seen_asks_first_whether_it_is_an_image(
    school: str, tmp_path: Path
) -> None:
    for workflow in read_school(Folder(school, tmp_path)).workflows:
        if workflow.command in ("report-content", "report-concern", "report-abuse", "remove-image"):
            assert "image" in workflow.gates, workflow.id


def test_must_4_yes_ends_the_form_and_keeps_nothing(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    reply = teacher.sends(teacher.calls("report-content"), danger="no", image="yes")
    assert isinstance(reply, Message)
    assert IMAGE_RULE in text_of(reply.cards[0].parts[0])
    assert nobody_was_told(aet)


@pytest.mark.parametrize("school", SCHOOLS)
def test_must_5_who_a_concern_about_staff_is_for(school: str, tmp_path: Path) -> None:
    for stage in staged(tmp_path, school):
        it, teacher = stage.published.school, stage["class-teacher"]
        staff = first_of(teacher.asks(STAFF))
        assert it.contacts.headteacher.title in text_of(staff)
        about_head = first_of(teacher.asks("Our headteacher has been kissing a year 11 girl"))
        assert about_head.title == "Tell the chair, not the head"
        rung = {part.label for part in about_head.parts if isinstance(part, Link)}
        assert rung == {it.contacts.chair.title, it.contacts.lado.title}
        both = "National guidance says:" in text_of(staff)
        assert both == (school == "leading-edge")


def test_must_5_the_calm_line_about_the_head_does_not_name_a_lead_who_is_the_head(tmp_path: Path) -> None:
    it = read_school(Folder("st-alphege", tmp_path)).school
    assert "head of school" in urgent_line(it).text.casefold()
    assert "chair of governors" in urgent_line(it, about_head=True).text.casefold()


def test_must_6_a_nagging_doubt_gets_neutral_words(aet: Stage) -> None:
    reply = aet["class-teacher"].asks(
        "I have a nagging doubt about a colleague who is over-familiar with a pupil"
    )
    said = text_of(first_of(reply))
    assert "welcome, however small" in said
    assert "It can be about yourself" in said
    assert not re.search(r"\b(serious|misconduct|crime|abuse|breach|guilty)\b", said.casefold())


def test_must_7_the_numbers_stand_in_one_file_and_nowhere_else() -> None:
    numbers = [s.phone for s in national_services() if len(s.phone) > 3]
    numbers += [s.url for s in national_services() if s.url]
    for path in (p for room in ("bot", "adapters") for p in (ROOT / room).rglob("*") if p.is_file()):
        if path.suffix in (".py", ".html", ".js", ".yaml") and path.name != "services.yaml":
            text = re.sub('"""[^"]*"""', "", path.read_text(encoding="utf-8"))  # an example in a docstring
            assert not [number for number in numbers if number in text], path
    assert all(s.checked is None or s.checked <= date.today() for s in national_services())


@pytest.mark.parametrize("ago", [None, 10, 400, -3])
def test_must_7_and_10_a_yearly_reminder_to_check_the_numbers(aet: Stage, ago: int | None) -> None:
    today = MONDAY.date()
    checked = None if ago is None else today - timedelta(days=ago)
    ours = entered(aet.published.school.contacts)
    ours = ours.model_copy(update={"checked": checked, "services_checked": checked})
    late = list(contacts.to_check(ours, national_services(), today))
    assert len(late) == (0 if ago == 10 else 2)
    school = aet.published.school.model_copy(update={"contacts": ours})
    published = aet.published.model_copy(update={"school": school, "version": f"v{ago}"})
    aet.clerk.library.publish(published, MONDAY)
    home = {
        user: text_of(handle(aet[user], events.HomeOpened)) for user in ("office-manager", "class-teacher")
    }
    assert ("Telephone numbers to check" in home["office-manager"]) == bool(late)
    assert "Telephone numbers to check" not in home["class-teacher"]


def test_must_8_what_is_kept_of_a_disclosure_typed_to_the_clerk_is_nothing(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.asks(f"{DISCLOSURE} {TYPED}")
    handle(teacher, CommandCalled, command="unblock-request", text=f"{DISCLOSURE} {TYPED}")
    teacher.sends(teacher.calls("unblock-request"), **{**UNBLOCK, "reasons": f"{DISCLOSURE} {TYPED}"})
    assert aet.clerk.store.printed_head(aet.published.school.id).count == 0, "nothing was recorded"
    aet.clerk.close()
    for path in Path(aet.clerk.settings.folder).rglob("*"):
        assert not path.is_file() or TYPED.encode() not in path.read_bytes(), path


def test_must_9_a_notification_carries_neither_name_nor_narrative(aet: Stage) -> None:
    teacher, dsl = aet["class-teacher"], aet["dsl"]
    values = {"url": SEEN["url"], "nature": f"Fights, {TYPED}.", "who": "pupil", "pupil_name": f"Sam {TYPED}"}
    form = opened(teacher, "report-content")
    teacher.sends(teacher.sends(form, **values), **values, about_receiver="no")
    aet.deliver()
    for card in (*dsl.feed(), *aet["ict-technician"].feed()):
        drawn = json.dumps([slack_render.message(card), teams_render.message(card)])
        assert TYPED not in drawn + text_of(card)
    shown = dsl.presses("Open details")
    assert f"Sam {TYPED}" in text_of(shown), "details open on request"
    refused = aet["teaching-assistant"].presses(dsl.button("Open details"))
    assert TYPED not in text_of(refused)


@pytest.mark.parametrize(
    "name", ["dsl", "deputies", "headteacher", "chair", "lado", "social_care", "out_of_hours"]
)
@pytest.mark.parametrize(
    ("phone", "why"),
    [
        ("", "no telephone number for the"),
        ("tbc", "is no telephone number"),
        ("+44 (0)1632 960 001", "kept free for stories"),
    ],
)
def test_must_10_check_refuses_to_go_live_without_a_contact(
    name: str, phone: str, why: str, tmp_path: Path
) -> None:
    published = read_school(Folder("aet", tmp_path))
    given = entered(published.school.contacts).model_dump()
    assert not list(contacts.unusable(Contacts.model_validate(given)))
    (given["deputies"][0] if name == "deputies" else given[name])["phone"] = phone
    school = published.school.model_copy(update={"contacts": Contacts.model_validate(given)})
    found = list(go_live_findings(published.model_copy(update={"school": school}), MONDAY.date()))
    assert [line for line in found if why in line], found


def test_must_10_check_refuses_the_demos_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYCLERK_HOME", str(tmp_path))
    monkeypatch.setenv("POLICYCLERK_MODEL", "off")
    said = CliRunner().invoke(app, ["check", "--school", "aet"])
    assert said.exit_code == 1
    assert "the telephone numbers are invented" in said.stdout
    assert "Report Remove: nobody has yet" in said.stdout


def test_must_11_card_first_input_kept_sending_not_blocked_nobody_told(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    values = {**UNBLOCK, "reasons": DISCLOSURE}
    reply = teacher.sends(teacher.calls("unblock-request"), **values)
    assert isinstance(reply, UpdateForm)
    assert is_safety(reply)
    assert "No one has been told" in text_of(first_of(reply))
    kept = {item.id: item.value for item in reply.form.inputs}
    assert kept["reasons"] == DISCLOSURE
    assert kept["risks"] == UNBLOCK["risks"]
    assert nobody_was_told(aet)
    sent = teacher.sends(reply, **values)
    assert isinstance(sent, Message)
    assert "sent" in sent.cards[0].title


def test_must_11_something_graver_typed_after_the_card_brings_another(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    first = teacher.sends(teacher.calls("unblock-request"), **{**UNBLOCK, "reasons": DISCLOSURE})
    second = teacher.sends(first, **{**UNBLOCK, "reasons": f"{DISCLOSURE}. {EMERGENCY}"})
    assert isinstance(second, UpdateForm)
    assert "call 999" in first_of(second).title
    assert isinstance(teacher.sends(second, **{**UNBLOCK, "reasons": f"{DISCLOSURE}. {EMERGENCY}"}), Message)


def test_must_11_in_a_channel_nothing_is_said_to_the_place(aet: Stage) -> None:
    for told in (EMERGENCY, DISCLOSURE, STAFF):
        assert handle(aet["class-teacher"], Asked, text=told, place="shared").audience == "person"


def test_must_12_a_reported_message_is_dropped_and_no_file_is_fetched(
    aet: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        reply = handle(
            aet["class-teacher"], MessageReported, text=f"{DISCLOSURE} {TYPED}", link="https://x.example/1"
        )
    assert TYPED not in text_of(reply) + caplog.text
    aet.clerk.close()
    for path in Path(aet.clerk.settings.folder).rglob("*"):
        assert not path.is_file() or TYPED.encode() not in path.read_bytes(), path
    where_files_lie = r"files_info|url_private|contentUrl|downloadUrl|download_url"
    fetching = rf"urllib\.request|ClientSession|^import requests|httpx|urlopen|{where_files_lie}"
    for path in [p for room in ("bot", "knowledge", "adapters") for p in (ROOT / room).rglob("*.py")]:
        # Those two speak to their platform's API, and must not name where it keeps what people send.
        speaks = path.parent.name in ("slack", "teams")
        named = where_files_lie if speaks else fetching
        if path.parts[-2:] == ("teams", "paper.py"):  # where the record lies that it has just written there
            named = named.replace("|contentUrl", "")
        pattern = re.compile(named)
        assert "training" in path.parts or not pattern.search(path.read_text(encoding="utf-8")), path


def test_must_13_erasure_leaves_the_audit_chain_whole(aet: Stage) -> None:
    teacher, school = aet["class-teacher"], aet.published.school.id
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    (request,) = aet.clerk.store.requested_by(teacher.id)
    before = aet.clerk.store.printed_head(school)
    aet.clerk.store.erase(request.id, aet.clock.now())
    assert aet.clerk.store.load(request.id) is None
    assert aet.clerk.store.history(request.id) == ()
    assert teacher.feed() == ()
    assert aet.clerk.store.verify(school, before) == []
    assert aet.clerk.store.printed_head(school).count == before.count + 1


# Must never


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
