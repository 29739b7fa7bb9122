"""What staff asked and the policy does not answer, and what was answered meanwhile: for the policy's owner."""

from bot.cards import Message
from bot.conversation import not_meant
from bot.guidance import ASK, confirmed, gaps_card, notes, to_review, worth_showing
from bot.visit import Services, Visit
from bot.workflows.change import NotYours, Overtaken


class Gaps:
    """One person's dealings with the gaps of their school's policy."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit

    def not_meant(self, shown: str) -> Message:
        """What was shown was not what was meant: count it, and show the next clauses. `shown`: clause ids."""
        published = self._visit.published
        clause_ids = shown.split(",")
        if published.policy.by_id(clause_ids[0]) and not self._visit.again:
            self._services.store.count_gap(
                published.school.id, published.policy.digest, "not_meant", clause_ids[0]
            )
        return Message(cards=(not_meant(published, clause_ids[1:]),))

    def listed(self) -> Message:
        """The list, for the policy's owner and the administrator. NotYours for anybody else."""
        published, school = self._visit.published, self._visit.published.school
        held = self._visit.staff.roles_of(self._visit.person.id)
        if school.policy.owner not in held and school.administrators not in held:
            raise NotYours(f"Only the {school.title(school.policy.owner).lower()} sees this list.")
        store = self._services.store
        counted = worth_showing(store.gaps(school.id, published.policy.digest))
        again = to_review(notes(school, store.finished(school.id, ASK)), published.version)
        return Message(cards=(gaps_card(published, counted, again),))

    def still_right(self, request_id: str) -> Message:
        """The policy's owner confirms an answer under the policy as it stands."""
        visit, store = self._visit, self._services.store
        school = visit.published.school
        owner = school.policy.owner
        request = store.load(request_id)
        if owner not in visit.staff.roles_of(visit.person.id):
            raise NotYours(f"Only the {school.title(owner).lower()} can say so.")
        if request is None or request.school != school.id or request.workflow != ASK or request.is_open:
            raise Overtaken("That answer is not there any more.")
        if not self._visit.again:
            store.save(confirmed(request, visit.person.id, owner, visit.published.version, visit.now))
        return self.listed()
