"""Everything the clerk says at each packaged school, drawn for Slack: our rules, slack_sdk's, and Slack's types."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.slack import render
from bot.cards import Details, Form, Home, Message, OpenForm, Redraw, Reply, Results, UpdateForm
from tests.adapters.everything import Walk
from tests.adapters.seen import walk
from tests.adapters.slack.rules import message_problems, sdk_problems, view_problems
from tests.adapters.slack.types import refused_by_types
from tests.databases import KINDS, Databases, running_on
from tests.school import staged

pytestmark = pytest.mark.slow
Drawn = dict[str, Any]
SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")
QUESTIONS = (
    "May I accept a friend request from a parent?",
    "a pupil told me she wants to die",
    "what is the dress code",
    "may I post a photo of my class on my own account?",
)


class Drawings:
    """What one school's clerk said, as Slack messages and views, each once."""

    def __init__(self, said: Walk) -> None:
        self.messages = _once((where, one) for where, one in self._messages(said))
        self.views = _once((where, one) for where, reply in said.said for one in _views(reply))

    @staticmethod
    def _messages(said: Walk) -> Iterator[tuple[str, Drawn]]:
        yield from ((where, render.message(card)) for where, card in said.cards)
        for where, reply in said.said:
            match reply:
                case Message(cards=cards):
                    yield where, render.message(cards)
                case Results():
                    yield where, render.results(reply)
                case Redraw(card=card, notice=notice):
                    yield where, render.message(card)
                    yield where, render.notice(notice)


def _views(reply: Reply) -> Iterator[Drawn]:
    """As a modal, also what is a message where there is a conversation to write it in."""
    match reply:
        case Message(cards=cards):
            yield render.shown(cards)
        case Results(cards=cards, older=older):
            yield render.shown(cards, older=older)
        case Redraw(card=card, notice=notice):
            yield render.shown((card,), notice=notice)
        case OpenForm(form=form, before=before) | UpdateForm(form=form, before=before):
            yield render.modal(form, before)
        case Details():
            yield render.details(reply)
        case Home():
            yield render.home(reply)
        case _ if isinstance(form := getattr(reply, "form", None), Form):
            yield render.modal(form)


def _once(drawn: Iterable[tuple[str, Drawn]]) -> dict[str, Drawn]:
    """Each different drawing under the place it was first seen at."""
    found = {json.dumps(one, sort_keys=True): (where, one) for where, one in drawn}
    return {f"{n} {where}": one for n, (where, one) in enumerate(found.values())}


@pytest.fixture(scope="module", params=KINDS)
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """For all tests about a school."""
    with running_on(request) as here:
        yield here


@pytest.fixture(scope="module", params=SCHOOLS)
def drawings(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Drawings]:
    """One school, walked through once for all these tests."""
    for stage in staged(tmp_path_factory.mktemp(request.param), request.param):
        said = Walk(stage)
        said.commands()
        said.questions(*QUESTIONS)
        for workflow in stage.published.workflows:
            if workflow.has_form or workflow.gates:
                said.workflow(workflow, 0)
        said.own_commands()
        yield Drawings(said)


def test_slack_takes_all_of_it(drawings: Drawings) -> None:
    wrong = {where: [*message_problems(one), *sdk_problems(one)] for where, one in drawings.messages.items()}
    wrong |= {where: [*view_problems(one), *sdk_problems(one)] for where, one in drawings.views.items()}
    assert {where: problems for where, problems in wrong.items() if problems} == {}
    assert len(drawings.messages) > 20
    assert len(drawings.views) > 20


def test_nothing_typed_is_where_slack_logs_it(drawings: Drawings) -> None:
    """SAFEGUARDING, must never: no text of a form in a button's value or in a modal's private metadata."""
    kept = ("value", "private_metadata", "callback_id", "block_id", "action_id")
    drawn = [*drawings.messages.values(), *drawings.views.values()]
    hidden = [thing[key] for thing in walk(drawn) for key in kept if isinstance(thing.get(key), str)]
    assert not [text for text in hidden if "evil" in text or "<!channel>" in text]


@pytest.mark.slack_types
def test_slacks_own_types_take_all_of_it(drawings: Drawings, tmp_path: Path) -> None:
    assert refused_by_types(tmp_path, drawings.messages.values(), drawings.views.values()) == ""
