"""What a message shows when it is sent and whenever it is drawn again: one person's card, or a channel's."""

from collections.abc import Iterable

from bot.cards import Button, Card, Part, Text
from bot.ports import Delivery
from bot.workflows import routing
from bot.workflows.history import deeds
from bot.workflows.request import Notice, Request
from bot.workflows.requests import administers
from bot.workflows.routing import Context
from bot.workflows.views import STATUS, asker, card_for, school_step, stage_buttons, title_of, waiting_for
from knowledge.clauses import Policy

GONE = Card(
    title="This is no longer shown here", parts=(Text(text="Your own requests: type “/my-requests”."),)
)
"""In place of a card whose reader may not see it any more: nothing of the request, its reference included."""


def private_card(
    ctx: Context, policy: Policy, request: Request, person: str, deliveries: Iterable[Delivery] = ()
) -> Card:
    """What this person may see of the request now, alone: nothing any more once they have left."""
    if ctx.staff.person(person) is None:
        return GONE
    return card_for(ctx, policy, request, person, deliveries) or GONE


def overtaken(card: Card) -> Card:
    """In place of a card about which the same person was sent another since: one of them has the buttons."""
    newer = Text(text="There is a newer message about this below.", tone="quiet")
    return Card(title=card.title, parts=(newer,))


def channel_card(ctx: Context, request: Request, stage_id: str) -> Card:
    """What everybody in a role's channel may see: that it waits, who asked, what has been done. Never what
    anybody wrote, and nothing of a request about people (SAFEGUARDING, must never)."""
    if request.about_people:
        return GONE
    details = Button(action="open", label="Open details", target=request.id)
    waiting = request.waiting(stage_id) if stage_id else None
    if waiting is None:
        said = waiting_for(ctx, request) if request.is_open else STATUS[request.status]
        if request.status == "sent_back":
            said = "Sent back to its sender to change."
        parts: tuple[Part, ...] = (Text(text=said, tone="strong"), asker(ctx, request), *deeds(ctx, request))
        return Card(title=title_of(ctx, request), parts=parts, buttons=(details,))
    stage = ctx.workflow.stage(stage_id)
    parts = (Text(text=stage.title, tone="strong"), *school_step(request, stage), asker(ctx, request))
    return Card(
        title=title_of(ctx, request),
        parts=(*parts, *deeds(ctx, request)),
        buttons=(details, *stage_buttons(request, stage)),
        mood="waiting",
    )


def channel_card_for(ctx: Context, request: Request, stage_id: str, person: str) -> Card:
    """The same card with the buttons that this one of its readers can use. Nothing is hidden by that: each press
    is checked."""
    card = channel_card(ctx, request, stage_id)
    stage = ctx.workflow.stage(stage_id) if card.buttons and request.waiting(stage_id) else None
    kept_out = person in routing.barred(ctx, request)
    acts = stage is not None and not kept_out and routing.seat_of(ctx, request, stage, person) is not None
    opens = routing.may_open(ctx, request, person)
    usable = tuple(button for button in card.buttons if (opens if button.action == "open" else acts))
    return card.model_copy(update={"buttons": usable})


def entitled(ctx: Context, request: Request, notice: Notice) -> bool:
    """Whether this message is still true and still this person's to have."""
    person = notice.person
    match notice.kind:
        case "asked" | "reminded":
            return any(s.id == notice.stage and h.person == person for s, h in routing.asked(ctx, request))
        case "told":
            return any(holder.person == person for holder in routing.told(ctx, request))
        case "progress":
            there = ctx.staff.person(person) is not None
            return there and person == request.requester and person not in routing.barred(ctx, request)
        case "stuck":
            return request.is_open and administers(ctx, request, person)
        case "redraw":
            return True
        case "due" | "staff" | "erased":
            return False  # it belongs to no request: see `Worker._work_off`
