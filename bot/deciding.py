"""Acting on a request: what a button opens, and what comes of it.

Every press is checked here against the request as it now stands and the school as it is now;
what a card showed when it was drawn decides nothing.
"""

import uuid
from collections.abc import Callable

from bot.cards import Card, Details, FieldErrors, Form, Message, OpenForm, Redraw, Reply, Text, UpdateForm
from bot.filling import Filling
from bot.formstate import FormState
from bot.ports import Conflict
from bot.safeguarding import safety_card
from bot.triage import gravest
from bot.visit import Services, Visit
from bot.workflows import answers, forms, requests, routing
from bot.workflows.change import NotYours, Overtaken, Refused, seat
from bot.workflows.definition import Stage, Values
from bot.workflows.request import Change, Request, Taken
from bot.workflows.routing import Context
from bot.workflows.views import card_for, details_card

SUBMIT = {
    "approve": ("Approve", "Approved."),
    "refuse": ("Refuse", "Refused."),
    "send_back": ("Send back", "Sent back."),
    "done": ("Done", "Recorded."),
    "close": ("Close", "Closed."),
    "hand_on": ("Hand on", "Handed on."),
    "add": ("Add a note", "Added."),
}
"""What each action that asks something first is called on its form, and what is said afterwards."""


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
            case "withdraw":
                return self._do(request_id, lambda c, r: requests.withdraw(c, r, self._me), "Withdrawn.")
            case "receive":
                doing = lambda c, r: requests.receive(c, r, stage_id, self._me, revision)  # noqa: E731
                return self._do(request_id, doing, "Recorded: you are dealing with it.")
            case "change":
                if request.requester != self._me or request.status != "sent_back":
                    raise Overtaken("This request is not waiting for you to change it.")
                return Filling(self._services, self._visit).change(request)
        if action not in SUBMIT:
            raise Refused("This button is not known any more.")
        return self._ask(ctx, request, stage_id, action, revision)

    def submitted(self, state: FormState, values: Values) -> Reply:
        """The form of an action came back."""
        request = self._load(state.request)
        ctx = self._services.context(request)
        stage = next((s for s in ctx.workflow.stages if s.id == state.stage), None)
        if stage is None or state.action not in SUBMIT:
            raise Refused("This form is not known any more.")
        fields = stage.asks if state.action == "done" else ()
        tidy = answers.tidied(fields, values, request.values)
        wrong = answers.errors(fields, tidy, ctx.staff, request.values)
        reason, to = "".join(values.get("reason", ())).strip(), "".join(values.get("to", ()))
        if state.action == "hand_on" and not ctx.staff.person(to):
            wrong["to"] = "Please choose a person."
        if self._reason_missing(ctx, state, reason):
            wrong["reason"] = "Please give a reason: it is kept with the decision."
        if len(reason) > answers.LONGEST:
            wrong["reason"] = answers.too_long(answers.LONGEST)
        if not state.warned and (found := gravest((reason, *answers.free_text(fields, tidy)))):
            warned = state.model_copy(update={"warned": True})
            card = safety_card(ctx.school, found)
            return UpdateForm(form=self._form(ctx, warned, values, wrong), before=(card,))
        self._may(ctx, request, stage.id, state.action, state.revision)
        if wrong:
            return FieldErrors(form=self._form(ctx, state, values, wrong), errors=tuple(wrong.items()))
        return self._do(state.request, self._transition(state, reason, to, tidy), SUBMIT[state.action][1])

    def _transition(
        self, state: FormState, reason: str, to: str, tidy: Values
    ) -> Callable[[Context, Request], Change]:
        stage, me, revision = state.stage, self._me, state.revision
        match state.action:
            case "approve":
                return lambda c, r: requests.approve(c, r, stage, me, revision, reason)
            case "refuse":
                return lambda c, r: requests.refuse(c, r, stage, me, revision, reason)
            case "send_back":
                return lambda c, r: requests.send_back(c, r, stage, me, revision, reason)
            case "done":
                return lambda c, r: requests.finish(c, r, stage, me, revision, reason, tidy)
            case "close":
                return lambda c, r: requests.close(c, r, stage, me, revision, reason)
            case "hand_on":
                return lambda c, r: requests.hand_on(c, r, stage, me, revision, to, reason)
            case "add":
                return lambda c, r: requests.add(c, r, me, reason)
        raise Refused("This form is not known any more.")

    def _do(self, request_id: str, transition: Callable[[Context, Request], Change], notice: str) -> Reply:
        """Carry out a transition, and show what has become of the request."""
        return self.drawn(self._save(request_id, transition), notice)

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
        ctx = self._services.context(request)
        deliveries = self._services.store.deliveries(request.id)
        card = card_for(ctx, self._visit.published.policy, request, self._me, deliveries)
        if card is None:
            return Message(cards=(Card(title=notice),))
        return Redraw(card=card, notice=notice)

    def _open(self, ctx: Context, request: Request) -> Reply:
        """The details, once the right to see them is checked; each opening is recorded."""
        if not routing.may_open(ctx, request, self._me):
            raise NotYours("You cannot open this.")
        store, now = self._services.store, self._visit.now
        theirs = {stage.id for stage, holder in routing.asked(ctx, request) if holder.person == self._me}
        if any(waiting.stage in theirs and not waiting.seen for waiting in request.open):
            request = self._save(request.id, lambda c, r: requests.opened(c, r, self._me))
        elif self._me != request.requester:
            store.record(request.id, Taken(at=now, action="opened", person=self._me))
        store.opened(request.id, self._me, now)
        return Details(card=details_card(ctx, request, self._me, store.history(request.id)))

    def _ask(self, ctx: Context, request: Request, stage_id: str, action: str, revision: int) -> Reply:
        """The form of an action, if this person may still take it: better said now than after typing."""
        stage_id = stage_id or ctx.workflow.stages[0].id
        self._may(ctx, request, stage_id, action, revision)
        state = FormState(
            token=uuid.uuid4().hex,
            workflow=request.workflow,
            version=request.workflow_version,
            step="action",
            request=request.id,
            stage=stage_id,
            action=action,
            revision=revision,
        )
        return OpenForm(form=self._form(ctx, state, {}))

    def _may(self, ctx: Context, request: Request, stage_id: str, action: str, revision: int) -> None:
        """Refused unless this person may take the action now. What they send is checked once more."""
        if action == "add":
            if not routing.may_open(ctx, request, self._me):
                raise NotYours("You cannot add to this.")
            return
        seat(ctx, request, stage_id, self._me, revision, "decide", "act", "acknowledge", "receive")

    def _form(
        self, ctx: Context, state: FormState, values: Values, errors: dict[str, str] | None = None
    ) -> Form:
        stage = ctx.workflow.stage(state.stage)
        request = self._load(state.request)
        submit = stage.done_label if state.action == "done" else SUBMIT[state.action][0]
        form = forms.action_form(
            ctx, stage, state, f"{submit}: {request.reference}", submit, values, errors or {}
        )
        shown = tuple(i for i in form.inputs if self._applies(stage, i.id, request.values))
        cited = () if request.about_people else (Text(text=ctx.workflow.title, tone="quiet"),)
        return form.model_copy(update={"inputs": shown, "intro": cited})

    @staticmethod
    def _applies(stage: Stage, field_id: str, values: Values) -> bool:
        return all(field.applies(values) for field in stage.asks if field.id == field_id)

    @staticmethod
    def _reason_missing(ctx: Context, state: FormState, reason: str) -> bool:
        if state.action == "approve":
            return ctx.workflow.stage(state.stage).reason_required and not reason
        return state.action in ("refuse", "send_back", "close", "add") and not reason

    def _load(self, request_id: str) -> Request:
        """The request, if it is one of this school: nothing of another school is reachable."""
        request = self._services.store.load(request_id)
        if request is None or request.school != self._visit.person.school:
            raise Overtaken("That request is not there.")
        return request

    @property
    def _me(self) -> str:
        return self._visit.person.id
