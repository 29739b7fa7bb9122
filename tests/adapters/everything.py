"""Everything the clerk says at one school: each command, each form filled in and sent, each card of everyone
concerned, each button on it and each form that opens.

Told of neutral words alone: a form is filled in from what it asks, with the nastiest text there is. What
is said is collected; whether a platform can draw it is for that platform's tests to ask.
"""

from collections.abc import Iterator

from bot.cards import Button, Card, Choice, Field, FieldErrors, Form, Message, PersonPicker, Reply
from bot.workflows.definition import Workflow
from tests.adapters.gallery import EVERYTHING_NASTY
from tests.school import Player, Stage

ROUNDS = 8
ASKED_BEFORE = {"danger": "no", "image": "no", "about_receiver": "no", "requester_leaves": "no"}
STEPS_ON = ("Pass", "Approve", "Agree", "Mark", "Done", "Answer", "Carried", "Record")
"""Buttons that take a request further, by how their labels begin; pressed after all the others."""


class Walk:
    """One school, walked through. `said` are (where, reply) and `cards` are (where, card)."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.said: list[tuple[str, Reply]] = []
        self.cards: list[tuple[str, Card]] = []

    def commands(self) -> None:
        """What everyone sees of their own page and of every command."""
        for user, player in self.stage.players.items():
            self._hears(f"{user} home", player.opens_home())
            for command, _, _ in self.stage.clerk.assistant.commands(player.who):
                if user == "class-teacher" or not self.stage.published.workflow(command):
                    self._hears(f"{user} /{command}", player.calls(command))

    def own_commands(self) -> None:
        """What a teacher and the administrator do with what is no procedure: lists, registers, absences, setting
        up. Each kind of button once, each form empty and filled in. Changes who holds what: to be done last."""
        for user in ("class-teacher", "office-manager"):
            player = self.stage[user]
            for command, _, _ in self.stage.clerk.assistant.commands(player.who):
                if not self.stage.published.workflow(command):
                    self._tries(f"{user} /{command}", player, player.calls(command))

    def _tries(self, where: str, player: Player, reply: Reply) -> None:
        buttons = {b.label: b for card in getattr(reply, "cards", ()) for b in card.buttons}
        for button in buttons.values():
            if button.action not in ("start", "open", "print"):
                self._sent(f"{where} [{button.label}]", player, player.presses(button), 0)

    def questions(self, *asked: str) -> None:
        """What a class teacher is answered."""
        for text in asked:
            self._hears(f"asked: {text}", self.stage["class-teacher"].asks(text))

    def workflow(self, workflow: Workflow, pick: int) -> None:
        """One procedure from its form to its end; `pick` says which of the options is chosen everywhere."""
        where = f"{workflow.id} {pick}"
        teacher, store = self.stage["class-teacher"], self.stage.clerk.store
        before = {one.id for one in store.requested_by(teacher.id)}
        self._sent(where, teacher, teacher.calls(workflow.id), pick)
        for request in [one.id for one in store.requested_by(teacher.id) if one.id not in before]:
            for at in range(ROUNDS):
                self.stage.deliver()
                players = self.stage.players.values()
                if not any([self._acts(f"{where} round {at}", one, request, pick) for one in players]):
                    break

    def _acts(self, where: str, player: Player, request: str, pick: int) -> bool:
        """Look at every card, open what every button opens, then press one that takes it further."""
        cards = [card for card in player.feed() if any(b.target.startswith(request) for b in card.buttons)]
        self.cards += [(f"{where} {player.who.user}", card) for card in cards]
        buttons = [button for card in cards for button in card.buttons]
        opened = [
            (button, self._presses(where, player, button))
            for button in buttons
            if button.action not in ("withdraw", "print")
        ]
        further = [(button, reply) for button, reply in opened if button.label.startswith(STEPS_ON)]
        if further and getattr(further[0][1], "form", None):
            self._sent(f"{where} {further[0][0].label}", player, further[0][1], pick)
        return bool(further)

    def _presses(self, where: str, player: Player, button: Button) -> Reply:
        reply = player.presses(button)
        self._hears(f"{where} {player.who.user} [{button.label}]", reply)
        for inner in getattr(getattr(reply, "card", None), "buttons", ()):
            if button.action == "open" and inner.action not in ("open", "withdraw", "print"):
                asked = player.presses(inner)
                self._hears(f"{where} {player.who.user} [{button.label}] [{inner.label}]", asked)
                self._sent(f"{where} [{inner.label}]", player, asked, 0)
        return reply

    def _sent(self, where: str, player: Player, reply: Reply, pick: int) -> None:
        """Fill in and send until there is no more form; once left empty, for the errors."""
        self._hears(where, reply)
        if getattr(reply, "form", None):
            self._hears(f"{where} left empty", player.sends(reply))
        for step in range(ROUNDS):
            form = getattr(reply, "form", None)
            if not isinstance(form, Form) or (isinstance(reply, FieldErrors) and step > 4):
                return
            for item in form.inputs:
                if getattr(item, "refreshes", False):
                    reply = player.changes(form, **filled(form, pick))
                    self._hears(f"{where} {item.id} changed", reply)
                    form = getattr(reply, "form", form)
            reply = player.sends(form, **filled(form, pick))
            self._hears(f"{where} step {step}", reply)

    def _hears(self, where: str, reply: Reply) -> None:
        self.said.append((where, reply))
        if isinstance(reply, Message):
            self.cards += [(where, card) for card in reply.cards]


def filled(form: Form, pick: int) -> dict[str, tuple[str, ...]]:
    """A form filled in with what is hardest to draw."""
    return dict(_entries(form, pick))


def _entries(form: Form, pick: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in form.inputs:
        match item:
            case Field(kind="date"):
                yield item.id, ("2027-02-01",)
            case Field(kind="address"):
                yield item.id, (f"https://site-{pick}.example/a?b=<!channel>&c=*d*",)
            case Field(kind="lines"):
                yield item.id, ("https://one.example/<@U1>", "https://two.example/_x_")
            case Field():
                text = EVERYTHING_NASTY if item.kind == "long_text" else EVERYTHING_NASTY.replace("\n", " ")
                yield item.id, (text[: item.max_length].strip(),)
            case Choice(options=options) if options:
                chosen = ASKED_BEFORE.get(item.id, options[pick % len(options)].value)
                yield item.id, tuple(one.value for one in options) if item.several else (chosen,)
                yield from (
                    (f"{item.id}__{one.value}", ("Nasty <!here> *x*",)) for one in options if one.detail
                )
            case PersonPicker(people=people) if people:
                yield item.id, (people[pick % len(people)][0],)
