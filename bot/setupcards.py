"""What setting up looks like: who holds what, forms to change it, changes that wait, who is away. Pure."""

from collections.abc import Iterable

from bot.appointing import confirmers
from bot.cards import (
    Button,
    Card,
    Choice,
    Facts,
    Field,
    Form,
    Input,
    Option,
    Part,
    PersonPicker,
    Text,
)
from bot.channelcards import SETUP, choice_of_role, lost_line, messages_go
from bot.formstate import FormState
from bot.people import Absence, Channel, RoleChange, School, Staff
from bot.workflows.deadlines import day, moment
from bot.workflows.definition import Values

AWAY = "away"
"""The built-in command for everybody; the administrator's is `SETUP`."""
SECOND = "A second person has to confirm this, one of: {}. Until then nothing changes."


def overview_card(school: School, staff: Staff, channels: Iterable[Channel]) -> Card:
    """Every role, who holds it, where its messages go, and what to do about it."""
    channels = tuple(channels)
    goes: dict[str, str] = {}
    for channel in channels:
        goes[channel.role] = goes.get(channel.role, "") + messages_go(channel)
    rows = tuple(
        (school.title(role), f"{_holders(staff, role)}{goes.get(role, '')}") for role in school.roles
    )
    lost = tuple(lost_line(school, channel) for channel in channels if channel.lost_at)
    return Card(
        title=f"Setting up {school.name}",
        parts=(*lost, Facts(rows=rows)),
        buttons=(
            Button(action="setup_role", label="Change who holds a role", target=school.id, style="primary"),
            Button(action="setup_channel", label="Channels", target=school.id),
            Button(action="setup_who_is_away", label="Who is away", target=school.id),
        ),
    )


def role_form(
    school: School,
    staff: Staff,
    state: FormState,
    values: Values,
    guards: frozenset[str],
    errors: dict[str, str],
) -> Form:
    """Which role, who takes it on, who gives it up."""
    role = "".join(values.get("role", ()))
    inputs: list[Input] = [choice_of_role(school, role, "Which role?", errors)]
    if role in school.roles:
        held = staff.holders(role)
        holding = {person.id for person in held}
        free = tuple((p.id, p.name) for p in staff.current if p.id not in holding)
        given = "".join(values.get("gains", ()))
        inputs.append(
            PersonPicker(
                id="gains",
                label="Who takes it on?",
                people=free,
                required=False,
                value=given,
                error=errors.get("gains", ""),
            )
        )
        if held:
            inputs.append(
                Choice(
                    id="losses",
                    label="Who gives it up?",
                    options=tuple(Option(value=person.id, label=person.name) for person in held),
                    several=True,
                    required=False,
                    value=tuple(values.get("losses", ())),
                    error=errors.get("losses", ""),
                )
            )
    intro: tuple[Part, ...] = ()
    if role in guards:
        intro = (Text(text="A second person has to confirm a change of this role.", tone="strong"),)
    return Form(
        id=SETUP,
        title="Who holds a role",
        intro=intro,
        inputs=tuple(inputs),
        submit="Save",
        state=state.text(),
    )


def away_form(
    staff: Staff, state: FormState, values: Values, errors: dict[str, str], of_others: bool
) -> Form:
    """Who is away, from when to when."""

    def date_field(field: str, label: str) -> Field:
        value = "".join(values.get(field, ())) or staff.today.isoformat()
        return Field(id=field, label=label, kind="date", value=value, error=errors.get(field, ""))

    who: tuple[Input, ...] = ()
    if of_others:
        people = tuple((person.id, person.name) for person in staff.current)
        given = "".join(values.get("person", ()))
        who = (
            PersonPicker(
                id="person", label="Who is away?", people=people, value=given, error=errors.get("person", "")
            ),
        )
    inputs = (*who, date_field("first", "First day away"), date_field("last", "Last day away"))
    return Form(id=AWAY, title="Away", inputs=inputs, submit="Save", state=state.text())


def away_card(school: School, staff: Staff, me: str, everybody: bool) -> Card:
    """Who is away now or soon: oneself, or everybody for the administrator."""
    names = {person.id: person.name for person in staff.current}
    near = [a for a in staff.absences if a.last >= staff.today and a.person in names]
    shown = [a for a in near if everybody or a.person == me]
    rows = tuple((names[a.person] if everybody else "Away", _span(a)) for a in shown)
    parts: tuple[Part, ...] = (
        (Facts(rows=rows),) if rows else (Text(text="Nobody is away." if everybody else "You are here."),)
    )
    stands = Text(text="While somebody is away, whoever stands in for them is asked.", tone="quiet")
    back = tuple(
        Button(
            action="setup_back",
            label=f"{names[a.person]}: not away" if everybody else f"Not away from {day(a.first)}",
            target=f"{school.id}/{a.person}/{a.first.isoformat()}",
        )
        for a in shown[:4]
    )
    label, action = ("Somebody is away", "setup_away_other") if everybody else ("I am away", "setup_away")
    say = Button(action=action, label=label, target=school.id, style="primary")
    return Card(title="Who is away" if everybody else "Away", parts=(*parts, stands), buttons=(say, *back))


def change_card(school: School, staff: Staff, change: RoleChange, me: str) -> Card:
    """A change that waits, as this person may act on it."""
    names = {person.id: person.name for person in staff.people}
    may = confirmers(school, staff, change)
    asked_by = names.get(change.asked_by, "The person who looks after the clerk")
    rows = [("Role", school.title(change.role)), ("Now held by", _holders(staff, change.role))]
    rows += [("Would hold it", names[person]) for person in change.gains if person in names]
    rows += [("Would no longer", names[person]) for person in change.losses if person in names]
    rows.append(("Asked for by", f"{asked_by}, {moment(change.asked_at)}"))
    target = f"{school.id}/{change.id}"
    buttons: tuple[Button, ...] = ()
    if me in {person.id for person in may}:
        buttons = (
            Button(action="setup_confirm", label="Confirm", target=target, style="primary"),
            Button(action="setup_decline", label="Decline", target=target, style="danger"),
        )
    elif me == change.asked_by:
        buttons = (Button(action="setup_decline", label="Take it back", target=target),)
    second = "; ".join(person.name for person in may) or "nobody could"
    return Card(
        title=f"A change of who holds a role: {school.title(change.role)}",
        parts=(Facts(rows=tuple(rows)), Text(text=SECOND.format(second))),
        buttons=buttons,
        mood="waiting",
    )


def holders_card(school: School, staff: Staff, role: str) -> Card:
    """Who holds a role from now on, or still."""
    rows = ((school.title(role), _holders(staff, role)),)
    return Card(title=f"Who holds a role: {school.title(role)}", parts=(Facts(rows=rows),))


def _holders(staff: Staff, role: str) -> str:
    there = {person.id for person in staff.present(staff.current)}
    held = (f"{p.name}{'' if p.id in there else ' (away)'}" for p in staff.holders(role))
    return "; ".join(held) or "nobody"


def _span(absence: Absence) -> str:
    if absence.first == absence.last:
        return day(absence.first)
    return f"{day(absence.first)} to {day(absence.last)}"
