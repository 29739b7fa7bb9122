"""policy.md: what its marks mean, every mistake named with its line, and written as it is read."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.clauses import Policy, Section, with_ids
from knowledge.importers import PolicyFormatError, parse_policy_md, to_policy_md
from knowledge.importers.assemble import assemble
from knowledge.importers.blocks import Block, Break, Heading, Item, Paragraph
from knowledge.importers.inline import tidy

FRONT = "---\ntitle: Dogs in School\nversion: '2.10'\nwording: restated\n---\n"
BODY_AT = 6
"""The line on which the body begins."""


def parse(body: str) -> Policy:
    return parse_policy_md(FRONT + textwrap.dedent(body), "elm-grove")


def mistakes(text: str) -> list[tuple[int, str]]:
    with pytest.raises(PolicyFormatError) as refusal:
        parse_policy_md(text, "elm-grove")
    return refusal.value.mistakes


def body_mistakes(body: str) -> list[tuple[int, str]]:
    return [(line - BODY_AT + 1, message) for line, message in mistakes(FRONT + textwrap.dedent(body))]


def test_front_matter_is_text_as_written() -> None:
    policy = parse("Dogs stay outside.")
    assert (policy.school, policy.title) == ("elm-grove", "Dogs in School")
    assert (policy.version, policy.wording) == ("2.10", "restated")


def test_sections_keep_number_title_and_level() -> None:
    policy = parse(
        """\
        Before any heading.
        # Aims
        One.
        # 2. Which dogs
        Two.
        ## 4.1 Assistance dogs
        Three.
        # Appendix A. Request form {form}
        - Breed
        """
    )
    assert policy.sections == (
        Section(title="Dogs in School"),
        Section(title="Aims"),
        Section(title="Which dogs", number="2"),
        Section(title="Assistance dogs", number="4.1", level=2),
        Section(title="Request form", number="Appendix A", form=True),
    )


def test_an_item_is_shown_with_every_lead_in_above_it() -> None:
    policy = parse(
        """\
        A rule of its own.

        Owners:

        - keep the dog on a lead
        - stay away from:
          - the kitchen
          - the nursery
        - clean up

        Another rule.
        """
    )
    seen = [(clause.depth, clause.is_lead_in, clause.shown) for clause in policy.clauses]
    assert seen == [
        (0, False, "A rule of its own."),
        (0, True, "Owners:"),
        (1, False, "Owners: keep the dog on a lead"),
        (1, True, "Owners: stay away from:"),
        (2, False, "Owners: stay away from: the kitchen"),
        (2, False, "Owners: stay away from: the nursery"),
        (1, False, "Owners: clean up"),
        (0, False, "Another rule."),
    ]


def test_a_comment_parts_a_rule_from_the_list_after_it() -> None:
    policy = parse(
        "Dogs are washed.\n\n<!-- -->\n\n- Cats are not.\n\nCats:\n\n- purr\n\n<!-- -->\n\n- Fish swim.\n"
    )
    assert [(clause.lead_in, clause.is_lead_in) for clause in policy.clauses] == [
        ("", False),
        ("", False),
        ("", True),
        ("Cats:", False),
        ("", False),
    ]


def test_in_a_form_items_are_fields_and_sentences_are_not() -> None:
    policy = parse(
        """\
        # Request form {form}
        Hand this in a week before.

        - Owner
          - Name
        - Breed

        # Afterwards
        - An ordinary item
        """
    )
    assert [(clause.form_field, clause.lead_in) for clause in policy.clauses] == [
        (False, ""),
        (True, ""),
        (True, "Owner"),
        (True, ""),
        (False, ""),
    ]


def test_a_key_is_no_part_of_the_text_or_the_id() -> None:
    with_key, without = (
        parse("Dogs are washed. {#washed-dogs}").clauses[0],
        parse("Dogs are washed.").clauses[0],
    )
    assert (with_key.key, with_key.text) == ("washed-dogs", "Dogs are washed.")
    assert with_key.id == without.id


def test_a_key_stays_with_the_item_that_runs_over_two_lines() -> None:
    policy = parse("- Dogs are\n  washed. {#washed}\n  - daily {#daily}\n")
    assert [(clause.key, clause.text) for clause in policy.clauses] == [
        ("washed", "Dogs are washed."),
        ("daily", "daily"),
    ]


def test_a_numbered_paragraph_keeps_its_number_outside_the_text() -> None:
    policy = parse("# 4. Dogs\n\n4.2.1 Dogs are washed.\n\n4\\.3 litres are enough.\n")
    assert [(clause.number, clause.text) for clause in policy.clauses] == [
        ("4.2.1", "Dogs are washed."),
        ("", "4.3 litres are enough."),
    ]
    assert policy.cite(policy.clauses[0]).endswith("section 4 Dogs, paragraph 4.2.1")


def test_marks_inside_a_line_go_and_real_addresses_stay() -> None:
    policy = parse(
        "See *the* **guide** at [the kennel](https://kennel.example), [here](#here) or <mailto:a@b.example>."
    )
    assert (
        policy.clauses[0].text
        == "See the guide at the kennel (https://kennel.example), here or mailto:a@b.example."
    )


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("Dogs are washed.\n", 1, "begins with a line `---`"),
        ("---\ntitle: Dogs\n", 1, "never closed"),
        ("---\ntitle: Dogs\nwording: restated\n---\nText.\n", 1, "`version` is missing"),
        ("---\ntitle: Dogs\nversion: 1\nwording: mine\n---\nText.\n", 4, "not `mine`"),
        ("---\ntitle:\nversion: 1\nwording: restated\n---\nText.\n", 2, "`title` is empty"),
        ("---\ntitle: A\nversion: 1\nowner: me\nwording: restated\n---\nText.\n", 4, "unknown name `owner`"),
        ("---\ntitle: A\ntitle: B\nversion: 1\nwording: restated\n---\nText.\n", 3, "stands twice"),
        ("---\ntitle: A: B\nversion: 1\nwording: restated\n---\nText.\n", 2, "in quotes"),
        ("---\ntitle: [A]\nversion: 1\nwording: restated\n---\nText.\n", 2, "one line of text"),
        ("---\nDogs\n---\nText.\n", 2, "`name: value`"),
    ],
)
def test_a_mistake_in_the_front_matter_names_its_line(text: str, line: int, says: str) -> None:
    assert any(at == line and says in message for at, message in mistakes(text)), mistakes(text)


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("", 1, "there is no clause"),
        ("One. {#wash}\n\nTwo. {#wash}\n", 3, "already on line 6"),
        ("One. {#Wash}\n", 1, "lower-case"),
        ("One {#wash} two.\n", 1, "at the end"),
        ("One.\n\n{#wash}\n", 3, "stands alone"),
        ("# Dogs {#dogs}\nOne.\n", 1, "not to a heading"),
        ("#\nOne.\n", 1, "no title"),
        ("One.\n\n| a | b |\n|---|---|\n| c | d |\n", 5, "tables are not read"),
        ("One.\n\n<div>Two.</div>\n", 3, "HTML is not read"),
        ("One.\n\n    Two.\n", 3, "code is not read"),
    ],
)
def test_a_mistake_in_the_body_names_its_line(body: str, line: int, says: str) -> None:
    assert any(at == line and says in message for at, message in body_mistakes(body)), body_mistakes(body)


def test_all_mistakes_come_at_once_in_the_order_of_their_lines() -> None:
    found = mistakes("---\nwording: mine\nowner: me\n---\nOne. {#a}\n\nTwo. {#a}\n")
    assert [line for line, _ in found] == [1, 1, 2, 3, 7]
    with pytest.raises(PolicyFormatError, match=r"line 7: the key `\{#a\}` is already on line 5"):
        parse_policy_md("---\nwording: mine\nowner: me\n---\nOne. {#a}\n\nTwo. {#a}\n", "elm-grove")


def test_line_endings_and_a_byte_order_mark_change_nothing() -> None:
    text = FRONT + "# Dogs\n\nDogs:\n\n- are washed {#washed}\n"
    assert parse_policy_md("\ufeff" + text.replace("\n", "\r\n"), "x") == parse_policy_md(text, "x")


MARKS = st.sampled_from(r"*_<>[]#{}\+-~`|&=:") | st.sampled_from(
    [
        "---",
        "&amp;",
        "{#key}",
        "{form}",
        "<!-- -->",
        "http://x.example",
        "](",
        "1. ",
        "2) ",
        "4.1 ",
        "Appendix A. ",
    ]
)
PROSE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=12)
SHORT = st.lists(MARKS | PROSE, min_size=1, max_size=8).map("".join).map(tidy).filter(bool)
LONG = st.integers(100, 900).map(lambda words: " ".join(["word"] * words))
TEXTS = SHORT | SHORT | SHORT | LONG
NUMBERS = st.sampled_from(["", "", "1", "12", "4.1", "Appendix B", "Section 3"])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy that readers can produce: sections of paragraphs, lists and forms."""
    title = draw(TEXTS)
    blocks: list[Block] = []
    form = False
    for position in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(["heading", "paragraph", "item", "item", "item", "break"]))
        text = draw(TEXTS)
        key = draw(st.sampled_from(["", f"key-{position}"]))
        match kind:
            case "heading":
                form = draw(st.booleans())
                number = draw(NUMBERS)
                level = draw(st.integers(1, 3))
                blocks.append(Heading(Section(title=text, number=number, level=level, form=form), 1))
            case "paragraph":
                introduces = draw(st.booleans()) if not form else text.endswith(":")
                number = draw(st.sampled_from(["", "4.2.1"]))
                blocks.append(Paragraph(text, 1, number, key, introduces=introduces, whole=True))
            case "item":
                deepest = blocks[-1].depth + 1 if blocks and isinstance(blocks[-1], Item) else 1
                blocks.append(Item(text, 1, draw(st.integers(1, deepest)), key))
            case "break":
                blocks.append(Break())
    blocks.append(Paragraph("The end.", 1, whole=True))
    wording = draw(st.sampled_from(["restated", "verbatim"]))
    clauses = with_ids(assemble(blocks, title))
    return Policy(school="x", title=title, version=draw(TEXTS), wording=wording, clauses=clauses)


@given(policies())
def test_what_is_written_reads_back_the_same(policy: Policy) -> None:
    assert parse_policy_md(to_policy_md(policy), "x") == policy


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize("number", ["", "4.1", "2", "Appendix B"])
@pytest.mark.parametrize(
    "title", ["#", "Dogs #", "{form}", "1.", "4.1 litres", "- y", "\u2013 y", "&amp;", "a\\"]
)
def test_a_title_that_looks_like_a_mark_reads_back(title: str, number: str, form: bool) -> None:
    section = Section(title=title, number=number, form=form)
    clauses = with_ids(assemble([Heading(section, 1), Paragraph("The end.", 1)], "Dogs"))
    policy = Policy(school="x", title="Dogs", version="1", wording="restated", clauses=clauses)
    assert parse_policy_md(to_policy_md(policy), "x").sections == (section,)
