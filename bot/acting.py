"""From the form of an action to the transition it asks for."""

from collections.abc import Callable, Mapping

from bot.formstate import FormState
from bot.workflows import cases, requests
from bot.workflows.change import Overtaken, Refused, seat
from bot.workflows.checklist import unsettled
from bot.workflows.definition import Values
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context

AGAIN = "This has reached me before, and nothing is done twice. The card shows how it stands."
"""Said to whoever's form or press has come again, with the card as it now is."""

ONCE_A_REVISION = frozenset({"approve", "refuse", "send_back", "done", "close", "hand_on"})
"""Actions that the request's revision lets through once, however often they are tried."""


STEPS = {
    "approve": ("decide",),
    "refuse": ("decide",),
    "send_back": ("decide", "act"),
    "done": ("act", "acknowledge"),
    "hand_on": ("decide", "act", "receive"),
    "close": ("receive",),
    "settle": ("receive",),
}
"""The kinds of step at which whoever sits there can do it."""


def seated(ctx: Context, request: Request, stage_id: str, me: str, revision: int, action: str) -> None:
    """Refused unless `me` sits at that step now and the action is one of that step's."""
    stage, _ = seat(ctx, request, stage_id, me, revision, *STEPS[action])
    if action == "send_back" and not stage.may_send_back:
        raise Refused("This step cannot be sent back.")
    if action == "settle" and not unsettled(request, stage):
        raise Overtaken("Nothing on the checklist is left to tick.")
    if action == "close":
        cases.all_settled(request, stage)


def transition(
    state: FormState, stage: str, me: str, reason: str, given: Mapping[str, str], tidy: Values
) -> Callable[[Context, Request], Change]:
    """The transition of an action, by `me`, as its form came back. `given`: the people and things picked in
    it. Refused when there is no such action."""
    revision = state.revision
    match state.action:
        case "approve":
            return lambda c, r: requests.approve(c, r, stage, me, revision, reason)
        case "refuse":
            return lambda c, r: requests.refuse(c, r, stage, me, revision, reason)
        case "send_back":
            return lambda c, r: requests.send_back(c, r, stage, me, revision, reason)
        case "done":
            return lambda c, r: requests.finish(c, r, stage, me, revision, reason, tidy)
        case "close":
            return lambda c, r: requests.close(c, r, stage, me, revision, reason, tidy)
        case "hand_on":
            return lambda c, r: requests.hand_on(c, r, stage, me, revision, given["to"], reason)
        case "add":
            return lambda c, r: requests.add(c, r, me, reason)
        case "log":
            return lambda c, r: cases.log(c, r, stage, me, tidy)
        case "settle":
            done = given["settled"] == "done"
            return lambda c, r: cases.settle(
                c, r, stage, me, given["action"], done=done, reason=reason, values=tidy
            )
        case "name_subject":
            return lambda c, r: requests.name_subject(c, r, me, given["subject"])
        case "reassign":
            return lambda c, r: requests.reassign(c, r, stage, me, given["to"], reason)
    raise Refused("This form is not known any more.")
