"""Every command of every packaged school, typed in Slack: each form filled in and sent, each message to
whoever is asked answered by its first button. Slack refuses nothing, and nobody is left with nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.everything import ASKED_BEFORE
from tests.adapters.slack.conftest import Office, clean, offices
from tests.slack_server import User

pytestmark = pytest.mark.slow
SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")
STEPS = 10
SLACKS_OWN = ("help", "away")
"""Commands by which Slack has something of its own, or another app may."""


@pytest.fixture(params=SCHOOLS)
async def school(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Office]:
    """Each school in turn."""
    async for office in offices(home, request.param):
        yield office


async def test_every_command_can_be_typed_and_every_form_sent(school: Office) -> None:
    teacher, clerk = school["class-teacher"], school.stage.clerk
    for command, _, _ in clerk.assistant.commands(school.stage["class-teacher"].who):
        said, workflow = len(teacher.messages("dm")), school.stage.published.workflow(command)
        await teacher.types(f"/policyclerk {command}" if command in SLACKS_OWN else f"/{command}")
        asks = workflow is not None and bool(workflow.has_form or workflow.gates)
        await school.slack.until(
            lambda said=said, asks=asks: _there(teacher) or (not asks and len(teacher.messages("dm")) > said),
            command,
            teacher.sees,
        )
        if teacher.modal:
            await _filled_in_and_sent(teacher)
    sent = {one.workflow for one in clerk.store.requested_by(school.stage["class-teacher"].id)}
    assert sent == {one.id for one in school.stage.published.workflows if one.has_form}
    for user in school.stage.players:
        if user != "class-teacher":
            await _answers_what_came(school[user])
    assert clean(school.slack)


async def _filled_in_and_sent(user: User) -> None:
    """Until what is in front is no form any more; then close it."""
    for _ in range(STEPS):
        if not _form(user):
            break
        filled: set[str] = set()
        while block := _unfilled(user, filled):
            filled.add(block["block_id"])
            await user.fills({block["block_id"]: _value(block)})
            await user.slack.quiet(0.05)  # inputs that depend on this one have come, or gone to the next step
        await user.submits()
        await user.slack.until(lambda: _there(user), "an answer", user.sees)
    assert not _form(user), (user.slack.refusals, user.sees("modal"))
    if user.modal:
        await user.closes(everything=True)


async def _answers_what_came(user: User) -> None:
    """Press the first button of each message, and send the form it opens."""
    for message in user.messages("dm"):
        pressed = next(
            ((b, one) for b in message.blocks if b["type"] == "actions" for one in b["elements"]), None
        )
        if pressed and pressed[1]["text"]["text"] != "Not what I meant":
            await user.presses(message, *pressed)
            await user.slack.quiet(0.1)
            await user.slack.until(lambda: not user.modal or _there(user), "an answer", user.sees)
            if user.modal:
                await _filled_in_and_sent(user)


def _there(user: User) -> bool:
    """A modal that says something; a slow clerk puts one up that says to wait."""
    return bool(user.modal) and "One moment…" not in user.sees("modal")


def _form(user: User) -> bool:
    return bool(user.modal and "submit" in user.modal.drawn)


def _unfilled(user: User, filled: set[str]) -> dict[str, Any] | None:
    """The first input that was not filled in yet, as the form is drawn now."""
    blocks = user.modal.drawn["blocks"]  # type: ignore[union-attr]
    return next((b for b in blocks if b["type"] == "input" and b["block_id"] not in filled), None)


def _value(block: dict[str, Any]) -> Any:
    element = block["element"]
    match element["type"]:
        case "datepicker":
            return "2027-02-01"
        case "checkboxes" | "multi_static_select":
            return [one["value"] for one in element["options"]]
        case "radio_buttons" | "static_select":
            offered = [one["value"] for one in element["options"]]
            return ASKED_BEFORE.get(block["block_id"], offered[0])
        case _:
            return "https://site.example/x" + "\nhttps://site.example/y" * element.get("multiline", False)
