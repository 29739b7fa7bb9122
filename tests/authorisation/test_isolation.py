"""Nothing of one school is reachable from another: ids of step's requests, entries, people and clauses put into every
event and form of aet's headteacher, DSL and administrator, and into what the command line does for aet."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from adapters.exporting import CannotExport, export_request
from adapters.server import application
from adapters.settingup import CannotSetUp
from adapters.signing_in import issue_code
from adapters.store.tables import chain_heads, holdings, people, requests
from adapters.subjectaccess import export_subject
from bot.cards import Reply
from bot.events import Asked, ButtonPressed, CommandCalled, FormChanged, FormSubmitted, Identity
from bot.formstate import FormState
from bot.workflows.entry import Deed, Entry
from bot.workflows.request import Request
from tests.adapters.everything import filled
from tests.authorisation.parties import SECRET, Town
from tests.authorisation.trying import ACTIONS, FORMS
from tests.school import Player, staged, text_of

ASKERS = [
    "office-manager",
    *(pytest.param(user, marks=pytest.mark.slow) for user in ("headteacher", "dsl", "class-teacher")),
]
"""The administrator in the gate, the others when asked for."""
ENTRY = "step-entry"


class Step:
    """What step has that nobody at aet may learn: people with names of their own, requests, a register entry."""

    def __init__(self, town: Town) -> None:
        self.clerk, self.town = town.stage.clerk, town
        self.school = self.clerk.library.published("step")
        staff = self.clerk.directory.staff("step").people
        for number, person in enumerate(staff):
            named = {"name": f"Quillfeather {number}", "email": f"q{number}@step.example"}
            self.clerk.directory.add_person(person.model_copy(update=named))
        self.people = tuple(person.id for person in staff)
        self.requests = tuple(self._sent())
        now = self.clerk.services.clock.now()
        (name, register) = next(iter(self.school.school.registers.items()))
        cells = {register.columns[0].id: (SECRET,)}
        entry = Entry(id=ENTRY, school="step", name=name, at=now, cells=cells, entered_by=self.people[0])
        self.clerk.store.keep(entry, Deed(at=now, action="entered", register_name=name, entry=ENTRY))

    def _sent(self) -> Iterator[Request]:
        teacher = Player(self.town.stage, "class-teacher", "step.class-teacher")
        teacher.who = Identity(platform="web", tenant="step", user="class-teacher")
        for workflow in self.school.workflows:
            reply = teacher.calls(workflow.id)
            for _ in range(6):
                if form := getattr(reply, "form", None):
                    reply = teacher.sends(form, **filled(form, 1))
        self.town.stage.deliver()
        yield from self.clerk.store.requested_by(teacher.id)

    def state(self) -> list[object]:
        """Everything that would show that somebody has done something at step."""
        rows: list[object] = [self.clerk.store.entry(ENTRY), self.clerk.staff_book.asked("step")]
        with self.clerk.database.read() as connection:
            for table in (requests, chain_heads, holdings, people):
                found = select(table).where(table.c.school == "step").order_by(*table.primary_key)
                rows += connection.execute(found).all()
        return rows

    def told(self, reply: Reply) -> list[str]:
        """What of step's stands in a reply."""
        shown = text_of(reply)
        secrets = (SECRET, "Quillfeather", "STEP-", self.school.policy.title, self.school.school.name)
        return [secret for secret in secrets if secret in shown]


@pytest.fixture
def town(home: Path) -> Iterator[Town]:
    for stage in staged(home):
        yield Town.settled(stage, home)


def attempts(step: Step, mine: Request) -> Iterator[tuple[type, dict[str, object]]]:
    """Every event in which an id of step's can stand."""
    for request in step.requests:
        stages = ("", *(f"/{one.stage}" for one in request.open))
        for action in (*ACTIONS, "list", "still_right", "not_meant"):
            for stage in stages:
                target = f"{request.id}{stage}"
                yield ButtonPressed, {"action": action, "target": target, "version": request.revision}
        yield CommandCalled, {"command": "my-requests", "text": request.reference}
        for action in sorted(FORMS - {"change"}):
            whose = {"request": request.id, "stage": request.open[0].stage if request.open else ""}
            yield from forms(step, request, step="action", action=action, **whose)
        yield from forms(step, request, step="fields")
    for action in ("details", "end", "erase", "open", "search", "add", "export"):
        for target in (ENTRY, "accounts", *step.school.school.registers):
            yield ButtonPressed, {"action": f"register_{action}", "target": target}
    for action in ("role", "channel", "away", "away_other", "who_is_away", "back", "confirm", "decline"):
        for target in ("step", f"step/{step.people[0]}/2026-11-09"):
            yield ButtonPressed, {"action": f"setup_{action}", "target": target}
        role = {"role": ("headteacher",), "gains": step.people[:1], "person": step.people[:1]}
        dates = {"first": ("2026-11-09",), "last": ("2026-11-10",)}
        state = FormState(token="t", workflow="setup", version="", step="setup", action=action, school="step")
        yield FormSubmitted, {"form": "setup", "state": state.text(), "values": {**role, **dates}}
    for person in step.people[:3]:  # somebody of step's as whoever gets, is kept from, or stands in for ours
        for action, field in (("hand_on", "to"), ("name_subject", "subject"), ("reassign", "to")):
            state = FormState(
                token=uuid4().hex, workflow=mine.workflow, version=mine.workflow_version, step="action",
                request=mine.id, stage=mine.open[0].stage, action=action, revision=mine.revision,
            )  # fmt: skip
            values = {field: (person,), "reason": ("Please.",)}
            yield FormSubmitted, {"form": mine.workflow, "state": state.text(), "values": values}
    yield ButtonPressed, {"action": "choose_school", "target": "step/my-requests"}
    yield CommandCalled, {"command": "my-school", "text": "step"}
    for text in (SECRET, "Quillfeather 1", step.school.policy.clauses[3].text):
        yield Asked, {"text": text}
        yield CommandCalled, {"command": "my-requests", "text": text}


def forms(ours: Step, about: Request, **state: object) -> Iterator[tuple[type, dict[str, object]]]:
    """A form about a request of step's, changed and sent."""
    began = {"workflow": about.workflow, "version": about.workflow_version, "revision": about.revision}
    text = FormState.model_validate({"token": uuid4().hex, "school": "step", **began, **state}).text()
    values = {"reason": ("Please.",), "to": ours.people[:1], "subject": ours.people[1:2]}
    for kind in (FormChanged, FormSubmitted):
        yield kind, {"form": about.workflow, "state": text, "values": values}


@pytest.mark.parametrize("user", ASKERS)
def test_nothing_of_another_school_is_read_or_changed_by_any_event(town: Town, user: str) -> None:
    step = Step(town)
    assert len(step.requests) > 3
    mine = town.request("concern-about-pupil", "sent")
    before, wrong = step.state(), []
    for kind, values in attempts(step, mine):
        reply = town.stage[user]._handle(kind, **values)
        if found := step.told(reply):
            wrong.append(f"{user} {kind.__name__} {values}: {found}")
    assert not wrong, "\n".join(wrong[:20])
    assert step.state() == before
    kept = [text_of(one) for one in town.stage.clerk.store.open_in("aet")]
    assert not [person for person in step.people for text in kept if person in text]


async def test_nor_by_an_address_of_the_page_nor_from_the_command_line(town: Town, tmp_path: Path) -> None:
    step = Step(town)
    clerk = town.stage.clerk
    both = {"email": "both@trust.example"}
    for school in ("aet", "step"):
        (person,) = (p for p in clerk.directory.staff(school).people if p.id == f"{school}.headteacher")
        clerk.directory.add_person(person.model_copy(update=both))
    _, code = issue_code(clerk, "aet", both["email"])  # good for the school that issued it
    async with TestClient(TestServer(application(clerk))) as page:
        given = await page.post("/sign-in", json={**both, "code": code})
        me = {"Cookie": f"policyclerk={given.cookies['policyclerk'].value}"}
        for path in ("/", "/me/feed", *(f"/me/register/{name}.csv" for name in step.school.school.registers)):
            answer = await page.get(path, headers=me)
            assert not [s for s in (SECRET, "Quillfeather", "STEP-") if s in await answer.text()], path
        other = await page.post(
            "/me/event", json={"id": str(uuid4()), "kind": "said", "text": "/my-school"}, headers=me
        )
        assert step.school.school.name not in await other.text()
    with pytest.raises(CannotSetUp, match="Nobody on the staff list of aet"):
        issue_code(clerk, "aet", "q3@step.example")
    with pytest.raises(CannotExport, match="aet has no request"):
        export_request(clerk, "aet", step.requests[0].reference, "", tmp_path / "one.pdf", text=True)
    export_subject(clerk, "aet", "q3@step.example", tmp_path / "all.zip", "")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        found = "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    assert not [secret for secret in (SECRET, "Quillfeather", "STEP-") if secret in found]
