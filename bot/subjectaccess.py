"""How a person stands in what is kept: for the answer to a subject access request. Pure.

It finds people by the ids of the staff list, and anybody by the words that name them. What somebody is
called by a nickname, or described, no program finds.
"""

from collections.abc import Iterable, Iterator

from bot.model import Model
from bot.people import Staff
from bot.ports import Delivery
from bot.workflows.entry import Entry
from bot.workflows.request import Request, Taken

SENT = ("submitted", "resubmitted")


class Sought(Model):
    """Whose data is asked for. `id`: on the staff list, empty for somebody who never was. `words`: their
    name and e-mail address, casefolded."""

    id: str = ""
    words: tuple[str, ...]


def part_in(
    sought: Sought, request: Request, history: Iterable[Taken], sent: Iterable[Delivery]
) -> tuple[str, ...]:
    """What a request has to do with them, in words; empty when that is nothing."""
    seen = [taken for taken in history if taken.action in ("opened", "printed")]
    texts = (*_texts(request.values), *(text for row in request.unlisted for text in row))
    texts += tuple(text for taken in request.taken for text in (taken.reason, *_texts(taken.values)))
    found = {
        "sent it": request.requester == sought.id,
        "it is about them": sought.id in request.subjects,
        "acted on it": any(taken.person == sought.id and taken.action not in SENT for taken in request.taken),
        "opened it": any(taken.person == sought.id for taken in seen),
        "was sent a message about it": any(delivery.person == sought.id for delivery in sent),
        "chosen in it": sought.id in texts,
        "kept out of it": sought.id in request.kept_from,
    }
    by_id = [words for words, so in found.items() if so and sought.id]
    return (*by_id, *(["named in it"] if _named(sought, texts) else []))


def part_in_entry(sought: Sought, entry: Entry) -> bool:
    """Whether an entry of a register has to do with them."""
    ids = {person for people in entry.people.values() for person in people}
    ids |= {entry.requester, entry.entered_by, entry.ended_by, *entry.subjects, *entry.kept_from}
    texts = (*_texts(entry.cells), entry.end_reason)
    return bool(sought.id and sought.id in ids) or _named(sought, texts)


def others(sought: Sought, request: Request, staff: Staff) -> tuple[str, ...]:
    """Names of other people on the staff list, now or once, who stand in a request: their data too."""
    known = {person.id: person.name for person in staff.people if person.id != sought.id}
    ids = [request.requester, *request.subjects, *(taken.person for taken in request.taken)]
    ids += [*_texts(request.values), *(t for taken in request.taken for t in _texts(taken.values))]
    return tuple(dict.fromkeys(known[person] for person in ids if person in known))


def _texts(values: dict[str, tuple[str, ...]]) -> Iterator[str]:
    return (text for texts in values.values() for text in texts)


def _named(sought: Sought, texts: Iterable[str]) -> bool:
    whole = "\n".join(texts).casefold()
    return any(words in whole for words in sought.words)
