"""How each card and dialog of the gallery looks in Teams, as text, in `snapshots.txt`: read the difference before
you commit it. `POLICYCLERK_SNAPSHOTS=write` writes the file anew."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.adapters.teams.drawn import ALL

KEPT = Path(__file__).with_name("snapshots.txt")
MANY = 8
"""Choices of one input that are shown."""
_MARKS = {"Input.Text": "_____", "Input.Date": "__ / __ / ____"}


def looks() -> str:
    """All of them, one after another."""
    return "\n".join(f"######## {name}\n{_card(card)}\n" for name, card in sorted(ALL.items()))


def _card(card: dict[str, Any]) -> str:
    body = [line for element in card["body"] for line in _lines(element)]
    foot = [_buttons(card["actions"])] if "actions" in card else []
    return "\n".join([f"(notification: {card['fallbackText']})", *body, *foot])


def _lines(element: dict[str, Any]) -> Iterator[str]:
    match element["type"]:
        case "Container":
            yield f"== {element['style']}: " + " / ".join(
                line for i in element["items"] for line in _lines(i)
            )
        case "TextBlock":
            yield element["text"]
        case "RichTextBlock":
            yield "".join(map(_run, element["inlines"]))
        case "ActionSet":
            hidden = "" if element.get("isVisible", True) else "(hidden) "
            yield hidden + _buttons(element["actions"])
        case "Input.ChoiceSet":
            yield f"{_label(element)} ({element['style']})"
            signs = ("[x]", "[ ]") if element.get("isMultiSelect") else ("(o)", "( )")
            chosen, choices = element.get("value", "").split(","), element["choices"]
            yield from (
                f"  {signs[choice['value'] not in chosen]} {choice['title']}" for choice in choices[:MANY]
            )
            yield from (f"  … {len(choices)} in all, chosen {chosen}" for _ in choices[MANY : MANY + 1])
        case kind:
            rows = "…" if element.get("isMultiline") else ""
            yield f"{_label(element)} {element.get('value') or _MARKS[kind]}{rows}"


def _run(run: dict[str, Any]) -> str:
    link = f" <{run['selectAction']['url']}>" if "selectAction" in run else ""
    return f"{run['text']}{link}"


def _label(element: dict[str, Any]) -> str:
    return f"{element['label']}{' *' if element['isRequired'] else ''}:"


def _buttons(actions: list[dict[str, Any]]) -> str:
    def one(action: dict[str, Any]) -> str:
        opens = "…" if "msteams" in action.get("data", {}) else ""
        return f"[{action['title']}{opens}]" + {"positive": "+", "destructive": "!"}.get(
            action.get("style", ""), ""
        )

    return " ".join(map(one, actions))


def test_everything_looks_as_it_did() -> None:
    if os.environ.get("POLICYCLERK_SNAPSHOTS") == "write":
        KEPT.write_text(looks(), encoding="utf-8")
    assert looks() == KEPT.read_text(encoding="utf-8")
