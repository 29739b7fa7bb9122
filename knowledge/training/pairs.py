"""Reads `pairs/*.tsv`: which questions go with which clauses. The format is in `pairs/README.md`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from knowledge.clauses import Clause, Draft, Policy, Section, with_ids
from knowledge.importers import parse_policy_md

FOLDER = Path(__file__).with_name("pairs")
GENERAL = "general.tsv"
SCHOOLS = Path(__file__).resolve().parent.parent / "schools"

HELD_OUT_POLICIES = frozenset({"leamington", "quayside"})
HELD_OUT_VOICES = frozenset({"site", "governor"})
HELD_OUT_AREAS = 9
"""Every so manyth area is kept back."""

Place = tuple[str, int]
"""A policy's name and the position of a clause in it."""


class Ask(NamedTuple):
    """A question and who might ask it."""

    voice: str
    question: str


class Area(NamedTuple):
    """One thing a policy can rule on."""

    name: str
    asks: tuple[Ask, ...]
    answers: frozenset[Place]
    near: frozenset[Place]
    """Look alike and do not answer."""
    kin: frozenset[str]
    """Areas whose clauses may answer too."""


class Pairs(NamedTuple):
    """Everything in the folder, with the policies its places are in."""

    areas: Mapping[str, Area]
    policies: Mapping[str, Policy]
    general: tuple[tuple[str, str], ...]

    def clause(self, place: Place) -> Clause:
        """The clause at a place."""
        return self.policies[place[0]].clauses[place[1]]

    def doubtful(self, area: Area) -> frozenset[Place]:
        """Clauses of the area's kin: neither right nor wrong."""
        kin = {*area.kin, *(other.name for other in self.areas.values() if area.name in other.kin)}
        return frozenset().union(*(self.areas[name].answers for name in kin)) - area.answers


class BadPairs(ValueError):
    """A line that cannot be read; says which."""


def read_pairs(folder: Path = FOLDER) -> Pairs:
    """All areas, checked: every key, school, policy and kin named exists."""
    records = [record for file in sorted(folder.glob("*.tsv")) for record in _records(file)]
    packs = {
        file.parent.name: parse_policy_md(file.read_text(encoding="utf-8"), file.parent.name)
        for file in sorted(SCHOOLS.glob("*/policy.md"))
    }
    policies = packs | _invented(records)
    areas: dict[str, Area] = {}
    for where, begun in _by_area(records):
        area = _area(where, begun, policies)
        if area.name in areas:
            raise BadPairs(f"{where}: the area {area.name} is there twice")
        areas[area.name] = area
    for area in areas.values():
        if unknown := area.kin - set(areas):
            raise BadPairs(f"{area.name}: no such kin: {', '.join(sorted(unknown))}")
    same = tuple((cells[1], cells[2]) for _, cells in records if cells[0] == "same")
    return Pairs(areas, policies, same)


def kept_back(pairs: Pairs) -> frozenset[str]:
    """Names of the areas that training does not see."""
    return frozenset(list(pairs.areas)[HELD_OUT_AREAS - 1 :: HELD_OUT_AREAS])


Record = tuple[str, list[str]]
"""Where a line stands, and its cells."""


def _records(file: Path) -> Iterator[Record]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            cells = line.split("\t")
            if len(cells) != _CELLS.get(cells[0]):
                raise BadPairs(f"{file.name}:{number}: {cells[0]!r} has {len(cells) - 1} cells after it")
            yield f"{file.name}:{number}", cells


_CELLS = {"area": 2, "pack": 3, "near": 3, "rule": 5, "ask": 3, "kin": 2, "same": 3}


def _by_area(records: Sequence[Record]) -> Iterator[tuple[str, list[Record]]]:
    begun: list[Record] = []
    for where, cells in records:
        if cells[0] == "area" and begun:
            yield begun[0][0], begun
            begun = []
        if cells[0] != "same":
            begun.append((where, cells))
    if begun:
        yield begun[0][0], begun


def _invented(records: Sequence[Record]) -> dict[str, Policy]:
    drafts: dict[str, list[Draft]] = {}
    for _, cells in records:
        if cells[0] == "rule":
            _, policy, heading, lead_in, text = cells
            draft = Draft(text=text, section=Section(title=heading), lead_in=lead_in)
            if draft not in drafts.setdefault(policy, []):
                drafts[policy].append(draft)
    return {
        name: Policy(school=name, title=name, version="1", wording="restated", clauses=with_ids(found))
        for name, found in drafts.items()
    }


def _area(where: str, records: Sequence[Record], policies: Mapping[str, Policy]) -> Area:
    asks: list[Ask] = []
    answers: set[Place] = set()
    near: set[Place] = set()
    kin: set[str] = set()
    for line, cells in records:
        if cells[0] == "ask":
            asks.append(Ask(cells[1], cells[2]))
        elif cells[0] == "kin":
            kin.update(cells[1].split())
        elif cells[0] == "rule":
            answers.add(_place(policies[cells[1]], cells[2:]))
        elif cells[0] in ("pack", "near"):
            found = {_keyed(line, policies[cells[1]], key) for key in cells[2].split()}
            (answers if cells[0] == "pack" else near).update(found)
    if not asks or not answers:
        raise BadPairs(f"{where}: an area needs questions and clauses that answer them")
    name = records[0][1][1]
    return Area(name, tuple(asks), frozenset(answers), frozenset(near - answers), frozenset(kin - {name}))


def _place(policy: Policy, cells: Sequence[str]) -> Place:
    wanted = tuple(cells)
    for position, clause in enumerate(policy.clauses):
        if (clause.section.title, clause.lead_in, clause.text) == wanted:
            return policy.school, position
    raise BadPairs(f"{policy.school}: {wanted} was lost")


def _keyed(line: str, policy: Policy, key: str) -> Place:
    for position, clause in enumerate(policy.clauses):
        if clause.key == key:
            return policy.school, position
    raise BadPairs(f"{line}: {policy.school} has no clause {key}")
