"""What keeps a school from going live, found before anyone relies on it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from adapters.wiring import Clerk
from bot.channelcards import lost_line
from bot.contacts import to_check, unusable
from bot.guidance import ASK
from bot.people import School, Staff
from bot.ports import Published
from bot.safeguarding import national_services
from bot.workflows.deadlines import day

TERMS_AHEAD = timedelta(days=42)
"""So long before the last term date is past, the next ones are asked for."""


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
    yield from calendar_findings(school, today)


def calendar_findings(school: School, today: date) -> Iterator[str]:
    """Whether the clock knows when the school is open, for long enough."""
    known_until = max((term.last for term in school.calendar.terms), default=None)
    then = "after that every weekday counts as a school day, holidays included"
    if known_until is None:
        yield "enter the term dates (school.yaml, calendar): without them every weekday counts as a school day"
    elif known_until < today:
        yield f"the term dates ended on {day(known_until)}: enter the next ones (school.yaml, calendar); {then}"
    elif known_until - today < TERMS_AHEAD:
        yield f"the term dates end on {day(known_until)}: enter the next ones (school.yaml, calendar); {then}"


def undelivered_findings(messages: int) -> Iterator[str]:
    """Messages that were to ask somebody and that no platform took."""
    if messages:
        many = "1 message" if messages == 1 else f"{messages} messages"
        yield f"{many} to people who are asked could not be delivered: /stuck-requests shows what waits for them"


def empty_role_findings(published: Published, staff: Staff) -> Iterator[str]:
    """Roles that nobody holds on the day of `staff`, each with what would have nobody (WORKFLOWS, who
    decides, rule 3)."""
    if not staff.current:
        yield "nobody is on the staff list yet, so every role is empty"
        return
    for key, role in published.school.roles.items():
        if not staff.holders(key):
            why = "; ".join(_needed_for(published, key)) or "it stands in school.yaml"
            yield f"nobody holds the role “{role.title}” ({key}): {why}"


def _needed_for(published: Published, role: str) -> Iterator[str]:
    """What a role is for."""
    school = published.school
    named = {
        school.dsl: "concerns about a child go there",
        school.chair: "concerns about a head go there",
        school.administrators: "nobody could look after the clerk",
        school.policy.owner: "it owns the policy",
    }
    if role in named:
        yield named[role]
    for workflow in published.workflows:
        steps = [s.title for s in workflow.stages if any(role in route.roles for route in s.who)]
        steps += ["is told" for tell in workflow.tells if any(role in route.roles for route in tell.who)]
        if steps:
            yield f"/{workflow.command} needs it ({', '.join(steps)})"
    if replaced := [other.title for other in school.roles.values() if role in other.deputies]:
        yield f"it stands in for: {', '.join(replaced)}"


def in_use_findings(clerk: Clerk, published: Published) -> Iterator[str]:
    """What is missing of a school in force: holders of its roles, and what its staff are known by."""
    school = published.school.id
    if school not in clerk.library.schools():
        return
    staff = clerk.directory.staff(school)
    yield from empty_role_findings(published, staff)
    yield from undelivered_findings(len(clerk.store.undelivered(school)))
    if given_up := clerk.store.set_aside(school):
        yield f"messages that were given up: {given_up}; policyclerk outbox list says why"
    yield from _unknown(clerk, staff)
    if school not in clerk.places.adopted():
        yield f"it is not served yet: policyclerk school adopt {school} makes it your own"
    elif not clerk.places.connections(school):
        yield from _on_the_page_alone(clerk, published, staff)
    for channel in clerk.staff_book.channels(school):
        if channel.lost_at:
            yield f"{lost_line(published.school, channel).text} /setup, Channels, chooses another"
    for change in clerk.staff_book.asked(school):
        title = published.school.title(change.role)
        yield f"a change of the {title} waits for a second person since {day(change.asked_at.date())}"


def _unknown(clerk: Clerk, staff: Staff) -> Iterator[str]:
    """People the clerk could not tell from a stranger."""
    addresses = Counter(person.email.casefold() for person in staff.current if person.email)
    for address, people in addresses.items():
        if people > 1:
            yield f"{people} people have the address {address}, so it says of none of them who they are"
    silent = (person for person in staff.current if not person.email)
    unknown = [person.name for person in silent if not clerk.directory.identities_of(person.id)]
    if unknown:
        yield f"nobody can tell who these are, without an e-mail address or an account: {', '.join(unknown)}"


def _on_the_page_alone(clerk: Clerk, published: Published, staff: Staff) -> Iterator[str]:
    """What a school needs that is in no chat: a page that people can reach, and people who have been there."""
    school = published.school.id
    if not clerk.settings.public_url:
        yield (
            f"nobody can talk to it yet: policyclerk school connect {school}, or set POLICYCLERK_PUBLIC_URL for "
            "its page"
        )
        return
    deciding = {person for _, person in staff.holdings}
    never = [p.name for p in staff.current if p.id in deciding and not clerk.directory.identities_of(p.id)]
    if never:
        yield (
            f"these have never signed in, so nothing can be delivered to them: {', '.join(never)} "
            f"(policyclerk sign-in --school {school} ADDRESS)"
        )
