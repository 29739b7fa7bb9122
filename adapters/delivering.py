"""Where an outbox row's message goes and what it shows: drawn from the request as it stands when it is sent."""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from adapters.logs import described
from adapters.store.queue import OutboxRow
from bot import staffnews
from bot.cards import Card
from bot.people import Channel
from bot.ports import Delivery, Place, Sender, SendFailed
from bot.stuck import stuck_card
from bot.visit import Services
from bot.workflows.request import Request
from bot.workflows.sending import GONE, channel_card, overtaken, private_card

_log = logging.getLogger(__name__)


class Reaches(Protocol):
    """Who knows where somebody is reached: `adapters.reaching.Reaching`, or the staff list alone."""

    def places(self, person: str, role: str, /) -> tuple[Place, ...]:
        """Where a message goes, first choice first. SendFailed: that cannot be told now."""


class Delivering:
    """Sends and draws again, through whichever platform reaches somebody. SendFailed says why not."""

    def __init__(self, services: Services, reaching: Reaches, senders: Mapping[str, Sender]) -> None:
        self._services = services
        self._reaching = reaching
        self._senders = senders

    def send(
        self, row: OutboxRow, request: Request | None, role: str, drawn: Callable[[Delivery], Card]
    ) -> Delivery:
        """Reach the person where their role's messages go, or alone: the first place that takes it."""
        notice = row.notice
        why = SendFailed("no_platform_to_reach_them", permanent=True)
        for place in self._reaching.places(notice.person, role):
            sender = self._senders.get(place.platform)
            if sender is None or not staffnews.belongs(notice, place):
                continue
            delivery = Delivery(
                id=0,
                request=row.request,
                kind=notice.kind,
                person=notice.person,
                stage=notice.stage,
                item=notice.item,
                address="",
                sent_at=self._services.clock.now(),
                version=row.version,
                shared=bool(place.channel),
            )
            address = self._already_there(delivery, place)
            try:
                address = address or sender.send(notice, request, drawn(delivery), place)
            except SendFailed as failure:
                if not failure.permanent:
                    raise
                why = failure
                if place.channel and failure.gone and not place.lost:
                    self._channel_lost(role, place)
                continue
            if place.lost:
                self._services.staff_book.channel_found(place.school, _channel(role, place))
            return delivery.model_copy(update={"address": address})
        raise why

    def _channel_lost(self, role: str, place: Place) -> None:
        """The school's administrators are told, once, that a role's channel takes nothing any more."""
        channel = _channel(role, place).model_copy(update={"lost_at": self._services.clock.now()})
        told = staffnews.to_tell_of_lost(self._services, place.school, channel)
        self._services.staff_book.channel_lost(place.school, channel, told)

    def _already_there(self, delivery: Delivery, place: Place) -> str:
        """Where the channel has this message already, because another holder of the role is told by it."""
        if not place.channel:
            return ""
        same = ("kind", "stage", "version", "shared")
        lie = f"{place.platform}:"
        for sent in self._services.store.deliveries(delivery.request):
            if sent.address.startswith(lie) and all(getattr(sent, n) == getattr(delivery, n) for n in same):
                return sent.address
        return ""

    def redraw(self, request: Request) -> None:
        """Draw the request's cards again wherever they lie: of several that one person was sent alone, the
        newest in full. One that is gone is left; of those that failed for now, the last is raised when all
        have been tried."""
        failed: SendFailed | None = None
        lying = {delivery.address: delivery for delivery in self._services.store.deliveries(request.id)}
        newest = {(d.person, d.platform): d.id for d in lying.values() if not d.shared}
        for delivery in lying.values():
            sender = self._senders.get(delivery.platform)
            if sender is None:
                continue
            older = not delivery.shared and delivery.id < newest[delivery.person, delivery.platform]
            card = self.card(request, delivery)
            try:
                sender.redraw(delivery, overtaken(card) if older else card)
            except SendFailed as failure:
                if failure.permanent:
                    _log.warning("a card could not be drawn again: %s", described(failure))
                else:
                    failed = failure
        if failed:
            raise failed

    def take_down(self, row: OutboxRow) -> None:
        """In place of the card that a row of an erased request names, nothing of it."""
        notice = row.notice
        card = Delivery(
            id=0, request="", kind=notice.kind, person="", stage="", address=notice.item, sent_at=row.due
        )
        if sender := self._senders.get(card.platform):
            sender.redraw(card, GONE)

    def card(self, request: Request, delivery: Delivery) -> Card:
        """What the place may see of the request now."""
        ctx = self._services.context(request)
        if delivery.kind == "stuck":
            return stuck_card(ctx, request, frozenset(self._services.store.undelivered(request.school)))
        if delivery.shared:
            return channel_card(ctx, request, delivery.stage)
        policy = self._services.library.published(request.school).policy
        return private_card(
            ctx, policy, request, delivery.person, self._services.store.deliveries(request.id)
        )


def _channel(role: str, place: Place) -> Channel:
    """The role's channel that a place is."""
    return Channel.model_validate(
        {"role": role, **place.model_dump(include={"platform", "tenant", "channel"})}
    )
