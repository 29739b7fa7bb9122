"""Cards, forms and replies as HTML. Pure: the same words give the same markup.

Everything someone wrote passes through Jinja's autoescape; no template marks anything safe.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.web import assets
from adapters.web.cast import Playhouse, Visitor
from bot.cards import (
    Card,
    Choice,
    Details,
    Facts,
    FieldErrors,
    Form,
    Home,
    Link,
    Message,
    OpenForm,
    Redraw,
    Reply,
    Results,
    Shown,
    UpdateForm,
)

FOLLOWED = ("https", "http", "tel", "mailto")
"""Schemes of links that may be followed; a link of any other is shown as text."""

Command = tuple[str, str, str]
"""(command, title, summary), without the slash."""


@dataclass(frozen=True)
class Drawn:
    """A reply for the page's script: what `html` is, and so where it goes.

    `log`: cards to add to the conversation. `form`: the dialog's form, new or replaced. `errors`:
    the same form with what is wrong. `card`: instead of the card that was pressed. `details`: a
    card in a dialog of its own. `say` is read out and shown for a moment.
    """

    target: Literal["log", "form", "errors", "card", "details"]
    html: str
    say: str = ""

    def as_json(self) -> dict[str, str]:
        """What the page's script reads."""
        return asdict(self)


def reply(given: Shown) -> Drawn:
    """Any reply of the clerk that is no file."""
    match given:
        case Message(cards=shown) | Home(cards=shown):
            return Drawn("log", cards(shown))
        case Results(title=title, cards=shown, older=older):
            return Drawn("log", _draw("results.html", title=title, cards=shown, older=older))
        case OpenForm(form=shown_form, before=before) | UpdateForm(form=shown_form, before=before):
            return Drawn("form", form(shown_form, before))
        case FieldErrors(form=shown_form, errors=errors):
            return Drawn("errors", form(shown_form, errors=errors))
        case Redraw(card=shown_card, notice=notice):
            return Drawn("card", cards((shown_card,)), notice)
        case Details(card=shown_card):
            return Drawn("details", cards((shown_card,)))


def cards(shown: Sequence[Card]) -> str:
    """Cards from top to bottom: of a message, or of the feed."""
    return _draw("cards.html", cards=shown)


def form(shown: Form, before: Sequence[Card] = (), errors: Sequence[tuple[str, str]] = ()) -> str:
    """A form, after the cards that come first. `errors` are (input or detail id, what is wrong)."""
    wrong = {field.id: field.error for field in shown.inputs if field.error} | dict(errors)
    return _draw("form.html", form=shown, before=before, errors=wrong, labels=_labels(shown))


def playground(houses: Sequence[Playhouse]) -> str:
    """The page on which a visitor chooses who to be."""
    return _draw("playground.html", houses=houses)


def clerk(
    visitor: Visitor,
    *,
    commands: Sequence[Command],
    home: Reply,
    feed: Sequence[Card],
    mark: str,
) -> str:
    """The clerk for this person: conversation and requests. `mark` is the feed's when it was read.
    What stands in the feed is not said a second time in the conversation."""
    welcome = [card for card in home.cards if card not in feed] if isinstance(home, Home | Message) else []
    return _draw(
        "clerk.html",
        visitor=visitor,
        commands=commands,
        welcome=welcome,
        feed=feed,
        mark=mark,
    )


def signposts(shown: Sequence[Card], sign_in: bool = False) -> str:
    """What someone sees who has not signed in: where to turn, and how to sign in, or that it is elsewhere."""
    return _draw("signposts.html", cards=shown, sign_in=sign_in)


def problem(words: str) -> str:
    """A page that says what went wrong."""
    return _draw("problem.html", words=words)


def key(card: Card) -> str:
    """Which card this is, from one drawing to the next: the request its buttons act on, or else its title.
    A target may name a stage after a slash (`request/stage`); the card is the request's in any stage."""
    target = next((button.target for button in card.buttons if button.target), "")
    return target.partition("/")[0] or f"title-{_digest(card.title)}"


def digest(card: Card) -> str:
    """Changes when anything of the card does, its buttons' versions included."""
    return _digest(card.model_dump_json())


def news(card: Card) -> str:
    """Changes when a reader would see a difference: a new version of the same words is none."""
    return _digest(card.model_copy(update={"buttons": ()}).model_dump_json())


def detail(choice: Choice, value: str) -> str:
    """What was typed into an option's detail input, under its own id or its option's value."""
    typed = dict(choice.details)
    return typed.get(f"{choice.id}.{value}", typed.get(value, ""))


def follows(link: Link) -> bool:
    """Whether the link's address is one a browser may be sent to."""
    try:
        return urlsplit(link.url).scheme.lower() in FOLLOWED
    except ValueError:
        return False


def wordy(facts: Facts) -> bool:
    """Whether a label is too long to stand beside its value where there is little room."""
    return any(len(label) > 18 for label, _ in facts.rows)


def element(name: str) -> str:
    """An input's id as an element's: whatever a selector or a list of ids would misread, as its code."""
    return "f-" + re.sub(r"[^A-Za-z0-9_-]", lambda odd: f"-{ord(odd[0]):x}-", name)


def _labels(shown: Form) -> dict[str, str]:
    """What each input and each option's detail is called, by its id."""
    labels = {field.id: field.label for field in shown.inputs}
    for choice in shown.inputs:
        if isinstance(choice, Choice):
            labels |= {
                f"{choice.id}.{option.value}": option.detail for option in choice.options if option.detail
            }
    return labels


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals.update(asset=assets.address)
_ENVIRONMENT.filters.update(
    {words.__name__: words for words in (key, digest, news, detail, follows, wordy, element)}
)
_ENVIRONMENT.tests.update(kind=lambda thing, name: type(thing).__name__ == name)


def _draw(template: str, **words: object) -> str:
    return _ENVIRONMENT.get_template(template).render(**words)
