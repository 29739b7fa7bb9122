"""What nobody is dealing with, for the school's administrator: to give it to somebody else, unseen.

Of a request about people this shows what chat shows: reference, kind and urgency. Whoever is kept from a
request does not find it here either.
"""

from collections.abc import Container, Mapping

from bot.cards import Button, Card, Facts, Message, Reply, Results, Text
from bot.visit import Services, Visit
from bot.workflows import routing
from bot.workflows.change import NotYours
from bot.workflows.deadlines import moment
from bot.workflows.request import OpenStage, Request
from bot.workflows.routing import Context
from bot.workflows.views import covered

STUCK = "stuck-requests"
"""The built-in command of this list."""


def is_administrator(visit: Visit) -> bool:
    """Whether this person sets the clerk up at their school."""
    return visit.published.school.administrators in visit.staff.roles_of(visit.person.id)


def stuck(services: Services, visit: Visit) -> Reply:
    """A card for each request with a step that is stuck, longest waiting first."""
    if not is_administrator(visit):
        title = visit.published.school.title(visit.published.school.administrators)
        raise NotYours(f"Only the {title[:1].lower() + title[1:]} sees this list.")
    cards = []
    unreached = set(services.store.undelivered(visit.published.school.id))
    for request in services.store.open_in(visit.published.school.id):
        ctx, me = services.context(request), visit.person.id
        waiting = {o.stage: why for o in request.open if (why := why_stuck(ctx, request, o, unreached))}
        if waiting and me != request.requester and me not in routing.barred(ctx, request):
            cards.append(_card(ctx, request, waiting))
    if given_up := services.store.set_aside(visit.published.school.id):
        cards.append(_given_up(given_up))
    if not cards:
        return Message(
            cards=(Card(title="Nothing is stuck", parts=(Text(text="Every step is with somebody."),)),)
        )
    return Results(title="Stuck requests", cards=tuple(cards))


def _given_up(messages: int) -> Card:
    """Messages that no platform took, whatever they were about."""
    many = "1 message was" if messages == 1 else f"{messages} messages were"
    said = f"{many} given up after many attempts."
    who = "Whoever looks after the program sees why, and has them tried again: policyclerk outbox."
    return Card(title="Messages that did not arrive", parts=(Text(text=said, tone="strong"), Text(text=who)))


def why_stuck(
    ctx: Context, request: Request, waiting: OpenStage, unreached: Container[tuple[str, str, str]]
) -> str:
    """Why a step is stuck, in words: it waits for nobody, for people who are all away, for somebody whose
    message did not arrive, or it has been reminded of in vain. Empty when it is not. `unreached`: request,
    stage and person of each message that could not be delivered."""
    stage = ctx.workflow.stage(waiting.stage)
    asked = {person for seat in routing.open_seats(ctx, request, stage) for person in seat.people}
    there = ctx.staff.present(p for p in ctx.staff.current if p.id in asked)
    if not there:
        return "everyone it waits for is away" if asked else "it waits for nobody"
    if not waiting.seen and any((request.id, waiting.stage, person) in unreached for person in asked):
        return "a message about it could not be delivered"
    return "reminded in vain" if waiting.reminders or waiting.escalations or waiting.late else ""


def stuck_card(ctx: Context, request: Request, unreached: frozenset[tuple[str, str, str]]) -> Card:
    """For an administrator who is told of one request. Whether they may know of it was looked at before."""
    waiting = {o.stage: why for o in request.open if (why := why_stuck(ctx, request, o, unreached))}
    if waiting:
        return _card(ctx, request, waiting)
    moved_on = "Somebody is dealing with it." if request.is_open else "It is finished."
    lost = any(about == request.id for about, _, _ in unreached)
    said = "A message about it could not be delivered." if lost and request.is_open else moved_on
    title = f"{request.reference} {ctx.workflow.title}"
    return Card(title=title, parts=(covered(ctx, request), Text(text=said, tone="strong")))


def _card(ctx: Context, request: Request, waiting: Mapping[str, str]) -> Card:
    """Which steps are stuck and why, by name only where that gives nobody away."""
    numbers = {stage.id: n for n, stage in enumerate(ctx.workflow.stages)}
    several = len(request.open) > 1
    steps = []
    for n, step in enumerate(request.open, 1):
        title = "This step" if request.about_people else ctx.workflow.stage(step.stage).title
        name = f"{title} ({n})" if several and request.about_people else title
        if step.stage in waiting:
            steps.append((step, name))
    rows = tuple(
        (name, f"waiting since {moment(step.opened_at)}: {waiting[step.stage]}") for step, name in steps
    )
    buttons = tuple(
        Button(
            action="reassign",
            label=f"Give to somebody else{f': {name}' if several else ''}",
            target=f"{request.id}/{numbers[step.stage]}",
            version=request.revision,
        )
        for step, name in steps
    )
    return Card(
        title=f"{request.reference} {ctx.workflow.title}",
        parts=(covered(ctx, request), Facts(rows=rows)),
        buttons=buttons,
        mood="waiting",
    )
