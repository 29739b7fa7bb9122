"""What whoever handles a request about people does with it besides receiving and closing it: its evidence
log, its checklist, and links between two reports of one event."""

from bot.workflows import routing
from bot.workflows.change import (
    NotYours,
    Overtaken,
    Refused,
    changed,
    reason_of,
    seat,
    signed,
)
from bot.workflows.checklist import reminders, settled, unsettled
from bot.workflows.definition import Stage, Values
from bot.workflows.request import Change, Notice, OpenStage, Request, Taken
from bot.workflows.routing import Context

NO_SUCH_REPORT = "There is no such report that you handle."
"""Said whether or not there is one: nobody finds out by trying references."""


def log(ctx: Context, request: Request, stage_id: str, actor: str, values: Values) -> Change:
    """An entry of the evidence log, by the reporter or by those handling it. They are told of it as of
    a note."""
    may_log(ctx, request, stage_id, actor)
    taken = Taken(at=ctx.now, action="logged", person=actor, stage=stage_id, values=dict(values))
    others = (
        Notice(kind="asked", person=holder.person, stage=stage.id, role=holder.role)
        for stage, holder in routing.asked(ctx, request)
        if stage.id == stage_id and holder.person != actor
    )
    return changed(ctx, request, taken, {}, others)


def may_log(ctx: Context, request: Request, stage_id: str, actor: str) -> None:
    """Refused unless this person can add to the evidence log of a stage now."""
    if not routing.may_open(ctx, request, actor):
        raise NotYours("You cannot add to this.")
    stage = next((s for s in ctx.workflow.stages if s.id == stage_id and s.log), None)
    if stage is None:
        raise Refused("This has no evidence log.")
    if request.waiting(stage_id) is None:
        raise Overtaken("This is already closed.")
    if actor != request.requester and routing.seat_of(ctx, request, stage, actor) is None:
        raise NotYours("You cannot add to this.")


def settle(
    ctx: Context,
    request: Request,
    stage_id: str,
    actor: str,
    action_id: str,
    *,
    done: bool,
    reason: str = "",
    values: Values | None = None,
) -> Change:
    """Tick an action as done, with what it asks, or as not needed, with the reason why."""
    stage, holder = seat(ctx, request, stage_id, actor, request.revision, "receive")
    if action_id in settled(request, stage):
        raise Overtaken("This has been ticked already.")
    if action_id not in {action.id for action in unsettled(request, stage)}:
        raise Refused("Please choose something on the checklist.")
    taken = signed(
        ctx, stage, holder, "action_done" if done else "action_dropped", reason_of(not done, reason)
    )
    taken = taken.model_copy(update={"case_action": action_id, "values": dict(values or {})})
    return changed(ctx, request, taken, {}, ())


def all_settled(request: Request, stage: Stage) -> None:
    """Refused, in words that name them, while an action that applies is neither done nor dropped."""
    if left := unsettled(request, stage):
        named = "; ".join(f"“{action.label}”" for action in left)
        raise Refused(f"Before you close this, tick as done or not needed: {named}.")


def remind(ctx: Context, request: Request) -> Change | None:
    """What the clock does once an action's time has passed: remind those handling it, and the first time
    tell the next people in line. None when nothing is due."""
    open_stages: list[OpenStage] = []
    notices: list[Notice] = []
    for waiting in request.open:
        stage = ctx.workflow.stage(waiting.stage)
        due = [action.id for action, at in reminders(request, stage, waiting) if at <= ctx.now]
        counted = {action: waiting.late.get(action, 0) + 1 for action in due}
        open_stages.append(waiting.model_copy(update={"late": {**waiting.late, **counted}}))
        if not due:
            continue
        notices += [
            Notice(kind="reminded", person=holder.person, stage=stage.id, role=holder.role)
            for s, holder in routing.asked(ctx, request)
            if s.id == stage.id
        ]
    if open_stages == list(request.open):
        return None
    taken = Taken(at=ctx.now, action="reminded", person="")
    return changed(ctx, request, taken, {"open": tuple(open_stages)}, notices)


def link(
    ctx: Context, request: Request, other_ctx: Context, other: Request, actor: str
) -> tuple[Change, Change]:
    """Two open reports of one event, recorded in both for those handling them. Each stays its own for
    its reporter, who does not learn of it."""
    may_link(ctx, request, actor)
    if other.school != request.school or not _open_and_handled(other_ctx, other, actor):
        raise Refused(NO_SUCH_REPORT)
    if other.id == request.id:
        raise Refused("This is the report you are looking at. Give the reference of the other one.")
    if other.reference in linked_to(request):
        raise Overtaken("These two are linked already.")
    return _linked(ctx, request, other, actor), _linked(other_ctx, other, request, actor)


def may_link(ctx: Context, request: Request, actor: str) -> None:
    """Refused unless this person handles an open request about people."""
    if not _open_and_handled(ctx, request, actor):
        raise NotYours("Only somebody who handles this can link it to another report.")


def linked_to(request: Request) -> dict[str, str]:
    """Reference to id of the requests this one is linked to."""
    links = (t.values for t in request.taken if t.action == "linked")
    return {"".join(values["reference"]): "".join(values["request"]) for values in links}


def _open_and_handled(ctx: Context, request: Request, actor: str) -> bool:
    return request.is_open and routing.handles(ctx, request, actor)


def _linked(ctx: Context, request: Request, other: Request, actor: str) -> Change:
    values = {"reference": (other.reference,), "request": (other.id,)}
    taken = Taken(at=ctx.now, action="linked", person=actor, values=values)
    return changed(ctx, request, taken, {}, ())
