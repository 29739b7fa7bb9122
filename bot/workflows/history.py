"""What has been done with a request, for whoever may read it: its signatures, its checklist, its log.

Of a request about people, chat shows that something was done and never what was written.
"""

from collections.abc import Iterable
from datetime import date

from bot.cards import Facts
from bot.workflows import routing
from bot.workflows.checklist import applying, due_at, settled
from bot.workflows.deadlines import day, moment
from bot.workflows.definition import CaseAction, Field, Values
from bot.workflows.entering import offered
from bot.workflows.forms import SET_BY_SCHOOL, describe
from bot.workflows.request import Request, Taken
from bot.workflows.routing import Context

WORDS = {
    "resubmitted": "Sent again, changed",
    "approved": "Approved",
    "refused": "Refused",
    "acknowledged": "Confirmed",
    "sent_back": "Sent back",
    "withdrawn": "Withdrawn",
    "received": "Received",
    "handed_on": "Handed on",
    "added": "Added to",
    "closed": "Closed",
    "reassigned": "Given to somebody else",
    "reminded": "Reminder",
    "escalated": "Further people asked",
    "subject_named": "Access changed",
    "logged": "Evidence added",
    "linked": "Linked to another report",
    "confirmed": "Still right",
    "held": "Put on legal hold",
    "hold_lifted": "Legal hold lifted",
}
UNSAID = (
    *("submitted", "opened", "printed", "reminded", "unreached", "subject_named", "staff_changed"),
    *("action_done", "action_dropped", "held", "hold_lifted"),
)
"""What is not among the signatures: what the clock and readers did, what the checklist shows, and legal
holds, which only the details show."""


def shown_values(
    fields: Iterable[Field], values: Values, ctx: Context, hidden: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """Labels and values as people read them: choices by their labels, people by name, dates in words."""
    rows: list[tuple[str, str]] = []
    for field in offered(fields, ctx.registers, ended=True):
        entries = values.get(field.id, ())
        if field.id in hidden or not entries:
            continue
        labels = {"yes": "Yes", "no": "No", **{o.value: o.label for o in field.options}}
        if field.kind == "person":
            shown = [describe(ctx, entry) for entry in entries]
        elif field.kind in ("choice", "choices", "yes_no", "entry"):
            shown = [_with_detail(labels.get(e, e), values.get(f"{field.id}.{e}", ())) for e in entries]
        elif field.kind == "date":
            shown = [day(date.fromisoformat(entry)) for entry in entries]
        else:
            shown = list(entries)
        rows.append((field.label, "\n".join(shown)))
    return tuple(rows)


def _with_detail(label: str, detail: tuple[str, ...]) -> str:
    return f"{label}: {''.join(detail)}" if detail else label


def blinkered(ctx: Context, request: Request, person: str) -> bool:
    """Whether something of a request about people is hidden from them: then so are the steps of others,
    whose names and notes would give it away."""
    return request.about_people and bool(routing.hidden_from(ctx, request, person))


def signatures(
    ctx: Context, request: Request, person: str = "", linked: frozenset[str] = frozenset()
) -> tuple[Facts, ...]:
    """What has been done so far, oldest first: the signatures of the form. Of a request about people,
    `person` names whose details these are; in chat, nothing that was written is shown. `linked`:
    references of linked requests that they may know of."""
    rows = [
        (_deed(ctx, taken), _signature(ctx, taken, answers(ctx, request, person, taken)))
        for taken in request.taken
        if taken.action not in UNSAID and may_know(ctx, request, person, taken, linked)
    ]
    return (Facts(rows=tuple(rows)),) if rows else ()


def account(ctx: Context, request: Request, person: str) -> tuple[Facts, ...]:
    """Who somebody on no list is, as far as their account says: for those who see all of the request."""
    if not request.unlisted or blinkered(ctx, request, person):
        return ()
    return (Facts(rows=request.unlisted),)


def deeds(ctx: Context, request: Request) -> tuple[Facts, ...]:
    """What has been done so far, by whom and when, and nothing that was written: for a channel."""
    rows = [(_deed(ctx, t), _signature(ctx, t, None)) for t in request.taken if t.action not in UNSAID]
    return (Facts(rows=tuple(rows)),) if rows else ()


def may_know(ctx: Context, request: Request, person: str, taken: Taken, linked: frozenset[str]) -> bool:
    """Whether this is one of the things done that they see at all: notes and evidence are for those who
    may read them, a link for those who may open both, and never for a reporter; somebody from whom
    something is hidden sees only what they did themselves."""
    if taken.action in ("added", "logged"):
        return may_read(ctx, request, person, taken)
    if taken.action == "linked":
        known = linked.issuperset(taken.values["reference"])
        return known and person != request.requester and not blinkered(ctx, request, person)
    return taken.person == person or not person or not blinkered(ctx, request, person)


def may_read(ctx: Context, request: Request, person: str, taken: Taken) -> bool:
    """Whether they see what was written with it. Of a request about people its handlers read
    everything, its requester the outcome, and everybody what is their own."""
    if not request.about_people:
        return True
    if person in ("", request.requester):
        return bool(person) and (taken.person == person or taken.action == "closed")
    return taken.person == person or not blinkered(ctx, request, person)


def _deed(ctx: Context, taken: Taken) -> str:
    if taken.action == "done":
        return ctx.workflow.stage(taken.stage).title
    return WORDS[taken.action]


def answers(ctx: Context, request: Request, person: str, taken: Taken) -> tuple[tuple[str, str], ...] | None:
    """What they see of what was filled in with it; None when not even its reason."""
    if not may_read(ctx, request, person, taken):
        return None
    if taken.action == "linked":
        return (("Reference", "".join(taken.values["reference"])),)
    return shown_values(fields_told(ctx, request, person, taken), taken.values, ctx, frozenset())


def fields_told(ctx: Context, request: Request, person: str, taken: Taken) -> tuple[Field, ...]:
    """The fields filled in with it whose values they see, once `may_read` says that they read it at all."""
    if not taken.stage:
        return ()
    stage = ctx.workflow.stage(taken.stage)
    fields = stage.log if taken.action == "logged" else stage.asks
    if request.about_people and person == request.requester != taken.person:
        return tuple(field for field in fields if field.told_to_requester)
    return fields


def holds(ctx: Context, request: Request, person: str) -> tuple[Taken, ...]:
    """When it was put on legal hold and when that was lifted; without why for its requester, and for
    somebody from whom something is hidden."""
    whole = person != request.requester and not blinkered(ctx, request, person)
    taken = (t for t in request.taken if t.action in ("held", "hold_lifted"))
    return tuple(t if whole else t.model_copy(update={"reason": ""}) for t in taken)


def seen_by(ctx: Context, taken: Taken) -> str:
    """Who opened or printed it: a person, or the command line, which says for whom."""
    printed = " (printed)" if taken.action == "printed" else ""
    return f"{describe(ctx, taken.person) if taken.person else taken.reason}{printed}"


def _signature(ctx: Context, taken: Taken, told: tuple[tuple[str, str], ...] | None) -> str:
    lines = [moment(taken.at)]
    if taken.person:
        person = next((p for p in ctx.staff.people if p.id == taken.person), None)
        name = person.name if person else "someone who has left"
        role = ctx.school.title(taken.role) if taken.role in ctx.school.roles else ""
        lines = [f"{', '.join(dict.fromkeys(filter(None, (name, role))))}, {moment(taken.at)}"]
    if taken.stands_in_for in ctx.school.roles:
        lines.append(f"for the {ctx.school.title(taken.stands_in_for).lower()}")
    if told is not None and taken.reason:
        lines.append(taken.reason)
    lines += [f"{label}{'' if label.endswith('?') else ':'} {value}" for label, value in told or ()]
    return "\n".join(lines)


def checklist(ctx: Context, request: Request, person: str) -> tuple[Facts, ...]:
    """Each action of the stages opened so far, and what came of it."""
    rows = [
        (action.label, f"{_mark(taken)} {ticked(ctx, request, action, taken)}")
        for action, taken in ticks(ctx, request, person)
    ]
    return (Facts(rows=tuple(rows)),) if rows else ()


def ticks(ctx: Context, request: Request, person: str) -> tuple[tuple[CaseAction, Taken | None], ...]:
    """The actions of the stages opened so far, and how each was settled: for those who handle the request,
    or did, and never for its reporter."""
    if person == request.requester or blinkered(ctx, request, person):
        return ()
    stages = [stage for group in ctx.workflow.steps(request.values)[: request.step + 1] for stage in group]
    return tuple(
        (action, settled(request, stage).get(action.id))
        for stage in stages
        for action in applying(request, stage)
    )


def ticked(ctx: Context, request: Request, action: CaseAction, taken: Taken | None) -> str:
    """What came of an action of the checklist, in words."""
    by_school = f"\n{SET_BY_SCHOOL}" if action.set_by_school else ""
    if taken is None:
        due = due_at(request, action)
        late = "late: it was due" if due and due <= ctx.now else "due"
        return f"Not done yet{f', {late} {moment(due)}' if due else ''}{by_school}"
    told = shown_values(action.asks, taken.values, ctx, frozenset())
    done = "Done" if taken.action == "action_done" else "Not needed"
    return f"{done}: {_signature(ctx, taken, told)}{by_school}"


def _mark(taken: Taken | None) -> str:
    return "☐" if taken is None else "☑" if taken.action == "action_done" else "☒"
