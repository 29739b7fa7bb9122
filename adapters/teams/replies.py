"""Which drawing a reply of the clerk becomes, and what an invoke is answered with. Pure.

A chat takes any reply as a card. A dialog takes all but a redrawn card, which belongs where it was pressed;
it then only says what has happened.
"""

from collections.abc import Sequence
from typing import Any

from adapters.fitting import Drawn
from adapters.teams import render
from adapters.teams.paper import NOT_HERE
from adapters.wording import NAME
from bot.cards import (
    Card,
    Details,
    FieldErrors,
    Home,
    Message,
    OpenForm,
    Paper,
    Redraw,
    Reply,
    Results,
    Text,
    UpdateForm,
)

OPENS = frozenset(
    {
        "start", "open", "change", "approve", "refuse", "send_back", "done", "close", "hand_on", "reassign",
        "add", "log", "settle", "name_subject", "link",
        "register_open", "register_search", "register_add", "register_details", "register_end",
    }
)  # fmt: skip
"""Buttons that are answered with a dialog: a form, or what is for one person's eyes."""
NO_DIALOGS: frozenset[str] = frozenset()
"""For Microsoft's test client: it opens none, so forms stand in the chat."""
TOO_LONG = Card(
    title="That is more than Teams can show",
    parts=(Text(text="Nothing was sent. Please shorten the longest of your answers and send it again."),),
    mood="bad",
)


def in_chat(reply: Reply, opens: frozenset[str] = OPENS) -> Drawn:
    """A reply as a card in a chat; a form as a card with its inputs. `opens`: buttons that open a dialog."""
    match reply:
        case OpenForm(form=form, before=before) | UpdateForm(form=form, before=before):
            return _form(form, before, None)
        case FieldErrors(form=form):
            return _form(form, (), render.form_errors(reply))
        case Results():
            return render.results(reply, opens)
        case Paper():
            return render.message(NOT_HERE, opens)
        case Redraw(card=card, notice=notice):
            return render.message(noticed(card, notice), opens)
        case Details(card=card):
            return render.message(card, opens)
        case Message(cards=cards) | Home(cards=cards):
            return render.message(cards, opens)


def request_card(card: Card, shows: str, opens: frozenset[str] = OPENS) -> Drawn:
    """The card of a request. While it waits, Teams asks for it again whenever somebody looks at it (`shows`: the
    request and stage)."""
    return render.message(card, opens, shows if card.mood == "waiting" else "")


def as_task(reply: Reply, *, opening: bool = False) -> dict[str, Any]:
    """A reply as the answer to `task/fetch` (`opening`), `task/submit` or a message action. A button that came
    too late opens a dialog with how things stand; a form that was in time only says so."""
    match reply:
        case OpenForm(form=form, before=before) | UpdateForm(form=form, before=before):
            return _continued(_dialog(form, before, None))
        case FieldErrors(form=form):
            return _continued(_dialog(form, (), render.form_errors(reply)))
        case Redraw(card=card, notice=notice) if opening:
            return _continued(render.said((noticed(card, notice),)))
        case Redraw(notice=notice):
            return {"task": {"type": "message", "value": notice or "Done."}}
        case Details():
            return _continued(render.details(reply))
        case Results():
            return _continued(render.listed(reply))
        case Message(cards=cards) | Home(cards=cards):
            return _continued(render.said(cards))
        case Paper():
            return _continued(render.said((NOT_HERE,)))


def card_answer(card: Drawn) -> dict[str, Any]:
    """What `Action.Execute` is answered with: this card instead of the one pressed."""
    return {"statusCode": 200, "type": render.CARD, "value": card}


def text_answer(text: str) -> dict[str, Any]:
    """What `Action.Execute` is answered with when the card stays as it is."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": text}


def as_it_was() -> dict[str, Any]:
    """What a card that asks for itself is answered with when there is none for whoever looks: it stays."""
    value = {"code": "NotFound", "message": "This card stays as it is."}
    return {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": value}


def noticed(card: Card, notice: str) -> Card:
    """The card with what is said to whoever pressed a button on it."""
    if not notice:
        return card
    return card.model_copy(update={"parts": (Text(text=notice, tone="strong"), *card.parts)})


def takes_the_place(reply: Reply) -> bool:
    """Whether it belongs where the card or form that was pressed stands."""
    return isinstance(reply, Redraw | UpdateForm | FieldErrors)


def _form(form: Any, before: Sequence[Card], errors: Any) -> Drawn:
    try:
        return render.form_card(form, before, errors)
    except ValueError:
        return render.message([*before, TOO_LONG], frozenset())


def _dialog(form: Any, before: Sequence[Card], errors: Any) -> Drawn:
    try:
        return render.dialog(form, before, errors)
    except ValueError:
        return render.said([*before, TOO_LONG])


def _continued(task: Drawn) -> dict[str, Any]:
    return {"task": {"type": "continue", "value": {**task, "title": task["title"] or NAME}}}
