"""What is said first: what to do, then whom to ring, from the school's own settings.

SAFEGUARDING outranks answers, forms and looks. `triage.py` says when a card is called for.
"""

import re
from datetime import date
from functools import cache
from pathlib import Path

from bot.cards import Button, Card, Link, Part, Text
from bot.model import Model
from bot.people import Contact, School
from bot.triage import Triage
from bot.yamlfile import Source


class Service(Model):
    """A national service. `checked`: the day somebody last saw that this still holds."""

    name: str
    use: str = ""
    phone: str = ""
    url: str = ""
    checked: date | None = None


class Services(Model):
    """The file of them."""

    services: tuple[Service, ...]


def safety_card(school: School, found: Triage) -> Card:
    """The card for a level: action first, then people and numbers, then what this chat is not."""
    match found.level:
        case "emergency":
            title, people = "If anyone is in danger now: call 999", _dsl_first(school)
        case "dsl":
            title, people = "Tell your safeguarding lead now", _dsl_first(school)
        case "headteacher":
            title, people = _about_staff(school, found.about_head)
    image = (Text(text=IMAGE_RULE, tone="strong"),) if found.image else ()
    call = (Link(label="Call 999", url="tel:999"),) if found.level == "emergency" else ()
    return Card(
        title=title, parts=(*call, *image, *people, Text(text=NOT_A_RECORD, tone="quiet")), mood="safety"
    )


def image_card(school: School) -> Card:
    """What ends a report that might concern a sexual image of someone under 18 (must 4)."""
    parts: tuple[Part, ...] = (
        Text(text=IMAGE_RULE, tone="strong"),
        *_dsl_first(school),
        Text(text="If an adult is sharing such images, the police must be told urgently: ring 999."),
        Text(text="This form has been closed. Nothing was sent or kept. " + NOT_A_RECORD, tone="quiet"),
    )
    return Card(title="Stop here, and tell your safeguarding lead at once", parts=parts, mood="safety")


def signposts(school: School | None = None) -> Card:
    """Who to go to, for anyone, on any list or none."""
    people = _dsl_first(school) if school else ()
    parts: list[Part] = [*people]
    for service in national_services():
        label = f"{service.name}{': ' + service.use if service.use else ''}"
        if service.phone:
            parts.append(Link(label=label, url=_tel(service.phone)))
        else:
            parts.append(Link(label=label, url=service.url))
    return Card(title="Worried about a child?", parts=tuple(parts), mood="safety")


def urgent_line(school: School) -> Text:
    """The calm line under an answer when it is not clear whether a real child is meant."""
    dsl = school.contacts.dsl
    return Text(
        text=f"If this is about a real child, tell the {_lower(dsl.title)} now: {dsl.phone}.", tone="warning"
    )


@cache
def national_services() -> tuple[Service, ...]:
    """999, 101, then the national helplines, from `services.yaml`."""
    return Source.read(Path(__file__).with_name("services.yaml")).validated(Services).services


IMAGE_RULE = "Do not view, copy, print, forward, save or screenshot the image. Ask nobody to show it to you."
NOT_A_RECORD = (
    "Nobody watches this chat, nobody has been told, and it is not a record. "
    "Write down what happened in your school's safeguarding system."
)


def _dsl_first(school: School) -> tuple[Part, ...]:
    """DSL, deputies, senior leadership, children's social care: each when the one before is not to be had."""
    contacts = school.contacts
    return (
        Text(text=f"Ring or find the {_lower(contacts.dsl.title)}:"),
        _ring(contacts.dsl),
        Text(text="Not there? Do not wait. Try, in this order:"),
        *(_ring(contact) for contact in contacts.deputies),
        _ring(contacts.headteacher),
        _ring(contacts.social_care),
        _ring(contacts.out_of_hours),
    )


def _about_staff(school: School, about_head: bool) -> tuple[str, tuple[Part, ...]]:
    contacts = school.contacts
    lado = (
        Text(text="If telling them would be a conflict of interest, ring the local authority:"),
        _ring(contacts.lado),
    )
    if about_head:
        return "Tell the chair, not the head", (_ring(contacts.chair), *lado)
    welcome = Text(text="Any worry about a colleague, however small, is welcome. You do not have to be sure.")
    return (
        "Tell the head",
        (
            _ring(contacts.headteacher),
            Text(text="If it is about the head, tell the chair:"),
            _ring(contacts.chair),
            *lado,
            welcome,
        ),
    )


def concern_button(has_form: bool) -> tuple[Button, ...]:
    """The one right form, where this school has it."""
    return (Button(action="start", target="report-concern", label="Report a concern"),) if has_form else ()


def _ring(contact: Contact) -> Part:
    if not contact.phone:
        return Text(text=f"{contact.title} (your school has not entered a number here yet)")
    note = f" ({contact.note})" if contact.note else ""
    return Link(label=f"{contact.title}{note}", url=_tel(contact.phone))


def _tel(phone: str) -> str:
    """Hyphens keep the groups apart for a reader and are nothing to a telephone (RFC 3966)."""
    return "tel:" + re.sub(r"[^\d+]+", "-", phone.strip())


def _lower(title: str) -> str:
    return title[0].lower() + title[1:] if title[1:2].islower() else title
