"""Cards and their parts as Slack blocks. Pure; forms are in `inputs.py`, whole replies in `render.py`.

Words never meet Slack's markup: they stand in `plain_text` objects or in `text` elements of
`rich_text`, neither of which Slack parses for mentions, links, asterisks or `:emoji:`
(docs.slack.dev, "Text object" and "Rich text block"). So `<!channel>` shows as it was typed
and calls nobody. Lengths are those of PLATFORM.md.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from adapters.fitting import Drawn, Piece, shortened, split, units
from adapters.wording import is_web_page, labelled, quoted, warned
from bot.cards import Button, Card, Facts, Link, Part, Quote, Text

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 245_000
"""Of its blocks; 250 KB of the whole view are refused."""
MESSAGE_CHARACTERS = 12_500
"""Of the blocks' JSON. About 13,000 fail in practice, below the documented limits."""
HEADER, TEXT, CONTEXT = 150, 3000, 2000
BUTTONS_IN_A_ROW, BUTTON_TEXT, BUTTON_VALUE, IDENTIFIER = 25, 75, 2000, 255


def plain(text: str, limit: int) -> Drawn:
    """A text object shown as typed. `emoji` off, or `:smile:` would become a picture."""
    return {"type": "plain_text", "text": shortened(text, limit), "emoji": False}


def paragraph(text: str, *, bold: bool = False) -> list[Drawn]:
    """Words of any length, in as many blocks as they need."""
    return _flowing([_run(text, bold=bold)]) if text.strip() else []


def small(text: str) -> list[Drawn]:
    """Quiet words, in as many blocks as they need."""
    return [{"type": "context", "elements": [plain(part, CONTEXT)]} for part in _visible(text, CONTEXT)]


def warning(text: str) -> list[Drawn]:
    """Words that must be noticed."""
    return paragraph(warned(text), bold=True) if text.strip() else []


def title(text: str) -> list[Drawn]:
    """A heading; one longer than a header block may be becomes bold text."""
    if not text.strip():
        return []
    if units(text) > HEADER:
        return paragraph(text, bold=True)
    return [{"type": "header", "text": plain(text, HEADER)}]


def part_blocks(part: Part) -> list[Drawn]:
    """One part of a card."""
    match part:
        case Text():
            return _text(part)
        case Quote():
            return _quote(part)
        case Facts():
            return _flowing([run for row in part.rows for run in _fact(*row)])
        case Link():
            return _flowing([_run(f"{part.label}: "), _address(part)])


def button_blocks(buttons: Sequence[Button]) -> list[Drawn]:
    """Rows of buttons; a label too long for its button is written out above it."""
    written_out = [
        block for button in buttons if units(button.label) > BUTTON_TEXT for block in small(button.label)
    ]
    rows = [buttons[start : start + BUTTONS_IN_A_ROW] for start in range(0, len(buttons), BUTTONS_IN_A_ROW)]
    return written_out + [
        {"type": "actions", "elements": [_button(button, at) for at, button in enumerate(row)]}
        for row in rows
    ]


def pressed(action_payload: dict[str, Any]) -> tuple[str, str, int]:
    """What a button of ours said: action, target, version. Raises KeyError or ValueError for another's."""
    action, _, _ = action_payload["action_id"].rpartition(".")
    value = json.loads(action_payload["value"])
    return action, str(value["target"]), int(value["version"])


def as_drawn(shown: Iterable[Any]) -> tuple[Drawn, ...]:
    """The blocks that a message or view shows, as Slack says. TypeError or KeyError where those are none: some are
    drawn again."""
    return tuple({**block, "type": block["type"]} for block in shown)


def card_pieces(card: Card, *, divided: bool = False) -> Iterator[Piece]:
    """A card's blocks. A safety card is kept whole; of others, title and buttons outlast the parts."""
    frame, filling = (0, 0) if card.mood == "safety" else (1, 2)
    if divided:
        yield Piece({"type": "divider"}, filling)
    yield from (Piece(block, frame) for block in title(card.title))
    yield from (Piece(block, filling) for part in card.parts for block in part_blocks(part))
    yield from (Piece(block, frame) for block in button_blocks(card.buttons))


def cards_pieces(cards: Sequence[Card]) -> list[Piece]:
    """Cards from top to bottom, with a line between."""
    return [piece for at, card in enumerate(cards) for piece in card_pieces(card, divided=at > 0)]


def fits_message(blocks: list[Drawn]) -> bool:
    """Within what one message holds."""
    return len(blocks) <= MESSAGE_BLOCKS and units(_json(blocks)) <= MESSAGE_CHARACTERS


def fits_view(blocks: list[Drawn]) -> bool:
    """Within what a modal or a home holds."""
    return len(blocks) <= VIEW_BLOCKS and len(_json(blocks).encode()) <= VIEW_BYTES


def identifier(value: str, limit: int = IDENTIFIER) -> str:
    """`value`, which shortened would mean something else; ValueError where Slack would refuse it."""
    if not 0 < units(value) <= limit:
        raise ValueError(f"Slack takes identifiers of 1 to {limit} characters, not {units(value)}")
    return value


def _button(button: Button, position: int) -> Drawn:
    """Ids within a row must differ, hence the position after the action."""
    value = _json({"target": button.target, "version": button.version})
    drawn = {
        "type": "button",
        "text": plain(button.label, BUTTON_TEXT),
        "action_id": identifier(f"{button.action}.{position}"),
        "value": identifier(value, BUTTON_VALUE),
    }
    return drawn if button.style == "plain" else {**drawn, "style": button.style}


def _text(part: Text) -> list[Drawn]:
    match part.tone:
        case "quiet":
            return small(part.text)
        case "warning":
            return warning(part.text)
        case _:
            return paragraph(part.text, bold=part.tone == "strong")


def _quote(part: Quote) -> list[Drawn]:
    """A clause and where it stands."""
    if part.restated:
        return [*paragraph(quoted(part)), *small(part.citation)]
    said = [_rich("rich_text_quote", [_run(words)]) for words in split(quoted(part), TEXT)]
    return [*said, *small(part.citation)]


def _fact(label: str, value: str) -> list[Drawn]:
    """A label and its value, on lines of their own."""
    return [_run(labelled(label), bold=True), _run(f"{value}\n")]


def _address(link: Link) -> Drawn:
    """An address shown whole."""
    if is_web_page(link.url) and units(link.url) <= TEXT:
        return {"type": "link", "url": link.url, "text": link.shown}
    return _run(link.shown)


def _run(text: str, *, bold: bool = False) -> Drawn:
    run: Drawn = {"type": "text", "text": text}
    return {**run, "style": {"bold": True}} if bold else run


def _rich(kind: str, runs: list[Drawn]) -> Drawn:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": runs}]}


def _flowing(runs: Sequence[Drawn]) -> list[Drawn]:
    """Runs of words in blocks of at most `TEXT`, each run split where it is longer."""
    blocks: list[list[Drawn]] = []
    room = 0
    for run in runs:
        for words in split(run["text"], TEXT):
            if units(words) > room:
                blocks.append([])
                room = TEXT
            blocks[-1].append({**run, "text": words})
            room -= units(words)
    return [_rich("rich_text_section", block) for block in blocks]


def _visible(text: str, limit: int) -> list[str]:
    """`text` in parts, without those Slack would refuse as empty."""
    return [part for part in split(text, limit) if part.strip()]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
