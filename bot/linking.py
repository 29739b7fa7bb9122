"""Two reports of one event, linked by whoever handles both, in one transaction."""

from bot.ports import Conflict
from bot.visit import Services
from bot.workflows import cases, routing
from bot.workflows.change import Overtaken, Refused
from bot.workflows.request import Request


def link(services: Services, request_id: str, reference: str, actor: str) -> Request:
    """The request, linked to the one of that reference. Refused, in one and the same words, when there is
    none, when it is not about people, not open, or not the actor's to handle."""
    store, context = services.store, services.context
    for _ in range(3):
        request = store.load(request_id)
        if request is None:
            raise Overtaken("That request is not there.")
        cases.may_link(context(request), request, actor)
        wanted = reference.strip().upper()
        other = next((r for r in store.open_in(request.school) if r.reference == wanted), None)
        if other is None:
            raise Refused(cases.NO_SUCH_REPORT)
        here, there = cases.link(context(request), request, context(other), other, actor)
        try:
            store.save(here, there)
        except Conflict:
            continue
        return here.request
    raise Overtaken("Several people are changing this at once. Please try again.")


def links_known_to(services: Services, request: Request, person: str) -> tuple[str, ...]:
    """References of linked requests that this person may know of: not those they cannot open, nor one
    they sent themselves."""
    others = ((ref, services.store.load(request_id)) for ref, request_id in cases.linked_to(request).items())
    return tuple(
        reference
        for reference, other in others
        if other and other.requester != person and routing.may_open(services.context(other), other, person)
    )
