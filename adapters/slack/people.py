"""Who somebody in Slack is: guest, of another workspace, or one of the staff; by their profile, which is asked
for once in a while and never stored."""

import time
from collections import OrderedDict
from typing import Any, Protocol

from adapters.edge import Edge
from adapters.slack.outbound import Outbound
from adapters.slack.spots import Happening
from bot.events import Event, Identity, Standing
from bot.people import Person
from bot.ports import SendFailed

FRESH_SECONDS = 600.0
"""How long a profile is believed. A guest made a member, or a member made a guest, is known after that."""
STRANGER_SECONDS = 20.0
"""How long somebody on no list is believed to be on none: lists are imported while people wait."""
_REMEMBERED = 5_000


class Directory(Protocol):
    """What is needed of the staff list."""

    def recognise(self, identity: Identity, email: str) -> tuple[Person, ...]:
        """Link the identity with whoever has this verified address, at the schools of the workspace."""


class People:
    """Profiles of one process. Losing them costs a call each."""

    def __init__(self, outbound: Outbound, directory: Directory, edge: Edge) -> None:
        self._outbound = outbound
        self._directory = directory
        self._edge = edge
        self._known: OrderedDict[tuple[str, str], tuple[float, Standing, str]] = OrderedDict()
        """Until when which standing and which address of whom is believed."""

    async def introduced(self, happening: Happening) -> Event:
        """The event with its standing, once whoever it is has been recognised. Where Slack says nothing of
        somebody unknown, they get what a guest gets: who to go to."""
        event = happening.event
        if event.standing != "member":
            return event
        who = event.who
        key = (who.tenant, who.user)
        until, standing, email = self._known.get(key, (0.0, "guest", ""))
        if key not in self._known or time.monotonic() > until:
            try:
                answer = await self._outbound.call(happening.spot.team, "users.info", user=who.user)
            except SendFailed:
                return event.model_copy(update={"standing": standing})
            profile = answer.get("user", {})
            standing, fresh = await self._read(who, profile)
            email = verified_email(profile) if standing == "member" else ""
            self._known[key] = (time.monotonic() + fresh, standing, email)
            self._known.move_to_end(key)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return event.model_copy(update={"standing": standing, "vouched": email})

    async def _read(self, who: Identity, profile: dict[str, Any]) -> tuple[Standing, float]:
        """What the profile says, and for how many seconds that is believed."""
        standing = standing_of(who, profile)
        if standing != "member":
            return standing, FRESH_SECONDS
        known = await self._edge.patiently(self._directory.recognise, who, verified_email(profile))
        return standing, FRESH_SECONDS if known else STRANGER_SECONDS


def standing_of(who: Identity, profile: dict[str, Any]) -> Standing:
    """What a profile says of its owner (docs.slack.dev, "User object")."""
    if profile.get("is_stranger") or profile.get("team_id") not in (None, who.tenant):
        return "outside"
    guest = profile.get("is_restricted") or profile.get("is_ultra_restricted")
    return "guest" if guest or profile.get("is_bot") or profile.get("deleted") else "member"


def verified_email(profile: dict[str, Any]) -> str:
    """The address, if Slack says that its owner has confirmed it; else nothing."""
    email: str = (profile.get("profile") or {}).get("email", "")
    return email if profile.get("is_email_confirmed") is True else ""
