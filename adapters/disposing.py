"""Legal holds, and erasing one request, for whoever looks after the clerk."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from adapters.wiring import Clerk
from bot import disposal
from bot.people import Person
from bot.ports import Conflict
from bot.workflows import routing
from bot.workflows.change import Refused
from bot.workflows.deadlines import day
from bot.workflows.entry import Deed
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context

_PLATFORMS = {"slack": "Slack", "teams": "Microsoft Teams"}
_ELSEWHERE = "It has changed meanwhile, and nothing was done. Please try again."


def the_request(clerk: Clerk, reference: str) -> Request:
    """The request of that reference. Refused when there is none to be read."""
    wanted = reference.strip().upper()
    request = clerk.store.named(wanted)
    if request is None:
        raise Refused(
            f"There is no request {wanted}, or it was erased. If it cannot be read, "
            "`policyclerk audit verify` says why."
        )
    return request


def put_on_hold(clerk: Clerk, reference: str, why: str) -> Request:
    """The request, on legal hold from now on; why is kept in its history."""
    return _noted(clerk, reference, why, disposal.hold)


def lift_hold(clerk: Clerk, reference: str, why: str) -> Request:
    """The request, on hold no more; why is kept in its history."""
    return _noted(clerk, reference, why, disposal.lift)


def _noted(
    clerk: Clerk, reference: str, why: str, deed: Callable[[Request, str, datetime], Change]
) -> Request:
    change = deed(the_request(clerk, reference), _reason(why), clerk.services.clock.now())
    try:
        clerk.store.save(change)
    except Conflict:
        raise Refused(_ELSEWHERE) from None
    return change.request


def held(clerk: Clerk) -> Iterator[str]:
    """A line for each request on legal hold: school, reference and since when, nothing of what it says."""
    for school in clerk.library.schools():
        for request in clerk.store.kept(school):
            if request.on_hold:
                since = next(t.at for t in reversed(request.taken) if t.action == "held")
                yield f"{school:14} {request.reference}  on legal hold since {day(since.date())}"


def what_stays(clerk: Clerk, request: Request) -> Iterator[str]:
    """What erasing it takes, and what it leaves, in plain words."""
    yield f"Erasing {request.reference} takes what it says, who sent it, its history, and messages on their way."
    yield "It cannot be undone. What stays:"
    yield "- its reference, school, procedure and dates, when it was erased, and why: in the audit chain"
    registers = clerk.library.published(request.school).school.registers
    for entry in clerk.store.entries_of(request.id):
        if (left := entry.erased()) and entry.name in registers:
            labels = [c.label for c in registers[entry.name].columns if c.id in left.cells]
            yield f"- in the register “{registers[entry.name].title}”: {', '.join(labels) or 'an empty entry'}"
    if disposal.still_needed(clerk.services, request):
        yield "- what rests on it: it is still in force, still shown, or linked to an open or held request"
    sent = Counter(d.address.partition(":")[0] for d in clerk.store.deliveries(request.id))
    for platform, name in _PLATFORMS.items():
        if sent[platform]:
            yield f"- {name}: {sent[platform]} messages are emptied; what its own settings keep of the old wording"
    yield "- copies that people printed or saved, and backups, until you remove them"


def erasure(clerk: Clerk, request: Request, why: str, agreed_by: str) -> Deed:
    """What the audit chain will say of it. Refused when it may not be erased: one about people needs somebody
    responsible for it to agree, whose address is `agreed_by`, and who is named in the chain."""
    disposal.may_erase(request)
    person = _agrees(clerk.services.context(request), request, agreed_by)
    return Deed(
        at=clerk.services.clock.now(),
        action="request_erased",
        reference=request.reference,
        reason=_reason(why),
        person=person.id if person else "",
    )


def erase(clerk: Clerk, request: Request, deed: Deed) -> None:
    """Erase it, as it was read, with what `erasure` says of it."""
    try:
        clerk.store.erase(request.id, deed, request.version)
    except Conflict:
        raise Refused(_ELSEWHERE) from None


def _agrees(ctx: Context, request: Request, email: str) -> Person | None:
    wanted = email.strip().casefold()
    if not wanted:
        if request.about_people:
            raise Refused(
                f"{request.reference} is about people, so it takes somebody responsible for it to agree: the "
                "DSL, the head or the chair, or whoever dealt with it. Give their address with --agreed-by."
            )
        return None
    person = next((p for p in ctx.staff.current if p.email.casefold() == wanted), None)
    if person is None:
        raise Refused(f"Nobody on the staff list of {ctx.school.name} has the address {email}.")
    above = {ctx.school.dsl, ctx.school.chair, *ctx.school.head_roles} & set(ctx.staff.roles_of(person.id))
    out = routing.barred(ctx, request) | ({request.requester} if request.about_people else set())
    if person.id in out or not (above or routing.may_open(ctx, request, person.id)):
        raise Refused(f"{person.name} cannot agree to that for {request.reference}.")
    return person


def _reason(why: str) -> str:
    if not why.strip():
        raise Refused("Say why, with --why. Name nobody in it: it stays.")
    return why.strip()
