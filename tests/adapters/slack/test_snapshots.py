"""How each message and view of the gallery looks in Slack, as text, in `snapshots.txt`: read the difference
before you commit it. `POLICYCLERK_SNAPSHOTS=write` writes the file anew."""

import os
from pathlib import Path
from typing import Any

from tests.adapters.slack.test_render import MESSAGES, VIEWS
from tests.slack_server import drawing, screen
from tests.slack_server.workspace import View

KEPT = Path(__file__).with_name("snapshots.txt")


def looks() -> str:
    """All of them, one after another."""
    drawn = {
        **{name: _message(one) for name, one in MESSAGES.items()},
        **{n: _view(v) for n, v in VIEWS.items()},
    }
    return "\n".join(f"######## {name}\n{text}\n" for name, text in sorted(drawn.items()))


def _message(message: dict[str, Any]) -> str:
    body = drawing.lines(drawing.named(message["blocks"]))
    return "\n".join([f"(notification: {drawing.parsed(message['text'])})", *body])


def _view(view: dict[str, Any]) -> str:
    named = {**view, "blocks": drawing.named(view["blocks"])}
    return screen.view(View("V1", "U1", named, "", "V1", state=drawing.first_state(named["blocks"])))


def test_everything_looks_as_it_did() -> None:
    if os.environ.get("POLICYCLERK_SNAPSHOTS") == "write":
        KEPT.write_text(looks(), encoding="utf-8")
    assert looks() == KEPT.read_text(encoding="utf-8")
