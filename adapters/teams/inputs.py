"""A form's inputs as Adaptive Card 1.5 elements, and what came back from them. Pure.

Teams returns every input as one string under its id, so the id says how to read it:
`text:site`, `lines:addresses`, `several:risks`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from adapters.fitting import Drawn
from adapters.teams.elements import Surface, acting, caption, paragraph
from adapters.wording import detail_fields, hint, is_date, lines, nothing_to_choose
from bot.cards import Choice, Field, Form, Input, PersonPicker

LISTED = 8_000
"""Bytes of choices a card carries itself. A longer list is searched on the server instead
(`choices.data`), which Teams shows in cards of any version: learn.microsoft.com, "Typeahead search
in Adaptive Cards". The 1.5 schema does not name it, and nothing else here is outside that schema."""
EXPANDED = 6
"""So many options are shown at once; more of them, one to be chosen, go into a drop-down."""

Errors = Mapping[str, tuple[str, ...]]
"""What is wrong, by input id."""
Options = tuple[tuple[str, str], ...]


def input_elements(form: Form, item: Input, errors: Errors, surface: Surface) -> list[Drawn]:
    """An input with its errors directly above it, its hint below, and what its options ask for more.

    Cards of version 1.5 have no place for an error found on the server, hence the warning; what
    was typed is the input's value.
    """
    return [
        *(drawn for error in _told(item, errors) for drawn in paragraph(error, "warning")),
        *_drawn(form, item),
        *paragraph(hint(item), "quiet", spacing="None"),
        *(drawn for field in _detail_fields(item) for drawn in input_elements(form, field, errors, surface)),
        *_refresh(form, item, surface),
    ]


def input_ids(form: Form) -> set[str]:
    """The ids of all that can be filled in, and so have an error."""
    return {field.id for item in form.inputs for field in (item, *_detail_fields(item))}


def values(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What was filled in, by input id, from an action's data; an empty input is an empty tuple."""
    found = {}
    for key, given in data.items():
        kind, colon, item = key.partition(":")
        if colon and kind in _READ:
            found[item] = _READ[kind](given or "")
    return found


def choices(options: Iterable[tuple[str, str]], *, several: bool = False) -> list[Drawn]:
    """Options as an input has them, or as the answer to a search."""
    return [
        {"title": caption(label), "value": _packed(value) if several else value} for value, label in options
    ]


def searched(dataset: str) -> tuple[str, str, str, dict[str, tuple[str, ...]]]:
    """Which list a search (`application/search`) is about: form, its state, the input's id, and what was
    chosen in the form when it was drawn."""
    form, state, item, chosen = json.loads(dataset)
    return str(form), str(state), str(item), {str(k): tuple(map(str, v)) for k, v in chosen.items()}


def _told(item: Input, errors: Errors) -> tuple[str, ...]:
    """What is wrong with an input: as was found just now, or else as the form says."""
    found_now = errors.keys() & {item.id, *(field.id for field in _detail_fields(item))}
    return errors.get(item.id, ()) if found_now else (item.error,)


def _text(given: str) -> tuple[str, ...]:
    return (given,) if given else ()


def _several(given: str) -> tuple[str, ...]:
    return tuple(unquote(value) for value in given.split(",") if value)


_READ = {"text": _text, "lines": lines, "several": _several}


def _packed(value: str) -> str:
    """Without commas: Teams joins several values with them."""
    return value.replace("%", "%25").replace(",", "%2C")


def _drawn(form: Form, item: Input) -> list[Drawn]:
    match item:
        case Field():
            return [_field(form, item)]
        case Choice():
            options = tuple((option.value, option.label) for option in item.options)
            return _chooser(form, item, options, item.value, several=item.several)
        case PersonPicker():
            return _chooser(form, item, item.people, (item.value,), several=False)


def _input(form: Form, item: Input, kind: str, error: str, **rest: Any) -> Drawn:
    """What all inputs have. In a form that changes as it is filled in, nothing is required by the
    client: it would not send a half-filled form, and the questions that follow would never come."""
    changes = any(isinstance(other, Choice | PersonPicker) and other.refreshes for other in form.inputs)
    required = " (required)" if changes and item.required else ""
    return {
        "id": f"{kind}:{item.id}",
        "label": caption(item.label) + required,
        "isRequired": item.required and not changes,
        "errorMessage": error,
        **rest,
    }


def _field(form: Form, item: Field) -> Drawn:
    if item.kind == "date":
        picked = {"value": item.value} if is_date(item.value) else {}
        return _input(form, item, "text", "Please give a date.", type="Input.Date", **picked)
    rest: Drawn = {"type": "Input.Text", "maxLength": max(item.max_length, len(item.value))}
    if item.kind in ("long_text", "lines"):
        rest["isMultiline"] = True
    if item.value:
        rest["value"] = item.value
    return _input(form, item, "lines" if item.kind == "lines" else "text", "Please fill this in.", **rest)


def _chooser(
    form: Form, item: Choice | PersonPicker, options: Options, chosen: Iterable[str], *, several: bool
) -> list[Drawn]:
    """All options at once where they are few, else a drop-down; a search where they are very many."""
    if not options:
        return paragraph(nothing_to_choose(item), "quiet")
    wanted = set(chosen)
    picked = tuple(option for option in options if option[0] in wanted)
    listed = choices(options, several=several)
    rest: Drawn = {"type": "Input.ChoiceSet", "wrap": True, "choices": listed}
    rest["style"] = "expanded" if _shown_at_once(item) else "compact"
    if len(json.dumps(listed, ensure_ascii=False).encode()) > LISTED:
        dataset = json.dumps([form.id, form.state, item.id, _chosen(form)])
        rest |= {
            "style": "filtered",
            "choices": choices(picked, several=several),
            "choices.data": {"type": "Data.Query", "dataset": dataset},
        }
    if several:
        rest["isMultiSelect"] = True
    if picked:
        rest["value"] = ",".join(_packed(value) if several else value for value, _ in picked)
    return [_input(form, item, "several" if several else "text", "Please choose.", **rest)]


def _chosen(form: Form) -> dict[str, tuple[str, ...]]:
    """The options chosen so far: ids, nothing typed."""
    return {item.id: item.value for item in form.inputs if isinstance(item, Choice) and item.value}


def _shown_at_once(item: Input) -> bool:
    """Several can only be ticked; one of few is quicker seen than opened; people are a list."""
    return isinstance(item, Choice) and (item.several or len(item.options) <= EXPANDED)


def _detail_fields(item: Input) -> list[Field]:
    return detail_fields(item) if isinstance(item, Choice) else []


def _refresh(form: Form, item: Input, surface: Surface) -> list[Drawn]:
    """Teams does not report a change, so a button does."""
    if not isinstance(item, Choice | PersonPicker) or not item.refreshes:
        return []
    data = {"form": form.id, "state": form.state, "changed": True}
    action = acting("Show the questions that follow", "form-changed", data, surface)
    return [{"type": "ActionSet", "actions": [action]}]
