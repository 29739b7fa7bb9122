"""What every transition of a request shares: why it may be refused, who may act, what follows from it.

A `Change` is made here and nowhere else, so that whoever is newly asked is told, whoever is kept out
is not, and no open stage is left without somebody to wait for.
"""

from collections.abc import Container, Iterable
from datetime import timedelta
from typing import Any

from bot.people import UNLISTED
from bot.workflows import routing
from bot.workflows.deadlines import moment, next_look
from bot.workflows.definition import Stage
from bot.workflows.entering import left_entries
from bot.workflows.request import Action, Change, Notice, OpenStage, Request, Taken
from bot.workflows.routing import Context, Holder, seat_of


class Refused(Exception):
    """Why it cannot be done, in the person's words."""


class NotYours(Refused):
    """The person is not, or not any more, one of those who may do this."""


class Overtaken(Refused):
    """Somebody else was first, or the request has changed since the card was drawn."""


class NobodyLeft(Refused):
    """The whole school has nobody who could take this on."""


def finish_stage(ctx: Context, request: Request, stage: Stage, taken: Taken) -> Change:
    """Close one stage; when it was the last of its step, open the next step or finish."""
    still_open = tuple(o for o in request.open if o.stage != stage.id)
    if still_open:
        return changed(ctx, request, taken, {"open": still_open}, (progress(request),), redrawn=True)
    return enter(ctx, request, request.step + 1, taken)


def enter(ctx: Context, request: Request, step: int, taken: Taken) -> Change:
    """Open step number `step`, or finish the request when there is none."""
    steps = ctx.workflow.steps(request.values)
    if step >= len(steps):
        status = "closed" if request.about_people else "completed"
        update: dict[str, Any] = {"status": status, "open": (), "step": step}
        return changed(ctx, request, taken, update, (progress(request),), redrawn=True)
    stages = tuple(OpenStage(stage=stage.id, opened_at=ctx.now) for stage in steps[step])
    update = {"open": stages, "step": step}
    change = changed(ctx, request, taken, update, (progress(request),), redrawn=bool(request.version))
    return with_somebody(ctx, change)


def with_somebody(ctx: Context, change: Change) -> Change:
    """The change, if every open stage has somebody to wait for. NobodyLeft otherwise."""
    for open_stage in change.request.open:
        stage = ctx.workflow.stage(open_stage.stage)
        if not all(seat.holders for seat in routing.open_seats(ctx, change.request, stage)):
            raise NobodyLeft(
                f"Nobody at {ctx.school.name} can take on “{stage.title}” at the moment. "
                f"Speak to {_outside(ctx, change.request)}"
            )
    return change


def _outside(ctx: Context, request: Request) -> str:
    """Whom to speak to instead. Where everybody is in conflict, not the school (SAFEGUARDING, must 5)."""
    contacts = ctx.school.contacts
    contact = contacts.lado if request.about_people else contacts.chair
    number = f" ({contact.phone})" if contact.phone else ""
    if request.about_people:
        return f"the {contact.title}{number}."
    return f"the {contact.title.lower()}{number}, or your administrator."


def moved(ctx: Context, request: Request, stage: Stage, key: str, to: str, taken: Taken) -> Change:
    """The seat of that key given to somebody, who has their own time to open it."""
    handed = {**next(o.handed for o in request.open if o.stage == stage.id), key: to}
    open_stages = afresh(ctx, request, {stage.id}, handed=handed)
    notices = (Notice(kind="asked", person=to, stage=stage.id), progress(request))
    change = changed(ctx, request, taken, {"open": open_stages}, notices, redrawn=True)
    if not any(h.person == to for s, h in routing.asked(ctx, change.request) if s.id == stage.id):
        raise Refused("It cannot go to that person: they are away, not on the staff, or must not handle it.")
    return with_somebody(ctx, change)


def with_stages(request: Request, stages: Container[str], **update: Any) -> tuple[OpenStage, ...]:
    """The open stages, those of `stages` with `update`."""
    return tuple(o.model_copy(update=update) if o.stage in stages else o for o in request.open)


def afresh(ctx: Context, request: Request, stages: Container[str], **update: Any) -> tuple[OpenStage, ...]:
    """The open stages, those of `stages` as if they had begun to wait now: for whoever they were handed
    to, unless kept from it. What is late in them stays so."""
    out = routing.barred(ctx, request)

    def begun(waiting: OpenStage) -> OpenStage:
        handed = {key: person for key, person in waiting.handed.items() if person not in out}
        return OpenStage(
            **{"stage": waiting.stage, "opened_at": ctx.now, "late": waiting.late, "handed": handed, **update}
        )

    return tuple(begun(o) if o.stage in stages else o for o in request.open)


def changed(
    ctx: Context,
    request: Request,
    taken: Taken,
    update: dict[str, Any],
    notices: Iterable[Notice],
    *,
    redrawn: bool = False,
) -> Change:
    """The request with `update`, one version on; with `redrawn`, cards drawn earlier are out of date.
    Whoever is asked because of it is told, besides `notices`."""
    after = request.model_copy(
        update={
            **update,
            "taken": (*request.taken, taken),
            "version": request.version + 1,
            "revision": request.revision + (redrawn or request.version == 0),
            "updated_at": ctx.now,
        }
    )
    asking = ask_all(ctx, after)
    after = after.model_copy(
        update={"open": tuple(_on_whose_clock(ctx, after, o, asking) for o in after.open)}
    )
    telling = routing.told(ctx, after) if after.is_open else ()
    if after.is_open:
        after = after.model_copy(update={"told": tuple(holder.person for holder in telling)})
    after = after.model_copy(update={"due_at": next_look(ctx, after)})
    redraw = (Notice(kind="redraw", person=""),) if request.version else ()
    asked_before = {(o.stage, person) for o in request.open for person in o.asked}
    newly = (n for n in asking if (n.stage, n.person) not in asked_before)
    kept_out = routing.barred(ctx, after) | {UNLISTED}
    hearing = (
        Notice(kind="told", person=h.person, role=h.role) for h in telling if h.person not in request.told
    )
    sent = tuple(dict.fromkeys(n for n in (*newly, *hearing, *notices) if n.person not in kept_out))
    ended = request.is_open and not after.is_open
    entries = left_entries(ctx, after) if ended else ()
    return Change(request=after, taken=taken, notices=(*sent, *redraw), entries=entries)


def _on_whose_clock(
    ctx: Context, request: Request, waiting: OpenStage, asking: Iterable[Notice]
) -> OpenStage:
    """The stage with those it waits for. Where none of them has had anything to do with it, because staff
    changed, their own time to open it begins, whatever it was that brought the change to light."""
    now = tuple(notice.person for notice in asking if notice.stage == waiting.stage)
    opened = {t.person for t in request.taken if t.action in ("opened", "received")}
    known = opened if waiting.seen else opened | set(waiting.asked)
    if now and not known.intersection(now):
        # Further people keep being asked; the next ones are when those asked now leave it unopened too.
        unopened = timedelta(minutes=ctx.school.calendar.unopened_minutes)
        began = ctx.now - unopened * waiting.escalations
        fresh = {"opened_at": began, "seen": False, "received": False, "reminders": 0}
        waiting = waiting.model_copy(update=fresh)
    return waiting.model_copy(update={"asked": now})


def seat(
    ctx: Context, request: Request, stage_id: str, actor: str, revision: int, *kinds: str
) -> tuple[Stage, Holder]:
    """The stage and the role in which the actor may act on it now."""
    if actor in routing.barred(ctx, request):
        raise NotYours("This is not waiting for you.")
    stage = next((s for s in ctx.workflow.stages if s.id == stage_id), None)
    if stage is None or stage.kind not in kinds:
        raise Refused("That cannot be done at this step.")
    if request.waiting(stage_id) is None:
        raise Overtaken(_who_was_first(ctx, request, stage_id))
    sitting = seat_of(ctx, request, stage, actor)
    if sitting is None:
        raise NotYours(_why_not(request, actor))
    if revision != request.revision:
        raise Overtaken("This has changed since the card was drawn. Please look at it again.")
    return stage, sitting[1]


def _who_was_first(ctx: Context, request: Request, stage_id: str) -> str:
    done = [t for t in request.taken if t.stage == stage_id and t.signs]
    if not done:
        return "This is not waiting for anyone any more."
    person = ctx.staff.person(done[-1].person)
    who = person.name if person else "someone who has left"
    return f"Already {done[-1].action.replace('_', ' ')} by {who}, {moment(done[-1].at)}."


def _why_not(request: Request, actor: str) -> str:
    if actor == request.requester:
        return "You sent this yourself, so somebody else has to deal with it."
    if any(taken.person == actor and taken.signs for taken in routing.this_round(request)):
        return "You have already signed one step of this, so somebody else has to decide."
    return "This is not waiting for you."


def signed(ctx: Context, stage: Stage, holder: Holder, action: Action, reason: str = "") -> Taken:
    """What the holder of a stage does with it."""
    return Taken(
        at=ctx.now,
        action=action,
        person=holder.person,
        role=holder.role,
        stands_in_for=holder.stands_in_for,
        stage=stage.id,
        reason=reason,
    )


def reason_of(required: bool, reason: str) -> str:
    """The reason, tidied. Refused when it is required and there is none."""
    if required and not reason.strip():
        raise Refused("Please give a reason: it is kept with the decision.")
    return reason.strip()


def ask_all(ctx: Context, request: Request) -> tuple[Notice, ...]:
    """A notice to everyone it waits for."""
    return tuple(
        Notice(kind="asked", person=holder.person, stage=stage.id, role=holder.role)
        for stage, holder in routing.asked(ctx, request)
    )


def progress(request: Request) -> Notice:
    """A notice to the requester."""
    return Notice(kind="progress", person=request.requester)
