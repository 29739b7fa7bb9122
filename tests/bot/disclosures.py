"""Disclosures, and what the tests of SAFEGUARDING ask of whatever is said to them."""

import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path

from bot.cards import (
    Card,
    Form,
    OpenForm,
    Reply,
    UpdateForm,
)
from bot.people import Contacts
from bot.workflows.definition import Field
from tests.school import Player, Stage, form_of

ROOT = Path(__file__).resolve().parents[2]
SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")
EMERGENCY = "She has just taken all of her mum's tablets"
DISCLOSURE = "A girl in my class told me her uncle touches her and she is scared to go home"
STAFF = "A teacher is sending a Year 10 girl private messages at night asking for photos"
TYPED = "zyxomma"
"""A word that stands nowhere else: where it is found, what was typed is found."""
NIGHT = datetime(2026, 11, 9, 22, 0, tzinfo=UTC)
UNBLOCK = {
    "url": "https://example.org/volcano",
    "content": "A film about volcanoes.",
    "reasons": "Geography in year 5.",
    "risks": "Adverts: I load it before the lesson.",
    "for_pupils": "no",
}
SEEN = {"url": "https://example.org/horrid", "nature": "Violent pictures."}


def first_of(reply: Reply) -> Card:
    """The card that is seen first."""
    cards = reply.before if isinstance(reply, OpenForm | UpdateForm) else getattr(reply, "cards", ())
    assert cards, f"nothing is said first in {reply}"
    return cards[0]


def is_safety(reply: Reply) -> bool:
    """Whether a safety card comes first."""
    return first_of(reply).mood == "safety"


def handle(player: Player, kind: type, **values: object) -> Reply:
    """Something the platform passes on."""
    return player.stage.clerk.assistant.handle(kind(id=str(uuid.uuid4()), who=player.who, **values))


def opened(player: Player, command: str) -> Form:
    """A form past its gates."""
    form = form_of(player.calls(command))
    if gates := {item.id: "no" for item in form.inputs if item.id in ("danger", "image")}:
        form = form_of(player.sends(form, **gates))
    return form


def nobody_was_told(stage: Stage) -> bool:
    """Whether nothing waits to be sent, and nobody has been sent anything."""
    stage.deliver()
    return all(not stage[user].feed() for user in stage.players)


def entered(given: Contacts) -> Contacts:
    """The contacts as a school would have entered them."""
    return given.model_validate(
        json.loads(re.sub(r"01632 960 \d{3}", "020 7123 4567", given.model_dump_json()))
        | {"fictional": False}
    )


def free_inputs(fields: tuple[Field, ...]) -> list[str]:
    """Ids of everything in which somebody can type their own words."""
    typed = [f.id for f in fields if f.kind in ("text", "long_text", "lines", "address", "addresses")]
    return [*typed, *(f"{f.id}.{o.value}" for f in fields for o in f.options if o.detail)]
