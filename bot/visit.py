"""One person's turn with the clerk: who they are, what their school has in force, what time it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.appointing import StaffBook
from bot.events import Identity
from bot.people import Person, School, Staff
from bot.ports import Clock, Directory, Door, Library, Published, Retriever, Store
from bot.workflows.deadlines import in_school_hours
from bot.workflows.definition import Workflow
from bot.workflows.entering import listed
from bot.workflows.entry import Listed
from bot.workflows.request import Request
from bot.workflows.routing import Context


@dataclass(frozen=True)
class Services:
    """The ports the clerk works with, chosen once in `adapters/wiring.py`."""

    store: Store
    library: Library
    directory: Directory
    staff_book: StaffBook
    retriever: Retriever
    clock: Clock
    door: Door | None = None
    """How people get from chat to the page; None where that has no address of its own."""

    def context(self, request: Request) -> Context:
        """What routing looks at for a request: its own workflow version, its school as it is now."""
        workflow = self.library.workflow(request.school, request.workflow, request.workflow_version)
        school = self.library.published(request.school).school
        return Context(
            school=school,
            staff=self.directory.staff(request.school),
            workflow=workflow,
            now=self.clock.now(),
            registers=self.registers(school, workflow),
            policy_version=self.library.edition(request.school, request.policy_version).policy.version,
        )

    def registers(self, school: School, workflow: Workflow) -> dict[str, tuple[Listed, ...]]:
        """The entries of every register that a field of the workflow names."""
        named = {field.entry_of for field in workflow.fields if field.entry_of in school.registers}
        return {n: listed(school.registers[n], self.store.entries(school.id, n)) for n in named}


@dataclass(frozen=True)
class Visit:
    """Everything one event needs to know about the person it came from."""

    person: Person
    published: Published
    staff: Staff
    now: datetime
    unlisted: Identity | None = None
    """Whose account it is, of somebody in the school's workspace who is not on its list."""

    several: bool = False
    """The person works at other schools too."""
    who: Identity | None = None
    """The account they came by; None where the clerk itself looks."""

    again: bool = False
    """This has happened before (`events.again`): it is looked at, and nothing is done."""

    @property
    def closed(self) -> bool:
        """Whether the school is closed now, so that people are rung at other numbers."""
        return not in_school_hours(self.published.school.calendar, self.now)

    def context(
        self, workflow: Workflow, registers: Mapping[str, tuple[Listed, ...]] | None = None
    ) -> Context:
        """What routing looks at for a request of this school that does not exist yet."""
        return Context(
            school=self.published.school,
            staff=self.staff,
            workflow=workflow,
            now=self.now,
            registers=registers or {},
            policy_version=self.published.policy.version,
        )
