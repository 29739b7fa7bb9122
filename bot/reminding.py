"""Reminders that belong to no request: the policy's review, and days that stand in registers.

Each is said once before its day, once on it, then weekly or after growing gaps, until the day has changed or
the entry has ended. What is said, and to whom, is worked out afresh when it is put in the outbox, when it is
sent, and whenever a page is drawn.
"""

from collections.abc import Iterator
from datetime import date

from bot import registers
from bot.cards import Button, Card, Facts, Text
from bot.model import Model
from bot.people import Register
from bot.ports import Published
from bot.registercards import title
from bot.visit import Services, Visit
from bot.workflows.asking import Context, ask
from bot.workflows.deadlines import day, in_school_hours
from bot.workflows.entry import Entry
from bot.workflows.request import Notice

REVIEW = "review"
SHOWN = 5
"""How many entries of a register a card names."""


class Item(Model):
    """What a `due` notice is about. `what`: `review`, or a register and the id of its entry."""

    school: str
    what: str
    day: date
    times: int
    """How often this day was said before."""

    def text(self) -> str:
        """As it stands in a notice: ids and a day, nothing of what stands in the entry."""
        return f"{self.school} {self.day.isoformat()} {self.times} {self.what}"

    @classmethod
    def read(cls, text: str) -> "Item":
        """From a notice."""
        school, at, times, what = text.split(" ", 3)
        return cls(school=school, what=what, day=date.fromisoformat(at), times=int(times))


class Reminding:
    """The reminders of one school, as things stand now."""

    def __init__(self, services: Services, school: str, outline: Published | None = None) -> None:
        """`outline`: what is in force, without the policy's clauses, where they were read already."""
        self._services = services
        self._published = outline or services.library.published(school)
        self._staff = services.directory.staff(school)
        self._now = services.clock.now()

    def due(self) -> tuple[Notice, ...]:
        """Everything that is to be said now: in school hours only, since none of it is urgent."""
        if not in_school_hours(self._published.school.calendar, self._now):
            return ()
        return (*self._of_review(), *(notice for name in self._with_days() for notice in self._of(name)))

    def card_of(self, notice: Notice) -> Card | None:
        """What the notice's person is shown; None once it is not true, or not theirs to know, any more."""
        item = Item.read(notice.item)
        name, _, entry_id = item.what.partition(" ")
        if item.what == REVIEW:
            return review_card(self._published, self._staff.today) if notice in self._of_review() else None
        entry = self._services.store.entry(entry_id)
        if name not in self._with_days() or notice not in self._of(name) or entry is None:
            return None
        return _coming_card(name, self._published.school.registers[name], ((entry, item.day),))

    def shown(self, visit: Visit) -> tuple[Card, ...]:
        """The same on a person's own page, for as long as it is so."""
        cards = []
        for name in self._with_days():
            register = self._published.school.registers[name]
            found = registers.found(self._services, visit, name) if registers.sees(visit, name) else ()
            if near := registers.coming(register, _entered(found), visit.staff.today):
                cards.append(_coming_card(name, register, near))
        owner = self._published.school.policy.owner in visit.staff.roles_of(visit.person.id)
        if self._review_is_near() and (owner or visit.person.id in self._reviewers()):
            cards.append(review_card(self._published, visit.staff.today))
        return tuple(cards)

    def _with_days(self) -> tuple[str, ...]:
        return tuple(name for name, register in self._published.school.registers.items() if register.remind)

    def _review_is_near(self) -> bool:
        school = self._published.school
        return (
            school.policy.review_due is not None
            and self._staff.today >= school.policy.review_due - school.review_soon
        )

    def _of_review(self) -> Iterator[Notice]:
        school = self._published.school
        at = school.policy.review_due
        times = times_said(at, school.review_soon.days, True, self._staff.today) if at else None
        if at and times is not None:
            item = Item(school=school.id, what=REVIEW, day=at, times=times).text()
            yield from (Notice(kind="due", person=person, item=item) for person in self._reviewers())

    def _reviewers(self) -> tuple[str, ...]:
        """Ids of those reminded of the policy's review: its owner, or whoever stands in."""
        school = self._published.school
        owner = school.policy.owner
        ctx = Context(school=school, staff=self._staff, workflow=self._published.workflows[0], now=self._now)
        chain = (*school.roles[owner].deputies, school.administrators)
        return tuple(holder.person for holder in ask(ctx, (owner,), chain, (), 0))

    def _of(self, name: str) -> Iterator[Notice]:
        """What a register's days give rise to, for those of its people who are there today."""
        school, store = self._published.school, self._services.store
        register = school.registers[name]
        near = registers.coming(register, _entered(store.entries(school.id, name)), self._staff.today)
        if register.remind is None or not near:
            return
        holders = [person for role in register.seen_by for person in self._staff.holders(role)]
        there = dict.fromkeys(self._staff.present(holders) or holders)
        for person in there:
            visit = Visit(person=person, published=self._published, staff=self._staff, now=self._now)
            for entry, at in near:
                remind = register.remind
                times = times_said(at, remind.days_before, remind.weekly, self._staff.today)
                if times is not None and registers.may_find(self._services, visit, entry):
                    item = Item(school=school.id, what=f"{name} {entry.id}", day=at, times=times)
                    yield Notice(kind="due", person=person.id, item=item.text())


def card_of(services: Services, notice: Notice) -> Card | None:
    """What the person of a `due` notice is shown; None once it is not true, or not theirs, any more."""
    school = Item.read(notice.item).school
    return Reminding(services, school).card_of(notice) if school in services.library.schools() else None


def times_said(at: date, days_before: int, weekly: bool, today: date) -> int | None:
    """How often a day has been said before the reminder that is due now; None while it is too early. Once
    before the day, once on it, then every week, or after one week, two, four and so on."""
    left = (at - today).days
    if left > 0:
        return 0 if left <= days_before else None
    weeks = -left // 7
    return 1 + (weeks if weekly else weeks.bit_length())


def review_card(published: Published, today: date) -> Card:
    """When the policy's review is or was due."""
    due = published.school.policy.review_due or today
    when = "was due on" if due < today else "is due on"
    what = Text(text=f"The review of {published.policy.title} {when} {day(due)}.", tone="strong")
    how = Text(text="Once it is reviewed, ask the clerk's administrator to enter the new dates.")
    return Card(title="Policy review", parts=(what, how), mood="waiting")


def _coming_card(name: str, register: Register, near: tuple[tuple[Entry, date], ...]) -> Card:
    column = register.column(register.remind.column) if register.remind else None
    label = column.label if column else ""
    rows = tuple((title(register, entry), f"{label}: {day(at)}") for entry, at in near[:SHOWN])
    more = (Text(text=f"And {len(near) - SHOWN} more in the register."),) if len(near) > SHOWN else ()
    look = Button(action="register_open", label="Open the register", target=name)
    what = f"Coming up: {register.title}"
    return Card(title=what, parts=(Facts(rows=rows), *more), buttons=(look,), mood="waiting")


def _entered(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Without the school's own policy, of whose review its owner is reminded in words of its own."""
    return tuple(entry for entry in entries if not entry.by_clerk)
