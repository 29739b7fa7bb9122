"""The playground: five schools, an invented cast in every role, and a few requests to look at.

Nothing here is used by `serve`. Names are roles, telephone numbers are those kept free for fiction.
"""

import logging
from pathlib import Path

from adapters.schools import folders, read_school
from adapters.web.cast import Persona, Playhouse
from adapters.wiring import Clerk
from bot.events import CommandCalled, Event, FormSubmitted, Identity
from bot.people import Person, School
from bot.ports import Published

EVERYDAY = {
    "class-teacher": "Class teacher",
    "teaching-assistant": "Teaching assistant",
    "office-manager": "Office manager",
}
"""Staff without a role of their own; the office manager is the clerk's administrator."""
SAME_PERSON = {"st-alphege": {"dsl": "head-of-school"}}
"""Roles held by whoever holds another, as the policy says (st-alphege:26)."""

_log = logging.getLogger(__name__)


def stage(clerk: Clerk, home: Path | None = None) -> tuple[Playhouse, ...]:
    """Publish every school, those of `home` included, and put its cast on the list. Harmless to repeat."""
    houses = []
    for folder in folders(home or clerk.settings.folder):
        published = read_school(folder)
        clerk.library.publish(published, clerk.services.clock.now())
        houses.append(cast(clerk, published))
        if not clerk.store.open_in(published.school.id):
            _sample_requests(clerk, published)
    return tuple(houses)


def cast(clerk: Clerk, published: Published) -> Playhouse:
    """Put one person for each role, and the everyday staff, on a school's list. Harmless to repeat."""
    school = published.school
    people = people_of(school)
    for user, person in people.items():
        clerk.directory.add_person(person)
        clerk.directory.link(Identity(platform="web", tenant=school.id, user=user), person.id)
    for role, holder in holders_of(school).items():
        clerk.directory.set_role(school.id, role, [people[holder].id])
    return Playhouse(
        id=school.id,
        name=school.name,
        policy=f"{published.policy.title}, {published.policy.version}",
        cast=tuple(
            Persona(user=user, person=person.id, name=person.name, roles=_roles(school, user))
            for user, person in people.items()
        ),
    )


def people_of(school: School) -> dict[str, Person]:
    """One person for each role, and the everyday staff: user name in the path to person."""
    same = SAME_PERSON.get(school.id, {})
    roles = {
        r: role.title for r, role in school.roles.items() if r != school.administrators and r not in same
    }
    head = next(role for role in school.roles if role in school.head_roles)
    manager = next((deputy for deputy in school.roles[head].deputies), head)
    return {
        user: Person(
            id=f"{school.id}.{user}",
            school=school.id,
            name=name,
            line_manager=f"{school.id}.{manager}" if user != manager else f"{school.id}.{head}",
        )
        for user, name in (EVERYDAY | roles).items()
    }


def holders_of(school: School) -> dict[str, str]:
    """Each role of a school to the user name of the one who holds it."""
    same = SAME_PERSON.get(school.id, {}) | {school.administrators: "office-manager"}
    return {role: same.get(role, role) for role in school.roles}


def _roles(school: School, user: str) -> str:
    """What somebody does besides what their name says."""
    if user == "office-manager":
        return school.title(school.administrators)
    also = [role for role, holder in SAME_PERSON.get(school.id, {}).items() if holder == user]
    return ", ".join(school.title(role) for role in also)


def _sample_requests(clerk: Clerk, published: Published) -> None:
    """Two requests on their way, made through the clerk's own door."""
    if published.workflow("unblock-request") is None:
        return
    school = published.school.id
    for who, address, reasons in (
        ("class-teacher", "https://www.instagram.com/nasa", "Pictures from space for a science lesson."),
        ("teaching-assistant", "https://www.facebook.com/groups/forest-school", "Ideas for forest school."),
    ):
        say = _Speaker(clerk, Identity(platform="web", tenant=school, user=who))
        state = say.open_form("unblock-request")
        values = {
            "url": (address,),
            "content": ("A public page with pictures.",),
            "reasons": (reasons,),
            "risks": ("Comments by strangers. I show it on the board, with comments hidden.",),
            "for_pupils": ("no",),
        }
        say(
            FormSubmitted(id=f"sample-{who}", who=say.who, form="unblock-request", state=state, values=values)
        )


class _Speaker:
    """One of the cast, saying something to the clerk."""

    def __init__(self, clerk: Clerk, who: Identity) -> None:
        self.who = who
        self._clerk = clerk

    def __call__(self, event: Event) -> object:
        return self._clerk.assistant.handle(event)

    def open_form(self, command: str) -> str:
        """The state of a freshly opened form."""
        reply = self(CommandCalled(id=f"sample-{command}", who=self.who, command=command))
        form = getattr(reply, "form", None)
        return form.state if form else ""
