"""Where in Slack a reply goes, as calls of its Web API. Pure: nothing is sent here.

A reply becomes steps; of each step the calls are tried in turn until one works, so that a channel that is
gone, or a modal that was closed, does not swallow what was to be said. What is for one person is never tried
where others read along.

`RESPOND` is no method: it answers at Slack's `response_url`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from adapters.edge import RECEIVED, SENT_TO_YOU, offered
from adapters.fitting import Drawn
from adapters.slack import render
from adapters.slack.spots import Spot
from bot.cards import (
    Details,
    FieldErrors,
    Home,
    Message,
    OpenForm,
    Redraw,
    Results,
    Shown,
    UpdateForm,
)

RESPOND = "response_url"


@dataclass(frozen=True)
class Call:
    """One call of the Web API."""

    method: str
    args: dict[str, Any]


Tries = Iterable[Call]
"""The same thing said in different ways: the first that works is enough, and what comes after it need not be
drawn."""


def placed(spot: Spot, reply: Shown | None, *, for_all: bool = False, waiting: str = "") -> tuple[Tries, ...]:
    """The steps that show a reply to whoever acted at `spot`, or to all there where it is `for_all`.

    `waiting` names the modal that was put up while the clerk was at work: the reply belongs there.
    """
    match reply:
        case None:
            return ((_update(waiting, render.shown((RECEIVED,))),),) if waiting else ()
        case Home():
            fresh = spot.view_hash or spot.trigger.rpartition(".")[2]
            return ((Call("views.publish", {"user_id": spot.user, "view": render.home(reply, fresh)}),),)
        case Redraw():
            return _redraw(spot, reply, waiting)
        case OpenForm() | UpdateForm() | FieldErrors() | Details():
            return _in_a_modal(spot, reply, waiting)
        case Message(cards=cards):
            message = render.message(cards)
            return _said(spot, message, lambda: render.shown(cards), for_all=for_all, waiting=waiting)
        case Results():
            found = render.results(reply)
            return _said(spot, found, lambda: _listed(reply), for_all=False, waiting=waiting)


def answered(spot: Spot, reply: Shown | None, view: Drawn) -> Drawn:
    """The answer within Slack's own request to a modal that was sent. `view` is the modal as it was sent."""
    match reply:
        case FieldErrors(errors=errors) if {field for field, _ in errors} <= render.inputs_of(view):
            return {"response_action": "errors", "errors": render.field_errors(reply)}
        case Home() | None:
            return _over(spot, render.shown((RECEIVED,)))
        case Message(cards=cards) if cards and cards[-1].mood == "bad":
            return _over(spot, {**render.shown(cards), "clear_on_close": False})
        case Message(cards=cards):
            return {"response_action": "update", "view": render.shown(cards)}
        case Results():
            return {"response_action": "update", "view": _listed(reply)}
        case Redraw():
            return {"response_action": "update", "view": _redrawn(reply)}
        case _:
            return {"response_action": "update", "view": _modal(reply)}


def put_up(spot: Spot, view: Drawn) -> Drawn:
    """The answer to a modal that was sent, when the clerk needs longer: the modal stays beneath, unless it
    is the third, on which Slack puts no other."""
    return _over(spot, view)


def waiting_view(spot: Spot, name: str) -> Tries:
    """A modal put up before the trigger dies, to be filled when the clerk has done."""
    args = {"trigger_id": spot.trigger, "view": render.loading(name)}
    return (Call("views.push" if spot.depth else "views.open", args),)


def receipt(spot: Spot, reply: Shown | None) -> tuple[Tries, ...]:
    """What somebody was told in a modal and may want to find again, in their conversation with the clerk."""
    kept = isinstance(reply, Message) and any(card.mood in ("good", "safety") for card in reply.cards)
    return ((_alone(spot, render.message(reply.cards)),),) if kept and isinstance(reply, Message) else ()


def _said(
    spot: Spot, message: Drawn, view: Callable[[], Drawn], *, for_all: bool, waiting: str
) -> tuple[Tries, ...]:
    """Cards: as a message where there is a conversation, as a modal where there is none."""
    alone = _alone(spot, message)
    if waiting:
        return ((_update(waiting, view()), alone),)
    there = _post(spot, message)
    match spot.kind:
        case "direct":
            return ((there, alone),)
        case "mention" if for_all:
            return ((there, alone),)
        case "mention":
            return ((alone, _whispered(spot, message)), (_post(spot, render.notice(SENT_TO_YOU)),))
        case "command":
            # Slack does not say whose conversation a D is: in one of two people the app cannot write.
            direct = (there,) if spot.channel.startswith("D") else ()
            return ((*direct, _respond(spot, message), alone),)
        case "button":
            direct = (there,) if spot.channel.startswith("D") else (_whispered(spot, message),)
            return ((*direct, _respond(spot, message), alone),)
        case "modal":
            return ((_update(spot.view, view()), alone),)
        case "input":
            return ((_push(spot, view()), alone),)
        case _:
            return ((_open(spot, view()), alone),)


def _in_a_modal(
    spot: Spot, reply: OpenForm | UpdateForm | FieldErrors | Details, waiting: str
) -> tuple[Tries, ...]:
    """A form, or a request's details, which are never shown anywhere else."""
    view = _modal(reply)
    offer = _offer(spot, reply)
    if waiting:
        return (chain((_update(waiting, view),), offer),)
    match spot.kind:
        case "direct" | "mention" if isinstance(reply, OpenForm):
            message = offered(reply)
            return _said(spot, render.message(message.cards), dict, for_all=False, waiting="")
        case "input":
            return ((_update(spot.view, view),),)
        case "modal":
            # The one on top always has room for another: the one put up while the clerk is at work.
            push = (_push(spot, view),) if spot.depth == 1 else ()
            return (chain((*push, _update(spot.view, view)), offer),)
        case _:
            return (chain((_open(spot, view),), offer),)


def _redraw(spot: Spot, reply: Redraw, waiting: str) -> tuple[Tries, ...]:
    """The card in its place, and what there is to say about it to whoever pressed."""
    message = render.message(reply.card)
    alone = _alone(spot, message)
    there: tuple[Tries, ...] = ()
    if spot.kind == "button" and spot.message:
        blocks = render.redrawn(spot.blocks, spot.block, reply.card)
        said = {"text": message["text"], "blocks": blocks}
        there = ((Call("chat.update", {"channel": spot.channel, "ts": spot.message, **said}), alone),)
    if waiting:
        return (*there, (_update(waiting, _redrawn(reply)), alone))
    if there:
        notice = render.notice(reply.notice)
        told = ((_whispered(spot, notice), _respond(spot, notice), _alone(spot, notice)),)
        return (*there, *(told if reply.notice else ()))
    if spot.kind == "button":
        said = {**message, "blocks": [*render.notice(reply.notice)["blocks"], *message["blocks"]]}
        return ((_respond(spot, said, replace=True), alone),)
    return _said(spot, message, lambda: _redrawn(reply), for_all=False, waiting="")


def _redrawn(reply: Redraw) -> Drawn:
    return render.shown((reply.card,), notice=reply.notice)


def _modal(reply: OpenForm | UpdateForm | FieldErrors | Details) -> Drawn:
    match reply:
        case Details():
            return render.details(reply)
        case FieldErrors(form=form):
            return render.modal(form)
        case OpenForm(form=form, before=before) | UpdateForm(form=form, before=before):
            return render.modal(form, before)


def _listed(reply: Results) -> Drawn:
    return render.shown(reply.cards, older=reply.older)


def _over(spot: Spot, view: Drawn) -> Drawn:
    """On top of the modal that was sent, which keeps what was typed; instead of it where there is no room."""
    action = "push" if spot.depth < _STACK else "update"
    return {"response_action": action, "view": view}


_STACK = 3


def _offer(spot: Spot, reply: OpenForm | UpdateForm | FieldErrors | Details) -> Iterator[Call]:
    """What is left when no modal can be opened: a button to try again, for the person alone."""
    if isinstance(reply, OpenForm):
        message = render.message(offered(reply).cards)
        if spot.answer_to:
            yield _respond(spot, message)
        yield _alone(spot, message)


def _post(spot: Spot, message: Drawn) -> Call:
    thread = {"thread_ts": spot.thread} if spot.thread else {}
    return Call("chat.postMessage", {"channel": spot.channel, **thread, **message})


def _alone(spot: Spot, message: Drawn) -> Call:
    """In the person's conversation with the clerk, which their id stands for."""
    return Call("chat.postMessage", {"channel": spot.user, **message})


def _whispered(spot: Spot, message: Drawn) -> Call:
    """Where they are, seen by them alone, until they reload."""
    thread = {"thread_ts": spot.thread} if spot.thread else {}
    return Call("chat.postEphemeral", {"channel": spot.channel, "user": spot.user, **thread, **message})


def _respond(spot: Spot, message: Drawn, *, replace: bool = False) -> Call:
    said = {"response_type": "ephemeral", "replace_original": replace, **message}
    return Call(RESPOND, {"url": spot.answer_to, "said": said})


def _open(spot: Spot, view: Drawn) -> Call:
    return Call("views.open", {"trigger_id": spot.trigger, "view": view})


def _push(spot: Spot, view: Drawn) -> Call:
    return Call("views.push", {"trigger_id": spot.trigger, "view": view})


def _update(view_id: str, view: Drawn) -> Call:
    """Slack's own ids begin with V; others are names of ours."""
    name = "view_id" if view_id.startswith("V") and "." not in view_id else "external_id"
    return Call("views.update", {name: view_id, "view": view})
