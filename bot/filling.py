"""Filling in a procedure's form: gates, fields, the last question, and then a request.

Each step looks at the form afresh; nothing is kept between steps but what the form itself
carries, so a half-filled form leaves nothing behind.
"""

import uuid
from collections.abc import Mapping

from bot.calm_line import under
from bot.cards import Card, FieldErrors, Form, Message, OpenForm, Part, Reply, Text, UpdateForm
from bot.formstate import LOST, FormState
from bot.front_door import policy_card
from bot.ports import AlreadySubmitted, Conflict, ReferenceTaken
from bot.reported import first_values
from bot.safeguarding import image_card, out_of_hours, safety_card, urgent_line
from bot.triage import Triage, judge_all
from bot.visit import Services, Visit
from bot.warning import warning
from bot.workflows import answers, forms, requests, routing
from bot.workflows.change import Overtaken, Refused
from bot.workflows.deadlines import SCHOOL_ZONE, moment, next_opening
from bot.workflows.definition import Values, Workflow
from bot.workflows.entering import offered
from bot.workflows.entry import Listed
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context
from bot.workflows.views import sent_card

MISSING = "Please answer this before sending."
TRIES = 5
"""How many references are drawn before giving up: of 33 million a school's few thousand are taken."""


class Filling:
    """One person filling in one form."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit

    def start(self, workflow: Workflow, link: str = "") -> OpenForm:
        """Open the form, at its gates if it has any. `link`: to the message that led to it."""
        state = FormState(
            token=uuid.uuid4().hex,
            workflow=workflow.id,
            version=workflow.version,
            step="gates" if workflow.gates else "fields",
            link=link,
        )
        return OpenForm(
            form=self._form(workflow, state, {} if workflow.gates else first_values(workflow, link))
        )

    def change(self, request: Request) -> OpenForm:
        """Open a request that was sent back, with what was sent."""
        workflow = self._workflow(request.workflow, request.workflow_version)
        state = FormState(
            token=uuid.uuid4().hex,
            workflow=workflow.id,
            version=workflow.version,
            request=request.id,
            danger=request.urgent,
            revision=request.revision,
        )
        return OpenForm(form=self._form(workflow, state, request.values))

    def changed(self, state: FormState, values: Values) -> Reply:
        """An input that others depend on has changed: draw the form again around what was typed."""
        workflow = self._workflow(state.workflow, state.version)
        judged = judge_all(answers.free_text(workflow.fields, values))
        if first := warning(self._visit, judged, state, lambda s: self._form(workflow, s, values)):
            return first
        return UpdateForm(form=self._form(workflow, state, values))

    def submitted(self, state: FormState, values: Values) -> Reply:
        """A step of the form came back: the next step, its errors, or the request it has become."""
        workflow = self._workflow(state.workflow, state.version)
        if state.step == "gates":
            return self._through_gates(workflow, state, values)
        fields = offered(workflow.fields, self._registers(workflow))
        tidy = answers.tidied(fields, values)
        wrong = {
            **answers.errors(fields, tidy, self._visit.staff),
            **answers.chose_themselves(workflow, tidy, self._visit.person.id),
        }
        judged = judge_all(answers.free_text(workflow.fields, values))
        if first := warning(self._visit, judged, state, lambda s: self._form(workflow, s, values, wrong)):
            return first
        if wrong:
            return FieldErrors(form=self._form(workflow, state, values, wrong), errors=tuple(wrong.items()))
        if workflow.concerns_people(tidy):
            state = self._with_named(state, values)
            if question := self._last_question(workflow, state, values, tidy):
                return question
        sent = self._send(workflow, state, tidy)
        school = self._visit.published.school
        return under(sent, urgent_line(school, judged.about_head)) if judged.unsure else sent

    def _through_gates(self, workflow: Workflow, state: FormState, values: Values) -> Reply:
        if any(not values.get(gate) for gate in workflow.gates):
            form = forms.gate_form(workflow, state, values, missing=True)
            return FieldErrors(form=form, errors=tuple((i.id, i.error) for i in form.inputs if i.error))
        school = self._visit.published.school
        danger = "yes" in values.get("danger", ())
        closed = self._visit.closed
        first = (safety_card(school, Triage(level="emergency"), closed=closed),) if danger else ()
        if "yes" in values.get("image", ()):
            return Message(cards=(*first, image_card(school, closed)))
        if not workflow.has_form:
            said = policy_card(self._visit.published, workflow, self._visit.staff.today)
            return Message(cards=(*first, said))
        onward = state.model_copy(update={"step": "fields", "danger": danger})
        return UpdateForm(form=self._form(workflow, onward, first_values(workflow, state.link)), before=first)

    def _with_named(self, state: FormState, values: Values) -> FormState:
        """The state, with whom the reporter has just said that it is about."""
        about = "".join(values.get("about_receiver", ()))
        person = "".join(values.get("about_person", ())) if about == "else" else about
        named = (person,) if state.step == "confirm" and self._visit.staff.person(person) else ()
        return state.model_copy(update={"subjects": tuple(dict.fromkeys((*state.subjects, *named)))})

    def _last_question(
        self, workflow: Workflow, state: FormState, values: Values, tidy: Values
    ) -> Reply | None:
        """`This goes to A and B: is it about either?` None once it is answered and nobody new is asked."""
        ctx = self._visit.context(workflow, self._registers(workflow))
        about = "".join(values.get("about_receiver", ()))
        shown = self._shown_as_receiving(ctx, self._draft(ctx, state, tidy, state.subjects))
        onward = state.model_copy(update={"step": "confirm", "shown": shown})
        if state.step == "confirm" and state.shown == shown:
            named = "".join(values.get("about_person", ())) if about == "else" else about
            if about == "no" or named in state.subjects:
                return None
            wrong = {"about_person" if about == "else" else "about_receiver": MISSING}
            form = self._confirming(ctx, onward, values, tidy, wrong)
            return FieldErrors(form=form, errors=tuple(wrong.items()))
        asked_afresh = {k: v for k, v in values.items() if k not in ("about_receiver", "about_person")}
        return UpdateForm(form=self._confirming(ctx, onward, asked_afresh, tidy, {}))

    def _shown_as_receiving(self, ctx: Context, draft: Request) -> tuple[str, ...]:
        """Ids of those the reporter is told it goes to, and may say that it is about."""
        return forms.receivers(ctx, draft)

    def _confirming(
        self, ctx: Context, state: FormState, values: Values, tidy: Values, errors: dict[str, str]
    ) -> Form:
        draft = self._draft(ctx, state, tidy, state.subjects)
        intro = forms.confirm_intro(ctx, draft, state.shown)
        extra = forms.confirm_inputs(ctx, state.shown, values, errors)
        workflow = _offering(ctx.workflow, ctx.registers)
        return forms.fields_form(workflow, state, values, ctx.staff, None, intro, extra)

    def _draft(self, ctx: Context, state: FormState, tidy: Values, subjects: tuple[str, ...]) -> Request:
        """The request this would become, to see who would receive it. NobodyLeft is said to the person."""
        return self._change(ctx, state.model_copy(update={"subjects": subjects}), tidy, "draft").request

    def _change(self, ctx: Context, state: FormState, tidy: Values, request_id: str) -> Change:
        """The new request."""
        return requests.submit(
            ctx,
            request_id=request_id,
            requester=self._visit.person.id,
            values=tidy,
            policy_version=self._visit.published.version,
            subjects={*state.subjects, *answers.subjects(ctx.workflow, tidy, ctx.staff)},
            urgent=state.danger,
        )

    def _send(self, workflow: Workflow, state: FormState, tidy: Values) -> Message:
        ctx = self._visit.context(workflow, self._registers(workflow))
        store = self._services.store
        if state.request:
            request = store.load(state.request)
            if request is None:
                raise Overtaken("That request is no longer there.")
            done = request.status != "sent_back" or request.revision != state.revision
            if self._visit.again and done:  # else the process that had it first was lost before it saved
                return Message(cards=(self._receipt(ctx, request),))
            change = requests.resubmit(ctx, request, self._visit.person.id, tidy)
            try:
                store.save(change)
            except Conflict:
                raise Overtaken(
                    "This request was changed at the same moment. Please send it again."
                ) from None
            return Message(cards=(self._receipt(ctx, change.request),))
        for _ in range(TRIES):
            change = self._change(ctx, state, tidy, uuid.uuid4().hex)
            try:
                store.create(change, f"{self._visit.person.id}:{state.token}")
            except ReferenceTaken:
                continue  # five letters are drawn by lot: draw again
            except AlreadySubmitted as earlier:
                return Message(cards=(self._receipt(ctx, store.load(earlier.request_id) or change.request),))
            return Message(cards=(self._receipt(ctx, change.request),))
        raise Refused("No reference was free for this. Please send it again.")

    def _receipt(self, ctx: Context, request: Request) -> Card:
        """What is said once it is kept; out of hours also when somebody is likely to see it."""
        card = sent_card(ctx, request)
        if not (request.is_open and request.about_people and self._visit.closed) or ctx.workflow.school_time:
            return card
        kept_out = routing.barred(ctx, request)
        titles = {ctx.school.title(role) for role, person in ctx.staff.holdings if person in kept_out}
        at = next_opening(ctx.school.calendar, ctx.now).astimezone(SCHOOL_ZONE)
        opens = f"{at:%A}, {moment(at)}"
        late = out_of_hours(ctx.school, opens, titles, about_head=request.about_head)
        return card.model_copy(update={"parts": (*card.parts, *late)})

    def again(self, state: FormState, values: Values, why: str) -> UpdateForm:
        """The form as it was filled in, with why it was not sent above it."""
        workflow = self._workflow(state.workflow, state.version)
        step = "fields" if state.step == "confirm" else state.step  # who receives it may be why
        onward = state.model_copy(update={"step": step})
        return UpdateForm(form=self._form(workflow, onward, values), before=(not_sent(why),))

    def _form(
        self, workflow: Workflow, state: FormState, values: Values, errors: dict[str, str] | None = None
    ) -> Form:
        if state.step == "gates":
            return forms.gate_form(workflow, state, values)
        if state.step == "confirm":
            ctx = self._visit.context(workflow, self._registers(workflow))
            tidy = answers.tidied(offered(workflow.fields, ctx.registers), values)
            return self._confirming(ctx, state, values, tidy, errors or {})
        intro, staff = self._intro(workflow), self._visit.staff
        workflow = _offering(workflow, self._registers(workflow))
        return forms.fields_form(workflow, state, values, staff, errors, intro)

    def _registers(self, workflow: Workflow) -> dict[str, tuple[Listed, ...]]:
        return self._services.registers(self._visit.published.school, workflow)

    def _intro(self, workflow: Workflow) -> tuple[Part, ...]:
        policy = self._visit.published.policy
        if not workflow.clauses:
            return (Text(text=workflow.summary, tone="quiet"),)
        clause = next((c for c in policy.clauses if c.key == workflow.clauses[0]), None)
        cited = policy.cite(clause) if clause else f"{policy.title} ({policy.version})"
        return (Text(text=f"{workflow.summary} From {cited}.", tone="quiet"),)

    def _workflow(self, command: str, version: str) -> Workflow:
        """The procedure as the form was drawn from. Refused for a form of another school, or of none."""
        try:
            return self._services.library.workflow(self._visit.published.school.id, command, version)
        except KeyError:
            raise Refused(LOST) from None


def _offering(workflow: Workflow, registers: Mapping[str, tuple[Listed, ...]]) -> Workflow:
    """The procedure as its form is drawn: each `entry` field with the entries to choose from."""
    return workflow.model_copy(update={"fields": offered(workflow.fields, registers)})


def not_sent(why: str) -> Card:
    """Above a form that comes back: what happened, and that nothing typed is lost."""
    kept = Text(text="What you typed is kept below.", tone="quiet")
    return Card(title="That was not sent", parts=(Text(text=why), kept), mood="bad")
