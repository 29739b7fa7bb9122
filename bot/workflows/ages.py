"""How long ago something was, and since when a request is with whom, in words."""

from datetime import date, datetime

from bot.workflows import routing
from bot.workflows.deadlines import SCHOOL_ZONE, day
from bot.workflows.forms import describe
from bot.workflows.request import Request
from bot.workflows.routing import Context


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `20 minutes ago`, `yesterday`, `3 weeks ago`: by the calendar of people in school."""
    days = (_date(now) - _date(then)).days
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 60:
        return f"{minutes} minutes ago"
    if days == 0:
        return "an hour ago" if minutes < 120 else f"{minutes // 60} hours ago"
    if days == 1:
        return "yesterday"
    if days < 14:
        return f"{days} days ago"
    return f"{days // 7} weeks ago" if days < 90 else f"on {day(_date(then))}"


def since(then: datetime, now: datetime) -> str:
    """`since 14:05`, `since yesterday`, `since Tuesday`, `since 9 Nov 2026`."""
    days = (_date(now) - _date(then)).days
    if days <= 0:
        return f"since {then.astimezone(SCHOOL_ZONE):%H:%M}"
    if days == 1:
        return "since yesterday"
    return f"since {_date(then):%A}" if days < 7 else f"since {day(_date(then))}"


def whereabouts(ctx: Context, request: Request, person: str) -> str:
    """When it was sent, what is next, and with whom since when: as far as this person may know."""
    sent = f"Sent {ago(request.created_at, ctx.now)}."
    if person in request.subjects:
        return sent
    if not request.is_open:
        return f"{sent} Finished {ago(request.updated_at, ctx.now)}."
    if request.status == "sent_back":
        whom = "you" if person == request.requester else "its sender"
        return f"{sent} Back with {whom} {since(request.updated_at, ctx.now)}."
    theirs = {stage.id for stage, holder in routing.asked(ctx, request) if holder.person == person}
    if theirs:
        began = min(waiting.opened_at for waiting in request.open if waiting.stage in theirs)
        return f"{sent} Waits for you {since(began, ctx.now)}."
    if request.about_people and person != request.requester:
        return sent
    return " ".join((sent, *(_step(ctx, request, waiting.stage) for waiting in request.open)))


def _step(ctx: Context, request: Request, stage_id: str) -> str:
    stage, waiting = ctx.workflow.stage(stage_id), request.waiting(stage_id)
    holders = [holder for asked, holder in routing.asked(ctx, request) if asked.id == stage_id]
    names = dict.fromkeys(
        f"the {_lowered(ctx.school.title(h.role))}" if h.role in ctx.school.roles else describe(ctx, h.person)
        for h in holders
    )
    began = since(waiting.opened_at, ctx.now) if waiting else ""
    return f"Next: {_lowered(stage.title)}, with {' or '.join(names) or 'nobody'} {began}."


def _lowered(text: str) -> str:
    """Fit for the middle of a sentence; `ICT technician` and `DSL` keep their capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _date(at: datetime) -> date:
    return at.astimezone(SCHOOL_ZONE).date()
