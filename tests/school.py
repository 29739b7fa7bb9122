"""The named cast every scenario uses, on a real clerk over a real database.

def test_story(aet: Stage) -> None:
    form = aet["class-teacher"].calls("unblock-request")
    aet["class-teacher"].sends(form, url="https://example.org", ...)
    aet.deliver()
    aet["ict-technician"].presses("Pass to headteacher")
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path

from adapters.demo import cast, people_of
from adapters.schools import Folder, read_school
from adapters.settings import Settings
from adapters.wiring import Clerk, wire
from bot.cards import Button, Card, Form, Reply
from bot.events import Asked, ButtonPressed, CommandCalled, FormChanged, FormSubmitted, HomeOpened, Identity
from bot.people import Absence
from bot.ports import Published
from tests.databases import Databases

MONDAY = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)
"""A school morning in term."""


@dataclass
class StoppedClock:
    """A clock that a test moves."""

    time: datetime = MONDAY

    def now(self) -> datetime:
        """The time it was set to."""
        return self.time

    def pass_by(self, span: timedelta) -> None:
        """Let time pass."""
        self.time += span


@dataclass
class Stage:
    """One school with its cast, ready to act."""

    clerk: Clerk
    published: Published
    clock: StoppedClock
    players: dict[str, "Player"] = field(default_factory=dict)

    def __getitem__(self, user: str) -> "Player":
        return self.players[user]

    def deliver(self) -> None:
        """Let the worker send everything that waits, and the clock do its work."""
        while self.clerk.worker.work():
            pass

    def away(self, user: str) -> None:
        """This person is away today."""
        today = self.clock.now().date()
        self.clerk.directory.set_absence(
            Absence(person=self[user].id, first=today, last=today + timedelta(days=1))
        )


class Player:
    """One of the cast. What they see is what the clerk would show them on any platform."""

    _ids = itertools.count()

    def __init__(self, stage: Stage, user: str, person: str) -> None:
        self.stage = stage
        self.id = person
        self.who = Identity(platform="web", tenant=stage.published.school.id, user=user)

    def _handle(self, kind: type, **values: object) -> Reply:
        return self.stage.clerk.assistant.handle(kind(id=f"e{next(self._ids)}", who=self.who, **values))

    def asks(self, text: str) -> Reply:
        """Type a message."""
        return self._handle(Asked, text=text)

    def calls(self, command: str) -> Reply:
        """Type a slash command."""
        return self._handle(CommandCalled, command=command)

    def opens_home(self) -> Reply:
        """Open their own page."""
        return self._handle(HomeOpened)

    def sends(self, form: Form | Reply, **values: str | tuple[str, ...]) -> Reply:
        """Send a form with these values; `__` in a name stands for the dot of a detail."""
        form = form_of(form)
        return self._handle(FormSubmitted, form=form.id, state=form.state, values=_entries(values))

    def changes(self, form: Form | Reply, **values: str | tuple[str, ...]) -> Reply:
        """Change an input that others depend on."""
        form = form_of(form)
        return self._handle(FormChanged, form=form.id, state=form.state, values=_entries(values))

    def feed(self) -> tuple[Card, ...]:
        """The cards of their requests."""
        shown = self.stage.clerk.assistant.feed(self.who)
        return tuple(card for card in shown if card not in self.reminders())

    def reminders(self) -> tuple[Card, ...]:
        """The cards on their page that belong to no request: days that are coming or have passed."""
        shown = self.stage.clerk.assistant.feed(self.who)
        return tuple(card for card in shown if card.title.startswith(("Policy review", "Coming up: ")))

    def button(self, label: str) -> Button:
        """The first button of that label in their feed."""
        found = [button for card in self.feed() for button in card.buttons if button.label == label]
        assert found, f"{self.who.user} sees no button “{label}” in {[c.title for c in self.feed()]}"
        return found[0]

    def presses(self, button: str | Button) -> Reply:
        """Press a button of their feed, or one they kept or were given."""
        pressed = self.button(button) if isinstance(button, str) else button
        return self._handle(
            ButtonPressed, action=pressed.action, target=pressed.target, version=pressed.version
        )

    def acts(self, label: str, **values: str | tuple[str, ...]) -> Reply:
        """Press a button and send the form it opens."""
        return self.sends(self.presses(label), **values)

    def sees(self) -> str:
        """Everything their feed says, as text."""
        return "\n".join(text_of(card) for card in self.feed())


def form_of(reply: Form | Reply) -> Form:
    """The form of a reply that has one."""
    if isinstance(reply, Form):
        return reply
    form = getattr(reply, "form", None)
    assert isinstance(form, Form), f"no form in {reply}"
    return form


def text_of(shown: object) -> str:
    """Every string in a card, a form or a reply, one a line."""
    match shown:
        case str():
            return shown
        case tuple() | list():
            return "\n".join(filter(None, map(text_of, shown)))
        case _ if hasattr(shown, "__class__") and hasattr(type(shown), "model_fields"):
            return "\n".join(
                filter(None, (text_of(getattr(shown, name)) for name in type(shown).model_fields))
            )
    return ""


@lru_cache
def packaged(school: str) -> Published:
    """A school as the package has it, read once: reading one takes a quarter of a second."""
    return read_school(Folder(school, Path("/nowhere")))


def staged(home: Path, school: str = "aet", **set_to: object) -> Iterator[Stage]:
    """A clerk with one school and its cast, in a home of its own, on the database that the test runs on.
    `set_to`: settings, such as `slack`."""
    assert Databases.chosen, "a test that stages a school asks for the fixture `home`"
    own, clock = (home / "schools").exists(), StoppedClock()
    published = read_school(Folder(school, home)) if own else packaged(school)
    pattern = () if own else (school, partial(_put, published))
    address = Databases.chosen.of(home, *pattern)
    clerk = wire(Settings(home=home, model="off", database_url=address, **set_to), clock)
    if not clerk.directory.staff(school).people:
        _settled(clerk, published)
    stage = Stage(clerk=clerk, published=published, clock=clock)
    for user, person in people_of(published.school).items():
        stage.players[user] = Player(stage, user, person.id)
    yield stage
    clerk.close()


def _put(published: Published, settings: Settings) -> None:
    """The school and its cast, in a database."""
    clerk = wire(settings, StoppedClock())
    _settled(clerk, published)
    clerk.close()


def _settled(clerk: Clerk, published: Published) -> None:
    clerk.library.publish(published, clerk.services.clock.now())
    cast(clerk, published)


def _entries(values: dict[str, str | tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {k.replace("__", "."): (v,) if isinstance(v, str) else v for k, v in values.items()}
