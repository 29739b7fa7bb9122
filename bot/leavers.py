"""Open work of people who have left or leave soon, for the school's administrator to give to somebody else.

Of a request about people it shows what chat shows, and not who of its people leaves. Whoever is kept from a
request does not find it here either.
"""

from datetime import timedelta

from bot.cards import Button, Card, Facts, Message, Reply, Results, Text
from bot.stuck import is_administrator
from bot.visit import Services, Visit
from bot.workflows import routing
from bot.workflows.ages import ago, since
from bot.workflows.change import NotYours
from bot.workflows.request import OpenStage, Request
from bot.workflows.routing import Context
from bot.workflows.views import covered

OPEN_ITEMS = "open-items"
"""The built-in command of this list."""
SOON = timedelta(days=14)
"""How long before somebody leaves their open work is listed."""


def open_items(services: Services, visit: Visit) -> Reply:
    """A card for each open request that somebody sent, or is asked about, who has left or leaves soon;
    oldest first."""
    school, me = visit.published.school, visit.person.id
    if not is_administrator(visit):
        title = school.title(school.administrators)
        raise NotYours(f"Only the {title[:1].lower() + title[1:]} sees this list.")
    last = visit.staff.today + SOON
    leaving = {person.id for person in visit.staff.people if person.ends and person.ends <= last}
    cards = []
    for request in services.store.open_in(school.id):
        ctx = services.context(request)
        if me == request.requester or me in routing.barred(ctx, request):
            continue
        theirs = [waiting for waiting in request.open if _waits_for(ctx, request, waiting, leaving)]
        if theirs or request.requester in leaving:
            cards.append(_card(ctx, request, theirs, leaving))
    if not cards:
        nothing = Text(text="Nobody who has left, or leaves within two weeks, has open work.")
        return Message(cards=(Card(title="No open items of leavers", parts=(nothing,)),))
    return Results(title="Open items of leavers", cards=tuple(cards))


def _waits_for(ctx: Context, request: Request, waiting: OpenStage, leaving: set[str]) -> bool:
    """Whether a step is with somebody who leaves: as things stand, or until others were told."""
    asked = {holder.person for stage, holder in routing.asked(ctx, request) if stage.id == waiting.stage}
    return bool(leaving & {*asked, *waiting.asked, *waiting.handed.values()})


def _card(ctx: Context, request: Request, theirs: list[OpenStage], leaving: set[str]) -> Card:
    names = {person.id: person.name for person in ctx.staff.people}
    rows = [("Sent", ago(request.created_at, ctx.now))]
    if request.status == "sent_back":
        rows.append(("Step", f"sent back to its sender {since(request.updated_at, ctx.now)}"))
    for waiting in request.open:
        title = "Step" if request.about_people else ctx.workflow.stage(waiting.stage).title
        whose = ", with somebody who leaves" if waiting in theirs else ""
        rows.append((title, f"waiting {since(waiting.opened_at, ctx.now)}{whose}"))
    if not request.about_people and request.requester in leaving:
        rows.append(("Sent by somebody who leaves", names.get(request.requester, "someone who has left")))
    numbers = {stage.id: n for n, stage in enumerate(ctx.workflow.stages)}
    buttons = tuple(
        Button(
            action="reassign",
            label="Reassign" if len(request.open) == 1 else f"Reassign step {n}",
            target=f"{request.id}/{numbers[waiting.stage]}",
            version=request.revision,
        )
        for n, waiting in enumerate(request.open, 1)
    )
    if request.status == "sent_back":
        label = "Give it to a colleague to change"
        buttons = (Button(action="reassign", label=label, target=request.id, version=request.revision),)
    return Card(
        title=f"{request.reference} {ctx.workflow.title}",
        parts=(covered(ctx, request), Facts(rows=tuple(rows))),
        buttons=buttons,
        mood="waiting",
    )
