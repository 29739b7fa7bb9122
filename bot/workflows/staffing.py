"""What a change of staff does to a request: whoever is asked instead is told, in real time.

Someone goes away or leaves, a role is given to somebody else: routing follows at once, but nobody
would know. `sweep` compares those who were told with those whom routing finds now.
"""

from datetime import timedelta

from bot.workflows import routing
from bot.workflows.change import changed, with_stages
from bot.workflows.request import Change, OpenStage, Request, Taken
from bot.workflows.routing import Context


def sweep(ctx: Context, request: Request) -> Change | None:
    """Tells those newly asked, and redraws the cards of those asked no longer. None when they are the
    same people as before, or when the request waits for nobody to act."""
    if request.status != "open":
        return None
    now = {
        o.stage: {h.person for s, h in routing.asked(ctx, request) if s.id == o.stage} for o in request.open
    }
    if all(now[o.stage] == set(o.asked) for o in request.open):
        return None
    given_up = {o.stage for o in request.open if _given_up(request, o, now[o.stage])}
    unopened = timedelta(minutes=ctx.school.calendar.unopened_minutes)
    open_stages = tuple(
        # Further people keep being asked; the next ones are when those asked now leave it unopened too.
        o.model_copy(update={"opened_at": ctx.now - unopened * o.escalations}) if o.stage in given_up else o
        for o in with_stages(request, given_up, seen=False, received=False, reminders=0)
    )
    taken = Taken(at=ctx.now, action="staff_changed", person="")
    return changed(ctx, request, taken, {"open": open_stages}, ())


def _given_up(request: Request, waiting: OpenStage, now: set[str]) -> bool:
    """Whether nobody asked now has had anything to do with it: their own time to open it begins."""
    opened = {t.person for t in request.taken if t.action in ("opened", "received")}
    known = opened if waiting.seen else opened | set(waiting.asked)
    return bool(now) and not now & known
