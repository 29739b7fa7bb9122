"""What keeps a school from going live, found before anyone relies on it."""

from collections.abc import Iterator
from datetime import date

from bot.contacts import to_check, unusable
from bot.guidance import ASK
from bot.ports import Published
from bot.safeguarding import national_services


def go_live_findings(published: Published, today: date) -> Iterator[str]:
    """Plain sentences, each with what to do. Nothing means that the school may go live."""
    school = published.school
    yield from unusable(school.contacts)
    if school.policy.adopted is None or school.policy.review is None:
        yield "enter when the policy was adopted and when its review is due (school.yaml, policy)"
    if all(workflow.id == ASK for workflow in published.workflows):
        yield "no procedures yet: questions are answered, but nothing can be requested (workflows/)"
    if published.policy.wording == "restated":
        yield "the policy is our short wording: import the school's own document, so that answers quote it"
    yield from to_check(school.contacts, national_services(), today)
