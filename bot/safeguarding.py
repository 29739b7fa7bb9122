"""What is said first: what to do, then whom to ring, from the school's own settings.

SAFEGUARDING outranks answers, forms and looks. `triage.py` says when a card is called for.
"""

import re
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path

from bot.cards import Button, Card, Link, Part, Quote, Text
from bot.model import Model
from bot.people import Contact, School
from bot.triage import Triage
from bot.yamlfile import Source


class Service(Model):
    """A national service. `checked`: the day somebody last saw that this still holds."""

    name: str
    use: str = ""
    hours: str = ""
    phone: str = ""
    url: str = ""
    checked: date | None = None


class Services(Model):
    """The file of them."""

    services: tuple[Service, ...]


def safety_card(
    school: School,
    found: Triage,
    *,
    closed: bool = False,
    clause: Quote | None = None,
    buttons: tuple[Button, ...] = (),
) -> Card:
    """The card for a level: action first, then people and numbers, then what this chat is not.

    `closed`: the school is, now. `clause`: what its policy says, for who has the time to read it. `buttons`:
    the one right form, where this school has it and the person is not in a form already.
    """
    image: tuple[Part, ...] = ()
    if found.image:
        image = (Text(text=IMAGE_RULE, tone="strong"), Text(text=BY_AN_ADULT))
    match found.level:
        case "emergency":
            title = "If anyone is in danger now: call 999"
            first: tuple[Part, ...] = (Link(label="Emergency services", url="tel:999"), *image)
            people = for_a_child(school, "Then ring or find the", found.about_head, closed)
            clause = None
        case "dsl":
            told = _first(school, found.about_head)
            lead = "your safeguarding lead" if told == school.contacts.dsl else f"the {_lower(told.title)}"
            title = f"Tell {lead} now"
            first = (Text(text=DANGER, tone="strong"), *image)
            people = for_a_child(school, "Ring or find the", found.about_head, closed)
            people = (*people, Text(text=DO_NOT))
        case "headteacher":
            title = "Tell the chair, not the head" if found.about_head else _about_staff_title(school)
            first = (Text(text=DANGER, tone="strong"), *image)
            people = (*_about_staff(school, found, closed), Text(text=WELCOME))
    parts = (*first, *people, Text(text=NOT_A_RECORD, tone="quiet"), *_invented(school))
    says = (Text(text="What your policy says:", tone="quiet"), clause) if clause else ()
    return Card(title=title, parts=(*parts, *says), buttons=buttons, mood="safety")


def in_a_form(card: Card) -> Card:
    """The card as it stands above a form: what was typed is kept, and sending is not blocked (must 11)."""
    return card.model_copy(update={"parts": (*card.parts, Text(text=KEPT, tone="quiet"))})


def image_card(school: School, closed: bool = False) -> Card:
    """What ends a report that might concern a sexual image of someone under 18 (must 4)."""
    parts: tuple[Part, ...] = (
        Text(text=IMAGE_RULE, tone="strong"),
        *for_a_child(school, "Ring or find the", False, closed),
        Text(text="Is an adult sharing it? The police must know at once:"),
        Link(label="Emergency services", url="tel:999"),
        *(_at(service) for service in national_services() if service.name in IMAGE_SERVICES),
        Text(text="This form has been closed. Nothing was sent or kept. " + NOT_A_RECORD, tone="quiet"),
        *_invented(school),
    )
    return Card(title="Stop. Tell your safeguarding lead at once", parts=parts, mood="safety")


def signposts(school: School | None = None) -> Card:
    """Who to go to, for anyone, on any list or none."""
    people = for_a_child(school, "Ring or find the") if school else ()
    parts = (*people, *map(_at, national_services()), *(_invented(school) if school else ()))
    return Card(title="Worried about a child?", parts=parts, mood="safety")


def urgent_line(school: School, about_head: bool = False) -> Text:
    """The calm line under an answer when it is not clear whether a real child is meant."""
    first = _first(school, about_head)
    number = f": {first.phone}" if first.phone else ""
    invented = " (an invented number)" if number and school.contacts.fictional else ""
    return Text(
        text=f"If this is about a real child, tell the {_lower(first.title)} now{number}{invented}.",
        tone="warning",
    )


def out_of_hours(school: School, opens: str, kept_out: Collection[str], about_head: bool) -> tuple[Part, ...]:
    """Of a receipt while the school is closed: when it is likely to be seen, and whom to ring (WORKFLOWS,
    requests about people). `kept_out`: titles of roles held by those it is kept from."""
    contacts = school.contacts
    seen = f"School is closed now. It goes out at once, but it may not be seen before {opens}."
    first = (contacts.chair, contacts.lado) if about_head else (contacts.dsl, *contacts.deputies)
    people = [c for c in (*first, contacts.out_of_hours) if c.title not in kept_out]
    return (
        Text(text=seen, tone="strong"),
        Text(text="If it cannot wait, ring, in this order:"),
        *(_ring(c) for c in people if not (about_head and _of_the_head(school, c))),
        *_invented(school),
    )


def urgent_parts(school: School) -> tuple[Part, ...]:
    """What stands above every way of reporting: 999, and the safeguarding lead's number."""
    return (
        Text(text=DANGER, tone="warning"),
        Link(label="Call 999", url="tel:999"),
        _ring(school.contacts.dsl),
        *_invented(school),
    )


@cache
def national_services() -> tuple[Service, ...]:
    """999, 101, then the national helplines, from `services.yaml`."""
    return Source.read(Path(__file__).with_name("services.yaml")).validated(Services).services


DANGER = "If anyone is in danger now, call 999."
IMAGE_RULE = "Do not view, copy, print, forward, save or screenshot the image. Ask nobody to show it to you."
IMAGE_SERVICES = ("Internet Watch Foundation", "Report Remove")
BY_AN_ADULT = "Is an adult sharing it? Call 999 now."
DO_NOT = "Do not promise to keep it secret. Do not look into it yourself."
WELCOME = (
    "Any worry about staff is welcome, however small. You do not have to be sure. It can be about yourself."
)
NOT_A_RECORD = (
    "No one watches this chat. No one has been told. This is not a record: "
    "write down what happened in your school's safeguarding system."
)
KEPT = "What you typed is still below. Sending it here tells only those this form goes to."
INVENTED = "This school's numbers are invented: this is a demonstration."
_HEAD_TITLE = re.compile(r"head ?teacher|head of school|principal", re.IGNORECASE)


def for_a_child(
    school: School, action: str, about_head: bool = False, closed: bool | None = None
) -> tuple[Part, ...]:
    """DSL, deputies, senior leadership, children's social care: each when the one before is not to be had.

    When the head is spoken of, neither head nor deputy head is named, in whatever role: the chair stands in
    their place. `closed` None: it is not about now, so every number is shown.
    """
    contacts = school.contacts
    first = _first(school, about_head)
    leaders = contacts.chair if about_head else contacts.headteacher
    rest = [*contacts.deputies, leaders, contacts.social_care]
    if closed is not False:
        rest.append(contacts.out_of_hours)
    now = "School is closed now. " if closed else ""
    return (
        Text(text=f"{action} {_lower(first.title)}:"),
        _ring(first),
        Text(text=f"{now}Not there? Do not wait. Try, in this order:"),
        *(_ring(c) for c in rest if c != first and not (about_head and _of_the_head(school, c))),
    )


def _first(school: School, about_head: bool) -> Contact:
    """The DSL; the chair when the head is spoken of and the DSL is the head."""
    contacts = school.contacts
    return contacts.chair if about_head and _of_the_head(school, contacts.dsl) else contacts.dsl


def _of_the_head(school: School, contact: Contact) -> bool:
    """Whether this is a head, or one who stands in for a head (must 5)."""
    heads = [school.roles[key] for key in school.head_roles]
    titles = {school.title(key) for head in heads for key in head.deputies} | {head.title for head in heads}
    return contact.title in titles - {school.title(school.chair)} or bool(_HEAD_TITLE.search(contact.title))


def _invented(school: School) -> tuple[Text, ...]:
    """The demo's numbers say that they are no numbers (must 10)."""
    return (Text(text=INVENTED, tone="quiet"),) if school.contacts.fictional else ()


def _about_staff_title(school: School) -> str:
    return "Tell the safeguarding lead or the head" if school.conduct_to_dsl else "Tell the head"


def _about_staff(school: School, found: Triage, closed: bool) -> tuple[Part, ...]:
    """The head; about the head, the chair; in a conflict of interest, the local authority (must 5). An image
    of a child is for the DSL as well (must 4)."""
    contacts = school.contacts
    both = school.conduct_to_dsl and not found.about_head
    dsl: tuple[Part, ...] = ()
    if found.image and not both and (first := _first(school, found.about_head)) != contacts.chair:
        dsl = (Text(text=f"And the {_lower(first.title)}, at once:"), _ring(first))
    lado: tuple[Part, ...] = (
        Text(text="Not right for you to tell them? Ring the local authority:"),
        _ring(contacts.lado),
    )
    if closed:
        at_night = Text(text="School is closed now. Is a child at risk? Ring:")
        lado = (*lado, at_night, _ring(contacts.out_of_hours))
    if found.about_head:
        return (_ring(contacts.chair), *dsl, *lado)
    to: tuple[Part, ...] = (_ring(contacts.headteacher), *dsl)
    if both:
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
    about = ", ".join(filter(None, (service.use, service.hours)))
    label = f"{service.name}{': ' + about if about else ''}"
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
