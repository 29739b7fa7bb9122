"""Choosing who to be in Microsoft's test client, which always writes as the same user. In `demo` alone.

`be` shows the cast; `be headteacher`, or a button, makes the writer that person at their school until they are
somebody else. Everything else goes to the clerk as that person's.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from adapters.edge import Clerk
from bot.cards import Button, Card, Home, Message, Reply, Text
from bot.events import Asked, ButtonPressed, CommandCalled, Event, HomeOpened, Identity
from bot.people import Person

BE = "be"
Troupe = Sequence[tuple[str, str, Sequence[tuple[str, str, str]]]]
"""Schools: (id, name, cast), and of the cast (user, person id, shown name)."""


class People(Protocol):
    """What links an identity to a person: `adapters.store.people.SqlDirectory`."""

    def who(self, identity: Identity, /) -> tuple[Person, ...]:
        """The person this is."""

    def link(self, identity: Identity, person_id: str, /) -> None:
        """This identity is this person."""

    def unlink(self, identity: Identity, /) -> None:
        """Nobody has this identity any more."""


class Stage:
    """The clerk, with a cast to choose from."""

    def __init__(
        self, clerk: Clerk, people: People, connect: Callable[[str, str], None], troupe: Troupe
    ) -> None:
        """`connect` makes a tenant a school's."""
        self._clerk = clerk
        self._people = people
        self._connect = connect
        self._troupe = troupe

    def handle(self, event: Event) -> Reply:
        """The clerk's reply, or who one can be."""
        match event:
            case Asked(text=text) if text.lower().split(" ")[0] == BE:
                return self._cast(event.who, text[len(BE) :].strip())
            case CommandCalled(command="be", text=text):
                return self._cast(event.who, text)
            case ButtonPressed(action="be", target=target):
                return self._cast(event.who, target)
        if not self._people.who(event.who):
            return self._choice("", home=isinstance(event, HomeOpened))
        return self._clerk.handle(event)

    def _cast(self, who: Identity, wanted: str) -> Reply:
        """Become the one who is meant: `aet/headteacher`, or `headteacher` at the school one is at."""
        wanted = wanted.strip().lower().replace(" ", "-")
        now = next(iter(self._people.who(who)), None)
        here = now.school if now else self._troupe[0][0]
        for school, name, cast in sorted(self._troupe, key=lambda row: row[0] != here):
            for user, person, shown in cast:
                if wanted in (f"{school}/{user}", user):
                    self._people.unlink(who)
                    self._connect(who.tenant, school)
                    self._people.link(who, person)
                    return Message(cards=(_are(shown, name),))
        return self._choice(wanted)

    def _choice(self, wanted: str, home: bool = False) -> Reply:
        """The cast of a school; without one, the schools."""
        buttons: tuple[Button, ...] = ()
        for school, name, cast in self._troupe:
            if wanted != school:
                buttons = (*buttons, Button(action=BE, target=school, label=name))
                continue
            buttons = tuple(
                Button(action=BE, target=f"{school}/{user}", label=shown) for user, _, shown in cast
            )
            break
        card = Card(
            title="Who do you want to be?",
            parts=(
                Text(text="This is the playground: everybody here is invented."),
                Text(text="You can also type it, for example: be headteacher"),
            ),
            buttons=buttons,
        )
        return Home(cards=(card,)) if home else Message(cards=(card,))


def _are(person: str, school: str) -> Card:
    said = Text(text=f"You are now: {person}, {school}. Type “be” to be somebody else.")
    ask = Button(action="start", target="help", label="What can I do?")
    waiting = Button(action="start", target="my-requests", label="My requests")
    return Card(title=person, parts=(said,), buttons=(ask, waiting), mood="good")
