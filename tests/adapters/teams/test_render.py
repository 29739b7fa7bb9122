"""Every card and reply as Teams takes it, and back again."""

import json
import subprocess
import sys

import pytest
from hypothesis import assume, given

from adapters.teams import render
from adapters.wording import MORE
from bot.cards import Button, Card, Details, Home, Results, Text
from tests.adapters.gallery import CARDS, NASTY, RESULTS
from tests.adapters.neutral import card_buttons, card_words
from tests.adapters.seen import missing, teams_actions, teams_buttons, teams_words, walk
from tests.adapters.strategies import cards, unhurried
from tests.adapters.teams.drawn import ALL, DIALOGS, MESSAGES, Drawn, inside
from tests.adapters.teams.rules import problems, schema_problems


@pytest.mark.parametrize("name", MESSAGES)
def test_teams_takes_every_message(name: str) -> None:
    assert problems(MESSAGES[name]) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_teams_takes_every_dialog(name: str) -> None:
    assert problems(DIALOGS[name], dialog=True) == []


@pytest.mark.parametrize("name", [name for name in ALL if "large school" not in name])
def test_microsofts_schema_takes_everything(name: str) -> None:
    assert schema_problems(ALL[name]) == []


@given(cards)
@unhurried
def test_any_card_is_within_the_limits_and_shown_as_typed(card: Card) -> None:
    assume(any(word.strip() for word in card_words(card)))
    drawn = render.message(card)
    assert problems(drawn) == []
    shown = teams_words(drawn)
    if MORE not in shown:
        assert missing(card_words(card), shown) == []
        assert sorted(map(render.button, teams_buttons(drawn))) == card_buttons(card)
    elif card.mood != "safety":
        assert missing([card.title], shown) == []


def test_a_clicked_button_says_what_was_drawn() -> None:
    for name in ("approver", "many buttons", "safety"):
        pressed = [render.button(data) for data in teams_buttons(render.message(CARDS[name]))]
        assert sorted(pressed) == card_buttons(CARDS[name])


@pytest.mark.parametrize(
    "data", [{}, {"action": "a", "target": ""}, {"action": "a", "target": "", "version": "x"}]
)
def test_what_is_not_a_button_of_ours_is_refused(data: Drawn) -> None:
    with pytest.raises((KeyError, ValueError)):
        render.button(data)


def test_more_than_six_buttons_hide_in_rows_that_a_button_shows() -> None:
    rows = [thing for thing in walk(MESSAGES["card many buttons"]) if thing.get("type") == "ActionSet"]
    more = rows[0]["actions"][-1]
    assert more["title"] == "More (25)"
    assert more["targetElements"] == [row["id"] for row in rows[1:]]
    assert [len(row["actions"]) for row in rows] == [6, 6, 6, 6, 6, 1]
    assert not any(row["isVisible"] for row in rows[1:])


def test_a_button_that_opens_a_dialog_says_so_and_one_in_a_dialog_cannot() -> None:
    form_button = CARDS["answer"].buttons[0]
    opening = teams_actions(render.message(CARDS["answer"], opens={"form"}))[0]
    assert opening["type"] == "Action.Submit"
    assert opening["data"]["msteams"] == {"type": "task/fetch"}
    assert render.button(opening["data"]) == (form_button.action, form_button.target, form_button.version)
    kinds = {action["type"] for action in teams_actions(DIALOGS["details"])}
    assert kinds == {"Action.Submit"}


def test_a_plain_title_is_a_heading_and_any_other_is_words() -> None:
    assert MESSAGES["card abstains"]["body"][0]["items"][0]["style"] == "heading"
    assert MESSAGES["card nasty"]["body"][0]["items"][0]["type"] == "RichTextBlock"
    kinds = {text: render.message(Card(title=text))["body"][0]["items"][0]["type"] for text in NASTY}
    assert [text for text, kind in kinds.items() if kind == "TextBlock"] == ["مرحبا بالعالم"]


def test_a_notification_tells_titles_only() -> None:
    card = render.message([CARDS["safety"], CARDS["approver"]])
    assert card["fallbackText"] == "If someone is in danger now, call 999 · AET-12 Unblock a website"


def test_a_safety_card_stands_first_and_is_never_cut() -> None:
    endless = Card(title="Long", parts=tuple(Text(text="word " * 200) for _ in range(80)))
    card = render.message([CARDS["safety"], endless])
    assert problems(card) == []
    assert missing([*card_words(CARDS["safety"]), "Long"], teams_words(card)) == []
    assert teams_words(card).endswith(MORE)


def test_a_safety_card_after_a_long_one_is_whole() -> None:
    endless = Card(title="Long", parts=tuple(Text(text="word " * 200) for _ in range(80)))
    message = render.message([endless, CARDS["safety"]])
    assert problems(message) == []
    assert missing(["Long", MORE, *card_words(CARDS["safety"])], teams_words(message)) == []


def test_a_long_list_keeps_the_way_to_the_rest() -> None:
    card = render.results(Results(title="All", cards=(CARDS["approver"],) * 60, older=RESULTS.older))
    assert problems(card) == []
    assert render.button(teams_buttons(card)[-1]) == ("older", "before:AET-12", 0)
    assert MORE in teams_words(card)


def test_a_long_home_and_long_details_are_cut_to_a_card() -> None:
    long = Card(
        title="Long", parts=(Text(text="word " * 100),) * 150, buttons=(Button(action="a", label="Last"),)
    )
    for card in (render.home(Home(cards=(long,))), inside(render.details(Details(card=long)))):
        assert problems(card) == []
        assert missing([MORE, "Last"], teams_words(card)) == []


def test_buttons_and_states_carry_ids_only() -> None:
    data = json.dumps(
        [action["data"] for card in ALL.values() for action in teams_actions(card)], ensure_ascii=False
    )
    assert not [text for text in NASTY if text in data]


def test_the_renderer_needs_no_botbuilder() -> None:
    asked = "import sys, adapters.teams.render; print([m for m in sys.modules if m.startswith('botb')])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
