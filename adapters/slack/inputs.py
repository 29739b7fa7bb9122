"""A form's inputs as Slack blocks, and what came back from them. Pure.

`block_id` is the input's id: Slack keeps what was typed across an update where block and
action ids stay, and keys its errors by block. `action_id` says only how to read the value.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.fitting import Drawn, shortened, split, units
from adapters.slack.blocks import identifier, plain, small, warning
from adapters.wording import detail_fields, hint, is_date, lines, nothing_to_choose
from bot.cards import Choice, Field, Input, PersonPicker

LABEL, HINT, TYPED = 2000, 2000, 3000
OPTION, OPTION_VALUE, BUTTONS, OPTIONS = 75, 150, 10, 100

ROOMS = {"include": ["public", "private"], "exclude_external_shared_channels": True}
"""What can be picked as a role's channel: nobody's own conversation, and none that another workspace reads."""

Options = tuple[tuple[str, str], ...]
"""(value, label), in order."""


def input_blocks(item: Input) -> list[Drawn]:
    """An input with its error before it, and after it what its options ask for more."""
    match item:
        case Field():
            return [*warning(item.error), _input(item, _field_element(item))]
        case Choice():
            options = tuple((option.value, option.label) for option in item.options)
            details = [_input(field, _field_element(field)) for field in detail_fields(item)]
            chosen = _chooser(item, options, item.value, several=item.several)
            return [*warning(item.error), *chosen, *details]
        case PersonPicker():
            return [*warning(item.error), *_chooser(item, item.people, (item.value,), several=False)]


def suggestions(options: Iterable[tuple[str, str]], typed: str) -> Drawn:
    """The answer to Slack's question what an `external_select` offers for `typed`: at most 100."""
    wanted = typed.casefold().split()
    found = [_option(*option) for option in options if all(word in option[1].casefold() for word in wanted)]
    return {"options": found[:OPTIONS]}


def values(view_state: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What was filled in, by input id, from a view's `state`; an empty input is an empty tuple."""
    return {
        block_id: _entries(action_id, element)
        for block_id, elements in view_state["values"].items()
        for action_id, element in elements.items()
    }


def _entries(action_id: str, element: Mapping[str, Any]) -> tuple[str, ...]:
    if "selected_options" in element:
        return tuple(option["value"] for option in element["selected_options"])
    if element.get("selected_option"):
        return (element["selected_option"]["value"],)
    typed = element.get("value") or element.get("selected_date") or element.get("selected_conversation") or ""
    if action_id == "lines":
        return lines(typed)
    return (typed,) if typed else ()


def _input(item: Input, element: Drawn) -> Drawn:
    block = {
        "type": "input",
        "block_id": identifier(item.id),
        "label": plain(item.label, LABEL),
        "element": element,
        "optional": not item.required,
    }
    if hint(item).strip():
        block["hint"] = plain(hint(item), HINT)
    if isinstance(item, Choice | PersonPicker) and item.refreshes:
        block["dispatch_action"] = True
    return block


def _field_element(item: Field) -> Drawn:
    """Where something is typed. Not `url_text_input`: it refuses `youtube.com` without a scheme."""
    if item.kind == "date":
        picked = {"initial_date": item.value} if is_date(item.value) else {}
        return {"type": "datepicker", "action_id": "date", **picked}
    if item.kind == "room":
        chosen = {"initial_conversation": item.value} if item.value else {}
        return {"type": "conversations_select", "action_id": "room", "filter": ROOMS, **chosen}
    longest = min(max(item.max_length, units(item.value), 1), TYPED)
    element: Drawn = {
        "type": "plain_text_input",
        "action_id": "lines" if item.kind == "lines" else "text",
        "multiline": item.kind in ("long_text", "lines"),
        "max_length": longest,
    }
    return {**element, "initial_value": shortened(item.value, longest)} if item.value else element


def _chooser(
    item: Choice | PersonPicker, options: Options, chosen: Iterable[str], *, several: bool
) -> list[Drawn]:
    """Buttons for ten or fewer options of a choice, a menu for more, a search for more than 100."""
    if not options:
        return small(nothing_to_choose(item))
    buttons = isinstance(item, Choice) and len(options) <= BUTTONS
    kind = _BUTTONS[several] if buttons else _menu(len(options), several)
    element: Drawn = {"type": kind, "action_id": "search" if len(options) > OPTIONS else "choice"}
    if len(options) > OPTIONS:
        element["min_query_length"] = 1
    else:
        element["options"] = [_option(*option) for option in options]
    wanted = set(chosen)
    initial = [_option(value, label) for value, label in options if value in wanted]
    if initial and several:
        element["initial_options"] = initial
    elif initial:
        element["initial_option"] = initial[0]
    return [*_written_out(options), _input(item, element)]


_BUTTONS = {True: "checkboxes", False: "radio_buttons"}


def _menu(count: int, several: bool) -> str:
    return ("multi_" if several else "") + ("external_select" if count > OPTIONS else "static_select")


def _option(value: str, label: str) -> Drawn:
    """An option; a label too long for its text runs on into its description."""
    text, *rest = split(label, OPTION) if units(label) > OPTION else (label,)
    drawn = {"text": plain(text.rstrip(), OPTION), "value": identifier(value, OPTION_VALUE)}
    if not rest:
        return drawn
    return {**drawn, "description": plain("".join(rest), OPTION)}


def _written_out(options: Options) -> list[Drawn]:
    """Labels that even text and description together cut short, whole."""
    return [
        block
        for _, label in options
        if units(label) > OPTION and units(label) - len(split(label, OPTION)[0]) > OPTION
        for block in small(f"• {label}")
    ]
