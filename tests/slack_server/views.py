"""The methods that open, push, update and publish views, and what a `view_submission` answer does to them.

Source: docs.slack.dev/surfaces/modals and the reference of `views.*`.
"""

from typing import Any

from tests.slack_server.blocks import Drawn, too_large, view_problems
from tests.slack_server.drawing import first_state, named
from tests.slack_server.workspace import Refused, Trigger, View, Workspace

TRIGGER_SECONDS = 3.0
STACK = 3


def open_view(workspace: Workspace, said: Drawn) -> Drawn:
    """views.open: a modal on its own."""
    trigger = exchanged(workspace, said)
    view = _new(workspace, trigger.user, checked(said, "modal"))
    workspace.stacks[trigger.user] = [view]
    return {"view": workspace.described(view)}


def push(workspace: Workspace, said: Drawn) -> Drawn:
    """views.push: a modal on top of the one the trigger came from; at most three lie on each other."""
    trigger = exchanged(workspace, said)
    return {"view": workspace.described(pushed(workspace, trigger.user, checked(said, "modal")))}


def update(workspace: Workspace, said: Drawn) -> Drawn:
    """views.update: by id; a `hash` that is no longer the view's is refused."""
    drawn = checked(said, "")
    view = workspace.view(str(said.get("view_id") or "")) or _external(workspace, said)
    if view is None or drawn["type"] != view.drawn["type"]:
        raise Refused("not_found")
    return {"view": workspace.described(redrawn(workspace, view, drawn, said.get("hash")))}


def publish(workspace: Workspace, said: Drawn) -> Drawn:
    """views.publish: somebody's home."""
    user, drawn = str(said.get("user_id") or ""), checked(said, "home")
    if user not in workspace.people or workspace.people[user].deleted:
        raise Refused("user_not_found")
    view = workspace.homes.get(user)
    if view is None:
        view = workspace.homes[user] = _new(workspace, user, drawn)
    return {"view": workspace.described(redrawn(workspace, view, drawn, said.get("hash")))}


def checked(said: Drawn, kind: str) -> Drawn:
    """The view of the arguments, refused as Slack refuses it."""
    view = said.get("view")
    problems = view_problems(view, kind)
    if problems:
        raise Refused("invalid_arguments", problems)
    if too_large(view):
        raise Refused("view_too_large")
    return dict(view or {})


def exchanged(workspace: Workspace, said: Drawn) -> Trigger:
    """The trigger, used up: it works once, and for three seconds."""
    trigger = workspace.triggers.get(str(said.get("trigger_id") or ""))
    if trigger is None:
        raise Refused("invalid_trigger_id" if said.get("trigger_id") else "invalid_arguments")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if workspace.clock() - trigger.made > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger


def pushed(workspace: Workspace, user: str, drawn: Drawn) -> View:
    """A modal on top of the others."""
    stack = workspace.stacks.get(user, [])
    if not stack:
        raise Refused("not_found")
    if len(stack) >= STACK:
        raise Refused("push_limit_reached")
    stack.append(_new(workspace, user, drawn, below=stack[-1]))
    return stack[-1]


def redrawn(workspace: Workspace, view: View, drawn: Drawn, expected: Any = None) -> View:
    """The view says something else now. Inputs whose block and action ids stay keep what was filled in."""
    if expected and expected != view.hash:
        raise Refused("hash_conflict")
    kept = view.state
    view.drawn = {**drawn, "blocks": named(drawn["blocks"])}
    view.hash, view.errors, view.trouble = workspace.new("h"), {}, ""
    first = first_state(view.drawn["blocks"])
    view.state = {
        key: kept[key] if key in kept and kept[key]["type"] == value["type"] else value
        for key, value in first.items()
    }
    return view


def closed(workspace: Workspace, view: View, *, everything: bool = False) -> None:
    """The modal goes away, and what it lay on shows; or all of them go."""
    stack = workspace.stacks.get(view.user, [])
    del stack[0 if everything else stack.index(view) :]
    if not stack:
        workspace.stacks.pop(view.user, None)


def answered(workspace: Workspace, view: View, answer: Any) -> None:
    """What the app's answer to a submission does. Raises Refused where Slack would show its trouble line."""
    action = answer.get("response_action") if isinstance(answer, dict) else None
    match action:
        case None if not answer:
            closed(workspace, view)
        case "clear":
            closed(workspace, view, everything=True)
        case "update":
            redrawn(workspace, view, checked(answer, "modal"))
        case "push":
            pushed(workspace, view.user, checked(answer, "modal"))
        case "errors":
            view.errors = _errors(view, answer.get("errors"))
        case _:
            raise Refused("invalid_arguments", [f"[ERROR] unknown response_action {action}"])


def _errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {one["block_id"] for one in view.drawn["blocks"] if one["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise Refused("invalid_arguments", [f"[ERROR] errors of blocks that are no inputs: {errors}"])
    if not all(isinstance(text, str) and text.strip() for text in errors.values()):
        raise Refused("invalid_arguments", ["[ERROR] an error without words"])
    return errors


def _external(workspace: Workspace, said: Drawn) -> View | None:
    wanted = said.get("external_id")
    modals = [view for stack in workspace.stacks.values() for view in stack]
    return next((one for one in modals if wanted and one.drawn.get("external_id") == wanted), None)


def _new(workspace: Workspace, user: str, drawn: Drawn, below: View | None = None) -> View:
    external = drawn.get("external_id")
    if external and _external(workspace, drawn):
        raise Refused("duplicate_external_id")
    name = workspace.new("V")
    view = View(id=name, user=user, drawn=drawn, hash="", root=below.root if below else name)
    view.previous = below.id if below else None
    return redrawn(workspace, view, drawn)


METHODS = {"views.open": open_view, "views.push": push, "views.update": update, "views.publish": publish}
