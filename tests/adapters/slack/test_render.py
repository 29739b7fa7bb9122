"""Every card, form and reply as Slack takes it, and back again."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given

from adapters.slack import render
from adapters.wording import MORE
from bot.cards import (
    Button,
    Card,
    Choice,
    Details,
    Field,
    FieldErrors,
    Form,
    Home,
    Option,
    PersonPicker,
    Results,
    Text,
)
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
from tests.adapters.seen import missing, slack_buttons, slack_state, slack_words, walk
from tests.adapters.slack.rules import message_problems, sdk_problems, view_problems
from tests.adapters.slack.types import refused_by_types
from tests.adapters.strategies import cards, forms, unhurried

MESSAGES = {
    **{f"card {name}": render.message(card) for name, card in CARDS.items()},
    "two cards": render.message([CARDS["safety"], CARDS["answer"]]),
    "results": render.results(RESULTS),
    "notice": render.notice(EVERYTHING_NASTY),
}
VIEWS = {
    **{f"form {name}": render.modal(form) for name, form in FORMS.items()},
    "safety before": render.modal(FORMS["reasons"], [CARDS["safety"]]),
    "details": render.details(DETAILS),
    "home": render.home(HOME),
    "empty home": render.home(Home(cards=())),
    "bare details": render.details(Details(card=Card(title="Nothing more"))),
    "shown": render.shown((CARDS["safety"], CARDS["answer"])),
    "shown with a notice": render.shown((CARDS["status"],), notice=EVERYTHING_NASTY),
    "list": render.shown(RESULTS.cards, older=RESULTS.older),
    "question": render.question(),
    "loading": render.loading("w.1"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_slack_takes_every_message(name: str) -> None:
    assert message_problems(MESSAGES[name]) == []
    assert sdk_problems(MESSAGES[name]) == []


@pytest.mark.parametrize("name", VIEWS)
def test_slack_takes_every_view(name: str) -> None:
    assert view_problems(VIEWS[name]) == []
    assert sdk_problems(VIEWS[name]) == []


@pytest.mark.slack_types
def test_slacks_own_types_take_everything(tmp_path: Path) -> None:
    assert refused_by_types(tmp_path, MESSAGES.values(), VIEWS.values()) == ""


@given(cards)
@unhurried
def test_any_card_is_within_the_limits_and_shown_as_typed(card: Card) -> None:
    assume(_says_something(card))
    message = render.message(card)
    assert message_problems(message) == []
    assert sdk_problems(message) == []
    shown = slack_words(message["blocks"])
    if MORE not in shown:
        assert missing(card_words(card), shown) == []
        assert sorted(map(render.button, slack_buttons(message))) == card_buttons(card)
    elif card.mood != "safety":
        assert missing([card.title], shown) == []


@given(forms)
@example(Form(id="f", title="F", intro=(Text(text="A"),), state="\n"))
@unhurried
def test_any_form_is_within_the_limits_and_shown_as_typed(form: Form) -> None:
    view = render.modal(form)
    assert view_problems(view) == []
    assert sdk_problems(view) == []
    shown = slack_words(view)
    assert MORE in shown or missing([*form_words(form), form.submit], shown) == []
    assert render.opened(view) == (form.id, form.state)


def _says_something(card: Card) -> bool:
    return any(word.strip() for word in card_words(card))


@pytest.mark.parametrize("text", NASTY)
def test_nothing_calls_anyone_in_the_fallback_text(text: str) -> None:
    said = render.message(Card(title=text))["text"]
    assert "<" not in said
    assert said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_a_notification_tells_titles_only() -> None:
    message = render.message([CARDS["safety"], CARDS["approver"]])
    assert message["text"] == "If someone is in danger now, call 999 · AET-12 Unblock a website"


@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_unchanged_says_what_it_held(name: str) -> None:
    view = render.modal(FORMS[name])
    assert render.values(slack_state(view)) == form_values(FORMS[name])
    assert render.opened(view) == (FORMS[name].id, FORMS[name].state)


def test_a_clicked_button_says_what_was_drawn() -> None:
    for name in ("approver", "many buttons", "safety"):
        pressed = [render.button(payload) for payload in slack_buttons(render.message(CARDS[name]))]
        assert sorted(pressed) == card_buttons(CARDS[name])


@pytest.mark.parametrize("payload", [{"action_id": "a.0"}, {"action_id": "a.0", "value": "no"}, {}])
def test_a_button_of_another_app_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        render.button(payload)


def test_inputs_keep_their_ids_when_the_form_is_drawn_again() -> None:
    form = FORMS["every input"]
    again = form.model_copy(update={"inputs": form.inputs[::-1], "intro": ()})
    assert _ids(render.modal(form)) == _ids(render.modal(again))
    assert {block_id for block_id, _ in _ids(render.modal(form))} == form_ids(form)


def _ids(view: dict[str, Any]) -> set[tuple[str, str]]:
    return {(b["block_id"], b["element"]["action_id"]) for b in view["blocks"] if b["type"] == "input"}


def _element(item: Field | Choice | PersonPicker) -> dict[str, Any]:
    view = render.modal(Form(id="f", title="F", inputs=(item,)))
    element: dict[str, Any] = next(b["element"] for b in view["blocks"] if b["type"] == "input")
    return element


@pytest.mark.parametrize(
    ("count", "several", "kind"),
    [
        (10, False, "radio_buttons"),
        (11, False, "static_select"),
        (100, False, "static_select"),
        (101, False, "external_select"),
        (10, True, "checkboxes"),
        (11, True, "multi_static_select"),
        (101, True, "multi_external_select"),
    ],
)
def test_how_many_options_decide_how_they_are_offered(count: int, several: bool, kind: str) -> None:
    options = tuple(Option(value=str(n), label=f"Option {n}") for n in range(count))
    assert _element(Choice(id="c", label="C", options=options, several=several))["type"] == kind


def test_people_are_a_menu_up_to_a_hundred_and_a_search_beyond() -> None:
    assert _element(PersonPicker(id="p", label="P", people=MANY_PEOPLE[:1]))["type"] == "static_select"
    assert _element(PersonPicker(id="p", label="P", people=MANY_PEOPLE[:100]))["type"] == "static_select"
    search = _element(PersonPicker(id="p", label="P", people=MANY_PEOPLE, value="p-399"))
    assert search["type"] == "external_select"
    assert search["initial_option"]["text"]["text"] == "Person number 0399"


def test_the_search_finds_everyone_and_offers_at_most_a_hundred() -> None:
    assert len(render.suggestions(MANY_PEOPLE, "person")["options"]) == 100
    found = render.suggestions(MANY_PEOPLE, "0399 PERSON")["options"]
    assert [option["value"] for option in found] == ["p-399"]


def test_what_later_inputs_depend_on_is_reported_at_once() -> None:
    view = render.modal(FORMS["every input"])
    assert [b["block_id"] for b in view["blocks"] if b.get("dispatch_action")] == ["kind"]


def test_required_and_optional() -> None:
    view = render.modal(FORMS["every input"])
    optional = {b["block_id"] for b in view["blocks"] if b["type"] == "input" and b["optional"]}
    assert optional == {item.id for item in INPUTS if not item.required} - {"nobody"} | {"kind.other"}


def test_errors_stand_at_their_block_and_none_is_lost() -> None:
    errors = render.field_errors(ERRORS)
    assert errors == {
        "site": "“x” is not a full web address. Someone else has changed this request.",
        "kind.other": "Please say more: which kind?",
        "kind": "Please choose one.",
    }
    blocks = {b.get("block_id") for b in render.modal(ERRORS.form)["blocks"]}
    assert errors.keys() <= blocks


def test_an_error_no_input_has_stands_at_the_first() -> None:
    reply = FieldErrors(form=FORMS["reasons"], errors=(("gone", "It was decided meanwhile."),))
    assert render.field_errors(reply) == {"reason": "It was decided meanwhile."}


def test_a_safety_card_stands_first_and_is_never_cut() -> None:
    endless = Card(title="Long", parts=tuple(Text(text="word " * 200) for _ in range(80)))
    message = render.message([CARDS["safety"], endless])
    shown = slack_words(message["blocks"])
    assert message_problems(message) == []
    assert missing(card_words(CARDS["safety"]), shown) == []
    assert "Long" in shown
    assert shown.endswith(MORE)


def test_a_safety_card_after_a_long_one_is_whole() -> None:
    endless = Card(title="Long", parts=tuple(Text(text="word " * 200) for _ in range(80)))
    message = render.message([endless, CARDS["safety"]])
    assert message_problems(message) == []
    assert missing(["Long", MORE, *card_words(CARDS["safety"])], slack_words(message["blocks"])) == []


def test_a_long_list_keeps_the_way_to_the_rest() -> None:
    reply = Results(title="All", cards=(CARDS["approver"],) * 60, older=RESULTS.older)
    message = render.results(reply)
    assert message_problems(message) == []
    assert render.button(slack_buttons(message)[-1]) == ("older", "before:AET-12", 0)
    assert MORE in slack_words(message)


def test_a_long_home_and_long_details_are_cut_to_a_view() -> None:
    long = Card(
        title="Long", parts=(Text(text="word " * 100),) * 150, buttons=(Button(action="a", label="Last"),)
    )
    for view in (render.home(Home(cards=(long,))), render.details(Details(card=long))):
        assert view_problems(view) == []
        assert missing([MORE, "Last"], slack_words(view)) == []


def test_a_form_too_large_says_so_instead_of_losing_an_input() -> None:
    inputs = tuple(Field(id=f"f{n}", label="F") for n in range(101))
    with pytest.raises(ValueError, match="split it into steps"):
        render.modal(Form(id="f", title="F", inputs=inputs))
    typed = tuple(Field(id=f"f{n}", label="F", value="😀" * 1500) for n in range(90))
    with pytest.raises(ValueError, match="split it into steps"):
        render.modal(Form(id="f", title="F", inputs=typed))
    with pytest.raises(ValueError, match="1 to 3000"):
        render.modal(Form(id="f", title="F", state="x" * 3001))


def test_private_metadata_and_values_carry_ids_only() -> None:
    drawn = json.dumps([_hidden(MESSAGES), _hidden(VIEWS)], ensure_ascii=False)
    assert not [text for text in NASTY if text in drawn]


def _hidden(drawings: dict[str, Any]) -> list[Any]:
    kept = ("value", "private_metadata", "callback_id", "block_id", "action_id")
    return [thing[key] for thing in walk(list(drawings.values())) for key in kept if key in thing]
