"""What Slack refuses, told from JSON alone: lengths, counts, ids. `problems` names each with its place.

Written from PLATFORM.md and docs.slack.dev, not from the renderer; `sdk_problems` asks slack_sdk.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block, BlockElement, Option, TextObject
from slack_sdk.models.views import View

from tests.adapters.seen import walk

Drawn = dict[str, Any]
LONGEST_OPTIONS = {"checkboxes": 10, "radio_buttons": 10, "static_select": 100, "multi_static_select": 100}


def message_problems(message: Drawn) -> list[str]:
    """Everything wrong with a message."""
    blocks = message["blocks"]
    return [
        *_many("blocks", len(blocks), 1, 50),
        *_many("characters", _length(json.dumps(blocks, ensure_ascii=False)), 1, 13_500),
        *(["the fallback text is markup"] if {"<", ">"} & set(message["text"]) else []),
        *(problem for block in blocks for problem in _block_problems(block)),
        *(["an input in a message"] if any(block["type"] == "input" for block in blocks) else []),
    ]


def view_problems(view: Drawn) -> list[str]:
    """Everything wrong with a modal or a home."""
    blocks = view["blocks"]
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    limits = (("title", 24), ("submit", 24), ("close", 24))
    return [
        *_many("blocks", len(blocks), 1, 100),
        *_many("bytes", len(json.dumps(view).encode()), 1, 250_000),
        *(f"{block_id} twice" for block_id, count in ids.items() if count > 1),
        *(problem for block in blocks for problem in _block_problems(block)),
        *(problem for part, limit in limits if part in view for problem in _text(part, view[part], limit)),
        *_many("private_metadata", _length(view.get("private_metadata", "")), 0, 3000),
        *_many("callback_id", _length(view.get("callback_id", "")), 0, 255),
    ]


def sdk_problems(drawn: Drawn) -> list[str]:
    """What slack_sdk's models say of a view or message and of each object nested in it."""
    found = [View(**drawn)] if "type" in drawn else []
    objects: list[JsonObject] = [
        *found,
        *(model for thing in walk(drawn["blocks"]) for model in _models(thing)),
    ]
    return [problem for one in objects for problem in _complaint(one)]


def _models(thing: Drawn) -> Iterator[JsonObject]:
    """The slack_sdk model of one object, whichever kind it is."""
    kind = thing.get("type", "")
    if kind == "plain_text":
        parsed: Any = TextObject.parse(thing)
    elif "text" in thing and "value" in thing and not kind:
        parsed = Option(**thing)
    elif kind in ("text", "link"):
        return
    else:
        parsed = Block.parse(thing) or BlockElement.parse(thing)
    assert parsed is not None or not kind, f"slack_sdk does not know {kind}"
    if parsed is not None:
        yield parsed


def _complaint(model: JsonObject) -> list[str]:
    try:
        model.validate_json()
    except SlackObjectFormationError as error:
        return [f"{type(model).__name__}: {error}"]
    return []


def _block_problems(block: Drawn) -> Iterator[str]:
    for thing in walk(block):
        if thing.get("type") == "mrkdwn":
            yield "words where Slack parses them"
    yield from _many("block_id", _length(block.get("block_id", "x")), 1, 255)
    match block["type"]:
        case "header":
            yield from _text("header", block["text"], 150)
        case "context":
            yield from _many("context elements", len(block["elements"]), 1, 10)
            for element in block["elements"]:
                yield from _text("context", element, 2000)
        case "rich_text":
            runs = [thing["text"] for thing in walk(block) if thing.get("type") in ("text", "link")]
            yield from _many("rich text", _length("".join(runs)), 1, 3000)
            yield from (problem for run in runs for problem in _many("run", len(run), 1, 3000))
        case "actions":
            yield from _actions(block["elements"])
        case "input":
            yield from _text("label", block["label"], 2000)
            if "hint" in block:
                yield from _text("hint", block["hint"], 2000)
            yield from _element(block["element"])
        case "divider":
            pass
        case other:
            yield f"a block of type {other}"


def _actions(elements: list[Drawn]) -> Iterator[str]:
    yield from _many("actions", len(elements), 1, 25)
    yield from _many("repeated action ids", len(elements) - len({one["action_id"] for one in elements}), 0, 0)
    for one in elements:
        yield from _text("button", one["text"], 75)
        yield from _many("value", _length(one["value"]), 1, 2000)
        yield from _many("action_id", _length(one["action_id"]), 1, 255)
        if set(json.loads(one["value"])) != {"target", "version"}:
            yield "a button's value with more than target and version"


def _element(element: Drawn) -> Iterator[str]:
    yield from _many("action_id", _length(element["action_id"]), 1, 255)
    options = element.get("options", [])
    if element["type"] in LONGEST_OPTIONS:
        yield from _many("options", len(options), 1, LONGEST_OPTIONS[element["type"]])
    first = element.get("initial_options", [element["initial_option"]] if "initial_option" in element else [])
    if options and any(one not in options for one in first):
        yield "an initial option that is none of the options"
    for option in [*options, *first]:
        yield from _text("option", option["text"], 75)
        yield from _text("description", option.get("description", option["text"]), 75)
        yield from _many("option value", _length(option["value"]), 1, 150)
    if element["type"] == "plain_text_input":
        yield from _many("max_length", element["max_length"], 1, 3000)
        yield from _many("initial_value", _length(element.get("initial_value", "")), 0, element["max_length"])


def _text(what: str, text: Drawn, limit: int) -> Iterator[str]:
    if text["type"] != "plain_text" or text["emoji"]:
        yield f"{what} is not shown as typed"
    if not text["text"].strip():
        yield f"{what} is empty"
    yield from _many(what, _length(text["text"]), 1, limit)


def _many(what: str, count: int, least: int, most: int) -> list[str]:
    return [] if least <= count <= most else [f"{what}: {count}, not {least} to {most}"]


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
