"""Somebody in a workspace of Slack whom a test makes known, or does not."""

from adapters.demo import cast
from bot.cards import Button, Reply
from bot.events import Identity
from tests.school import Player, Stage, packaged

SLACK = Identity(platform="slack", tenant="T1", user="U1")


def connect(stage: Stage, *schools: str) -> None:
    for school in schools:
        stage.clerk.places.adopt(school, stage.clock.now())
        stage.clerk.places.connect("slack", "T1", school)


def second_school(stage: Stage) -> None:
    published = packaged("step")
    stage.clerk.library.publish(published, stage.clock.now())
    cast(stage.clerk, published)


def player(stage: Stage, identity: Identity = SLACK) -> Player:
    newcomer = Player(stage, "somebody", "")
    newcomer.who = identity
    return newcomer


def buttons(reply: Reply) -> list[Button]:
    return [button for card in getattr(reply, "cards", ()) for button in card.buttons]


def unblock(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(
        teacher.calls("unblock-request"),
        url="https://a.example", content="x", reasons="Secret reasons", risks="z", for_pupils="no",
    )  # fmt: skip
    aet.deliver()
