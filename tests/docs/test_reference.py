"""The reference is complete, and nothing in the documentation leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from adapters.cli import app
from adapters.settings import Settings
from bot.model import Model
from bot.people import (
    Calendar,
    Column,
    ConcernClauses,
    Contact,
    Contacts,
    PolicyDates,
    Register,
    Remind,
    Role,
    School,
    Term,
)
from bot.retention import DEFAULT_MONTHS, Retention
from bot.workflows.definition import (
    CaseAction,
    Condition,
    Decider,
    Field,
    Gate,
    Left,
    Option,
    RegisterPeople,
    Route,
    Source,
    Stage,
    Tell,
    Workflow,
)
from bot.workflows.layout import PaperSection
from knowledge.importers.policy_md import FRONT_MATTER, WORDINGS
from tests.docs.reader import DOCS, PAGES, ROOT, section

REFERENCE = DOCS / "reference"
LINK = re.compile(r"(?<!\!)\[[^\]]+\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def commands(command: Any, path: str = "policyclerk") -> Iterator[tuple[str, Any]]:
    """(whole name, command) of everything that can be typed."""
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{path} {name}")
    if not hasattr(command, "commands"):
        yield path, command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_in_the_reference(name: str) -> None:
    text = section(REFERENCE / "commands.md", name)
    for parameter in COMMANDS[name].params:
        if parameter.name == "help":
            continue
        is_argument = not parameter.opts[0].startswith("-")
        shown = parameter.name.upper() if is_argument else parameter.opts[0]
        assert f"`{shown}`" in text, f"{name}: {shown}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_list_at_the_top(name: str) -> None:
    top = (REFERENCE / "commands.md").read_text(encoding="utf-8").partition("\n## ")[0]
    assert f"[`{name}`](#{name.replace(' ', '-')})" in top


def test_the_reference_has_no_command_that_is_not_there() -> None:
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (policyclerk .+)$", text, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for line in re.findall(r"`(policyclerk(?: [^`\n]+)+)`|^ *(?:\$ )?(policyclerk .+)$", text, re.MULTILINE):
        words = "".join(line).split()
        found = next((n for k in (3, 2) if (n := " ".join(words[:k])) in COMMANDS), "")
        groups = {name.rsplit(" ", 1)[0] for name in COMMANDS}
        assert found or " ".join(words[:2]) in groups or words[1] in ("...", "--help"), " ".join(words)
        known = (
            {option for parameter in COMMANDS[found].params for option in parameter.opts} if found else set()
        )
        used = {word.partition("=")[0] for word in words if word.startswith("--")} - {"--help"}
        assert not found or used <= known, " ".join(words)


def test_every_setting_is_in_the_reference() -> None:
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([A-Z]+_\w+)`", text, re.MULTILINE))
    platforms = {
        n: f.annotation for n, f in Settings.model_fields.items() if hasattr(f.annotation, "model_fields")
    }
    own = {f"POLICYCLERK_{name.upper()}" for name in Settings.model_fields.keys() - platforms.keys()}
    theirs = {f"{name}_{field}".upper() for name, kind in platforms.items() for field in kind.model_fields}
    assert named == own | theirs


KEYS = [
    ("workflow-file.md", "The file", Workflow),
    ("workflow-file.md", "fields", Field),
    ("workflow-file.md", "fields", Option),
    ("workflow-file.md", "when", Condition),
    ("workflow-file.md", "stages", Stage),
    ("workflow-file.md", "actions", CaseAction),
    ("workflow-file.md", "who", Decider),
    ("workflow-file.md", "who", Route),
    ("workflow-file.md", "who", RegisterPeople),
    ("workflow-file.md", "tells", Tell),
    ("workflow-file.md", "paper", PaperSection),
    ("workflow-file.md", "register", Left),
    ("school-file.md", "The file", School),
    ("school-file.md", "policy", PolicyDates),
    ("school-file.md", "roles", Role),
    ("school-file.md", "contacts", Contacts),
    ("school-file.md", "contacts", Contact),
    ("school-file.md", "concern_clauses", ConcernClauses),
    ("school-file.md", "calendar", Calendar),
    ("school-file.md", "calendar", Term),
    ("school-file.md", "registers", Register),
    ("school-file.md", "registers", Remind),
    ("school-file.md", "registers", Column),
    ("school-file.md", "retention", Retention),
]


@pytest.mark.parametrize(("page", "heading", "model"), KEYS, ids=lambda part: getattr(part, "__name__", part))
def test_every_key_is_in_the_reference(page: str, heading: str, model: type[Model]) -> None:
    text = section(REFERENCE / page, heading)
    for name, setting in model.model_fields.items():
        assert f"`{setting.alias or name}`" in text, f"{model.__name__}: {setting.alias or name}"


@pytest.mark.parametrize(("page", "heading", "model"), KEYS, ids=lambda part: getattr(part, "__name__", part))
def test_what_is_required_is_marked(page: str, heading: str, model: type[Model]) -> None:
    text = section(REFERENCE / page, heading)
    if model in (Route, RegisterPeople, Term, Remind):  # said in a sentence
        return
    for name, setting in model.model_fields.items():
        marked = f"| `{setting.alias or name}`* |" in text
        assert marked or not setting.is_required(), f"{model.__name__}: {name} is required"


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("fields", get_args(Field.model_fields["kind"].annotation)),
        ("stages", get_args(Stage.model_fields["kind"].annotation)),
        ("gates", get_args(Gate)),
        ("register", get_args(Source)),
    ],
)
def test_every_kind_is_in_the_reference(heading: str, words: tuple[str, ...]) -> None:
    text = section(REFERENCE / "workflow-file.md", heading)
    assert [word for word in words if f"`{word}`" not in text] == []


def test_every_default_period_is_in_the_reference() -> None:
    text = section(REFERENCE / "school-file.md", "retention")
    rows = {int(months): row for months, row in re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE)}
    assert set(rows) == set(DEFAULT_MONTHS.values())
    for months, row in rows.items():
        assert set(re.findall(r"`([a-z-]+)`", row)) == {c for c, m in DEFAULT_MONTHS.items() if m == months}


def test_the_first_lines_of_a_policy_are_in_the_reference() -> None:
    text = section(REFERENCE / "policy-file.md", "The first lines")
    assert [word for word in (*FRONT_MATTER, *WORDINGS) if f"`{word}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link, picture in LINK.findall(page.read_text(encoding="utf-8")):
        target, _, anchor = (link or picture).partition("#")
        if target.startswith("http"):
            continue
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), f"{page.name}: {target}"
        assert found.is_relative_to(ROOT), f"{page.name}: {target} is outside the repository"
        if anchor and found.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, f"{page.name}: {target}#{anchor}"


def slug(heading: str) -> str:
    """A heading as the address that links to it."""
    return re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-")


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_every_page_can_be_reached_from_the_index(page: Path) -> None:
    index = DOCS / "index.md"
    linked = {
        (index.parent / link.partition("#")[0]).resolve() for link, _ in LINK.findall(index.read_text())
    }
    assert page == index or page in linked


def test_pictures_are_few_and_small() -> None:
    pictures = [path for path in (DOCS / "pictures").iterdir() if path.suffix == ".png"]
    assert 0 < len(pictures) <= 3
    assert all(path.stat().st_size < 150_000 for path in pictures)


def test_commands_have_words_of_their_own_for_help() -> None:
    assert [name for name, command in COMMANDS.items() if not command.help] == []


def test_every_test_that_the_threat_model_names_exists() -> None:
    page = (DOCS / "explanation" / "threat-model.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    there = {
        name
        for file in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))
    }
    assert len(named) > 50
    assert named <= there, named - there
    for row in re.findall(r"^\| (?!They|---)(.+) \|$", page, re.MULTILINE):
        assert row.count(" | ") == 2, row
        assert "`" in row.rpartition(" | ")[2], f"shown by nothing: {row}"


def test_every_test_that_the_safeguarding_lead_is_shown_exists() -> None:
    """And every one that is named after a line of SAFEGUARDING.md is shown."""
    page = (DOCS / "explanation" / "when-someone-types-a-disclosure.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", page))
    there = {
        name for file in files for name in re.findall(r"def (test_\w+)", (ROOT / file).read_text("utf-8"))
    }
    assert named <= there, named - there
    lines = {name for name in there if name.startswith("test_must_")}
    assert lines <= named, lines - named
    numbers = {int(n) for name in lines for n in re.findall(r"^test_must_(\d+)_", name)}
    never = {int(n) for name in lines for n in re.findall(r"\d+", name.partition("never_")[2])}
    assert numbers == set(range(1, 14))
    assert never == set(range(1, 10))
