"""What keeps a school from going live, found before anyone relies on it."""

from collections.abc import Iterator

from bot.guidance import ASK
from bot.ports import Published
from bot.safeguarding import national_services


def go_live_findings(published: Published) -> Iterator[str]:
    """Plain sentences, each with what to do. Nothing means that the school may go live."""
    school = published.school
    if school.contacts.fictional:
        yield "the telephone numbers are invented: enter the school's own (school.yaml, contacts)"
    for contact in school.contacts.everyone:
        if not contact.phone:
            yield f"there is no telephone number for the {contact.title} (school.yaml, contacts)"
    if school.policy.adopted is None or school.policy.review is None:
        yield "enter when the policy was adopted and when its review is due (school.yaml, policy)"
    if all(workflow.id == ASK for workflow in published.workflows):
        yield "no procedures yet: questions are answered, but nothing can be requested (workflows/)"
    if published.policy.wording == "restated":
        yield "the policy is our short wording: import the school's own document, so that answers quote it"
    unchecked = [service.name for service in national_services() if not service.checked]
    if unchecked:
        yield f"check these national services and enter the day (bot/services.yaml): {', '.join(unchecked)}"
