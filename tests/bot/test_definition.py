"""A procedure as data: what can be said, what is refused, and where each mistake stands."""
# ruff: noqa: E501 (a row of a table reads better whole)

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.workflows.definition import Condition, Decider, Field, Route, Stage, Workflow
from bot.yamlfile import Mistakes, Source
from tests.bot.small import PACKAGED, flow

WHOLE = flow(
    fields="""\
  - {id: title, kind: text, label: Title, max_length: 200}
  - {id: why, kind: long_text, label: Why, hint: In a few words.}
  - {id: site, kind: address, label: Site}
  - {id: more, kind: addresses, label: More sites, required: false}
  - {id: until, kind: date, label: Until, not_before_today: true}
  - {id: place, kind: choice, label: Place, options: [{value: here, label: Here}, {value: else, label: Else, detail: Where}]}
  - {id: years, kind: choices, label: Years, minimum: 2, options: [{value: y1, label: One}, {value: y2, label: Two}]}
  - {id: colleague, kind: person, label: Colleague}
  - {id: pupils, kind: yes_no, label: For pupils?, set_by_school: true}
  - {id: names, kind: lines, label: Administrators, minimum: 2, when: {field: pupils, equals: "no"}}
  - {id: account, kind: entry, register: accounts, label: Account}
""",
    stages="""\
  - {id: role, kind: decide, title: R, who: {role: head}, may_send_back: true, hides: [why], due_days: 3}
  - {id: either, kind: decide, title: E, who: {any_of: [head, manager]}, reason_required: false}
  - {id: both, kind: decide, title: B, who: {all_of: [head, manager]}, set_by_school: true}
  - {id: chosen, kind: decide, title: C, who: {chosen_in: colleague}}
  - {id: manager, kind: act, title: M, who: {line_manager: true}, done_label: Pass on}
  - {id: listed, kind: acknowledge, title: L, who: {listed_in: {name: accounts, column: moderators, entry: account}}}
  - id: routed
    kind: act
    title: Routed
    alongside: true
    when: {field: pupils, equals: "yes"}
    asks: [{id: done_on, kind: date, label: Done on}]
    who:
      - {when: {field: place, equals: here}, role: ict}
      - {when: {field: years, at_least: 2}, role: dsl}
      - {when: [{field: more, is_empty: false}, {field: pupils, in: ["yes"]}], role: manager}
      - {otherwise: true, role: head}
""",
    top="tells:\n  - {who: {role: chair}, when: {field: pupils, equals: 'yes'}}\nrecord: Form A\ngates: [danger, image]\n"
    "register: {name: accounts, columns: {name: title, moderators: [colleague, requester], closes: until}, refused: true}\n",
)


def test_everything_a_school_can_say_survives_json() -> None:
    again = Workflow.model_validate_json(WHOLE.model_dump_json(by_alias=True))
    assert again == WHOLE
    assert again.version == WHOLE.version


@pytest.mark.parametrize(
    "path", sorted(PACKAGED.glob("*/workflows/*.yaml")), ids=lambda p: f"{p.parts[-3]}-{p.stem}"
)
def test_every_packaged_procedure_survives_json(path: Path) -> None:
    workflow = Source.read(path).validated(Workflow)
    assert Workflow.model_validate_json(workflow.model_dump_json(by_alias=True)) == workflow


def test_the_version_changes_with_any_content_and_with_nothing_else() -> None:
    stages = "  - {id: one, kind: act, title: One, who: {role: ict}}\n"
    first = flow(stages)
    assert flow(stages.replace("act, title", "act,   title")).version == first.version
    changes = [("title: One", "title: Two"), ("role: ict", "role: head"), ("kind: act", "kind: decide")]
    changes += [("title: One", "title: One, due_days: 4"), ("{role: ict}", "{any_of: [ict]}")]
    others = [flow(stages.replace(old, new)) for old, new in changes] + [flow(stages, top="record: A\n")]
    assert len({first.version, *(other.version for other in others)}) == 1 + len(others)
    assert first.model_copy(update={"title": "Another"}).version != first.version


@pytest.mark.parametrize(
    ("test", "values", "holds"),
    [
        ({"equals": "a"}, ("a",), True),
        ({"equals": "a"}, ("b", "a"), True),
        ({"equals": "a"}, (), False),
        ({"in": ["a", "b"]}, ("b",), True),
        ({"in": ["a", "b"]}, ("c",), False),
        ({"in": ["a", "b"]}, (), False),
        ({"is_empty": True}, (), True),
        ({"is_empty": True}, ("",), True),
        ({"is_empty": True}, ("a",), False),
        ({"is_empty": False}, ("a",), True),
        ({"is_empty": False}, (), False),
        ({"at_least": 2}, ("a", "b"), True),
        ({"at_least": 2}, ("a", ""), False),
        ({"at_least": 2}, (), False),
    ],
)
def test_conditions(test: dict[str, object], values: tuple[str, ...], holds: bool) -> None:
    condition = Condition.model_validate({"field": "f", **test})
    assert condition.holds({"f": values}) is holds
    assert condition.holds({"g": ("a", "b")}) is condition.holds({})


def test_all_conditions_of_a_list_must_hold() -> None:
    field = Field.model_validate(
        {
            "id": "f",
            "kind": "text",
            "label": "F",
            "when": [{"field": "a", "equals": "1"}, {"field": "b", "is_empty": True}],
        }
    )
    assert field.applies({"a": ("1",)})
    assert not field.applies({"a": ("1",), "b": ("x",)})
    assert not field.applies({})


@pytest.mark.parametrize(
    ("values", "role"),
    [
        ({"place": ("here",), "years": ("y1", "y2")}, "ict"),
        ({"place": ("else",), "years": ("y1", "y2")}, "dsl"),
        ({"place": ("else",), "years": ("y1",), "more": ("a.org",), "pupils": ("yes",)}, "manager"),
        ({"place": ("else",), "years": ("y1",), "pupils": ("yes",)}, "head"),
        ({}, "head"),
    ],
)
def test_the_first_route_that_applies_wins(values: dict[str, tuple[str, ...]], role: str) -> None:
    assert WHOLE.stage("routed").route(values).role == role


def test_steps_group_what_is_open_together_and_leave_out_what_does_not_apply() -> None:
    ids = [[stage.id for stage in step] for step in WHOLE.steps({"pupils": ("yes",)})]
    assert ids == [["role"], ["either"], ["both"], ["chosen"], ["manager"], ["listed", "routed"]]
    assert [[s.id for s in step] for step in WHOLE.steps({})][-1] == ["listed"]


def test_asked_fields_follow_what_is_filled_in() -> None:
    assert "names" not in {field.id for field in WHOLE.asked({"pupils": ("yes",)})}
    assert "names" in {field.id for field in WHOLE.asked({"pupils": ("no",)})}


@pytest.mark.parametrize(
    ("about", "values", "people"),
    [
        ("false", {"who": ("staff",)}, False),
        ("true", {}, True),
        ("{field: who, equals: staff}", {"who": ("staff",)}, True),
        ("{field: who, equals: staff}", {"who": ("pupil",)}, False),
        ("[{field: who, equals: staff}, {field: who, equals: pupil}]", {"who": ("pupil",)}, True),
    ],
)
def test_about_people_always_never_or_sometimes(
    about: str, values: dict[str, tuple[str, ...]], people: bool
) -> None:
    stages = "  - {id: one, kind: act, title: One, who: {role: ict}}\n"
    assert flow(stages, top=f"about_people: {about}\n").concerns_people(values) is people


@pytest.mark.parametrize("kind", ["role: ''", "any_of: []", "all_of: []", "chosen_in: ''"])
def test_an_empty_decider_is_no_decider(kind: str) -> None:
    """An empty one would fall through to the line manager."""
    with pytest.raises(Mistakes):
        flow(f"  - {{id: one, kind: act, title: One, who: {{{kind}}}}}\n")


@pytest.mark.parametrize(
    "given", [{}, {"role": "head", "any_of": ["head"]}, {"role": "head", "line_manager": True}]
)
def test_exactly_one_kind_of_decider(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="needs exactly one of"):
        Decider.model_validate(given)


def test_a_route_has_a_condition_or_is_the_otherwise() -> None:
    with pytest.raises(ValidationError, match="needs either"):
        Route.model_validate({"role": "head"})
    with pytest.raises(ValidationError, match="needs either"):
        Route.model_validate({"role": "head", "otherwise": True, "when": {"field": "a", "equals": "b"}})


@pytest.mark.parametrize(
    "who",
    [
        [{"when": {"field": "a", "equals": "b"}, "role": "head"}],
        [{"otherwise": True, "role": "head"}, {"when": {"field": "a", "equals": "b"}, "role": "dsl"}],
        [{"otherwise": True, "role": "head"}, {"otherwise": True, "role": "dsl"}],
    ],
)
def test_routes_end_with_exactly_one_otherwise(who: list[object]) -> None:
    with pytest.raises(ValidationError, match="otherwise"):
        Stage.model_validate({"id": "one", "kind": "act", "title": "One", "who": who})
