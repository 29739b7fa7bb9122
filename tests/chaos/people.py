"""The people of a school while its clerk is being killed: they send, press and try again as people do."""

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.slack_server import FakeSlack, User, payloads
from tests.slack_server.drawing import elements, words
from tests.slack_server.views import answered
from tests.slack_server.workspace import Message, Refused

SENT = re.compile(r"(AET-[A-Z0-9]{5})[^\n\"]*: sent")
FORM = {
    "content": "A page with pictures.",
    "reasons": "A lesson.",
    "risks": "None.",
    "for_pupils": "No",
}
LABELS = ("Pass to headteacher", "Approve", "Refuse", "Mark done")
TWICE = 0.2
"""How often somebody sends, or presses, twice at once."""


@dataclass
class Day:
    """What has happened so far, as the people know it."""

    slack: FakeSlack
    chance: random.Random
    received: set[str] = field(default_factory=set)
    """The references of what people were told has been sent."""
    over: bool = False
    past: dict[str, int] = field(default_factory=dict)
    """How many of the first messages ask a decider for nothing any more."""

    async def seen(self, look: Callable[[], Any], seconds: float) -> bool:
        """Whether something is seen before patience ends."""
        end = asyncio.get_running_loop().time() + seconds
        while not look():
            if asyncio.get_running_loop().time() > end:
                return False
            await asyncio.sleep(0.03)
        return True

    async def sends(self, user: User) -> None:
        """Send the form in front, now and then twice at once."""
        view = user.modal
        if view is None:
            return
        trigger = user.workspace.trigger(user.id, view.id)
        said = payloads.view_submission(user.workspace, user.person, view, trigger)
        times = 2 if self.chance.random() < TWICE else 1
        for answer in await asyncio.gather(
            *(user.slack.wire.deliver("interactive", said) for _ in range(times))
        ):
            if answer.acknowledged and user.modal is view:
                try:
                    answered(user.workspace, view, answer.body)
                except Refused as no:
                    user.slack.refusals.append(f"{no.error} {no.messages}")

    async def submits(self, user: User, address: str) -> None:
        """One form, until its sender is told that it was received."""
        for _ in range(60):
            user.workspace.stacks.pop(user.id, None)
            await user.types("/unblock-request")
            if not await self.seen(lambda: user.modal and user._input("url"), 4):
                continue
            await user.fills({"url": address, **FORM})
            form = user.modal
            for _ in range(3):
                await self.sends(user)
                if await self.seen(lambda: self.told(user), 3):
                    self.received |= self.told(user)
                    return
                if user.modal is not form:
                    break
        raise AssertionError(f"{user.id} could not send {address}: {user.sees()}")

    @staticmethod
    def told(user: User) -> set[str]:
        """The reference that the form in front has become. A message alone would not do: it may come late, and
        be about an earlier form."""
        return set(SENT.findall(user.sees("modal") if user.modal else ""))

    async def teaches(self, user: User, addresses: list[str]) -> None:
        """Send one form after another."""
        for address in addresses:
            await self.submits(user, address)

    async def decides(self, user: User) -> None:
        """Act on what waits, oldest first more or less, until the day is over."""
        while not self.over:
            waiting = buttons(user, self.past)
            if not waiting:
                await asyncio.sleep(0.1)
                continue
            source, block, button = self.chance.choice(waiting[:6])
            user.workspace.stacks.pop(user.id, None)
            presses = 2 if self.chance.random() < TWICE else 1
            began = len(user.workspace.messages)
            await asyncio.gather(*(user.presses(source, block, button) for _ in range(presses)))
            await self.seen(lambda at=began: user.modal or told_alone(user, at), 2)
            for name, value in (("blocked", "Yes"), ("reason", "Good use.")):
                if user._input(name):
                    await user.fills({name: value})
            form = user.modal
            if form is None or "submit" not in form.drawn:
                await asyncio.sleep(0.3)  # somebody was quicker, or nobody answered
                continue
            drawn = form.hash
            for _ in range(3):
                await self.sends(user)
                if await self.seen(lambda f=form, h=drawn: user.modal is not f or f.hash != h, 2):
                    break


def told_alone(user: User, since: int) -> bool:
    """Whether somebody has been told since that message that another one was quicker: what nobody else sees."""
    return any(one.only_for == user.id for one in user.workspace.messages[since:])


def buttons(
    user: User, past: dict[str, int] | None = None
) -> list[tuple[Message, dict[str, Any], dict[str, Any]]]:
    """What somebody can still act on, oldest first; only what is not `past`, which is brought up to date."""
    found, mine = [], user.workspace.direct(user.id).id
    start = past.get(user.id, 0) if past else 0
    for number, message in enumerate(user.workspace.messages[start:], start):
        if message.channel == mine:
            for block, one in elements(message.blocks):
                if one["type"] == "button" and words(one["text"]) in LABELS:
                    found.append((message, block, one))
        if past is not None and not found:
            past[user.id] = number
    return found
