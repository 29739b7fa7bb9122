"""Slack's limits as our Slack has them, against those of slack_sdk's models, at the last that fits and one more."""

from typing import Any

import pytest
from slack_sdk.models import blocks as sdk
from slack_sdk.models.views import View

from tests.adapters.slack.rules import sdk_problems
from tests.slack_server.blocks import block_problems, view_problems

Drawn = dict[str, Any]


def words(text: str) -> Drawn:
    return {"type": "plain_text", "text": text}


def modal(**more: Any) -> Drawn:
    return {"type": "modal", "title": words("T"), "blocks": [{"type": "divider"}], **more}


def home(*blocks: Drawn) -> Drawn:
    return {"type": "home", "blocks": list(blocks) or [{"type": "divider"}]}


def in_actions(element: Drawn) -> Drawn:
    return {"type": "actions", "elements": [element]}


def asking(element: Drawn) -> Drawn:
    return {"type": "input", "label": words("L"), "element": element}


def option(description: str) -> Drawn:
    return {"text": words("x"), "value": "x", "description": words(description)}


def options(count: int, size: int = 5) -> list[Drawn]:
    return [{"text": words("x" * size), "value": str(n)} for n in range(count)]


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: {"type": "header", "text": words("x" * n)}, sdk.HeaderBlock.text_max_length),
        (lambda n: {"type": "section", "text": words("x" * n)}, sdk.SectionBlock.text_max_length),
        (lambda n: {"type": "section", "fields": [words("x")] * n}, sdk.SectionBlock.fields_max_length),
        (lambda n: {"type": "divider", "block_id": "x" * n}, sdk.Block.block_id_max_length),
        (lambda n: {"type": "context", "elements": [words("x")] * n}, sdk.ContextBlock.elements_max_length),
        (
            lambda n: {
                "type": "actions",
                "elements": [{"type": "button", "text": words("x"), "action_id": str(i)} for i in range(n)],
            },
            sdk.ActionsBlock.elements_max_length,
        ),
        (
            lambda n: asking({"type": "plain_text_input"}) | {"label": words("x" * n)},
            sdk.InputBlock.label_max_length,
        ),
        (
            lambda n: asking({"type": "plain_text_input"}) | {"hint": words("x" * n)},
            sdk.InputBlock.hint_max_length,
        ),
        (lambda n: in_actions({"type": "button", "text": words("x" * n)}), sdk.ButtonElement.text_max_length),
        (
            lambda n: in_actions({"type": "button", "text": words("x"), "value": "x" * n}),
            sdk.ButtonElement.value_max_length,
        ),
        (
            lambda n: in_actions({"type": "button", "text": words("x"), "action_id": "x" * n}),
            sdk.InteractiveElement.action_id_max_length,
        ),
        (
            lambda n: asking({"type": "static_select", "options": options(n)}),
            sdk.StaticSelectElement.options_max_length,
        ),
        (lambda n: asking({"type": "static_select", "options": options(1, n)}), sdk.Option.label_max_length),
        (
            lambda n: asking({"type": "static_select", "options": [{"text": words("x"), "value": "x" * n}]}),
            sdk.Option.value_max_length,
        ),
        (lambda n: in_actions({"type": "overflow", "options": options(n)}), 5),
        (
            lambda n: asking({"type": "users_select", "placeholder": words("x" * n)}),
            sdk.InputInteractiveElement.placeholder_max_length,
        ),
        (
            lambda n: {"type": "image", "alt_text": "x" * n, "image_url": "https://x.example/"},
            sdk.ImageBlock.alt_text_max_length,
        ),
    ],
)
def test_limits_are_those_of_slack_sdk(make: Any, most: int) -> None:
    for count, wrong in ((most, 0), (most + 1, 1)):
        drawn = make(count)
        assert len(block_problems([drawn], 50)) == wrong
        assert len(sdk_problems({"blocks": [drawn]})) == wrong


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: asking({"type": "radio_buttons", "options": options(n)}), 10),
        (lambda n: asking({"type": "checkboxes", "options": options(n)}), 10),
        (lambda n: asking({"type": "plain_text_input", "max_length": n}), 3000),
        (lambda n: asking({"type": "plain_text_input", "initial_value": "x" * n}), 3000),
        (lambda n: {"type": "section", "fields": [words("x" * n)]}, 2000),
        (lambda n: asking({"type": "static_select", "options": [option("x" * n)]}), 75),
    ],
)
def test_limits_slack_sdk_does_not_know(make: Any, most: int) -> None:
    assert block_problems([make(most)], 50) == []
    assert len(block_problems([make(most + 1)], 50)) == 1


@pytest.mark.parametrize(
    ("view", "ok"),
    [
        (modal(title=words("x" * View.title_max_length)), True),
        (modal(title=words("x" * (View.title_max_length + 1))), False),
        (modal(private_metadata="x" * View.private_metadata_max_length), True),
        (modal(private_metadata="x" * (View.private_metadata_max_length + 1)), False),
        (modal(callback_id="x" * (View.callback_id_max_length + 1)), False),
        (modal(submit=words("x" * (View.submit_max_length + 1))), False),
        (modal(close=words("x" * (View.close_max_length + 1))), False),
        (modal(blocks=[{"type": "divider"}] * View.blocks_max_length), True),
        (modal(blocks=[{"type": "divider"}] * (View.blocks_max_length + 1)), False),
        (modal(blocks=[]), False),
        (modal(id="V1"), False),
        (modal(title={"type": "mrkdwn", "text": "x"}), False),
        (modal(blocks=[asking({"type": "plain_text_input"})]), False),
        ({"type": "modal", "blocks": [{"type": "divider"}]}, False),
        (home() | {"submit": words("x")}, False),
        (home({"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}), False),
        (home(in_actions({"type": "plain_text_input"})), False),
        (home(in_actions({"type": "multi_users_select"})), False),
        (home(asking({"type": "static_select", "options": options(2), "initial_option": options(3)[2]})), False),
        (home(asking({"type": "static_select", "options": []})), False),
        (home(asking({"type": "datepicker", "initial_date": "tomorrow"})), False),
        (home({"type": "header", "text": words("")}), False),
        (home({"type": "header", "text": words("x"), "colour": "red"}), False),
        (home({"type": "actions", "elements": [{"type": "button", "text": words("x"), "action_id": "a"}] * 2}), False),
    ],
)  # fmt: skip
def test_views(view: Drawn, ok: bool) -> None:
    assert (view_problems(view) == []) is ok
