"""What the sender is told of those it waits for: sent, opened, not reached; each only when true."""

from bot.cards import Facts
from bot.ports import Delivery
from bot.workflows import routing
from bot.workflows.deadlines import moment
from bot.workflows.forms import describe
from bot.workflows.request import Request
from bot.workflows.routing import Context


def receipts(ctx: Context, request: Request, deliveries: tuple[Delivery, ...]) -> tuple[Facts, ...]:
    """One line a person (SAFEGUARDING, must never: "sent" does not sound like "read")."""
    asked_now = {(stage.id, holder.person) for stage, holder in routing.asked(ctx, request)}
    rows: dict[str, tuple[str, str]] = {}
    for waiting in request.open:
        for person in waiting.unreached:
            if (waiting.stage, person) in asked_now:
                rows[person] = (describe(ctx, person), "could not be reached in chat")
    for delivery in deliveries:
        if (delivery.stage, delivery.person) in asked_now and delivery.kind == "asked":
            opened = f"; opened {moment(delivery.opened_at)}" if delivery.opened_at else "; not opened yet"
            rows[delivery.person] = (
                describe(ctx, delivery.person),
                f"sent {moment(delivery.sent_at)}{opened}",
            )
    return (Facts(rows=tuple(rows.values())),) if rows else ()
