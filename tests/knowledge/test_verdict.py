"""Verdicts against clauses labelled by hand, and against sentences made for one point each."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from knowledge.clauses import Clause, Section
from knowledge.importers import parse_policy_md
from knowledge.verdict import Verdict, read, verdict

HERE = Path(__file__).parent
SCHOOLS = HERE.parents[1] / "knowledge" / "schools"
LABELS: dict[str, dict[Verdict, list[str]]] = YAML(typ="safe").load(
    (HERE / "verdicts.yaml").read_text(encoding="utf-8")
)
LABELLED = [
    (school, key, expected)
    for school, verdicts in LABELS.items()
    for expected, keys in verdicts.items()
    for key in keys
]


@pytest.fixture(scope="module")
def policies() -> dict[str, object]:
    return {
        school: parse_policy_md((SCHOOLS / school / "policy.md").read_text(encoding="utf-8"), school)
        for school in LABELS
    }


def test_enough_clauses_are_labelled_and_none_twice() -> None:
    named = [(school, key) for school, key, _ in LABELLED]
    assert len(named) >= 150
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("school", "key", "expected"), LABELLED)
def test_labelled_clause(policies: dict[str, object], school: str, key: str, expected: Verdict) -> None:
    clause = policies[school].by_key(key)  # type: ignore[attr-defined]
    assert verdict(clause) == expected, clause.shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Staff must not add pupils.", "must_not"),
        ("Staff must not add pupils unless the head agrees.", "must_not_unless"),
        ("Nor should a request be accepted, except where the manager has approved it.", "must_not_unless"),
        ("Contact is not allowed if it could harm a pupil.", "must_not_if"),
        ("Teachers may follow the school's page.", "may"),
        ("Teachers may follow the school's page if they use a work profile.", "may_if"),
        (
            "We recommend that staff do not accept requests; it is best to recommend against it.",
            "advised_against",
        ),
        ("Staff are discouraged from posting at night.", "advised_against"),
        ("Staff should keep their settings strict.", "advised"),
        ("Everyone must report a breach.", "must"),
        ("The office will keep the register.", "duty"),
        ("A breach may lead to dismissal.", "fact"),
        ("The list is not limited to these sites.", "fact"),
        ("Do not reply to abuse.", "must_not"),
        ("Posts can only be made by the office.", "must_not_unless"),
    ],
)
def test_made_sentence(text: str, expected: Verdict) -> None:
    assert read(text) == expected


def test_a_form_field_is_a_fact_whatever_it_says() -> None:
    section = Section(title="Form", form=True)
    field = Clause(id="x", text="Staff must not leave this empty", section=section, form_field=True)
    assert verdict(field) == "fact"


def test_an_item_takes_the_ban_of_its_lead_in() -> None:
    section = Section(title="Rules")
    item = Clause(id="x", text="photographs of pupils", section=section, lead_in="Staff will not post:")
    assert verdict(item) == "must_not"
