"""What can be done with a request: pure transitions, each checked against who may do it.

A transition takes the request and the `Context` of this moment and returns a `Change`: the
request after it, what happened, and who is to be told. Whatever is not allowed raises
`Refused`, whose text is shown to the person as it stands.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from bot.workflows import cases, routing
from bot.workflows.change import (
    NotYours,
    Overtaken,
    Refused,
    afresh,
    ask_all,
    changed,
    enter,
    finish_stage,
    moved,
    progress,
    reason_of,
    seat,
    signed,
    with_somebody,
    with_stages,
)
from bot.workflows.deadlines import look_at
from bot.workflows.definition import Values
from bot.workflows.request import Action, Change, Notice, OpenStage, Request, Taken
from bot.workflows.routing import Context

READABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters for references: none that is misread for another."""


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
    return enter(ctx, request, 0, taken)


def approve(ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str) -> Change:
    """One signature of a `decide` stage; the last one needed moves the request on."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "decide")
    taken = signed(ctx, stage, holder, "approved", reason_of(stage.reason_required, reason))
    left = [seat for seat in routing.open_seats(ctx, request, stage) if seat.key != routing.key_of(holder)]
    if len(routing.seats(ctx, request, stage)) > 1 and left:
        return changed(ctx, request, taken, {}, (progress(request),))
    return finish_stage(ctx, request, stage, taken)


def refuse(ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str) -> Change:
    """A refusal ends the request. The reason is always required: the requester must learn why."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "decide")
    taken = signed(ctx, stage, holder, "refused", reason_of(True, reason))
    return changed(ctx, request, taken, {"status": "refused", "open": ()}, (progress(request),), redrawn=True)


def finish(
    ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str, values: Values
) -> Change:
    """Mark an `act` or `acknowledge` stage done, with what it asked for."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "act", "acknowledge")
    action: Action = "done" if stage.kind == "act" else "acknowledged"
    taken = signed(ctx, stage, holder, action, reason.strip()).model_copy(update={"values": dict(values)})
    return finish_stage(ctx, request, stage, taken)


def send_back(
    ctx: Context, request: Request, stage_id: str, actor: str, revision: int, reason: str
) -> Change:
    """Return the request to its requester to change, saying why. Never a request about a person."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "decide", "act")
    if request.about_people or not stage.may_send_back:
        raise Refused("This step cannot be sent back.")
    taken = signed(ctx, stage, holder, "sent_back", reason_of(True, reason))
    return changed(
        ctx, request, taken, {"status": "sent_back", "open": ()}, (progress(request),), redrawn=True
    )


def resubmit(ctx: Context, request: Request, actor: str, values: Values) -> Change:
    """Send a returned request again, changed. It starts over: nobody has approved what they have not seen."""
    _own(request, actor)
    if request.status != "sent_back":
        raise Overtaken("This request is not waiting for you to change it.")
    taken = Taken(at=ctx.now, action="resubmitted", person=actor)
    again = request.model_copy(update={"status": "open", "values": dict(values)})
    return enter(ctx, again, 0, taken)


def withdraw(ctx: Context, request: Request, actor: str) -> Change:
    """The requester takes it back. A request about a person stays: it is the school's to close."""
    _own(request, actor)
    if request.about_people:
        raise Refused("A report about a person cannot be withdrawn. Add what you want to say to it instead.")
    if not request.is_open:
        raise Overtaken("This request is already finished.")
    taken = Taken(at=ctx.now, action="withdrawn", person=actor)
    return changed(ctx, request, taken, {"status": "withdrawn", "open": ()}, (), redrawn=True)


def receive(ctx: Context, request: Request, stage_id: str, actor: str, revision: int) -> Change:
    """Take charge of a request about a person."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "receive")
    taken = signed(ctx, stage, holder, "received")
    update = {"open": with_stages(request, {stage.id}, seen=True, received=True)}
    return changed(ctx, request, taken, update, (progress(request),), redrawn=True)


def opened(ctx: Context, request: Request, actor: str) -> Change:
    """Somebody who is asked has opened the details. What waits for them stops escalating."""
    holders = [(stage, holder) for stage, holder in routing.asked(ctx, request) if holder.person == actor]
    if not holders:
        raise NotYours("This is not waiting for you.")
    update = {"open": with_stages(request, {stage.id for stage, _ in holders}, seen=True)}
    return changed(ctx, request, signed(ctx, *holders[0], "opened"), update, ())


def hand_on(
    ctx: Context, request: Request, stage_id: str, actor: str, revision: int, to: str, reason: str
) -> Change:
    """Give a stage to a colleague. Never to someone who is kept from it."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "receive", "act", "decide")
    taken = signed(ctx, stage, holder, "handed_on", reason.strip())
    sitting = routing.seat_of(ctx, request, stage, actor)
    return moved(ctx, request, stage, sitting[0].key if sitting else "", to, taken)


def reassign(ctx: Context, request: Request, stage_id: str, actor: str, to: str, reason: str) -> Change:
    """An administrator gives a stage that is stuck to somebody else, without seeing its details. Of
    several signatures that are missing, the first. What was sent back to somebody who has left, or leaves,
    becomes a colleague's to change or withdraw."""
    may_reassign(ctx, request, stage_id, actor)
    if to == actor:
        raise Refused("You cannot give it to yourself.")
    taken = Taken(
        at=ctx.now,
        action="reassigned",
        person=actor,
        role=ctx.school.administrators,
        reason=reason_of(True, reason),
    )
    if request.status == "sent_back":
        return _taken_over(ctx, request, to, taken)
    stage = ctx.workflow.stage(stage_id)
    return moved(ctx, request, stage, routing.open_seats(ctx, request, stage)[0].key, to, taken)


def may_reassign(ctx: Context, request: Request, stage_id: str, actor: str) -> None:
    """Refused unless this person, as the school's administrator, can give this stage to somebody."""
    if not administers(ctx, request, actor):
        raise NotYours("Only the school's administrator can reassign this.")
    if actor == request.requester:
        raise NotYours("You sent this yourself, so you cannot choose who deals with it.")
    if request.status == "sent_back":
        sender = ctx.staff.person(request.requester)
        if sender and sender.ends is None:
            raise Refused("It waits for the person who sent it, who is on the staff and can change it.")
    elif request.waiting(stage_id) is None:
        raise Overtaken("This step is not waiting for anyone any more.")


def administers(ctx: Context, request: Request, person: str) -> bool:
    """Whether this person, as the school's administrator, may know that the request waits for somebody."""
    administrators = {holder.id for holder in ctx.staff.holders(ctx.school.administrators)}
    return person in administrators - routing.barred(ctx, request)


def _taken_over(ctx: Context, request: Request, to: str, taken: Taken) -> Change:
    """The request as a colleague's, who changes and sends it, or withdraws it. It starts over when sent."""
    acted = {taken.person for taken in request.taken if taken.signs}
    if ctx.staff.person(to) is None or to in {request.requester, *acted, *routing.barred(ctx, request)}:
        raise Refused("It cannot go to that person: they are not on the staff, or have dealt with it before.")
    notices = (Notice(kind="progress", person=to),)
    return changed(ctx, request, taken, {"requester": to}, notices, redrawn=True)


def add(ctx: Context, request: Request, actor: str, text: str) -> Change:
    """A note from the requester or from those handling it."""
    if not routing.may_open(ctx, request, actor):
        raise NotYours("You cannot add to this.")
    if not request.is_open:
        raise Overtaken("This is already closed.")
    taken = Taken(at=ctx.now, action="added", person=actor, reason=reason_of(True, text))
    others = (notice for notice in ask_all(ctx, request) if notice.person != actor)
    return changed(ctx, request, taken, {}, others, redrawn=True)


def close(
    ctx: Context,
    request: Request,
    stage_id: str,
    actor: str,
    revision: int,
    outcome: str,
    values: Values | None = None,
) -> Change:
    """Finish a `receive` stage with its outcome and what it asks. Refused while an action is unsettled."""
    stage, holder = seat(ctx, request, stage_id, actor, revision, "receive")
    cases.all_settled(request, stage)
    taken = signed(ctx, stage, holder, "closed", reason_of(True, outcome))
    taken = taken.model_copy(update={"values": dict(values or {})})
    return finish_stage(ctx, request, stage, taken)


def name_subject(ctx: Context, request: Request, actor: str, subject: str) -> Change:
    """Someone turns out to be who it is about: from now on they are kept from it, and others are asked."""
    may_name_subject(ctx, request, actor)
    if ctx.staff.person(subject) is None:
        raise Refused("Please choose somebody on the staff list.")
    known = routing.about(ctx, request, [subject])
    before, after = (
        {(stage.id, holder.person) for stage, holder in routing.asked(ctx, r)} for r in (request, known)
    )
    passed_on = {stage for stage, _ in before ^ after}
    taken = Taken(at=ctx.now, action="subject_named", person=actor)
    kept = known.model_dump(include={"subjects", "about_head", "kept_from"})
    change = changed(ctx, request, taken, {**kept, "open": afresh(ctx, known, passed_on)}, (), redrawn=True)
    return with_somebody(ctx, change)


def may_name_subject(ctx: Context, request: Request, actor: str) -> None:
    """Refused unless this person may say who a request is about: its reporter, or who sees all of it."""
    may_open = request.about_people and routing.may_open(ctx, request, actor)
    if not may_open or routing.hidden_from(ctx, request, actor):
        raise NotYours("You cannot change this.")


def tick(ctx: Context, request: Request) -> Change | None:
    """What the clock does at `due_at`: remind those asked, or ask the next people about a person; then
    what is late in a case, one thing at a time. None when it is not time."""
    if request.due_at is None or request.due_at > ctx.now or request.status != "open":
        return None
    late = {o.stage for o in request.open if (at := look_at(ctx, request, o)) and at <= ctx.now}
    if not late and (reminded := cases.remind(ctx, request)):
        return reminded
    hurried = request.about_people and not ctx.workflow.school_time
    unopened = timedelta(minutes=ctx.school.calendar.unopened_minutes)

    def counted(waiting: OpenStage) -> OpenStage:
        if hurried:  # a clock that stood still asks at once everybody whose turn has come meanwhile
            return waiting.model_copy(update={"escalations": (ctx.now - waiting.opened_at) // unopened})
        while (at := look_at(ctx, request, waiting)) and at <= ctx.now:  # and reminds once of all it missed
            waiting = waiting.model_copy(update={"reminders": waiting.reminders + 1})
        return waiting

    open_stages = tuple(counted(o) if o.stage in late else o for o in request.open)
    reminders = tuple(
        Notice(kind="reminded", person=holder.person, stage=stage.id, role=holder.role)
        for stage, holder in routing.asked(ctx, request)
        if stage.id in late
    )
    taken = Taken(at=ctx.now, action="escalated" if hurried else "reminded", person="")
    return changed(ctx, request, taken, {"open": open_stages}, reminders)


def _own(request: Request, actor: str) -> None:
    if actor != request.requester:
        raise NotYours("Only the person who sent it can do that.")


def _reference(school: str) -> str:
    initials = "".join(word[0] for word in school.split("-")) if "-" in school else school[:4]
    return f"{initials.upper()}-{''.join(secrets.choice(READABLE) for _ in range(5))}"
