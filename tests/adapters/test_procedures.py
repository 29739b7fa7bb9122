"""Every command of every packaged school, called by a class teacher: what comes back is drawn whole on
Slack, Teams and the page."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from adapters.slack import render as slack
from adapters.teams import render as teams
from adapters.web import render as web
from bot.cards import Message, Reply, UpdateForm
from tests.adapters.neutral import card_words, form_words
from tests.adapters.slack import rules as slack_rules
from tests.adapters.teams import rules as teams_rules
from tests.adapters.test_parity import card_gaps, form_gaps
from tests.school import Stage, form_of, staged

SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")
NO_DANGER = {"danger": "no", "image": "no"}


@pytest.fixture(params=SCHOOLS)
def school(request: pytest.FixtureRequest, home: Path) -> Iterator[Stage]:
    yield from staged(home, request.param)


def on_the_page(html: str) -> str:
    return re.sub(
        r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)) + " ".join(re.findall(r'"([^"]*)"', html))
    )


def problems(reply: Reply) -> list[object]:
    """What some platform leaves out of a reply, or would be refused for."""
    html = on_the_page(web.reply(reply).html)
    if isinstance(reply, Message):
        (card,) = reply.cards
        words, gaps = card_words(card), card_gaps(card, slack.message(card), teams.message(card))
        found = [
            *slack_rules.message_problems(slack.message(card)),
            *teams_rules.problems(teams.message(card)),
        ]
    else:
        form = form_of(reply)
        modal, dialog = slack.modal(form), teams.form_card(form)
        words, gaps = form_words(form), form_gaps(form, modal, dialog)
        found = [*slack_rules.view_problems(modal), *teams_rules.problems(dialog)]
    # The page shows a detail right below its option, and need not say which it belongs to.
    lost = [
        word
        for word in words
        if not word.startswith("If you chose") and re.sub(r"\s+", " ", unescape(word)) not in html
    ]
    return [*gaps.items(), *found, *lost]


def test_every_command_can_be_drawn_on_every_platform(school: Stage) -> None:
    teacher = school["class-teacher"]
    for workflow in school.published.workflows:
        first = teacher.calls(workflow.id)
        assert isinstance(first, Message) == (not workflow.has_form and not workflow.gates), workflow.id
        assert problems(first) == [], workflow.id
        if not workflow.gates:
            continue
        then = teacher.sends(first, **{gate: NO_DANGER[gate] for gate in workflow.gates})
        assert isinstance(then, UpdateForm if workflow.has_form else Message), workflow.id
        assert problems(then) == [], workflow.id


def test_every_form_can_be_drawn_with_all_it_may_ask(school: Stage) -> None:
    """Each option of a field on which others depend is chosen once."""
    teacher = school["class-teacher"]
    for workflow in school.published.workflows:
        if not workflow.has_form:
            continue
        form = form_of(teacher.calls(workflow.id))
        if workflow.gates:
            form = form_of(teacher.sends(form, **{gate: "no" for gate in workflow.gates}))
        for field in workflow.fields:
            for value in [option.value for option in field.options]:
                changed = teacher.changes(form, **{field.id: value})
                assert problems(changed) == [], (workflow.id, field.id, value)
