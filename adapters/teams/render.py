"""The clerk's replies as Adaptive Cards 1.5. Pure: no botbuilder, no clock, no store.

`message`, `home`, `results` and `form_card` give a card to attach to a message; `dialog` and
`details` give what a `task/fetch` or `task/submit` response holds. `values`, `button`,
`submitted` and `searched` read back what the cards carry.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from adapters.fitting import Drawn, Piece, fitted, shortened
from adapters.teams.elements import (
    Surface,
    acting,
    button_elements,
    caption,
    cards_pieces,
    heading,
    paragraph,
    part_elements,
)
from adapters.teams.inputs import Errors, choices, input_elements, input_ids, searched, values
from adapters.wording import MORE, NAME
from bot.cards import Card, Details, FieldErrors, Form, Home, Results

__all__ = [
    "button", "choices", "details", "dialog", "form_card", "form_errors", "home", "listed", "message",
    "results", "said", "searched", "shown", "submitted", "values",
]  # fmt: skip

BYTES = 24_500
"""Of a card, as UTF-8 JSON: Teams drops messages over 25 KB (PLATFORM.md), and a `refresh` may come on top."""
SHOWN = "shown"
"""The verb, and the name in its data, of a card that asks for itself."""
CARD = "application/vnd.microsoft.card.adaptive"
FALLBACK = 300


def message(cards: Card | Sequence[Card], opens: Collection[str] = (), shows: str = "") -> Drawn:
    """Cards as one card. `opens` names the actions that are answered with a dialog, which Teams
    wants to know when the button is drawn. `shows`: the request and stage of a card that Teams asks for
    again when somebody looks at it. Its `fallbackText`, fit for a notification, holds titles only
    (SAFEGUARDING.md, must 9)."""
    cards = [cards] if isinstance(cards, Card) else cards
    return _message(cards_pieces(cards, opens=frozenset(opens)), [card.title for card in cards], shows)


def home(reply: Home, opens: Collection[str] = ()) -> Drawn:
    """The person's own page, as a card in their chat."""
    return message(reply.cards, opens)


def results(reply: Results, opens: Collection[str] = ()) -> Drawn:
    """A list; the button for what is older is never cut."""
    return _message(_list(reply, "message", frozenset(opens)), [reply.title])


def listed(reply: Results) -> Drawn:
    """A list in a dialog."""
    return _task(reply.title, _card(_list(reply, "dialog", frozenset()), reply.title))


def details(reply: Details) -> Drawn:
    """A card in a dialog, for the person alone."""
    return said([reply.card])


def said(cards: Sequence[Card]) -> Drawn:
    """Cards in a dialog, which is called like the last of them: what comes before it is a safety card."""
    title = cards[-1].title if cards else NAME
    return _task(title, _card(cards_pieces(cards, "dialog"), title))


def dialog(form: Form, before: Sequence[Card] = (), errors: Errors | None = None) -> Drawn:
    """A form as a dialog (the `value` of a task module response), with the cards of `before`
    (a safety card) ahead of it, never cut.

    Raises ValueError where the inputs and what was typed in them are more than a card holds:
    the form has to be split into steps.
    """
    return _task(form.title, _form(form, before, errors or {}, "dialog"))


def form_card(form: Form, before: Sequence[Card] = (), errors: Errors | None = None) -> Drawn:
    """The same form as a card, for a chat in which no dialog can open. Raises as `dialog` does."""
    return _form(form, before, errors or {}, "form")


def form_errors(reply: FieldErrors) -> dict[str, tuple[str, ...]]:
    """Errors by input id, to draw the form again with."""
    found: dict[str, tuple[str, ...]] = {}
    for field, text in reply.errors:
        found[field] = (*found.get(field, ()), text)
    return found


def button(data: Mapping[str, Any]) -> tuple[str, str, int]:
    """What a button of ours said: action, target, version. Raises KeyError or ValueError for another's."""
    return str(data["action"]), str(data["target"]), int(data["version"])


def shown(data: Mapping[str, Any]) -> str:
    """The request and stage whose card is asked for again. KeyError for anything else."""
    return str(data[SHOWN])


def submitted(data: Mapping[str, Any]) -> tuple[str, str, bool]:
    """Which form came back: its id, its state, and whether it only asks for the questions that follow."""
    return str(data["form"]), str(data["state"]), bool(data.get("changed"))


def _list(reply: Results, surface: Surface, opens: frozenset[str]) -> list[Piece]:
    head = [Piece(drawn, 0) for drawn in heading(reply.title)]
    older = [reply.older] if reply.older else []
    foot = [Piece(drawn, 0) for drawn in button_elements(older, surface, opens, "older")]
    return [*head, *cards_pieces(reply.cards, surface, opens), *foot]


def _message(pieces: list[Piece], titles: Sequence[str], shows: str = "") -> Drawn:
    card = _card(pieces, " · ".join(text for text in titles if text.strip()))
    return {**card, "refresh": _refresh(shows)} if shows else card


def _refresh(shows: str) -> Drawn:
    """What Teams does when the card comes into sight. Without `userIds` it does so for everybody where up to 60
    people are, and elsewhere when somebody asks for it: a list would be of Teams' own ids, cut at 60."""
    action = {"type": "Action.Execute", "title": "Refresh", "verb": SHOWN, "data": {SHOWN: shows}}
    return {"type": "Refresh", "action": action}


def _form(form: Form, before: Sequence[Card], errors: Errors, surface: Surface) -> Drawn:
    title = heading(form.title, first=not before) if surface == "form" else []
    pieces = [
        *(Piece(piece.drawn, 0) for piece in cards_pieces(before, surface)),
        *(Piece(drawn, 0) for drawn in title),
        *(Piece(drawn, 1) for part in form.intro for drawn in part_elements(part)),
        *(Piece(drawn, 0) for text in _unplaced(form, errors) for drawn in paragraph(text, "warning")),
        *(Piece(drawn, 0) for item in form.inputs for drawn in input_elements(form, item, errors, surface)),
    ]
    submit = acting(
        form.submit, "form-submitted", {"form": form.id, "state": form.state}, surface, style="positive"
    )
    needed = [piece.drawn for piece in pieces if piece.keep == 0]
    if not _fits(_around([*needed, _more()], form.title, submit)):
        raise ValueError(f"form {form.id} is more than a Teams card holds: split it into steps")
    return _card(pieces, form.title, submit)


def _unplaced(form: Form, errors: Errors) -> list[str]:
    """Errors of no input of this form: they stand above all of them."""
    placed = input_ids(form)
    return [text for field, told in errors.items() if field not in placed for text in told]


def _card(pieces: list[Piece], fallback: str, *actions: Drawn) -> Drawn:
    """A card of as many pieces as fit."""
    body = fitted(pieces, lambda some: _fits(_around(some, fallback, *actions)), _more())
    return _around(body, fallback, *actions)


def _around(body: list[Drawn], fallback: str, *actions: Drawn) -> Drawn:
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": caption(shortened(fallback or NAME, FALLBACK)),
        "body": body,
    }
    return {**card, "actions": list(actions)} if actions else card


def _task(title: str, card: Drawn) -> Drawn:
    attachment = {"contentType": CARD, "content": card}
    return {"title": title or NAME, "width": "medium", "height": "medium", "card": attachment}


def _more() -> Drawn:
    return paragraph(MORE, "quiet")[0]


def _fits(card: Drawn) -> bool:
    return len(json.dumps(card, ensure_ascii=False).encode()) <= BYTES
