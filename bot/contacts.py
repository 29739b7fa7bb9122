"""Whether the numbers that a safety card shows can be relied on (SAFEGUARDING, must 7 and 10)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.people import Contacts
from bot.safeguarding import Service
from bot.workflows.deadlines import day

YEAR = timedelta(days=365)
"""How long a number that somebody has rung is taken to hold."""
_FICTION = re.compile(
    r"01632960|01\d\d4960|01914980|02079460|02896496|02920180|07700900|08081570|09098790|03069990"
)
"""Beginnings that Ofcom keeps free for stories: they reach nobody."""


def unusable(contacts: Contacts) -> Iterator[str]:
    """What must be entered before anybody relies on the cards, each with what to do."""
    if contacts.fictional:
        yield "the telephone numbers are invented: enter the school's own (school.yaml, contacts)"
    for contact in contacts.everyone:
        digits = re.sub(r"^(?:00)?44(?=[1-9])", "0", re.sub(r"\(0\)|\D", "", contact.phone))
        if not contact.phone:
            yield f"there is no telephone number for the {contact.title} (school.yaml, contacts)"
        elif len(digits) < 3:
            yield f"what is entered for the {contact.title} is no telephone number (school.yaml, contacts)"
        elif _FICTION.match(digits) and not contacts.fictional:
            yield f"the number for the {contact.title} is one kept free for stories (school.yaml, contacts)"


def to_check(contacts: Contacts, services: tuple[Service, ...], today: date) -> Iterator[str]:
    """The yearly reminder: what nobody has checked for a year, or ever. Invented numbers wait to be replaced."""
    if not contacts.fictional and (why := _overdue(contacts.checked, today)):
        yield f"ring the school's own numbers and enter the day (school.yaml, contacts, checked): {why}"
    late: dict[str, list[str]] = {}
    for service in services:
        seen = max(filter(None, (service.checked, contacts.services_checked)), default=None)
        if why := _overdue(seen, today):
            late.setdefault(why, []).append(service.name)
    for why, names in late.items():
        yield (
            "check these national services and enter the day (school.yaml, contacts, services_checked): "
            f"{', '.join(names)}: {why}"
        )


def _overdue(checked: date | None, today: date) -> str:
    """Why it is time to check again; empty when it is not."""
    if checked is None:
        return "nobody has done it yet"
    if checked > today:
        return f"{day(checked)} has not come yet"
    return f"last done on {day(checked)}, more than a year ago" if today - checked > YEAR else ""
