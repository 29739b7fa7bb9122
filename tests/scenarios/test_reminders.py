"""Reminders that belong to no request: the policy's review, closure dates and other days in registers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.outbox import Worker
from adapters.store import tables
from adapters.web.outbound import WebSender
from bot.cards import Button, Card, Message, Results
from bot.people import Absence, Remind
from bot.ports import Delivery
from bot.reminding import Item, times_said
from tests.school import Player, Stage, staged, text_of

DUE = date(2026, 12, 18)
"""When the account entered here closes: its register reminds people from 30 days before."""


def at(stage: Stage, day: date, hour: int = 10) -> None:
    """That day, in school hours unless another hour is given, once the worker has looked at it."""
    stage.clock.time = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    stage.deliver()


def entered(stage: Stage, name: str = "official-accounts", **cells: str) -> str:
    """An entry made by hand by the administrator. Its id."""
    office = stage["office-manager"]
    form = office.presses(Button(action="register_add", label="Add", target=name))
    assert isinstance(office.sends(form, **cells), Message)
    return stage.clerk.store.entries(stage.published.school.id, name)[0].id


def reminded(player: Player) -> list[Delivery]:
    """What reached them that belongs to no request, oldest first."""
    sent = player.stage.clerk.store.deliveries_to(player.id, 200)
    return [delivery for delivery in reversed(sent) if delivery.kind == "due"]


def said_of(player: Player, what: str) -> list[date]:
    return [d.sent_at.date() for d in reminded(player) if Item.read(d.item).what.startswith(what)]


def drawn(stage: Stage) -> list[Card]:
    """Delivers what waits through a sender that keeps the cards it is given."""
    cards: list[Card] = []

    class Keeping(WebSender):
        def send(self, notice, request, card, to):  # type: ignore[no-untyped-def]
            cards.append(card)
            return super().send(notice, request, card, to)

    clerk = stage.clerk
    worker = Worker(clerk.services, clerk.outbox, clerk.directory, {"web": Keeping()})
    while worker.work():
        pass
    return cards


def test_a_closing_date_is_said_before_on_the_day_and_then_ever_less_often(aet: Stage) -> None:
    entered(aet, platform="Our page", closes=DUE.isoformat())
    for days in range(0, 160):
        at(aet, date(2026, 11, 9) + timedelta(days=days))
    officer = said_of(aet["marketing-officer"], "official-accounts")
    assert officer == [
        date(2026, 11, 18),  # thirty days before
        DUE,
        date(2027, 1, 4),  # a week after, and two: the school was closed, so once, on its first day
        date(2027, 1, 15),  # four weeks
        date(2027, 2, 12),  # eight weeks
        date(2027, 4, 12),  # sixteen, the first day after Easter
    ]
    assert said_of(aet["headteacher"], "official-accounts") == officer
    assert said_of(aet["class-teacher"], "official-accounts") == []
    assert said_of(aet["office-manager"], "official-accounts") == [], "who enters it is not who sees to it"


def adopted_on(stage: Stage, day: date) -> None:
    """The policy is reviewed a year after."""
    policy = stage.published.school.policy.model_copy(update={"adopted": day})
    school = stage.published.school.model_copy(update={"policy": policy})
    again = stage.published.model_copy(update={"school": school, "version": f"of {day}"})
    stage.clerk.library.publish(again, stage.clock.now())


def test_the_policys_review_is_said_before_and_every_week_after_to_its_owner(aet: Stage) -> None:
    adopted_on(aet, date(2026, 1, 11))
    for days in range(0, 110):
        at(aet, date(2026, 11, 9) + timedelta(days=days))
    head = aet["headteacher"]
    assert said_of(head, "review") == [
        date(2026, 11, 12),  # sixty days before, as its register says
        date(2027, 1, 11),  # the day
        date(2027, 1, 18),
        date(2027, 1, 25),
        date(2027, 2, 1),
        date(2027, 2, 8),
        date(2027, 2, 22),  # after half-term
    ]
    assert {Item.read(d.item).what for d in reminded(head)} == {"review"}, "not by its register as well"
    assert not reminded(aet["class-teacher"])
    assert not reminded(aet["marketing-officer"])


@pytest.mark.parametrize(
    ("weekly", "weeks"),
    [(True, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), (False, [1, 2, 3, 3, 4, 4, 4, 4, 5, 5])],
    ids=["weekly", "backing off"],
)
def test_how_often_a_day_has_been_said(weekly: bool, weeks: list[int]) -> None:
    day = date(2026, 6, 1)
    assert times_said(day, 30, weekly, day - timedelta(days=31)) is None
    assert times_said(day, 30, weekly, day - timedelta(days=30)) == 0
    assert times_said(day, 30, weekly, day - timedelta(days=1)) == 0
    assert times_said(day, 0, weekly, day - timedelta(days=1)) is None
    assert [times_said(day, 30, weekly, day + timedelta(weeks=week)) for week in range(10)] == weeks


def test_the_card_that_is_sent_names_the_day_and_the_page_shows_the_same(aet: Stage) -> None:
    entered(aet, platform="Our page", closes="2026-12-01")
    aet.clock.time = datetime(2026, 11, 10, 10, tzinfo=UTC)
    cards = drawn(aet)
    coming = [card for card in cards if card.title == "Coming up: Official accounts"]
    assert len(coming) == 3, "headteacher, marketing officer, chief executive"
    assert "Our page" in text_of(coming[0])
    assert "Closes on: 1 Dec 2026" in text_of(coming[0])
    assert coming[0] in aet["marketing-officer"].reminders()
    assert coming[0] in aet["marketing-officer"].opens_home().cards  # type: ignore[union-attr]
    assert aet["class-teacher"].reminders() == ()


def test_a_page_that_lies_open_learns_of_it(aet: Stage) -> None:
    store, officer = aet.clerk.store, aet["marketing-officer"]
    entered(aet, platform="Our page", closes="2026-12-01")
    before = store.feed_mark(officer.id)
    at(aet, date(2026, 11, 10))
    assert store.feed_mark(officer.id) != before


def test_two_workers_that_look_again_and_again_say_it_once(aet: Stage) -> None:
    entered(aet, platform="Our page", closes="2026-12-01")
    clerk = aet.clerk
    aet.clock.time = datetime(2026, 11, 10, 10, tzinfo=UTC)
    for _ in range(3):  # a worker that starts anew remembers nothing
        for _ in range(2):
            worker = Worker(clerk.services, clerk.outbox, clerk.directory, {"web": WebSender()})
            while worker.work():
                pass
        aet.clock.pass_by(timedelta(hours=1))
    assert len(said_of(aet["marketing-officer"], "official-accounts")) == 1
    assert clerk.outbox.claim("another", aet.clock.now(), 60.0, 20) == ()


def test_nothing_is_said_out_of_school_hours_or_to_somebody_away(aet: Stage) -> None:
    entered(aet, platform="Our page", closes="2026-12-01")
    at(aet, date(2026, 11, 14))  # a Saturday
    at(aet, date(2026, 11, 16), hour=22)
    assert said_of(aet["marketing-officer"], "official-accounts") == []
    officer = aet["marketing-officer"].id
    away = Absence(person=officer, first=date(2026, 11, 17), last=date(2026, 11, 17))
    aet.clerk.directory.set_absence(away)
    at(aet, date(2026, 11, 17))
    assert said_of(aet["headteacher"], "official-accounts") == [date(2026, 11, 17)]
    assert said_of(aet["marketing-officer"], "official-accounts") == []
    at(aet, date(2026, 11, 18))
    assert said_of(aet["marketing-officer"], "official-accounts") == [date(2026, 11, 18)], (
        "once they are back"
    )


def test_with_its_owner_away_the_review_is_said_to_the_deputy(aet: Stage) -> None:
    head = aet["headteacher"].id
    aet.clerk.directory.set_absence(Absence(person=head, first=date(2026, 11, 9), last=date(2026, 11, 13)))
    at(aet, date(2026, 11, 10))
    assert len(said_of(aet["deputy-headteacher"], "review")) == 1
    assert "Policy review" in text_of(aet["deputy-headteacher"].reminders())
    assert said_of(aet["headteacher"], "review") == []


@pytest.mark.parametrize("what", ["the entry ends", "the role goes to somebody else", "they leave"])
def test_what_is_not_true_or_theirs_any_more_is_not_sent(aet: Stage, what: str) -> None:
    """Between the outbox and the sending."""
    officer = aet["marketing-officer"]
    entry_id = entered(aet, platform="Our page", closes="2026-12-01")
    clerk = aet.clerk
    aet.clock.time = datetime(2026, 11, 10, 10, tzinfo=UTC)
    silent = Worker(clerk.services, clerk.outbox, clerk.directory, {"web": WebSender()})
    silent._calendar.look(aet.clock.now())
    if what == "the entry ends":
        end = Button(action="register_end", label="End", target=entry_id)
        officer.sends(officer.presses(end), reason="We closed it early.")
    elif what == "the role goes to somebody else":
        clerk.directory.set_role("aet", "marketing-officer", [aet["class-teacher"].id])
    else:
        person = next(p for p in clerk.directory.staff("aet").people if p.id == officer.id)
        clerk.directory.add_person(person.model_copy(update={"ends": date(2026, 11, 9)}))
    while silent.work():
        pass
    assert said_of(officer, "official-accounts") == []
    given = what == "the role goes to somebody else"
    if given:
        aet.clock.pass_by(timedelta(minutes=20))
        aet.deliver()
    assert bool(said_of(aet["class-teacher"], "official-accounts")) == given


def test_of_an_entry_about_people_only_its_reference_is_said_and_never_to_those_it_is_about(
    home: Path,
) -> None:
    for stage in staged(home, "leading-edge"):
        register = stage.published.school.registers["relationships"]
        day = next((c.id for c in register.columns if c.kind == "date"), "")
        remind = register.model_copy(update={"remind": Remind(column=day, days_before=30)})
        registers = {**stage.published.school.registers, "relationships": remind}
        school = stage.published.school.model_copy(update={"registers": registers})
        stage.clerk.library.publish(
            stage.published.model_copy(update={"school": school, "version": "2"}), stage.clock.now()
        )
        head = stage["headteacher"]
        first = register.columns[0].id
        entered(stage, "relationships", **{first: "Somebody", day: "2026-12-01", "about_person": head.id})
        at(stage, date(2026, 11, 10))
        assert said_of(head, "relationships") == []
        assert "Coming up" not in text_of(head.reminders())
        heard = [p for p in stage.players.values() if said_of(p, "relationships")]
        assert heard, "somebody keeps the register"
        assert all("Somebody" not in text_of(player.reminders()) for player in heard)


def test_the_register_of_reviews_is_filled_from_the_policys_own_date(aet: Stage) -> None:
    aet.deliver()
    head = aet["headteacher"]
    look = Button(action="register_open", label="Open", target="policy-reviews")
    listed = head.presses(look)
    assert isinstance(listed, Results)
    (card,) = listed.cards
    for said in (
        "Policy for Social Media (Autumn 2023)",
        "Headteacher",
        "1 Sep 2024",
        "from the policy's own",
    ):
        assert said in text_of(card)
    assert not card.buttons, "the clerk keeps it itself"
    entry = aet.clerk.store.entries("aet", "policy-reviews")[0]
    refused = head.presses(Button(action="register_end", label="End", target=entry.id))
    assert "keeps this one itself" in text_of(refused)
    for _ in range(3):
        aet.clock.pass_by(timedelta(days=1))
        aet.deliver()
    assert len(aet.clerk.store.entries("aet", "policy-reviews")) == 1
    assert aet.clerk.store.verify("aet") == []


def test_new_dates_end_the_old_entry_and_the_reminders(aet: Stage) -> None:
    aet.deliver()
    adopted_on(aet, date(2026, 11, 1))
    at(aet, date(2026, 11, 12))
    new, old = aet.clerk.store.entries("aet", "policy-reviews")
    assert (new.cells["due"], new.ended_at) == (("2027-11-01",), None)
    assert old.ended_at is not None
    assert aet["headteacher"].reminders() == ()
    said = len(reminded(aet["headteacher"]))
    at(aet, date(2026, 11, 30))
    assert len(reminded(aet["headteacher"])) == said


def test_every_school_has_the_register_filled(home: Path) -> None:
    for school in ("leamington", "step", "leading-edge", "st-alphege"):
        for stage in staged(home / school, school):
            stage.deliver()
            (entry,) = stage.clerk.store.entries(school, "policy-reviews")
            assert entry.cells["due"] == (str(stage.published.school.policy.review_due),)


def test_what_is_sent_without_a_request_says_nothing_in_the_database(aet: Stage) -> None:
    entered(aet, platform="Our secret page", closes="2026-12-01")
    at(aet, date(2026, 11, 10))
    with aet.clerk.database.read() as connection:
        rows = [*connection.execute(select(tables.deliveries)), *connection.execute(select(tables.reminded))]
    assert rows
    assert "secret" not in str(rows)
