"""When what is kept of a request may go: legal holds, and why one is kept although its time is over.

Who may ask for it, and the erasing itself, are the callers'; see `adapters/disposing.py`.
"""

from datetime import datetime
from typing import Literal

from bot.guidance import ASK, in_force, notes
from bot.ports import Published
from bot.registers import same_policy
from bot.visit import Services
from bot.workflows.cases import linked_to
from bot.workflows.change import Refused
from bot.workflows.deadlines import SCHOOL_ZONE
from bot.workflows.entry import Entry
from bot.workflows.request import Change, Request, Taken


def hold(request: Request, why: str, at: datetime) -> Change:
    """The request, on legal hold. Refused when it is already."""
    if request.on_hold:
        raise Refused(f"{request.reference} is on legal hold already.")
    return _noted(request, "held", why, at)


def lift(request: Request, why: str, at: datetime) -> Change:
    """The request, on hold no more. Refused when it is on none."""
    if not request.on_hold:
        raise Refused(f"{request.reference} is not on legal hold.")
    return _noted(request, "hold_lifted", why, at)


def may_erase(request: Request) -> None:
    """Refused while it is open or on hold, with what would be right."""
    if request.on_hold:
        raise Refused(
            f"{request.reference} is on legal hold. It is erased only once that is lifted: "
            f"policyclerk hold lift {request.reference} --why ..."
        )
    if request.is_open:
        raise Refused(f"{request.reference} is not finished. Only finished requests are erased.")


def still_needed(services: Services, request: Request) -> bool:
    """Whether something else rests on it: what it allowed is still in force, what it answered is still shown,
    or a request it is linked to is open or on hold."""
    store, published = services.store, services.library.published(request.school)
    linked = filter(None, map(store.load, linked_to(request).values()))
    return (
        (
            request.status != "refused"
            and any(_lasts(services, published, e) for e in store.entries_of(request.id))
        )
        or any(other.is_open or other.on_hold for other in linked)
        or (request.workflow == ASK and _is_shown(published, request))
    )


def _lasts(services: Services, published: Published, entry: Entry) -> bool:
    """An entry of whose day people are reminded lasts until that day or until it is ended; one that procedures
    name, until it is ended; one that counts for a version of the policy, while that is in force."""
    register = published.school.registers.get(entry.name)
    if entry.ended_at is not None or register is None:
        return False
    if register.remind:
        days = entry.cells.get(register.remind.column, ())
        today = services.clock.now().astimezone(SCHOOL_ZONE).date()
        return not days or max(days) >= today.isoformat()
    if register.share_of_staff:
        return same_policy(services, published, entry.policy_version)
    return any(field.entry_of == entry.name for w in published.workflows for field in w.fields)


def _is_shown(published: Published, request: Request) -> bool:
    return bool(in_force(notes(published.school, (request,)), published.policy.version))


def _noted(request: Request, action: Literal["held", "hold_lifted"], why: str, at: datetime) -> Change:
    """`updated_at` stays: a hold does not begin the request's period anew."""
    taken = Taken(at=at, action=action, person="", reason=why)
    update = {"version": request.version + 1, "taken": (*request.taken, taken)}
    return Change(request=request.model_copy(update=update), taken=taken, notices=())
