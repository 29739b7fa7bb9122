"""What is filled in: tidied, checked field by field, and whom it says it is about."""

import time
from typing import get_args

import pytest

from bot.people import Absence
from bot.workflows import answers
from bot.workflows.definition import Field, Values, Workflow
from tests.bot.small import MONDAY, context, flow

STAFF = context(flow("  - {id: one, kind: act, title: One, who: {role: ict}}\n"), left=["supply"]).staff
TWO = [
    {"value": "a", "label": "A"},
    {"value": "b", "label": "B"},
    {"value": "c", "label": "C", "detail": "Which"},
]


def field(kind: str, **more: object) -> Field:
    options = {"options": TWO} if kind in ("choice", "choices") else {}
    register = {"register": "accounts"} if kind == "entry" else {}
    return Field.model_validate({"id": "f", "kind": kind, "label": "F", **options, **register, **more})


def wrong(asked: Field, *entries: str, **details: str) -> str:
    values = {"f": entries, **{f"f.{key}": (text,) for key, text in details.items()}}
    found = answers.errors([asked], answers.tidied([asked], values), STAFF)
    return " ".join(found.values())


FINE = [
    ("text", "Hello"),
    ("text", "مرحبا بالعالم"),
    ("text", "Llanfairpwllgwyngyll: ŵ ŷ 🎨"),
    ("long_text", "Two\nlines"),
    ("address", "https://www.example.org/page?x=1#y"),
    ("address", "example.org"),
    ("address", "http://example.org:8080"),
    ("address", "https://مثال.إختبار/صفحة"),
    ("addresses", "a.example\nhttps://b.example/x"),
    ("date", "2026-11-09"),
    ("choice", "a"),
    ("choices", "a"),
    ("person", "assistant"),
    ("yes_no", "no"),
    ("lines", "One\nTwo"),
]
WRONG = [
    ("address", "javascript:alert(1)", "is not a full web address"),
    ("address", "JavaScript://example.org/%0aalert(1)", "is not a full web address"),
    ("address", "data:text/html,hello", "is not a full web address"),
    ("address", "file:///etc/passwd", "is not a full web address"),
    ("address", "https://user:secret@example.org", "is not a full web address"),
    ("address", "not an address", "is not a full web address"),
    ("address", "https://example.org/a b", "is not a full web address"),
    ("address", "https://", "is not a full web address"),
    ("address", "localhost", "is not a full web address"),
    ("addresses", "a.example\njavascript:alert(1)", "“javascript:alert(1)” is not"),
    ("date", "9 November", "year-month-day, such as 2026-11-09"),
    ("date", "2026-02-30", "year-month-day"),
    ("choice", "z", "choose one of the answers shown"),
    ("choices", "z", "choose one of the answers shown"),
    ("person", "stranger", "somebody on the staff list"),
    ("person", "supply", "somebody on the staff list"),
    ("yes_no", "maybe", "answer yes or no"),
]


@pytest.mark.parametrize(("kind", "entry"), FINE)
def test_right_entries(kind: str, entry: str) -> None:
    assert wrong(field(kind), entry) == ""


@pytest.mark.parametrize(("kind", "entry", "words"), WRONG)
def test_wrong_entries(kind: str, entry: str, words: str) -> None:
    assert words in wrong(field(kind), entry)


@pytest.mark.parametrize("kind", get_args(Field.model_fields["kind"].annotation))
@pytest.mark.parametrize("entries", [(), ("",), ("  \n ",)])
def test_what_is_required_is_asked_for_in_words(kind: str, entries: tuple[str, ...]) -> None:
    assert wrong(field(kind), *entries).startswith("Please")
    assert wrong(field(kind, required=False), *entries) == ""


@pytest.mark.parametrize("kind", ["text", "long_text", "lines"])
def test_three_thousand_characters_and_one_more(kind: str) -> None:
    assert wrong(field(kind), "ẅ" * 3000) == ""
    assert wrong(field(kind), "ẅ" * 3001) == "Please shorten this to 3,000 characters."
    assert wrong(field(kind), " " + "x" * 3000 + "\n") == "", "what is trimmed does not count"


def test_a_field_may_be_shorter() -> None:
    assert wrong(field("text", max_length=5), "123456") == "Please shorten this to 5 characters."
    assert wrong(field("addresses", max_length=10), "a.example\nlonger.example") != ""


def test_dates_not_before_today() -> None:
    assert wrong(field("date", not_before_today=True), MONDAY.date().isoformat()) == ""
    assert "today or a later date" in wrong(field("date", not_before_today=True), "2026-11-08")


def test_a_minimum_of_lines_and_of_choices() -> None:
    assert wrong(field("lines", minimum=2), "One\n\n \nTwo") == ""
    assert wrong(field("lines", minimum=2), "One\n \n") == "Please give at least 2, one on each line."
    assert wrong(field("choices", minimum=2), "a", "b") == ""
    assert wrong(field("choices", minimum=2), "a", "a") == "Please choose at least 2."


def test_a_choice_that_asks_for_more() -> None:
    assert wrong(field("choice"), "c") == "Please say more: which."
    assert wrong(field("choice"), "c", c="  ") == "Please say more: which."
    assert wrong(field("choice"), "c", c="This one") == ""
    assert wrong(field("choice"), "a", c="Left over") == ""
    assert wrong(field("choice", max_length=5), "c", c="123456") == "Please shorten this to 5 characters."


def test_one_entry_where_one_is_asked_for() -> None:
    """A forged form may hold more; each of them would be shown, and a second date could not be read."""
    for kind in ("text", "date", "choice", "person", "yes_no", "address"):
        assert len(answers.tidied([field(kind)], {"f": ("a", "b")})["f"]) == 1
    for kind in ("choices", "lines", "addresses"):
        assert len(answers.tidied([field(kind)], {"f": ("a", "b")})["f"]) == 2


def test_tidying_keeps_only_what_was_asked() -> None:
    fields = [
        Field.model_validate({"id": "a", "kind": "yes_no", "label": "A"}),
        Field.model_validate(
            {"id": "b", "kind": "text", "label": "B", "when": {"field": "a", "equals": "yes"}}
        ),
        Field.model_validate(
            {"id": "c", "kind": "text", "label": "C", "when": {"field": "b", "is_empty": False}}
        ),
    ]
    filled: Values = {"a": ("no",), "b": ("left over",), "c": ("left over",), "reason": ("x",), "z": ("x",)}
    assert answers.tidied(fields, filled) == {"a": ("no",)}
    assert set(answers.tidied(fields, {**filled, "a": ("yes",)})) == {"a", "b", "c"}
    assert set(answers.tidied(fields[1:], {"b": ("x",)}, known={"a": ("yes",)})) == {"b"}
    assert answers.errors(fields, {"a": ("no",)}, STAFF) == {}
    assert set(answers.errors(fields, {"a": ("yes",)}, STAFF)) == {"b"}
    assert set(answers.errors(fields[1:], {}, STAFF, known={"a": ("yes",)})) == {"b"}


def test_right_to_left_text_comes_back_as_typed() -> None:
    text = "اسم الطالب: سام — “see” \u200f(٣)"
    assert answers.tidied([field("text")], {"f": (text,)}) == {"f": (text,)}


def test_a_hostile_address_is_refused_at_once() -> None:
    started = time.perf_counter()
    assert wrong(field("address"), "a." * 1499 + "!") != ""
    assert wrong(field("address"), "-" * 3000) != ""
    assert time.perf_counter() - started < 1


SUBJECTS = """\
  - id: who
    kind: choice
    label: Who
    options: [{value: a, label: Head, subject_role: head}, {value: b, label: B}]
  - {id: colleague, kind: person, label: Which, subject: true, when: {field: who, equals: b}}
  - {id: witness, kind: person, label: Witness}
"""


@pytest.mark.parametrize(
    ("values", "people"),
    [
        ({"who": ("a",)}, {"head", "co-head"}),
        ({"who": ("b",), "colleague": ("assistant",)}, {"assistant"}),
        ({"who": ("a",), "colleague": ("assistant",)}, {"head", "co-head"}),
        ({"who": ("b",), "witness": ("assistant",)}, set()),
    ],
)
def test_subjects(values: dict[str, tuple[str, ...]], people: set[str]) -> None:
    one = "  - {id: one, kind: receive, title: One, who: {role: ict}}\n"
    workflow: Workflow = flow(one, SUBJECTS, "about_people: true\n")
    staff = context(workflow, holds={"head": ("head", "co-head")}).staff
    away = staff.model_copy(
        update={"absences": (Absence(person="head", first=staff.today, last=staff.today),)}
    )
    assert answers.subjects(workflow, values, staff) == people
    assert answers.subjects(workflow, values, away) == people


def test_everything_typed_is_triaged() -> None:
    fields = [field("choice"), Field.model_validate({"id": "t", "kind": "text", "label": "T"})]
    assert answers.free_text(fields, {"f": ("c",), "f.c": ("detail",), "t": ("typed",)}) == (
        "typed",
        "detail",
    )
