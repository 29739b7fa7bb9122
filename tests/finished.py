"""Finished requests, of either kind, for tests of what becomes of them."""

from datetime import timedelta

from adapters.retaining import LOOK, LOOKS
from bot.cards import Button, Details
from bot.workflows.request import Request
from tests.school import Player, Stage, form_of

UNBLOCK = {
    "url": "https://www.example.org/rivers",
    "content": "Pictures of rivers.",
    "reasons": "A geography lesson.",
    "risks": "None that I can think of.",
    "for_pupils": "no",
}
SEEN = {"url": "https://example.org/horrid", "nature": "Violent pictures."}


def unblocked(aet: Stage, until: str = "2026-12-18") -> Request:
    """A finished request to unblock a site, and its entry in the register."""
    teacher, technician, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    aet.deliver()
    technician.acts("Pass to headteacher", blocked="yes", technical_risks="None beyond the usual.")
    aet.deliver()
    head.acts("Approve", reason="Good use.")
    aet.deliver()
    technician.acts("Mark done", **({"until": until} if until else {}))
    aet.deliver()
    aet.clock.pass_by(timedelta(seconds=1))
    return newest(aet, teacher)


def concern(aet: Stage) -> Request:
    """A request about people that waits for the DSL and ICT."""
    teacher = aet["class-teacher"]
    form = form_of(teacher.sends(teacher.calls("report-content"), danger="no", image="no"))
    asked = teacher.sends(form, **SEEN, who="pupil", pupil_name="Sam Example")
    teacher.sends(asked, **SEEN, who="pupil", pupil_name="Sam Example", about_receiver="no")
    aet.deliver()
    return newest(aet, teacher)


def closed_concern(aet: Stage) -> Request:
    """One that both have dealt with."""
    request = concern(aet)
    press(aet["dsl"], request, "close", reason="Dealt with under the behaviour policy.")
    press(aet["ict-technician"], request, "done", action_taken="Blocked.")
    aet.deliver()
    closed = newest(aet, aet["class-teacher"])
    assert closed.status == "closed"
    aet.clock.pass_by(timedelta(seconds=1))
    return closed


def press(player: Player, request: Request, action: str, **values: str) -> None:
    """Open the details, press a button there, and send its form."""
    reply = player.presses(Button(action="open", label="Open details", target=request.id))
    assert isinstance(reply, Details)
    button = next(b for b in reply.card.buttons if b.action == action)
    player.sends(player.presses(button), **values)


def give_address(aet: Stage, user: str) -> str:
    """An e-mail address for one of the cast."""
    person = aet.clerk.directory.staff("aet").person(aet[user].id)
    assert person is not None
    address = f"{user}@school.example"
    aet.clerk.directory.add_person(person.model_copy(update={"email": address}))
    return address


def newest(aet: Stage, player: Player) -> Request:
    request, *_ = aet.clerk.store.requested_by(player.id)
    return request


def looked_daily(stage: Stage) -> None:
    """So many days that the worker erases what was over before them."""
    for _ in range(LOOKS + 1):
        stage.clock.pass_by(LOOK)
        stage.deliver()
