"""A document becomes a policy, or is refused: its cover, its pages, its running text."""

import re
from collections import Counter

import pytest

from knowledge.importers import NotAPolicy, import_document
from tests.knowledge.previews import read, sections, shown, texts
from tests.knowledge.samples import OWN, imported

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
