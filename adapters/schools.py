"""Schools as folders: read, checked whole, and turned into what can be published.

A school is `school.yaml`, `policy.md` and `workflows/*.yaml`. Each of the three is taken from
`POLICYCLERK_HOME/schools/<id>` where it is there, else from the package: an imported policy
replaces a packaged one and leaves its procedures in place.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.guidance import ask_workflow
from bot.people import School
from bot.ports import Published
from bot.workflows.checks import load_school, load_workflows
from bot.workflows.definition import Workflow
from bot.yamlfile import Mistake, Mistakes
from knowledge.clauses import Policy
from knowledge.importers import PolicyFormatError, parse_policy_md

PACKAGED = Path(__file__).resolve().parent.parent / "knowledge" / "schools"
GOOD_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class NoSuchSchool(Exception):
    """No folder of that name, here or in the package. Names those there are."""


@dataclass(frozen=True)
class Folder:
    """Where the parts of one school are read from."""

    id: str
    home: Path
    """`POLICYCLERK_HOME`."""

    def part(self, name: str) -> Path:
        """`school.yaml`, `policy.md` or `workflows`: the home's, or the package's."""
        own = self.own / name
        return own if own.exists() else PACKAGED / self.id / name

    @property
    def own(self) -> Path:
        """This school's folder in the home."""
        return self.home / "schools" / self.id

    @property
    def known(self) -> bool:
        """Whether there is such a school at all."""
        return self.part("school.yaml").exists()

    def read_own(self, name: str) -> bytes | None:
        """This school's own file of that name; None when there is none."""
        path = self.own / name
        return path.read_bytes() if path.exists() else None

    def write_own(self, name: str, content: bytes | None) -> None:
        """Put a file of the school's own in place, whole or not at all; None takes it away."""
        if content is None:
            (self.own / name).unlink(missing_ok=True)
            return
        self.own.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self.own, prefix=f".{name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(draft, self.own / name)
        except BaseException:
            os.unlink(draft)
            raise


def bare_school(school: str, name: str, policy: Policy) -> str:
    """A `school.yaml` for a school nobody has described yet: questions work, forms come later."""
    return _BARE.format(id=school, name=_quoted(name), title=_quoted(policy.title))


def folders(home: Path) -> tuple[Folder, ...]:
    """Every school of the package and the home, by id."""
    places = [PACKAGED, home / "schools"]
    ids = {path.name for place in places if place.is_dir() for path in place.iterdir() if path.is_dir()}
    return tuple(folder for name in sorted(ids) if (folder := Folder(name, home)).known)


def known(school: str, home: Path) -> Folder:
    """The folder of a school that there is. NoSuchSchool otherwise."""
    every = folders(home)
    for folder in every:
        if folder.id == school:
            return folder
    raise NoSuchSchool(f"There is no school “{school}”. There are: {', '.join(f.id for f in every)}.")


def read_policy(folder: Folder) -> Policy:
    """`policy.md` of a school. Mistakes lists everything wrong with it."""
    name = f"{folder.id}/policy.md"
    try:
        return parse_policy_md(folder.part("policy.md").read_text(encoding="utf-8"), folder.id)
    except FileNotFoundError as error:
        missing = f"there is none: `policyclerk policy import FILE --school {folder.id}` makes it"
        raise Mistakes([Mistake(file=name, line=1, message=missing)]) from error
    except UnicodeDecodeError as error:
        raise Mistakes([Mistake(file=name, line=1, message="save this file as UTF-8")]) from error
    except PolicyFormatError as error:
        raise Mistakes(
            [Mistake(file=name, line=line, message=text) for line, text in error.mistakes]
        ) from error


def read_school(folder: Folder) -> Published:
    """Everything of a school, ready to publish. Mistakes of all its files come at once."""
    mistakes: list[Mistake] = []
    school = policy = None
    try:
        school = load_school(folder.part("school.yaml"))
        if school.id != folder.id:
            line = f"`id` is `{school.id}`, but the folder is `{folder.id}`"
            mistakes.append(Mistake(file=f"{folder.id}/school.yaml", line=1, message=line))
    except Mistakes as found:
        mistakes += found.mistakes
    try:
        policy = read_policy(folder)
    except Mistakes as found:
        mistakes += found.mistakes
    if school and policy:
        mistakes += _concern_mistakes(folder, school, policy)
    if school is None or policy is None or mistakes:
        raise Mistakes(mistakes)
    workflows = (*load_workflows(folder.part("workflows"), school, policy), ask_workflow(school))
    content = "\n".join((school.model_dump_json(), policy.model_dump_json(), *(w.version for w in workflows)))
    if unknown := [*_retention_mistakes(folder, school, workflows)]:
        raise Mistakes(unknown)
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Published(school=school, policy=policy, workflows=workflows, version=version)


def _concern_mistakes(folder: Folder, school: School, policy: Policy) -> Iterator[Mistake]:
    """An imported policy has no keys until they are confirmed, and then no clause is quoted."""
    keys = {clause.key for clause in policy.clauses if clause.key}
    for name, key in school.concern_clauses:
        if keys and key and key not in keys:
            line = f"`concern_clauses`: `{name}` names {{#{key}}}, and policy.md has no such clause"
            yield Mistake(file=f"{folder.id}/school.yaml", line=1, message=line)


def _retention_mistakes(folder: Folder, school: School, workflows: tuple[Workflow, ...]) -> Iterator[Mistake]:
    """A period for a procedure that there is not, or that is never of that kind, would erase nothing."""
    forms = [w for w in workflows if w.has_form]
    for part, periods, commands in (
        ("requests", school.retention.requests, [w.command for w in forms if w.about_people is not True]),
        ("about_people", school.retention.about_people, [w.command for w in forms if w.about_people]),
    ):
        for command in periods.keys() - set(commands):
            there = ", ".join(commands) or "none"
            line = f"`retention`: `{part}` names `{command}`, which is none of: {there}"
            yield Mistake(file=f"{folder.id}/school.yaml", line=1, message=line)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_BARE = """\
# Written by `policyclerk policy import`. `policyclerk check` says what to complete before it goes live.
id: {id}
name: {name}
policy:
  title: {title}
  owner: headteacher
roles:
  headteacher: {{title: Headteacher, deputies: [deputy-headteacher], head: true}}
  deputy-headteacher: {{title: Deputy headteacher}}
  dsl: {{title: Designated safeguarding lead, deputies: [deputy-dsl]}}
  deputy-dsl: {{title: Deputy safeguarding lead}}
  chair: {{title: Chair of governors}}
  administrator: {{title: Clerk's administrator}}
dsl: dsl
chair: chair
escalation: [deputy-headteacher, chair]
contacts:
  dsl: {{title: Designated safeguarding lead}}
  deputies:
    - {{title: Deputy safeguarding lead}}
  headteacher: {{title: Headteacher}}
  chair: {{title: Chair of governors}}
  lado: {{title: Local authority designated officer (LADO)}}
  social_care: {{title: Children's social care}}
  out_of_hours: {{title: Children's social care out of hours}}
"""
