"""Words to concepts: what meets, what must not, and what a broken file is told."""

import pytest

from knowledge.concepts import ConceptMistakes, default_concepts, parse_concepts, stem

SMALL = """
parent: {said: "mum, dad, parent"}
grandparent: {is: parent, said: "nan, gran"}
friend: {said: "friend request, add me"}
remove: {said: "take _ down, delete"}
head: {said: "=head, head teacher"}
ignored: {said: "a, my, the, has, is"}
"""


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A mum's friend request", ("#parent", "#friend")),
        ("the mums", ("#parent",)),
        ("take the photos down", ("#remove", "photo")),
        ("My head teacher has a plan", ("#head", "plan")),
        ("heads", ("head",)),
        ("", ()),
    ],
)
def test_reads_phrases_endings_gaps_and_exact_words(text: str, tokens: tuple[str, ...]) -> None:
    assert parse_concepts(SMALL).read(text) == tokens


def test_longer_phrases_win() -> None:
    concepts = parse_concepts('a: {said: "board"}\nb: {said: "board of trustees"}\nignored: {said: "of"}')
    assert concepts.read("the board of trustees")[-1] == "#b"
    assert concepts.read("board") == ("#a",)


def test_one_phrase_may_say_two_things() -> None:
    concepts = parse_concepts('a: {said: "live story"}\nb: {said: "live story"}')
    assert set(concepts.read("live story")) == {"#a", "#b"}


def test_wider_concepts_come_in_by_widening() -> None:
    concepts = parse_concepts(SMALL)
    assert concepts.read("nan") == ("#grandparent",)
    assert concepts.widened(concepts.read("nan")) == {"#grandparent", "#parent"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("person", "personal"),
        ("report", "reporter"),
        ("us", "use"),
        ("manage", "manager"),
        ("community", "communicate"),
    ],
)
def test_stems_keep_different_words_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    "forms",
    [
        "post posts posted posting",
        "bully bullies bullied bullying",
        "share shares shared sharing",
        "tag tags tagged tagging",
        "family families",
        "policy policies",
    ],
)
def test_stems_bring_the_forms_of_a_word_together(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


def test_all_mistakes_of_a_file_come_at_once() -> None:
    with pytest.raises(ConceptMistakes) as caught:
        parse_concepts('a: {said: "x", kind: y}\nb: {is: nowhere, said: "z"}\nc: 3')
    told = "\n".join(caught.value.mistakes)
    assert "`a`" in told
    assert "`b` is said to be a kind of `nowhere`" in told
    assert "`c`" in told


def test_unreadable_yaml_names_the_line() -> None:
    with pytest.raises(ConceptMistakes, match=r"concepts\.yaml:2"):
        parse_concepts("a: {said: x}\nb: {said: [")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "one of my class's nans has popped up in my requests",
            "a pupil's grandparent sent a friend request",
        ),
        ("the HT", "the headteacher"),
        ("stick a pic on insta", "post a photo on Instagram"),
        ("the safeguarding lead", "the DSL"),
        ("someone dm'd me", "a message"),
        ("Facebook", "fb"),
    ],
)
def test_ways_of_saying_the_same_share_a_concept(one: str, other: str) -> None:
    concepts = default_concepts()
    mine, theirs = (concepts.widened(concepts.read(text)) for text in (one, other))
    assert {token for token in mine & theirs if token.startswith("#")}


def test_family_members_of_pupils_include_parents_and_staffs_own_do_not() -> None:
    concepts = default_concepts()
    assert "#parent" in concepts.widened(concepts.read("contact with pupils' family members"))
    assert "#parent" not in concepts.widened(concepts.read("staff and their family members"))
