"""The printable record of one request, laid out like the policy's own form. Pure: words and their order.

Whoever asks gets what the details card would show them; ask `routing.may_open` first. The decisions
stand where the form has its signatures: who, in which role, when, and why.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from bot.paper import Cited, Line, Record, Row, Section
from bot.ports import Published
from bot.workflows import routing
from bot.workflows.deadlines import day, moment
from bot.workflows.definition import Field, Stage, Values
from bot.workflows.entering import offered
from bot.workflows.forms import SET_BY_SCHOOL, describe
from bot.workflows.history import (
    UNSAID,
    WORDS,
    answers,
    blinkered,
    fields_told,
    holds,
    may_know,
    may_read,
    seen_by,
    ticked,
    ticks,
)
from bot.workflows.layout import REQUESTER, SENT, PaperSection
from bot.workflows.request import Request, Status, Taken
from bot.workflows.routing import Context

EMPTY = "Not filled in"
SIGNED = (
    "Each step above was taken by the person named, as Policy Clerk knows them, at the time shown. "
    "It stands in place of a signature."
)
_STATUS: dict[Status, str] = {
    "open": "Not finished",
    "sent_back": "Sent back to the requester",
    "refused": "Refused",
    "withdrawn": "Withdrawn",
    "completed": "Finished",
    "closed": "Closed",
}
_APPROVED = {"approved": "Yes", "refused": "No", "sent_back": "Sent back to be changed"}


def record_of(
    ctx: Context,
    edition: Published,
    request: Request,
    history: Iterable[Taken],
    person: str | None,
    linked: Iterable[str] = (),
) -> Record:
    """The record as `person` may see it; None prints the whole, and is for a request that is not about
    people. `edition`: what the school had published when the request began. `linked`: references of linked
    requests that they may know of."""
    if person is None and request.about_people:
        raise ValueError("a request about people is printed for a person only")
    return _Printing(ctx, edition, request, tuple(history), person, frozenset(linked)).record()


class _Printing:
    """One record being put together."""

    def __init__(
        self,
        ctx: Context,
        edition: Published,
        request: Request,
        history: tuple[Taken, ...],
        person: str | None,
        linked: frozenset[str],
    ) -> None:
        self._ctx = ctx
        self._edition = edition
        self._request = request
        self._history = history
        self._person = person
        self._linked = linked
        self._hidden = frozenset() if person is None else routing.hidden_from(ctx, request, person)
        self._blinkered = person is not None and blinkered(ctx, request, person)

    def record(self) -> Record:
        workflow, request = self._ctx.workflow, self._request
        urgent = "Urgent: the requester said that someone was in danger." if request.urgent else ""
        person = self._person
        return Record(
            reference=request.reference,
            title=workflow.record or workflow.title,
            school=self._ctx.school.name,
            status=_STATUS[request.status],
            warning=urgent,
            printed=moment(self._ctx.now),
            printed_at=self._ctx.now,
            printed_for=describe(self._ctx, person) if person else "the school's administrator",
            about_people=request.about_people,
            sections=tuple(self._sections()),
            signed=SIGNED,
            rests_on=tuple(self._rests_on()),
            versions=(
                _row("Policy", f"{self._edition.policy.title} ({self._edition.policy.version})"),
                _row("Version of the school's policy and settings", request.policy_version),
                _row("Version of the procedure", f"{workflow.title}, {request.workflow_version}"),
            ),
        )

    def _sections(self) -> Iterator[Section]:
        """The form's own blocks, then whatever it has no place for, so that nothing is lost."""
        workflow = self._ctx.workflow
        placed = {name for section in workflow.paper for name in section.rows}
        stages = {section.stage for section in workflow.paper}
        layout = workflow.paper or (PaperSection(heading="Request", rows=(REQUESTER, SENT)),)
        rest = tuple(field for field in workflow.fields if field.id not in placed)
        for section in layout:
            if section.stage:
                yield from self._stage(workflow.stage(section.stage), section.heading)
                continue
            rows = self._rows(section.rows)
            if not workflow.paper:
                rows += self._filled(rest, self._request.values, self._hidden)
            if rows:
                yield Section(heading=section.heading, groups=(rows,))
        if workflow.paper and (rows := self._filled(rest, self._request.values, self._hidden)):
            yield Section(heading="Also asked", groups=(rows,))
        for group in workflow.steps(self._request.values):
            for stage in group:
                if stage.id not in stages:
                    yield from self._stage(stage, stage.title)
        yield from self._checklist()
        yield from self._further()

    def _rows(self, names: Iterable[str]) -> tuple[Row, ...]:
        fields = {field.id: field for field in self._ctx.workflow.fields}
        rows: list[Row] = []
        for name in names:
            if name == REQUESTER:
                rows.append(_row("Staff name", describe(self._ctx, self._request.requester)))
            elif name == SENT:
                rows.append(_row("Date", moment(self._request.created_at)))
            else:
                rows += self._filled((fields[name],), self._request.values, self._hidden)
        return tuple(rows)

    def _filled(self, fields: Iterable[Field], values: Values, hidden: frozenset[str]) -> tuple[Row, ...]:
        """What was asked and what was answered; what was asked and left empty says so."""
        known = {**self._request.values, **values}
        return tuple(
            Row(label=f.label, lines=self._lines(f, values), note=SET_BY_SCHOOL if f.set_by_school else "")
            for f in offered(fields, self._ctx.registers, ended=True)
            if f.id not in hidden and f.applies(known)
        )

    def _lines(self, field: Field, values: Values) -> tuple[Line, ...]:
        entries = values.get(field.id, ())
        match field.kind:
            case "choices":
                return tuple(
                    Line(text=_chosen(field, o.value, values), ticked=o.value in entries)
                    for o in field.options
                )
            case "choice" | "yes_no" | "entry":
                shown = [_chosen(field, entry, values) for entry in entries]
            case "person":
                shown = [describe(self._ctx, entry) for entry in entries]
            case "date":
                shown = [day(date.fromisoformat(entry)) for entry in entries]
            case _:
                shown = list(entries)
        return _lines(*(shown or [EMPTY]))

    def _stage(self, stage: Stage, heading: str) -> Iterator[Section]:
        """The signatures of a stage; of one that nobody has signed, how it stands."""
        if not stage.applies(self._request.values):
            return
        done = [t for t in self._known() if t.stage == stage.id and t.signs]
        if not done and self._blinkered:
            return
        groups = tuple(self._signature(stage, taken) for taken in done)
        if not done:
            waits = self._request.waiting(stage.id) is not None
            label = "Approved?" if stage.kind == "decide" else "Outcome"
            groups = ((_row(label, "Not yet" if waits else "Not reached"),),)
        by_school = stage.set_by_school or stage.route(self._request.values).set_by_school
        yield Section(heading=heading, note=SET_BY_SCHOOL if by_school else "", groups=groups)

    def _signature(self, stage: Stage, taken: Taken) -> tuple[Row, ...]:
        rows: list[Row] = []
        if stage.kind == "decide" and taken.action in _APPROVED:
            rows.append(_row("Approved?", _APPROVED[taken.action]))
        elif taken.action != "done":
            rows.append(_row("Outcome", WORDS[taken.action]))
        if self._reads(taken):
            if taken.action in ("done", "acknowledged", "closed"):
                fields = fields_told(self._ctx, self._request, self._person or "", taken)
                rows += self._filled(fields, taken.values, frozenset())
            if taken.reason:
                rows.append(_row("Reasons", taken.reason))
        return (*rows, *self._signed(taken))

    def _signed(self, taken: Taken) -> tuple[Row, ...]:
        school = self._ctx.school
        person = next((p for p in self._ctx.staff.people if p.id == taken.person), None)
        name = person.name if person else "someone who has left"
        roles = [school.title(taken.role)] if taken.role in school.roles else []
        roles = [title for title in roles if title != name]  # a name that says it already
        if taken.stands_in_for in school.roles:
            roles.append(f"Standing in for: {school.title(taken.stands_in_for)}")
        in_role = (_row("Role", *roles),) if roles else ()
        return (_row("Staff name", name), *in_role, _row("Date", moment(taken.at)))

    def _checklist(self) -> Iterator[Section]:
        """What the case called for, and what came of it."""
        rows = []
        for action, taken in ticks(self._ctx, self._request, self._person or ""):
            first, *others = ticked(self._ctx, self._request, action, taken).splitlines()
            done = taken is not None and taken.action == "action_done"
            rows.append(Row(label=action.label, lines=(Line(text=first, ticked=done), *_lines(*others))))
        if rows:
            yield Section(heading="Checklist", groups=(tuple(rows),))

    def _further(self) -> Iterator[Section]:
        """What happened besides the steps of the form, and who has seen it."""
        rows = []
        for taken in self._known():
            if taken.stage and taken.signs:
                continue
            words = [WORDS[taken.action]]
            if taken.person:
                words[0] += f" by {describe(self._ctx, taken.person)}"
            if taken.reason and self._reads(taken):
                words.append(taken.reason)
            told = answers(self._ctx, self._request, self._person or "", taken)
            words += [f"{label}{'' if label.endswith('?') else ':'} {text}" for label, text in told or ()]
            rows.append(_row(moment(taken.at), *words))
        if self._person not in (None, self._request.requester) and not self._blinkered:
            seen = [t for t in self._history if t.action in ("opened", "printed")]
            rows += [_row(moment(t.at), f"Seen by {seen_by(self._ctx, t)}") for t in seen]
        for held in holds(self._ctx, self._request, self._person or ""):
            rows.append(_row(moment(held.at), WORDS[held.action], *filter(None, [held.reason])))
        if rows:
            yield Section(heading="What else happened", groups=(tuple(rows),))

    def _known(self) -> tuple[Taken, ...]:
        """What was done, as far as the person sees it at all, oldest first."""
        every = (t for t in self._request.taken if t.action not in UNSAID)
        if self._person is None:
            return tuple(every)
        return tuple(t for t in every if may_know(self._ctx, self._request, self._person, t, self._linked))

    def _reads(self, taken: Taken) -> bool:
        return self._person is None or may_read(self._ctx, self._request, self._person, taken)

    def _rests_on(self) -> Iterator[Cited]:
        policy = self._edition.policy
        for clause in policy.clauses:
            if clause.key and clause.key in self._ctx.workflow.clauses:
                restated = policy.wording == "restated"
                yield Cited(text=clause.shown, citation=policy.cite(clause), restated=restated)


def _chosen(field: Field, value: str, values: Values) -> str:
    labels = {"yes": "Yes", "no": "No", **{o.value: o.label for o in field.options}}
    detail = "".join(values.get(f"{field.id}.{value}", ()))
    return labels.get(value, value) + (f": {detail}" if detail else "")


def _row(label: str, *texts: str) -> Row:
    return Row(label=label, lines=_lines(*texts))


def _lines(*texts: str) -> tuple[Line, ...]:
    return tuple(Line(text=line) for text in texts for line in text.splitlines() or [""])
