"""What the documentation shows is tried: commands with their output, files, and Python."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from adapters.cli import app
from adapters.schools import Folder, read_school
from bot.guidance import ASK
from bot.people import School
from bot.workflows.checks import load_school, load_workflows
from bot.workflows.definition import Workflow
from bot.yamlfile import Mistakes
from knowledge.importers import parse_policy_md
from tests.docs.reader import DOCS, PAGES, Deletion, Example, examples, of_kind, pages_before
from tests.school import Stage, staged

SERVERS = ("demo", "serve", "worker")
SHOWN = [
    page for page in PAGES if any(isinstance(e, Example) and e.kind == "console" for e in examples(page))
]


@pytest.fixture
def home(typed: Path) -> Path:
    """An empty folder that is both the clerk's home and where the reader is."""
    return typed


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # as somebody has it who follows the pages
@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_commands_print_what_the_page_shows(page: Path, home: Path) -> None:
    for earlier in pages_before(page):
        follow(earlier, home)
    assert follow(page, home), "the page shows commands, and none was tried"


def follow(page: Path, home: Path) -> int:
    """Do what a page says, from top to bottom. Returns how many commands it took."""
    tried = 0
    for step in examples(page):
        match step:
            case Deletion(name=name):
                for path in home.rglob(name):
                    path.unlink()
            case Example(saved_as=name, text=text) if name:
                path = home / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            case Example(kind="console"):
                for command, expected in transcript(step):
                    printed = run(command)
                    assert matches(expected, printed), f"{step.where}: {command}\nprinted:\n{printed}"
                    tried += 1
    return tried


def transcript(example: Example) -> Iterator[tuple[str, list[str]]]:
    """(command, lines it prints) of a console block."""
    for part in re.split(r"^\$ ", example.text, flags=re.MULTILINE)[1:]:
        command, *printed = part.rstrip("\n").split("\n")
        yield command, printed


def run(command: str) -> str:
    """What a command prints. Whoever is asked for confirmation says yes."""
    program, *words = shlex.split(command)
    assert program == "policyclerk", f"only policyclerk is tried here, not {program}"
    if words[0] in SERVERS:
        return first_line(words)
    result = CliRunner().invoke(app, words, input="y\n")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


def first_line(words: list[str]) -> str:
    """What a server says first, as if it had been given the port of the documentation."""
    given = [sys.executable, "-m", "adapters.cli", *words, "--port", "0"]
    with subprocess.Popen(given, stdout=subprocess.PIPE, text=True, encoding="utf-8") as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        server.terminate()
    return re.sub(r":\d+/", ":8080/", line)


def matches(expected: list[str], printed: str) -> bool:
    """Whether the lines are those expected; `...` stands for any lines, or for anything within one."""
    if not expected:
        return True
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else ".*?".join(map(re.escape, line.split("..."))) + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


@pytest.mark.parametrize("example", of_kind("yaml"), ids=lambda e: e.where)
def test_files_load(example: Example, tmp_path: Path) -> None:
    """A whole file as it stands; a part of one, put in the place of that part of a whole one."""
    part = YAML(typ="safe").load(example.text)
    if not example.saved_as:
        known = {setting.alias or name for name, setting in Workflow.model_fields.items()}
        whole = WORKFLOW if part.keys() <= known else SCHOOL
        part = YAML(typ="safe").load(whole) | part
    path = tmp_path / "workflows" / f"{part['id']}.yaml"
    path.parent.mkdir()
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(part, file)
    if example.broken:
        with pytest.raises(Mistakes):
            load(path, part)
    else:
        load(path, part)


def load(path: Path, part: dict[str, Any]) -> None:
    if "roles" in part:
        assert load_school(path).roles
        return
    school = School.model_validate(YAML(typ="safe").load(SCHOOL) | REGISTERS)
    assert load_workflows(path.parent, school, parse_policy_md(POLICY, "riverside"))


SCHOOL = next(
    example.text
    for example in examples(DOCS / "how-to" / "add-a-school.md")
    if isinstance(example, Example) and example.saved_as.endswith("school.yaml")
)
REGISTERS = next(
    part
    for example in examples(DOCS / "reference" / "school-file.md")
    if isinstance(example, Example) and "registers" in (part := YAML(typ="safe").load(example.text))
)
"""A register for the procedures of the reference to leave something in."""
POLICY = """---
title: Trips
version: 1
wording: verbatim
---
Tell the office before a trip. {#phone-loan}
"""
WORKFLOW = """
id: trip
title: A trip
summary: Tell the office about a trip.
clauses: [phone-loan]
fields: [{id: why, kind: text, label: Why?}]
stages: [{id: done, kind: act, title: Done, who: {role: office}}]
"""


@pytest.fixture
def riverside(home: Path) -> Iterator[Stage]:
    """The school that the how-to pages make, with its procedure."""
    for page in ("add-a-school.md", "add-a-procedure.md"):
        follow(DOCS / "how-to" / page, home)
    yield from staged(home, "riverside")


@pytest.mark.parametrize("example", of_kind("python"), ids=lambda e: e.where)
def test_python_runs(example: Example, riverside: Stage) -> None:
    names: dict[str, Any] = {}
    exec(compile(example.text, example.where, "exec"), names)
    stories = [story for name, story in names.items() if name.startswith("test_")]
    assert stories
    for story in stories:
        story(riverside)


def test_the_policy_file_of_the_reference_is_read(home: Path) -> None:
    page = DOCS / "reference" / "policy-file.md"
    (example,) = (e for e in examples(page) if isinstance(e, Example) and e.saved_as)
    policy = parse_policy_md(example.text, "lakeside")
    nested = next(c for c in policy.clauses if c.text == "the number of the coach driver")
    assert nested.lead_in.startswith("Staff on a trip will:")
    assert {c.key for c in policy.clauses if c.key} == {"classroom", "trip-phone"}
    assert [c.text for c in policy.clauses if c.form_field] == [
        "Where the trip goes",
        "Adults who come along",
    ]


def test_the_school_of_the_how_to_is_what_the_playground_shows(home: Path) -> None:
    for page in ("add-a-school.md", "add-a-procedure.md"):
        follow(DOCS / "how-to" / page, home)
    commands = [w.command for w in read_school(Folder("riverside", home)).workflows]
    assert commands == ["phone-loan", ASK]


def test_no_page_shows_a_kind_of_block_that_nobody_tries() -> None:
    kinds = {e.kind for page in PAGES for e in examples(page) if isinstance(e, Example)}
    assert kinds <= {"console", "yaml", "python", "text", "sh"}
