"""Cards and their parts as Adaptive Card 1.5 elements. Pure; forms are in `inputs.py`, whole replies
in `render.py`.

Words stand in `RichTextBlock`, whose runs know no markdown on any platform (learn.microsoft.com,
"Text features"; a backslash in a `TextBlock` is no help, since Teams on a telephone shows it).
It always wraps. Runs still expand `{{DATE(...)}}`, each by itself, so the two braces are put in
two runs and the words stay as they were typed.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from adapters.fitting import Drawn, Piece
from adapters.wording import is_web_page, labelled, quoted, warned
from bot.cards import Button, Card, Facts, Link, Mood, Part, Quote, Text

ACTIONS = 6
"""Teams shows no more in one row (PLATFORM.md)."""

Surface = Literal["message", "form", "dialog"]
"""Where a card stands: alone in a chat, with inputs in a chat, or in a dialog, which knows
`Action.Submit` only and opens no second dialog."""

_NO_MARKUP = re.compile(r"(?:[✔✘●▲○] )?[^\W\d_](?:[^\W_]|[ ,;:!?'/\u2019\u2013\u2026]|-(?=\w))*")
"""A title in which no Teams client can see markdown, nor a list at its beginning."""
_STYLES: dict[Mood, str] = {
    "plain": "default", "safety": "attention", "waiting": "accent", "good": "good", "bad": "warning",
}  # fmt: skip
_TONES: dict[str, Drawn] = {
    "plain": {}, "strong": {"weight": "Bolder"}, "quiet": {"isSubtle": True},
    "warning": {"weight": "Bolder"},
}  # fmt: skip
# No colour for warnings: Teams' dark theme draws `Attention` at a contrast of 3.2, and the sign says it.


def words(text: str, **style: Any) -> list[Drawn]:
    """Runs that show `text` as it was typed."""
    return [{"type": "TextRun", "text": run, **style} for run in re.split(r"(?<=\{)(?=\{)", text) if run]


def rich(runs: Sequence[Drawn], **layout: Any) -> Drawn:
    """Runs as a paragraph."""
    return {"type": "RichTextBlock", "inlines": list(runs), **layout}


def paragraph(text: str, tone: str = "plain", **layout: Any) -> list[Drawn]:
    """Words in a tone."""
    if not text.strip():
        return []
    return [rich(words(warned(text) if tone == "warning" else text, **_TONES[tone]), **layout)]


def caption(text: str) -> str:
    """A label, choice or placeholder, which hosts may or may not read as markdown: a word joiner,
    which nobody sees, keeps `[a](b)` from being a link and `{{` from being a function."""
    return re.sub(r"(?<=\])(?=\()|(?<=\{)(?=\{)", "\u2060", text)


def heading(text: str, mood: Mood = "plain", *, first: bool = True) -> list[Drawn]:
    """A title on its card's colour. Screen readers hear a heading wherever the words allow one."""
    if not text.strip():
        return []
    if _NO_MARKUP.fullmatch(text):
        title = {"type": "TextBlock", "text": text, "style": "heading", "weight": "Bolder", "wrap": True}
    else:
        title = rich(words(text, weight="Bolder", size="Large"))
    return [{"type": "Container", "style": _STYLES[mood], "separator": not first, "items": [title]}]


def part_elements(part: Part) -> list[Drawn]:
    """One part of a card."""
    match part:
        case Text():
            return paragraph(part.text, part.tone)
        case Quote():
            return [
                *paragraph(quoted(part), separator=not part.restated),
                *paragraph(part.citation, "quiet", spacing="Small"),
            ]
        case Facts():
            return [rich(_fact(*row), spacing="Small") for row in part.rows]
        case Link():
            return [rich([*words(f"{part.label}: "), *_address(part)])]


def button_elements(
    buttons: Sequence[Button], surface: Surface, opens: frozenset[str], toggle: str
) -> list[Drawn]:
    """Rows of at most six. More than six stand in hidden rows under "More", whose id begins with `toggle`."""
    actions = [_action(button, surface, opens) for button in buttons]
    if not actions:
        return []
    if len(actions) <= ACTIONS:
        return [{"type": "ActionSet", "actions": actions}]
    shown, hidden = actions[: ACTIONS - 1], actions[ACTIONS - 1 :]
    rows: list[Drawn] = [
        {
            "type": "ActionSet",
            "id": f"{toggle}-{start}",
            "isVisible": False,
            "actions": hidden[start : start + ACTIONS],
        }
        for start in range(0, len(hidden), ACTIONS)
    ]
    more = {
        "type": "Action.ToggleVisibility",
        "title": f"More ({len(hidden)})",
        "targetElements": [row["id"] for row in rows],
    }
    return [{"type": "ActionSet", "actions": [*shown, more]}, *rows]


def acting(title: str, verb: str, data: Drawn, surface: Surface, **look: Any) -> Drawn:
    """An action: `Action.Execute` with an `Action.Submit` fallback, in a dialog the latter alone."""
    submit = {"type": "Action.Submit", "title": title, "data": data, **look}
    if surface == "dialog":
        return submit
    return {**submit, "type": "Action.Execute", "verb": verb, "fallback": submit}


def card_pieces(
    card: Card, position: int = 0, surface: Surface = "message", opens: frozenset[str] = frozenset()
) -> Iterator[Piece]:
    """A card's elements. A safety card is kept whole; of others, title and buttons outlast the parts."""
    frame, filling = (0, 0) if card.mood == "safety" else (1, 2)
    yield from (Piece(drawn, frame) for drawn in heading(card.title, card.mood, first=position == 0))
    yield from (Piece(drawn, filling) for part in card.parts for drawn in part_elements(part))
    rows = button_elements(card.buttons, surface, opens, f"more-{position}")
    yield from (Piece(drawn, frame) for drawn in rows)


def cards_pieces(
    cards: Sequence[Card], surface: Surface = "message", opens: frozenset[str] = frozenset()
) -> list[Piece]:
    """Cards from top to bottom."""
    return [piece for at, card in enumerate(cards) for piece in card_pieces(card, at, surface, opens)]


def _action(button: Button, surface: Surface, opens: frozenset[str]) -> Drawn:
    data: Drawn = {"action": button.action, "target": button.target, "version": button.version}
    look: Drawn = {"primary": {"style": "positive"}, "danger": {"style": "destructive"}}.get(button.style, {})
    if surface != "message":
        look = {**look, "associatedInputs": "none"}
    if surface != "dialog" and button.action in opens:
        return {
            "type": "Action.Submit", "title": button.label,
            "data": {**data, "msteams": {"type": "task/fetch"}}, **look,
        }  # fmt: skip
    return acting(button.label, button.action, data, surface, **look)


def _fact(label: str, value: str) -> list[Drawn]:
    """A label and its value. Not a `FactSet`, whose values are markdown."""
    return [*words(labelled(label), weight="Bolder"), *words(value)]


def _address(link: Link) -> list[Drawn]:
    """An address shown whole."""
    if is_web_page(link.url):
        return words(link.shown, selectAction={"type": "Action.OpenUrl", "url": link.url})
    return words(link.shown)
