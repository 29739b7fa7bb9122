"""What the program logs: one line an event, and nothing that anybody typed, no key, no token, no password."""

import ast
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from adapters.logs import LIBRARY, AccessLog, Lines
from adapters.settings import Settings, SlackSettings, TeamsSettings
from tests.listening import listening

ROOT = Path(__file__).parents[2]
CANARY = "Canary-of-Zachary"

HARMLESS = {
    "described",  # an error's class and codes
    "str(error)",  # Unauthorized: sentences of adapters/teams, constant but for a class
    "told_without_words",
    "told",  # of adapters/outbox.py: what it was about, by number, and told_without_words
    "known_method",
    "route_of",
    "why",  # Unreadable: which row cannot be opened
    "why.reason",  # ModelUnavailable
    "school",
    "team",  # a Slack workspace: an id
    "request_id",
    "row.id",
    "row.reference",
    "line.reference",
    "erased",  # references
    "file.name",  # of the index
    "full.strerror",  # the system's words for its error, without the file
    "folder.name",
    "'connected' if there else 'not connected'",
    "over",  # a day
    "PATIENCE_SECONDS",
    "'; '.join(why)",  # Slack's methods and codes
    "method",
    "route",
    "response.status",
    "int(time * 1000)",
}
"""All that is ever put into a line, as it stands in the code. A new one is to be thought about: it must be a
number, an id, a name of ours, or what `described` and `told_without_words` leave of an error."""


def logged() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a logger in the program."""
    for folder in ("adapters", "bot", "knowledge"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    of = ast.unparse(node.func.value)
                    if of in ("log", "_log", "logger", "logging") and node.func.attr in (
                        "debug", "info", "warning", "error", "exception", "critical", "log"
                    ):  # fmt: skip
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_what_is_put_into_a_line_is_harmless() -> None:
    calls = dict(logged())
    assert len(calls) > 30, "looking in the wrong place"
    for where, call in calls.items():
        words, *values = call.args[1:] if ast.unparse(call.func).endswith(".log") else call.args
        assert isinstance(words, ast.Constant) or ast.unparse(words) == "UNEXPECTED", (
            f"{where}: constant words"
        )
        for value in values:
            said = {ast.unparse(value), ast.unparse(value.func) if isinstance(value, ast.Call) else ""}
            classes = re.fullmatch(r"type\(\w+\)\.__name__", ast.unparse(value))
            assert classes or said & HARMLESS, f"{where}: {ast.unparse(value)}"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """All that is logged, as `serve` writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Lines("json"))
    with listening(handler):
        yield written


def test_an_exception_leaves_its_class_and_its_places(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"{CANARY} typed this")
    except ValueError as error:
        logging.getLogger("adapters.somewhere").exception("it did not work: %d", 7)
        logging.getLogger("asyncio").error(f"Task was lost: {CANARY}", exc_info=error)
    ours, library = map(json.loads, lines.getvalue().splitlines())
    assert ours["event"] == "it did not work: %d"
    assert ours["says"] == "it did not work: 7"
    assert ours["error"].startswith("ValueError at test_an_exception_leaves_its_class_and_its_places:")
    assert library["says"] == LIBRARY
    assert library["where"].startswith("asyncio test_logs.py:")
    assert CANARY not in lines.getvalue()


async def test_an_access_line_has_the_route_and_not_the_address(lines: io.StringIO) -> None:
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/as/{school}/{user}", answer)
    log = logging.getLogger("adapters.logs")
    runner = web.AppRunner(app, access_log_class=AccessLog, access_log=log)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession(headers={"User-Agent": CANARY, "Referer": f"https://{CANARY}/"}) as session:
        for address in (f"/as/aet/{CANARY}?q={CANARY}", f"/{CANARY}", f"/as/{CANARY}"):
            await (await session.get(url + address)).read()
        await (await session.request("CANARY", f"{url}/as/a/b")).read()
    await runner.cleanup()
    assert CANARY not in lines.getvalue()
    said = [json.loads(line)["says"] for line in lines.getvalue().splitlines() if "adapters.logs" in line]
    assert said[0].startswith("GET /as/{school}/{user}: 200 in ")
    assert said[1].startswith("GET none: 404 in ")
    assert said[3].startswith("other none: 400 in ")


SECRETS = {
    "POLICYCLERK_KEYS": f"{CANARY}not-a-key",
    "POLICYCLERK_DATABASE_URL": f"postgresql://clerk:{CANARY}@127.0.0.1:1/clerk",
    "POLICYCLERK_METRICS_TOKEN": CANARY,
    "SLACK_BOT_TOKEN": f"xoxb-{CANARY}",
    "SLACK_SIGNING_SECRET": CANARY,
    "SLACK_APP_TOKEN": f"xapp-{CANARY}",
    "TEAMS_APP_ID": "11111111-2222-3333-4444-555555555555",
    "TEAMS_APP_PASSWORD": CANARY,
}


WRONG: list[dict[str, str]] = [
    {},
    {"POLICYCLERK_DATABASE_URL": f"postgresql://clerk:{CANARY}@127.0.0.1:port/clerk"},
    {"POLICYCLERK_DATABASE_URL": f"postgresql:/clerk:{CANARY}@127.0.0.1/clerk"},
    {"POLICYCLERK_DATABASE_URL": f"mysql://clerk:{CANARY}@127.0.0.1/clerk"},
    {"POLICYCLERK_DATABASE_URL": ""},  # the keys are looked at
    {"POLICYCLERK_DATABASE_URL": "", "SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": ""},
    {"POLICYCLERK_PORT": "8o80"},
]
STARTING = """
import json, os, sys
from typer.testing import CliRunner
from adapters.cli import app
for wrong in json.loads(sys.argv[1]):
    for command in ("serve", "worker"):
        ended = CliRunner(env=wrong).invoke(app, [command])
        print(json.dumps([ended.exit_code, ended.output, repr(ended.exception)]))
"""


def test_no_secret_is_in_an_error(tmp_path: Path) -> None:
    """Neither on the screen nor in the exception behind it, whatever stands in the way of starting."""
    home = {"POLICYCLERK_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, "-c", STARTING, json.dumps(WRONG)],
        env={**os.environ, **SECRETS, **home}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert CANARY not in said.stdout + said.stderr
    ended = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(ended) == 2 * len(WRONG), said.stderr
    for code, output, exception in ended:
        assert (code, exception) == (1, "SystemExit(1)"), output
        assert output.strip()
        assert "Traceback" not in output


def test_no_secret_is_in_settings_that_are_shown() -> None:
    slack = SlackSettings.model_validate({"bot_token": CANARY, "signing_secret": CANARY, "app_token": CANARY})
    teams = TeamsSettings.model_validate({"app_id": "an-id", "app_password": CANARY})
    shown = Settings(keys=CANARY, database_url=CANARY, metrics_token=CANARY, slack=slack, teams=teams)  # type: ignore[arg-type]
    assert CANARY not in repr(shown) + str(shown)


def test_a_process_that_ends_by_an_error_nobody_expected_says_no_words_of_it() -> None:
    ending = (
        "from adapters import logs; import threading\n"
        "logs.begin('json', stays=True)\n"
        f"def fails(): raise ValueError('{CANARY} typed this')\n"
        "thread = threading.Thread(target=fails); thread.start(); thread.join()\n"
        "fails()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", ending], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert [json.loads(line)["level"] for line in ended.stderr.splitlines()] == ["critical", "critical"]
    assert CANARY not in ended.stderr
