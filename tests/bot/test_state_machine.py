"""Anyone does anything, in any order, while people come, go and change roles: and still nobody acts who
may not, nobody decides twice, nobody it is about sees it, and somebody is always responsible."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.cards import Card
from bot.people import Absence, Person, Staff
from bot.workflows import cases, requests, routing, staffing
from bot.workflows.change import NobodyLeft, Refused
from bot.workflows.checklist import unsettled
from bot.workflows.definition import Workflow
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context, Seat
from bot.workflows.views import card_for, details_card
from tests.bot.small import MONDAY, POLICY, ROLES, SCHOOL, concern, flow, told_of
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
  - {id: check, kind: act, title: Check, who: {role: manager}}
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

people = st.sampled_from(PEOPLE)


class School(RuleBasedStateMachine):
    """One request in one school."""

    @initialize(
        workflow=st.sampled_from([BOTH_THEN_DONE, BESIDE, CONCERN, CASE]),
        holders=st.lists(st.lists(people, max_size=2, unique=True), min_size=len(ROLES), max_size=len(ROLES)),
        requester=people,
        subjects=st.lists(people, max_size=2, unique=True),
        colleague=people,
        extra=st.sampled_from(["yes", "no"]),
        about=st.sampled_from(["pupil", "staff"]),
    )
    def submit(
        self,
        workflow: Workflow,
        holders: list[list[str]],
        requester: str,
        subjects: list[str],
        colleague: str,
        extra: str,
        about: str,
    ) -> None:
        self.workflow = workflow
        self.now = MONDAY
        self.held = dict(zip(ROLES, holders, strict=True))
        self.away: set[str] = set()
        self.left: set[str] = set()
        self.request: Request | None = None
        self.handed: set[tuple[str, str]] = set()
        self.subjects = set(subjects) if workflow.about_people else set()
        self.kept_from: set[str] = set()
        values = {"what": ("Paint",), "extra": (extra,), "colleague": (colleague,)}
        if workflow.about_people:
            values = {"url": ("a.example",), "note": ("They were unkind.",), "who": (about,)}
        self.shut_out()
        try:
            change = requests.submit(
                self.ctx,
                request_id="r1",
                requester=requester,
                values=values,
                policy_version="1",
                subjects=self.subjects,
            )
        except NobodyLeft:
            return
        self.follow(change)

    # What anyone may try

    @rule(
        deed=st.sampled_from(
            [
                "approve",
                "refuse",
                "finish",
                "send_back",
                "receive",
                "close",
                "opened",
                "add",
                "log",
                "settle",
                "link",
            ]
        ),
        person=people,
        nth=st.integers(0, 3),
        stale=st.integers(0, 9).map(lambda n: n == 0),
    )
    def act(self, deed: str, person: str, nth: int, stale: bool) -> None:
        if not (request := self.request):
            return
        stage = self.workflow.stages[nth % len(self.workflow.stages)].id
        revision = request.revision - stale
        match deed:
            case "approve" | "refuse" | "send_back":
                self.attempt(person, stage, getattr(requests, deed), stage, person, revision, "Because.")
            case "finish":
                self.attempt(person, stage, requests.finish, stage, person, revision, "", {})
            case "receive":
                self.attempt(person, stage, requests.receive, stage, person, revision)
            case "close":
                self.attempt(person, stage, requests.close, stage, person, revision, "Nothing came of it.")
            case "opened":
                self.attempt(person, "", requests.opened, person)
            case "log":
                self.attempt(person, "", cases.log, stage, person, {"seen": ("b.example",)})
            case "settle":
                self.tick(person, stage, "host")
            case "link":
                self.link(person)
            case _:
                self.attempt(person, "", requests.add, person, "Talked to them.")

    @rule(
        data=st.data(),
        deed=st.sampled_from(
            ["approve", "approve", "finish", "receive", "close", "hand_on", "log", "settle", "settle", "link"]
        ),
    )
    def act_well(self, data: st.DataObject, deed: str) -> None:
        """Somebody who is asked does something: without this, few requests would get far."""
        if not self.request or not (asked := routing.asked(self.ctx, self.request)):
            return
        stage, holder = data.draw(st.sampled_from(asked))
        who, revision = holder.person, self.request.revision
        match deed:
            case "approve":
                self.attempt(who, stage.id, requests.approve, stage.id, who, revision, "Because.")
            case "finish":
                self.attempt(who, stage.id, requests.finish, stage.id, who, revision, "", {})
            case "receive":
                self.attempt(who, stage.id, requests.receive, stage.id, who, revision)
            case "close":
                self.attempt(who, stage.id, requests.close, stage.id, who, revision, "Nothing came of it.")
            case "log":
                self.attempt(who, stage.id, cases.log, stage.id, who, {"seen": ("b.example",)})
            case "settle":
                self.tick(who, stage.id, data.draw(st.sampled_from(["host", "police"])))
            case "link":
                self.link(who)
            case _:
                to = data.draw(people)
                args = (stage.id, who, revision, to, "Talked to them.")
                if self.attempt(who, stage.id, requests.hand_on, *args):
                    self.handed.add((stage.id, to))

    @rule(person=people, to=people, nth=st.integers(0, 3))
    def reassign(self, person: str, to: str, nth: int) -> None:
        stage = self.workflow.stages[nth % len(self.workflow.stages)].id
        if self.request and self.attempt("", stage, requests.reassign, stage, person, to, "Stuck."):
            assert person in self.held["administrator"]
            assert person not in self.left | {to, self.request.requester}
            self.handed.add((stage, to))

    @rule(person=people, extra=st.sampled_from(["yes", "no"]))
    def change_and_send_again(self, person: str, extra: str) -> None:
        if self.request:
            values = {**self.request.values, "extra": (extra,)}
            if self.attempt("", "", requests.resubmit, person, values):
                assert person == self.request.requester
                self.handed.clear()

    @rule(person=people)
    def withdraw(self, person: str) -> None:
        if self.request and self.attempt("", "", requests.withdraw, person):
            assert person == self.request.requester
            assert not self.request.about_people

    @rule(person=people, subject=people)
    def name_subject(self, person: str, subject: str) -> None:
        if not self.request or not self.request.about_people:
            return
        before, kept_from = set(self.subjects), set(self.kept_from)
        self.subjects.add(subject)  # so that what is sent because of it is checked against it too
        self.shut_out()
        if not self.attempt("", "", requests.name_subject, person, subject):
            self.subjects, self.kept_from = before, kept_from
        else:
            assert person not in before

    def tick(self, person: str, stage: str, action: str) -> None:
        """Settle an action of the case, or try to."""
        before = self.request
        args = {"done": True, "values": {"told": ("b.example",)}}
        settle = lambda ctx, request, *given: cases.settle(ctx, request, *given, **args)  # noqa: E731
        if self.attempt(person, stage, settle, stage, person, action):
            assert before is not None
            assert action in {a.id for a in unsettled(before, self.workflow.stage(stage))}

    def link(self, person: str) -> None:
        """Link it to another report of the same event, or try to."""
        if self.request is None:
            return
        twin = self.request.model_copy(update={"id": "r2", "reference": "EG-OTHER"})
        to_twin = lambda ctx, request, actor: cases.link(ctx, request, ctx, twin, actor)[0]  # noqa: E731
        asked = {holder.person for _, holder in routing.asked(self.ctx, self.request)}
        if self.attempt(person, "", to_twin, person):
            assert person in asked
            assert self.request.about_people

    # What happens meanwhile

    @rule(minutes=st.sampled_from([5, 30, 24 * 60, 5 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for _ in range(12):
            if not self.request or not (change := requests.tick(self.ctx, self.request)):
                break
            self.follow(change)

    @rule()
    def those_asked_now_are_told(self) -> None:
        if not self.request or self.request.status != "open":
            return
        if change := staffing.sweep(self.ctx, self.request):
            self.follow(change)
        asked = {(stage.id, holder.person) for stage, holder in routing.asked(self.ctx, self.request)}
        assert asked == {(o.stage, person) for o in self.request.open for person in o.asked}
        assert staffing.sweep(self.ctx, self.request) is None

    @rule(person=people)
    def away_or_back(self, person: str) -> None:
        self.away ^= {person}

    @precondition(lambda self: len(self.left) < 2)
    @rule(person=people)
    def leaves(self, person: str) -> None:
        self.left.add(person)

    @rule(role=st.sampled_from(list(ROLES)), holders=st.lists(people, max_size=2, unique=True))
    def role_changes(self, role: str, holders: list[str]) -> None:
        self.held[role] = holders

    # What must hold

    @invariant()
    def nobody_it_is_about_sees_it(self) -> None:
        if not self.request:
            return
        ctx, request = self.ctx, self.request
        asked = {holder.person for _, holder in routing.asked(ctx, request)}
        told = {holder.person for holder in routing.told(ctx, request)}
        for person in self.never():
            assert not routing.may_open(ctx, request, person)
            assert person not in asked | told
            card = card_for(ctx, POLICY, request, person)
            if person == request.requester:
                assert card is not None
                assert set(text_of(card).splitlines()) & {"Waiting", "Closed"} == set()
                assert not card.buttons
                self.says_nothing(card)
            else:
                assert card is None

    @invariant()
    def chat_says_nothing_of_what_was_written_about_people(self) -> None:
        if not self.request or not self.request.about_people:
            return
        for person in PEOPLE:
            if card := card_for(self.ctx, POLICY, self.request, person):
                self.says_nothing(card)
            hidden = routing.hidden_from(self.ctx, self.request, person)
            if "note" in hidden and routing.may_open(self.ctx, self.request, person):
                text = text_of(details_card(self.ctx, self.request, person, self.request.taken))
                assert "They were unkind." not in text
                assert "follow-up" not in text

    @invariant()
    def a_colleague_it_is_about_brings_in_the_head_or_the_chair(self) -> None:
        request = self.request
        if not request or request.status != "open" or not request.about_people or not self.subjects:
            return
        step = self.workflow.steps(request.values)[request.step]
        seeing = [s for s in step if not s.hides]
        if not all(request.waiting(s.id) for s in seeing) or self.handed or not seeing:
            return
        about_head = request.about_head or bool(self.subjects & {*self.held["head"]})
        above = {*self.held["chair" if about_head else "head"]}
        there = above - self.left - self.away - self.never() - {request.requester}
        asked = {h.person for s, h in routing.asked(self.ctx, request) if not s.hides}
        assert not there or asked & above

    @invariant()
    def the_reporter_sees_neither_links_nor_the_checklist(self) -> None:
        if self.request and self.request.about_people:
            sender = self.request.requester
            if routing.may_open(self.ctx, self.request, sender):
                shown = text_of(details_card(self.ctx, self.request, sender, (), ("EG-OTHER",)))
                assert "EG-OTHER" not in shown
                assert "Ask the host" not in shown

    @invariant()
    def nobody_decides_two_stages(self) -> None:
        if not self.request:
            return
        decisions = [t for t in routing.this_round(self.request) if t.action in DECISIONS]
        assert len({t.person for t in decisions}) == len(decisions)
        signed = [t for t in self.request.taken if t.signs]
        assert self.request.requester not in {t.person for t in signed}

    @invariant()
    def an_open_request_has_somebody_responsible(self) -> None:
        if not self.request or self.request.status != "open":
            return
        assert self.request.open
        for waiting in self.request.open:
            stage = self.workflow.stage(waiting.stage)
            open_seats = routing.open_seats(self.ctx, self.request, stage)
            assert open_seats
            for seat in open_seats:
                assert seat.holders or not self.could_sit(seat, open_seats)

    # Beneath it

    @property
    def ctx(self) -> Context:
        today = self.now.date()
        staff = Staff(
            today=today,
            people=tuple(
                Person(
                    id=p,
                    school=SCHOOL.id,
                    name=p.upper(),
                    line_manager=PEOPLE[(i + 1) % len(PEOPLE)],
                    ends=MONDAY.date() - timedelta(days=1) if p in self.left else None,
                )
                for i, p in enumerate(PEOPLE)
            ),
            holdings=tuple((role, person) for role, people in self.held.items() for person in people),
            absences=tuple(Absence(person=p, first=today, last=today) for p in sorted(self.away)),
        )
        return Context(school=SCHOOL, staff=staff, workflow=self.workflow, now=self.now)

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
        self.request = change.request
        told = {notice.person for notice in change.notices}
        assert not told & self.never()
        asked = {(s.id, h.person) for s, h in routing.asked(self.ctx, change.request)}
        assert {(n.stage, n.person) for n in change.notices if n.kind == "asked"} <= asked

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


School.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestSchool = School.TestCase
