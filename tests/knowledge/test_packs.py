"""Each pack against the list of its policy's rules, so that one dropped later is noticed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from adapters.schools import PACKAGED, Folder, read_policy
from bot.workflows.definition import Workflow
from knowledge.clauses import Policy
from tests.bot.test_safeguarding import reading_age
from tests.school import packaged

SCHOOLS = ("aet", "leading-edge", "leamington", "st-alphege", "step")
RULES = Path(__file__).parent / "rules"


def pack(school: str) -> Policy:
    return read_policy(Folder(school, Path("/nowhere")))


def missing_rules(policy: Policy, rules: list[dict[str, object]]) -> Iterator[str]:
    """Rules that no single clause of their section states."""
    for rule in rules:
        wanted = [str(word).casefold() for word in rule["says"]]  # type: ignore[attr-defined]
        said = (c.shown.casefold() for c in policy.clauses if c.section.title == rule["section"])
        if not any(all(word in text for word in wanted) for text in said):
            yield f"{policy.school}:{rule['line']} {wanted} in “{rule['section']}”"


@pytest.mark.parametrize("school", SCHOOLS)
def test_every_rule_of_the_original_is_in_the_pack(school: str) -> None:
    rules = YAML(typ="safe").load((RULES / f"{school}.yaml").read_text(encoding="utf-8"))
    assert len(rules) > 100
    assert list(missing_rules(pack(school), rules)) == []


def test_a_dropped_rule_is_noticed() -> None:
    policy = pack("aet")
    rules = YAML(typ="safe").load((RULES / "aet.yaml").read_text(encoding="utf-8"))
    rule = policy.by_key("parent-friend")
    gutted = policy.model_copy(update={"clauses": tuple(c for c in policy.clauses if c != rule)})
    assert [line for line in missing_rules(gutted, rules) if line.startswith("aet:170")]


@pytest.mark.parametrize("school", SCHOOLS)
def test_every_line_of_the_original_is_named_by_a_rule(school: str) -> None:
    original = Path(__file__).parents[3] / "shared" / "policies" / f"{school}.txt"
    if not original.exists():
        pytest.skip("the policy originals are not here")
    rules = YAML(typ="safe").load((RULES / f"{school}.yaml").read_text(encoding="utf-8"))
    named = {rule["line"] for rule in rules}
    long_lines = {
        number
        for number, line in enumerate(original.read_text(encoding="utf-8").splitlines(), 1)
        if len(line.split()) > 14
    }
    # A sentence that runs over lines is named by its first: a neighbour just before it may speak for a line.
    unnamed = {n for n in long_lines if not named & {n, n - 1, n - 2, n - 3, n + 1}}
    assert unnamed == set()


@pytest.mark.parametrize("school", SCHOOLS)
def test_a_pack_reads_whole_and_is_short_clauses(school: str) -> None:
    published = packaged(school)
    words = [len(clause.text.split()) for clause in published.policy.clauses]
    assert published.policy.wording == "restated"
    assert sum(words) / len(words) < 30
    assert published.school.contacts.fictional
    assert PACKAGED.joinpath(school, "school.yaml").exists()


def test_every_number_in_a_pack_is_kept_free_for_fiction() -> None:
    for school in SCHOOLS:
        contacts = packaged(school).school.contacts
        assert all(contact.phone.startswith("01632 960 ") for contact in contacts.everyone), school


def said(workflow: Workflow) -> Iterator[str]:
    """Everything a form says to whoever fills it in, or works with what was sent."""
    stages = workflow.stages
    fields = [*workflow.fields, *(f for stage in stages for f in (*stage.asks, *stage.log))]
    actions = [action for stage in stages for action in stage.actions]
    yield from (workflow.title, workflow.summary, *(stage.title for stage in stages))
    for field in (*fields, *(asked for action in actions for asked in action.asks)):
        yield from (field.label, field.hint, *(option.label for option in field.options))
    for action in actions:
        yield from (action.label, action.hint)


@pytest.mark.parametrize("school", SCHOOLS)
def test_forms_speak_plainly(school: str) -> None:
    """As the cards do: eleven is grade 6, the bar grade 7. A title and one line are too few words to measure."""
    for workflow in packaged(school).workflows:
        texts = [text.rstrip(".?") for text in said(workflow) if text]
        for sentence in (part for text in texts for part in re.split(r"[.?:]\s", text)):
            assert len(sentence.split()) <= 16, f"{workflow.id}: {sentence}"
        assert not workflow.has_form or reading_age(". ".join(texts)) <= 11, workflow.id
