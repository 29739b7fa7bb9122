"""What Teams refuses or shows badly, told from JSON alone. `problems` names each.

Written from PLATFORM.md, not from the renderer; `schema_problems` asks Microsoft's schema.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.seen import walk

Drawn = dict[str, Any]
SCHEMA = Path(__file__).resolve().parents[3].parent / "shared" / "schemas" / "adaptive-card-1.5.0.json"


def problems(card: Drawn, *, dialog: bool = False) -> list[str]:
    """Everything wrong with a card."""
    ids = [thing["id"] for thing in walk(card) if "id" in thing]
    found = [
        *([] if card["version"] == "1.5" else ["not version 1.5"]),
        *([] if len(json.dumps(card, ensure_ascii=False).encode()) < 25_000 else ["over 25 KB"]),
        *([] if len(ids) == len(set(ids)) else ["an id twice"]),
        *([] if card["body"] else ["nothing in it"]),
    ]
    if refresh := card.get("refresh"):
        runs = refresh["action"]["type"] == "Action.Execute" and len(refresh.get("userIds", ())) <= 60
        found += [] if runs and not dialog else ["a refresh that Teams does not run"]
    shown = {name: part for name, part in card.items() if name != "refresh"}
    return found + [problem for thing in walk(shown) for problem in _thing(thing, dialog)]


def _thing(thing: Drawn, dialog: bool) -> list[str]:
    kind = str(thing.get("type", ""))
    found = []
    if len(thing.get("actions", ())) > 6:
        found.append("more than six actions in a row")
    if kind == "TextBlock" and not thing.get("wrap"):
        found.append("text that does not wrap")
    if kind == "TextBlock" and set("*_[]()`#{}<>&\\~|") & set(thing["text"]):
        found.append("markup where Teams reads markdown")
    if kind == "Input.ChoiceSet" and not thing.get("wrap"):
        found.append("choices that do not wrap")
    if kind == "FactSet":
        found.append("facts are read as markdown")
    if kind == "TextRun" and "{{" in thing["text"]:
        found.append("a function in words")
    if kind.startswith("Input.") and not (thing["label"].strip() and thing["errorMessage"].strip()):
        found.append("an input without label or error message")
    for text in (thing.get("label", ""), thing.get("title", "") if not kind else ""):
        if "](" in text or "{{" in text:
            found.append("a link or function in a caption")
    if kind == "Action.Execute":
        found += _execute(thing, dialog)
    return found


def _execute(action: Drawn, dialog: bool) -> list[str]:
    fallback = action.get("fallback", {})
    same = fallback.get("type") == "Action.Submit" and fallback["data"] == action["data"]
    return [*([] if same else ["no fallback"]), *(["Action.Execute in a dialog"] if dialog else [])]


@cache
def _validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    if not SCHEMA.exists():
        pytest.skip(f"no schema at {SCHEMA}")
    return jsonschema.Draft6Validator(json.loads(SCHEMA.read_text()))


def schema_problems(card: Drawn) -> list[str]:
    """What Microsoft's schema of version 1.5 says. Skips the test where the schema is not at hand."""
    return [error.message[:300] for error in _validator().iter_errors(card)]
