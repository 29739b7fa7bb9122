"""Words that stand nowhere else, and everything in which they are looked for while people use the clerk."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from adapters.logs import AccessLog, Lines
from adapters.store.queue import Outbox
from tests.adapters.seen import walk
from tests.listening import listening

WORDS: dict[str, str] = {}
"""Where it was typed, to the word typed there: a pupil's name, a narrative, a reason, a search."""
READERS: dict[str, set[str]] = {}
"""Where it was typed, to who may be shown it by the clerk."""
HIDDEN = (
    *("private_metadata", "callback_id", "external_id", "block_id", "action_id", "data", "verb", "id"),
    *("filename", "name", "acceptContext", "declineContext", "contentUrl", "uniqueId"),
)
"""What a platform keeps beside what it shows."""


def word(where: str, *readers: str) -> str:
    """A word that stands nowhere else. `readers`: of the cast, those whom the clerk may show it to."""
    WORDS[where] = f"Qzx{len(WORDS):03}vj"
    READERS[where] = set(readers)
    return WORDS[where]


class Wiretap(logging.Handler):
    """All that is logged, as `serve` writes it, in both styles; what any server on this machine was asked for, with
    all headers of question and answer; and every row that a worker took from the outbox."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines = io.StringIO()
        self.ours = io.StringIO()
        self.addresses: list[str] = []
        self.answers: list[tuple[str, object]] = []
        """What Slack and Teams were answered within their own requests; in Teams, also whom it is for."""
        self.rows: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        for style in ("json", "text"):
            self.lines.write(Lines(style).format(record) + "\n")  # type: ignore[arg-type]
        if record.name.startswith(("adapters", "bot", "knowledge")):
            self.ours.write(record.getMessage() + "\n")


@pytest.fixture
def tapped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiretap]:
    WORDS.clear()
    READERS.clear()
    tap, claim, handle = Wiretap(), Outbox.claim, web.Application._handle
    access = AccessLog(logging.getLogger("adapters.logs"), "")

    def claimed(*given: Any) -> Any:
        rows = claim(*given)
        tap.rows += [row.model_dump_json() for row in rows]
        return rows

    async def handled(app: web.Application, request: web.Request) -> web.StreamResponse:
        tap.addresses.append(f"{request.method} {request.raw_path} {request.raw_headers!r}")
        answer = await handle(app, request)
        access.log(request, answer, 0.0)
        tap.addresses.append(f"{answer.status} {answer.reason} {dict(answer.headers)}")
        if request.path == "/slack/events" and answer.content_type == "application/json":
            assert isinstance(answer, web.Response)
            tap.answers.append(("", json.loads(answer.text or "null")))
        return answer

    monkeypatch.setattr(Outbox, "claim", claimed)
    monkeypatch.setattr(web.Application, "_handle", handled)
    with listening(tap):
        yield tap


def leaks(*places: object) -> list[str]:
    """Where each word was typed that is found in these."""
    whole = json.dumps(places, default=str, ensure_ascii=False)
    return [where for where, typed in WORDS.items() if typed in whole]


def carried(drawn: object) -> list[object]:
    """What a platform keeps beside what it shows: values of buttons, private metadata, ids, addresses, names."""
    found: list[object] = []
    for thing in walk(drawn):
        found += [thing[name] for name in HIDDEN if name in thing]
        if thing.get("type") in ("button", "Action.Execute", "Action.Submit", "Action.OpenUrl"):
            found.append(thing)
    return found
