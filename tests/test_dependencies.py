"""What the program is built from: declared, used, as new as declared, and under licences we know. Needs no network;
known holes are asked for by `.github/workflows/audit.yml`, where there is one."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

PART_OF = {
    "botframework-connector": "botbuilder-core",
    "slack-sdk": "slack-bolt",
    "pydantic-core": "pydantic",
    "pyjwt": "botbuilder-core",
    "click": "typer",
}
"""Imported, and always there with what is declared."""
NOT_IMPORTED = {
    "fontpkg-noto-sans": "fonts, found by name",
    "fontpkg-noto-sans-arabic": "fonts, found by name",
    "onnxruntime": "knowledge/encoder.py imports it by name, where it runs",
    "psycopg": "SQLAlchemy imports it for postgresql://",
    "tzdata": "zoneinfo reads it where the system has none",
}
LICENCES = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|OFL|SIL|Unlicense|0BSD|CC0|HPND|LGPL)",
    re.I,
)
"""Any of these lets a school run it. LGPL is psycopg's."""


def name_of(text: str) -> str:
    """As PyPI compares names."""
    return re.sub(r"[-_.]+", "-", text).lower()


DECLARED = {name_of(one.name): one for one in map(Requirement, PROJECT["dependencies"])}


def imported() -> Iterator[tuple[str, str]]:
    """(module, where) of every import of another's code."""
    for folder in ("adapters", "bot", "knowledge"):
        for path in (ROOT / folder).rglob("*.py"):
            if "training" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    names = [node.module]
                for name in names:
                    top = name.partition(".")[0]
                    if top not in sys.stdlib_module_names and top not in ("adapters", "bot", "knowledge"):
                        yield top, str(path.relative_to(ROOT))


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    homes = packages_distributions()
    used = {}
    for module, where in imported():
        dists = {name_of(dist) for dist in homes.get(module, ())}
        assert dists, f"{where}: {module} is not installed"
        used[module] = {PART_OF.get(dist, dist) for dist in dists}
        assert used[module] & DECLARED.keys(), f"{where}: {module} is not declared"
    idle = DECLARED.keys() - set().union(*used.values())
    assert idle == NOT_IMPORTED.keys()


def test_what_is_installed_is_as_new_as_declared() -> None:
    for name, requirement in DECLARED.items():
        assert requirement.specifier or name == "tzdata", f"{name}: say from which version on"
        assert requirement.specifier.contains(distribution(name).version, prereleases=True), name


def everything() -> dict[str, Distribution]:
    """What is declared, and all that comes with it."""
    found: dict[str, Distribution] = {}
    waiting = [(one.name, one.extras) for one in DECLARED.values()]
    while waiting:
        name, extras = waiting.pop()
        if (key := name_of(name)) in found and not extras:
            continue
        found[key] = distribution(name)
        for line in found[key].requires or ():
            needed = Requirement(line)
            if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                waiting.append((needed.name, needed.extras))
    return found


def test_licences_are_those_we_know() -> None:
    for name, dist in everything().items():
        said = dist.metadata
        classified = [c for c in said.get_all("Classifier") or () if c.startswith("License")]
        texts = [file.read_text()[:400] for file in dist.files or () if "LICEN" in file.name.upper()]
        whole = " ".join(
            (said.get("License-Expression") or "", (said.get("License") or "")[:400], *classified, *texts)
        )
        assert LICENCES.search(whole), f"{name}: {whole[:200]}"
        assert not re.search(r"\b(AGPL|Affero|SSPL)\b", whole), name
