"""Who may decide, who is asked, who is told, and who must never know.

Worked out afresh from the school as it is today, every time: at each press of a button, each
opening and each send. A request stores who decided, never who may. The rules are those of
WORKFLOWS, `who decides`; SAFEGUARDING outranks them.
"""

from collections.abc import Iterable
from itertools import combinations

from bot.model import Model
from bot.workflows.asking import Context as Context
from bot.workflows.asking import Holder as Holder
from bot.workflows.asking import ask, distinct, holding
from bot.workflows.definition import Stage, Tell
from bot.workflows.exclusion import about as about
from bot.workflows.exclusion import about_a_head, in_conflict, shut_out, unrouted
from bot.workflows.exclusion import barred as barred
from bot.workflows.exclusion import deputies_barred as deputies_barred
from bot.workflows.exclusion import this_round as this_round
from bot.workflows.request import OpenStage, Request, Taken


class Seat(Model):
    """One signature that is needed. Any one of `holders` can give it; `key` tells the seats of an
    `all_of` apart."""

    key: str
    holders: tuple[Holder, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Ids of those who may sit here."""
        return tuple(holder.person for holder in self.holders)


def seats(ctx: Context, request: Request, stage: Stage) -> tuple[Seat, ...]:
    """Every signature the stage needs, each with those who can give it today; holders are empty
    only where the whole school has nobody left to ask."""
    waiting = request.waiting(stage.id) or OpenStage(stage=stage.id, opened_at=ctx.now)
    kept_out = shut_out(ctx, request, stage)
    # Once handed on, those it came from are the first to be asked again.
    further = max(waiting.escalations - 1, 0) if waiting.handed else waiting.escalations
    found = _routed_seats(ctx, request, stage, unrouted(ctx, request, stage), further)
    signed = {taken.person for taken in _approvals(request, stage)} if len(found) > 1 else set()
    first, *rest = (_handed(ctx, waiting, seat, kept_out | signed) for seat in found)
    beside = head_beside(ctx, request, stage)
    return (first.model_copy(update={"holders": distinct((*first.holders, *beside))}), *rest)


def head_beside(ctx: Context, request: Request, stage: Stage) -> tuple[Holder, ...]:
    """The head, asked beside those of the route when a colleague it is about would otherwise not bring
    them in (SAFEGUARDING, must 5): at the first stage of the step that sees whom it is about."""
    heads = {person for role, person in ctx.staff.holdings if role in ctx.school.head_roles}
    if not request.subjects or not request.about_people or about_a_head(ctx, request):
        return ()
    groups = ctx.workflow.steps(request.values)
    step = next((group for group in groups if stage.id in {s.id for s in group}), ())
    open_now = tuple(s for s in step if request.waiting(s.id))
    seeing = [s for s in open_now or step if not s.hides]
    first = next((s for s in seeing if s.kind == "receive"), seeing[0] if seeing else None)
    if first is None or first.id != stage.id or heads == {request.requester}:
        return ()
    routed = (
        seat
        for s in step
        if not s.hides
        for seat in _routed_seats(ctx, request, s, unrouted(ctx, request, s), 0)
    )
    if any(heads.intersection(seat.people) for seat in routed):
        return ()
    roles = tuple(role for role in ctx.school.roles if role in ctx.school.head_roles)
    deputies = (deputy for role in roles for deputy in ctx.school.roles[role].deputies)
    return ask(ctx, roles, deputies, unrouted(ctx, request, stage), 0)


def _handed(ctx: Context, waiting: OpenStage, seat: Seat, out: Iterable[str]) -> Seat:
    """The seat with whoever it was handed on to, while they can sit on it."""
    to = waiting.handed.get(seat.key)
    if to is None or to in out or not ctx.staff.present(p for p in ctx.staff.current if p.id == to):
        return seat
    before = tuple(h for h in seat.holders if h.person != to) if waiting.escalations else ()
    return Seat(key=seat.key, holders=(Holder(person=to, stands_in_for=seat.key), *before))


def _routed_seats(
    ctx: Context, request: Request, stage: Stage, out: frozenset[str], further: int
) -> tuple[Seat, ...]:
    route = stage.route(request.values)
    if not stage.hides and about_a_head(ctx, request):
        chair = ctx.school.chair
        receiving = ask(ctx, (chair,), ctx.school.roles[chair].deputies, out, further)
        # A route may name somebody beside the chair: an executive head above a head of school.
        with_chair = route.any_of if route.any_of and chair in route.any_of else ()
        beside = (holder for role in with_chair for holder in holding(ctx, role, out))
        return (Seat(key=chair, holders=distinct((*receiving, *beside))),)
    if route.all_of:
        return _all_of(ctx, request, stage, route.all_of, out, further)
    if route.roles:
        chain = _chain(ctx, request, stage, route.roles)
        return (Seat(key="+".join(route.roles), holders=ask(ctx, route.roles, chain, out, further)),)
    named = set(_named(ctx, request, stage)) - out
    asked = tuple(
        Holder(person=p.id) for p in ctx.staff.present(p for p in ctx.staff.current if p.id in named)
    )
    if asked and not further:
        return (Seat(key="", holders=asked),)
    others = ask(ctx, (), _chain(ctx, request, stage, ()), out, further - 1 if asked else further)
    return (Seat(key="", holders=distinct((*asked, *others))),)


def _named(ctx: Context, request: Request, stage: Stage) -> tuple[str, ...]:
    """People named by the requester, the staff list or a register."""
    route = stage.route(request.values)
    if route.chosen_in:
        return request.values.get(route.chosen_in, ())
    if route.listed_in:
        entry = "".join(request.values.get(route.listed_in.entry, ()))
        on_register = (e for e in ctx.registers.get(route.listed_in.name, ()) if e.id == entry and e.is_open)
        return tuple(person for e in on_register for person in e.people.get(route.listed_in.column, ()))
    requester = ctx.staff.person(request.requester)
    return (requester.line_manager,) if requester and requester.line_manager else ()


def _all_of(
    ctx: Context, request: Request, stage: Stage, roles: tuple[str, ...], out: frozenset[str], further: int
) -> tuple[Seat, ...]:
    """One seat a role. Whoever is needed on one seat is kept from the others: both means two people."""
    signed = {key_of(taken): taken.person for taken in _approvals(request, stage)}
    waiting = request.waiting(stage.id)
    gone = out | {*signed.values(), *(waiting.handed.values() if waiting else ())}
    built = {role: Seat(key=role, holders=(Holder(person=p, role=role),)) for role, p in signed.items()}
    # Seats with the fewest candidates first, so that someone who can sit anywhere leaves room; those
    # that only a deputy can take last, so that nobody is taken away from a role of their own.
    held = {role: len(holding(ctx, role, gone)) for role in roles if role not in signed}
    for role in sorted(held, key=lambda r: (held[r] == 0, held[r])):
        chain = _chain(ctx, request, stage, (role,))
        needed = gone | _needed(seat for key, seat in built.items() if key not in signed)
        built[role] = Seat(key=role, holders=ask(ctx, (role,), chain, needed, further))
    for role in held:
        elsewhere = _needed(seat for key, seat in built.items() if key != role and key not in signed)
        kept = tuple(holder for holder in built[role].holders if holder.person not in elsewhere)
        built[role] = Seat(key=role, holders=kept or built[role].holders)
    return tuple(built[role] for role in roles)


def _needed(built: Iterable[Seat]) -> set[str]:
    """People without whom some of these seats would have fewer people than seats."""
    taken = tuple(built)
    groups = (group for n in range(1, len(taken) + 1) for group in combinations(taken, n))
    people = [(len(group), {person for seat in group for person in seat.people}) for group in groups]
    return {person for size, there in people if len(there) <= size for person in there}


def open_seats(ctx: Context, request: Request, stage: Stage) -> tuple[Seat, ...]:
    """The seats of an open stage for which no signature has been given yet."""
    every = seats(ctx, request, stage)
    given = {key_of(taken) for taken in _approvals(request, stage)}
    return every if len(every) == 1 else tuple(seat for seat in every if seat.key not in given)


def key_of(signature: Holder | Taken) -> str:
    """Of several seats, the one this person sits on, or sat on when they signed."""
    return signature.stands_in_for or signature.role


def _approvals(request: Request, stage: Stage) -> tuple[Taken, ...]:
    return tuple(t for t in this_round(request) if t.stage == stage.id and t.action == "approved")


def seat_of(ctx: Context, request: Request, stage: Stage, person: str) -> tuple[Seat, Holder] | None:
    """On which seat and in which role this person may act on an open stage now, or None when they may
    not. Of several seats, the one with the fewest others to sit on it."""
    if request.waiting(stage.id) is None:
        return None
    for seat in sorted(open_seats(ctx, request, stage), key=lambda s: len(s.holders)):
        for holder in seat.holders:
            if holder.person == person:
                return seat, holder
    return None


def asked(ctx: Context, request: Request) -> tuple[tuple[Stage, Holder], ...]:
    """Everyone a request waits for now, stage by stage, each person once a stage."""
    waiting = [ctx.workflow.stage(open_stage.stage) for open_stage in request.open]
    return tuple(
        (stage, holder)
        for stage in waiting
        for holder in distinct(h for seat in open_seats(ctx, request, stage) for h in seat.holders)
    )


def told(ctx: Context, request: Request) -> tuple[Holder, ...]:
    """Who learns that the request exists, and nothing more of it: of each role its holders, or its
    deputies while they are away. A holder who sent it knows, and needs no deputy."""
    out = barred(ctx, request) | {request.requester} | in_conflict(ctx, request)
    tells: Iterable[Tell] = (tell for tell in ctx.workflow.tells if tell.applies(request.values))
    named = (
        holder
        for tell in tells
        for role in tell.route(request.values).roles
        if role not in ctx.staff.roles_of(request.requester)
        for holder in ask(ctx, (role,), ctx.school.roles[role].deputies, out, 0)
    )
    late = (ctx.workflow.stage(waiting.stage) for waiting in request.open if waiting.late)
    return distinct((*named, *(holder for stage in late for holder in next_in_line(ctx, request, stage))))


def next_in_line(ctx: Context, request: Request, stage: Stage) -> tuple[Holder, ...]:
    """Who would be asked after those an open stage waits for now."""
    now = {person for seat in seats(ctx, request, stage) for person in seat.people}
    further = tuple(
        o.model_copy(update={"escalations": o.escalations + 1}) if o.stage == stage.id else o
        for o in request.open
    )
    then = seats(ctx, request.model_copy(update={"open": further}), stage)
    return distinct(h for seat in then for h in seat.holders if h.person not in now)


def handles(ctx: Context, request: Request, person: str) -> bool:
    """Whether this person is asked to deal with whom a request is about, and sees all of it."""
    theirs = [stage for stage, holder in asked(ctx, request) if holder.person == person]
    return request.about_people and any(not stage.hides for stage in theirs)


def may_open(ctx: Context, request: Request, person: str) -> bool:
    """Whether this person may see the details: the requester, whoever is asked now, whoever has acted on it
    in a role, and whoever answers for that role after them, unless it is about them."""
    if person in barred(ctx, request):
        return False
    if person == request.requester:
        return True
    answers = ctx.staff.person(person) and _answers_for(ctx, request, person)
    return bool(answers) or any(holder.person == person for _, holder in asked(ctx, request))


def hidden_from(ctx: Context, request: Request, person: str) -> frozenset[str]:
    """Fields this person does not see: those that every stage of theirs hides."""
    if person == request.requester:
        return frozenset()
    theirs = {stage.id for stage, holder in asked(ctx, request) if holder.person == person}
    theirs |= _answers_for(ctx, request, person)
    hides = [frozenset(ctx.workflow.stage(stage).hides) for stage in theirs]
    return frozenset.intersection(*hides) if hides else frozenset(f.id for f in ctx.workflow.fields)


def _answers_for(ctx: Context, request: Request, person: str) -> set[str]:
    """Stages in which this person has acted; and those of a role they hold today, once everybody who acted in
    that role has left: a record of a concern must not end with nobody who can open it."""
    acted = [taken for taken in request.taken if taken.signs]
    theirs = {taken.stage for taken in acted if taken.person == person}
    there = {taken.role for taken in acted if ctx.staff.person(taken.person)}
    heir_to = set(ctx.staff.roles_of(person)) - there
    return theirs | {taken.stage for taken in acted if taken.role in heir_to}


def _chain(ctx: Context, request: Request, stage: Stage, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Who is asked after the holders of `roles`: their deputies, then the school's escalation order, last
    the deputies of those in it.
    Where one of `roles` is held by somebody it is about, the head comes before all of these: a concern
    about staff goes to the head (SAFEGUARDING, must 5)."""
    defined = ctx.school.roles
    deputies = [deputy for role in roles for deputy in defined[role].deputies]
    about_holder = any(set(ctx.staff.roles_of(subject)) & set(roles) for subject in request.subjects)
    if request.about_people and about_holder and not stage.hides:
        heads = [key for key, role in defined.items() if role.head]
        deputies = [*heads, *(deputy for head in heads for deputy in defined[head].deputies)]
    order = ctx.school.escalation
    last = (deputy for role in order for deputy in defined[role].deputies)
    return tuple(dict.fromkeys((*deputies, *order, *last)))
