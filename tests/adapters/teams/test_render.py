"""Every card, form and reply as Teams takes it, and back again."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import assume, given

from adapters.teams import render
from adapters.wording import MORE
from bot.cards import Button, Card, Choice, Details, Field, Form, Home, Option, PersonPicker, Results, Text
from tests.adapters.gallery import (
    CARDS,
    DETAILS,
    ERRORS,
    EVERYTHING_NASTY,
    FORMS,
    HOME,
    INPUTS,
    MANY_PEOPLE,
    NASTY,
    RESULTS,
)
from tests.adapters.neutral import card_buttons, card_words, form_ids, form_values, form_words
from tests.adapters.seen import missing, teams_actions, teams_buttons, teams_data, teams_words, walk
from tests.adapters.strategies import cards, forms, unhurried
from tests.adapters.teams.rules import problems, schema_problems

Drawn = dict[str, Any]


def inside(task: Drawn) -> Drawn:
    """The card of a dialog."""
    assert set(task) == {"title", "width", "height", "card"}
    assert task["card"]["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: Drawn = task["card"]["content"]
    return card


MESSAGES = {
    **{f"card {name}": render.message(card) for name, card in CARDS.items()},
    "two cards": render.message([CARDS["safety"], CARDS["answer"]], opens={"form"}),
    "results": render.results(RESULTS),
    "home": render.home(HOME, opens={"form", "approve"}),
    **{f"form {name}": render.form_card(form) for name, form in FORMS.items()},
}
DIALOGS = {
    **{f"form {name}": inside(render.dialog(form)) for name, form in FORMS.items()},
    "safety before": inside(render.dialog(FORMS["reasons"], [CARDS["safety"]])),
    "errors": inside(render.dialog(ERRORS.form, errors=render.form_errors(ERRORS))),
    "details": inside(render.details(DETAILS)),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_teams_takes_every_message(name: str) -> None:
    assert problems(MESSAGES[name]) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_teams_takes_every_dialog(name: str) -> None:
    assert problems(DIALOGS[name], dialog=True) == []


ALL = {f"message, {name}": card for name, card in MESSAGES.items()} | {
    f"dialog, {name}": card for name, card in DIALOGS.items()
}


@pytest.mark.parametrize("name", [name for name in ALL if "large school" not in name])
def test_microsofts_schema_takes_everything(name: str) -> None:
    assert schema_problems(ALL[name]) == []


def test_the_search_for_people_is_all_the_schema_does_not_know() -> None:
    card = json.loads(json.dumps(DIALOGS["form large school"]))
    search = next(thing for thing in walk(card) if "choices.data" in thing)
    assert render.searched(search.pop("choices.data")["dataset"]) == (
        "approve-post",
        "fields",
        "colleague",
        {},
    )
    assert search.pop("style") == "filtered"
    assert schema_problems(card) == []
    assert search["choices"] == [{"title": "Person number 0399", "value": "p-399"}]


def test_a_search_is_answered_as_choices() -> None:
    assert render.choices(MANY_PEOPLE[:1]) == [{"title": "Person number 0000", "value": "p-0"}]


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


@given(forms)
@unhurried
def test_any_form_is_within_the_limits_and_shown_as_typed(form: Form) -> None:
    for card in (inside(render.dialog(form)), render.form_card(form)):
        assert problems(card, dialog="Action.Execute" not in json.dumps(card)) == []
        shown = teams_words(card)
        assert MORE in shown or missing([*list(form_words(form))[1:], form.submit], shown) == []
        assert render.submitted(card["actions"][0]["data"]) == (form.id, form.state, False)


@given(forms)
@unhurried
def test_any_form_comes_back_as_it_was(form: Form) -> None:
    card = render.form_card(form)
    assert render.values(teams_data(card)).keys() == form_ids(form)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_unchanged_says_what_it_held(name: str) -> None:
    for card in (inside(render.dialog(FORMS[name])), render.form_card(FORMS[name])):
        assert render.values(teams_data(card)) == form_values(FORMS[name])
        assert render.submitted(teams_data(card)) == (FORMS[name].id, FORMS[name].state, False)


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


def test_buttons_among_inputs_do_not_wait_for_required_ones() -> None:
    card = DIALOGS["safety before"]
    buttons = [action for action in teams_actions(card) if "action" in action["data"]]
    assert [action["associatedInputs"] for action in buttons] == ["none"]


def test_a_form_that_changes_asks_by_a_button_and_requires_nothing_in_the_client() -> None:
    card = DIALOGS["form every input"]
    refresh = [action["data"] for action in teams_actions(card) if action["data"].get("changed")]
    assert [render.submitted(data) for data in refresh] == [
        ("unblock-request", FORMS["every input"].state, True)
    ]
    inputs = [thing for thing in walk(card) if str(thing.get("type", "")).startswith("Input.")]
    assert not any(thing["isRequired"] for thing in inputs)
    told = {thing["id"].partition(":")[2] for thing in inputs if thing["label"].endswith("(required)")}
    assert told == {item.id for item in INPUTS if item.required}


def test_a_form_that_does_not_change_is_checked_by_the_client() -> None:
    inputs = [thing for thing in walk(DIALOGS["form reasons"]) if thing.get("type") == "Input.Text"]
    assert [thing["isRequired"] for thing in inputs] == [True]


def test_an_error_stands_directly_above_its_input_and_none_is_lost() -> None:
    body = DIALOGS["errors"]["body"]
    assert missing([text for _, text in ERRORS.errors], teams_words(DIALOGS["errors"])) == []
    for input_id, text in (
        ("text:site", "not a full web"),
        ("text:kind.other", "say more"),
        ("text:kind", "choose"),
    ):
        at = next(n for n, element in enumerate(body) if element.get("id") == input_id)
        assert text in teams_words(body[at - 1])
        assert "⚠️" in teams_words(body[at - 1])


def test_an_error_found_just_now_replaces_the_one_the_form_was_drawn_with() -> None:
    inputs = (Field(id="a", label="A", error="Old."), Field(id="b", label="B", error="Still."))
    card = render.form_card(Form(id="f", title="F", inputs=inputs), errors={"a": ("New.",)})
    shown = teams_words(card)
    assert ["Old." in shown, "New." in shown, "Still." in shown] == [False, True, True]


def test_what_was_typed_is_kept_when_something_is_wrong() -> None:
    assert render.values(teams_data(DIALOGS["errors"])) == form_values(ERRORS.form)


def test_an_option_with_a_comma_comes_back_whole() -> None:
    options = tuple(Option(value=value, label=value) for value in ("a,b", "a", "b", "50%2C"))
    choice = Choice(id="c", label="C", options=options, several=True, value=("a,b", "50%2C"))
    form = Form(id="f", title="F", inputs=(choice,))
    assert render.values(teams_data(render.form_card(form))) == {"c": ("a,b", "50%2C")}


def test_few_options_are_shown_and_more_are_a_drop_down() -> None:
    styles = {
        thing["id"]: thing["style"]
        for thing in walk(DIALOGS["form every input"])
        if thing.get("type") == "Input.ChoiceSet"
    }
    assert styles == {
        "text:sure": "expanded",
        "text:kind": "expanded",
        "several:risks": "expanded",
        "text:year": "compact",
        "several:clubs": "expanded",
        "text:approver": "compact",
    }


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


def test_a_form_too_large_says_so_instead_of_losing_what_was_typed() -> None:
    inputs = tuple(Field(id=f"f{n}", label="F", value="x" * 3000) for n in range(9))
    with pytest.raises(ValueError, match="split it into steps"):
        render.dialog(Form(id="f", title="F", inputs=inputs))


def test_buttons_and_states_carry_ids_only() -> None:
    data = json.dumps(
        [action["data"] for card in ALL.values() for action in teams_actions(card)], ensure_ascii=False
    )
    assert not [text for text in NASTY if text in data]


def test_the_renderer_needs_no_botbuilder() -> None:
    asked = "import sys, adapters.teams.render; print([m for m in sys.modules if m.startswith('botb')])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_large_schools_are_searched_and_small_ones_are_listed() -> None:
    def style(count: int) -> bool:
        form = Form(id="f", title="F", inputs=(PersonPicker(id="p", label="P", people=MANY_PEOPLE[:count]),))
        return any("choices.data" in thing for thing in walk(render.form_card(form)))

    assert [style(100), style(400)] == [False, True]


def test_functions_and_links_are_not_run_in_captions() -> None:
    options = (Option(value="a", label=EVERYTHING_NASTY),)
    form = Form(id="f", title="F", inputs=(Choice(id="c", label=EVERYTHING_NASTY, options=options),))
    card = render.form_card(form)
    assert problems(card) == []
    assert missing([EVERYTHING_NASTY], teams_words(card)) == []
