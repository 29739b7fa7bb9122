"""One request in one small school, for the state machine: what is so, and what is looked at whenever
something was done."""

from datetime import datetime

from bot.cards import Card
from bot.workflows import requests, routing
from bot.workflows.change import Refused
from bot.workflows.checklist import unsettled
from bot.workflows.definition import Workflow
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context, Seat
from tests.bot.small import ROLES, SCHOOL, concern, context, flow, told_of
from tests.school import text_of

PEOPLE = tuple(f"p{i}" for i in range(7))
FIELDS = """\
  - {id: what, kind: text, label: What}
  - {id: extra, kind: yes_no, label: Extra?}
  - {id: colleague, kind: person, label: Colleague}
"""
BOTH_THEN_DONE = flow(
    """\
  - id: check
    kind: act
    title: Check
    who: [{when: {field: extra, equals: "yes"}, any_of: [ict, dsl]}, {otherwise: true, role: ict}]
    may_send_back: true
  - {id: both, kind: decide, title: Both, who: {all_of: [head, manager]}, may_send_back: true}
  - {id: more, kind: decide, title: More, who: {role: dsl}, when: {field: extra, equals: "yes"}}
  - {id: done, kind: act, title: Done, who: {role: ict}}
""",
    FIELDS,
)
BESIDE = flow(
    """\
  - {id: either, kind: decide, title: Either, who: {any_of: [head, dsl]}}
  - {id: chosen, kind: decide, title: Chosen, who: {chosen_in: colleague}, alongside: true}
  - {id: three, kind: decide, title: Three, who: {all_of: [ict, dsl, manager]}, may_send_back: true}
  - {id: manager, kind: acknowledge, title: Read, who: {line_manager: true}}
""",
    FIELDS,
)
CONCERN = concern(top=told_of("head", "dsl"))
CASE = concern(
    """\
  - id: take
    kind: receive
    title: Take charge
    who: {any_of: [dsl, deputy-dsl]}
    log: [{id: seen, kind: text, label: Where}]
    actions:
      - {id: host, label: Ask the host, due_hours: 1, asks: [{id: told, kind: text, label: Told}]}
      - {id: police, label: Police, when: {field: who, equals: staff}}
    asks: [{id: lessons, kind: text, label: Lessons, required: false}]
  - {id: check, kind: act, title: Check, who: {role: manager}, may_send_back: true}
  - id: head
    kind: receive
    title: Follow-up
    alongside: true
    when: {field: who, equals: staff}
    who: {role: head}
""",
    top=told_of("manager"),
)
DECISIONS = ("approved", "refused")
FINISHING = ("approved", "done", "acknowledged", "closed")
FINAL = ("refused", "withdrawn", "completed", "closed")
SECRETS = (
    "a.example",
    "They were unkind.",
    "Nothing came of it.",
    "Talked to them.",
    "b.example",
    "EG-OTHER",
)
"""What is filled in, what is written on handing on, logging, ticking and closing, and a linked report."""


class World:
    """What is so now."""

    workflow: Workflow
    now: datetime
    held: dict[str, list[str]]
    away: set[str]
    left: set[str]
    request: Request | None
    handed: set[tuple[str, str]]
    """Stages with those they were given to."""
    subjects: set[str]
    kept_from: set[str]

    @property
    def ctx(self) -> Context:
        """The school as it stands."""
        return context(
            self.workflow,
            holds={role: tuple(people) for role, people in self.held.items()},
            away=sorted(self.away),
            left=sorted(self.left),
            now=self.now,
            managers={p: PEOPLE[(i + 1) % len(PEOPLE)] for i, p in enumerate(PEOPLE)},
        )

    def shut_out(self) -> None:
        """Who deputises for a head when the head is named is kept from it for good."""
        if self.subjects & {*self.held["head"]} or self.kept_from:
            self.kept_from |= {*self.held["deputy-head"]}

    def never(self) -> set[str]:
        """Who must never see it, by the rules as they are written."""
        request = self.request
        if request is None:
            return set()
        deputies = {*self.held["deputy-head"]} if self.subjects & {*self.held["head"]} else set()
        return self.subjects | ((deputies | self.kept_from) - {request.requester})

    def attempt(self, actor: str, stage: str, deed, *args: object) -> bool:  # type: ignore[no-untyped-def]
        """Whether it was done. What is done by somebody who may not is a failure."""
        request = self.request
        assert request is not None
        try:
            change: Change = deed(self.ctx, request, *args)
        except Refused:
            return False
        if actor:
            assert actor not in self.never()
        if stage and actor:
            assert actor != request.requester
            assert actor in self.reach(stage)
        if request.status in FINAL:
            assert deed is requests.name_subject
            assert (change.request.status, change.request.values) == (request.status, request.values)
        if request.about_people:
            assert change.taken.action not in ("approved", "refused", "sent_back", "withdrawn")
        if change.taken.action == "closed":
            assert not unsettled(request, self.workflow.stage(change.taken.stage))
        assert change.request.version == request.version + 1
        self.follow(change)
        return True

    def follow(self, change: Change) -> None:
        """What has to be so right after any change."""
        before, self.request = self.request, change.request
        self.moves_on_only_when_done(before, change)
        told = {notice.person for notice in change.notices}
        assert not told & self.never()
        asked = {(s.id, h.person) for s, h in routing.asked(self.ctx, change.request)}
        assert {(n.stage, n.person) for n in change.notices if n.kind == "asked"} <= asked

    def moves_on_only_when_done(self, before: Request | None, change: Change) -> None:
        """Every stage of a step was finished before the next, and whoever is next is there. Nobody is taken to
        have opened it who is not asked now."""
        request = change.request
        if before and request.step > before.step:
            finished = {t.stage for t in routing.this_round(request) if t.action in FINISHING}
            step = self.workflow.steps(request.values)[before.step]
            assert {stage.id for stage in step} <= finished
        if request.status == "open" and (before is None or before.step != request.step):
            for waiting in request.open:
                seats = routing.open_seats(self.ctx, request, self.workflow.stage(waiting.stage))
                assert all(seat.holders for seat in seats)
        opened = {t.person for t in request.taken if t.action in ("opened", "received")}
        for waiting in request.open:
            assert not waiting.seen or not waiting.asked or opened & set(waiting.asked)

    def reach(self, stage_id: str) -> set[str]:
        """Everybody to whom the rules could ever bring this stage."""
        assert self.request is not None
        stage = self.workflow.stage(stage_id)
        route = stage.route(self.request.values)
        roles = {*route.roles, *SCHOOL.escalation}
        if self.request.about_people:
            roles |= {"head", "chair", "vice-chair"}
        roles |= {deputy for role in roles for deputy in ROLES[role].deputies}
        named = {*self.request.values.get(route.chosen_in or "", ())}
        if route.line_manager:
            named.add(PEOPLE[(PEOPLE.index(self.request.requester) + 1) % len(PEOPLE)])
        named |= {to for at, to in self.handed if at == stage_id}
        return named | {person for role in roles for person in self.held[role]}

    def could_sit(self, seat: Seat, others: tuple[Seat, ...]) -> set[str]:
        """Who, by the roles alone, could still be asked to give this signature."""
        request = self.request
        assert request is not None
        about_head = request.about_head or bool(self.subjects & {*self.held["head"]})
        roles = {*seat.key.split("+"), *SCHOOL.escalation} - {""}
        roles = {"chair", "vice-chair"} if about_head and seat.key == "chair" else roles
        roles |= {deputy for role in roles for deputy in ROLES[role].deputies}
        out = routing.barred(self.ctx, request) | {request.requester} | self.left
        out |= {t.person for t in routing.this_round(request) if t.signs}
        out |= {person for other in others for person in other.people}
        if request.about_people:
            shared = {role for role, held in self.held.items() if self.subjects & {*held}}
            shared |= {deputy for role in shared for deputy in ROLES[role].deputies}
            out |= {p for role in shared - {"head", "chair"} for p in self.held[role]}
        return {person for role in roles for person in self.held[role]} - out

    def says_nothing(self, card: Card) -> None:
        text = text_of(card)
        assert not [secret for secret in SECRETS if secret in text]
