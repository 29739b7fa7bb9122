"""One neutral card, two renderings: what one platform shows, asks or offers, the other does too."""

import json
from typing import Any

import pytest

from adapters.slack import render as slack
from adapters.teams import render as teams
from bot.cards import Card, Form
from tests.adapters import seen
from tests.adapters.gallery import CARDS, FORMS
from tests.adapters.neutral import card_buttons, card_words, form_ids, form_values, form_words

Drawn = dict[str, Any]


def card_gaps(card: Card, on_slack: Drawn, on_teams: Drawn) -> dict[str, object]:
    """What of a card each rendering lacks: words, and buttons with what they mean."""
    words = list(card_words(card))
    pressed = {
        "slack": sorted(map(slack.button, seen.slack_buttons(on_slack))),
        "teams": sorted(map(teams.button, seen.teams_buttons(on_teams))),
    }
    gaps = {
        "slack words": seen.missing(words, seen.slack_words(on_slack["blocks"])),
        "teams words": seen.missing(words, seen.teams_words(on_teams)),
        **{f"{name} buttons": got for name, got in pressed.items() if got != card_buttons(card)},
    }
    return {name: gap for name, gap in gaps.items() if gap}


def form_gaps(form: Form, on_slack: Drawn, on_teams: Drawn) -> dict[str, object]:
    """What of a form each rendering lacks: words, inputs, options, and what they hold."""
    words = list(form_words(form))
    held = {
        "slack": slack.values(seen.slack_state(on_slack)),
        "teams": teams.values(seen.teams_data(on_teams)),
    }
    gaps = {
        "slack words": seen.missing([*words, form.submit], seen.slack_words(on_slack)),
        "teams words": seen.missing([*words, form.submit], seen.teams_words(on_teams)),
        **{f"{name} inputs": form_ids(form) ^ got.keys() for name, got in held.items()},
        **{f"{name} values": got for name, got in held.items() if got != form_values(form)},
    }
    return {name: gap for name, gap in gaps.items() if gap}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_says_and_offers_the_same_on_both(name: str) -> None:
    card = CARDS[name]
    assert card_gaps(card, slack.message(card), teams.message(card)) == {}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_asks_and_holds_the_same_on_both(name: str) -> None:
    form = FORMS[name]
    assert form_gaps(form, slack.modal(form), teams.form_card(form)) == {}


@pytest.mark.parametrize("at", range(7))
def test_the_comparison_notices_a_part_left_out_of_a_card(at: int) -> None:
    card = CARDS["approver"]
    whole_slack, whole_teams = slack.message(card), teams.message(card)
    less_slack = {**whole_slack, "blocks": _without(whole_slack["blocks"], at)}
    less_teams = {**whole_teams, "body": _without(whole_teams["body"], at)}
    assert card_gaps(card, less_slack, whole_teams) or at >= len(whole_slack["blocks"])
    assert card_gaps(card, whole_slack, less_teams) or at >= len(whole_teams["body"])


def test_the_comparison_notices_every_part_left_out_of_a_form() -> None:
    form = FORMS["every input"]
    whole_slack, whole_teams = slack.modal(form), teams.form_card(form)
    for at in range(len(whole_slack["blocks"])):
        less = {**whole_slack, "blocks": _without(whole_slack["blocks"], at)}
        assert form_gaps(form, less, whole_teams), whole_slack["blocks"][at]
    for at, element in enumerate(whole_teams["body"]):
        less = {**whole_teams, "body": _without(whole_teams["body"], at)}
        assert form_gaps(form, whole_slack, less) or "form-changed" in json.dumps(element), element


def test_the_comparison_notices_a_lost_option_and_a_lost_button() -> None:
    form, card = FORMS["every input"], CARDS["approver"]
    lost_option = json.loads(json.dumps(teams.form_card(form)))
    next(thing for thing in seen.walk(lost_option) if len(thing.get("choices", ())) == 14)["choices"].pop()
    assert list(form_gaps(form, slack.modal(form), lost_option)) == ["teams words"]
    lost_button = json.loads(json.dumps(slack.message(card)))
    lost_button["blocks"][-1]["elements"].pop()
    assert list(card_gaps(card, lost_button, teams.message(card))) == ["slack words", "slack buttons"]


def _without(things: list[Any], at: int) -> list[Any]:
    return [*things[:at], *things[at + 1 :]]
