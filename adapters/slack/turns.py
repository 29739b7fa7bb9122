"""Which change of a modal is the last one: what was drawn for an earlier one comes too late, in whatever process it was
drawn."""

from datetime import UTC, datetime
from typing import Protocol

from adapters.edge import Edge
from adapters.slack.spots import Happening

_MODALS = 2_000
"""How many modals a process remembers by how often they have changed."""


class Changes(Protocol):
    """What is needed of the store."""

    def changed(self, form: str, at: datetime) -> None:
        """An open form was changed then."""

    def last_change(self, form: str) -> datetime | None:
        """When it was last changed; None when it was not."""


class Turns:
    """The changes of modals: of this process by their number, of all by the time that Slack gives them."""

    def __init__(self, edge: Edge, changes: Changes) -> None:
        self._edge = edge
        self._changes = changes
        self._here: dict[str, int] = {}

    def next(self, view: str) -> int:
        """This modal's next change, or that it was sent. The oldest modals are forgotten: nobody has them open
        any more."""
        turn = self._here.pop(view, 0) + 1
        self._here[view] = turn
        while len(self._here) > _MODALS:
            del self._here[next(iter(self._here))]
        return turn

    async def begun(self, happening: Happening) -> None:
        """Let every process know that the modal has changed."""
        await self._edge.patiently(self._changes.changed, _name(happening), _at(happening))

    async def is_last(self, happening: Happening, turn: int) -> bool:
        """Whether nothing has happened to the modal since."""
        if self._here.get(happening.spot.view) != turn:
            return False
        last = await self._edge.patiently(self._changes.last_change, _name(happening))
        return last is None or last <= _at(happening)


def _name(happening: Happening) -> str:
    return f"slack:changed:{happening.spot.view}"


def _at(happening: Happening) -> datetime:
    """Slack's own time of the change, at the end of its id (`inbound.changed`)."""
    seconds, _, fraction = happening.event.id.rpartition(".")
    return datetime.fromtimestamp(float(f"{seconds.rpartition('.')[2]}.{fraction}"), UTC)
