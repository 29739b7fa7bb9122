"""What a workspace holds: people, channels, messages, views, files, and the app's tokens. No HTTP here."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Drawn = dict[str, Any]


class Refused(Exception):
    """Slack says no: `error` is its name for why, `messages` what else it says."""

    def __init__(
        self, error: str, messages: list[str] | None = None, retry_after: int = 0, **more: Any
    ) -> None:
        super().__init__(error)
        self.error, self.messages, self.retry_after, self.more = error, messages or [], retry_after, more


@dataclass
class Person:
    """Somebody in the workspace. `team` differs from the workspace's for people of a connected one."""

    id: str
    name: str
    team: str
    email: str = ""
    guest: bool = False
    deleted: bool = False
    bot: bool = False
    admin: bool = False
    confirmed: bool = True
    """Whether they have shown that the address is theirs."""

    def described(self, *, email: bool) -> Drawn:
        """As `users.info` has it; the address only with the scope `users:read.email`."""
        profile: Drawn = {"real_name": self.name, "display_name": self.name, "team": self.team}
        if email and self.email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.id.lower(),
            "real_name": self.name,
            "deleted": self.deleted,
            "is_bot": self.bot,
            "is_app_user": False,
            "is_admin": self.admin,
            "is_email_confirmed": self.confirmed,
            "is_owner": False,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "tz": "Europe/London",
            "profile": profile,
        }


@dataclass
class Channel:
    """A place for messages. `kind` is `public`, `private` or `im`."""

    id: str
    name: str
    kind: str
    members: set[str] = field(default_factory=set)
    archived: bool = False
    deleted: bool = False
    shared: bool = False
    """With another workspace."""


@dataclass
class Message:
    """One message. `only_for` is the one person who sees an ephemeral one."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Drawn] = field(default_factory=list)
    thread_ts: str = ""
    only_for: str = ""
    files: list["File"] = field(default_factory=list)
    edited: bool = False
    state: dict[tuple[str, str], Drawn] = field(default_factory=dict)
    unfurls: bool = True
    """Whether Slack may fetch what its links lead to."""

    def described(self, workspace: "Workspace") -> Drawn:
        """As Slack shows it to an app."""
        told: Drawn = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
            "team": workspace.id,
        }
        if self.user == workspace.bot.id:
            told |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
        if self.blocks:
            told["blocks"] = self.blocks
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if self.files:
            told["files"] = [{"id": one.id, "name": one.name, "title": one.title} for one in self.files]
        return told


@dataclass
class View:
    """A modal or a home as one person has it open."""

    id: str
    user: str
    drawn: Drawn
    hash: str
    root: str
    previous: str | None = None
    state: dict[tuple[str, str], Drawn] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    """What Slack says when the app did not answer as it should."""


@dataclass
class File:
    """A file, from the address it was sent to."""

    id: str
    name: str
    length: int
    title: str = ""
    content: bytes = b""
    shared: bool = False


@dataclass
class Trigger:
    """What lets an app open a view for somebody, once, for three seconds."""

    user: str
    made: float
    view: str = ""
    """The modal it came from, if any."""
    used: bool = False


@dataclass
class Workspace:
    """One workspace in which the app is installed."""

    id: str
    bot_token: str
    app_id: str = "A0CLERK"
    bot_id: str = "B0CLERK"
    domain: str = "a-school"
    scopes: frozenset[str] | None = None
    """What the app was granted; everything where None."""
    token_error: str = ""
    """`token_revoked`, `account_inactive` or `invalid_auth` instead of an answer."""
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    stacks: dict[str, list[View]] = field(default_factory=dict)
    """The open modals of each person, the one on top last."""
    homes: dict[str, View] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    skew: float = 0.0
    """Seconds a test has let pass."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.bot = self.person("U0CLERK", "Policy Clerk", bot=True)

    def clock(self) -> float:
        """Seconds, as triggers and answers are timed."""
        return time.monotonic() + self.skew

    def new(self, prefix: str) -> str:
        """An id nothing has yet."""
        return f"{prefix}{next(self._numbers):06}"

    def ts(self) -> str:
        """A message's time and name in one."""
        return f"{int(time.time())}.{next(self._numbers):06}"

    def person(self, user: str, name: str, **more: Any) -> Person:
        """Somebody new."""
        self.people[user] = Person(id=user, name=name, **{"team": self.id, **more})
        return self.people[user]

    def channel(
        self, channel: str, *members: str, kind: str = "public", bot: bool = True, **more: Any
    ) -> Channel:
        """A new channel, with the app in it unless `bot` is false."""
        inside = {*members, *([self.bot.id] if bot else [])}
        self.channels[channel] = Channel(
            id=channel, name=more.pop("name", channel.lower()), kind=kind, members=inside, **more
        )
        return self.channels[channel]

    def direct(self, user: str) -> Channel:
        """The conversation of one person with the app."""
        return self.channels.get(f"D{user}") or self.channel(f"D{user}", user, kind="im")

    def visible(self, user: str) -> Iterator[Message]:
        """What one person can read, oldest first."""
        for message in self.messages:
            place = self.channels[message.channel]
            if user in place.members and not place.deleted and message.only_for in ("", user):
                yield message

    def trigger(self, user: str, view: str = "") -> str:
        """A fresh trigger for something `user` did."""
        name = f"{next(self._numbers)}.{next(self._numbers)}.{self.new('t').lower()}"
        self.triggers[name] = Trigger(user=user, made=self.clock(), view=view)
        return name

    def view(self, view_id: str) -> View | None:
        """An open modal or a home by its id."""
        modals = [view for stack in self.stacks.values() for view in stack]
        return next((one for one in [*modals, *self.homes.values()] if one.id == view_id), None)

    def described(self, view: View) -> Drawn:
        """A view as Slack sends it to the app, with what has been filled in."""
        values: dict[str, Drawn] = {}
        for (block_id, action_id), value in view.state.items():
            values.setdefault(block_id, {})[action_id] = value
        return {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
            **({"title": None} if view.drawn["type"] == "home" else {}),
            **view.drawn,
            "id": view.id,
            "team_id": self.id,
            "state": {"values": values},
            "hash": view.hash,
            "root_view_id": view.root,
            "previous_view_id": view.previous,
            "app_id": self.app_id,
            "app_installed_team_id": self.id,
            "bot_id": self.bot_id,
        }
