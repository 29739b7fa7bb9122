"""What a change of staff does to a request: whoever is asked or told instead learns of it, in real time.

Someone goes away or leaves, a role is given to somebody else: routing follows at once, but nobody
would know. `sweep` compares those who know of it with those whom routing finds now.
"""

from bot.workflows import routing
from bot.workflows.change import changed
from bot.workflows.request import Change, Request, Taken
from bot.workflows.routing import Context


def sweep(ctx: Context, request: Request) -> Change | None:
    """Tells those newly asked, and those who are to know that it exists; redraws the cards of those asked no
    longer. None when they are the same people as before, or when the request waits for nobody to act."""
    if request.status != "open":
        return None
    now = {
        o.stage: {h.person for s, h in routing.asked(ctx, request) if s.id == o.stage} for o in request.open
    }
    told = {holder.person for holder in routing.told(ctx, request)}
    if told == set(request.told) and all(now[o.stage] == set(o.asked) for o in request.open):
        return None
    return changed(ctx, request, Taken(at=ctx.now, action="staff_changed", person=""), {}, ())
