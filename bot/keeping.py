"""A person at a register: looking, searching, entering what existed before, ending an entry.

Buttons and form state carry the register's name, an entry's id and a page's number: never what stands in
an entry, nor what somebody searched for.
"""

import uuid

from bot import registers
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
from bot.formstate import FormState
from bot.people import Register
from bot.ports import Conflict
from bot.registercards import ABOUT, SUBMIT, counted, entry_card, fields_of, register_card, rows_of, title
from bot.registers import register_of
from bot.safeguarding import urgent_line
from bot.triage import Judgement, judge_all
from bot.visit import Services, Visit
from bot.warning import warning
from bot.workflows import answers, forms
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.deadlines import day
from bot.workflows.definition import Field, Values
from bot.workflows.entering import people_named
from bot.workflows.entry import Deed, Entry

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

    def coming(self) -> tuple[Card, ...]:
        """What this person is to be reminded of now: dates in the registers that are for them."""
        cards = []
        for name, register in self._visit.published.school.registers.items():
            if register.remind is None or not registers.sees(self._visit, name):
                continue
            due = registers.coming(register, self._found(name), self._visit.staff.today)
            column = register.column(register.remind.column)
            if not due or column is None:
                continue
            rows = tuple((title(register, entry), f"{column.label}: {day(at)}") for entry, at in due)
            look = Button(action="register_open", label="Open the register", target=name)
            card = Card(title=f"Coming up: {register.title}", parts=(Facts(rows=rows),), buttons=(look,))
            cards.append(card.model_copy(update={"mood": "waiting"}))
        return tuple(cards)

    def pressed(self, action: str, target: str) -> Reply:
        """A button of a register or an entry. The target of an entry's is its id."""
        match action:
            case "register_open":
                name, _, page = target.partition("/")
                return self._open(name, int(page) if page.isdigit() else 1)
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
                _still_open(entry)
                state = self._state("end", entry.name, entry.id, entry.version)
                return OpenForm(form=self._form(state, {}))
        raise Refused("This button is not known any more.")

    def submitted(self, state: FormState, values: Values) -> Reply:
        """A form of a register came back."""
        if state.action == "add":
            self._may_add(state.workflow)
        elif state.action == "end":
            self._entry(state.request)
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
                return self._search(state.workflow, register, "".join(tidy["words"]))
            case "add":
                return Message(cards=(self._add(state, tidy),))
        return Message(cards=(self._end(state, "".join(tidy["reason"])),))

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
        register = register_of(self._visit, name)
        entries = self._found(name)
        first = (page - 1) * PAGE
        shown = entries[first : first + PAGE]
        more = Button(action="register_open", label="Older entries", target=f"{name}/{page + 1}")
        return Results(
            title=f"{register.title}: {counted(entries)}",
            cards=tuple(entry_card(self._visit, register, entry) for entry in shown),
            older=more if len(entries) > first + PAGE else None,
        )

    def _search(self, name: str, register: Register, text: str) -> Results:
        entries = registers.searched(register, self._found(name), text)
        cards = [entry_card(self._visit, register, entry) for entry in entries[:PAGE]]
        if len(entries) > PAGE:
            more = f"These are the newest {PAGE} of {len(entries)}. Search for more words to narrow it down."
            cards.append(Card(title="There are more", parts=(Text(text=more),)))
        return Results(title=f"{register.title}: {counted(entries)} found", cards=tuple(cards))

    def _add(self, state: FormState, tidy: Values) -> Card:
        visit, name = self._visit, state.workflow
        register = register_of(visit, name)
        about = tidy.get(ABOUT.id, ())
        cells = {column.id: tuple(tidy[column.id]) for column in register.columns if tidy.get(column.id)}
        people = {
            c.id: people_named(cells.get(c.id, ()), visit.staff)
            for c in register.columns
            if c.kind == "people"
        }
        entry = Entry(
            id=state.token,
            school=visit.published.school.id,
            name=name,
            at=visit.now,
            cells=cells,
            people={column: ids for column, ids in people.items() if ids},
            policy_version=visit.published.version,
            about_people=registers.holds_people(visit.published, name),
            subjects=tuple(about),
            entered_by=visit.person.id,
        )
        try:
            self._services.store.keep(entry, self._deed("entered", entry))
        except Conflict:
            entry = self._services.store.entry(state.token) or entry
        return entry_card(self._visit, register, entry)

    def _end(self, state: FormState, reason: str) -> Card:
        entry = self._entry(state.request)
        _still_open(entry)
        if entry.version != state.revision:
            raise Overtaken("This has changed since the card was drawn. Please look at it again.")
        update = {
            "ended_at": self._visit.now,
            "ended_by": self._visit.person.id,
            "end_reason": reason,
            "version": entry.version + 1,
        }
        over = entry.model_copy(update=update)
        try:
            self._services.store.keep(over, self._deed("ended", over))
        except Conflict as error:
            raise Overtaken("Somebody else has just changed this. Please look at it again.") from error
        return entry_card(self._visit, register_of(self._visit, entry.name), over)

    def _details(self, entry: Entry) -> Details:
        """All of an entry about people; each opening is recorded."""
        self._services.store.note(entry.school, self._deed("opened", entry).model_copy(update={"version": 0}))
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
        said = "What existed before. It is marked as entered by you." if state.action == "add" else ""
        return Form(
            id=f"register-{state.action}",
            title=register.title,
            intro=(Text(text=said, tone="quiet"),) if said else (),
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

    def _deed(self, action: str, entry: Entry) -> Deed:
        return Deed.model_validate(
            {
                "at": self._visit.now,
                "action": action,
                "register_name": entry.name,
                "entry": entry.id,
                "version": entry.version,
                "person": self._visit.person.id,
            }
        )

    def _whose(self) -> str:
        school = self._visit.published.school
        roles = dict.fromkeys(role for register in school.registers.values() for role in register.seen_by)
        return ", ".join(school.title(role).lower() for role in roles)


def _still_open(entry: Entry) -> None:
    if entry.ended_at is not None:
        raise Overtaken("This entry has been ended already.")
