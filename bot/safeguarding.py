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


def safety_card(school: School, found: Triage, buttons: tuple[Button, ...] = ()) -> Card:
    """The card for a level: action first, then people and numbers, then what this chat is not.

    `buttons`: the one right form, where this school has it and the person is not in a form already.
    """
    image: tuple[Part, ...] = (Text(text=IMAGE_RULE, tone="strong"),) if found.image else ()
    match found.level:
        case "emergency":
            title = "If anyone is in danger now: call 999"
            first: tuple[Part, ...] = (Link(label="Call 999", url="tel:999"), *image)
            people = _for_a_child(school, found.about_head, "Then ring or find the")
        case "dsl":
            title = "Tell your safeguarding lead now"
            first = (Text(text=DANGER), *image)
            people = (*_for_a_child(school, found.about_head, "Ring or find the"), Text(text=DO_NOT))
        case "headteacher":
            title = "Tell the chair, not the head" if found.about_head else _about_staff_title(school)
            first = (Text(text=DANGER), *image)
            people = (*_about_staff(school, found.about_head), Text(text=WELCOME))
    parts = (*first, *people, Text(text=NOT_A_RECORD, tone="quiet"))
    return Card(title=title, parts=parts, buttons=buttons, mood="safety")


def image_card(school: School) -> Card:
    """What ends a report that might concern a sexual image of someone under 18 (must 4)."""
    parts: tuple[Part, ...] = (
        Text(text=IMAGE_RULE, tone="strong"),
        *_for_a_child(school, False, "Ring or find the"),
        Text(text="Is an adult sharing it? The police must know at once:"),
        Link(label="Call 999", url="tel:999"),
        *(_at(service) for service in national_services() if service.name in IMAGE_SERVICES),
        Text(text="This form has been closed. Nothing was sent or kept. " + NOT_A_RECORD, tone="quiet"),
    )
    return Card(title="Stop. Tell your safeguarding lead at once", parts=parts, mood="safety")


def signposts(school: School | None = None) -> Card:
    """Who to go to, for anyone, on any list or none."""
    people = _for_a_child(school, False, "Ring or find the") if school else ()
    parts = (*people, *map(_at, national_services()))
    return Card(title="Worried about a child?", parts=parts, mood="safety")


def urgent_line(school: School) -> Text:
    """The calm line under an answer when it is not clear whether a real child is meant."""
    dsl = school.contacts.dsl
    return Text(
        text=f"If this is about a real child, tell the {_lower(dsl.title)} now: {dsl.phone}.", tone="warning"
    )


def urgent_parts(school: School) -> tuple[Part, ...]:
    """What stands above every way of reporting: 999, and the safeguarding lead's number."""
    return (
        Text(text=DANGER, tone="warning"),
        Link(label="Call 999", url="tel:999"),
        _ring(school.contacts.dsl),
    )


def reminded(card: Card, school: School) -> Card:
    """The card with the calm line under it, once."""
    line = urgent_line(school)
    return card if line in card.parts else card.model_copy(update={"parts": (*card.parts, line)})


@cache
def national_services() -> tuple[Service, ...]:
    """999, 101, then the national helplines, from `services.yaml`."""
    return Source.read(Path(__file__).with_name("services.yaml")).validated(Services).services


DANGER = "If anyone is in danger now, call 999."
IMAGE_RULE = "Do not view, copy, print, forward, save or screenshot the image. Ask nobody to show it to you."
IMAGE_SERVICES = ("Internet Watch Foundation", "Report Remove")
DO_NOT = "Do not promise to keep it secret. Do not look into it yourself."
WELCOME = (
    "Any worry about staff is welcome, however small. You do not have to be sure. It can be about yourself."
)
NOT_A_RECORD = (
    "No one watches this chat. No one has been told. This is not a record: "
    "write down what happened in your school's safeguarding system."
)
_HEAD_TITLE = re.compile(r"head ?teacher|head of school|principal", re.IGNORECASE)


def _for_a_child(school: School, about_head: bool, action: str) -> tuple[Part, ...]:
    """DSL, deputies, senior leadership, children's social care: each when the one before is not to be had.

    When the head is spoken of, the head is not named, in whatever role: the chair stands in their place.
    """
    contacts = school.contacts
    first = contacts.dsl
    leaders = contacts.headteacher
    if about_head:
        leaders = contacts.chair
        if _HEAD_TITLE.search(first.title):
            first = contacts.chair
    rest = (*contacts.deputies, leaders, contacts.social_care, contacts.out_of_hours)
    return (
        Text(text=f"{action} {_lower(first.title)}:"),
        _ring(first),
        Text(text="Not there? Do not wait. Try, in this order:"),
        *(_ring(contact) for contact in rest if contact != first),
    )


def _about_staff_title(school: School) -> str:
    return "Tell the safeguarding lead or the head" if school.conduct_to_dsl else "Tell the head"


def _about_staff(school: School, about_head: bool) -> tuple[Part, ...]:
    """The head; about the head, the chair; in a conflict of interest, the local authority (must 5)."""
    contacts = school.contacts
    lado = (Text(text="Not right for you to tell them? Ring the local authority:"), _ring(contacts.lado))
    if about_head:
        return (_ring(contacts.chair), *lado)
    to: tuple[Part, ...] = (_ring(contacts.headteacher),)
    if school.conduct_to_dsl:
        to = (
            Text(text="Your school's policy says:"),
            _ring(contacts.dsl),
            *(_ring(contact) for contact in contacts.deputies),
            Text(text="National guidance says:"),
            _ring(contacts.headteacher),
        )
    return (
        *to,
        Text(text="Is it about the head? Tell the chair, not the head:"),
        _ring(contacts.chair),
        *lado,
    )


def _at(service: Service) -> Link:
    label = f"{service.name}{': ' + service.use if service.use else ''}"
    return Link(label=label, url=_tel(service.phone) if service.phone else service.url)


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
    """As it stands inside a sentence; `Head of School` and `DSL` keep their capitals."""
    return title if any(letter.isupper() for letter in title[1:]) else title.lower()
