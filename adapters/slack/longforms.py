"""Forms of several steps between Slack, which shows one at a time, and the clerk, which knows whole forms."""

from collections.abc import Mapping
from typing import Protocol

from adapters.edge import Edge, leaves_open
from adapters.slack import steps
from adapters.slack.turns import Changes
from bot.cards import FieldErrors, Form, OpenForm, Reply, UpdateForm
from bot.events import Event, FormChanged, FormSubmitted, Identity


class Drafts(Changes, Protocol):
    """What is needed of the store: completed steps, sealed, for a day; and when open forms were changed."""

    def keep(self, who: Identity, form: str, values: dict[str, tuple[str, ...]]) -> None:
        """Keep what has been filled in so far."""

    def kept(self, who: Identity, form: str) -> dict[str, tuple[str, ...]]:
        """What has been filled in of the form within a day."""

    def forget(self, who: Identity, form: str) -> None:
        """It was sent."""


class LongForms:
    """Asks the clerk with everything filled in so far, and shows of its reply the step that is next."""

    def __init__(self, edge: Edge, drafts: Drafts) -> None:
        self._edge = edge
        self._drafts = drafts

    async def answer(self, event: Event) -> Reply | None:
        """The clerk's reply to an event, with one step of a long form instead of all of it."""
        if isinstance(event, FormChanged | FormSubmitted) and steps.named(event.state)[1]:
            return await self._in_a_step(event)
        reply = await self._edge.handle(event)
        if isinstance(reply, OpenForm | UpdateForm) and steps.is_long(reply.form):
            return await self._begun(event, reply)
        return reply

    async def back(self, event: FormChanged) -> Reply | None:
        """The step before the one that is shown. What stands in that one is kept as it is, right or wrong: it is
        looked at when it is sent."""
        own = steps.named(event.state)[0]
        name = steps.name(event.form, own)
        values = {**await self._edge.patiently(self._drafts.kept, event.who, name), **event.values}
        await self._edge.patiently(self._drafts.keep, event.who, name, values)
        reply = await self._changed(event, event.form, own, values, "back")
        return _showing(reply, steps.previous(event.state))

    async def _begun(self, event: Event, reply: OpenForm | UpdateForm) -> Reply:
        """The first step, with what this person had filled in of the form within a day."""
        form = reply.form
        name = steps.name(form.id, form.state)
        there, kept = steps.filled(form), await self._edge.patiently(self._drafts.kept, event.who, name)
        if kept:
            again = await self._changed(event, form.id, form.state, {**there, **kept}, "begun")
            form = again.form if isinstance(again, UpdateForm) else form
        elif there:
            await self._edge.patiently(self._drafts.keep, event.who, name, there)
        return reply.model_copy(update={"form": _first_step(form, continued=bool(kept))})

    async def _in_a_step(self, event: FormChanged | FormSubmitted) -> Reply | None:
        own, first, following = steps.named(event.state)
        name = steps.name(event.form, own)
        kept = await self._edge.patiently(self._drafts.kept, event.who, name)
        values = {**kept, **event.values}
        whole = event.model_copy(update={"state": own, "values": values})
        if isinstance(event, FormSubmitted):
            await self._edge.patiently(self._drafts.keep, event.who, name, values)
        if isinstance(event, FormSubmitted) and following:
            reply = await self._changed(event, event.form, own, values, first)
            return _showing(reply, steps.after(reply.form, first) if isinstance(reply, UpdateForm) else "")
        reply = await self._edge.handle(whole)
        if isinstance(reply, FieldErrors):
            return _corrected(reply, first)
        if isinstance(event, FormSubmitted) and reply is not None and not leaves_open(reply):
            await self._edge.patiently(self._drafts.forget, event.who, name)
        return _showing(reply, first)

    async def _changed(
        self, event: Event, form: str, state: str, values: Mapping[str, tuple[str, ...]], part: str
    ) -> Reply | None:
        """The whole form around what is filled in, with a safety card where that calls for one."""
        return await self._edge.handle(
            FormChanged(
                id=f"{event.id}.{part}",
                who=event.who,
                standing=event.standing,
                form=form,
                state=state,
                values=dict(values),
            )
        )


def _first_step(form: Form, *, continued: bool) -> Form:
    return steps.step(form, continued=continued) if steps.is_long(form) else form


def _showing(reply: Reply | None, first: str) -> Reply | None:
    """A form in the reply, at that step. One that has become short is shown whole."""
    if not isinstance(reply, UpdateForm) or not steps.is_long(reply.form):
        return reply
    return reply.model_copy(update={"form": steps.step(reply.form, first)})


def _corrected(reply: FieldErrors, first: str) -> Reply:
    """The errors at the step on the screen; else the step of the first one, with its errors above the fields."""
    where = steps.holding(reply.form, reply.errors[0][0])
    shown = steps.step(reply.form, where)
    if where != first:
        return UpdateForm(form=shown)
    here = {item.id for item in shown.inputs}
    errors = tuple(error for error in reply.errors if error[0].partition(".")[0] in here)
    return FieldErrors(form=shown, errors=errors or reply.errors)
