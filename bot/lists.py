"""`/my-requests`: what somebody sent and what waits for them, a page at a time; and the feed of their page.

The store finds requests by what lies unsealed beside them; only those of the page are opened. What a
search looks for stands in the button to its next page sealed, and nowhere else.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta

from bot.cards import Button, Card, Field, Form, OpenForm, Results, Text
from bot.formstate import FormState
from bot.ports import Line, Listing, Unreadable
from bot.visit import Services, Visit
from bot.workflows import routing
from bot.workflows.ages import whereabouts
from bot.workflows.change import Refused
from bot.workflows.request import Request
from bot.workflows.routing import Context
from bot.workflows.views import card_for

MY_REQUESTS = "my-requests"
PAGE = 10
_READ_AHEAD = 25
"""Lines read from the store at a time."""
FEED = 50
"""The most requests on a person's page; the list has them all."""
FINISHED_SHOWN = timedelta(days=14)
"""How long finished requests stay on a person's page."""
FILTERS: dict[str, tuple[Listing, str, str]] = {
    "waiting": ("sent", "Waiting for you", "Nothing waits for you"),
    "mine": ("mine", "Your open requests", "You have no open requests"),
    "finished": ("finished", "Finished requests", "You have no finished requests"),
}
"""What is typed after the command, or pressed, to what is listed and how it is called."""

_log = logging.getLogger(__name__)


class Lists:
    """The lists of one person."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit
        self._contexts: dict[tuple[str, str], Context] = {}

    def feed(self) -> tuple[Card, ...]:
        """Cards of what is open or was finished lately: what waits for them first, then the newest."""
        since = self._visit.now - FINISHED_SHOWN
        drawn = []
        for line in self._services.store.lines(self._me, "recent", FEED, since=since):
            request = self._opened(line)
            if request is None:
                drawn.append((True, 0.0, _unreadable(line)))
            elif card := self._card(request):
                drawn.append((not self._waits(request), -request.updated_at.timestamp(), card))
        return tuple(card for _, _, card in sorted(drawn, key=lambda row: row[:2]))

    def called(self, text: str) -> Results:
        """What the command shows: one of the lists, or what is found by what was typed with it."""
        wanted = text.strip().lower()
        if wanted in FILTERS:
            return self.page(wanted)
        if wanted:
            return self._found(wanted, 0)
        waiting = self.page("waiting")
        return waiting if len(waiting.cards) > 1 else self.page("mine")

    def page(self, name: str, start: int = 0) -> Results:
        """Ten requests of a list, from the line `start` on."""
        which, title, empty = FILTERS.get(name, FILTERS["mine"])
        cards: list[Card] = []
        older = None
        for at, line in self._lines(which, start):
            request = self._opened(line)
            if request and which == "sent" and not self._waits(request):
                continue
            card = self._listed(request) if request else _unreadable(line)
            if card and len(cards) == PAGE:
                older = Button(action="list", target=f"{name}/{at}", label="Show more")
                break
            cards += (card,) if card else ()
        return Results(title=title if cards or start else empty, cards=(_head(name), *cards), older=older)

    def pressed(self, target: str) -> Results | OpenForm:
        """Another list, the next page of one, or the form of a search."""
        name, _, start = target.partition("/")
        if name == "search":
            return _search_form()
        if name == "found":
            start, _, sealed = start.partition("/")
            try:
                wanted = self._services.store.open_for(self._me, sealed)
            except Unreadable as why:
                raise Refused("This search is over. Please search again.") from why
            return self._found(wanted, int(start) if start.isdecimal() else 0)
        return self.page(name, int(start) if start.isdecimal() else 0)

    def _found(self, wanted: str, start: int) -> Results:
        """Requests whose reference, title or, of one's own, whose text has every word."""
        if (named := self._services.store.named(wanted.upper())) and (card := self._inherited(named)):
            return Results(title="Requests found", cards=(_head(""), card))
        words = wanted.split()
        titles = {w.command: w.title.lower() for w in self._visit.published.workflows}
        cards: list[Card] = []
        older = None
        for at, line in self._lines("all", start):
            outside = f"{line.reference.lower()} {titles.get(line.workflow, line.workflow)}"
            if line.requester != self._me and not all(word in outside for word in words):
                continue
            request = self._opened(line)
            inside = _text(request) if request and line.requester == self._me else ""
            if not all(word in outside or word in inside for word in words):
                continue
            card = self._listed(request) if request else _unreadable(line)
            if card and len(cards) == PAGE:
                sealed = self._services.store.seal_for(self._me, wanted)
                older = Button(action="list", target=f"found/{at}/{sealed}", label="Show more")
                break
            cards += (card,) if card else ()
        title = "Requests found" if cards else "No request of yours has these words"
        return Results(title=title, cards=(_head(""), *cards), older=older)

    def _inherited(self, request: Request) -> Card | None:
        """A request by its reference that came to this person with a role: no message about it was ever theirs."""
        mine = request.school == self._visit.person.school
        may_open = mine and routing.may_open(self._context(request), request, self._me)
        return self._listed(request) if may_open else None

    def _lines(self, which: Listing, start: int) -> Iterator[tuple[int, Line]]:
        while lines := self._services.store.lines(self._me, which, _READ_AHEAD, start):
            yield from enumerate(lines, start)
            start += len(lines)

    def _opened(self, line: Line) -> Request | None:
        """The request; None when it cannot be read, which must not hide the others."""
        try:
            return self._services.store.load(line.id)
        except Unreadable:
            _log.error("%s cannot be read: see `policyclerk audit verify`", line.reference)
            return None

    def _listed(self, request: Request) -> Card | None:
        """Its card, with its age and where it is above the rest."""
        card = self._card(request)
        if card is None:
            return None
        where = Text(text=whereabouts(self._context(request), request, self._me), tone="strong")
        said = request.requester == self._me and "Next: " in where.text  # what its card says first
        return card.model_copy(update={"parts": (where, *card.parts[said:])})

    def _card(self, request: Request) -> Card | None:
        policy, deliveries = self._visit.published.policy, self._services.store.deliveries(request.id)
        return card_for(self._context(request), policy, request, self._me, deliveries)

    def _waits(self, request: Request) -> bool:
        return any(holder.person == self._me for _, holder in routing.asked(self._context(request), request))

    def _context(self, request: Request) -> Context:
        """The staff list and the registers are read once a list, not once a request."""
        key = request.workflow, request.workflow_version
        if key not in self._contexts:
            workflow = self._services.library.workflow(request.school, *key)
            named = self._services.registers(self._visit.published.school, workflow)
            self._contexts[key] = self._visit.context(workflow, named)
        return self._contexts[key]

    @property
    def _me(self) -> str:
        return self._visit.person.id


def _head(name: str) -> Card:
    """The other lists, and the search."""
    labels = {"waiting": "Waiting for me", "mine": "Mine", "finished": "Finished", "search": "Search"}
    buttons = tuple(
        Button(action="list", target=key, label=label) for key, label in labels.items() if key != name
    )
    return Card(title="Your requests", buttons=buttons)


def _search_form() -> OpenForm:
    field = Field(id="words", label="Words to look for", hint="A reference, a title, or words of your own.")
    state = FormState(token="search", workflow=MY_REQUESTS, version="", step="search")
    title = "Search your requests"
    return OpenForm(
        form=Form(id=MY_REQUESTS, title=title, inputs=(field,), submit="Search", state=state.text())
    )


def _text(request: Request) -> str:
    """What its sender wrote in it."""
    return " ".join(entry for entries in request.values.values() for entry in entries).lower()


def _unreadable(line: Line) -> Card:
    why = "It is still there, but it cannot be read. Tell your school's administrator the reference."
    return Card(title=f"{line.reference} could not be read", parts=(Text(text=why),), mood="bad")
