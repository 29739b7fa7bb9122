"""What a person would read in a drawing, and the buttons they could press: one reader per platform.

A reader knows the platform's format, not our renderer.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

Tree = Any


def walk(tree: Tree) -> Iterator[dict[str, Any]]:
    """Every object of a JSON value, outermost first."""
    if isinstance(tree, dict):
        yield tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from walk(child)


def slack_words(drawn: Tree) -> str:
    """All words of blocks or of a view, those of one block after another without a gap."""
    words = []
    for thing in walk(drawn):
        if isinstance(thing.get("text"), str) and thing.get("type") in ("plain_text", "text", "link"):
            words.append(thing["text"])
        if "description" in thing:
            text, rest = thing["text"]["text"], thing["description"]["text"]
            words += [f"{text} {rest}", f"{text}{rest}"]
        words += [thing[key] for key in ("initial_value", "initial_date") if key in thing]
    return "".join(words)


def slack_buttons(drawn: Tree) -> list[dict[str, Any]]:
    """The buttons, as Slack sends them back when pressed."""
    return [
        {"type": "button", "action_id": thing["action_id"], "value": thing["value"]}
        for thing in walk(drawn)
        if thing.get("type") == "button"
    ]


def slack_state(view: Tree) -> dict[str, Any]:
    """The state Slack would send if the view were submitted as it is."""
    values = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        values[block["block_id"]] = {element["action_id"]: _slack_value(element)}
    return {"values": values}


def _slack_value(element: dict[str, Any]) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value")}
    if kind == "datepicker":
        return {"type": kind, "selected_date": element.get("initial_date")}
    if kind == "checkboxes" or kind.startswith("multi_"):
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    return {"type": kind, "selected_option": element.get("initial_option")}


def teams_words(card: Tree) -> str:
    """All words of a card, those of one element after another without a gap."""
    words = []
    for thing in walk(card):
        if thing.get("type") in ("TextBlock", "TextRun"):
            words.append(thing["text"])
        words += [thing[key] for key in ("label", "title") if isinstance(thing.get(key), str)]
        if str(thing.get("type", "")).startswith("Input.") and thing["type"] != "Input.ChoiceSet":
            words.append(thing.get("value", ""))
    return re.sub(r"(?<=\])\u2060(?=\()|(?<=\{)\u2060(?=\{)", "", "".join(words))


def teams_actions(card: Tree) -> list[dict[str, Any]]:
    """Actions that send something, without the fallbacks that repeat them."""
    fallbacks = [id(thing["fallback"]) for thing in walk(card) if "fallback" in thing]
    kinds = ("Action.Execute", "Action.Submit")
    return [thing for thing in walk(card) if thing.get("type") in kinds and id(thing) not in fallbacks]


def teams_buttons(card: Tree) -> list[dict[str, Any]]:
    """The data of the neutral buttons, as Teams sends it back when pressed."""
    return [action["data"] for action in teams_actions(card) if "action" in action["data"]]


def teams_data(card: Tree) -> dict[str, Any]:
    """The data Teams would send if the card's form were submitted as it is."""
    submit: dict[str, Any] = card["actions"][0]["data"]
    return submit | {
        thing["id"]: thing.get("value", "")
        for thing in walk(card)
        if str(thing.get("type", "")).startswith("Input.")
    }


def missing(words: Iterable[str], shown: str) -> list[str]:
    """Which of `words` are not shown. Blank ones need not be."""
    return [word for word in words if word.strip() and word.strip() not in shown]
