"""What Slack takes as text objects, options and elements: the parts of blocks.

Source: docs.slack.dev, "Block elements" and "Composition objects". What stands around them: `blocks.py`.
"""

from collections.abc import Iterator
from typing import Any

from tests.slack_server.shapes import (
    Rule,
    anything,
    boolean,
    both,
    by_type,
    day,
    fields,
    items,
    number,
    one_of,
    said,
    string,
    unlike,
)

Drawn = dict[str, Any]
IDENTIFIER = 255


def plain(most: int) -> Rule:
    """A `plain_text` object."""
    return both(
        fields({"type": one_of("plain_text"), "text": string(most)}, {"emoji": boolean}),
    )


def text(most: int) -> Rule:
    """A text object of either kind."""
    marked = fields({"text": string(most)}, {"verbatim": boolean})
    return by_type({"plain_text": plain(most), "mrkdwn": marked}, "text")


_id = {"action_id": string(IDENTIFIER)}
ADDRESS = string(3000, pattern=r"(?s)(https?|mailto|tel|slack):.+")
_confirm = fields(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
_dispatch = fields({}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)})


def _option(words: Rule) -> Rule:
    return fields({"text": words, "value": string(150)}, {"description": plain(75), "url": ADDRESS})


_BUTTON_OPTIONS, _MENU_OPTIONS = _option(text(75)), _option(plain(75))
_groups = items(fields({"label": plain(75), "options": items(_MENU_OPTIONS, 100)}), 100)
_input = {**_id, "confirm": _confirm, "focus_on_load": boolean}
_menu = {**_input, "placeholder": plain(150)}
_several = {**_menu, "max_selected_items": number(1, 100)}
_ids = items(string(IDENTIFIER), 100)


def _offers(options: Rule, most: int, allowed: dict[str, Rule]) -> Rule:
    """Something with options; what is chosen at first must be one of them."""

    def chosen(value: Drawn, at: str) -> Iterator[str]:
        groups = value.get("option_groups", [])
        offered = [
            *value.get("options", []),
            *(one for group in groups for one in group.get("options", [])),
        ]
        if not offered:
            yield said("missing required field: options", at)
        first = value.get("initial_options", [value[_ONE]] if _ONE in value else [])
        if any(one not in offered for one in first):
            yield said("initial option must match one of the options", at)
        yield from unlike([str(one.get("value")) for one in offered], "value", at)

    listed = {"options": items(options, most), _ONE: options, "initial_options": items(options, most)}
    return both(fields({}, {**allowed, **listed, "option_groups": _groups}), chosen)


_ONE = "initial_option"
_filter = fields(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_typed = {
    **_input,
    "placeholder": plain(150),
    "initial_value": string(3000, 0),
    "dispatch_action_config": _dispatch,
}

ELEMENTS: dict[str, Rule] = {
    "button": fields(
        {"text": plain(75)},
        {
            **_id,
            "value": string(2000),
            "url": ADDRESS,
            "style": one_of("primary", "danger"),
            "confirm": _confirm,
            "accessibility_label": string(75),
        },
    ),
    "checkboxes": _offers(_BUTTON_OPTIONS, 10, _input),
    "radio_buttons": _offers(_BUTTON_OPTIONS, 10, _input),
    "static_select": _offers(_MENU_OPTIONS, 100, _menu),
    "multi_static_select": _offers(_MENU_OPTIONS, 100, _several),
    "external_select": fields({}, {**_menu, "min_query_length": number(0, 100), _ONE: _MENU_OPTIONS}),
    "multi_external_select": fields(
        {}, {**_several, "min_query_length": number(0, 100), "initial_options": items(_MENU_OPTIONS, 100)}
    ),
    "users_select": fields({}, {**_menu, "initial_user": string(IDENTIFIER)}),
    "multi_users_select": fields({}, {**_several, "initial_users": _ids}),
    "channels_select": fields(
        {}, {**_menu, "initial_channel": string(IDENTIFIER), "response_url_enabled": boolean}
    ),
    "multi_channels_select": fields({}, {**_several, "initial_channels": _ids}),
    "conversations_select": fields(
        {},
        {
            **_menu,
            "initial_conversation": string(IDENTIFIER),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _filter,
        },
    ),
    "multi_conversations_select": fields(
        {},
        {
            **_several,
            "initial_conversations": _ids,
            "default_to_current_conversation": boolean,
            "filter": _filter,
        },
    ),
    "datepicker": fields({}, {**_menu, "initial_date": day}),
    "timepicker": fields(
        {}, {**_menu, "initial_time": string(5, pattern=r"\d\d:\d\d"), "timezone": string(100)}
    ),
    "datetimepicker": fields({}, {**_input, "initial_date_time": number(10**9, 10**10 - 1)}),
    "plain_text_input": fields(
        {},
        {
            **_typed,
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
    ),
    "email_text_input": fields({}, _typed),
    "url_text_input": fields({}, _typed),
    "number_input": fields(
        {"is_decimal_allowed": boolean}, {**_typed, "min_value": string(100), "max_value": string(100)}
    ),
    "overflow": fields({"options": items(_option(plain(75)), 5)}, {**_id, "confirm": _confirm}),
    "image": fields({"alt_text": string(2000)}, {"image_url": ADDRESS, "slack_file": anything}),
}
SELECTS = {name for name in ELEMENTS if name.endswith("_select")}
SEVERAL = {name for name in SELECTS if name.startswith("multi_")}
PICKERS = {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}


def any_of(names: set[str]) -> Rule:
    return by_type({name: ELEMENTS[name] for name in names}, "element")
