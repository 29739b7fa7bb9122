"""The governors' report: how a school's procedures run and what its policy does not answer, in counts that point to
nobody. What staff asked, who asked, and anything of a single request stands nowhere in it."""

from collections.abc import Iterable
from datetime import date, timedelta
from math import ceil
from statistics import median

from bot.guidance import HELD_BACK, worth_showing
from bot.ports import Gap, Published
from bot.workflows.deadlines import day
from bot.workflows.request import Action, Request
from knowledge.topics import default_topics

FEW = 5
"""A count smaller than this could point to one person: at a small school, everybody knows whose it was."""
ENDS: tuple[Action, ...] = ("approved", "refused", "done", "acknowledged", "closed", "withdrawn")
"""What a request ends by; anything later (printed, held) is no end."""

Rows = tuple[tuple[str, str], ...]
_READING = (
    "A request is counted once it has ended, also when it was refused or withdrawn. "
    f"A number below {FEW} is said as that: it could point to one person."
)


def governors(
    published: Published, requests: Iterable[Request], gaps: Iterable[Gap], head: tuple[int, str], today: date
) -> Rows:
    """Labels and values: the policy, each procedure of the year before `today`, gaps, and the audit chain's
    `head` (how many events, and the code of the newest)."""
    school, policy = published.school, published.policy
    since = today - timedelta(days=365)
    ended = [request for request in requests if (end := end_of(request)) and since <= end <= today]
    due = school.policy.review_due
    return (
        ("School", school.name),
        ("Period", f"{day(since)} to {day(today)}"),
        ("Policy", f"{policy.title}, {policy.version}"),
        ("Policy review", _review(due, today)),
        *(
            (
                workflow.title,
                _run([one for one in ended if one.workflow == workflow.id and not one.about_people]),
            )
            for workflow in published.workflows
            if any(one.workflow == workflow.id and not one.about_people for one in ended)
        ),
        ("Requests about people, all kinds", _count(sum(one.about_people for one in ended))),
        *_unanswered(published, gaps),
        ("Audit chain, events", str(head[0])),
        ("Audit chain, code of the newest event", head[1] or "none yet"),
        *([("To check later that nothing was changed", _check(school.id, head))] if head[1] else []),
        ("How to read this", _READING),
    )


def end_of(request: Request) -> date | None:
    """The day it ended; None while it is open."""
    ends = [taken.at.date() for taken in request.taken if taken.action in ENDS]
    return ends[-1] if ends and not request.is_open else None


def _run(ended: list[Request]) -> str:
    """How many, and how long the one in the middle took."""
    if len(ended) < FEW:
        return _count(len(ended))
    days = ceil(median(_days(one) for one in ended))
    within = {0: "on the same day", 1: "within 1 day"}.get(days, f"within {days} days")
    return f"{len(ended)}, half of them {within}"


def _check(school: str, head: tuple[int, str]) -> str:
    """What to type, with what stands above filled in."""
    return f"policyclerk audit verify --printed {school}:{head[0]}:{head[1]}"


def _days(request: Request) -> int:
    return ((end_of(request) or request.created_at.date()) - request.created_at.date()).days


def _count(number: int) -> str:
    return f"fewer than {FEW}" if number < FEW else str(number)


def _review(due: date | None, today: date) -> str:
    if due is None:
        return "no date is set"
    return f"overdue since {day(due)}" if due < today else f"due {day(due)}"


def _unanswered(published: Published, gaps: Iterable[Gap]) -> Rows:
    shown = worth_showing(gap for gap in gaps if gap.kind == "silent")
    if not shown:
        return (("Asked and not answered by the policy", f"nothing {HELD_BACK} times or more"),)
    topics = default_topics()
    return tuple(
        (f"Asked and not answered: {topics.by_id(gap.about).about}", f"{gap.count} times") for gap in shown
    )
