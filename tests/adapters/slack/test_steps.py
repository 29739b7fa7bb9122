"""Long forms in Slack: a step at a time, kept for a day; never a form about people."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from adapters.schools import Folder, read_school
from adapters.slack import render, steps
from adapters.store.tables import drafts
from bot.cards import Choice, Field, Form, Option, PersonPicker
from bot.formstate import FormState
from bot.safeguarding import safety_card
from bot.triage import Triage
from bot.workflows.pagechecks import LARGEST, LISTS
from tests.adapters.slack.conftest import Office, clean

FIRST = {
    "department": "Sport",
    "moderator": "The head of sport",
    "platform": "Instagram",
    "why": "To show what pupils do.",
    "aims": "More pupils in our teams.",
    "content": "Fixtures and results.",
    "worth": "It costs nothing but time.",
    "engagement": "None: we post, nobody can answer",
    "effort": "One of us, an hour a week.",
}
SECOND = {
    "success": "By how many come to matches, in July.",
    "audience": ["Pupils' family members"],
    "contributors": ["School staff"],
    "administrators": "One colleague\nAnother colleague",
    "host": "The platform",
    "go_live": "2026-12-01",
    "security": "Comments are off.",
}


def kept(office: Office) -> int:
    """How many half-filled forms there are."""
    with office.stage.clerk.database.read() as connection:
        return connection.execute(select(func.count()).select_from(drafts)).scalar_one()


async def test_a_long_form_is_filled_in_step_by_step_and_sent_whole(office: Office) -> None:
    teacher, officer = office["class-teacher"], office["marketing-officer"]
    await teacher.types("/request-account")
    await teacher.until("Step 1 of 2", "modal")
    assert "How will you keep out" not in teacher.sees("modal")
    await teacher.fills(FIRST)
    await teacher.submits()
    await teacher.until("Step 2 of 2", "modal")
    assert kept(office) == 1
    await teacher.fills(SECOND | {"contributors": ["Pupils of the school"]})
    await teacher.fills({"contributors.pupils": "5 to 11", "How will you inform parents": "A letter home."})
    await teacher.submits()
    await teacher.until("Waiting for: Marketing officer's approval", "modal")
    assert kept(office) == 0
    seen = await officer.until("Marketing officer's approval", "dm")
    for words in ("To show what pupils do.", "Another colleague", "A letter home."):
        assert words in seen, words
    assert clean(office.slack)


async def test_who_closes_it_finds_the_steps_they_had_done_for_a_day(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/request-account")
    await teacher.fills(FIRST)
    await teacher.submits()
    await teacher.until("Step 2 of 2", "modal")
    await teacher.closes(everything=True)
    await teacher.types("/request-account")
    assert "You filled in some of this earlier" in await teacher.until("To show what pupils do.", "modal")
    await teacher.closes()
    assert "To show what pupils do." not in office["headteacher"].sees()
    await office["headteacher"].types("/request-account")
    assert "To show what pupils do." not in await office["headteacher"].until("Step 1 of 2", "modal")
    office.stage.clock.pass_by(timedelta(days=1))
    await teacher.types("/request-account")
    await teacher.until("Step 1 of 2", "modal")
    assert "To show what pupils do." not in teacher.sees("modal")
    assert clean(office.slack)


async def test_what_is_wrong_in_an_earlier_step_leads_back_to_it(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/request-account")
    await teacher.fills(FIRST | {"engagement": "Open: anyone can comment at once"})
    await teacher.submits()
    await teacher.until("Step 2 of 2", "modal")
    await teacher.fills(SECOND | {"administrators": "Only one"})
    await teacher.submits()
    await teacher.until("Step 1 of 2", "modal")
    await teacher.until("Please say more", "modal")
    await teacher.fills({"engagement.open": "I do, every day."})
    await teacher.submits()
    assert "Only one" in await teacher.until("Step 2 of 2", "modal")
    await teacher.submits()
    await teacher.until("! ", "modal")
    await teacher.fills({"administrators": SECOND["administrators"]})
    await teacher.submits()
    await teacher.until("Waiting for: Marketing officer's approval", "modal")
    assert clean(office.slack)


async def test_back_leads_to_the_step_before_and_nothing_typed_is_lost(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/request-account")
    assert "Back" not in await teacher.until("Step 1 of 2", "modal")
    await teacher.fills(FIRST)
    await teacher.submits()
    await teacher.until("Step 2 of 2", "modal")
    await teacher.fills(SECOND)
    await teacher.clicks("Back")
    assert "To show what pupils do." in await teacher.until("Step 1 of 2", "modal")
    await teacher.fills({"why": "To show what pupils can do."})
    await teacher.submits()
    assert "By how many come to matches" in await teacher.until("Step 2 of 2", "modal")
    await teacher.submits()
    await teacher.until("Waiting for: Marketing officer's approval", "modal")
    assert "To show what pupils can do." in await office["marketing-officer"].until(
        "Marketing officer's", "dm"
    )
    assert clean(office.slack)


async def test_a_disclosure_in_one_step_shows_the_card_before_the_next(office: Office) -> None:
    teacher = office["class-teacher"]
    await teacher.types("/request-account")
    await teacher.fills(FIRST | {"why": "A pupil in my class told me that her uncle hurts her"})
    await teacher.submits()
    seen = await teacher.until("Step 2 of 2", "modal")
    assert seen.index("Tell your safeguarding lead now") < seen.index("Step 2 of 2")
    assert clean(office.slack)


def form(count: int, *, private: bool = False, step: str = "fields") -> Form:
    state = FormState(token="t", workflow="w", version="1", step=step).text()
    inputs = tuple(Field(id=f"f{n}", label=f"F{n}") for n in range(count))
    return Form(id="w", title="W", inputs=inputs, state=state, private=private)


def test_every_input_stands_in_one_step_whatever_their_number() -> None:
    for count in range(13, 70):
        long, seen, following = form(count), [], "f0"
        while following:
            shown = steps.step(long, following)
            assert len(shown.inputs) <= steps.LONGEST
            seen += shown.inputs
            assert steps.holding(long, shown.inputs[-1].id) == following
            following = steps.named(shown.state)[2]
        assert tuple(seen) == long.inputs


def test_short_forms_gates_actions_and_forms_about_people_are_drawn_whole() -> None:
    assert steps.is_long(form(13))
    assert not steps.is_long(form(12))
    assert not steps.is_long(form(50, private=True))
    assert not steps.is_long(form(50, step="action"))


def test_the_largest_form_about_people_that_the_check_lets_through_fits_one_modal() -> None:
    """With an error at every field, the question who receives it, names of 60 letters, and a safety card before."""
    school = read_school(Folder("aet", Path("."))).school
    first = safety_card(school, Triage(level="emergency"), closed=True)
    people = tuple((f"{n:032x}", "N" * 60 + str(n)) for n in range(100))
    lists = tuple(
        PersonPicker(id=f"p{n}", label="P" * 75, people=people, error="Wrong." * 20)
        for n in range(LARGEST // LISTS)
    )
    fields = tuple(
        Field(id=f"f{n}", label="F" * 75, hint="H" * 200, error="Wrong." * 20) for n in range(LARGEST)
    )
    receivers = tuple(Option(value=person, label=f"Yes, it is about {name}") for person, name in people[:9])
    question = Choice(
        id="about_receiver", label="Is it about any of them?", options=receivers, error="Wrong."
    )
    for inputs in (lists, fields):
        asked = form(1, private=True).model_copy(update={"inputs": (*inputs, question, lists[-1])})
        assert len(render.modal(asked, (first,))["blocks"]) <= 100


def test_what_stands_in_a_form_is_what_comes_back_from_it() -> None:
    inputs = (
        Field(id="a", label="A", kind="lines", value="one\ntwo"),
        Field(id="b", label="B"),
        PersonPicker(id="c", label="C", people=(("p", "P"),), value="p"),
        Choice(
            id="d",
            label="D",
            options=(Option(value="x", label="X", detail="Y"),),
            value=("x",),
            details=(("x", "z"),),
        ),
    )
    filled = steps.filled(form(1).model_copy(update={"inputs": inputs}))
    assert filled == {"a": ("one", "two"), "c": ("p",), "d": ("x",), "d.x": ("z",)}
