"""The clerk's replies as Slack messages and views. Pure: no Slack client, no clock, no store.

`message`, `results` and `notice` give what `chat.postMessage` takes; `modal`, `details` and
`home` give views; `field_errors` gives the errors of a `view_submission` response. `values`,
`button` and `opened` read back what the drawings carry.
"""

from collections.abc import Sequence
from typing import Any

from adapters.fitting import Drawn, Piece, fitted, shortened, units
from adapters.slack.blocks import (
    button_blocks,
    card_pieces,
    cards_pieces,
    fits_message,
    fits_view,
    identifier,
    paragraph,
    part_blocks,
    plain,
    small,
    title,
)
from adapters.slack.blocks import pressed as button
from adapters.slack.inputs import input_blocks, suggestions, values
from adapters.wording import MORE, NAME, NOTHING
from bot.cards import Card, Details, FieldErrors, Form, Home, Results

__all__ = [
    "button", "details", "field_errors", "home", "message", "modal", "notice",
    "opened", "results", "suggestions", "values",
]  # fmt: skip

TITLE, FALLBACK, ERROR, METADATA = 24, 300, 2000, 3000
NOTHING_SHOWN = {"unfurl_links": False, "unfurl_media": False}
"""Slack is to fetch and show nothing of what an address leads to (SAFEGUARDING.md, must never)."""


def message(cards: Card | Sequence[Card]) -> Drawn:
    """Cards as a message. Its `text`, which notifications show, holds titles only: never what a
    card says (SAFEGUARDING.md, must 9)."""
    cards = [cards] if isinstance(cards, Card) else cards
    return _message(cards_pieces(cards), [card.title for card in cards])


def results(reply: Results) -> Drawn:
    """A list as a message; the button for what is older is never cut."""
    head = [Piece(block, 0) for block in title(reply.title)]
    older = [Piece(block, 0) for block in button_blocks((reply.older,))] if reply.older else []
    return _message([*head, *cards_pieces(reply.cards), *older], [reply.title])


def notice(text: str) -> Drawn:
    """One line said to a person, beside a card that was redrawn."""
    return {"text": _escaped(shortened(text, FALLBACK)), "blocks": paragraph(text), **NOTHING_SHOWN}


def modal(form: Form, before: Sequence[Card] = ()) -> Drawn:
    """A form as a modal, with the cards of `before` (a safety card) ahead of it, never cut.

    Raises ValueError where the inputs alone are more than Slack's 100 blocks or 250 KB, or `state`
    is longer than its 3,000 characters: the form has to be split into steps.
    """
    pieces = [
        *(Piece(piece.drawn, 0) for piece in cards_pieces(before)),
        *(Piece(block, 0) for block in (title(form.title) if units(form.title) > TITLE else [])),
        *(Piece(block, 1) for part in form.intro for block in part_blocks(part)),
        *(Piece(block, 0) for item in form.inputs for block in input_blocks(item)),
        *(Piece(block, 0) for block in (small(form.submit) if units(form.submit) > TITLE else [])),
    ]
    if not fits_view([piece.drawn for piece in pieces if piece.keep == 0] + small(MORE)):
        raise ValueError(f"form {form.id} is more than a Slack modal holds: split it into steps")
    return {
        **_view(form.title, fitted(pieces, fits_view, *small(MORE)), close="Cancel"),
        "submit": plain(form.submit, TITLE),
        "callback_id": identifier(form.id),
        "private_metadata": identifier(form.state, METADATA) if form.state else "",
    }


def opened(view: dict[str, Any]) -> tuple[str, str]:
    """Which form a view holds: its id and its state."""
    return view["callback_id"], view.get("private_metadata", "")


def field_errors(reply: FieldErrors) -> dict[str, str]:
    """Errors by block id. One that belongs to no input drawn stands at the first: Slack refuses
    the whole response for a block id that it does not know. The form must have an input."""
    drawn = [
        block["block_id"]
        for item in reply.form.inputs
        for block in input_blocks(item)
        if block["type"] == "input"
    ]
    errors: dict[str, str] = {}
    for field, text in reply.errors:
        block_id = field if field in drawn else drawn[0]
        errors[block_id] = shortened(f"{errors[block_id]} {text}" if block_id in errors else text, ERROR)
    return errors


def details(reply: Details) -> Drawn:
    """A card in a modal of its own, for the person alone."""
    card = reply.card
    if units(card.title) <= TITLE:
        card = card.model_copy(update={"title": ""})
    blocks = fitted(list(card_pieces(card)), fits_view, *small(MORE))
    return _view(reply.card.title, blocks or title(reply.card.title), close="Close")


def home(reply: Home) -> Drawn:
    """The App Home: the same cards, with twice the room of a message."""
    blocks = fitted(cards_pieces(reply.cards), fits_view, *small(MORE))
    return {"type": "home", "blocks": blocks or small(NOTHING)}


def _message(pieces: list[Piece], titles: Sequence[str]) -> Drawn:
    said = " · ".join(text for text in titles if text.strip())
    return {
        "text": _escaped(shortened(said or NAME, FALLBACK)),
        "blocks": fitted(pieces, fits_message, *small(MORE)),
        **NOTHING_SHOWN,
    }


def _view(name: str, blocks: list[Drawn], *, close: str) -> Drawn:
    return {
        "type": "modal",
        "title": plain(name if name.strip() else NAME, TITLE),
        "close": plain(close, TITLE),
        "blocks": blocks,
    }


def _escaped(text: str) -> str:
    """For the one place Slack parses: `<!channel>` in a fallback text would call everyone."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
