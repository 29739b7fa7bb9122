"""SAFEGUARDING.md, line by line, through the clerk's one door, its page and its command line; each test is
named after its line. What the cards themselves say is in test_safeguarding.py.
"""

import json
import logging
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.checking import go_live_findings
from adapters.cli import app
from adapters.slack import render as slack_render
from adapters.teams import render as teams_render
from bot import contacts, events
from bot.cards import (
    Link,
    Message,
    Quote,
    UpdateForm,
)
from bot.events import Asked, CommandCalled, MessageReported
from bot.people import Contacts
from bot.safeguarding import IMAGE_RULE, national_services, urgent_line
from tests.bot.disclosures import (
    DISCLOSURE,
    EMERGENCY,
    NIGHT,
    ROOT,
    SCHOOLS,
    SEEN,
    STAFF,
    TYPED,
    UNBLOCK,
    entered,
    first_of,
    handle,
    is_safety,
    nobody_was_told,
    opened,
)
from tests.school import MONDAY, Stage, packaged, staged, text_of

# Must


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
    for workflow in packaged(school).workflows:
        if workflow.command in ("report-content", "report-concern", "report-abuse", "remove-image"):
            assert "image" in workflow.gates, workflow.id


def test_must_4_yes_ends_the_form_and_keeps_nothing(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    reply = teacher.sends(teacher.calls("report-content"), danger="no", image="yes")
    assert isinstance(reply, Message)
    assert IMAGE_RULE in text_of(reply.cards[0].parts[0])
    assert nobody_was_told(aet)


@pytest.mark.parametrize("school", SCHOOLS)
def test_must_5_who_a_concern_about_staff_is_for(school: str, home: Path) -> None:
    for stage in staged(home, school):
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
    it = packaged("st-alphege").school
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
    published = packaged("aet")
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
    assert "Report Remove: nobody has done it yet" in said.stdout


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
