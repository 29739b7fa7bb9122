"""What a person can type after a slash, at their school and in what they hold there."""

from bot.channelcards import SETUP
from bot.conversation import REPORT
from bot.keeping import REGISTERS
from bot.leavers import OPEN_ITEMS
from bot.lists import MY_REQUESTS
from bot.reception import MY_SCHOOL
from bot.registers import visible
from bot.setupcards import AWAY
from bot.signing_in import SIGN_IN, offers_sign_in
from bot.stuck import STUCK, is_administrator
from bot.visit import Services, Visit


def offered(services: Services, visit: Visit) -> tuple[tuple[str, str, str], ...]:
    """(command, title, one line) of each."""
    front = ((REPORT, "Report something", "Worried? Start here: it finds the right form."),)
    own = (
        (MY_REQUESTS, "My requests", "What you sent, and what waits for you."),
        ("policy-gaps", "Policy gaps", "For the policy's owner: what it does not answer."),
        ("help", "Help", "What the clerk can do, and who to go to."),
    )
    stuck_too = (
        (
            (STUCK, "Stuck requests", "For the administrator: steps that nobody is dealing with."),
            (OPEN_ITEMS, "Open items of leavers", "For the administrator: what leavers leave behind."),
            (SETUP, "Set up", "For the administrator: roles, channels, who is away."),
        )
        if is_administrator(visit)
        else ()
    )
    workflows = ((w.command, w.title, w.summary) for w in visit.published.workflows)
    kept = ((REGISTERS, "Registers", "What finished requests leave behind."),) if visible(visit) else ()
    away = (AWAY, "Away", "When you are away: whoever stands in for you is asked.")
    several = ((MY_SCHOOL, "Change school", "Which of your schools I answer for today."),)
    page = ((SIGN_IN, "Sign in on the web", "A link to the page, for you alone."),)
    elsewhere = (*(several if visit.several else ()), *(page if offers_sign_in(services, visit) else ()))
    return (*front, *workflows, *own, away, *kept, *stuck_too, *elsewhere)
