"""Everybody who could try something at aet, and each state a request can be in, made through the clerk's own door."""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from adapters.demo import cast, people_of
from adapters.schools import Folder, read_school
from adapters.store.tables import outbox
from bot.events import Identity, Standing
from bot.people import Person
from bot.workflows.request import Request
from tests.procedures import CASE, with_procedures
from tests.school import Player, Stage

SECRET = "Room Xyzzy 12"
"""What nobody reads who may not."""
CAST = {
    "sender": "class-teacher",
    "technician": "ict-technician",
    "stands-in": "online-safety-lead",
    "head": "headteacher",
    "deputy-head": "deputy-headteacher",
    "dsl": "dsl",
    "chair": "chair",
    "administrator": "office-manager",
    "colleague": "marketing-officer",
    "subject": "teaching-assistant",
}
COMMANDS = dict.fromkeys(
    ("concern-about-staff", "concern-about-pupil", "concern-about-head"), "report-concern"
)
NOT_NEEDED = {"settled": "dropped", "reason": "Not needed."}
RECEIVERS = {
    "unblock-request": "headteacher",
    "concern-about-staff": "headteacher",
    "concern-about-pupil": "dsl",
    "concern-about-head": "chair",
    "report-abuse": "marketing-officer",
}
"""Who decides what is sent, or deals with it."""


@dataclass(frozen=True)
class Party:
    """Somebody who tries: on a platform, as it vouches for them."""

    who: Identity
    standing: Standing = "member"


@dataclass
class Town:
    """aet with its cast, and step beside it. `ids`: the person each party is; empty for a stranger."""

    stage: Stage
    ids: dict[str, str]

    @classmethod
    def settled(cls, stage: Stage, home: Path) -> "Town":
        clerk, now = stage.clerk, stage.clock.now()
        with_procedures(stage, CASE)
        step = read_school(Folder("step", home))
        clerk.library.publish(step, now)
        cast(clerk, step)
        for school in ("aet", "step"):
            clerk.places.adopt(school, now)
        for (
            user,
            player,
        ) in stage.players.items():  # who acts in the stories, whatever platform a test is about
            player.who = Identity(platform="web", tenant="stories", user=user)
            clerk.directory.link(player.who, player.id)
        left = Person(id="aet.left", school="aet", name="Left", ends=now.date() - timedelta(days=1))
        clerk.directory.add_person(left)
        clerk.directory.set_role("aet", "headteacher", [stage["headteacher"].id, left.id])
        ids = {name: stage[user].id for name, user in CAST.items()}
        other = people_of(step.school)["headteacher"].id
        return cls(stage, ids | {"elsewhere": other, "stranger": "", "guest": ids["head"], "leaver": left.id})

    def party(self, name: str, platform: str, tenant: str) -> Party:
        """Somebody by an account of theirs on a platform, which is linked here."""
        who = Identity.model_validate({"platform": platform, "tenant": tenant, "user": f"U-{name}"})
        if self.ids[name]:
            self.stage.clerk.directory.link(who, self.ids[name])
        return Party(who, "guest" if name == "guest" else "member")

    def request(self, procedure: str, state: str) -> Request:
        """A new request of that procedure in that state."""
        before = {one.id for one in self._sent()}
        command = COMMANDS.get(procedure, procedure)
        form = self._sender.calls(command)
        if command == "report-abuse":
            values = {"url": "https://example.org/horrid", "nature": SECRET}
            asked = self._sender.sends(form, **values)
            self._sender.sends(asked, about_receiver="no", **values)
        elif command == "unblock-request":
            address = f"https://example.org/{len(before)}"
            texts = {"content": "Pictures.", "reasons": SECRET, "risks": "None."}
            self._sender.sends(form, url=address, for_pupils="no", **texts)
        else:
            about = procedure.removeprefix("concern-about-")
            asked = self._sender.sends(form, danger="no", image="no")
            values = {"who": {"head": "headteacher"}.get(about, about), "kinds": "other", "reach": SECRET}
            if about == "staff":
                values["staff_member"] = self.ids["subject"]
            asked = self._sender.sends(asked, **values)
            self._sender.sends(asked, about_receiver="no", **values)
        (request,) = (one for one in self._sent() if one.id not in before)
        self._delivered()
        for step in STEPS[state]:
            self._does(request.id, procedure, step)
        return self.loaded(request)

    def loaded(self, request: Request) -> Request:
        found = self.stage.clerk.store.load(request.id)
        assert found
        return found

    def _does(self, request_id: str, procedure: str, step: str) -> None:
        receiver = RECEIVERS[procedure]
        user, label, values = {
            "pass": ("ict-technician", "Pass to headteacher", {"blocked": "yes"}),
            "approve": ("headteacher", "Approve", {"reason": "Good."}),
            "refuse": ("headteacher", "Refuse", {"reason": "No."}),
            "done": ("ict-technician", "Mark done", {}),
            "back": ("ict-technician", "Send back", {"reason": "Which page?"}),
            "withdraw": ("class-teacher", "Withdraw", None),
            "receive": (receiver, "I am dealing with it", None),
            "close": (receiver, "Close with an outcome", {"reason": "Spoken to.", "outcome": "advice"}),
            "host": (receiver, "Tick the checklist", {"action": "host", **NOT_NEEDED}),
            "support": (receiver, "Tick the checklist", NOT_NEEDED),
            "away": ("ict-technician", "", None),
        }[step]
        player = self.stage[user]
        if step == "away":
            self.stage.away(user)
            self.stage.clock.pass_by(timedelta(minutes=2))  # the worker has looked who is there
        else:
            reply = player.presses(self._button(player, request_id, label))
            if values is not None:
                player.sends(reply, **values)
        self._delivered()

    def _delivered(self) -> None:
        """Send what waits, and let a server's own worker finish what it holds."""
        for _ in range(200):
            self.stage.deliver()
            with self.stage.clerk.database.read() as connection:
                waiting = select(func.count()).where(outbox.c.set_aside_at.is_(None)).select_from(outbox)
                if not connection.execute(waiting).scalar():
                    return
            time.sleep(0.02)

    @staticmethod
    def _button(player: Player, request_id: str, label: str) -> object:
        for card in player.feed():
            for button in card.buttons:
                if button.target.partition("/")[0] != request_id:
                    continue
                if button.label == label:
                    return button
                if button.action == "open":
                    details = player.presses(button)
                    for inner in getattr(getattr(details, "card", None), "buttons", ()):
                        if inner.label == label:
                            return inner
        raise AssertionError(f"{player.who.user} sees no “{label}”")

    @property
    def _sender(self) -> Player:
        return self.stage["class-teacher"]

    def _sent(self) -> tuple[Request, ...]:
        return self.stage.clerk.store.requested_by(self._sender.id)


STEPS: dict[str, tuple[str, ...]] = {
    "checking": (),
    "standing-in": ("away",),
    "deciding": ("pass",),
    "carrying-out": ("pass", "approve"),
    "sent-back": ("back",),
    "refused": ("pass", "refuse"),
    "withdrawn": ("withdraw",),
    "finished": ("pass", "approve", "done"),
    "sent": (),
    "received": ("receive",),
    "closed": ("close",),
    "ticked": ("host", "support"),
    "ended": ("host", "support", "close"),
}
"""How a request gets into each state."""
