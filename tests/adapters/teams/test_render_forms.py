"""Every form as Teams takes it, and back again."""

import json

import pytest
from hypothesis import given

from adapters.teams import render
from adapters.wording import MORE
from bot.cards import Choice, Field, Form, Option, PersonPicker
from tests.adapters.gallery import ERRORS, EVERYTHING_NASTY, FORMS, INPUTS, MANY_PEOPLE
from tests.adapters.neutral import form_ids, form_values, form_words
from tests.adapters.seen import missing, teams_actions, teams_data, teams_words, walk
from tests.adapters.strategies import forms, unhurried
from tests.adapters.teams.drawn import DIALOGS, inside
from tests.adapters.teams.rules import problems, schema_problems


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


def test_a_form_too_large_says_so_instead_of_losing_what_was_typed() -> None:
    inputs = tuple(Field(id=f"f{n}", label="F", value="x" * 3000) for n in range(9))
    with pytest.raises(ValueError, match="split it into steps"):
        render.dialog(Form(id="f", title="F", inputs=inputs))


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
