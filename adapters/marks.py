"""Marks of events as seen, all that come at about the same time in one transaction.

A mark has to be on the disk before its event is answered, and a disk takes as long for thirty of them as for one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection


class Marks:
    """Writes marks down while others wait for the next turn. Lives on one event loop."""

    def __init__(self, write: Callable[[Collection[str]], Awaitable[Collection[str]]]) -> None:
        """`write` remembers all of these, or none of them, and says which are new."""
        self._write = write
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def first(self, key: str) -> bool:
        """Whether this is seen for the first time, once it is remembered. Raises what writing raises. One at a
        time for each key."""
        mine: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[key] = mine
        if self._writing is None:
            self._writing = asyncio.create_task(self._turns())
        return await mine

    async def _turns(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, {}
            await self._settle(taken)
        self._writing = None

    async def _settle(self, taken: dict[str, "asyncio.Future[bool]"]) -> None:
        try:
            new = await self._write(tuple(taken))
        except Exception as error:  # noqa: BLE001 whoever waits raises it
            if len(taken) > 1 and not isinstance(
                error, OSError
            ):  # what one of them is must not hurt the others
                for key, mine in taken.items():
                    await self._settle({key: mine})
                return
            for mine in taken.values():
                if not mine.done():
                    mine.set_exception(error)
            return
        for key, mine in taken.items():
            if not mine.done():
                mine.set_result(key in new)
