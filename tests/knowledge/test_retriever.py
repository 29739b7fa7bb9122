"""Answers: the questions that matter most, policies never seen, typos, silence, time, and broken indexes."""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from knowledge.asking import dealt_with
from knowledge.clauses import Clause, Policy, with_ids
from knowledge.concepts import default_concepts
from knowledge.index import WORDS, terms
from knowledge.nearness import Model
from knowledge.retriever import Found, WhooshRetriever
from knowledge.topics import default_topics
from knowledge.training.learn_weights import read_questions
from knowledge.verdict import Verdict, verdict
from tests.knowledge.policies import HERE, ORIGINALS, document, pack

PARENT = "can I accept a parent's friend request?"
FIRST: dict[str, tuple[str, Verdict]] = {
    "aet": ("parent-friend", "advised_against"),
    "step": ("pupil-family-contact", "must_not_if"),
    "leamington": ("parents-professional", "advised"),
    "leading-edge": ("accepting-contact", "must_not_unless"),
    "st-alphege": ("friends", "advised_against"),
}
IN_ORIGINAL: dict[str, tuple[str, Verdict]] = {
    "aet": ("parents on their personal accounts", "advised_against"),
    "step": ("call into question their objectivity", "must_not_if"),
    "leamington": ("remain professional", "advised_against"),
    "leading-edge": ("nor should any contact be accepted", "must_not_unless"),
    "st-alphege": ("current or past learners or their family members", "advised_against"),
}
"""Leamington's original has the rule on pupils and that on parents in one sentence, imported as one clause."""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> WhooshRetriever:
    return WhooshRetriever(tmp_path_factory.mktemp("indexes"))


def keys(found: Found, depth: int) -> list[str]:
    return [ranked.clause.key for ranked in found.ranked[:depth]]


@pytest.mark.parametrize("school", FIRST)
def test_a_parents_friend_request(retriever: WhooshRetriever, school: str) -> None:
    found = retriever.find(pack(school), PARENT)
    key, expected = FIRST[school]
    assert found.outcome == "answer"
    assert found.ranked[0].clause.key == key
    assert verdict(found.ranked[0].clause) == expected
    assert "friend-parent" in found.about


@pytest.mark.skipif(not ORIGINALS.exists(), reason=f"no originals at {ORIGINALS}")
@pytest.mark.parametrize("school", IN_ORIGINAL)
def test_a_parents_friend_request_in_the_original(retriever: WhooshRetriever, school: str) -> None:
    found = retriever.find(document(ORIGINALS / f"{school}.txt"), PARENT)
    words, expected = IN_ORIGINAL[school]
    assert found.outcome == "answer"
    assert words in found.ranked[0].clause.text
    assert verdict(found.ranked[0].clause) == expected


def test_what_belongs_beside_it_is_beside_it(retriever: WhooshRetriever) -> None:
    assert "contact-report" in keys(retriever.find(pack("st-alphege"), PARENT), 3)
    assert "parent-communication" in keys(retriever.find(pack("leamington"), PARENT), 4)


def test_the_same_asked_in_other_voices_and_misspelt(retriever: WhooshRetriever) -> None:
    for question in (
        "mum from my class has just added me on fb",
        "is it ok to have parents as friends on instagram",
        "can i exept a perents freind reqest",
    ):
        assert keys(retriever.find(pack("aet"), question), 1) == ["parent-friend"], question


ABOUT_PARENTS = (
    "a mum from my class wants to add me on insta, can I say yes?",
    "is it ok to add one of my pupils' dads on facebook",
    "year 3 parent sent me a friend request",
    "a child's nan wants to follow me on tiktok",
    "one of the mums keeps trying to add me, should i accept",
)


@pytest.fixture(scope="module", params=["encoder", "words"])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WhooshRetriever:
    home = tmp_path_factory.mktemp("either")
    return WhooshRetriever(
        home, model=Model.load(default_topics(), home) if request.param == "encoder" else None
    )


@pytest.mark.parametrize("school", FIRST)
@pytest.mark.parametrize("question", ABOUT_PARENTS)
def test_a_question_about_a_parent_is_not_answered_with_the_rule_on_pupils(
    either: WhooshRetriever, school: str, question: str
) -> None:
    found = either.find(pack(school), question)
    assert found.outcome == "answer"
    assert dealt_with(found.ranked[0].clause.shown, default_concepts()) != {"staff", "pupil"}
    assert "parent" in dealt_with(" ".join(r.clause.shown for r in found.ranked[:2]), default_concepts())


@pytest.mark.parametrize("school", FIRST)
def test_a_question_about_a_pupil_is_answered_with_the_rule_on_pupils(
    either: WhooshRetriever, school: str
) -> None:
    found = either.find(pack(school), "a year 6 girl wants to add me on insta, can I say yes?")
    assert "pupil" in dealt_with(found.ranked[0].clause.shown, default_concepts())


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("a mum from my class", {"parent"}),
        ("a pupil's nan", {"parent"}),
        ("a mum whose kid is in my class follows me", {"parent"}),
        ("pupils and parents", {"parent", "pupil"}),
        ("learners or their family members", {"parent", "pupil"}),
        ("parents/pupils, and staff", {"parent", "pupil", "staff"}),
        ("can parents take photos of pupils", {"parent", "pupil"}),
        ("one of my class added me", {"pupil"}),
    ],
)
def test_pupils_who_only_say_whose_parent_it_is_are_not_meant(text: str, people: set[str]) -> None:
    assert dealt_with(text, default_concepts()) == people


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("the webiste i need is blockd", "blocked-erroneously blocked-request"),
        ("who aproves posts befor they go up", "post-approval"),
        ("a pupul has tryed to folow me", "pupil-friend-report pupil-attempt-reported"),
        ("cyberbulying by pupills", "cyberbullying-by-pupils"),
    ],
)
def test_typos(retriever: WhooshRetriever, typed: str, key: str) -> None:
    found = retriever.find(pack("aet"), typed)
    assert found.outcome == "answer"
    assert set(keys(found, 2)) & set(key.split())


@pytest.mark.parametrize(
    ("school", "question"),
    [
        ("aet", "is it going to rain tomorrow?"),
        ("step", "where is my payslip"),
        ("leamington", "who is covering my class this afternoon"),
        ("step", "how do I get a website unblocked?"),
        ("leading-edge", "how do I get a website unblocked?"),
        ("st-alphege", "a journalist has phoned about a tweet"),
        ("step", "is there counselling for staff who were trolled?"),
        ("leamington", "is there a rule about tinder"),
        ("aet", ""),
        ("aet", "???"),
    ],
)
def test_silence(retriever: WhooshRetriever, school: str, question: str) -> None:
    assert retriever.find(pack(school), question).outcome == "not_in_policy"


def test_a_silent_answer_still_has_the_nearest_clauses(retriever: WhooshRetriever) -> None:
    found = retriever.find(pack("leading-edge"), "how do I get a website unblocked?")
    assert found.ranked
    assert len(found.ranked) <= 10


def test_scores_fall(retriever: WhooshRetriever) -> None:
    scores = [ranked.score for ranked in retriever.find(pack("aet"), PARENT).ranked]
    assert scores == sorted(scores, reverse=True)


def test_two_schools_are_never_blended(retriever: WhooshRetriever) -> None:
    for school in FIRST:
        policy = pack(school)
        own = set(policy.clauses)
        for question in (PARENT, "who approves a post", "unblock a site"):
            assert {ranked.clause for ranked in retriever.find(policy, question).ranked} <= own


def test_a_new_version_is_read_anew(retriever: WhooshRetriever) -> None:
    policy = pack("aet")
    others = tuple(clause for clause in policy.clauses if clause.key != "parent-friend")
    without = Policy(school="aet", title=policy.title, version="next", wording="restated", clauses=others)
    assert keys(retriever.find(policy, PARENT), 1) == ["parent-friend"]
    assert "parent-friend" not in keys(retriever.find(without, PARENT), 10)


def test_what_was_found_while_the_model_was_made_ready_is_looked_up_again(tmp_path: Path) -> None:
    clauses = pack("step").clauses[:6]
    policy = Policy(school="step", title="Some", version="1", wording="restated", clauses=clauses)
    model = Model.load(default_topics(), tmp_path)
    waiting = WhooshRetriever(tmp_path, model=model, patient=False)
    meanwhile = waiting.find(policy, PARENT)
    while not model.ready(policy):
        time.sleep(0.01)
    assert waiting.find(policy, PARENT) == WhooshRetriever(tmp_path, model=model).find(policy, PARENT)
    assert waiting.find(policy, PARENT) != meanwhile


def test_an_empty_policy_says_nothing(retriever: WhooshRetriever) -> None:
    empty = Policy(school="none", title="None", version="0", wording="verbatim", clauses=with_ids(()))
    assert retriever.find(empty, PARENT) == Found(
        outcome="not_in_policy", about=retriever.find(empty, PARENT).about
    )


def _damage(home: Path) -> int:
    files = [file for file in home.rglob("*") if file.is_file()]
    for file in files:
        file.write_bytes(b"not an index")
    return len(files)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # whoosh leaves it open
def test_a_damaged_index_is_built_again(tmp_path: Path) -> None:
    before = WhooshRetriever(tmp_path).find(pack("step"), PARENT)
    assert _damage(tmp_path)
    assert WhooshRetriever(tmp_path).find(pack("step"), PARENT) == before


def _ask(home: Path, answers: "multiprocessing.Queue[list[str]]") -> None:
    answers.put(keys(WhooshRetriever(home).find(pack("leamington"), PARENT), 3))


def test_two_processes_build_the_same_index(tmp_path: Path) -> None:
    forks = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[list[str]] = forks.Queue()
    started = [forks.Process(target=_ask, args=(tmp_path, answers)) for _ in range(2)]
    for process in started:
        process.start()
    told = [answers.get(timeout=60) for _ in started]
    for process in started:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert told[0] == told[1]
    assert told[0][0] == "parents-professional"
    assert not list(tmp_path.glob("building-*"))


def test_an_answer_costs_a_few_searches(retriever: WhooshRetriever) -> None:
    """Against one plain search of the same index in the same run, nothing remembered: some five times that."""
    policy = pack("aet")
    view = retriever.view(policy)
    answers, searches = [], []
    for question in held_out()[:40]:
        view.index._scores.cache_clear()
        begun = time.process_time()
        view.index.search(tuple(terms(question[2])), WORDS)
        searched = time.process_time()
        retriever.find(policy, f"{question[2]} please")
        answers.append(time.process_time() - searched)
        searches.append(searched - begun)
    assert statistics.median(answers) < 20 * statistics.median(searches)


# --- policies nobody tuned for, and questions held out ----------------------------------------------


def held_out() -> list[tuple[str, tuple[str, ...], str]]:
    return [(q.school, q.keys, q.text) for q in read_questions(HERE / "heldout" / "questions.txt")]


def on_documents(folder: str) -> Iterator[tuple[Policy, str, str]]:
    """(policy, question, words of the clause that answers or `none`)."""
    asked: dict[str, list[dict[str, str]]] = YAML(typ="safe").load(
        (HERE / folder / "questions.yaml").read_text(encoding="utf-8")
    )
    for name, questions in asked.items():
        for question in questions:
            yield document(HERE / folder / name), question["ask"], question["answer"]


def figures(answers: list[tuple[Found, list[bool] | None]]) -> tuple[float, float, float]:
    """hit@1, hit@3 and the F1 of abstaining; None stands for a question the policy is silent on."""
    asked = [right for _, right in answers if right is not None]
    told = [(found.outcome == "not_in_policy", right is None) for found, right in answers]
    both = sum(abstained and silent for abstained, silent in told)
    either = sum(abstained for abstained, _ in told) + sum(silent for _, silent in told)
    return (
        sum(any(right[:1]) for right in asked) / len(asked),
        sum(any(right[:3]) for right in asked) / len(asked),
        2 * both / either,
    )


def test_every_expected_clause_is_in_its_document() -> None:
    for folder in ("unseen", "heldout"):
        for policy, question, words in on_documents(folder):
            holding: list[Clause] = [c for c in policy.clauses if words in c.shown]
            assert holding or words == "none", question


@pytest.mark.parametrize(
    ("folder", "bars"),
    [("unseen", (0.80, 0.93, 0.70)), ("heldout", (0.55, 0.65, 0.55))],
    ids=["tuned", "held-out"],
)
def test_policies_in_other_styles(
    retriever: WhooshRetriever, folder: str, bars: tuple[float, float, float]
) -> None:
    answers: list[tuple[Found, list[bool] | None]] = []
    for policy, question, words in on_documents(folder):
        found = retriever.find(policy, question)
        right = None if words == "none" else [words in ranked.clause.shown for ranked in found.ranked]
        answers.append((found, right))
    assert all(figure >= bar for figure, bar in zip(figures(answers), bars, strict=True)), figures(answers)


def test_held_out_questions_on_the_packs(retriever: WhooshRetriever) -> None:
    answers: list[tuple[Found, list[bool] | None]] = []
    for school, wanted, question in held_out():
        found = retriever.find(pack(school), question)
        answers.append((found, [r.clause.key in wanted for r in found.ranked] if wanted else None))
    bars = (0.72, 0.92, 0.80)
    assert all(figure >= bar for figure, bar in zip(figures(answers), bars, strict=True)), figures(answers)
