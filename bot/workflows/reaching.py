"""When a message about a request cannot be delivered: the next people are asked, or the administrator is told.
Nothing waits for somebody who does not know of it."""

from collections.abc import Container

from bot.workflows import routing
from bot.workflows.change import changed, with_stages
from bot.workflows.request import Change, Notice, Request, Taken
from bot.workflows.requests import administers
from bot.workflows.routing import Context


def undelivered(ctx: Context, request: Request, lost: Notice, reached: Container[str]) -> Change | None:
    """What follows when `lost` has reached nobody. Whoever is next in line at that step is asked at once,
    unless somebody it waits for has been `reached` (person ids) or has seen it; where nobody is left, and for
    people who should have been told, the administrators learn that it is stuck. None when all is well."""
    waiting = request.waiting(lost.stage)
    if lost.kind in ("asked", "reminded"):
        if waiting is None or waiting.seen:
            return None
        stage = ctx.workflow.stage(lost.stage)
        if any(person in reached for seat in routing.seats(ctx, request, stage) for person in seat.people):
            return None
        if routing.next_in_line(ctx, request, stage):
            onward = with_stages(request, {lost.stage}, escalations=waiting.escalations + 1)
            taken = Taken(at=ctx.now, action="escalated", person="")
            return changed(ctx, request, taken, {"open": onward}, ())
    elif lost.kind != "told" or not request.is_open:
        return None
    administrators = tuple(
        Notice(kind="stuck", person=person.id)
        for person in ctx.staff.holders(ctx.school.administrators)
        if administers(ctx, request, person.id) and person.id not in (request.requester, lost.person)
    )
    taken = Taken(at=ctx.now, action="reminded", person="")
    return changed(ctx, request, taken, {}, administrators) if administrators else None
