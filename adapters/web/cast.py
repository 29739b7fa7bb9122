"""Who is at the page: somebody signed in, or whom a visitor of the playground has chosen to be."""

from dataclasses import dataclass
from urllib.parse import quote

from pydantic import Field

from bot.events import Identity
from bot.model import Model

PATH = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""What may stand in a path as it is."""


class Persona(Model):
    """One of a school's cast. `user` stands in the path and is the identity's user; `person` is the
    id that the store knows."""

    user: str = Field(pattern=PATH)
    person: str
    name: str
    roles: str = ""
    """What they do, in one line, when their name does not say it."""


class Playhouse(Model):
    """One school and its cast. `id` stands in the path and is the identity's tenant."""

    id: str = Field(pattern=PATH)
    name: str
    policy: str
    """Title and date of its policy, as one line."""
    cast: tuple[Persona, ...]

    def persona(self, user: str) -> Persona | None:
        """The one of that name in the path, or None."""
        return next((persona for persona in self.cast if persona.user == user), None)


@dataclass(frozen=True)
class Visitor:
    """Whoever a request is from."""

    identity: Identity
    """Who did it, for an event."""
    people: tuple[str, ...]
    """Ids of who that is: one at each of their schools."""
    name: str
    place: str
    """Their school, or how many, in words."""
    base: str
    """Where their page's addresses begin."""
    playing: bool = False
    """In the playground, where anyone may be anyone."""
    idle_seconds: int = 0
    """After so long without doing anything they are signed out; 0 in the playground."""

    @classmethod
    def player(cls, house: Playhouse, persona: Persona) -> "Visitor":
        """One of the cast."""
        return cls(
            identity=Identity(platform="web", tenant=house.id, user=persona.user),
            people=(persona.person,),
            name=persona.name,
            place=house.name,
            base=f"/as/{quote(house.id)}/{quote(persona.user)}",
            playing=True,
        )
