"""Our own rules for what we send to Slack, on top of what Slack refuses (`tests/slack_server/blocks.py`).

Told from JSON alone, not from the renderer; `sdk_problems` asks slack_sdk's models.
"""

import json
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block, BlockElement, Option, TextObject
from slack_sdk.models.views import View

from tests.adapters.seen import walk
from tests.slack_server import blocks as slack

Drawn = dict[str, Any]
KINDS = {"header", "context", "rich_text", "actions", "input", "divider"}
RICH_TEXT = 3000
"""Undocumented for rich text: what a section may hold."""


def message_problems(message: Drawn) -> list[str]:
    """Everything wrong with a message."""
    blocks = message["blocks"]
    return [
        *slack.block_problems(blocks, slack.MESSAGE_BLOCKS),
        *(["more characters than a message holds"] if slack.too_long(blocks) else []),
        *(["the fallback text is markup"] if {"<", ">"} & set(message["text"]) else []),
        *(["the fallback text is too long"] if slack.length(message["text"]) > slack.MESSAGE_TEXT else []),
        *(problem for block in blocks for problem in _own_rules(block)),
        *(["an input in a message"] if any(block["type"] == "input" for block in blocks) else []),
    ]


def view_problems(view: Drawn) -> list[str]:
    """Everything wrong with a modal or a home."""
    texts = [view[part] for part in ("title", "submit", "close") if part in view]
    return [
        *slack.view_problems(view),
        *(["more bytes than a view holds"] if slack.too_large(view) else []),
        *(problem for text in texts for problem in _shown_as_typed(text)),
        *(problem for block in view["blocks"] for problem in _own_rules(block)),
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


def _own_rules(block: Drawn) -> Iterator[str]:
    """What Slack would take, but the clerk never sends: parsed words, emoji codes, data in a button."""
    for thing in walk(block):
        match thing.get("type"):
            case "mrkdwn":
                yield "words where Slack parses them"
            case "plain_text":
                yield from _shown_as_typed(thing)
            case "button" if set(json.loads(thing["value"])) != {"target", "version"}:
                yield "a button's value with more than target and version"
            case "rich_text":
                runs = [one["text"] for one in walk(thing) if one.get("type") in ("text", "link")]
                if slack.length("".join(runs)) > RICH_TEXT:
                    yield "a rich text of more than 3,000 characters"
            case "plain_text_input" if slack.length(thing.get("initial_value", "")) > thing["max_length"]:
                yield "an input that holds more than it takes"
    if block["type"] not in KINDS:
        yield f"a block of type {block['type']}"


def _shown_as_typed(text: Drawn) -> Iterator[str]:
    if text["emoji"]:
        yield "emoji codes become pictures"
    if not text["text"].strip():
        yield "a text without a word"
