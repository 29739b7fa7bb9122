"""What a case needs, what of it is settled, and when somebody is reminded of the rest. No transitions."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.workflows.definition import CaseAction, Stage
from bot.workflows.request import OpenStage, Request, Taken

_GAPS = (1, 2, 4, 8)
"""Hours from one reminder of a late action to the next."""
_LAST_GAP = 24
"""Hours between all further ones."""


def applying(request: Request, stage: Stage) -> tuple[CaseAction, ...]:
    """The actions that what was reported calls for, in order."""
    return tuple(action for action in stage.actions if action.applies(request.values))


def settled(request: Request, stage: Stage) -> dict[str, Taken]:
    """Action id to how it was settled: done, or dropped with a reason."""
    ticks = ("action_done", "action_dropped")
    return {t.case_action: t for t in request.taken if t.stage == stage.id and t.action in ticks}


def unsettled(request: Request, stage: Stage) -> tuple[CaseAction, ...]:
    """The actions that apply and are neither done nor dropped."""
    done = settled(request, stage)
    return tuple(action for action in applying(request, stage) if action.id not in done)


def due_at(request: Request, action: CaseAction) -> datetime | None:
    """When an action should be settled: in real hours from the sending, nights and weekends included."""
    return request.created_at + timedelta(hours=action.due_hours) if action.due_hours else None


def reminders(request: Request, stage: Stage, waiting: OpenStage) -> Iterator[tuple[CaseAction, datetime]]:
    """Each unsettled action of an open stage that has a time, and when it is reminded of next: when its
    time has passed, then after growing gaps."""
    for action in unsettled(request, stage):
        if due := due_at(request, action):
            sent = waiting.late.get(action.id, 0)
            waited = sum(_GAPS[:sent]) + _LAST_GAP * max(0, sent - len(_GAPS))
            yield action, due + timedelta(hours=waited)
