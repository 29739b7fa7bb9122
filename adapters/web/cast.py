"""Who a visitor of the playground can choose to be."""

from pydantic import Field

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
