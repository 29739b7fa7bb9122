"""Where people and channels are reached in Teams, and what Teams says about who somebody is.

A conversation reference is kept from every message and from the installation; the store seals it. Who is a
guest, or of another tenant, is asked of Teams itself and believed for an hour.
"""

import asyncio
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from adapters.teams.connector import Connector, Member, Room
from adapters.teams.wire import Activity
from bot.events import Identity, Standing
from bot.people import Person
from bot.ports import SendFailed, Unreadable

SERVICE_URL = "https://smba.trafficmanager.net/teams/"
"""Microsoft's address for those who have not written to the clerk yet (learn.microsoft.com, "Send proactive
messages")."""
BELIEVED_SECONDS = 3600.0
STRANGER_SECONDS = 60.0
"""The same of somebody on no list: they may be put on it at any moment, or the tenant be connected."""
REMEMBERED = 5_000
"""Rooms and people held in memory: about a megabyte."""
LOOK_UP_SECONDS = 4.0
"""Somebody waits for their answer meanwhile."""

_log = logging.getLogger(__name__)


class Kept(Protocol):
    """What keeps conversation references: `adapters.store.places.Conversations`."""

    def remember(self, platform: Literal["teams"], tenant: str, key: str, reference: str, /) -> None:
        """Keep the reference of a user or a channel, instead of an earlier one."""

    def reference(self, platform: Literal["teams"], tenant: str, key: str, /) -> str | None:
        """The reference, or None."""

    def forget(self, platform: Literal["teams"], tenant: str, key: str, /) -> None:
        """The clerk cannot speak there any more."""


class Recognising(Protocol):
    """What knows who is on a school's list: `adapters.store.people.SqlDirectory`."""

    def who(self, identity: Identity, /) -> tuple[Person, ...]:
        """The person at each school that lists this identity."""

    def recognise(self, identity: Identity, email: str, /) -> tuple[Person, ...]:
        """`who`, after matching by an e-mail address that the platform has verified."""


class Introduced(NamedTuple):
    """Fields of an event that say who its person is."""

    standing: Standing
    vouched: str = ""


class Rooms:
    """Conversation references. Synchronous: the edge calls it in a thread, the outbox in its own."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._known: OrderedDict[tuple[str, str], Room] = OrderedDict()

    def knows(self, tenant: str, key: str, room: Room) -> bool:
        """Whether that is no news. Looks into memory alone, so an event loop may ask."""
        return self._known.get((tenant, key)) == room

    def remember(self, tenant: str, key: str, room: Room) -> None:
        """This is where somebody, or a channel, is. Written only when it is news."""
        if self.knows(tenant, key, room):
            return
        self._kept.remember("teams", tenant, key, json.dumps([room.service_url, room.conversation]))
        self._hold(tenant, key, room)

    def find(self, tenant: str, key: str) -> Room | None:
        """Where they are, or None when the clerk has never been there."""
        if (tenant, key) not in self._known:
            try:
                reference = self._kept.reference("teams", tenant, key)
            except Unreadable:
                _log.error("a conversation of Teams cannot be read: the next message there mends it")
                return None
            if reference is None:
                return None
            self._hold(tenant, key, Room(*json.loads(reference)))
        return self._known[tenant, key]

    def forget(self, tenant: str, key: str) -> None:
        """The app was taken away there."""
        self._known.pop((tenant, key), None)
        self._kept.forget("teams", tenant, key)

    def _hold(self, tenant: str, key: str, room: Room) -> None:
        self._known[tenant, key] = room
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


class Standings:
    """Whether somebody belongs to the tenant in which they write; who they are is recognised on the way."""

    def __init__(
        self, directory: Recognising, connector: Connector, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory = directory
        self._connector = connector
        self._clock = clock
        self._known: OrderedDict[Identity, tuple[float, Introduced]] = OrderedDict()

    async def of(self, activity: Activity) -> Introduced:
        """As Teams says. Where it does not answer, those who are on a list are let in, and nobody else.

        Vouched for is the name they sign in by, whose domain the tenant has proved to be its own: an address in
        the directory can be anything that the tenant's administrator types."""
        who = activity.who
        until, known = self._known.get(who, (0.0, Introduced("outside")))
        if self._clock() < until:
            return known
        room = Room(activity.service_url, activity.conversation.id.partition(";")[0])  # no thread
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                member = await self._connector.member(room, activity.sender.id)
        except (SendFailed, TimeoutError) as error:
            _log.warning("Teams did not say who somebody is: %s", type(error).__name__)
            listed = await asyncio.to_thread(self._directory.who, who)
            return Introduced("member" if listed else "outside")
        known, believed = Introduced(_standing(member, who)), BELIEVED_SECONDS
        if member and known.standing == "member":
            known = Introduced("member", member.signs_in_as)
            if not await asyncio.to_thread(self._directory.recognise, who, member.email):
                believed = STRANGER_SECONDS
        self._known[who] = (self._clock() + believed, known)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known


class EverybodyBelongs(Standings):
    """For Microsoft's test client, in the playground."""

    def __init__(self) -> None:
        """It needs nothing."""

    async def of(self, activity: Activity) -> Introduced:
        """A member."""
        return Introduced("member")


def _standing(member: Member | None, who: Identity) -> Standing:
    if member is None or (member.tenant and member.tenant != who.tenant):
        return "outside"
    return "guest" if member.guest else "member"
