"""Setting a school up in chat: roles to people, channels, who is away.

The administrator does it; a change of a guarded role waits for a second person, and the present holders are
told of it (DESIGN, contracts). Everybody says themselves when they are away. All of it stands in the audit
chain. Every press is checked here against the school as it is now.
"""

import uuid
from datetime import date

from bot import setupcards as drawn
from bot.appointing import after, confirmers, guarded
from bot.cards import Card, FieldErrors, Form, Message, OpenForm, Redraw, Reply, Text, UpdateForm
from bot.channelcards import SETUP, channel_form, wrong_channel
from bot.formstate import FormState
from bot.people import Absence, Channel, RoleChange, Staff
from bot.ports import Conflict
from bot.staffnews import concerned, to_ask, to_tell_of, to_tell_of_absence, to_try
from bot.stuck import is_administrator
from bot.visit import Services, Visit
from bot.workflows.change import NotYours, Overtaken, Refused
from bot.workflows.definition import Values
from bot.workflows.entry import Deed, DeedAction

NOBODY_CONFIRMS = (
    "Nobody could confirm this yet. The first holders are entered by the person who looks after the clerk: "
    "policyclerk people import."
)


class SettingUp:
    """One person setting their school up."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit
        self._book = services.staff_book
        self._school = visit.published.school

    def overview(self) -> Message:
        """Who holds what, and what waits for a second person."""
        self._only_administrators()
        card = drawn.overview_card(self._school, self._staff, self._book.channels(self._school.id))
        return Message(cards=(card, *self.waiting()))

    def away(self) -> Message:
        """When this person is away."""
        return Message(cards=(drawn.away_card(self._school, self._staff, self._me, everybody=False),))

    def waiting(self) -> tuple[Card, ...]:
        """Changes that wait and that this person asked for, may confirm, or is told of."""
        return tuple(
            drawn.change_card(self._school, self._staff, change, self._me)
            for change in self._book.asked(self._school.id)
            if self._me in concerned(self._school, self._staff, change) | {change.asked_by}
        )

    def pressed(self, action: str, target: str) -> Reply:
        """A button of a setting-up card. The target begins with the school's id."""
        rest = target.partition("/")[2]
        match action:
            case "setup_role" | "setup_channel" | "setup_away_other":
                self._only_administrators()
                return OpenForm(form=self._form(self._state(action.removeprefix("setup_")), {}))
            case "setup_away":
                return OpenForm(form=self._form(self._state("away"), {}))
            case "setup_who_is_away":
                self._only_administrators()
                return Message(cards=(drawn.away_card(self._school, self._staff, self._me, everybody=True),))
            case "setup_back":
                return self._back(*rest.partition("/")[::2])
            case "setup_confirm" | "setup_decline":
                return self._settle(rest, confirmed=action == "setup_confirm")
        raise Refused("This button is not known any more.")

    def changed(self, state: FormState, values: Values) -> Reply:
        """Another role was chosen: its holders are others."""
        self._may(state)
        of_role = {key: entries for key, entries in values.items() if key == "role"}
        return UpdateForm(form=self._form(state, of_role))

    def submitted(self, state: FormState, values: Values) -> Reply:
        """A form of setting up came back."""
        self._may(state)
        if self._visit.again:
            return self.away() if state.action == "away" else self.overview()
        match state.action:
            case "role":
                return self._role(state, values)
            case "channel":
                return self._channel(state, values)
        return self._absence(state, values)

    def _role(self, state: FormState, values: Values) -> Reply:
        role = "".join(values.get("role", ()))
        if role not in self._school.roles:
            return self._wrong(state, values, {"role": "Please choose a role."})
        held = tuple(person.id for person in self._staff.holders(role))
        gains = tuple(p for p in values.get("gains", ()) if p and p not in held)
        losses = tuple(p for p in values.get("losses", ()) if p in held)
        if any(self._staff.person(person) is None for person in gains):
            return self._wrong(state, values, {"gains": "Please choose somebody on the staff list."})
        if not gains and not losses:
            return self._wrong(state, values, {"gains": "Nothing would change."})
        if not {*held, *gains} - set(losses):
            empty = "Nobody would hold it then. Choose who takes it on."
            return self._wrong(state, values, {"gains": empty})
        change = RoleChange(
            id=uuid.uuid4().hex,
            school=self._school.id,
            role=role,
            gains=gains,
            losses=losses,
            asked_by=self._me,
            asked_at=self._visit.now,
        )
        if role in guarded(self._visit.published):
            return self._ask(change)
        holders = after(self._staff, change)
        told = to_tell_of(change.role, self._school.id, {*gains, *losses} - {self._me})
        self._book.set_holders(self._school.id, role, holders, self._deed("role_set", holders, role), told)
        return self._done(drawn.holders_card(self._school, self._now(), role))

    def _ask(self, change: RoleChange) -> Reply:
        """Let a change of a guarded role wait, and tell those it concerns."""
        if not confirmers(self._school, self._staff, change):
            raise Refused(NOBODY_CONFIRMS)
        deed = self._deed("role_asked", change.gains, change.role)
        self._book.ask(change, deed, to_ask(self._school, self._staff, change))
        return Message(cards=(drawn.change_card(self._school, self._staff, change, self._me),))

    def _settle(self, change_id: str, *, confirmed: bool) -> Reply:
        change = next((c for c in self._book.asked(self._school.id) if c.id == change_id), None)
        if change is None:
            raise Overtaken("This change has been settled, or another one has taken its place.")
        may = {person.id for person in confirmers(self._school, self._staff, change)}
        if self._me not in may and (confirmed or self._me != change.asked_by):
            raise NotYours("A second person has to confirm this: neither who asked nor who would gain it.")
        holders = after(self._staff, change) if confirmed else None
        if holders == ():
            raise Refused("Nobody would hold the role then: whoever was to take it on has left.")
        action: DeedAction = "role_confirmed" if confirmed else "role_declined"
        told = {*concerned(self._school, self._staff, change), *change.gains, change.asked_by} - {
            self._me,
            "",
        }
        try:
            self._book.settle(
                change,
                holders,
                self._deed(action, holders or (), change.role),
                to_tell_of(change.role, self._school.id, told),
            )
        except Conflict as error:
            raise Overtaken("Somebody else has settled this.") from error
        card = drawn.holders_card(self._school, self._now(), change.role)
        return Redraw(
            card=card, notice="Confirmed." if confirmed else "Nothing was changed.", audience="person"
        )

    def _channel(self, state: FormState, values: Values) -> Reply:
        role = "".join(values.get("role", ()))
        if role not in self._school.roles:
            return self._wrong(state, values, {"role": "Please choose a role."})
        wrong: dict[str, str] = {}
        wanted = []
        for number, (platform, tenant) in enumerate(self._book.workspaces(self._school.id)):
            field = f"channel_{number}"
            none = "none" in values.get(f"none_{number}", ())
            typed = "" if none else "".join(values.get(field, ())).strip()
            if typed and (why := wrong_channel(platform, typed)):
                wrong[field] = why
            wanted.append(Channel(role=role, platform=platform, tenant=tenant, channel=typed))
        if wrong:
            return self._wrong(state, values, wrong)
        before = {(c.platform, c.tenant): c for c in self._book.channels(self._school.id) if c.role == role}
        for channel in wanted:
            was = before.get((channel.platform, channel.tenant))
            if channel.channel != (was.channel if was else "") or (was and was.lost_at):
                place = f"{channel.platform} {channel.channel}"
                deed = self._deed("channel_set", (), role).model_copy(update={"place": place})
                tried = to_try(self._school.id, channel, self._me) if channel.channel else ()
                self._book.set_channel(self._school.id, channel, deed, tried)
        return self._done(
            drawn.overview_card(self._school, self._staff, self._book.channels(self._school.id))
        )

    def _absence(self, state: FormState, values: Values) -> Reply:
        other = state.action == "away_other"
        person = "".join(values.get("person", ())) if other else self._me
        wrong: dict[str, str] = {}
        if self._staff.person(person) is None:
            wrong["person"] = "Please choose a person."
        days = {field: _day("".join(values.get(field, ()))) for field in ("first", "last")}
        wrong |= {field: "Please give a date." for field, at in days.items() if at is None}
        first, last = days["first"], days["last"]
        if first and last and last < first:
            wrong["last"] = "The last day comes before the first."
        elif last and last < self._staff.today:
            wrong["last"] = "That is over already."
        if wrong or not first or not last:
            return self._wrong(state, values, wrong)
        absence = Absence(person=person, first=first, last=last)
        told = to_tell_of_absence(self._school.id, person) if person != self._me else ()
        deed = self._deed("absence_set", (person,))
        self._book.set_absence(self._school.id, absence, deed, told)
        return self._done(drawn.away_card(self._school, self._now(), self._me, everybody=other))

    def _back(self, person: str, first: str) -> Reply:
        if person != self._me:
            self._only_administrators()
        at = _day(first)
        if at is None or self._staff.person(person) is None:
            raise Overtaken("That is not there any more.")
        if self._visit.again:
            return self.away()
        told = to_tell_of_absence(self._school.id, person) if person != self._me else ()
        deed = self._deed("absence_cleared", (person,))
        self._book.clear_absence(self._school.id, person, at, deed, told)
        card = drawn.away_card(self._school, self._now(), self._me, everybody=person != self._me)
        return Redraw(card=card, notice="Saved.", audience="person")

    def _form(self, state: FormState, values: Values, errors: dict[str, str] | None = None) -> Form:
        wrong = errors or {}
        match state.action:
            case "role":
                guards = guarded(self._visit.published)
                return drawn.role_form(self._school, self._staff, state, values, guards, wrong)
            case "channel":
                channels = self._book.channels(self._school.id)
                workspaces = self._book.workspaces(self._school.id)
                if not workspaces:
                    raise Refused(
                        "The school is connected to no workspace yet. Type setup to me in its workspace, or on the "
                        "clerk's machine: policyclerk school connect."
                    )
                who = self._visit.who
                here = (who.platform, who.tenant) if who else ("", "")
                return channel_form(self._school, channels, workspaces, here, state, values, wrong)
        return drawn.away_form(self._staff, state, values, wrong, state.action == "away_other")

    def _wrong(self, state: FormState, values: Values, errors: dict[str, str]) -> FieldErrors:
        return FieldErrors(form=self._form(state, values, errors), errors=tuple(errors.items()))

    def _may(self, state: FormState) -> None:
        if state.action not in ("role", "channel", "away", "away_other"):
            raise Refused("This form is not known any more.")
        if state.action != "away":
            self._only_administrators()

    def _only_administrators(self) -> None:
        if not is_administrator(self._visit):
            title = self._school.title(self._school.administrators)
            raise NotYours(f"Only the {title[:1].lower() + title[1:]} sets the clerk up.")

    def _state(self, action: str) -> FormState:
        return FormState(token=uuid.uuid4().hex, workflow=SETUP, version="", step="setup", action=action)

    def _deed(self, action: DeedAction, people: tuple[str, ...], role: str = "") -> Deed:
        return Deed(at=self._visit.now, action=action, role=role, people=people, person=self._me)

    def _now(self) -> Staff:
        """The staff after what has just been changed."""
        return self._services.directory.staff(self._school.id)

    @staticmethod
    def _done(card: Card) -> Message:
        return Message(cards=(card.model_copy(update={"parts": (Text(text="Saved."), *card.parts)}),))

    @property
    def _staff(self) -> Staff:
        return self._visit.staff

    @property
    def _me(self) -> str:
        return self._visit.person.id


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
