"""Setting a school up in chat: roles, channels, absences; and who must not get in by it."""

from datetime import timedelta

import pytest

from adapters.demo import stage
from adapters.store.registers import deeds
from bot.appointing import guarded
from bot.cards import Button, Card, FieldErrors, Message, OpenForm, Redraw, Reply
from bot.events import CommandCalled
from bot.people import RoleChange
from bot.workflows.entry import Deed
from tests.school import Player, Stage, form_of, text_of

ADMIN = "office-manager"


def button(reply: Reply, label: str) -> Button:
    return next(b for card in getattr(reply, "cards", ()) for b in card.buttons if b.label == label)


def asks_for(stage: Stage, by: str, role: str, **values: str | tuple[str, ...]) -> Reply:
    """The administrator fills in the form of who holds a role."""
    form = form_of(stage[by].presses(button(stage[by].calls("setup"), "Change who holds a role")))
    stage[by].changes(form, role=role)
    return stage[by].sends(form, role=role, **values)


def holders(stage: Stage, role: str) -> set[str]:
    return {person.id for person in stage.clerk.directory.staff("aet").holders(role)}


def done(stage: Stage) -> list[Deed]:
    with stage.clerk.database.read() as connection:
        every = deeds(connection, stage.clerk.store._keys, "aet")
        return [deed for deed in every if not deed.register_name]


def pending(player: Player) -> list[Card]:
    return [card for card in player.feed() if card.title.startswith("A change of who holds a role")]


def labels(player: Player) -> set[str]:
    return {b.label for card in pending(player) for b in card.buttons}


class TestRoles:
    def test_an_everyday_role_changes_at_once_and_those_concerned_are_told(self, aet: Stage) -> None:
        teacher = aet["class-teacher"]
        said = asks_for(aet, ADMIN, "ict-technician", gains=teacher.id, losses=aet["ict-technician"].id)
        assert "Class teacher" in text_of(said)
        assert holders(aet, "ict-technician") == {teacher.id}
        assert [(d.action, d.role, d.people, d.person) for d in done(aet)] == [
            ("role_set", "ict-technician", (teacher.id,), aet[ADMIN].id)
        ]
        aet.deliver()
        told = aet.clerk.store.deliveries_to(teacher.id)
        assert [(d.kind, d.item.split()[0]) for d in told] == [("staff", "changed")]
        assert aet.clerk.store.verify("aet") == []

    def test_a_guarded_role_waits_for_a_second_person_and_its_holders_are_told(self, aet: Stage) -> None:
        teacher = aet["class-teacher"]
        said = asks_for(aet, ADMIN, "dsl", gains=teacher.id, losses=aet["dsl"].id)
        assert "A second person has to confirm this" in text_of(said)
        assert holders(aet, "dsl") == {aet["dsl"].id}
        aet.deliver()
        assert [d.kind for d in aet.clerk.store.deliveries_to(aet["dsl"].id)] == ["staff"]
        assert {"Confirm", "Decline"} == labels(aet["headteacher"]) == labels(aet["chair"])
        aet["headteacher"].presses("Confirm")
        assert holders(aet, "dsl") == {teacher.id}
        assert [(d.action, d.person) for d in done(aet)] == [
            ("role_asked", aet[ADMIN].id),
            ("role_confirmed", aet["headteacher"].id),
        ]
        aet.deliver()
        assert len(aet.clerk.store.deliveries_to(aet["dsl"].id)) == 2
        assert pending(aet["chair"]) == []
        assert aet.clerk.outbox.set_aside_rows() == ()

    def test_the_administrator_cannot_make_themselves_the_safeguarding_lead(self, aet: Stage) -> None:
        me = aet[ADMIN]
        asks_for(aet, ADMIN, "dsl", gains=me.id)
        assert labels(me) == {"Take it back"}
        (change,) = aet.clerk.staff_book.asked("aet")
        forged = Button(action="setup_confirm", label="Confirm", target=f"aet/{change.id}")
        assert "second person" in text_of(me.presses(forged))
        assert holders(aet, "dsl") == {aet["dsl"].id}

    def test_nor_by_way_of_any_role_that_could_be_asked_about_a_person(self, aet: Stage) -> None:
        every = guarded(aet.published)
        school = aet.published.school
        assert {"headteacher", "deputy-headteacher", "dsl", "deputy-dsl", "chair", "vice-chair"} <= every
        assert set(school.escalation) <= every
        for role in sorted(every):
            asks_for(aet, ADMIN, role, gains=aet[ADMIN].id)
            assert aet[ADMIN].id not in holders(aet, role)

    def test_whoever_gains_it_does_not_confirm_it(self, aet: Stage) -> None:
        asks_for(aet, ADMIN, "chair", gains=aet["headteacher"].id)
        assert labels(aet["headteacher"]) == set()
        (change,) = aet.clerk.staff_book.asked("aet")
        forged = Button(action="setup_confirm", label="Confirm", target=f"aet/{change.id}")
        for user in ("headteacher", "class-teacher", ADMIN):
            aet[user].presses(forged)
        assert holders(aet, "chair") == {aet["chair"].id}

    def test_whoever_asked_does_not_confirm_it(self, aet: Stage) -> None:
        asks_for(aet, ADMIN, "dsl", gains=aet["class-teacher"].id)
        (change,) = aet.clerk.staff_book.asked("aet")
        assert labels(aet[ADMIN]) == {"Take it back"}
        aet[ADMIN].presses(Button(action="setup_confirm", label="Confirm", target=f"aet/{change.id}"))
        assert holders(aet, "dsl") == {aet["dsl"].id}

    def test_a_change_is_declined_or_taken_back(self, aet: Stage) -> None:
        for user, press in (("chair", "Decline"), (ADMIN, "Take it back")):
            asks_for(aet, ADMIN, "dsl", gains=aet["class-teacher"].id)
            assert isinstance(aet[user].presses(press), Redraw)
            assert pending(aet[user]) == []
        assert holders(aet, "dsl") == {aet["dsl"].id}
        assert [d.action for d in done(aet)] == ["role_asked", "role_declined"] * 2

    def test_a_second_press_finds_it_settled(self, aet: Stage) -> None:
        asks_for(aet, ADMIN, "dsl", gains=aet["class-teacher"].id)
        confirm = next(b for b in pending(aet["chair"])[0].buttons if b.label == "Confirm")
        aet["chair"].presses(confirm)
        assert "has been settled" in text_of(aet["headteacher"].presses(confirm))

    def test_a_leaver_does_not_gain_it_by_a_late_confirmation(self, aet: Stage) -> None:
        teacher = aet["class-teacher"]
        asks_for(aet, ADMIN, "dsl", gains=teacher.id, losses=aet["dsl"].id)
        person = aet.clerk.directory.staff("aet").person(teacher.id)
        assert person is not None
        yesterday = (aet.clock.now() - timedelta(days=1)).date()
        aet.clerk.directory.add_person(person.model_copy(update={"ends": yesterday}))
        assert "Nobody would hold" in text_of(aet["headteacher"].presses("Confirm"))
        assert holders(aet, "dsl") == {aet["dsl"].id}

    def test_where_nobody_could_confirm_the_command_line_names_the_first(self, aet: Stage) -> None:
        directory = aet.clerk.directory
        for role in aet.published.school.roles:
            directory.set_role("aet", role, [aet[ADMIN].id] if role == "administrator" else [])
        said = asks_for(aet, ADMIN, "headteacher", gains=aet["headteacher"].id)
        assert "policyclerk people import" in text_of(said)
        assert holders(aet, "headteacher") == set()

    @pytest.mark.parametrize(
        ("values", "why"),
        [
            ({"role": "boss"}, "Please choose a role."),
            ({"role": "ict-technician"}, "Nothing would change."),
            ({"role": "ict-technician", "gains": "nobody"}, "staff list"),
            ({"role": "ict-technician", "losses": "aet.ict-technician"}, "Nobody would hold it then."),
        ],
    )
    def test_what_is_wrong_stands_at_its_field(self, aet: Stage, values: dict[str, str], why: str) -> None:
        form = form_of(aet[ADMIN].presses(button(aet[ADMIN].calls("setup"), "Change who holds a role")))
        reply = aet[ADMIN].sends(form, **values)
        assert isinstance(reply, FieldErrors)
        assert why in text_of(reply)

    def test_only_the_administrator_sets_up(self, aet: Stage) -> None:
        overview = aet[ADMIN].calls("setup")
        form = form_of(aet[ADMIN].presses(button(overview, "Change who holds a role")))
        head = aet["headteacher"]
        assert "setup" not in {command for command, _, _ in aet.clerk.assistant.commands(head.who)}
        values = {"role": "ict-technician", "gains": head.id}
        for reply in (
            head.calls("setup"),
            head.presses(button(overview, "Change who holds a role")),
            head.presses(button(overview, "Channels")),
            head.sends(form, **values),
            head.changes(form, **values),
        ):
            assert isinstance(reply, Message)
            assert "Only the clerk's administrator sets the clerk up" in text_of(reply)
        assert head.id not in holders(aet, "ict-technician")

    def test_nobody_of_another_school_settles_it(self, aet: Stage) -> None:
        stage(aet.clerk)
        asks_for(aet, ADMIN, "dsl", gains=aet["class-teacher"].id)
        (change,) = aet.clerk.staff_book.asked("aet")
        stranger = Player(aet, "headteacher", "step.headteacher")
        stranger.who = stranger.who.model_copy(update={"tenant": "step"})
        for school in ("aet", "step"):
            stranger.presses(Button(action="setup_confirm", label="x", target=f"{school}/{change.id}"))
        assert holders(aet, "dsl") == {aet["dsl"].id}


class TestAway:
    def test_everybody_says_it_for_themselves(self, aet: Stage) -> None:
        technician = aet["ict-technician"]
        form = technician.presses(button(technician.calls("away"), "I am away"))
        reply = technician.sends(form, first="2026-11-09", last="2026-11-13")
        assert "9 Nov 2026 to 13 Nov 2026" in text_of(reply)
        staff = aet.clerk.directory.staff("aet")
        assert technician.id not in {person.id for person in staff.present(staff.current)}
        technician.presses(button(technician.calls("away"), "Not away from 9 Nov 2026"))
        assert aet.clerk.directory.staff("aet").absences == ()
        assert [d.action for d in done(aet)] == ["absence_set", "absence_cleared"]

    def test_the_administrator_says_it_for_others_who_are_told(self, aet: Stage) -> None:
        away = aet[ADMIN].presses(button(aet[ADMIN].calls("setup"), "Who is away"))
        form = aet[ADMIN].presses(button(away, "Somebody is away"))
        said = aet[ADMIN].sends(form, person=aet["dsl"].id, first="2026-11-09", last="2026-11-09")
        back = button(said, "Designated safeguarding lead: not away")
        aet.deliver()
        assert [d.kind for d in aet.clerk.store.deliveries_to(aet["dsl"].id)] == ["staff"]
        assert "Only the clerk's administrator" in text_of(aet["class-teacher"].presses(back))
        aet[ADMIN].presses(back)
        assert aet.clerk.directory.staff("aet").absences == ()

    def test_nobody_else_says_it_for_others(self, aet: Stage) -> None:
        teacher = aet["class-teacher"]
        form = form_of(teacher.presses(button(teacher.calls("away"), "I am away")))
        values = {"person": aet["dsl"].id, "first": "2026-11-09", "last": "2026-11-09"}
        teacher.sends(form, **values)
        assert [a.person for a in aet.clerk.directory.staff("aet").absences] == [teacher.id]
        forged = form.model_copy(update={"state": form.state.replace('"away"', '"away_other"')})
        assert forged.state != form.state
        assert "Only the clerk's administrator" in text_of(teacher.sends(forged, **values))

    @pytest.mark.parametrize(
        ("first", "last", "why"),
        [
            ("2026-11-13", "2026-11-09", "comes before"),
            ("2026-11-01", "2026-11-02", "over already"),
            ("tomorrow", "2026-11-13", "Please give a date."),
        ],
    )
    def test_days_that_cannot_be(self, aet: Stage, first: str, last: str, why: str) -> None:
        teacher = aet["class-teacher"]
        form = teacher.presses(button(teacher.calls("away"), "I am away"))
        reply = teacher.sends(form, first=first, last=last)
        assert isinstance(reply, FieldErrors)
        assert why in text_of(reply)


class TestChannels:
    def test_a_role_gets_one_in_each_workspace(self, aet: Stage) -> None:
        places = aet.clerk.places
        places.adopt("aet", aet.clock.now())
        admin = aet[ADMIN]
        open_form = button(admin.calls("setup"), "Channels")
        assert "connected to no workspace" in text_of(admin.presses(open_form))
        places.connect("slack", "T1", "aet")
        places.connect("teams", "G1", "aet")
        form = form_of(admin.presses(open_form))
        drawn = form_of(admin.changes(form, role="ict-technician"))
        assert [item.label for item in drawn.inputs][1:] == ["Channel in Slack", "Channel in Teams"]
        wrong = admin.sends(drawn, role="ict-technician", channel_0="#ict", channel_1="ict")
        assert isinstance(wrong, FieldErrors)
        assert {field for field, _ in wrong.errors} == {"channel_0", "channel_1"}
        admin.sends(drawn, role="ict-technician", channel_0="C012345", channel_1="")
        assert [(c.role, c.channel) for c in places.channels("aet")] == [("ict-technician", "C012345")]
        admin.sends(drawn, role="ict-technician", channel_0="", channel_1="19:abc@thread.tacv2")
        assert [c.platform for c in places.channels("aet")] == ["teams"]
        assert [d.place for d in done(aet)] == ["slack C012345", "slack ", "teams 19:abc@thread.tacv2"]


def test_a_change_of_the_command_line_waits_in_the_same_way(aet: Stage) -> None:
    change = RoleChange(
        id="c1", school="aet", role="dsl", gains=(aet["class-teacher"].id,), asked_at=aet.clock.now()
    )
    aet.clerk.staff_book.ask(change, Deed(at=aet.clock.now(), action="role_asked", role="dsl"))
    assert "Confirm" in labels(aet["chair"])
    assert "The person who looks after the clerk" in text_of(tuple(pending(aet["chair"])))
    aet[ADMIN].presses("Confirm")
    assert aet["class-teacher"].id in holders(aet, "dsl")


def test_what_is_typed_with_the_command_is_looked_at_first(aet: Stage) -> None:
    reply = aet[ADMIN]._handle(
        CommandCalled,
        command="away",
        text="a pupil told me her uncle hurts her",
    )
    assert isinstance(reply, Message)
    assert reply.cards[0].mood == "safety"
    assert not isinstance(reply, OpenForm)
