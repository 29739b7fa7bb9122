"""Ways in to the page and out of it: what its server calls, and what is typed at the command line."""

from adapters.settingup import CannotSetUp
from adapters.web.sitting import Doors
from adapters.wiring import Clerk
from bot.people import Person
from bot.workflows.entry import Deed, DeedAction


def doors(clerk: Clerk) -> Doors | None:
    """How people sign in to this clerk's page; None where other computers would reach it unencrypted."""
    if not clerk.settings.page:
        return None
    signs, directory, library = clerk.sign_ins, clerk.directory, clerk.library

    def by_code(email: str, code: str, own: bool) -> str:
        return signs.enter_by_code([p.id for p in directory.with_email(email)], code, own=own)

    return Doors(
        by_link=lambda token, own: signs.enter_by_link(token, own=own),
        by_code=by_code,
        session=lambda cookie, doing: signs.session(cookie, doing=doing),
        end=signs.end,
        end_everywhere=signs.end_everywhere,
        people=directory.who,
        place=lambda school: library.published(school).school.name,
        secure=clerk.settings.public_url.startswith("https:"),
    )


def issue_code(clerk: Clerk, school: str, email: str) -> tuple[Person, str]:
    """A one-time code for somebody on a school's list. CannotSetUp says why there is none for them."""
    if not clerk.settings.page:
        raise CannotSetUp(
            "Nobody could use it: set POLICYCLERK_PUBLIC_URL to the page's https address first."
        )
    if school not in clerk.places.adopted():
        raise CannotSetUp(f"{school} is not your own yet: policyclerk school adopt {school}")
    person = _person(clerk, school, email)
    _note(clerk, person, "sign_in_issued")
    return person, clerk.sign_ins.code(person.id)


def sign_out(clerk: Clerk, school: str, email: str) -> tuple[Person, int]:
    """Sign somebody out wherever they are signed in, and void their links and codes. How many places."""
    person = _person(clerk, school, email)
    _note(clerk, person, "signed_out")
    return person, clerk.sign_ins.end_everywhere([person.id])


def _person(clerk: Clerk, school: str, email: str) -> Person:
    found = [person for person in clerk.directory.with_email(email) if person.school == school]
    if len(found) > 1:
        raise CannotSetUp(
            f"{len(found)} people at {school} have that address, so it says of none who they are."
        )
    if not found:
        raise CannotSetUp(
            f"Nobody on the staff list of {school} has that address today: policyclerk people import."
        )
    return found[0]


def _note(clerk: Clerk, person: Person, action: DeedAction) -> None:
    at = clerk.services.clock.now()
    clerk.staff_book.note(person.school, Deed(at=at, action=action, people=(person.id,)))
