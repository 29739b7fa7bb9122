"""Letting a school be talked to from one more workspace or tenant, said in chat by the school's administrator.

Nobody claims a school. Its first administrator is named on the command line, others by those who are there; and
it is the platform that says whose address somebody's is (`vouched`). Whoever is not that person is offered
nothing, and learns nothing of any school.
"""

from bot.cards import Button, Card, Facts, Message, Text
from bot.channelcards import PLATFORMS, SETUP
from bot.events import Asked, CommandCalled, Event, Identity
from bot.people import Person
from bot.staffnews import to_tell_of_place
from bot.visit import Services
from bot.workflows.entry import Deed

CONNECT = "connect_place"
"""The button of an offer. Its target is the school's id."""


class Connecting:
    """What somebody may connect the place they write from to."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def offers(self, event: Event) -> tuple[Card, ...]:
        """A card for each school whose administrator this is and that is not talked to from here."""
        there = self._services.directory.schools_at(event.who) if event.vouched else ()
        return tuple(self._offer(event, one) for one in self._administers(event) if one.school not in there)

    def pressed(self, event: Event, school: str) -> Message | None:
        """Connect them, with its entry in the school's audit chain; None for anybody but its administrator."""
        person = next((one for one in self._administers(event) if one.school == school), None)
        if person is None:
            return None
        name = self._services.library.published(school).school.name
        if school not in self._services.directory.schools_at(event.who):
            place = f"{event.who.platform} {event.who.tenant}"
            now = self._services.clock.now()
            deed = Deed(at=now, action="connected", people=(person.id,), person=person.id, place=place)
            told = to_tell_of_place(self._services, school, place, person)
            try:
                self._services.staff_book.connect(school, event.who, person.id, deed, told)
            except ValueError:
                why = Text(text=f"It is not your own yet. First, on the clerk's machine: {_adopt(school)}")
                return Message(cards=(Card(title=f"{name} cannot be connected", parts=(why,), mood="bad"),))
        go_on = Button(action="start", target=SETUP, label="Set up", style="primary")
        whole = Text(text="Staff are known here by the e-mail address they have on the school's list.")
        return Message(
            cards=(Card(title=f"{name} is connected", parts=(whole,), buttons=(go_on,), mood="good"),)
        )

    def _administers(self, event: Event) -> tuple[Person, ...]:
        """Who this is at each school they set up. Of two people with one address the clerk cannot tell which."""
        if not event.vouched or event.standing != "member" or event.who.platform == "web":
            return ()
        found = self._services.directory.with_email(event.vouched)
        schools = [person.school for person in found]
        return tuple(p for p in found if schools.count(p.school) == 1 and self._is_administrator(p))

    def _is_administrator(self, person: Person) -> bool:
        if person.school not in self._services.library.schools():
            return False
        role = self._services.library.published(person.school).school.administrators
        return role in self._services.directory.staff(person.school).roles_of(person.id)

    def _offer(self, event: Event, person: Person) -> Card:
        school = self._services.library.published(person.school).school
        what = Text(
            text=f"You are the {school.title(school.administrators)} of {school.name}. Once it is connected, its "
            "staff are known here by their e-mail address, and everybody here can ask what its policy says."
        )
        yes = Button(action=CONNECT, label="Connect", target=school.id, style="primary")
        return Card(
            title=f"Connect {school.name}?", parts=(Facts(rows=(_place(event.who),)), what), buttons=(yes,)
        )


def asks_to_set_up(event: Event) -> bool:
    """Whether somebody calls the command, by whatever way."""
    match event:
        case CommandCalled(command=command):
            return command == SETUP
        case Asked(text=text):
            return text.strip().lstrip("/") == SETUP
    return False


def _place(who: Identity) -> tuple[str, str]:
    return PLATFORMS[who.platform], who.tenant


def _adopt(school: str) -> str:
    return f"policyclerk school adopt {school}"
