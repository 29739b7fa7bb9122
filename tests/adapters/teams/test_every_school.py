"""Every form and card of every school, as Teams takes it: Microsoft's schema of version 1.5, and our rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.teams import replies
from bot.cards import Card, Message, Reply
from tests.adapters.seen import walk
from tests.adapters.teams.rules import problems, schema_problems
from tests.school import Stage, form_of, staged

SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")


@pytest.fixture(params=SCHOOLS)
def school(request: pytest.FixtureRequest, home: Path) -> Iterator[Stage]:
    yield from staged(home, request.param)


def wrong(reply: Reply) -> list[str]:
    """What Teams would refuse of a reply, in a chat and in a dialog."""
    card = replies.in_chat(reply)
    found = [*problems(card), *schema_problems(plain(card))]
    task = replies.as_task(reply)["task"]
    if task["type"] == "continue":
        inside = task["value"]["card"]["content"]
        found += [*problems(inside, dialog=True), *schema_problems(plain(inside))]
    return found


def plain(card: dict[str, Any]) -> dict[str, Any]:
    """Without the search in long lists, which Teams knows and the schema does not."""
    for thing in walk(card):
        if "choices.data" in thing:
            del thing["choices.data"]
            thing["style"] = "compact"
    return card


def test_every_form_and_every_answer_without_one(school: Stage) -> None:
    teacher = school["class-teacher"]
    for workflow in school.published.workflows:
        reply = teacher.calls(workflow.command)
        assert wrong(reply) == [], workflow.command
        if workflow.gates:
            then = teacher.sends(form_of(reply), **{gate: "no" for gate in workflow.gates})
            assert wrong(then) == [], workflow.command
            reply = then
        if workflow.has_form:
            assert wrong(teacher.sends(form_of(reply))) == [], f"{workflow.command}, sent empty"
    for asked in ("help", "my-requests", "report", "Can I accept a friend request from a pupil?"):
        assert wrong(teacher.asks(asked)) == []


def test_cards_of_what_waits_and_the_forms_behind_their_buttons(school: Stage) -> None:
    """One request of each procedure that takes one without anything chosen, as its approvers have it."""
    teacher, seen = school["class-teacher"], 0
    for workflow in school.published.workflows:
        if not workflow.has_form:
            continue
        form = form_of(teacher.calls(workflow.command))
        if workflow.gates:
            form = form_of(teacher.sends(form, **{gate: "no" for gate in workflow.gates}))
        filled = {
            field.id: field.options[0].value if field.options else "no" if field.kind == "yes_no" else "x"
            for field in workflow.fields
            if field.kind in ("text", "long_text", "choice", "choices", "yes_no")
        }
        sent = teacher.sends(form, **filled)
        if isinstance(sent, Message):
            assert wrong(sent) == []
    school.deliver()
    for player in school.players.values():
        for card in player.feed():
            assert_taken(card)
            for button in card.buttons:
                if button.action in replies.OPENS:
                    assert wrong(player.presses(button)) == [], (card.title, button.label)
                    seen += 1
    assert seen > 0


def assert_taken(card: Card) -> None:
    """A card as the outbox sends it."""
    drawn = replies.request_card(card, "a-request/a-stage")
    assert [*problems(drawn), *schema_problems(drawn)] == []
