"""The clerk's replies as Slack messages and views. Pure: no Slack client, no clock, no store.

`message`, `results` and `notice` give what `chat.postMessage` takes; `modal`, `details`, `shown`,
`question`, `loading` and `home` give views; `field_errors` gives the errors of a `view_submission`
response; `redrawn` puts a card in the place of one. `values`, `button` and `opened` read back what the
drawings carry.
"""

from collections.abc import Mapping, Sequence
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
from adapters.slack.inputs import HINT, LABEL, TYPED, input_blocks, suggestions, values
from adapters.slack.steps import previous
from adapters.wording import MORE, NAME, NOTHING
from bot.cards import Button, Card, Details, FieldErrors, Form, Home, Results

__all__ = [
    "QUESTION", "button", "details", "field_errors", "home", "inputs_of", "is_back", "loading", "message", "modal",
    "notice", "opened", "question", "redrawn", "results", "shown", "suggestions", "values",
]  # fmt: skip

TITLE, FALLBACK, ERROR, METADATA = 24, 300, 2000, 3000
QUESTION = "policyclerk-question"
"""The box that asks the clerk: its modal, the input in it, and the one in the home. No school's procedure has
this name: theirs are commands."""
BACK = Button(action="policyclerk-back", label="Back")
"""To the step before, with what has been filled in. Only Slack has steps: the clerk knows nothing of it."""
ASK = "Ask the clerk"
ASK_HINT = "In your own words. Leave names out. This is not a record, and no one watches it."
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
        *(Piece(block, 0) for block in (button_blocks((BACK,)) if previous(form.state) else [])),
        *(Piece(block, 0) for block in (small(form.submit) if units(form.submit) > TITLE else [])),
    ]
    blocks = fitted(pieces, fits_view, *small(MORE))
    shortened_form = blocks != [piece.drawn for piece in pieces]
    if shortened_form and not fits_view([piece.drawn for piece in pieces if piece.keep == 0] + small(MORE)):
        raise ValueError(f"form {form.id} is more than a Slack modal holds: split it into steps")
    return {
        **_view(form.title, blocks, close="Cancel"),
        "submit": plain(form.submit, TITLE),
        "callback_id": identifier(form.id),
        "private_metadata": identifier(form.state, METADATA) if form.state else "",
    }


def opened(view: dict[str, Any]) -> tuple[str, str]:
    """Which form a view holds: its id and its state."""
    return view["callback_id"], view.get("private_metadata", "")


def is_back(used: dict[str, Any]) -> bool:
    """Whether what was used is the button to the step before."""
    return used["type"] == "button" and button(used)[0] == BACK.action


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


def inputs_of(view: Mapping[str, Any]) -> set[str]:
    """The inputs a view shows: Slack takes errors for these alone."""
    return {block["block_id"] for block in view["blocks"] if block["type"] == "input"}


def details(reply: Details) -> Drawn:
    """A card in a modal of its own, for the person alone."""
    card = reply.card
    if units(card.title) <= TITLE:
        card = card.model_copy(update={"title": ""})
    blocks = fitted(list(card_pieces(card)), fits_view, *small(MORE))
    return _view(reply.card.title, blocks or title(reply.card.title), close="Close")


def shown(cards: Sequence[Card], name: str = NAME, notice: str = "", older: Button | None = None) -> Drawn:
    """Cards in a modal, where the person is in one already or has no conversation to read them in. Closing
    it closes what lies under it."""
    pieces = [
        *(Piece(block, 0) for block in paragraph(notice, bold=True)),
        *cards_pieces(cards),
        *(Piece(block, 0) for block in (button_blocks((older,)) if older else [])),
    ]
    blocks = fitted(pieces, fits_view, *small(MORE)) or small(NOTHING)
    return {**_view(name, blocks, close="Close"), "clear_on_close": True}


def loading(external_id: str = "") -> Drawn:
    """What stands there while the clerk is at work; `external_id` names it for the update that follows."""
    drawn = _view(NAME, paragraph("One moment…"), close="Close")
    return {**drawn, "external_id": identifier(external_id)} if external_id else drawn


def question() -> Drawn:
    """The modal that asks the clerk something."""
    box = {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": TYPED}
    return {
        **_view(ASK, [_box(QUESTION, box)], close="Cancel"),
        "submit": plain("Ask", TITLE),
        "callback_id": QUESTION,
    }


def home(reply: Home, fresh: str = "") -> Drawn:
    """The App Home: a box to ask in, then the cards, with twice the room of a message. A `fresh` name empties
    the box: Slack keeps what was typed in one that it knows."""
    box = {
        "type": "plain_text_input",
        "action_id": QUESTION,
        "max_length": TYPED,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    asking = Piece({**_box(f"{QUESTION}.{fresh}", box), "dispatch_action": True}, 0)
    blocks = fitted([asking, *cards_pieces(reply.cards)], fits_view, *small(MORE))
    return {"type": "home", "blocks": blocks if len(blocks) > 1 else [*blocks, *small(NOTHING)]}


def redrawn(blocks: Sequence[Mapping[str, Any]], block_id: str, card: Card) -> list[Drawn]:
    """The blocks of a message or view with `card` instead of the one whose button stands in `block_id`; of a
    list of cards the others stay. The card alone where they do not fit together, or there is no such block."""
    before, after = _around([dict(block) for block in blocks], block_id)
    alone = [piece.drawn for piece in card_pieces(card)]
    together = [*before, *alone, *after]
    return together if fits_message(together) else fitted(list(card_pieces(card)), fits_message, *small(MORE))


def _around(blocks: list[Drawn], block_id: str) -> tuple[list[Drawn], list[Drawn]]:
    """What stands before and after the card with that block: cards are parted by dividers."""
    at = next((n for n, block in enumerate(blocks) if block.get("block_id") == block_id), None)
    if at is None:
        return [], []
    lines = [n for n, block in enumerate(blocks) if block["type"] == "divider"]
    start = max((n + 1 for n in lines if n < at), default=0)
    end = min((n for n in lines if n > at), default=len(blocks))
    return blocks[:start], blocks[end:]


def _box(block_id: str, element: Drawn) -> Drawn:
    """The input in which something is asked."""
    return {
        "type": "input",
        "block_id": identifier(block_id),
        "label": plain("What would you like to know?", LABEL),
        "hint": plain(ASK_HINT, HINT),
        "element": element,
    }


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
