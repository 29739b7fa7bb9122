"""What a document becomes: clauses, lead-ins, sections, forms; and what is refused or left out."""

import re
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.clauses import Draft, with_ids
from knowledge.importers import NotAPolicy, Preview, import_document, parse_policy_md, to_policy_md
from tests.knowledge.samples import ORIGINALS, OWN, imported

Shown = tuple[int, str, str]
"""Depth, lead-in, text."""


def read(text: str, name: str = "policy.txt") -> Preview:
    return import_document(textwrap.dedent(text).encode(), name)


def shown(preview: Preview) -> list[Shown]:
    return [(draft.depth, draft.lead_in, draft.text) for draft in preview.drafts]


def texts(preview: Preview) -> list[str]:
    return [draft.text for draft in preview.drafts]


def sections(preview: Preview) -> list[str]:
    """`## 4.1 Title {form}`, each once, as policy.md writes them."""
    found = dict.fromkeys(draft.section for draft in preview.drafts)
    return [f"{'#' * s.level} {s.heading}{' {form}' if s.form else ''}" for s in found]


def under(preview: Preview, title: str) -> list[Draft]:
    return [draft for draft in preview.drafts if draft.section.title == title]


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....word/document.xml", "a Word document"),
        (b"PK\x03\x04....xl/workbook.xml", "an Excel workbook"),
        (b"PK\x03\x04....notes", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word"),
        (b"{\\rtf1 Dogs}", "RTF"),
        (b"\x89PNG\r\n", "picture"),
        (b"<!DOCTYPE html><p>Dogs stay outside.</p>", "web page"),
        (b"Dogs\0stay outside.", "binary"),
        (b"Dogs \x81\x8d stay outside.", "cannot be read"),
        (b"\xef\xbb\xbfDogs \xff.", "cannot be read"),
        (b"12 34\n---\n5", "No sentence"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_in_plain_words(data: bytes, says: str) -> None:
    with pytest.raises(NotAPolicy, match=says) as refusal:
        import_document(data, "policy.txt")
    assert re.search(r"Save the policy as plain text|Choose the file", refusal.value.message)


def test_size_is_refused_before_anything_is_read() -> None:
    with pytest.raises(NotAPolicy, match=r"50\.0 MB; a policy is at most 5 MB"):
        import_document(b"\0" * (50 * 1024 * 1024), "policy.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_line_endings_change_nothing(encoding: str) -> None:
    text = "Dog Policy\n\nScope\n\nA pupil\u2019s dog stays outside \u2013 always.\n"
    expected = [(0, "", "A pupil\u2019s dog stays outside \u2013 always.")]
    for written in (text, text.replace("\n", "\r\n"), text.replace("\n", "\r")):
        assert shown(import_document(written.encode(encoding), "policy.txt")) == expected


# ---------------------------------------------------------------- cover


def test_cover_lines_are_recognised_and_dates_survive() -> None:
    preview = read(
        """\
        Elm Grove Primary School

        Better together

        Policy for
        Dogs in School

        Version: 2.1

        Approved by governors: 3 March 2026

        Date for next review: Spring 2028

        1. Scope

        All dogs are covered.
        """
    )
    assert (preview.title, preview.school_name) == ("Policy for Dogs in School", "Elm Grove Primary School")
    assert preview.version == "2.1"
    assert preview.adopted_line == "Approved by governors: 3 March 2026"
    assert preview.review_line == "Date for next review: Spring 2028"
    assert [(line.line, line.reason) for line in preview.dropped] == [
        (1, "name of the school"),
        (3, "cover page"),
        (5, "title of the document"),
    ]
    assert texts(preview)[:3] == ["Version: 2.1", preview.adopted_line, preview.review_line]
    assert preview.drafts[0].section.title == preview.title


def test_without_a_version_the_date_of_adoption_stands_for_it() -> None:
    assert (
        read("Dog Policy\n\nAdopted: May 2025\n\nReview: May 2027\n\nDogs stay out.\n").version == "May 2025"
    )
    assert (
        read("Dog Policy\n\nLast review: June 2025\n\nNext review: May 2026\n\nHi.\n").review_line[:4]
        == "Next"
    )
    assert read("Dog Policy\n\nLast review: June 2025\n\nDogs.\n").review_line == ""
    assert read("Dog Policy\n\nLast review: June 2025\n\nDogs stay out of it.\n").version == "June 2025"


def test_the_school_is_found_in_the_text_when_the_cover_does_not_name_it() -> None:
    preview = read("Dog Policy\n\nAims\n\nThe Elm Grove Academy welcomes dogs. The trust does not.\n")
    assert preview.school_name == "Elm Grove Academy"


def test_the_file_name_stands_in_for_a_title() -> None:
    assert read("Dogs stay outside, always.", "dogs-in_school.txt").title == "dogs in school"


# ---------------------------------------------------------------- pages


def test_a_contents_page_is_dropped_and_names_the_headings() -> None:
    preview = read(
        """\
        Dog Policy

        Contents

        Aims

        Dogs of pupils and of their families at home

        Appendices

        - A. [Request form](#)

        Aims

        We like dogs.

        Dogs of a pupil and of the family at home

        Those we never meet.

        Facebook

        They stay there.

        Request form

        Breed\t
        Date\t
        """
    )
    assert sections(preview) == [
        "# Aims",
        "# Dogs of a pupil and of the family at home",
        "## Facebook",
        "# Appendix A Request form {form}",
    ]
    assert [line.line for line in preview.dropped if line.reason == "contents page"] == [3, 5, 7, 9, 11]


def test_a_contents_page_without_a_title_is_told_by_its_page_numbers() -> None:
    preview = read("Dog Policy\n\nAims ..... 1\nScope ..... 2\nRules ..... 2\n\nAims\n\nWe like dogs.\n")
    assert sections(preview) == ["# Aims"]
    assert {line.reason for line in preview.dropped} == {"title of the document", "contents page"}


def test_page_furniture_goes_and_the_sentence_it_cut_is_whole() -> None:
    page = "Dogs are washed by the{}owner.\n\nCats are{}not.\n\nFish swim.\n"
    cut = ["\n\nElm Grove\nPage 1 of 3\n\n", "\n\nElm Grove\nPage 2 of 3\n\n"]
    preview = read("Dog Policy\n\nScope\n\n" + page.format(*cut) + "\nElm Grove\nPage 3 of 3\n")
    assert texts(preview) == ["Dogs are washed by the owner.", "Cats are not.", "Fish swim."]
    reasons = Counter(line.reason for line in preview.dropped)
    assert reasons == {"title of the document": 1, "running header or footer": 3, "page number": 3}


def test_a_footer_printed_twice_beside_page_numbers_goes() -> None:
    preview = read(
        "Dog Policy\n\nDogs are\n1\nElm Grove rules\nwashed.\n\nCats are\n2\nElm Grove rules\nnot.\n"
    )
    assert texts(preview) == ["Dogs are washed.", "Cats are not."]


def test_a_form_feed_shows_where_a_page_begins() -> None:
    preview = read(
        "Dog Policy\n\nDogs are\n\fElm Grove rules\nwashed.\n\nCats are\n\fElm Grove rules\nnot.\n"
    )
    assert texts(preview) == ["Dogs are washed.", "Cats are not."]


def test_the_title_that_runs_on_top_of_pages_stays_where_it_is_first_printed() -> None:
    preview = read(
        "Dog Policy\n\nDogs are\n\nDog Policy\n\nwashed.\n\nCats are\n\nDog Policy\n\nnot.\n", "x.txt"
    )
    assert (preview.title, texts(preview)) == ("Dog Policy", ["Dogs are washed.", "Cats are not."])


def test_a_number_alone_is_a_page_number_only_where_pages_are_counted() -> None:
    counted = read("Dog Policy\n\nDogs are washed.\n\n1\n\nCats are not washed.\n\n2\n")
    assert texts(counted) == ["Dogs are washed.", "Cats are not washed."]
    assert "999" in texts(read("Dog Policy\n\nThe number to ring is:\n\n- 999\n"))


def test_a_label_that_repeats_in_the_text_is_no_running_header() -> None:
    rules = "\n\n".join(f"Rule {n} holds.\n\nExample\n\nDog {n} waits." for n in range(4))
    assert [draft.section.title for draft in read(f"Dog Policy\n\n{rules}\n").drafts].count("Example") > 2


# ---------------------------------------------------------------- running text


def test_a_gap_in_mid_sentence_is_closed_and_other_gaps_stay() -> None:
    preview = read(
        """\
        Dog Policy

        Scope

        Dogs may be asked to wait outside

        until their owner comes back, as the

        Headteacher decides. Owners agree.

        An unfinished line about the dogs of the neighbourhood and what becomes of them

        Another line is finished.
        """
    )
    assert len(texts(preview)) == 3
    assert texts(preview)[0].startswith(
        "Dogs may be asked to wait outside until their owner comes back, as the Head"
    )


def test_lines_broken_at_the_margin_are_joined_and_hyphens_judged() -> None:
    preview = imported(next(path for path in OWN if path.name == "visitors.txt"))
    text = " ".join(texts(preview))
    assert "the safeguarding policy and the self-evaluation form." in text
    assert "about the school by themselves." in text
    assert "once a year by the Business Manager." in text


def test_a_full_line_goes_on_and_a_short_one_was_ended_by_its_author() -> None:
    full = [
        "Dogs that come into the building wait in the hall of the school beside",
        "Rex, who keeps them company, and they are fetched from there at three by",
        "Owners who have been told so, or by a friend of theirs whom we know well",
    ]
    preview = read("\n".join(["Dog Policy", "", *full, "since May.", "Cats wait outside.", *full, "Mostly."]))
    assert texts(preview)[-2:] == ["Cats wait outside.", " ".join([*full, "Mostly."])]


def test_a_title_stays_apart_from_text_that_begins_in_small_letters() -> None:
    preview = read("Dog Policy\n\nAims\n\ndogs and cats and fish are washed by their owners.\n")
    assert sections(preview) == ["# Aims"]


def test_facts_side_by_side_on_a_line_are_clauses_of_their_own() -> None:
    preview = read("Dog Policy\n\nApproved: May 2025      Review: May 2027\n\nDogs wait.\n")
    assert texts(preview) == ["Approved: May 2025", "Review: May 2027", "Dogs wait."]


def test_the_unfinished_line_after_a_colon_is_one_clause_with_it() -> None:
    preview = read("Dog Policy\n\nAims\n\nRead this with:\n\nCat Policy; Fish Policy\n\nThey agree.\n")
    assert texts(preview) == ["Read this with: Cat Policy; Fish Policy", "They agree."]


def test_an_indented_line_under_a_bullet_is_part_of_it() -> None:
    preview = read("Dog Policy\n\n- Dogs are washed.\n Owners dry them.\n\n Cats are not.\n")
    assert texts(preview) == ["Dogs are washed. Owners dry them.", "Cats are not."]


def test_a_long_paragraph_is_split_between_sentences_that_stand_alone() -> None:
    preview = read(
        """\
        Dog Policy

        Scope

        Every dog that comes into the building is known to the office, e.g. by a tag from St. Mary's vet. \
        It wears the tag. However, guide dogs need none. Owners ring Mr. Bark before they come in. \
        (They may also write.) Visitors who do not know the number of the office ask at the gate for it.
        """
    )
    assert texts(preview) == [
        "Every dog that comes into the building is known to the office, e.g. by a tag from St. Mary's vet."
        " It wears the tag. However, guide dogs need none.",
        "Owners ring Mr. Bark before they come in. (They may also write.)",
        "Visitors who do not know the number of the office ask at the gate for it.",
    ]


def test_a_short_paragraph_stays_whole() -> None:
    assert texts(read("Dog Policy\n\nDogs are washed. Owners dry them.\n")) == [
        "Dogs are washed. Owners dry them."
    ]


def test_marks_go_and_addresses_stay() -> None:
    preview = read(
        "Dog Policy\n\nSee <u>all</u> **the** [rules](#), [kennel](https://kennel.example) and <https://dogs.example>.\n"
    )
    assert texts(preview) == ["See all the rules, kennel (https://kennel.example) and https://dogs.example."]


# ---------------------------------------------------------------- lists


def test_the_last_sentence_before_a_list_is_its_lead_in() -> None:
    preview = read("Dog Policy\n\nDogs are loved. Owners must:\n\n- pay\n\n- clean up\n\nCats are free.\n")
    assert shown(preview) == [
        (0, "", "Dogs are loved."),
        (0, "", "Owners must:"),
        (1, "Owners must:", "pay"),
        (1, "Owners must:", "clean up"),
        (0, "", "Cats are free."),
    ]
    assert [draft.is_lead_in for draft in preview.drafts] == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("before", "leads"),
    [
        ("This policy", True),
        ("Owners do as follows.", True),
        ("These are examples. (There are more):", True),
        ("Dogs are loved by everybody here.", False),
    ],
)
def test_a_fragment_introduces_a_list_and_a_finished_rule_does_not(before: str, leads: bool) -> None:
    first, item = read(f"Dog Policy\n\n{before}\n\n- covers dogs\n").drafts
    assert (first.is_lead_in, item.lead_in) == (leads, before if leads else "")


def test_double_markers_and_wrapped_bullets_are_one_clause_each() -> None:
    preview = read(
        """\
        Dog Policy

        - a. Dogs wait
         outside. Always.
        - \u00b7 Cats do not.
         - i. Kittens neither.

        Owners

        \u2022 Fish
         swim.
        \u2022 1. Birds fly.

        All of them eat.

        \uf0b7 Twice a day.
        """
    )
    assert shown(preview) == [
        (1, "", "Dogs wait outside. Always."),
        (1, "", "Cats do not."),
        (2, "Cats do not.", "Kittens neither."),
        (1, "", "Fish swim."),
        (1, "", "Birds fly."),
        (0, "", "All of them eat."),
        (1, "", "Twice a day."),
    ]


def test_letters_and_romans_nest_without_any_indent() -> None:
    preview = read(
        """\
        Dog Policy

        Owners must:

        (g) pay;
        (h) clean up, that is:
        (i) the yard;
        (ii) the hall;
        (i) wave.
        """
    )
    # "(i)" after "(h)" is a letter: nothing but its text could tell otherwise.
    assert [draft.depth for draft in preview.drafts] == [0, 1, 1, 1, 2, 2]
    nested = read("Dog Policy\n\nOwners must:\n\na) pay:\n(i) in cash;\n(ii) at once;\nb) go.\n")
    assert [(depth, text) for depth, _, text in shown(nested)][1:] == [
        (1, "pay:"),
        (2, "in cash;"),
        (2, "at once;"),
        (1, "go."),
    ]
    assert nested.drafts[2].lead_in == "Owners must: pay:"


def test_a_list_goes_on_after_a_page_break() -> None:
    preview = read(
        """\
        Dog Policy

        - The rules on dogs go with other rules:
         - Cats
         - Fish

        - Birds

        Owners must:

        - wash their dogs, which are

        - never dirty;

        - pay.
        """
    )
    assert [(depth, text) for depth, _, text in shown(preview)] == [
        (1, "The rules on dogs go with other rules:"),
        (2, "Cats"),
        (2, "Fish"),
        (2, "Birds"),
        (0, "Owners must:"),
        (1, "wash their dogs, which are never dirty;"),
        (1, "pay."),
    ]


def test_rules_set_as_a_list_without_lead_in_have_none() -> None:
    preview = read("Dog Policy\n\n1. Rules\n\n- Dogs are washed.\n- Cats are not.\n")
    assert shown(preview) == [(1, "", "Dogs are washed."), (1, "", "Cats are not.")]


def test_a_bullet_on_a_line_of_its_own_belongs_to_the_next() -> None:
    preview = read("Dog Policy\n\nOwners must:\n\u2022\npay\n\u2022\nclean up\n")
    assert texts(preview) == ["Owners must:", "pay", "clean up"]


# ---------------------------------------------------------------- headings


def test_headings_are_told_by_number_capitals_bold_or_shape() -> None:
    preview = read(
        """\
        Dog Policy

        Why dogs

        Because they are kind.

        1. Which dogs

        Those we know.

        1.1 Small dogs

        Those under the table.

        Quiet dogs

        - sleep

        APPENDIX A

        Washing of dogs

        WATER

        It is warm.

        **Soap**

        mild and unscented

        PRICES

        one pound

        Appendix B \u2013 Who asks?

        Owners do, in writing, and never by telephone.
        """
    )
    assert sections(preview) == [
        "# Why dogs",
        "# 1 Which dogs",
        "## 1.1 Small dogs",
        "## Quiet dogs",
        "## Appendix A WATER",
        "## Appendix A Soap",
        "## Appendix A PRICES",
        "# Appendix B Who asks?",
    ]


def test_a_heading_over_other_headings_is_recorded_and_not_lost() -> None:
    preview = read(
        "Dog Policy\n\n1. Dogs\n\n1.1 Small dogs\n\nThey bark.\n\nAppendix 1: loan of dogs\n\nThey go home.\n"
    )
    assert sections(preview) == ["## 1.1 Small dogs", "# Appendix 1 loan of dogs"]
    assert [(line.line, line.text) for line in preview.dropped][1:] == [(3, "1 Dogs")]


@pytest.mark.parametrize(
    "line",
    [
        "Owners must wash their dogs",
        "This policy is about dogs",
        "Dogs, cats and fish; birds",
        "Telephone: 01234 567890",
        "Please wash the dog",
        "Dogs and their owners live in",
    ],
)
def test_a_short_line_that_speaks_is_no_heading(line: str) -> None:
    preview = read(f"Dog Policy\n\nAims\n\nWe like dogs.\n\n{line}\n\nOwners agree with all of this.\n")
    assert sections(preview) == ["# Aims"]


def test_a_lead_in_is_no_heading_and_its_first_line_neither() -> None:
    preview = read(
        "Dog Policy\n\nAims\n\nOwners should:\n\n- pay\n\nKinds of dog:\n\nLabrador\n\nPoodles are washed.\n"
    )
    assert sections(preview) == ["# Aims"]


def test_a_numbered_list_is_no_row_of_headings() -> None:
    preview = read(
        "Dog Policy\n\nAims\n\nIn this order:\n\n1. Dogs\n2. Cats\n3. Fish\n\nThen all of them sleep.\n"
    )
    assert [draft.depth for draft in preview.drafts] == [0, 1, 1, 1, 0]


def test_numbered_paragraphs_keep_their_numbers_beside_the_text() -> None:
    preview = imported(next(path for path in OWN if path.name == "mobile-phones.txt"))
    numbers = dict.fromkeys((draft.section.heading, draft.number) for draft in preview.drafts if draft.number)
    assert list(numbers) == [
        ("1 Purpose", "1.1"),
        ("1 Purpose", "1.2"),
        ("2 Scope", "2.1"),
        ("3.1 In lessons", "3.1.1"),
        ("3.1 In lessons", "3.1.2"),
        ("3.2 Elsewhere", "3.2.1"),
        ("4 When things go wrong", "4.1"),
    ]


def test_without_headings_there_is_one_section_and_a_warning() -> None:
    preview = read("Dog Policy\n\nDogs are washed.\n\nCats are not washed.\n")
    assert sections(preview) == ["# Dog Policy"]
    assert [warning.split()[:2] for warning in preview.warnings] == [["No", "headings"], ["No", "version"]]


def test_a_clause_that_must_be_several_rules_is_pointed_out() -> None:
    preview = read("Dog Policy\n\nAims\n\n" + "dogs and cats and " * 30 + "fish.\n")
    assert any("may be several rules" in warning for warning in preview.warnings)


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
