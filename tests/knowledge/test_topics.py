"""Topics: loading, tagging clauses, scoring questions."""

import time
from pathlib import Path

import pytest

from knowledge.clauses import Clause, Section
from knowledge.concepts import default_concepts
from knowledge.topics import TopicMistakes, Topics, default_topics, load_topics
from knowledge.worded import parse_condition, read_clause

GOOD = """
- id: friend-parent
  about: Being friends with parents
  who: parent
  form: report-contact
  worded: |
    here friend & parent & not report
  asked: |
    can i add a mum on facebook
    a dad wants to be friends
- id: dress
  about: What to wear
  who: staff
  asked: |
    are jeans ok
"""


def clause(text: str, lead_in: str = "", heading: str = "Rules") -> Clause:
    return Clause(id="x", text=text, lead_in=lead_in, section=Section(title=heading))


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "some.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def topics() -> Topics:
    return default_topics()


def test_blocks_become_lines(tmp_path: Path) -> None:
    first, second = load_topics(written(tmp_path, GOOD)).topics
    assert first.asked == ("can i add a mum on facebook", "a dad wants to be friends")
    assert first.worded == ("here friend & parent & not report",)
    assert second.worded == ()


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("id: dress", "id: friend-parent").replace("are jeans ok", "who is it"))
    (tmp_path / "other.yaml").write_text("- id: x\n  about: y\n  who: nobody\n  asked: z\n", encoding="utf-8")
    (tmp_path / "worse.yaml").write_text("- id: [\n", encoding="utf-8")
    with pytest.raises(TopicMistakes) as caught:
        load_topics(tmp_path)
    told = "\n".join(caught.value.mistakes)
    assert "two topics have the id `friend-parent`" in told
    assert "'who is it' says nothing" in told
    assert "other.yaml: `x`: who" in told
    assert "worse.yaml:" in told


@pytest.mark.parametrize("line", ["not friend", "friend & not friend", "friend & |"])
def test_a_condition_that_cannot_hold_is_a_mistake(line: str) -> None:
    with pytest.raises(ValueError, match=r"never hold|must not occur|empty"):
        parse_condition(line, default_concepts())


@pytest.mark.parametrize(
    ("line", "text", "lead_in", "heading", "holds"),
    [
        ("friend & parent", "Do not add parents as friends.", "", "", True),
        ("friend & parent", "adding them as friends", "With parents, avoid:", "", True),
        ("friend & parent", "adding them as friends", "", "Parents", True),
        ("friend & parent", "be polite", "Friends and parents:", "", False),
        ("here friend & parent", "be polite to parents", "On friends:", "", False),
        ("above parent & friend", "adding friends", "", "Parents", True),
        ("above parent & friend", "parents as friends", "", "", False),
        ("friend & not report", "Report friend requests.", "", "", False),
        ("friend & zebra|parent", "Zebras may be friends.", "", "", True),
        ("above tone", "Progressive", "The tone is:", "", True),
    ],
)
def test_conditions(line: str, text: str, lead_in: str, heading: str, holds: bool) -> None:
    concepts = default_concepts()
    read = read_clause(clause(text, lead_in, heading), concepts)
    assert bool(parse_condition(line, concepts).strength(read)) is holds


def test_nearer_the_text_is_stronger() -> None:
    concepts = default_concepts()
    condition = parse_condition("friend & parent", concepts)
    strengths = [
        condition.strength(read_clause(c, concepts))
        for c in (
            clause("Do not friend parents"),
            clause("as friends", lead_in="Parents:"),
            clause("as friends", heading="Parents"),
        )
    ]
    assert strengths == sorted(strengths, reverse=True)
    assert len(set(strengths)) == 3


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Teachers shall not befriend carers online.", "friend-parent"),
        ("Learners must never be contacted by direct message.", "private-messages-pupils"),
        ("The principal signs off any new page for the academy.", "account-approval"),
        ("Staff who are trolled will be offered counselling.", "staff-wellbeing"),
        ("Nobody may use a VPN to get round the filter.", "circumvent-filter"),
        ("Screenshots of the abuse should be kept.", "keep-evidence"),
        ("A child's surname is never put beside a picture.", "pupil-names"),
        ("Journalists are referred to the head.", "press-enquiries"),
        ("Concerns about the principal go to the chair of trustees.", "concern-about-head"),
        ("Mobiles are handed in by pupils at the gate.", "pupil-phones"),
    ],
)
def test_wordings_of_no_known_policy_are_tagged(topics: Topics, text: str, topic: str) -> None:
    assert topic in topics.tags(clause(text))


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("a granny wants to be my friend on fb", "friend-parent"),
        ("whose job is it to keep the page from going stale", "account-kept-fresh"),
        ("it's a private group so it's fine, right", "nothing-is-private"),
        ("can we wish our local councillor luck on the page", "post-politics"),
        ("the site i want is blocked", "blocked-request"),
        ("what's on the lunch menu", "school-day-to-day"),
    ],
)
def test_questions_find_their_topic(topics: Topics, question: str, topic: str) -> None:
    scores = topics.scores(topics.concepts.read(question))
    assert topic in sorted(scores, key=lambda t: -scores[t])[:2]


def test_scores_are_shares_and_nothing_scores_nothing(topics: Topics) -> None:
    scores = topics.scores(topics.concepts.read("can i add a pupil on instagram"))
    assert scores
    assert all(0.0 < score <= 1.0 for score in scores.values())
    assert topics.scores(()) == {}


def test_asked_as_is_what_the_tags_ask(topics: Topics) -> None:
    asked = topics.asked_as({"friend-parent": 1.0})
    assert "can i accept a parent's friend request" in asked
    assert topics.asked_as({}) == ""


def test_the_package_has_about_two_hundred_topics_asked_widely(topics: Topics) -> None:
    assert len(topics.topics) >= 200
    assert sum(len(topic.asked) for topic in topics.topics) >= 1200
    assert min(len(topic.asked) for topic in topics.topics) >= 2


def test_no_phrasing_stands_under_two_topics(topics: Topics) -> None:
    lines = [line for topic in topics.topics for line in topic.asked]
    twice = {line for line in lines if lines.count(line) > 1}
    assert not twice


def test_topics_load_within_a_second_or_so() -> None:
    begun = time.process_time()
    load_topics()
    assert time.process_time() - begun < 2.0  # about 0.5 s alone; this machine may be busy
