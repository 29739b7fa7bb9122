"""What must be so once everything has come to rest, whoever was killed when: nothing lost, nothing decided
twice, nothing said that was not so, the audit chain whole."""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

from sqlalchemy import func, select

from adapters.store.tables import outbox
from adapters.wiring import Clerk
from bot.workflows.request import Request, Taken
from tests.chaos.people import Day, buttons
from tests.slack_server import FakeSlack, User
from tests.slack_server.drawing import lines
from tests.slack_server.workspace import Message

REFERENCE = re.compile(r"AET-[A-Z0-9]{5}")
CLAIMS = {
    "Waiting for: Decision by the headteacher": ("check", "done"),
    "Waiting for: Access opened by ICT": ("decision", "approved"),
    "Approved": ("decision", "approved"),
    "Refused": ("decision", "refused"),
    ": finished": ("carry_out", "done"),
    ": sent": ("", "submitted"),
}
"""Words that say that something has happened, and the event that they speak of."""


def resting(clerk: Clerk) -> bool:
    """Nothing is left to be sent."""
    with clerk.database.read() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar() == 0


def findings(clerk: Clerk, slack: FakeSlack, day: Day, asked: list[str]) -> Iterator[str]:
    """Everything that is wrong. `asked`: the addresses that people set out to send."""
    requests = {one.reference: one for one in clerk.store.kept("aet")}
    yield from lost(requests, day, asked)
    yield from twice(requests)
    yield from undelivered(clerk, slack, requests)
    histories = {ref: clerk.store.history(one.id) for ref, one in requests.items()}
    yield from untrue(slack, histories)
    yield from receipts(clerk, slack, requests, histories)
    yield from clerk.store.verify("aet")


def lost(requests: dict[str, Request], day: Day, asked: list[str]) -> Iterator[str]:
    """What somebody was told has been sent, and is not there; a form that somebody sent until they were told so,
    and that did not become a request."""
    yield from (f"{reference} was sent and is not there" for reference in day.received - requests.keys())
    there = {address for request in requests.values() for address in request.values["url"]}
    yield from (f"{address} was lost" for address in sorted(set(asked) - there))


def twice(requests: dict[str, Request]) -> Iterator[str]:
    """A step that was signed more than once; a step that follows from nothing."""
    for reference, request in requests.items():
        signed = Counter(taken.stage for taken in request.taken if taken.signs)
        yield from (f"{reference}: {stage} was decided {n} times" for stage, n in signed.items() if n > 1)
        if request.is_open:
            yield f"{reference} still waits at {[one.stage for one in request.open]}"


def undelivered(clerk: Clerk, slack: FakeSlack, requests: dict[str, Request]) -> Iterator[str]:
    """Somebody who was to be told and has no message, or one that shows an earlier state."""
    posted = {(m.channel, m.ts): m for m in slack.workspace.messages if not m.only_for}
    for reference, request in requests.items():
        sent = clerk.store.deliveries(request.id)
        theirs = {request.requester, *(taken.person for taken in request.taken if taken.signs)}
        for person in theirs - {one.person for one in sent}:
            # Killed between posting a card and writing down where it lies, and the card used before the lease ended.
            if not any(reference in str(one.blocks) for one in lying_with(slack, person)):
                yield f"{reference}: {person} was never told"
        for one in sent:
            _, _, channel, ts = one.address.split(":")
            message = posted.get((channel, ts))
            if message is None:
                yield f"{reference}: delivered to {one.person}, and nothing lies there"
            elif "newer message" not in str(message.blocks) and not _ended(message.blocks):
                yield f"{reference}: what lies with {one.person} shows an earlier state"
    known = {one.address for request in requests.values() for one in clerk.store.deliveries(request.id)}
    for _, message, _, _ in leftover(slack):
        if f"slack:T1:{message.channel}:{message.ts}" in known:
            yield "a button is left on a card of a request that is finished"


def lying_with(slack: FakeSlack, person: str) -> list[Message]:
    """What lies in somebody's conversation with the clerk."""
    theirs = slack.workspace.direct(person.removeprefix("aet.")).id
    return [one for one in slack.workspace.messages if one.channel == theirs]


def leftover(slack: FakeSlack) -> list[tuple[User, Message, dict[str, Any], dict[str, Any]]]:
    """Buttons that still ask for a decision."""
    users = [slack.user(name) for name in slack.workspace.people]
    return [(user, *found) for user in users for found in buttons(user)]


async def pressed_too_late(slack: FakeSlack) -> AsyncIterator[str]:
    """A card of which nothing is written down, with a button: pressed, it becomes the card as it stands."""
    for user, message, block, button in leftover(slack):
        await user.presses(message, block, button)
        await slack.quiet(0.5)
        if any(one is message for one, _, _ in buttons(user)) or not _ended(message.blocks):
            yield f"a button of {user.id} pressed too late leaves its card as it was"


def _ended(blocks: list[dict[str, object]]) -> bool:
    return bool(re.search(": (finished|refused)|Finished|Refused", "\n".join(lines(blocks, {}))))


def untrue(slack: FakeSlack, histories: dict[str, tuple[Taken, ...]]) -> Iterator[str]:
    """Something said to somebody before it had happened, or that never did."""
    for at, text in said(slack):
        references = set(REFERENCE.findall(text))
        if len(references) != 1:
            continue  # a list of several: each of its cards is said alone too
        history = histories.get(reference := references.pop())
        if history is None:
            yield f"somebody was told of {reference}, which is not there"
            continue
        for words, (stage, action) in CLAIMS.items():
            true = [one for one in history if one.stage == stage and one.action == action]
            if words in text and not (true and true[0].at.timestamp() <= at):
                yield f"{reference}: “{words}” was said, and was not so"


def said(slack: FakeSlack) -> Iterator[tuple[float, str]]:
    """Everything the clerk said, in calls and in answers, and when (seconds since 1970)."""
    for call in slack.calls:
        if call.came == "ok":
            yield call.at, json.dumps(call.said, ensure_ascii=False)
    yield from slack.wire.bodies  # type: ignore[union-attr]


def receipts(
    clerk: Clerk,
    slack: FakeSlack,
    requests: dict[str, Request],
    histories: dict[str, tuple[Taken, ...]],
) -> Iterator[str]:
    """A stamp on a delivery that stands for nothing."""
    for reference, request in requests.items():
        acted = {taken.person for taken in histories[reference] if taken.signs}
        opened = {taken.person for taken in histories[reference] if taken.action == "opened"}
        for one in clerk.store.deliveries(request.id):
            if one.acted_at and one.person not in acted:
                yield f"{reference}: {one.person} is said to have acted"
            if one.opened_at and one.person not in opened:
                yield f"{reference}: {one.person} is said to have opened it"
