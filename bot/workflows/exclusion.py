"""Who is kept from a request: those it is about, whoever deputises for a head, and who has a part in it.

Worked out afresh every time, as `routing.py` does, which asks here before it brings anybody in (WORKFLOWS, who
decides, rules 1 and 2).
"""

from collections.abc import Iterable

from bot.workflows.asking import Context
from bot.workflows.definition import Stage
from bot.workflows.request import Request, Taken


def about(ctx: Context, request: Request, people: Iterable[str]) -> Request:
    """The request, known to be about these people too. What follows when one of them is a head is kept:
    by the time somebody looks again, the very deputy may have become head."""
    known = request.model_copy(update={"subjects": tuple(sorted({*request.subjects, *people}))})
    if not about_a_head(ctx, known):
        return known
    kept_from = tuple(sorted({*request.kept_from, *_deputies_of_heads(ctx)}))
    return known.model_copy(update={"about_head": True, "kept_from": kept_from})


def barred(ctx: Context, request: Request) -> frozenset[str]:
    """Who must never see the request: those it is about and, where one of them is a head,
    everyone who deputises for a head, except one who sent it themselves."""
    subjects = frozenset(request.subjects)
    if not about_a_head(ctx, request):
        return subjects
    deputies = {*request.kept_from, *_deputies_of_heads(ctx)} - {request.requester}
    return subjects | deputies


def deputies_barred(ctx: Context, subjects: Iterable[str]) -> frozenset[str]:
    """Where one of these people is a head, everyone who deputises for a head."""
    heads = {person for role, person in ctx.staff.holdings if role in ctx.school.head_roles}
    return _deputies_of_heads(ctx) if heads & set(subjects) else frozenset()


def this_round(request: Request) -> tuple[Taken, ...]:
    """What has happened since the request was last submitted."""
    for i in range(len(request.taken) - 1, -1, -1):
        if request.taken[i].action in ("submitted", "resubmitted"):
            return request.taken[i:]
    return request.taken


def about_a_head(ctx: Context, request: Request) -> bool:
    heads = {person for role, person in ctx.staff.holdings if role in ctx.school.head_roles}
    return request.about_head or bool(heads & set(request.subjects))


def _deputies_of_heads(ctx: Context) -> frozenset[str]:
    roles = {deputy for role in ctx.school.head_roles for deputy in ctx.school.roles[role].deputies}
    return frozenset(person for role, person in ctx.staff.holdings if role in roles)


def shut_out(ctx: Context, request: Request, stage: Stage) -> frozenset[str]:
    """The requester, those it is about, and for a decision whoever has signed another stage."""
    out = barred(ctx, request) | {request.requester}
    if stage.kind == "decide":
        out |= {t.person for t in this_round(request) if t.signs and t.stage != stage.id}
    return frozenset(out)


def unrouted(ctx: Context, request: Request, stage: Stage) -> frozenset[str]:
    """Whom no route of this stage brings in by itself."""
    return shut_out(ctx, request, stage) | in_conflict(ctx, request, stage)


def in_conflict(ctx: Context, request: Request, stage: Stage | None = None) -> frozenset[str]:
    """Colleagues of somebody a request is about: who holds a role of theirs too, or deputises in one.
    Nobody asks or tells these unless a person hands it on to them; heads and the chair excepted. A
    stage that does not see who it is about may go to them."""
    if not request.about_people or (stage and stage.hides):
        return frozenset()
    theirs = {role for subject in request.subjects for role in ctx.staff.roles_of(subject)}
    defined = (ctx.school.roles[role] for role in theirs if role in ctx.school.roles)
    shared = theirs | {deputy for role in defined for deputy in role.deputies}
    above = {*ctx.school.head_roles, ctx.school.chair}
    spared = {person for role, person in ctx.staff.holdings if role in above}
    return frozenset(person for role, person in ctx.staff.holdings if role in shared) - spared
