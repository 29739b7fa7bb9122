"""The command line as the person who installs the clerk meets it: what it prints, refuses and keeps."""

import json
import os
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
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.demo import stage
from adapters.outbox import LEASE_SECONDS
from adapters.settings import Settings
from adapters.wiring import wire
from bot.cards import Message, OpenForm, Reply, UpdateForm
from bot.events import CommandCalled, FormSubmitted, Identity
from knowledge.importers import parse_policy_md

ORIGINALS = Path(__file__).resolve().parents[3] / "shared" / "policies"
FRIEND = "can I accept a parent's friend request?"
PHONES = """Lakeside Junior School

Mobile Phones Policy

Approved: 3 March 2026

1. In school

Staff must not use a phone in a classroom.

2. On trips

Every trip takes one charged school phone.
"""
BIKES = PHONES.replace("Mobile Phones", "Bicycles").replace(
    "a phone in a classroom", "a bicycle in a corridor"
)


@dataclass
class Said:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


Clerk = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and no other setting but that answers come without the encoder: they come sooner,
    and how good they are is measured elsewhere."""
    for name in ("DATABASE_URL", "KEYS", "HOST", "PORT"):
        monkeypatch.delenv(f"POLICYCLERK_{name}", raising=False)
    monkeypatch.setenv("POLICYCLERK_HOME", str(tmp_path))
    monkeypatch.setenv("POLICYCLERK_MODEL", "off")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clerk(home: Path) -> Clerk:
    """Type a command. A traceback fails the test."""

    def typed(*words: str, answer: str = "") -> Said:
        result = CliRunner().invoke(app, words, input=answer)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return typed


def saved(name: str, text: str | bytes) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def answers_from(clerk: Clerk, school: str) -> str:
    """The title of the policy that is in force."""
    return str(clerk("policy", "show", school, "--json").json["title"])


class TestAsking:
    def test_text_shows_verdict_clause_and_citation(self, clerk: Clerk) -> None:
        said = clerk("ask", "--school", "aet", FRIEND)
        assert said.status == 0
        lines = said.out.splitlines()
        assert lines[0] == "▲ Advised against"
        assert lines[1].startswith("  In short: ")
        assert (
            lines[2]
            == "  Policy for Social Media (Autumn 2023), section 2 Staff use of personal social media"
        )
        assert "This policy was due for review by September 2024." in lines

    def test_json_is_the_contract(self, clerk: Clerk) -> None:
        said = clerk("ask", "--school", "aet", "--json", FRIEND)
        answer = said.json
        assert said.out.count("\n") == 1
        assert list(answer) == [
            "school",
            "question",
            "outcome",
            "verdict",
            "clauses",
            "safeguarding",
            "forms",
            "ms",
        ]
        assert (answer["school"], answer["question"]) == ("aet", FRIEND)
        assert (answer["outcome"], answer["verdict"]) == ("answer", "advised_against")
        assert answer["safeguarding"] is None
        assert answer["forms"][0] == "report-contact"
        assert answer["ms"] > 0
        assert 1 <= len(answer["clauses"]) <= 10
        for clause in answer["clauses"]:
            assert list(clause) == ["id", "text", "citation", "section", "score"]
        scores = [clause["score"] for clause in answer["clauses"]]
        assert scores == sorted(scores, reverse=True)

    def test_json_of_a_disclosure_names_the_level_and_the_roles(self, clerk: Clerk) -> None:
        told = clerk("ask", "--school", "aet", "--json", "a girl told me she cuts herself").json
        assert list(told["safeguarding"]) == ["level", "to"]
        assert told["safeguarding"]["level"] in ("dsl", "emergency")
        assert told["safeguarding"]["to"][0] == "dsl"

    def test_text_of_a_disclosure_begins_with_people_and_numbers(self, clerk: Clerk) -> None:
        said = clerk("ask", "--school", "aet", "a girl told me she cuts herself").out
        assert "01632 960 001" in said.replace("-", " ")
        answer = said.find("In short:")
        assert answer == -1 or said.replace("-", " ").index("01632 960 001") < answer

    @pytest.mark.parametrize(
        ("question", "outcome"), [("hello", "help"), ("qwertz asdfgh yxcvbn", "not_in_policy")]
    )
    def test_other_outcomes_have_no_verdict(self, clerk: Clerk, question: str, outcome: str) -> None:
        answer = clerk("ask", "--school", "aet", "--json", question).json
        assert (answer["outcome"], answer["verdict"]) == (outcome, None)

    @pytest.mark.parametrize("school", ["nowhere", "", "../aet", "AET"])
    def test_an_unknown_school_is_refused_with_those_there_are(self, clerk: Clerk, school: str) -> None:
        said = clerk("ask", "--school", school, FRIEND)
        assert (said.status, said.out) == (1, "")
        assert said.err == (
            f"There is no school “{school}”. There are: aet, leading-edge, leamington, st-alphege, step.\n"
        )


class TestEvaluating:
    def test_questions_and_texts(self, clerk: Clerk) -> None:
        lines = [
            {"id": "q", "policy": "aet", "question": FRIEND},
            {"id": "t", "text": "a girl told me she cuts herself"},
            {"id": "n", "text": "what is for lunch"},
        ]
        text = "\n\n".join(json.dumps(line) for line in lines) + "\n"
        said = clerk("evaluate", saved("set.jsonl", text), "--out", "pred.jsonl")
        assert said.status == 0
        found = [json.loads(line) for line in Path("pred.jsonl").read_text(encoding="utf-8").splitlines()]
        assert [list(p) for p in found] == [["id", "ranked", "abstained", "safeguarding"]] * 3
        question, disclosure, neither = found
        assert (question["id"], question["abstained"], question["safeguarding"]) == ("q", False, None)
        shown = clerk("ask", "--school", "aet", "--json", FRIEND).json["clauses"]
        assert question["ranked"] == [clause["text"] for clause in shown]
        assert (disclosure["ranked"], disclosure["abstained"]) == ([], True)
        assert disclosure["safeguarding"] in ("dsl", "emergency")
        assert neither["safeguarding"] is None

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("not json", "not a line of JSON"),
            ('{"question": "no id"}', "needs `id` and `question` (or `text`)"),
            ('{"id": "1"}', "needs `id` and `question` (or `text`)"),
            ("[]", "needs `id` and `question` (or `text`)"),
            ('{"id": "1", "question": 3}', "`question` is text"),
            ('{"id": "1", "policy": "zzz", "question": "who?"}', "There is no school “zzz”"),
        ],
    )
    def test_a_bad_line_is_named_and_nothing_is_written(self, clerk: Clerk, line: str, why: str) -> None:
        good = '{"id": "0", "text": "fine"}\n'
        said = clerk("evaluate", saved("set.jsonl", good + line + "\n"), "--out", "pred.jsonl")
        assert said.status == 1
        assert said.err.startswith("set.jsonl:2: ")
        assert why in said.err
        assert not Path("pred.jsonl").exists()

    def test_a_file_that_is_not_there_is_named(self, clerk: Clerk) -> None:
        said = clerk("evaluate", "none.jsonl", "--out", "pred.jsonl")
        assert (said.status, said.err) == (1, "none.jsonl: No such file or directory\n")


class TestImporting:
    def test_an_unknown_school_becomes_a_bare_one_and_says_so(self, clerk: Clerk) -> None:
        said = clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        assert said.status == 0
        assert "Lakeside Junior School is new here: questions work at once" in said.out
        assert "lakeside now answers from Mobile Phones Policy (3 March 2026)." in said.out
        answer = clerk("ask", "--school", "lakeside", "may staff use a phone in a classroom?").out
        assert "“Staff must not use a phone in a classroom.”" in answer
        assert "lakeside       Lakeside Junior School: Mobile Phones Policy" in clerk("policy", "list").out

    def test_it_asks_first_and_no_changes_nothing(self, clerk: Clerk, home: Path) -> None:
        file = saved("phones.txt", PHONES)
        said = clerk("policy", "import", file, "--school", "lakeside", answer="n\n")
        assert said.status == 1
        assert "Put this in force for lakeside? [y/N]" in said.out
        assert not (home / "schools").exists()
        assert not (home / "policyclerk.db").exists()
        assert clerk("policy", "import", file, "--school", "lakeside", answer="y\n").status == 0

    def test_a_new_version_takes_the_place_of_the_old(self, clerk: Clerk) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        said = clerk("policy", "import", saved("bikes.txt", BIKES), "--school", "lakeside", "--yes")
        assert "is new here" not in said.out
        assert answers_from(clerk, "lakeside") == "Bicycles Policy"

    def test_a_packaged_school_keeps_its_settings_and_procedures(self, clerk: Clerk, home: Path) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "aet", "--yes")
        assert answers_from(clerk, "aet") == "Mobile Phones Policy"
        assert sorted(path.name for path in (home / "schools" / "aet").iterdir()) == ["policy.md"]
        assert clerk("policy", "show", "aet", "--json").json["wording"] == "verbatim"

    @pytest.mark.parametrize(
        ("name", "content", "why"),
        [
            ("empty.txt", b"", "empty"),
            ("blank.txt", b"  \n\n ", "empty"),
            ("scan.pdf", b"%PDF-1.7 \x00\x01", "a PDF"),
            ("letter.txt", b"PK\x03\x04 word/document.xml", "a Word document"),
            ("noise.txt", bytes(range(256)) * 4, "binary"),
            ("huge.txt", b"Staff will ask. \n" * 400_000, "5 MB"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_policy_is_refused_and_the_old_one_stays(
        self, clerk: Clerk, home: Path, name: str, content: bytes, why: str
    ) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        before = (home / "schools" / "lakeside" / "policy.md").read_bytes()
        said = clerk("policy", "import", saved(name, content), "--school", "lakeside", "--yes")
        assert said.status == 1
        assert said.err.startswith(name)
        assert why in said.err
        assert (home / "schools" / "lakeside" / "policy.md").read_bytes() == before
        assert answers_from(clerk, "lakeside") == "Mobile Phones Policy"

    def test_text_without_headings_is_warned_of(self, clerk: Clerk) -> None:
        said = clerk(
            "policy", "import", saved("note.txt", "Staff will ask.\n"), "--school", "x", answer="n\n"
        )
        assert "Warning: No headings were found" in said.out

    @pytest.mark.parametrize("school", ["Lake Side", "../lake", "LAKE", "-", ""])
    def test_an_id_that_cannot_be_a_folder_is_refused(self, clerk: Clerk, home: Path, school: str) -> None:
        said = clerk("policy", "import", saved("phones.txt", PHONES), f"--school={school}", "--yes")
        assert said.status == 1
        assert "cannot be a school's id" in said.err
        assert not (home / "schools").exists()

    def test_a_file_or_folder_that_cannot_be_read_is_named(self, clerk: Clerk, home: Path) -> None:
        (home / "folder").mkdir()
        assert (
            clerk("policy", "import", "none.txt", "--school", "x").err
            == "none.txt: No such file or directory\n"
        )
        assert clerk("policy", "import", "folder", "--school", "x").err == "folder: Is a directory\n"

    def test_when_it_cannot_be_published_the_folder_is_as_it_was(self, clerk: Clerk, home: Path) -> None:
        saved("schools/lakeside/workflows/bad.yaml", "id: bad\n")
        said = clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        assert said.status == 1
        assert "workflows/bad.yaml" in said.err
        assert [path.name for path in (home / "schools" / "lakeside").iterdir()] == ["workflows"]

    @pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the five original policies are not on this machine")
    @pytest.mark.parametrize("school", ["aet", "leading-edge", "leamington", "st-alphege", "step"])
    def test_the_originals_are_imported_and_quoted(self, clerk: Clerk, school: str) -> None:
        said = clerk("policy", "import", str(ORIGINALS / f"{school}.txt"), "--school", school, "--yes")
        assert said.status == 0
        assert clerk("policy", "show", school, "--json").json["wording"] == "verbatim"
        assert "“" in clerk("ask", "--school", school, FRIEND).out


class TestShowing:
    def test_json_is_the_contract(self, clerk: Clerk) -> None:
        policy = clerk("policy", "show", "aet", "--json").json
        assert list(policy) == ["school", "title", "version", "wording", "clauses"]
        assert (policy["school"], policy["wording"]) == ("aet", "restated")
        keys = ["id", "lead_in", "text", "section", "citation", "form_field"]
        assert all(list(clause) == keys for clause in policy["clauses"])
        assert {type(clause["form_field"]) for clause in policy["clauses"]} == {bool}
        assert len({clause["id"] for clause in policy["clauses"]}) == len(policy["clauses"])

    def test_text_has_headings_ids_and_form_fields(self, clerk: Clerk) -> None:
        said = clerk("policy", "show", "aet").out
        assert said.startswith("Policy for Social Media (Autumn 2023), restated, ")
        assert "\n2 Staff use of personal social media\n" in said
        assert re.search(r"^  c[0-9a-f]{10}  .*\[form field\]$", said, re.MULTILINE)

    def test_what_an_import_wrote_reads_back_the_same(self, clerk: Clerk, home: Path) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        written = (home / "schools" / "lakeside" / "policy.md").read_text(encoding="utf-8")
        shown = clerk("policy", "show", "lakeside", "--json").json
        ids = [clause.id for clause in parse_policy_md(written, "lakeside").clauses]
        assert [clause["id"] for clause in shown["clauses"]] == ids

    def test_the_list_goes_on_past_a_school_that_cannot_be_read(self, clerk: Clerk) -> None:
        saved("schools/aet/school.yaml", "id: [")
        said = clerk("policy", "list")
        assert said.status == 0
        assert "aet            cannot be read: policyclerk check --school aet says why" in said.out
        assert [line.split()[0] for line in said.out.splitlines()] == [
            "aet",
            "leading-edge",
            "leamington",
            "st-alphege",
            "step",
        ]


THREE_MISTAKES = """\
id: three
title: Three mistakes
summary: A role, a kind and a clause that there are not.
clauses: [no-such-clause]
fields:
  - {id: why, kind: txt, label: Why?}
stages:
  - id: decision
    kind: decide
    title: Decision
    who: {role: caretaker}
"""


class TestPublishing:
    def test_three_mistakes_are_all_named_and_the_old_version_stays(self, clerk: Clerk) -> None:
        before = clerk("publish", "--school", "aet").out
        saved("schools/aet/workflows/three.yaml", THREE_MISTAKES)
        said = clerk("publish", "--school", "aet")
        assert (said.status, said.out) == (1, "")
        clause, kind, role = said.err.splitlines()
        assert clause == "workflows/three.yaml:4: policy.md has no clause {#no-such-clause}"
        assert kind.startswith("workflows/three.yaml:6: `fields.0.kind`: Input should be ")
        assert role.startswith("workflows/three.yaml:11: there is no role `caretaker`; the roles are: ")
        Path("schools/aet/workflows/three.yaml").unlink()
        Path("schools/aet/workflows").rmdir()
        assert clerk("publish", "--school", "aet").out == before

    def test_what_is_in_force_answers_while_the_folder_is_broken(self, clerk: Clerk) -> None:
        clerk("publish", "--school", "aet")
        saved("schools/aet/policy.md", "no front matter")
        assert clerk("publish", "--school", "aet").status == 1
        assert answers_from(clerk, "aet") == "Policy for Social Media"

    @pytest.mark.parametrize(
        ("file", "content", "why"),
        [
            ("school.yaml", b"id: [", "aet/school.yaml:1: not readable as YAML"),
            ("school.yaml", b"", "aet/school.yaml:1: expected `name: value` lines"),
            ("school.yaml", b"\xff\xfe\x00", "aet/school.yaml:1: save this file as UTF-8"),
            ("school.yaml", b"id: aet\nname: A\n", "aet/school.yaml:1: `roles` is missing"),
            ("policy.md", b"\xff\xfe\x00", "aet/policy.md:1: save this file as UTF-8"),
            ("policy.md", b"---\ntitle: A\n---\nA rule.\n", "aet/policy.md:1: `version` is missing"),
            ("workflows/a.yaml", b"\xff", "workflows/a.yaml:1: save this file as UTF-8"),
            ("workflows/a.yaml", b"- a\n", "workflows/a.yaml:1: expected `name: value` lines"),
        ],
    )
    def test_malformed_files_are_named(self, clerk: Clerk, file: str, content: bytes, why: str) -> None:
        saved(f"schools/aet/{file}", content)
        said = clerk("publish", "--school", "aet")
        assert said.status == 1
        assert why in said.err
        checked = clerk("check", "--school", "aet")
        assert checked.status == 1
        assert why in checked.out

    def test_a_school_without_a_policy_says_how_to_make_one(self, clerk: Clerk) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        Path("schools/lakeside/policy.md").unlink()
        said = clerk("publish", "--school", "lakeside")
        assert said.status == 1
        assert "`policyclerk policy import FILE --school lakeside` makes it" in said.err


class TestChecking:
    def test_every_finding_says_what_to_do(self, clerk: Clerk) -> None:
        said = clerk("check", "--school", "aet")
        assert said.status == 1
        assert "aet: the telephone numbers are invented: enter the school's own" in said.out
        assert "step:" not in said.out
        assert said.out.endswith(" to put right before going live.\n")

    def test_all_schools_without_one(self, clerk: Clerk) -> None:
        said = clerk("check").out
        assert all(f"\n{school}: " in f"\n{said}" for school in ("aet", "leamington", "step"))

    def test_a_school_that_is_not_there_is_not_found_in_order(self, clerk: Clerk) -> None:
        said = clerk("check", "--school", "nowhere")
        assert said.status == 1
        assert "There is no school “nowhere”" in said.err


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value", "why"),
        [
            ("PORT", "99999", "POLICYCLERK_PORT: "),
            ("PORT", "http", "POLICYCLERK_PORT: "),
            ("DATABASE_URL", "mysql://host/name", "POLICYCLERK_DATABASE_URL: mysql"),
            ("DATABASE_URL", "nonsense", "POLICYCLERK_DATABASE_URL: "),
            ("KEYS", "c2VjcmV0", "POLICYCLERK_KEYS: key 1 is not 32 bytes in base64"),
        ],
    )
    def test_one_that_cannot_be_used_is_named_and_not_repeated(
        self, home: Path, name: str, value: str, why: str
    ) -> None:
        given = {**os.environ, f"POLICYCLERK_{name}": value}
        result = subprocess.run(
            policyclerk("publish", "--school", "aet"), env=given, capture_output=True, text=True
        )
        assert result.returncode == 1
        assert why in result.stderr
        assert "Traceback" not in result.stderr
        assert name != "KEYS" or value not in result.stderr


UNBLOCK = {
    "url": ("https://www.example.org/planets",),
    "content": ("Pictures from space.",),
    "reasons": ("A science lesson.",),
    "risks": ("None that I can think of.",),
    "for_pupils": ("no",),
}


def submit_without_delivering(home: Path) -> str:
    """Send a request on the playground's own database while nobody works off the outbox. Its reference."""
    wired = wire(Settings(home=home / "demo"))
    try:
        stage(wired)
        who = Identity(platform="web", tenant="aet", user="class-teacher")
        opened = wired.assistant.handle(CommandCalled(id="e1", who=who, command="unblock-request"))
        assert isinstance(opened, OpenForm)
        reply: Reply = opened
        for event in ("e2", "e3"):  # whatever safety has to say first, sending is not blocked
            if isinstance(reply, OpenForm | UpdateForm):
                form = reply.form
                reply = wired.assistant.handle(
                    FormSubmitted(id=event, who=who, form=form.id, state=form.state, values=UNBLOCK)
                )
        assert isinstance(reply, Message)
        assert reply.cards[0].title.endswith(": sent")
        return reply.cards[0].title.split()[0]
    finally:
        wired.close()


class TestVerifying:
    @pytest.fixture
    def database(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The playground's database with some history, and the home set to it."""
        submit_without_delivering(home)
        monkeypatch.setenv("POLICYCLERK_HOME", str(home / "demo"))
        return home / "demo" / "policyclerk.db"

    def test_without_a_database_nothing_is_claimed(self, clerk: Clerk, home: Path) -> None:
        said = clerk("audit", "verify")
        assert said.status == 1
        assert "nothing was verified" in said.err
        assert list(home.iterdir()) == []

    def test_an_untouched_history_is_whole(self, clerk: Clerk, database: Path) -> None:
        said = clerk("audit", "verify")
        assert (said.status, said.out) == (0, "The audit chain is whole; events checked: 3.\n")

    @pytest.mark.parametrize(
        "tampering",
        [
            "UPDATE events SET ciphertext = zeroblob(length(ciphertext)) WHERE seq = 2",
            "DELETE FROM events WHERE seq = 2",
            "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
            "DELETE FROM events",
            "UPDATE events SET at = '2020-01-01 00:00:00.000000' WHERE seq = 1",
            "UPDATE chain_heads SET count = count - 1",
        ],
    )
    def test_tampering_with_the_file_is_found(self, clerk: Clerk, database: Path, tampering: str) -> None:
        with closing(sqlite3.connect(database)) as connection, connection:
            assert connection.execute(tampering).rowcount > 0
        said = clerk("audit", "verify")
        assert said.status == 1
        assert "whole" not in said.out
        assert said.out.startswith("aet: ")


def policyclerk(*words: str) -> list[str]:
    return [sys.executable, "-m", "adapters.cli", *words]


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


class TestServing:
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

    def test_serve_has_signposts_and_no_playground(
        self, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clerk("publish", "--school", "aet")
        monkeypatch.setenv("POLICYCLERK_PORT", "0")
        with serving("serve") as (_, address):
            assert "999" in page(address)
            assert json.loads(page(f"{address}readyz"))["schools"] == 1
            with pytest.raises(urllib.error.HTTPError) as refused:
                page(f"{address}as/aet/class-teacher")
            with closing(refused.value):
                assert refused.value.code == 404

    @pytest.mark.skipif(sys.platform == "win32", reason="needs Ctrl+C as a signal")
    def test_ctrl_c_stops_without_a_traceback(self, home: Path) -> None:
        with serving("demo", "--no-browser", "--port", "0") as (server, _):
            server.send_signal(signal.SIGINT)
            said, _ = server.communicate(timeout=30)
        assert "Traceback" not in said
        assert server.returncode == 0

    def test_what_was_submitted_before_the_crash_is_delivered_once(self, home: Path) -> None:
        """Nobody worked off the outbox when the request was sent; then a server starts, is killed
        the moment it has delivered, and starts again."""
        reference = submit_without_delivering(home)
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
        with serving("demo", "--no-browser", "--port", "0") as (_, address):
            # killed while it held the message, it holds it until its lease is over
            seen_at_last = LEASE_SECONDS + 20
            cards = patiently(lambda: cards_about(address, "ict-technician", reference), seen_at_last)
            assert len(cards) == 1
            assert len(cards_about(address, "class-teacher", reference)) == 1


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


def test_the_record_of_a_request_is_written_once(clerk: Clerk, home: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "record.pdf")
    nothing = clerk("export", "request", "AET-7KM3Q", "--school", "aet", "--out", out)
    assert (nothing.status, nothing.out) == (1, "")
    assert "no requests" in nothing.err
    wired = wire(Settings(home=home, model="off"))
    stage(wired)
    reference = wired.store.open_in("aet")[0].reference
    wired.close()
    written = clerk("export", "request", reference, "--school", "aet", "--out", out)
    assert (written.status, written.err) == (0, "")
    assert Path(out).read_bytes().startswith(b"%PDF-")
    again = clerk("export", "request", reference, "--school", "aet", "--text", "--out", out)
    assert again.status == 1
    assert "already there" in again.err
    assert "whole" in clerk("audit", "verify").out
