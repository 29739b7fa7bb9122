"""When a message about a request cannot be delivered: the next people are asked, or the administrator is told.
Nothing waits for somebody who does not know of it."""

from collections.abc import Container
from datetime import timedelta
from typing import Any

from bot.workflows import routing
from bot.workflows.change import changed, progress, with_stages
from bot.workflows.request import Change, Notice, Request, Taken
from bot.workflows.requests import administers
from bot.workflows.routing import Context


def undelivered(ctx: Context, request: Request, lost: Notice, reached: Container[str]) -> Change | None:
    """What follows when `lost` has reached nobody: the sender learns of it. Whoever is next in line at that
    step is asked at once, unless somebody it waits for has been `reached` (person ids) or has seen it; where
    nobody is left, and for people who should have been told, the administrators learn that it is stuck. None
    when all is well."""
    waiting = request.waiting(lost.stage)
    missed: dict[str, Any] = {}
    if lost.kind in ("asked", "reminded"):
        if waiting is None or waiting.seen:
            return None
        stage = ctx.workflow.stage(lost.stage)
        known = lost.person in waiting.unreached
        missed = {"unreached": (*waiting.unreached, *(() if known else (lost.person,)))}
        if any(person in reached for seat in routing.seats(ctx, request, stage) for person in seat.people):
            taken = Taken(at=ctx.now, action="unreached", person="", stage=stage.id)
            noted = _with(request, lost.stage, missed)
            return None if known else changed(ctx, request, taken, noted, (progress(request),))
        if routing.next_in_line(ctx, request, stage):
            further = waiting.escalations + 1
            # Those asked now have their own time to open it.
            began = ctx.now - further * timedelta(minutes=ctx.school.calendar.unopened_minutes)
            onward = with_stages(request, {lost.stage}, escalations=further, opened_at=began, **missed)
            taken = Taken(at=ctx.now, action="escalated", person="")
            return changed(ctx, request, taken, {"open": onward}, (progress(request),))
    elif lost.kind != "told" or not request.is_open:
        return None
    administrators = tuple(
        Notice(kind="stuck", person=person.id)
        for person in ctx.staff.holders(ctx.school.administrators)
        if administers(ctx, request, person.id) and person.id not in (request.requester, lost.person)
    )
    sender = (progress(request),) if missed else ()
    taken = Taken(at=ctx.now, action="reminded", person="")
    noted = _with(request, lost.stage, missed)
    return changed(ctx, request, taken, noted, (*sender, *administrators)) if administrators else None


def _with(request: Request, stage_id: str, missed: dict[str, Any]) -> dict[str, Any]:
    """The open stages, with whom no message could reach."""
    stages = (o.model_copy(update=missed) if o.stage == stage_id else o for o in request.open)
    return {"open": tuple(stages)}
