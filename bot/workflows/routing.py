"""Who may decide, who is asked, who is told, and who must never know.

Worked out afresh from the school as it is today, every time: at each press of a button, each
opening and each send. A request stores who decided, never who may. The rules are those of
WORKFLOWS, `who decides`; SAFEGUARDING outranks them.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.model import Model
from bot.people import School, Staff
from bot.workflows.definition import Stage, Tell, Workflow
from bot.workflows.request import OpenStage, Request, Taken


class Context(Model):
    """All that routing looks at besides the request."""

    school: School
    staff: Staff
    workflow: Workflow
    now: datetime
    registers: Mapping[tuple[str, str, str], tuple[str, ...]] = {}
    """(register, entry, column) to people ids."""


class Holder(Model):
    """Somebody who may act, and in which role. `stands_in_for` names the role that was empty or
    excluded when this is a deputy or a further role."""

    person: str
    role: str = ""
    stands_in_for: str = ""


class Seat(Model):
    """One signature that is needed. Any one of `holders` can give it; `key` tells the seats of an
    `all_of` apart."""

    key: str
    holders: tuple[Holder, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Ids of those who may sit here."""
        return tuple(holder.person for holder in self.holders)


def barred(ctx: Context, request: Request) -> frozenset[str]:
    """Who must never see the request: those it is about and, where one of them is a head,
    everyone who deputises for a head."""
    subjects = set(request.subjects)
    if not _about_a_head(ctx, request):
        return frozenset(subjects)
    deputies = {deputy for role in ctx.school.head_roles for deputy in ctx.school.roles[role].deputies}
    return frozenset(subjects | {p.id for role in deputies for p in ctx.staff.holders(role)})


def seats(ctx: Context, request: Request, stage: Stage) -> tuple[Seat, ...]:
    """Every signature the stage needs, each with those who can give it today; holders are empty
    only where the whole school has nobody left to ask."""
    waiting = request.waiting(stage.id) or OpenStage(stage=stage.id, opened_at=ctx.now)
    kept_out = _kept_out(ctx, request, stage)
    if waiting.handed_to:
        held = tuple(
            Holder(person=p.id, role=waiting.handed_role)
            for p in ctx.staff.present(ctx.staff.current)
            if p.id in waiting.handed_to and p.id not in kept_out
        )
        if held:
            return (Seat(key=waiting.handed_role, holders=held),)
    if stage.kind == "receive" and _about_a_head(ctx, request):
        chair = ctx.school.chair
        return (Seat(key=chair, holders=_ask(ctx, (chair, *ctx.school.roles[chair].deputies), kept_out, 9)),)
    return _routed_seats(ctx, request, stage, kept_out, waiting.escalations)


def _routed_seats(
    ctx: Context, request: Request, stage: Stage, kept_out: frozenset[str], escalations: int
) -> tuple[Seat, ...]:
    route = stage.route(request.values)
    if route.all_of:
        return _all_of(ctx, request, stage, route.all_of, kept_out, escalations)
    if route.any_of:
        holders = {h.person: h for role in route.any_of for h in _present(ctx, role, kept_out)}
        further = _ask(ctx, _chain(ctx.school, route.any_of[0]), kept_out, escalations)
        if escalations or not holders:
            holders |= {h.person: h for h in further if h.person not in holders}
        return (Seat(key="+".join(route.any_of), holders=tuple(holders.values())),)
    if route.role:
        return (
            Seat(key=route.role, holders=_ask(ctx, _chain(ctx.school, route.role), kept_out, escalations)),
        )
    named = _named(ctx, request, stage)
    holders_named = tuple(
        Holder(person=p.id)
        for p in ctx.staff.present(ctx.staff.current)
        if p.id in named and p.id not in kept_out
    )
    if holders_named and not escalations:
        return (Seat(key="", holders=holders_named),)
    further = _ask(
        ctx, ctx.school.escalation, kept_out, max(escalations - 1, 0) if holders_named else escalations
    )
    return (Seat(key="", holders=_distinct((*holders_named, *further))),)


def _named(ctx: Context, request: Request, stage: Stage) -> tuple[str, ...]:
    """People named by the requester, the staff list or a register."""
    route = stage.route(request.values)
    if route.chosen_in:
        return request.values.get(route.chosen_in, ())
    if route.listed_in:
        entry = "".join(request.values.get(route.listed_in.entry, ()))
        return ctx.registers.get((route.listed_in.name, entry, route.listed_in.column), ())
    requester = ctx.staff.person(request.requester)
    return (requester.line_manager,) if requester and requester.line_manager else ()


def _all_of(
    ctx: Context,
    request: Request,
    stage: Stage,
    roles: tuple[str, ...],
    kept_out: frozenset[str],
    escalations: int,
) -> tuple[Seat, ...]:
    """One seat a role. Whoever is the only one for a seat is kept from the others: both means two people."""
    given = {
        taken.person
        for taken in this_round(request)
        if taken.stage == stage.id and taken.action == "approved"
    }
    placed: set[str] = set()
    built: dict[str, Seat] = {}
    # Seats with the fewest candidates first, so that someone who can sit anywhere leaves room.
    for role in sorted(roles, key=lambda r: len(_present(ctx, r, kept_out))):
        out = kept_out | placed | given
        holders = _ask(ctx, _chain(ctx.school, role), out, escalations)
        if len(holders) == 1:
            placed.add(holders[0].person)
        built[role] = Seat(key=role, holders=holders)
    return tuple(built[role] for role in roles)


def open_seats(ctx: Context, request: Request, stage: Stage) -> tuple[Seat, ...]:
    """The seats of an open stage for which no signature has been given yet."""
    given = {
        taken.stands_in_for or taken.role
        for taken in this_round(request)
        if taken.stage == stage.id and taken.action == "approved"
    }
    every = seats(ctx, request, stage)
    return every if len(every) == 1 else tuple(seat for seat in every if seat.key not in given)


def seat_of(ctx: Context, request: Request, stage: Stage, person: str) -> Holder | None:
    """In which role this person may act on an open stage now, or None when they may not. Of several
    seats, the one with the fewest others to sit on it."""
    if request.waiting(stage.id) is None:
        return None
    for seat in sorted(open_seats(ctx, request, stage), key=lambda s: len(s.holders)):
        for holder in seat.holders:
            if holder.person == person:
                return holder
    return None


def asked(ctx: Context, request: Request) -> tuple[tuple[Stage, Holder], ...]:
    """Everyone a request waits for now, stage by stage, each person once a stage."""
    waiting = [ctx.workflow.stage(open_stage.stage) for open_stage in request.open]
    return tuple(
        (stage, holder)
        for stage in waiting
        for holder in _distinct(h for seat in open_seats(ctx, request, stage) for h in seat.holders)
    )


def told(ctx: Context, request: Request) -> tuple[Holder, ...]:
    """Who learns that the request exists, and nothing more of it."""
    out = barred(ctx, request) | {request.requester}
    tells: Iterable[Tell] = (tell for tell in ctx.workflow.tells if tell.applies(request.values))
    return _distinct(
        holder
        for tell in tells
        for role in tell.route(request.values).roles
        for holder in _present(ctx, role, out)
    )


def may_open(ctx: Context, request: Request, person: str) -> bool:
    """Whether this person may see the details: the requester, whoever is asked now, and whoever
    has acted on it in a role, unless it is about them."""
    if person in barred(ctx, request):
        return False
    if person == request.requester:
        return True
    acted = any(t.person == person and t.signs for t in request.taken)
    return acted or any(holder.person == person for _, holder in asked(ctx, request))


def hidden_from(ctx: Context, request: Request, person: str) -> frozenset[str]:
    """Fields this person does not see: those that every stage of theirs hides."""
    if person == request.requester:
        return frozenset()
    theirs = {stage.id for stage, holder in asked(ctx, request) if holder.person == person}
    theirs |= {taken.stage for taken in request.taken if taken.person == person and taken.signs}
    hides = [frozenset(ctx.workflow.stage(stage).hides) for stage in theirs]
    return frozenset.intersection(*hides) if hides else frozenset(f.id for f in ctx.workflow.fields)


def this_round(request: Request) -> tuple[Taken, ...]:
    """What has happened since the request was last submitted."""
    for i in range(len(request.taken) - 1, -1, -1):
        if request.taken[i].action in ("submitted", "resubmitted"):
            return request.taken[i:]
    return request.taken


def _about_a_head(ctx: Context, request: Request) -> bool:
    heads = {p.id for role in ctx.school.head_roles for p in ctx.staff.holders(role)}
    return bool(heads & set(request.subjects))


def _kept_out(ctx: Context, request: Request, stage: Stage) -> frozenset[str]:
    """The requester, those it is about, and for a decision whoever has signed another stage."""
    out = barred(ctx, request) | {request.requester}
    if stage.kind == "decide":
        out |= {t.person for t in this_round(request) if t.signs and t.stage != stage.id}
    return frozenset(out)


def _chain(school: School, role: str) -> tuple[str, ...]:
    """The role, its deputies, then the school's escalation order, each once."""
    return tuple(dict.fromkeys((role, *school.roles[role].deputies, *school.escalation)))


def _present(ctx: Context, role: str, out: Iterable[str]) -> tuple[Holder, ...]:
    kept_out = set(out)
    people = ctx.staff.present(ctx.staff.holders(role))
    return tuple(Holder(person=p.id, role=role) for p in people if p.id not in kept_out)


def _ask(ctx: Context, chain: tuple[str, ...], out: Iterable[str], further: int) -> tuple[Holder, ...]:
    """The first group of the chain with somebody in it, and as many `further` groups behind it."""
    groups = []
    asked_before: set[str] = set(out)
    for role in chain:
        group = _present(ctx, role, asked_before)
        if group:
            groups.append(
                tuple(
                    h if role == chain[0] else h.model_copy(update={"stands_in_for": chain[0]}) for h in group
                )
            )
            asked_before |= {h.person for h in group}
    return tuple(holder for group in groups[: 1 + further] for holder in group)


def _distinct(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    return tuple({holder.person: holder for holder in reversed(tuple(holders))}.values())[::-1]
