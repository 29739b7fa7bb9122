"""What can be done with a request: pure transitions, each checked against who may do it.

A transition takes the request and the `Context` of this moment and returns a `Change`: the
request after it, what happened, and who is to be told. Whatever is not allowed raises
`Refused`, whose text is shown to the person as it stands.
"""

import secrets
from collections.abc import Container, Iterable
from typing import Any

from bot.workflows import routing
from bot.workflows.deadlines import look_at, moment, next_look
from bot.workflows.definition import Stage, Values
from bot.workflows.request import Action, Change, Notice, OpenStage, Request, Taken
from bot.workflows.routing import Context, Holder, seat_of

READABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters for references: none that is misread for another."""


class Refused(Exception):
    """Why it cannot be done, in the person's words."""


class NotYours(Refused):
    """The person is not, or not any more, one of those who may do this."""


class Overtaken(Refused):
    """Somebody else was first, or the request has changed since the card was drawn."""


class NobodyLeft(Refused):
    """The whole school has nobody who could take this on."""


def submit(
    ctx: Context,
    *,
    request_id: str,
    requester: str,
    values: Values,
    policy_version: str,
    subjects: Iterable[str] = (),
    urgent: bool = False,
) -> Change:
    """A new request. NobodyLeft when the first step would wait for no one."""
    request = Request(
        id=request_id,
        reference=_reference(ctx.school.id),
        school=ctx.school.id,
        workflow=ctx.workflow.id,
        workflow_version=ctx.workflow.version,
        policy_version=policy_version,
        requester=requester,
        values=dict(values),
        about_people=ctx.workflow.concerns_people(values),
        urgent=urgent,
        version=0,
        revision=0,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    request = routing.about(ctx, request, subjects)
    taken = Taken(at=ctx.now, action="submitted", person=requester)
    return _enter(ctx, request, 0, taken, extra=_tell(ctx, request))


def approve(ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str) -> Change:
    """One signature of a `decide` stage; the last one needed moves the request on."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "decide")
    taken = _taken(ctx, stage, holder, "approved", _reason(stage.reason_required, reason))
    left = [seat for seat in routing.open_seats(ctx, request, stage) if seat.key != routing.key_of(holder)]
    if len(routing.seats(ctx, request, stage)) > 1 and left:
        return _changed(ctx, request, taken, {}, (_progress(request),))
    return _finish_stage(ctx, request, stage, taken)


def refuse(ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str) -> Change:
    """A refusal ends the request. The reason is always required: the requester must learn why."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "decide")
    taken = _taken(ctx, stage, holder, "refused", _reason(True, reason))
    return _changed(
        ctx, request, taken, {"status": "refused", "open": ()}, (_progress(request),), redrawn=True
    )


def finish(
    ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str, values: Values
) -> Change:
    """Mark an `act` or `acknowledge` stage done, with what it asked for."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "act", "acknowledge")
    action: Action = "done" if stage.kind == "act" else "acknowledged"
    taken = _taken(ctx, stage, holder, action, reason.strip()).model_copy(update={"values": dict(values)})
    return _finish_stage(ctx, request, stage, taken)


def send_back(
    ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str
) -> Change:
    """Return the request to its requester to change, saying why. Never a request about a person."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "decide", "act")
    if request.about_people or not stage.may_send_back:
        raise Refused("This step cannot be sent back.")
    taken = _taken(ctx, stage, holder, "sent_back", _reason(True, reason))
    return _changed(
        ctx, request, taken, {"status": "sent_back", "open": ()}, (_progress(request),), redrawn=True
    )


def resubmit(ctx: Context, request: Request, actor: str, values: Values) -> Change:
    """Send a returned request again, changed. It starts over: nobody has approved what they have not seen."""
    _own(request, actor)
    if request.status != "sent_back":
        raise Overtaken("This request is not waiting for you to change it.")
    taken = Taken(at=ctx.now, action="resubmitted", person=actor)
    again = request.model_copy(update={"status": "open", "values": dict(values)})
    return _enter(ctx, again, 0, taken)


def withdraw(ctx: Context, request: Request, actor: str) -> Change:
    """The requester takes it back. A request about a person stays: it is the school's to close."""
    _own(request, actor)
    if request.about_people:
        raise Refused("A report about a person cannot be withdrawn. Add what you want to say to it instead.")
    if not request.is_open:
        raise Overtaken("This request is already finished.")
    taken = Taken(at=ctx.now, action="withdrawn", person=actor)
    return _changed(ctx, request, taken, {"status": "withdrawn", "open": ()}, (), redrawn=True)


def receive(ctx: Context, request: Request, stage_id: str, actor: str, revision: int) -> Change:
    """Take charge of a request about a person."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "receive")
    taken = _taken(ctx, stage, holder, "received")
    update = {"open": _with_stages(request, {stage.id}, seen=True, received=True)}
    return _changed(ctx, request, taken, update, (_progress(request),), redrawn=True)


def opened(ctx: Context, request: Request, actor: str) -> Change:
    """Somebody who is asked has opened the details. What waits for them stops escalating."""
    holders = [(stage, holder) for stage, holder in routing.asked(ctx, request) if holder.person == actor]
    if not holders:
        raise NotYours("This is not waiting for you.")
    update = {"open": _with_stages(request, {stage.id for stage, _ in holders}, seen=True)}
    return _changed(ctx, request, _taken(ctx, *holders[0], "opened"), update, ())


def hand_on(
    ctx: Context, request: Request, stage_id: str, actor: str, revision: int, to: str, reason: str
) -> Change:
    """Give a stage to a colleague. Never to someone who is kept from it."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "receive", "act", "decide")
    taken = _taken(ctx, stage, holder, "handed_on", reason.strip())
    return _moved(ctx, request, stage, routing.key_of(holder), to, taken)


def reassign(ctx: Context, request: Request, stage_id: str, actor: str, to: str, reason: str) -> Change:
    """An administrator gives a stage that is stuck to somebody else, without seeing its details. Of
    several signatures that are missing, the first."""
    administrators = {person.id for person in ctx.staff.holders(ctx.school.administrators)}
    if actor not in administrators - routing.barred(ctx, request):
        raise NotYours("Only the school's administrator can reassign this.")
    if to == actor:
        raise Refused("You cannot give it to yourself.")
    if request.waiting(stage_id) is None:
        raise Overtaken("This step is not waiting for anyone any more.")
    stage = ctx.workflow.stage(stage_id)
    taken = Taken(
        at=ctx.now,
        action="reassigned",
        person=actor,
        role=ctx.school.administrators,
        reason=_reason(True, reason),
    )
    return _moved(ctx, request, stage, routing.open_seats(ctx, request, stage)[0].key, to, taken)


def add(ctx: Context, request: Request, actor: str, text: str) -> Change:
    """A note from the requester or from those handling it."""
    if not routing.may_open(ctx, request, actor):
        raise NotYours("You cannot add to this.")
    if not request.is_open:
        raise Overtaken("This is already closed.")
    taken = Taken(at=ctx.now, action="added", person=actor, reason=_reason(True, text))
    others = (notice for notice in _ask_all(ctx, request) if notice.person != actor)
    return _changed(ctx, request, taken, {}, others, redrawn=True)


def close(ctx: Context, request: Request, stage_id: str, actor: str, revision: int, outcome: str) -> Change:
    """Finish a `receive` stage with its outcome."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "receive")
    return _finish_stage(ctx, request, stage, _taken(ctx, stage, holder, "closed", _reason(True, outcome)))


def name_subject(ctx: Context, request: Request, actor: str, subject: str) -> Change:
    """Someone turns out to be who it is about: from now on they are kept from it, and others are asked."""
    if not request.about_people or not routing.may_open(ctx, request, actor):
        raise NotYours("You cannot change this.")
    if ctx.staff.person(subject) is None:
        raise Refused("Please choose somebody on the staff list.")
    known = routing.about(ctx, request, [subject])
    before, after = (
        {(stage.id, holder.person) for stage, holder in routing.asked(ctx, r)} for r in (request, known)
    )
    passed_on = {stage for stage, _ in before ^ after}
    taken = Taken(at=ctx.now, action="subject_named", person=actor)
    kept = known.model_dump(include={"subjects", "about_head", "kept_from"})
    change = _changed(ctx, request, taken, {**kept, "open": _afresh(ctx, known, passed_on)}, (), redrawn=True)
    return _with_somebody(ctx, change)


def tick(ctx: Context, request: Request) -> Change | None:
    """What the clock does at `due_at`: remind those asked, or ask the next people about a person.
    None when it is not time."""
    if request.due_at is None or request.due_at > ctx.now or request.status != "open":
        return None
    late = {o.stage for o in request.open if (at := look_at(ctx, request, o)) and at <= ctx.now}
    hurried = request.about_people and not ctx.workflow.school_time
    counted = "escalations" if hurried else "reminders"
    open_stages = tuple(
        o.model_copy(update={counted: getattr(o, counted) + 1}) if o.stage in late else o
        for o in request.open
    )
    reminders = tuple(
        Notice(kind="reminded", person=holder.person, stage=stage.id, role=holder.role)
        for stage, holder in routing.asked(ctx, request)
        if stage.id in late
    )
    taken = Taken(at=ctx.now, action="escalated" if hurried else "reminded", person="")
    return _changed(ctx, request, taken, {"open": open_stages}, reminders)


def _finish_stage(ctx: Context, request: Request, stage: Stage, taken: Taken) -> Change:
    """Close one stage; when it was the last of its step, open the next step or finish."""
    still_open = tuple(o for o in request.open if o.stage != stage.id)
    if still_open:
        return _changed(ctx, request, taken, {"open": still_open}, (_progress(request),), redrawn=True)
    return _enter(ctx, request, request.step + 1, taken)


def _enter(ctx: Context, request: Request, step: int, taken: Taken, extra: tuple[Notice, ...] = ()) -> Change:
    """Open step number `step`, or finish the request when there is none."""
    steps = ctx.workflow.steps(request.values)
    if step >= len(steps):
        status = "closed" if request.about_people else "completed"
        update: dict[str, Any] = {"status": status, "open": (), "step": step}
        return _changed(ctx, request, taken, update, (_progress(request),), redrawn=True)
    stages = tuple(OpenStage(stage=stage.id, opened_at=ctx.now) for stage in steps[step])
    notices = (*extra, _progress(request))
    change = _changed(
        ctx, request, taken, {"open": stages, "step": step}, notices, redrawn=bool(request.version)
    )
    return _with_somebody(ctx, change)


def _with_somebody(ctx: Context, change: Change) -> Change:
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


def _moved(ctx: Context, request: Request, stage: Stage, key: str, to: str, taken: Taken) -> Change:
    """The seat of that key given to somebody, who has their own time to open it."""
    handed = {**next(o.handed for o in request.open if o.stage == stage.id), key: to}
    open_stages = _afresh(ctx, request, {stage.id}, handed=handed)
    notices = (Notice(kind="asked", person=to, stage=stage.id), _progress(request))
    change = _changed(ctx, request, taken, {"open": open_stages}, notices, redrawn=True)
    if not any(h.person == to for s, h in routing.asked(ctx, change.request) if s.id == stage.id):
        raise Refused("It cannot go to that person: they are away, not on the staff, or must not handle it.")
    return _with_somebody(ctx, change)


def _with_stages(request: Request, stages: Container[str], **update: Any) -> tuple[OpenStage, ...]:
    return tuple(o.model_copy(update=update) if o.stage in stages else o for o in request.open)


def _afresh(ctx: Context, request: Request, stages: Container[str], **update: Any) -> tuple[OpenStage, ...]:
    """The open stages, those of `stages` as if they had begun to wait now."""
    return tuple(
        OpenStage(stage=o.stage, opened_at=ctx.now, **update) if o.stage in stages else o
        for o in request.open
    )


def _changed(
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
    after = after.model_copy(update={"due_at": next_look(ctx, after)})
    redraw = (Notice(kind="redraw", person=""),) if request.version else ()
    asked_before = {(stage.id, holder.person) for stage, holder in routing.asked(ctx, request)}
    newly = (n for n in _ask_all(ctx, after) if (n.stage, n.person) not in asked_before)
    kept_out = routing.barred(ctx, after)
    sent = tuple(dict.fromkeys(n for n in (*newly, *notices) if n.person not in kept_out))
    return Change(request=after, taken=taken, notices=(*sent, *redraw))


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
    holder = seat_of(ctx, request, stage, actor)
    if holder is None:
        raise NotYours(_why_not(request, actor))
    if revision != request.revision:
        raise Overtaken("This has changed since the card was drawn. Please look at it again.")
    return stage, holder


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


def _own(request: Request, actor: str) -> None:
    if actor != request.requester:
        raise NotYours("Only the person who sent it can do that.")


def _taken(ctx: Context, stage: Stage, holder: Holder, action: Action, reason: str = "") -> Taken:
    return Taken(
        at=ctx.now,
        action=action,
        person=holder.person,
        role=holder.role,
        stands_in_for=holder.stands_in_for,
        stage=stage.id,
        reason=reason,
    )


def _reason(required: bool, reason: str) -> str:
    if required and not reason.strip():
        raise Refused("Please give a reason: it is kept with the decision.")
    return reason.strip()


def _ask_all(ctx: Context, request: Request) -> tuple[Notice, ...]:
    return tuple(
        Notice(kind="asked", person=holder.person, stage=stage.id, role=holder.role)
        for stage, holder in routing.asked(ctx, request)
    )


def _tell(ctx: Context, request: Request) -> tuple[Notice, ...]:
    return tuple(
        Notice(kind="told", person=holder.person, role=holder.role) for holder in routing.told(ctx, request)
    )


def _progress(request: Request) -> Notice:
    return Notice(kind="progress", person=request.requester)


def _reference(school: str) -> str:
    initials = "".join(word[0] for word in school.split("-")) if "-" in school else school[:4]
    return f"{initials.upper()}-{''.join(secrets.choice(READABLE) for _ in range(5))}"
