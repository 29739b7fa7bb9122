"""The concern form of somebody who is on no list: marked so, its receivers shown by role, nobody named.

It is the school's own concern procedure. A typed name takes the place of the staff list; where the list has
that name, that person is kept from it as if they had been picked.
"""

from bot.cards import Card, Choice, Form, Input, Option, Part, Text
from bot.filling import Filling
from bot.formstate import FormState
from bot.ports import Published
from bot.workflows import forms, routing
from bot.workflows.definition import Field, Values, Workflow
from bot.workflows.request import Change, Request
from bot.workflows.routing import Context

CONCERN = "report-concern"
TYPED = "typed_name"
"""The field that takes the place of the staff list."""
_PLATFORMS = {"slack": "Slack", "teams": "Microsoft Teams", "web": "the web page"}


def concern_form(published: Published) -> Workflow | None:
    """The school's concern procedure, if it always goes one-to-one to those it is for."""
    workflow = published.workflow(CONCERN)
    return workflow if workflow and workflow.has_form and workflow.about_people is True else None


class UnlistedConcern(Filling):
    """Somebody on no list filling in the concern form."""

    def _workflow(self, command: str, version: str) -> Workflow:
        """The procedure as it is drawn here: a name to type instead of the staff list."""
        workflow = super()._workflow(command, version)
        return workflow.model_copy(update={"fields": tuple(map(_unnamed, workflow.fields))})

    def _intro(self, workflow: Workflow) -> tuple[Part, ...]:
        marked = "You are not on the school's staff list. Whoever receives this sees that, and your account."
        return (Text(text=marked, tone="strong"), *super()._intro(workflow))

    def _with_named(self, state: FormState, values: Values) -> FormState:
        """The state, with the role that it was said to be about: a role, because ids stand for people."""
        about = "".join(values.get("about_receiver", ()))
        named = (about,) if state.step == "confirm" and about in state.shown else ()
        return state.model_copy(update={"subjects": tuple(dict.fromkeys((*state.subjects, *named)))})

    def _shown_as_receiving(self, ctx: Context, draft: Request) -> tuple[str, ...]:
        """The roles of everyone who will be asked, at any step, or told, in order: nobody is named."""
        stages = [stage for step in ctx.workflow.steps(draft.values) for stage in step]
        holders = [h for s in stages for seat in routing.seats(ctx, draft, s) for h in seat.holders]
        found = (*holders, *routing.told(ctx, draft))
        return tuple(dict.fromkeys(h.role for h in found if h.role in ctx.school.roles))

    def _confirming(
        self, ctx: Context, state: FormState, values: Values, tidy: Values, errors: dict[str, str]
    ) -> Form:
        titles = [ctx.school.title(role) for role in state.shown]
        goes = f"This goes to: {'; '.join(titles) or 'those who deal with it'}."
        intro = (Text(text=goes, tone="strong"), *self._intro(ctx.workflow))
        question: Input = Choice(
            id="about_receiver",
            label="Is it about any of them?",
            hint="Whoever it is about will not see it, and will not be told.",
            options=(
                Option(value="no", label="No"),
                *(
                    Option(value=role, label=f"Yes, it is about the {ctx.school.title(role)}")
                    for role in state.shown
                ),
            ),
            value=tuple(values.get("about_receiver", ())),
            error=errors.get("about_receiver", ""),
        )
        return forms.fields_form(ctx.workflow, state, values, ctx.staff, None, intro, (question,))

    def _change(self, ctx: Context, state: FormState, tidy: Values, request_id: str) -> Change:
        """The request as the school's own procedure knows it, and what is known of who sent it."""
        workflow = super()._workflow(ctx.workflow.id, state.version)
        values = {key: entries for key, entries in tidy.items() if key != TYPED}
        typed = "".join(tidy.get(TYPED, ()))
        same = [p.id for p in ctx.staff.current if typed and _plain(p.name) == _plain(typed)]
        picker = next((field.id for field in workflow.fields if field.kind == "person"), "")
        if len(same) == 1:
            values[picker] = (same[0],)
        about = {person.id for role in state.subjects for person in ctx.staff.holders(role)}
        subjects = tuple({*about, *same})
        known = state.model_copy(update={"subjects": subjects})
        change = super()._change(ctx.model_copy(update={"workflow": workflow}), known, values, request_id)
        who = self._visit.unlisted
        account = f"{_PLATFORMS[who.platform]} {who.user}, {who.tenant}" if who else ""
        rows = (("Their account", account), *((("About, as typed", typed),) if typed else ()))
        return change.model_copy(update={"request": change.request.model_copy(update={"unlisted": rows})})

    def _receipt(self, ctx: Context, request: Request) -> Card:
        """Where it went, by role. What becomes of it cannot be shown to somebody who is on no list."""
        titles = "; ".join(ctx.school.title(role) for role in self._shown_as_receiving(ctx, request))
        sent = f"Sent to: {titles}." if titles else "Sent."
        once = (
            "I cannot tell you what becomes of it, because you are not on the staff list. Keep the reference. "
            "If you have heard nothing, ring the safeguarding lead: nobody is told to ring you."
        )
        return Card(
            title=f"{request.reference}: sent", parts=(Text(text=sent, tone="strong"), Text(text=once))
        )


def _unnamed(field: Field) -> Field:
    if field.kind != "person":
        return field
    return Field(
        id=TYPED,
        kind="text",
        label=field.label,
        hint="Their full name, if you know it. If the staff list has it, they are kept from this.",
        required=False,
        max_length=100,
        when=field.when,
    )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
