"""What the tests of commands share: a typed command, files to give it, a request nobody has delivered."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.demo import stage
from adapters.settings import Settings
from adapters.wiring import wire
from bot.cards import Message, OpenForm, Reply, UpdateForm
from bot.events import CommandCalled, FormSubmitted, Identity

only_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""There may be no database: a PostgreSQL address always names one. The playground's is a SQLite file."""
FRIEND = "can I accept a parent's friend request?"
PHONES = """Lakeside Junior School

Mobile Phones Policy

Approved: 3 March 2026

1. In school

Staff must not use a phone in a classroom.

2. On trips

Every trip takes one charged school phone.
"""
BIKES = PHONES.replace("Mobile Phones", "Bicycles").replace(
    "a phone in a classroom", "a bicycle in a corridor"
)


@dataclass
class Said:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


Clerk = Callable[..., Said]
"""Types a command."""


def saved(name: str, text: str | bytes) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def answers_from(clerk: Clerk, school: str) -> str:
    """The title of the policy that is in force."""
    return str(clerk("policy", "show", school, "--json").json["title"])


UNBLOCK = {
    "url": ("https://www.example.org/planets",),
    "content": ("Pictures from space.",),
    "reasons": ("A science lesson.",),
    "risks": ("None that I can think of.",),
    "for_pupils": ("no",),
}


def submit_without_delivering(settings: Settings) -> str:
    """Send a request of the playground's cast while nobody works off the outbox. Its reference."""
    wired = wire(settings)
    try:
        stage(wired)
        who = Identity(platform="web", tenant="aet", user="class-teacher")
        opened = wired.assistant.handle(CommandCalled(id="e1", who=who, command="unblock-request"))
        assert isinstance(opened, OpenForm)
        reply: Reply = opened
        for event in ("e2", "e3"):  # whatever safety has to say first, sending is not blocked
            if isinstance(reply, OpenForm | UpdateForm):
                form = reply.form
                reply = wired.assistant.handle(
                    FormSubmitted(id=event, who=who, form=form.id, state=form.state, values=UNBLOCK)
                )
        assert isinstance(reply, Message)
        assert reply.cards[0].title.endswith(": sent")
        return reply.cards[0].title.split()[0]
    finally:
        wired.close()


def policyclerk(*words: str) -> list[str]:
    return [sys.executable, "-m", "adapters.cli", *words]
