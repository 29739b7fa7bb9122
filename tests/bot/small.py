"""A small school for the engine's own tests: no database, no platform, people and time as a test says."""
# ruff: noqa: E501 (a row of a table reads better whole)

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.people import (
    Absence,
    Calendar,
    Column,
    Contact,
    Contacts,
    Person,
    PolicyDates,
    Register,
    Remind,
    Role,
    School,
    Staff,
    Term,
)
from bot.workflows import requests
from bot.workflows.checks import load_school
from bot.workflows.definition import Workflow
from bot.workflows.entry import Listed
from bot.workflows.request import Request
from bot.workflows.routing import Context, asked
from bot.yamlfile import Source
from knowledge.clauses import Clause, Policy, Section

PACKAGED = Path(__file__).resolve().parents[2] / "knowledge" / "schools"
MONDAY = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)
"""A school morning in term."""

ROLES = {
    "head": Role(title="Headteacher", deputies=("deputy-head",), head=True),
    "deputy-head": Role(title="Deputy headteacher"),
    "manager": Role(title="Senior manager", deputies=("deputy-head",)),
    "dsl": Role(title="Designated safeguarding lead", deputies=("deputy-dsl",)),
    "deputy-dsl": Role(title="Deputy safeguarding lead"),
    "ict": Role(title="ICT technician", deputies=("ict-2",)),
    "ict-2": Role(title="Online safety lead"),
    "chair": Role(title="Chair of governors", deputies=("vice-chair",)),
    "vice-chair": Role(title="Vice-chair of governors"),
    "administrator": Role(title="Clerk's administrator"),
}
PEOPLE = (*ROLES, "teacher", "assistant", "supply")
"""One person for each role, named as the role, and three with none."""
HOLDS: dict[str, tuple[str, ...]] = {role: (role,) for role in ROLES}
CALENDAR = Calendar(
    terms=(
        Term(first=date(2026, 9, 2), last=date(2026, 10, 23)),
        Term(first=date(2026, 11, 2), last=date(2026, 12, 18)),
        Term(first=date(2027, 1, 4), last=date(2027, 2, 12)),
        Term(first=date(2027, 2, 22), last=date(2027, 3, 25)),
        Term(first=date(2027, 4, 12), last=date(2027, 5, 28)),
        Term(first=date(2027, 6, 7), last=date(2027, 7, 21)),
        Term(first=date(2027, 9, 2), last=date(2027, 10, 22)),
    )
)
ACCOUNTS = Register(
    title="Official accounts",
    columns=(
        Column(id="name", label="Account"),
        Column(id="moderators", label="Moderators", kind="people"),
        Column(id="why", label="Why", personal=True),
        Column(id="site", label="Where", kind="addresses"),
        Column(id="closes", label="Closes", kind="date"),
    ),
    seen_by=("manager", "head"),
    remind=Remind(column="closes", days_before=14),
)
SCHOOL = School(
    id="elm-grove",
    name="Elm Grove School",
    policy=PolicyDates(title="Social Media Policy", owner="head"),
    roles=ROLES,
    dsl="dsl",
    chair="chair",
    escalation=("deputy-head", "manager", "chair"),
    contacts=Contacts(
        dsl=Contact(title="Designated safeguarding lead", phone="01632 960 001"),
        deputies=(Contact(title="Deputy safeguarding lead", phone="01632 960 002"),),
        headteacher=Contact(title="Headteacher", phone="01632 960 003"),
        chair=Contact(title="Chair of governors", phone="01632 960 004"),
        lado=Contact(title="Local authority designated officer (LADO)", phone="01632 960 005"),
        social_care=Contact(title="Children's social care", phone="01632 960 006"),
        out_of_hours=Contact(title="Out of hours", phone="01632 960 007"),
    ),
    calendar=CALENDAR,
    registers={"accounts": ACCOUNTS},
)
POLICY = Policy(
    school="elm-grove",
    title="Social Media Policy",
    version="2026",
    wording="restated",
    clauses=(Clause(id="c1", text="Staff ask first.", section=Section(title="Asking"), key="asking"),),
)

WHAT = "  - {id: what, kind: text, label: What}\n"
CONCERN_FIELDS = """\
  - {id: url, kind: address, label: Address}
  - {id: note, kind: long_text, label: Note, required: false}
  - {id: who, kind: choice, label: Who, options: [{value: nobody, label: Nobody}, {value: pupil, label: A pupil}, {value: staff, label: Staff}]}
  - {id: colleague, kind: person, label: Which, subject: true, required: false, when: {field: who, equals: staff}}
"""
CONCERN_STAGES = """\
  - {id: block, kind: act, title: Blocking, who: {role: ict}, hides: [who, colleague, note], asks: [{id: action, kind: text, label: Action taken}]}
  - {id: pupil, kind: receive, title: Pupil follow-up, alongside: true, when: {field: who, equals: pupil}, who: {role: dsl}}
  - {id: staff, kind: receive, title: Staff follow-up, alongside: true, when: {field: who, equals: staff}, who: {role: head}}
"""


def flow(stages: str, fields: str = WHAT, top: str = "") -> Workflow:
    """A procedure of these stages, written as in a school's folder."""
    head = "id: ask\ntitle: Ask for something\nsummary: To ask.\nclauses: [asking]\n"
    return Source("workflows/ask.yaml", f"{head}{top}fields:\n{fields}stages:\n{stages}").validated(Workflow)


def concern(stages: str = CONCERN_STAGES, fields: str = CONCERN_FIELDS, top: str = "") -> Workflow:
    """A procedure about people."""
    return flow(stages, fields, "about_people: {field: who, in: [pupil, staff]}\n" + top)


def told_of(*roles: str) -> str:
    """`tells` for these roles."""
    return "tells:\n" + "".join(f"  - {{who: {{role: {role}}}}}\n" for role in roles)


def context(
    workflow: Workflow,
    *,
    holds: Mapping[str, tuple[str, ...]] | None = None,
    away: Iterable[str] = (),
    left: Iterable[str] = (),
    now: datetime = MONDAY,
    school: School = SCHOOL,
    managers: Mapping[str, str] | None = None,
    registers: Mapping[str, tuple[Listed, ...]] | None = None,
) -> Context:
    """What routing looks at. `holds` replaces who holds a role."""
    today = now.date()
    yesterday = today - timedelta(days=1)
    held = {role: HOLDS.get(role, (role,)) for role in school.roles} | dict(holds or {})
    names = dict.fromkeys((*PEOPLE, *(person for people in held.values() for person in people)))
    staff = Staff(
        today=today,
        people=tuple(
            Person(
                id=name,
                school=school.id,
                name=name.title(),
                line_manager=(managers or {}).get(name, ""),
                ends=yesterday if name in left else None,
            )
            for name in names
        ),
        holdings=tuple((role, person) for role, people in held.items() for person in people),
        absences=tuple(Absence(person=p, first=today, last=today) for p in away),
    )
    return Context(school=school, staff=staff, workflow=workflow, now=now, registers=registers or {})


def sent(ctx: Context, requester: str = "teacher", subjects: Iterable[str] = (), **values: str) -> Request:
    """A request as it is just after sending."""
    filled = {key: (value,) for key, value in ({"what": "Crayons"} | values).items()}
    return requests.submit(
        ctx, request_id="r1", requester=requester, values=filled, policy_version="2026", subjects=subjects
    ).request


def who(ctx: Context, request: Request, stage: str = "") -> set[str]:
    """The people it waits for, at one stage or all."""
    return {holder.person for s, holder in asked(ctx, request) if stage in ("", s.id)}


def later(ctx: Context, span: timedelta) -> Context:
    """The same school after some time."""
    now = ctx.now + span
    staff = ctx.staff.model_copy(update={"today": now.date()})
    return ctx.model_copy(update={"now": now, "staff": staff})


def st_alphege() -> School:
    """The school in which one person is head of school and safeguarding lead."""
    return load_school(PACKAGED / "st-alphege" / "school.yaml")
