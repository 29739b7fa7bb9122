"""Lists and headings: what an importer makes of the shape of a document."""

import pytest

from tests.knowledge.previews import read, sections, shown, texts
from tests.knowledge.samples import OWN, imported

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
