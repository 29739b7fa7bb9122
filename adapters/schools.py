"""Schools as folders: read, checked whole, and turned into what can be published.

A folder holds `school.yaml`, `policy.md` and `workflows/*.yaml`. Folders in
`POLICYCLERK_HOME/schools` add to or replace those in the package.
"""

import hashlib
from pathlib import Path

from bot.ports import Published
from bot.workflows.checks import load_school, load_workflows
from bot.yamlfile import Mistake, Mistakes
from knowledge.clauses import Policy
from knowledge.importers import PolicyFormatError, parse_policy_md

PACKAGED = Path(__file__).resolve().parent.parent / "knowledge" / "schools"


def folders(home: Path) -> dict[str, Path]:
    """School id to folder: the package's, then the home's, which win."""
    found = {path.name: path for path in sorted(PACKAGED.iterdir()) if (path / "school.yaml").exists()}
    own = home / "schools"
    if own.is_dir():
        found |= {path.name: path for path in sorted(own.iterdir()) if (path / "policy.md").exists()}
    return found


def read_policy(folder: Path) -> Policy:
    """`policy.md` of a folder. Mistakes lists everything wrong with it."""
    path = folder / "policy.md"
    try:
        return parse_policy_md(path.read_text(encoding="utf-8"), folder.name)
    except PolicyFormatError as error:
        name = f"{folder.name}/policy.md"
        raise Mistakes(
            [Mistake(file=name, line=line, message=text) for line, text in error.mistakes]
        ) from error


def read_school(folder: Path) -> Published:
    """Everything in a folder, ready to publish. Mistakes of all its files come at once."""
    mistakes: list[Mistake] = []
    school = policy = None
    try:
        school = load_school(folder)
    except Mistakes as found:
        mistakes += found.mistakes
    try:
        policy = read_policy(folder)
    except Mistakes as found:
        mistakes += found.mistakes
    if school is None or policy is None:
        raise Mistakes(mistakes)
    workflows = load_workflows(folder, school, policy)
    content = "\n".join((school.model_dump_json(), policy.model_dump_json(), *(w.version for w in workflows)))
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Published(school=school, policy=policy, workflows=workflows, version=version)
