"""A posted body becomes an event, or a plain refusal that repeats nothing of it."""

import json
from datetime import UTC, datetime

import pytest

from adapters.web.inbound import LONGEST_MESSAGE, NotUnderstood, event
from adapters.web.outbound import WebSender
from bot.cards import Card
from bot.events import (
    Asked,
    ButtonPressed,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    Identity,
)
from bot.ports import Place
from bot.workflows.request import Notice, Request

WHO = Identity(platform="web", tenant="aet", user="teacher")
ID = "4b0a3c8e-6f0d-4c52-9d3a-2f1f5f7e8a90"


def read(**body: object) -> Event:
    return event(json.dumps({"id": ID, **body}).encode(), WHO)


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/unblock-request", "unblock-request", ""),
        ("  /Unblock-Request  ", "unblock-request", ""),
        ("/report a pupil\nsent me this", "report", "a pupil\nsent me this"),
    ],
)
def test_a_slash_and_a_name_is_a_command(text: str, command: str, rest: str) -> None:
    assert read(kind="said", text=text) == CommandCalled(id=ID, who=WHO, command=command, text=rest)


@pytest.mark.parametrize("text", ["Can I?", "/", "/ what", "/9", "and/or", "//report", "مرحبا"])
def test_anything_else_is_a_question(text: str) -> None:
    assert read(kind="said", text=text) == Asked(id=ID, who=WHO, text=text)


def test_the_other_kinds() -> None:
    filled = {"form": "f", "state": "s", "values": {"why": ["a\r\nb"], "who": []}}
    values = {"why": ("a\nb",), "who": ()}
    assert read(kind="submitted", **filled) == FormSubmitted(
        id=ID, who=WHO, form="f", state="s", values=values
    )
    assert read(kind="changed", **filled) == FormChanged(id=ID, who=WHO, form="f", state="s", values=values)
    assert read(kind="pressed", action="approve", target="r1", version=3) == ButtonPressed(
        id=ID, who=WHO, action="approve", target="r1", version=3
    )
    assert read(kind="home") == HomeOpened(id=ID, who=WHO)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"said"',
        b"\xff\xfe",
        b"{}",
        json.dumps({"kind": "said", "id": "1", "text": "secret"}).encode(),
        json.dumps({"kind": "said", "id": ID, "text": ""}).encode(),
        json.dumps({"kind": "said", "id": ID, "text": "secret\0"}).encode(),
        json.dumps({"kind": "said", "id": ID, "text": "secret", "who": {"user": "head"}}).encode(),
        json.dumps({"kind": "reported", "id": ID, "text": "secret"}).encode(),
        json.dumps({"kind": "pressed", "id": ID, "action": "a", "version": "secret"}).encode(),
        json.dumps({"kind": "submitted", "id": ID, "form": "f", "values": {"a": "secret"}}).encode(),
        json.dumps({"kind": "submitted", "id": ID, "form": "f", "values": {"a": [1]}}).encode(),
        b'{"kind": "said", "id": "' + ID.encode() + b'", "text": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_what_our_page_does_not_send_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(NotUnderstood) as refused:
        event(body, WHO)
    assert "secret" not in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_message_that_is_too_long_is_told_so() -> None:
    with pytest.raises(NotUnderstood, match="too long: the clerk reads up to 10,000 characters"):
        read(kind="said", text="x" * (LONGEST_MESSAGE + 1))
    assert read(kind="said", text="x" * LONGEST_MESSAGE)


def test_the_sender_names_where_the_message_lies() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    request = Request(
        id="r1",
        reference="AET-7KM3Q",
        school="aet",
        workflow="unblock-request",
        workflow_version="1",
        policy_version="1",
        requester="p1",
        values={},
        about_people=False,
        created_at=now,
        updated_at=now,
    )
    place = Place(platform="web", tenant="aet", user="ict")
    assert WebSender().send(Notice(kind="asked", person="p2"), request, Card(title="x"), place) == "web:p2:r1"
