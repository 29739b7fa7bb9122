"""`demo` and `serve` as processes of their own: what they show, and what survives when they are killed."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from adapters.settings import Settings
from tests.adapters.cli.shell import (
    PHONES,
    UNBLOCK,
    Clerk,
    only_sqlite,
    policyclerk,
    saved,
    submit_without_delivering,
)


@contextmanager
def serving(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and the address it says."""
    with subprocess.Popen(
        policyclerk(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as server:
        assert server.stdout is not None
        try:
            said = ""
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/", said)):
                line = server.stdout.readline()
                assert line, f"it ended before it served: {said}"
                said += line
            yield server, found[0]
        finally:
            server.kill()


def page(address: str) -> str:
    """What is served there."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def cards_about(address: str, user: str, reference: str) -> list[str]:
    """The cards of that reference in somebody's feed."""
    feed = json.loads(page(f"{address}as/aet/{user}/feed"))["html"]
    return re.findall(rf'<article[^>]*aria-label="{reference}[^>]*>', feed)


def patiently(look: Callable[[], list[str]], seconds: float = 20.0) -> list[str]:
    """What is seen once there is something to see."""
    until = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < until:
        time.sleep(0.1)
    return seen


@only_sqlite
class TestThePlayground:
    @pytest.mark.parametrize(
        ("words", "another"), [(("demo", "--no-browser"), "--port"), (("serve",), "POLICYCLERK_PORT")]
    )
    def test_a_busy_port_is_said_in_plain_words(
        self, home: Path, words: tuple[str, ...], another: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = str(taken.getsockname()[1])
            monkeypatch.setenv("POLICYCLERK_PORT", port)
            given = (*words, "--port", port) if words[0] == "demo" else words
            result = subprocess.run(policyclerk(*given), capture_output=True, text=True, timeout=60)
        assert result.returncode == 1
        assert result.stderr == f"Another program is using that port. Choose another with {another}.\n"

    def test_the_playground_shows_the_schools_of_the_home_too(self, clerk: Clerk) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        with serving("demo", "--no-browser", "--port", "0") as (_, address):
            front = page(address)
            assert "Lakeside Junior School" in front
            assert "Aspire Educational Trust" in front
            assert "Mobile Phones Policy" in page(f"{address}as/lakeside/class-teacher")

    @pytest.mark.skipif(sys.platform == "win32", reason="needs Ctrl+C as a signal")
    @pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
    def test_told_to_stop_it_stops_without_a_traceback(self, home: Path, told: signal.Signals) -> None:
        with serving("demo", "--no-browser", "--port", "0") as (server, _):
            server.send_signal(told)
            said, _ = server.communicate(timeout=90)
        assert "Traceback" not in said
        assert server.returncode == 0

    def test_what_was_submitted_before_the_crash_is_delivered_once(self, home: Path) -> None:
        """Nobody worked off the outbox when the request was sent; then a server starts, is killed
        the moment it has delivered, and starts again."""
        reference = submit_without_delivering(Settings().at(home / "demo"))
        for _ in range(2):
            with serving("demo", "--no-browser", "--port", "0") as (server, address):
                cards = patiently(lambda at=address: cards_about(at, "ict-technician", reference))
                assert len(cards) == 1
                server.kill()
        with closing(sqlite3.connect(home / "demo" / "policyclerk.db")) as connection:
            sent = "SELECT count(*) FROM deliveries JOIN requests ON requests.id = deliveries.request"
            told = f"{sent} WHERE reference = ? AND kind = 'asked'"
            assert connection.execute(told, (reference,)).fetchone() == (1,)

    def test_killed_while_people_send_it_loses_nothing(self, home: Path) -> None:
        """Sent over HTTP, and the server killed without warning right after its answer."""
        with serving("demo", "--no-browser", "--port", "0") as (server, address):
            reference = send_over_http(address)
            server.kill()
            server.wait()
        let_leases_end(home)
        with serving("demo", "--no-browser", "--port", "0") as (_, address):
            cards = patiently(lambda: cards_about(address, "ict-technician", reference))
            assert len(cards) == 1
            assert len(cards_about(address, "class-teacher", reference)) == 1


def test_serve_has_signposts_and_no_playground(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk("publish", "--school", "aet")
    monkeypatch.setenv("POLICYCLERK_PORT", "0")
    with serving("serve") as (_, address):
        assert "999" in page(address)
        ready = json.loads(page(f"{address}readyz"))
        assert (ready["ready"], ready["schools"]) == (True, 0), "in force, and reached from nowhere yet"
        with pytest.raises(urllib.error.HTTPError) as refused:
            page(f"{address}as/aet/class-teacher")
        with closing(refused.value):
            assert refused.value.code == 404


def let_leases_end(home: Path) -> None:
    """A server that was killed while it held a message holds it until its lease is over: a minute, which
    passes here at once."""
    with closing(sqlite3.connect(home / "demo" / "policyclerk.db")) as connection, connection:
        held = "UPDATE outbox SET lease_until = '2000-01-01 00:00:00.000000' WHERE lease_until IS NOT NULL"
        connection.execute(held)


def send_over_http(address: str) -> str:
    """Fill in the form as the class teacher's page does. The request's reference."""

    def posted(body: dict[str, Any]) -> str:
        given = {"Content-Type": "application/json", "Origin": address.rstrip("/")}
        request = urllib.request.Request(
            f"{address}as/aet/class-teacher/event", json.dumps(body).encode(), headers=given
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.loads(answer.read())["html"])

    html = posted({"kind": "said", "id": str(uuid.uuid4()), "text": "/unblock-request"})
    for _ in range(2):  # whatever safety has to say first, sending is not blocked
        state = re.search(r'data-state="([^"]*)"', html)
        if state is None:
            break
        filled = {"form": "unblock-request", "state": unescape(state[1]), "values": UNBLOCK}
        html = posted({"kind": "submitted", "id": str(uuid.uuid4()), **filled})
    reference = re.search(r"AET-[A-Z0-9]{5}", html)
    assert reference, html
    return reference[0]
