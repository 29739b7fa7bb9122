"""What the program says about itself while it runs: one JSON line an event where a machine reads along, a
readable line in a terminal. The one place that decides what may stand in it.

Ours are the words in the code and the values put into them: `tests/adapters/test_logs.py` reads every call and
lets numbers, ids and names of errors through, nothing that somebody typed. A library's words may repeat what it
was sent, so of those only the place is kept. Of an exception, its class and places: never its text, never a
traceback.
"""

import json
import logging
import re
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from bot.ports import SendFailed

Style = Literal["json", "text"]

OURS = ("adapters", "bot", "knowledge")
LIBRARY = "a library has said something; its words are left out"
UNEXPECTED = "stopped by an error that nobody expected"
QUIET = ("/healthz", "/readyz", "/metrics")
"""Asked for every few seconds by whoever watches; said only when it goes wrong."""

_log = logging.getLogger(__name__)
_counted: Counter[tuple[str, str]] = Counter()

_CODE = re.compile(r"(?<![@\w.-])(?:[45]\d\d|[a-z]+(?:_[a-z]+)+)(?![@\w-])")
"""A status of a web server, or a platform's name for an error: `channel_not_found`."""


def begin(style: Style, *, stays: bool = False) -> None:
    """Log to stderr from now on, in this style. `stays`: the process serves others, and its own end is logged
    likewise; its answers and rounds are logged too, not warnings alone."""
    handler = _ToStderr()
    handler.setFormatter(Lines(style))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _ToStderr)]:
        root.removeHandler(old)
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO if stays else logging.WARNING)
    if stays:
        logging.captureWarnings(True)
        sys.excepthook = _ended
        threading.excepthook = _thread_ended


def style_for(chosen: Literal["", "json", "text"]) -> Style:
    """What was chosen; else text where a person looks on, JSON anywhere else."""
    return chosen or ("text" if sys.stderr.isatty() else "json")


def counted() -> Mapping[tuple[str, str], int]:
    """Warnings and worse of this process so far, by level and our module, or `library`."""
    return dict(_counted)


def told_without_words(error: BaseException) -> str:
    """An exception's class and where it came from. Its text is left out: it may repeat what somebody typed."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    cause = f" from {type(error.__cause__).__name__}" if error.__cause__ else ""
    return f"{type(error).__name__}{cause} at {places}"


def described(error: Exception | str) -> str:
    """An error without anybody's data: its class, whether it is for good, and error codes in its text.

    The text itself is left behind, because platforms repeat names, addresses and even messages in it.
    """
    kind = [] if isinstance(error, str) else [type(error).__name__]
    lasting = ["permanent"] if isinstance(error, SendFailed) and error.permanent else []
    return " ".join([*kind, *lasting, *_CODE.findall(str(error))[:4]]) or "no code given"


class Lines(logging.Formatter):
    """A record as one line. In JSON: `at` (UTC), `level`, `where`, `event` (the words as they stand in the code,
    to count by), `says` (with the values put in) and, where there was an exception, `error`."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._as_json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Never raises for what is in the record: a library may log anything."""
        ours = _is_ours(record)
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "where": record.name if ours else f"{record.name} {record.filename}:{record.lineno}",
            "event": str(record.msg) if ours else LIBRARY,
            "says": record.getMessage() if ours else LIBRARY,
        }
        error = record.exc_info[1] if record.exc_info else None
        if error:
            line["error"] = told_without_words(error)
        if self._as_json:
            return json.dumps(line, ensure_ascii=False)
        tail = f" ({line['error']})" if error else ""
        return f"{at:%H:%M:%S} {line['level']} {line['where']}: {line['says']}{tail}"


class AccessLog(AbstractAccessLogger):
    """One line an answer: the route as it stands in the code, never the address, which may name somebody, and
    never who asked."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """`time`: seconds from the request to the end of its answer."""
        method, route = known_method(request.method), route_of(request)
        level = logging.DEBUG if route in QUIET and response.status < 500 else logging.INFO
        _log.log(level, "%s %s: %d in %d ms", method, route, response.status, int(time * 1000))


def known_method(method: str) -> str:
    """The method, unless it is one that a stranger made up."""
    return method if method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH") else "other"


def route_of(request: web.BaseRequest) -> str:
    """The pattern that an address fits, such as `/as/{school}/{user}`; `none` where there is nothing."""
    try:
        resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    except AssertionError:  # aiohttp's way to say that what came was not even HTTP
        resource = None
    return resource.canonical if resource else "none"


class _ToStderr(logging.StreamHandler):  # type: ignore[type-arg]
    """To where stderr is when something is said: tests and terminals exchange it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Count it, and say it."""
        if record.levelno >= logging.WARNING:
            where = record.name if _is_ours(record) else "library"
            _counted[record.levelname.lower(), where] += 1
        super().emit(record)

    @property
    def stream(self) -> object:
        """As `logging` asks for it."""
        return sys.stderr

    def handleError(self, record: logging.LogRecord) -> None:
        """What cannot be written is dropped: `logging`'s own complaint would repeat the record's values."""


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OURS


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _log.critical(UNEXPECTED, exc_info=(kind, error, trace))


def _thread_ended(said: threading.ExceptHookArgs) -> None:
    if said.exc_value is not None:
        _ended(said.exc_type, said.exc_value, said.exc_traceback)
