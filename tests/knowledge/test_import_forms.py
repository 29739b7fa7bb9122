"""Tables, forms and Markdown, and what is so of every document that is read."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.clauses import with_ids
from knowledge.importers import NotAPolicy, import_document, parse_policy_md, to_policy_md
from tests.knowledge.previews import read, sections, shown, texts, under
from tests.knowledge.samples import ORIGINALS, OWN, imported

# ---------------------------------------------------------------- tables and forms


def test_tables_become_clauses_and_no_cell_is_cut() -> None:
    preview = imported(next(path for path in OWN if path.name == "trips.txt"))
    assert [(d.lead_in, d.text) for d in under(preview, "Do and don't") if d.depth] == [
        ("Do:", "Carry the list of pupils with you"),
        ("Do:", "Count pupils at every stop"),
        ("Do:", "Ring the school if you will be late"),
        ("Don't:", "Leave the list on the coach"),
        ("Don't:", "Rely on pupils to count each other"),
        ("Don't:", "Post about the trip from a personal account"),
    ]
    assert [d.text for d in under(preview, "Who decides")] == [
        "Class teacher: Which pupils need an adult beside them",
        "Headteacher: Whether the trip takes place, and whether it may leave the county",
    ]
    assert [d.text for d in under(preview, "Dates")] == ["Day trips two weeks", "Residential trips one term"]


def test_a_table_of_labels_over_values_and_one_with_a_heading_row() -> None:
    labels, headed = "Written by:\tDate:\nOffice\tMay 2026", "No\tDate\tWhat\n1\tMay\t\n2\tJune\tNew"
    preview = read(f"Dog Policy\n\n{labels}\n\nStatus\n\n{headed}\n")
    assert shown(preview) == [
        (0, "", "Written by: Office"),
        (0, "", "Date: May 2026"),
        (0, "", "No, Date, What:"),
        (1, "No, Date, What:", "1 May"),
        (1, "No, Date, What:", "2 June New"),
    ]


def test_a_form_is_a_section_whose_items_are_fields() -> None:
    preview = imported(next(path for path in OWN if path.name == "trips.txt"))
    form = under(preview, "Trip request form")
    assert [(draft.form_field, draft.depth, draft.text) for draft in form] == [
        (False, 0, "This form is needed for every trip. It is kept for three years."),
        (True, 1, "Destination"),
        (True, 1, "Date"),
        (True, 1, "Who is coming?"),
        (True, 2, "One class"),
        (True, 2, "The whole year"),
        (True, 2, "Parents"),
        (True, 1, "Headteacher I agree to this trip."),
        (True, 2, "Name"),
        (True, 2, "Signature"),
    ]
    assert all(draft.section.form for draft in form)
    assert not any(draft.section.form for draft in under(preview, "After the trip"))


def test_blanks_to_write_on_are_fields_in_a_form_and_dropped_elsewhere() -> None:
    preview = imported(next(path for path in OWN if path.name == "mobile-phones.txt"))
    assert [d.text for d in under(preview, "Loan form") if d.form_field] == [
        "Name",
        "Reason for the loan",
        "Signed",
        "Date",
    ]
    signed = read("Dog Policy\n\nAims\n\nWe like dogs.\n\nSigned: ________\n")
    assert texts(signed) == ["We like dogs."]
    assert signed.dropped[-1].reason == "blank to fill in"


def test_rows_of_blanks_are_a_form_whatever_it_is_called() -> None:
    preview = read("Dog Policy\n\nLost dogs\n\nBreed\t\nAge\t\nOwner\t\n\nAfter it\n\nWe ring.\n")
    assert sections(preview) == ["# Lost dogs {form}", "# After it"]


def test_sentences_beside_a_field_are_no_field_of_their_own() -> None:
    cell = "Ask the head first. The head decides."
    preview = read(f"Dog Policy\n\nDog form\n\nBreed\t\nApproval\t{cell}\nAge\t\n")
    assert [(d.form_field, d.text) for d in preview.drafts] == [
        (True, "Breed"),
        (True, "Approval"),
        (False, cell),
        (True, "Age"),
    ]


def test_boxes_to_tick_without_a_question_are_fields_on_their_own_level() -> None:
    preview = read("Dog Policy\n\nDog form\n\n\u2610 Dog\t\u2610 Cat\n")
    assert [(d.depth, d.text) for d in preview.drafts] == [(1, "Dog"), (1, "Cat")]


def test_a_title_inside_a_form_is_a_label_of_that_form() -> None:
    fields, approval = "Breed\t\nAge\t", "Approval\n\nHead approves this.\n\nHead\tName\t\n\tDate\t"
    preview = read(f"Dog Policy\n\nDog form\n\n{fields}\n\n{approval}\n")
    assert sections(preview) == ["# Dog form {form}"]
    assert [(d.form_field, d.text) for d in preview.drafts] == [
        (True, "Breed"),
        (True, "Age"),
        (True, "Approval"),
        (False, "Head approves this."),
        (True, "Head"),
        (True, "Name"),
        (True, "Date"),
    ]


# ---------------------------------------------------------------- Markdown


def test_a_markdown_document_is_read() -> None:
    preview = imported(next(path for path in OWN if path.suffix == ".md"))
    assert (preview.title, preview.version) == ("Using Artificial Intelligence", "Summer 2026")
    assert sections(preview) == [
        "# What is this policy about?",
        "## Who it is for",
        "# May I use it?",
        "## 2.1 Things to avoid",
        "## Form for a new tool {form}",
    ]
    assert texts(preview)[0].endswith("See https://example.org/ai and the guide (office@example.org).")
    assert [(d.depth, d.lead_in, d.text) for d in under(preview, "May I use it?")][1:] == [
        (0, "", "You may:"),
        (1, "You may:", "draft a letter,"),
        (2, "You may: draft a letter,", "once it has been read by a colleague, and"),
        (2, "You may: draft a letter,", "once names are out of it;"),
        (1, "You may:", "make a quiz. A quiz is checked before pupils see it."),
    ]
    assert ("Never:", "Type in a pupil's name or number") in {(d.lead_in, d.text) for d in preview.drafts}
    assert "Ask when in doubt." in " ".join(texts(preview))
    assert [d.text for d in preview.drafts if d.form_field] == ["Tool", "What it is for", "Free", "Paid"]
    assert [line.reason for line in preview.dropped] == ["contents page"] * 3


def test_the_only_top_heading_is_the_title_and_the_rest_move_up() -> None:
    preview = read(
        "# Dog Policy\n\nMay 2026\n\n## Aims\n\nWe like dogs.\n\n### 1.1 Pups\n\nThey too.\n", "x.md"
    )
    assert preview.title == "Dog Policy"
    assert sections(preview) == ["# Dog Policy", "# Aims", "## 1.1 Pups"]
    assert [(line.line, line.reason) for line in preview.dropped] == [(1, "title of the document")]


def test_markdown_is_known_by_its_headings_in_a_text_file() -> None:
    assert sections(read("# Aims\n\nWe like dogs.\n\n# Rules\n\nDogs wait.\n")) == ["# Aims", "# Rules"]


def test_double_markers_and_boxes_in_markdown_are_no_text_and_no_depth() -> None:
    preview = read(
        "# Dog Policy\n\n- 1. Dogs wait.\n- 2. Cats do not.\n\n# Form\n\n|<input/> Dog|\u2610 Cat|\n|-|-|\n",
        "x.md",
    )
    assert [(d.depth, d.text) for d in preview.drafts] == [
        (1, "Dogs wait."),
        (1, "Cats do not."),
        (1, "Dog"),
        (1, "Cat"),
    ]


def test_bold_numbered_items_over_text_are_headings() -> None:
    preview = read("Dog Policy\n\n1. **Aims**\n\nWe like dogs.\n\n2. **Rules**\n\nDogs wait.\n", "x.md")
    assert sections(preview) == ["# 1 Aims", "# 2 Rules"]


# ---------------------------------------------------------------- of every document

DOCUMENTS = [*OWN, *ORIGINALS]
every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)


@every_document
def test_importing_again_gives_the_same_ids(path: Path) -> None:
    assert with_ids(imported(path).drafts) == with_ids(imported(path).drafts)


@every_document
def test_what_is_kept_reads_back_the_same(path: Path) -> None:
    preview = imported(path)
    policy = parse_policy_md(to_policy_md(preview), "elm-grove")
    assert policy.clauses == with_ids(preview.drafts)
    assert policy.wording == "verbatim"


@every_document
def test_no_clause_is_empty_or_a_heading_and_most_are_short(path: Path) -> None:
    preview = imported(path)
    titles = {draft.section.title.casefold() for draft in preview.drafts}
    assert all(text.strip() and text.casefold() not in titles for text in texts(preview))
    assert sum(len(text.split()) for text in texts(preview)) / len(preview.drafts) <= 40


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]{4,}", text.casefold()))


@every_document
def test_every_word_is_in_a_clause_a_heading_or_the_record_of_what_was_dropped(path: Path) -> None:
    source = re.sub(
        r"<[^>\s]*\s[^>]*>|\]\(#[^)]*\)|<!--.*?-->|\\A---.*?---", " ", path.read_text(), flags=re.DOTALL
    )
    source = re.sub(r"(\w)-\n(?=[a-z])", r"\1", source)
    preview = imported(path)
    kept = words(
        " ".join([*texts(preview), *(line.text for line in preview.dropped), preview.title, preview.version])
    )
    headings = words(" ".join(draft.section.heading for draft in preview.drafts))
    lost = {word for word in words(source) - kept if word not in headings and word not in kept}
    assert lost <= {
        "title",
        "version",
        "mailto",
        "write",
        "safe",
        "guarding",
        "themselves",
        "selves",
        "selfevaluation",
    }


@every_document
def test_an_edited_clause_changes_one_id_alone(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    before = with_ids(imported(path).drafts)
    once = {
        word for word, count in Counter(re.findall(r"[a-z]{6,}", source.casefold())).items() if count == 1
    }
    edited = 0
    for clause in before:
        word = next(
            (w for w in re.findall(r"(?<![\w/.-])[a-z]{6,}(?![\w/.-])", clause.text) if w in once), None
        )
        if word is None or clause.section.heading.casefold().count(word):
            continue
        changed = import_document(re.sub(rf"\b{word}\b", "vermilion", source).encode(), path.name)
        after = with_ids(changed.drafts)
        assert len(after) == len(before), word
        assert len({c.id for c in before} - {c.id for c in after}) == 1, word
        edited += 1
    assert edited >= 5


LINES = """
Contents|1. Aims|2.1 Dogs|Dogs are washed.|- item| - nested|(a) letter|a\tb|\tc\t|x:|Page 1 of 2|....|____
**Bold**|||APPENDIX A|Form|<input/>\tone|\f|3|# Heading|> quote|```|[x](http://y.example)|\u2022|o|i.
Elm School
"""
TABLE = ["| a | b |", "|---|---|"]
PIECES = st.sampled_from([*LINES.strip().replace("\n", "|").split("|"), *TABLE, "word " * 30])


@example(["1. Aims", "\tc\t", "<input/>\tone", "a\tb"], "a.txt")
@example(["#", "Contents", "Contents"], "a.md")
@given(st.lists(PIECES | st.text(max_size=20), max_size=25), st.sampled_from(["a.txt", "a.md"]))
def test_any_text_is_read_or_refused_and_reads_back(lines: list[str], name: str) -> None:
    try:
        preview = import_document("\n".join(lines).encode("utf-8", "replace"), name)
    except NotAPolicy:
        return
    policy = parse_policy_md(to_policy_md(preview), "elm-grove")
    assert policy.clauses == with_ids(preview.drafts)
