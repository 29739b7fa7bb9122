"""Anyone does anything, in any order, while people come, go and change roles: and still nobody acts who
may not, nobody decides twice, nobody it is about sees it, and somebody is always responsible."""

import os
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.workflows import cases, requests, routing, staffing
from bot.workflows.change import NobodyLeft
from bot.workflows.checklist import unsettled
from bot.workflows.views import card_for, details_card
from tests.bot.small import MONDAY, POLICY, ROLES
from tests.bot.world import BESIDE, BOTH_THEN_DONE, CASE, CONCERN, DECISIONS, FINAL, PEOPLE, World
from tests.school import text_of

people = st.sampled_from(PEOPLE)


class School(World, RuleBasedStateMachine):
    """One request in one school."""

    @initialize(seed=st.integers(0, 2**20))
    def submit(self, seed: int) -> None:
        """A school and a request in it. Drawn from a seed, or nearly every school would be the simplest."""
        draw = Random(seed)
        self.workflow = draw.choice([BOTH_THEN_DONE, BESIDE, CONCERN, CASE])
        self.now = MONDAY
        self.held = {role: draw.sample(PEOPLE, draw.choice([0, 1, 1, 1, 1, 2])) for role in ROLES}
        self.away, self.left, self.handed, self.kept_from = set(), set(), set(), set()
        self.request = None
        requester = draw.choice(PEOPLE)
        about = {*draw.sample(PEOPLE, draw.choice([0, 0, 1, 2])), *draw.choice([[], self.held["head"]])}
        self.subjects = about if self.workflow.about_people else set()
        extra = (draw.choice(["yes", "no"]),)
        values = {"what": ("Paint",), "extra": extra, "colleague": (draw.choice(PEOPLE),)}
        if self.workflow.about_people:
            who = (draw.choice(["pupil", "staff"]),)
            values = {"url": ("a.example",), "note": ("They were unkind.",), "who": who}
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
            [
                *("approve", "approve", "finish", "receive", "close", "hand_on", "log", "settle", "settle"),
                *("link", "send_back"),
            ]
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
            case "send_back":
                self.attempt(who, stage.id, requests.send_back, stage.id, who, revision, "Which one?")
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

    @rule(steps=st.integers(1, 4))
    def it_goes_on(self, steps: int) -> None:
        """Whoever is asked first does what is asked: so that requests get far, and end."""
        for _ in range(steps):
            asked = routing.asked(self.ctx, self.request) if self.request else ()
            if not asked or self.request is None:
                return
            stage, holder = asked[0]
            at = (stage.id, holder.person, self.request.revision)
            if self.request.about_people:  # `attempt` fails when one of these is done
                self.attempt(holder.person, stage.id, requests.send_back, *at, "Which one?")
            match stage.kind:
                case "decide":
                    self.attempt(holder.person, stage.id, requests.approve, *at, "Because.")
                case "receive":
                    for action in unsettled(self.request, stage):
                        self.tick(holder.person, stage.id, action.id)
                    self.attempt(holder.person, stage.id, requests.close, *at, "Nothing came of it.")
                case _:
                    self.attempt(holder.person, stage.id, requests.finish, *at, "", {})

    @rule(nth=st.integers(0, 3))
    def those_kept_out_try_everything(self, nth: int) -> None:
        """Whom it is about, who sent it, and who has signed: at every open stage, by hand or handed on."""
        if not (request := self.request):
            return
        signed = {t.person for t in request.taken if t.signs}
        for who in sorted(self.never() | signed | {request.requester}):
            for stage in [o.stage for o in request.open]:
                self.try_everything(who, stage)
                for holder in [h for s, h in routing.asked(self.ctx, self.request) if s.id == stage][:1]:
                    at = (stage, holder.person, self.request.revision)
                    if self.attempt(holder.person, stage, requests.hand_on, *at, who, "Talked to them."):
                        self.handed.add((stage, who))

    @precondition(lambda self: self.request and self.request.status in FINAL)
    @rule()
    def after_the_end_everybody_tries_everything(self) -> None:
        for who in PEOPLE:
            for stage in self.workflow.stages:
                self.try_everything(who, stage.id)
            self.attempt("", "", requests.withdraw, who)
            self.attempt("", "", requests.resubmit, who, dict(self.request.values))

    def try_everything(self, who: str, stage: str) -> None:
        """Decide, finish, send back, close, write: whatever `attempt` then finds wrong is a failure."""
        for deed in (requests.approve, requests.refuse, requests.send_back, requests.close):
            self.attempt(who, stage, deed, stage, who, self.request.revision, "Because.")
        self.attempt(who, stage, requests.finish, stage, who, self.request.revision, "", {})
        self.attempt(who, stage, requests.receive, stage, who, self.request.revision)
        self.attempt(who, "", cases.log, stage, who, {"seen": ("b.example",)})
        self.attempt(who, "", requests.add, who, "Talked to them.")

    @precondition(lambda self: self.request and self.request.status == "sent_back")
    @rule(to=people, gone=st.booleans())
    def its_sender_leaves_and_a_colleague_gets_it(self, to: str, gone: bool) -> None:
        sender = self.request.requester
        if gone and len(self.left) < 2:
            self.left.add(sender)
        for administrator in self.held["administrator"]:
            stage = self.workflow.stages[0].id
            if self.attempt("", "", requests.reassign, stage, administrator, to, "They left."):
                assert sender in self.left
                assert to not in self.left | {administrator, sender} | self.never()
                return

    @precondition(lambda self: self.request and self.subjects & {*self.held["head"]})
    @rule()
    def a_deputy_becomes_head(self) -> None:
        self.held["head"], self.held["deputy-head"] = list(self.held["deputy-head"]), []

    @rule(person=people, to=people, nth=st.integers(0, 3))
    def reassign(self, person: str, to: str, nth: int) -> None:
        stage = self.workflow.stages[nth % len(self.workflow.stages)].id
        if self.request and self.request.status == "sent_back":
            return  # see its_sender_leaves_and_a_colleague_gets_it
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
        assert {holder.person for holder in routing.told(self.ctx, self.request)} == set(self.request.told)
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


School.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    derandomize=os.environ.get("HYPOTHESIS_PROFILE", "quick") == "quick",  # the same walks in every quick run
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
TestSchool = School.TestCase
