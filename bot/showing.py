"""A card that has come into somebody's sight, as it stands for them now. Only read: looking is no act, and
no proof that anybody has read it, so no receipt says `opened` because of it.
"""

from bot.cards import Redraw
from bot.visit import Services, Visit
from bot.workflows.change import Overtaken
from bot.workflows.sending import channel_card_for, private_card


def shown_again(services: Services, visit: Visit, target: str, *, shared: bool) -> Redraw:
    """The card of a request (and stage) as this person may see it where they are. Overtaken when it is none of
    their school's."""
    request_id, _, stage = target.partition("/")
    request = services.store.load(request_id)
    if request is None or request.school != visit.person.school:
        raise Overtaken("That request is not there.")
    ctx, me = services.context(request), visit.person.id
    if shared:
        return Redraw(card=channel_card_for(ctx, request, stage, me))
    policy, deliveries = visit.published.policy, services.store.deliveries(request.id)
    return Redraw(card=private_card(ctx, policy, request, me, deliveries), audience="person")
