"""A person at a register: looking, searching, entering what existed before, ending an entry.

Buttons and form state carry the register's name, an entry's id and a page's number: never what stands in
an entry, and what somebody searched for only sealed.
"""

import uuid

from bot import recording, registers
from bot.calm_line import under
from bot.cards import (
    Button,
    Card,
    Details,
    Facts,
    FieldErrors,
    Form,
    Input,
    Message,
    OpenForm,
    Reply,
    Results,
    Text,
    UpdateForm,
)
from bot.filling import not_sent
from bot.formstate import FormState
from bot.people import Register
from bot.ports import Unreadable
from bot.registercards import (
    SAID,
    SUBMIT,
    SURE,
    counted,
    entry_card,
    erased_card,
    fields_of,
    register_card,
    rows_of,
    tied_rows,
    title,
)
from bot.registers import register_of
from bot.safeguarding import urgent_line
from bot.triage import Judgement, judge_all
from bot.visit import Services, Visit
from bot.warning import warning
from bot.workflows import answers, forms
from bot.workflows.change import NotYours, Refused
from bot.workflows.definition import Field, Values
from bot.workflows.entry import Entry

REGISTERS = "registers"
PAGE = 10


class Keeping:
    """One person's turn with the registers of their school."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit

    def overview(self) -> Results:
        """Every register this person may look into."""
        names = registers.visible(self._visit)
        if not names:
            declared = self._visit.published.school.registers
            raise NotYours(
                f"The registers are for those who keep them: {self._whose()}."
                if declared
                else "This school keeps no registers yet."
            )
        return Results(
            title="Registers",
            cards=tuple(
                register_card(self._services, self._visit, name, self._found(name)) for name in names
            ),
        )

    def pressed(self, action: str, target: str) -> Reply:
        """A button of a register or an entry. The target of an entry's is its id."""
        match action:
            case "register_open":
                name, _, page = target.partition("/")
                return self._open(name, int(page) if page.isdigit() else 1)
            case "register_found":
                name, page, sealed = (*target.split("/", 2), "", "")[:3]
                try:
                    text = self._services.store.open_for(self._visit.person.id, sealed)
                except Unreadable as why:
                    raise Refused("This search is over. Please search again.") from why
                return self._search(
                    name, register_of(self._visit, name), text, int(page) if page.isdigit() else 1
                )
            case "register_search":
                register_of(self._visit, target)
                return OpenForm(form=self._form(self._state("search", target), {}))
            case "register_add":
                self._may_add(target)
                return OpenForm(form=self._form(self._state("add", target), {}))
            case "register_export":
                register = register_of(self._visit, target)
                text = "Download it on the clerk's own page. Here it would be seen by more people than may see it."
                return Message(cards=(Card(title=register.title, parts=(Text(text=text),)),))
            case "register_details":
                return self._details(self._entry(target))
            case "register_end":
                entry = self._entry(target)
                recording.may_end(entry)
                state = self._state("end", entry.name, entry.id, entry.version)
                return OpenForm(form=self._form(state, {}))
            case "register_erase":
                entry = self._entry(target)
                recording.may_erase(self._visit, entry)
                state = self._state("erase", entry.name, entry.id, entry.version)
                return OpenForm(form=self._form(state, {}))
        raise Refused("This button is not known any more.")

    def submitted(self, state: FormState, values: Values) -> Reply:
        """A form of a register came back."""
        if state.action == "add":
            self._may_add(state.workflow)
        elif state.action == "end":
            self._entry(state.request)
        elif state.action == "erase":
            recording.may_erase(self._visit, self._entry(state.request))
        elif state.action != "search":
            raise Refused("This form is not known any more.")
        register = register_of(self._visit, state.workflow)
        fields = fields_of(self._visit, state.action, state.workflow)
        tidy = answers.tidied(fields, values)
        wrong = answers.errors(fields, tidy, self._visit.staff)
        judged = self._judged(fields, values)
        if first := warning(self._visit, judged, state, lambda s: self._form(s, values, wrong)):
            return first
        if wrong:
            return FieldErrors(form=self._form(state, values, wrong), errors=tuple(wrong.items()))
        reply = self._done(state, register, tidy)
        line = urgent_line(self._visit.published.school, judged.about_head)
        return under(reply, line) if judged.unsure else reply

    def _done(self, state: FormState, register: Register, tidy: Values) -> Reply:
        match state.action:
            case "search":
                return self._search(state.workflow, register, "".join(tidy["words"]), 1)
            case "add":
                entry = recording.add(self._services, self._visit, state.workflow, state.token, tidy)
            case "erase" if "yes" in tidy.get(SURE.id, ()):
                recording.erase(self._services, self._visit, self._entry(state.request))
                return Message(cards=(erased_card(register),))
            case "erase":
                entry = self._entry(state.request)
            case _:
                old, reason = self._entry(state.request), "".join(tidy["reason"])
                entry = recording.end(self._services, self._visit, old, state.revision, reason)
        return Message(cards=(entry_card(self._visit, register, entry),))

    def again(self, state: FormState, values: Values, why: str) -> Reply | None:
        """The form as it was filled in, with why it was not done above it and the entry as it stands. None
        where there is no such register, or no such entry that they find."""
        if state.workflow not in registers.visible(self._visit) or state.action not in SUBMIT:
            return None
        entry = self._services.store.entry(state.request) if state.request else None
        if state.request and (entry is None or not registers.may_find(self._services, self._visit, entry)):
            return None
        register = register_of(self._visit, state.workflow)
        stands = (entry_card(self._visit, register, entry),) if entry else ()
        onward = state.model_copy(update={"revision": entry.version}) if entry else state
        return UpdateForm(form=self._form(onward, values), before=(not_sent(why), *stands))

    def changed(self, state: FormState, values: Values) -> Reply:
        """Nothing in these forms depends on anything else: draw the form around what was typed."""
        register_of(self._visit, state.workflow)
        judged = self._judged(fields_of(self._visit, state.action, state.workflow), values)
        if first := warning(self._visit, judged, state, lambda s: self._form(s, values)):
            return first
        return UpdateForm(form=self._form(state, values))

    def _judged(self, fields: tuple[Field, ...], values: Values) -> Judgement:
        """What was typed, triaged; a name on the staff list is nobody's words."""
        names = {person.name.casefold() for person in self._visit.staff.people}
        return judge_all(
            "\n".join(line for line in text.splitlines() if line.strip().casefold() not in names)
            for text in answers.free_text(fields, values)
        )

    def _open(self, name: str, page: int) -> Results:
        register, entries = register_of(self._visit, name), self._found(name)
        more = Button(action="register_open", label="Older entries", target=f"{name}/{page + 1}")
        return self._page(register, entries, page, "", more)

    def _search(self, name: str, register: Register, text: str, page: int) -> Results:
        entries = registers.searched(register, self._found(name), text)
        sealed = self._services.store.seal_for(self._visit.person.id, text)
        more = Button(action="register_found", label="Show more", target=f"{name}/{page + 1}/{sealed}")
        return self._page(register, entries, page, " found", more)

    def _page(
        self, register: Register, entries: tuple[Entry, ...], page: int, how: str, more: Button
    ) -> Results:
        first = (page - 1) * PAGE
        visible = registers.visible(self._visit)
        tying = [(name, entry) for name in visible for entry in self._found(name) if entry.ties]
        return Results(
            title=f"{register.title}: {counted(entries)}{how}",
            cards=tuple(
                entry_card(self._visit, register, entry, tied_rows(self._visit, tying, entry))
                for entry in entries[first : first + PAGE]
            ),
            older=more if len(entries) > first + PAGE else None,
        )

    def _details(self, entry: Entry) -> Details:
        """All of an entry about people; each opening is recorded."""
        self._services.store.note(entry.school, recording.deed(self._visit, "opened", entry, 0))
        register = register_of(self._visit, entry.name)
        rows = rows_of(self._visit, register, entry)
        return Details(card=Card(title=title(register, entry), parts=(Facts(rows=rows),)))

    def _state(self, action: str, name: str, entry: str = "", version: int = 0) -> FormState:
        return FormState(
            token=uuid.uuid4().hex,
            workflow=name,
            version="",
            step="register",
            action=action,
            request=entry,
            revision=version,
        )

    def _form(self, state: FormState, values: Values, errors: dict[str, str] | None = None) -> Form:
        register = register_of(self._visit, state.workflow)
        drawn: tuple[Input, ...] = tuple(
            forms.drawn(field, values, self._visit.staff, errors or {}, False)
            for field in fields_of(self._visit, state.action, state.workflow)
        )
        entry = self._services.store.entry(state.request) if state.request else None
        which = (Text(text=title(register, entry), tone="strong"),) if entry else ()
        said = SAID.get(state.action, "")
        return Form(
            id=f"register-{state.action}",
            title=register.title,
            intro=(*which, *((Text(text=said, tone="quiet"),) if said else ())),
            inputs=drawn,
            submit=SUBMIT[state.action],
            state=state.text(),
        )

    def _entry(self, entry_id: str) -> Entry:
        """The entry, for somebody who finds it. Whoever does not is told the same as when there is none."""
        entry = self._services.store.entry(entry_id)
        if entry is None or not registers.may_find(self._services, self._visit, entry):
            raise Refused("There is no such entry that you can see.")
        return entry

    def _may_add(self, name: str) -> None:
        register_of(self._visit, name)
        if not registers.administers(self._visit):
            raise NotYours("Only the school's administrator enters what existed before.")

    def _found(self, name: str) -> tuple[Entry, ...]:
        return registers.found(self._services, self._visit, name)

    def _whose(self) -> str:
        school = self._visit.published.school
        roles = dict.fromkeys(role for register in school.registers.values() for role in register.seen_by)
        return ", ".join(school.title(role).lower() for role in roles)
