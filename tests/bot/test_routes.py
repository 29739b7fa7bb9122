"""For each school, procedure and kind of person it is about: who is asked first, next and last, who is
told, and who must never know. What is right stands in `routes.yaml`, written by hand."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.demo import holders_of, people_of
from adapters.schools import Folder, read_school
from bot.guidance import ASK
from bot.people import Absence, Staff
from bot.ports import Published
from bot.workflows import answers, requests, routing
from bot.workflows.definition import Field, Workflow
from bot.workflows.entering import offered
from bot.workflows.entry import Listed
from bot.workflows.request import Request
from bot.workflows.routing import Context

MONDAY = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)
TABLE: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("routes.yaml").read_text(encoding="utf-8")
)
KINDS = {
    "nobody", "pupil", "staff", "headteacher", "dsl", "senior manager", "parent", "other", "requester", "receiver",
}  # fmt: skip
REPORTS = {"pupil", "staff", "headteacher", "dsl", "senior manager", "requester", "receiver"}
"""Kinds that every request about people has a row for; those that may be about a parent, one more."""


def rows() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for school, commands in TABLE.items():
        for command, given in commands.items():
            if command not in ("guidance", "records"):
                yield from ((school, command, row) for row in given)


@cache
def published(school: str) -> Published:
    return read_school(Folder(school, Path("/nowhere")))


def people(given: object) -> frozenset[str]:
    """`dsl`, `[dsl, headteacher]`, `nobody` or nothing, as a set."""
    if given in (None, "nobody"):
        return frozenset()
    return frozenset([given] if isinstance(given, str) else given)  # type: ignore[call-overload]


class Played:
    """One row, sent by one of the cast on the real engine."""

    def __init__(self, school: str, command: str, row: Mapping[str, Any]) -> None:
        self.published = published(school)
        workflow = self.published.workflow(command)
        assert workflow is not None, f"{school} has no {command}"
        self.school, self.workflow = school, workflow
        holders = holders_of(self.published.school) | row.get("holds", {})
        staff = Staff(
            today=MONDAY.date(),
            people=tuple(people_of(self.published.school).values()),
            holdings=tuple((role, f"{school}.{user}") for role, user in holders.items()),
        )
        on_register = {column: (*map(self._id, people(of)),) for column, of in row.get("entry", {}).items()}
        account = Listed(id="e1", label="The site", is_open=True, people=on_register)
        self.ctx = Context(
            school=self.published.school,
            staff=staff,
            workflow=workflow,
            now=MONDAY,
            registers={"official-accounts": (account,)},
        )
        values = self._filled(dict(row.get("with", {})))
        subjects = {*answers.subjects(workflow, values, staff), *map(self._id, people(row.get("named")))}
        self.request = requests.submit(
            self.ctx,
            request_id="r1",
            requester=self._id(row.get("by", "class-teacher")),
            values=values,
            policy_version=self.published.version,
            subjects=subjects,
        ).request
        self.known: set[str] = set()
        """Everyone who has been asked or told at any time, or could have opened it."""
        self._look(self.ctx, self.request)

    def _id(self, user: str) -> str:
        return f"{self.school}.{user}"

    def _filled(self, given: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """A form as somebody would send it: what the row says, and something in every field besides."""
        values: dict[str, tuple[str, ...]] = {}
        for field in self.workflow.fields:
            if not field.applies(values):
                assert field.id not in given, f"{field.id} is not asked here"
                continue
            if field.id in given:
                picked = sorted(people(given.pop(field.id)))
                values[field.id] = tuple(map(self._id, picked)) if field.kind == "person" else tuple(picked)
            elif field.required:
                values |= some_entries(field)
        assert not given, f"no such fields: {given}"
        staff = Staff(today=MONDAY.date(), people=tuple(people_of(self.published.school).values()))
        fields = offered(self.workflow.fields, self.ctx.registers)
        wrong = answers.errors(fields, answers.tidied(fields, values), staff)
        assert wrong == {}
        return answers.tidied(fields, values)

    def lines(self) -> dict[str, list[frozenset[str]]]:
        """Stage by stage, in the order in which they open: the groups of people it asks, one after the
        other, when nobody reacts."""
        found: dict[str, list[frozenset[str]]] = {}
        while self.request.status == "open":
            for waiting in self.request.open:
                found[waiting.stage] = (
                    self._unopened(waiting.stage) if self._hurried else self._away(waiting.stage)
                )
            if self.request.about_people or not self._moved_on():
                break
        return found

    @property
    def _hurried(self) -> bool:
        return self.request.about_people and not self.workflow.school_time

    def _unopened(self, stage: str) -> list[frozenset[str]]:
        """Time passes, day and night, and nobody opens it."""
        ctx, request = self.ctx, self.request
        groups = [self._asked(ctx, request, stage)]
        for _ in range(12):
            assert request.due_at is not None
            ctx = ctx.model_copy(update={"now": max(request.due_at, ctx.now + timedelta(minutes=1))})
            change = requests.tick(ctx, request)
            if change is None:
                break
            request = change.request
            self._look(ctx, request)
            if new := self._asked(ctx, request, stage) - frozenset().union(*groups):
                groups.append(new)
        return groups

    def _away(self, stage: str) -> list[frozenset[str]]:
        """Whoever is asked is away, and then whoever is asked instead."""
        groups: list[frozenset[str]] = []
        gone: frozenset[str] = frozenset()
        while new := self._asked(self._without(gone), self.request, stage) - gone:
            self._look(self._without(gone), self.request)
            groups.append(new)
            gone |= new
        return groups

    def _without(self, gone: Iterable[str]) -> Context:
        away = tuple(Absence(person=self._id(user), first=date.min, last=date.max) for user in sorted(gone))
        return self.ctx.model_copy(update={"staff": self.ctx.staff.model_copy(update={"absences": away})})

    def _moved_on(self) -> bool:
        """The first person asked acts; whether another step has opened."""
        stage, holder = routing.asked(self.ctx, self.request)[0]
        by = (stage.id, holder.person, self.request.revision)
        if stage.kind == "decide":
            self.request = requests.approve(self.ctx, self.request, *by, "Yes.").request
        elif stage.kind == "act":
            self.request = requests.finish(self.ctx, self.request, *by, "", {}).request
        else:
            return False
        return self.request.waiting(stage.id) is None

    def _asked(self, ctx: Context, request: Request, stage: str) -> frozenset[str]:
        holders = (holder.person for s, holder in routing.asked(ctx, request) if s.id == stage)
        return frozenset(person.partition(".")[2] for person in holders)

    def _look(self, ctx: Context, request: Request) -> None:
        self.known |= {holder.person for _, holder in routing.asked(ctx, request)}
        self.known |= {holder.person for holder in routing.told(ctx, request)}
        others = (person.id for person in ctx.staff.people if person.id != request.requester)
        self.known |= {person for person in others if routing.may_open(ctx, request, person)}


def some_entries(field: Field) -> dict[str, tuple[str, ...]]:
    """Something that this field takes."""
    match field.kind:
        case "choice" | "choices":
            chosen = field.options[: max(field.minimum, 1)]
            details = {f"{field.id}.{o.value}": ("More.",) for o in chosen if o.detail}
            return {field.id: tuple(o.value for o in chosen), **details}
        case "yes_no":
            return {field.id: ("no",)}
        case "entry":
            return {field.id: ("not_listed",), f"{field.id}.not_listed": ("A site.",)}
        case "date":
            return {field.id: (MONDAY.date().isoformat(),)}
        case "address" | "addresses":
            return {field.id: ("https://www.example.org/page",)}
        case "lines":
            return {field.id: tuple(f"Entry {n}" for n in range(field.minimum))}
        case "text" | "long_text":
            return {field.id: ("Something.",)}
    raise AssertionError(f"a row must say who {field.id} is")


def label(row: object) -> str:
    if isinstance(row, dict):
        said = ",".join(f"{k}={v}" for k, v in row.get("with", {}).items())
        return " ".join(
            filter(None, (row["about"], said, row.get("by") and f"by {row['by']}", row.get("named")))
        )
    return str(row)


@pytest.mark.parametrize(("school", "command", "row"), [*rows()], ids=label)
def test_who_is_asked_told_and_kept_out(school: str, command: str, row: dict[str, Any]) -> None:
    assert row["about"] in KINDS
    played = Played(school, command, row)
    told = {h.person.partition(".")[2] for h in routing.told(played.ctx, played.request)}
    assert told == people(row.get("told"))
    lines = played.lines()
    asked = row["asked"] if isinstance(row["asked"], dict) else {next(iter(lines)): row["asked"]}
    assert list(lines) == list(asked)
    for stage, wanted in asked.items():
        groups = [*lines[stage], frozenset(), frozenset()]
        first_next_last = (groups[0], groups[1], lines[stage][-1] if len(lines[stage]) > 1 else frozenset())
        assert first_next_last[: len(wanted)] == tuple(map(people, wanted)), stage
    known = {person.partition(".")[2] for person in played.known}
    assert known & people(row.get("never")) == frozenset()
    assert row.get("by", "class-teacher") not in {p for groups in lines.values() for g in groups for p in g}


@pytest.mark.parametrize("school", TABLE)
def test_every_procedure_has_its_rows(school: str) -> None:
    table = TABLE[school]
    workflows = [w for w in published(school).workflows if w.id != ASK]
    assert {w.id for w in workflows if not w.has_form} == set(table["guidance"])
    assert {w.id for w in workflows if w.has_form and not w.stages} == set(table["records"])
    routed = {w.id: w for w in workflows if w.stages}
    assert set(routed) == set(table) - {"guidance", "records"}
    for command, workflow in routed.items():
        lacking = wanted_kinds(workflow) - {row["about"] for row in table[command]}
        assert lacking == set(), command


def wanted_kinds(workflow: Workflow) -> set[str]:
    if workflow.school_time or workflow.about_people is False:
        return set()
    who = (field for field in workflow.fields if field.id == "who")
    parents = any(option.value == "parent" for field in who for option in field.options)
    return REPORTS | ({"parent"} if parents else set())


@pytest.mark.parametrize("school", TABLE)
def test_every_option_that_names_whom_it_is_about_is_played(school: str) -> None:
    for workflow in published(school).workflows:
        played = [
            value for row in TABLE[school].get(workflow.id, ()) for value in row.get("with", {}).values()
        ]
        for field in workflow.fields:
            subjects = {option.value for option in field.options if option.subject_role}
            assert subjects <= set(played), workflow.id


@pytest.mark.parametrize("school", TABLE)
def test_a_record_is_complete_at_once_and_asks_nobody(school: str) -> None:
    for command in TABLE[school]["records"]:
        played = Played(school, command, {})
        assert played.request.status == "completed"
        assert played.known == set()
        assert not played.request.open
