"""What setting up and not being known look like, drawn whole on Slack, Teams and the page, at every school."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cards import Message
from bot.events import Asked, Identity
from bot.people import UNLISTED
from tests.adapters.test_procedures import SCHOOLS, problems
from tests.school import Player, Stage, form_of, staged

LONG = "Wolfeschlegelsteinhausenbergerdorff " * 4


@pytest.fixture(params=SCHOOLS)
def school(request: pytest.FixtureRequest, home: Path) -> Iterator[Stage]:
    for stage in staged(home, request.param):
        directory, places = stage.clerk.directory, stage.clerk.places
        for person in directory.staff(request.param).people:
            directory.add_person(person.model_copy(update={"name": f"<{person.name}> & {LONG}"[:150]}))
        places.adopt(request.param, stage.clock.now())
        for platform, tenant in (("slack", "T1"), ("slack", "T2"), ("teams", "G1")):
            places.connect(platform, tenant, request.param)
        yield stage


def test_setting_up_can_be_drawn_on_every_platform(school: Stage) -> None:
    admin = school["office-manager"]
    overview = admin.calls("setup")
    assert problems(overview) == []
    for button in overview.cards[0].buttons if isinstance(overview, Message) else ():
        opened = admin.presses(button)
        assert problems(opened) == [], button.label
        if isinstance(opened, Message):
            assert problems(admin.presses(opened.cards[0].buttons[0])) == []
            continue
        for role in school.published.school.roles:
            assert problems(admin.changes(form_of(opened), role=role)) == [], role
    away = admin.calls("away")
    assert problems(away) == []
    form = form_of(admin.presses(away.cards[0].buttons[0])) if isinstance(away, Message) else None
    assert form
    assert problems(form_of_errors := admin.sends(form, first="x", last="y")) == [], form_of_errors
    assert problems(admin.sends(form, first="2026-11-09", last="2026-11-13")) == []


def test_a_change_that_waits_can_be_drawn_on_every_platform(school: Stage) -> None:
    admin, dsl = school["office-manager"], school.published.school.dsl
    teacher = school["class-teacher"]
    overview = admin.calls("setup")
    assert isinstance(overview, Message)
    form = form_of(admin.presses(overview.cards[0].buttons[0]))
    assert problems(admin.sends(form, role=dsl, gains=teacher.id)) == []
    chair = school["chair"]
    assert problems(Message(cards=chair.feed()[:1])) == []


def test_somebody_on_no_list_sees_everything_whole(school: Stage) -> None:
    stranger = Player(school, "nobody", UNLISTED)
    stranger.who = Identity(platform="slack", tenant="T1", user="U9")
    gates = stranger.calls("report-concern")
    form = stranger.sends(gates, danger="no", image="no")
    filled = {"who": "staff", "kinds": "bullying", "typed_name": LONG[:90], "to": "deputy"}
    chosen = stranger.changes(form, **filled)
    asked = stranger.sends(chosen, **filled)
    sent = stranger.sends(asked, **filled, about_receiver="no")
    for reply in (gates, form, chosen, asked, sent):
        assert problems(reply) == []
    answered = school.clerk.assistant.handle(Asked(id="e1", who=stranger.who, text="Can I use my own phone?"))
    assert isinstance(answered, Message)
    for card in answered.cards:
        assert problems(Message(cards=(card,))) == []
