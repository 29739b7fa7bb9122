"""Acting on a request: what a button opens, and what comes of it.

Every press is checked here against the request as it now stands and the school as it is now;
what a card showed when it was drawn decides nothing.
"""

import uuid
from collections.abc import Callable
from typing import Literal

from bot import cards
from bot.acting import AGAIN, ONCE_A_REVISION, seated, transition
from bot.calm_line import under
from bot.cards import (
    Card,
    Details,
    FieldErrors,
    Form,
    Message,
    OpenForm,
    Paper,
    Redraw,
    Reply,
    Text,
    UpdateForm,
)
from bot.conversation import quotes
from bot.filling import Filling, not_sent
from bot.formstate import FormState
from bot.linking import link, links_known_to
from bot.ports import Conflict
from bot.records import record_of
from bot.safeguarding import urgent_line
from bot.triage import judge_all
from bot.visit import Services, Visit
from bot.warning import warning
from bot.workflows import actionforms, answers, cases, requests, routing
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.definition import Stage, Values
from bot.workflows.request import Change, Request, Taken
from bot.workflows.routing import Context
from bot.workflows.views import card_for, covered, details_card


class Deciding:
    """One person acting on one request."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit

    def pressed(self, action: str, target: str, revision: int) -> Reply:
        """A button on a request's card."""
        request_id, _, stage_id = target.partition("/")
        request = self._load(request_id)
        ctx = self._services.context(request)
        match action:
            case "open":
                return self._open(ctx, request)
            case "print":
                return self._print(ctx, request)
            case "withdraw":
                return self._do(request_id, lambda c, r: requests.withdraw(c, r, self._me), "Withdrawn.")
            case "receive":
                doing = lambda c, r: requests.receive(c, r, stage_id, self._me, revision)  # noqa: E731
                return self._do(request_id, doing, "Recorded: you are dealing with it.")
            case "change":
                if request.requester != self._me or request.status != "sent_back":
                    raise Overtaken("This request is not waiting for you to change it.")
                return Filling(self._services, self._visit).change(request)
        if action not in actionforms.SUBMIT:
            raise Refused("This button is not known any more.")
        return self._ask(ctx, request, stage_id, action, revision)

    def submitted(self, state: FormState, values: Values) -> Reply:
        """The form of an action came back."""
        request, ctx, stage = self._given(state)
        fields = actionforms.asked_for(request, stage, state.action, values)
        tidy = answers.tidied(fields, values, request.values)
        reason = "".join(values.get("reason", ())).strip()
        wrong = {
            **answers.errors(fields, tidy, ctx.staff, request.values),
            **self._missing(ctx, request, stage, state.action, values),
        }
        judged = judge_all(actionforms.typed(stage, state.action, values))
        if first := warning(self._visit, judged, state, lambda s: self._form(ctx, s, values, wrong)):
            return first
        if self._visit.again and not wrong and state.action not in ONCE_A_REVISION:
            return self.drawn(request, AGAIN)
        if wrong or not self._visit.again:
            self._may(ctx, request, stage.id, state.action, state.revision)
        if not wrong and state.action == "link":
            try:
                linked = link(self._services, request.id, "".join(values["reference"]), self._me)
                return self.drawn(linked, actionforms.SUBMIT["link"][1])
            except Refused as why:
                wrong["reference"] = str(why)
        if wrong:
            return FieldErrors(form=self._form(ctx, state, values, wrong), errors=tuple(wrong.items()))
        given = {key: "".join(values.get(key, ())).strip() for key in ("to", "subject")}
        if state.action == "settle" and (chosen := actionforms.ticked(request, stage, values)):
            given["action"] = chosen.id
        given["settled"] = "".join(values.get("settled", ()))
        doing = transition(state, stage.id, self._me, reason, given, tidy)
        done = self._do(state.request, doing, actionforms.SUBMIT[state.action][1])
        return under(done, urgent_line(ctx.school, judged.about_head)) if judged.unsure else done

    def again(self, state: FormState, values: Values, why: str) -> Reply | None:
        """The form as it was filled in, with what happened above it: nothing typed is lost. None for a form
        that this person was not given, or whose checklist is not theirs to see any more."""
        request = self._load(state.request)
        ctx = self._services.context(request)
        card = self._card(ctx, request)
        stage = named_stage(ctx, state.stage)
        if card is None and state.action == "reassign" and requests.administers(ctx, request, self._me):
            title = f"{request.reference} {ctx.workflow.title}"
            card = Card(title=title, parts=(covered(ctx, request),))
        if card is None or stage is None or state.action not in actionforms.SUBMIT:
            return None
        signed = next((t.person for t in reversed(request.taken) if t.stage == stage.id and t.signs), "")
        twice = signed == self._me and request.waiting(stage.id) is None
        if state.action == "settle" and routing.seat_of(ctx, request, stage, self._me) is None:
            return None
        if twice:
            return Redraw(card=card, notice=why)
        onward = state.model_copy(update={"revision": request.revision})
        return UpdateForm(form=self._form(ctx, onward, values), before=(not_sent(why), card))

    def changed(self, state: FormState, values: Values) -> Reply:
        """An input that others depend on has changed: draw the form again around what was typed."""
        request, ctx, stage = self._given(state)
        judged = judge_all(actionforms.typed(stage, state.action, values))
        if first := warning(self._visit, judged, state, lambda s: self._form(ctx, s, values)):
            return first
        self._may(ctx, request, stage.id, state.action, state.revision)
        return UpdateForm(form=self._form(ctx, state, values))

    def _given(self, state: FormState) -> tuple[Request, Context, Stage]:
        """What the form of an action is about. Refused for a form that this clerk cannot have drawn."""
        request = self._load(state.request)
        ctx = self._services.context(request)
        stage = named_stage(ctx, state.stage)
        if stage is None or state.action not in actionforms.SUBMIT:
            raise Refused("This form is not known any more.")
        return request, ctx, stage

    @staticmethod
    def _missing(ctx: Context, request: Request, stage: Stage, action: str, values: Values) -> dict[str, str]:
        """What is wrong with what an action asks besides the fields of the definition."""
        wrong = actionforms.settling_errors(request, stage, values) if action == "settle" else {}
        picked = {"hand_on": "to", "reassign": "to", "name_subject": "subject"}.get(action)
        if picked and not ctx.staff.person("".join(values.get(picked, ()))):
            wrong[picked] = "Please choose a person."
        if action == "link" and not "".join(values.get("reference", ())).strip():
            wrong["reference"] = "Please fill this in."
        reason = "".join(values.get("reason", ())).strip()
        if not reason and actionforms.needs_reason(stage, action, values):
            wrong["reason"] = "Please give a reason: it is kept with the decision."
        if len(reason) > answers.LONGEST:
            wrong["reason"] = answers.too_long(answers.LONGEST)
        return wrong

    def _do(self, request_id: str, transition: Callable[[Context, Request], Change], notice: str) -> Reply:
        """Carry out a transition, and show what has become of it: of what has come again, if it was lost before."""
        try:
            return self.drawn(self._save(request_id, transition), notice)
        except Refused:
            if not self._visit.again:
                raise
        return self.drawn(self._load(request_id), AGAIN)

    def _save(self, request_id: str, transition: Callable[[Context, Request], Change]) -> Request:
        """The request after a transition of it as it stands; read again when somebody was quicker."""
        for _ in range(3):
            request = self._load(request_id)
            try:
                change = transition(self._services.context(request), request)
                self._services.store.save(change)
            except Conflict:
                continue
            return change.request
        raise Overtaken("Several people are changing this at once. Please try again.")

    def drawn(self, request: Request, notice: str) -> Reply:
        """The card as this person may see it now, and what to say about it."""
        card = self._card(self._services.context(request), request)
        if card is None:
            return Message(cards=(Card(title=notice),))
        return Redraw(card=card, notice=notice)

    def _card(self, ctx: Context, request: Request) -> Card | None:
        deliveries = self._services.store.deliveries(request.id)
        return card_for(ctx, self._visit.published.policy, request, self._me, deliveries)

    def _open(self, ctx: Context, request: Request) -> Reply:
        """The details, once the right to see them is checked; each opening is recorded."""
        request = self._seen(ctx, request, "opened")
        history = self._services.store.history(request.id)
        links = links_known_to(self._services, request, self._me)
        return Details(card=details_card(ctx, request, self._me, history, links))

    def _print(self, ctx: Context, request: Request) -> Reply:
        """The details as a record to keep, checked and recorded as an opening is."""
        request = self._seen(ctx, request, "printed")
        history = self._services.store.history(request.id)
        edition = self._services.library.edition(request.school, request.policy_version)
        links = links_known_to(self._services, request, self._me)
        return Paper(record=record_of(ctx, edition, request, history, self._me, links))

    def _seen(self, ctx: Context, request: Request, action: Literal["opened", "printed"]) -> Request:
        """The request, which this person sees now: that is recorded. NotYours when they may not."""
        if not routing.may_open(ctx, request, self._me):
            raise NotYours("You cannot open this.")
        store, now = self._services.store, self._visit.now
        theirs = {stage.id for stage, holder in routing.asked(ctx, request) if holder.person == self._me}
        first = any(waiting.stage in theirs and not waiting.seen for waiting in request.open)
        if first:
            request = self._save(request.id, lambda c, r: requests.opened(c, r, self._me))
        if not self._visit.again and (action == "printed" or not (first or self._me == request.requester)):
            store.record(request.id, Taken(at=now, action=action, person=self._me))
        store.opened(request.id, self._me, now)
        return request

    def _ask(self, ctx: Context, request: Request, stage_id: str, action: str, revision: int) -> Reply:
        """The form of an action, if this person may still take it: better said now than after typing."""
        stage = named_stage(ctx, stage_id or "0")
        if stage is None:
            raise Refused("That cannot be done at this step.")
        self._may(ctx, request, stage.id, action, revision)
        state = FormState(
            token=uuid.uuid4().hex,
            workflow=request.workflow,
            version=request.workflow_version,
            step="action",
            request=request.id,
            stage=stage_id or "0",
            action=action,
            revision=revision,
        )
        return OpenForm(form=self._form(ctx, state, {}))

    def _may(self, ctx: Context, request: Request, stage_id: str, action: str, revision: int) -> None:
        """Refused unless this person may take the action now. What they send is checked once more."""
        match action:
            case "add":
                if not routing.may_open(ctx, request, self._me):
                    raise NotYours("You cannot add to this.")
                if not (request.about_people and request.is_open):
                    raise Overtaken("Notes are added to an open report about a person alone.")
            case "log":
                cases.may_log(ctx, request, stage_id, self._me)
            case "link":
                cases.may_link(ctx, request, self._me)
            case "name_subject":
                requests.may_name_subject(ctx, request, self._me)
            case "reassign":
                requests.may_reassign(ctx, request, stage_id, self._me)
            case "settle":
                seated(ctx, request, stage_id, self._me, request.revision, action)
            case _:
                seated(ctx, request, stage_id, self._me, revision, action)

    def _form(
        self, ctx: Context, state: FormState, values: Values, errors: dict[str, str] | None = None
    ) -> Form:
        stage = named_stage(ctx, state.stage) or ctx.workflow.stages[0]
        request = self._load(state.request)
        submit = stage.done_label if state.action == "done" else actionforms.SUBMIT[state.action][0]
        title = f"{submit}: {request.reference}"
        form = actionforms.action_form(ctx, request, stage, state, title, submit, values, errors or {})
        intro: tuple[cards.Part, ...] = (
            () if request.about_people else (Text(text=ctx.workflow.title, tone="quiet"),)
        )
        if state.action == "settle":
            chosen = actionforms.ticked(request, stage, values)
            policy = self._visit.published.policy
            keys = chosen.clauses if chosen else ()
            intro = (*actionforms.about_action(chosen), *quotes(policy, keys))
        return form.model_copy(update={"intro": intro})

    def _load(self, request_id: str) -> Request:
        """The request, if it is one of this school: nothing of another school is reachable."""
        request = self._services.store.load(request_id)
        if request is None or request.school != self._visit.person.school:
            raise Overtaken("That request is not there.")
        return request

    @property
    def _me(self) -> str:
        return self._visit.person.id


def named_stage(ctx: Context, name: str) -> Stage | None:
    """The stage of that id or, where the id would say too much, of that number; None when there is none."""
    stages = ctx.workflow.stages
    if name.isdecimal():
        return stages[int(name)] if int(name) < len(stages) else None
    return next((stage for stage in stages if stage.id == name), None)
