"""The five policies as their schools published them: sections, sizes, and what their layout had broken.

The originals stay outside the repository; here are titles, counts and words, and no sentence of theirs.
"""

from collections import Counter

import pytest

from knowledge.clauses import Draft
from knowledge.importers import Preview
from tests.knowledge.samples import NO_ORIGINALS, ORIGINALS, imported

pytestmark = pytest.mark.skipif(not ORIGINALS, reason=NO_ORIGINALS)

SECTIONS = {
    "aet": [
        "2 in # Policy for Social Media",
        "10 in # Statement of intent",
        "46 in # 1 Roles and responsibilities",
        "16 in # School social media accounts",
        "15 in ## Staff conduct",
        "15 in # 2 Staff use of personal social media",
        "4 in # 3 Parent social media use",
        "8 in # 4 Pupil social media use",
        "8 in # 5 Data protection principles",
        "9 in # 6 Safeguarding",
        "9 in # 7 Blocked content",
        "4 in # 8 Cyberbullying",
        "5 in # 9 Training",
        "13 in # Appendix A Blocked content access request form {form}",
        "10 in # Appendix B Inappropriate content report form {form}",
        "42 in # Appendix C Social media site creation approval form {form}",
    ],
    "step": [
        "3 in # Social Media Policy",
        "5 in # Introduction",
        "4 in # Scope",
        "14 in # Legal Framework",
        "7 in # Principles",
        "32 in # Personal Use of Social Media \u2013 Staff",
        "7 in # Personal use of Social Media - Pupils",
        "15 in # Personal use of Social Media - Parents",
        "21 in # Using Social Media on behalf of the Academy",
        "1 in # Monitoring of Internet use",
        "4 in # Breach of the Policy",
        "7 in ## Appendix A CREATION OF SITES",
        "7 in ## Appendix A CHILDREN AND YOUNG PEOPLE",
        "9 in ## Appendix A APPROVAL FOR CREATION OF OR PARTICIPATION IN WEBSITE",
        "7 in ## Appendix A CONTENT OF WEBSITE",
        "6 in ## Appendix A CONTRIBUTORS AND MODERATION OF CONTENT",
        "31 in # Appendix B Academy Social Media Site Creation Approval Form {form}",
    ],
    "leamington": [
        "6 in # Social Media Policy",
        "3 in # DOCUMENT STATUS",
        "5 in # 1 Introduction",
        "5 in # 2 Purpose of the policy",
        "10 in # 3 Roles, responsibilities and procedure",
        "2 in # 4 Definition of social media",
        "15 in # 5 Acceptable use",
        "10 in # 6 Safeguarding",
        "3 in ## Reporting safeguarding concerns",
        "2 in # 7 Reporting, responding to and recording cyberbullying incidents",
        "6 in # 8 Action by employer: inappropriate use of social media",
        "10 in # 9 Breaches of this policy",
        "7 in # 10 Monitoring and review",
        "7 in # 11 Legislation",
    ],
    "leading-edge": [
        "3 in # SOCIAL MEDIA POLICY",
        "6 in # Document Control",
        "8 in # Introduction",
        "7 in # Related policies",
        "3 in # Relevant external documents",
        "4 in # Policy Statement",
        "12 in # Scope of the Policy",
        "8 in # Expectations",
        "2 in # Staff Personal Use of Social Media",
        "14 in # Reputation",
        "6 in # Communicating with pupils and parents and carers",
        "12 in # Pupils' Personal Use of Social Media",
        "16 in # Official Use of Social Media",
        "11 in # Staff expectations",
        "6 in ## Process for creating new social media accounts",
        "9 in ## Social media tone",
    ],
    "st-alphege": [
        "5 in # Social Media Policy",
        "6 in # 1 Policy aims and scope",
        "11 in # 2 Links with other policies",
        "6 in # 3 General social media expectations",
        "4 in # 4 Staff use of social media",
        "12 in ## 4.1 Reputation",
        "5 in ## 4.2 Communicating with learners and their families",
        "22 in # 5 Official use of social media",
        "4 in # 6 Learners' use of social media",
        "3 in # 7 Policy monitoring and review",
        "6 in # 8 Responding to policy breaches",
    ],
}
"""School -> how many clauses stand in which section, in order."""

COVERS = {
    "aet": ("Policy for Social Media", "Aspire Educational Trust", "Autumn 2023"),
    "step": ("Social Media Policy", "STEP ACADEMY TRUST", "May 2016"),
    "leamington": ("Social Media Policy", "Leamington Community Primary School", "27th March 2023"),
    "leading-edge": ("SOCIAL MEDIA POLICY", "Leading Edge Academies Partnership", "March 2023"),
    "st-alphege": ("Social Media Policy", "St Alphege CE Infant School", "September 2022"),
}


def original(school: str) -> Preview:
    return imported(next(path for path in ORIGINALS if path.stem == school))


def clause(school: str, beginning: str) -> Draft:
    """The one clause of the school's policy that begins so."""
    (found,) = [draft for draft in original(school).drafts if draft.text.startswith(beginning)]
    return found


@pytest.mark.parametrize("school", SECTIONS)
def test_every_section_is_found_with_all_its_clauses(school: str) -> None:
    counts = Counter(draft.section for draft in original(school).drafts)
    found = [
        f"{count} in {'#' * section.level} {section.heading}{' {form}' if section.form else ''}"
        for section, count in counts.items()
    ]
    assert found == SECTIONS[school]


@pytest.mark.parametrize("school", COVERS)
def test_the_cover_is_read(school: str) -> None:
    preview = original(school)
    assert (preview.title, preview.school_name, preview.version) == COVERS[school]
    assert preview.warnings == ()


@pytest.mark.parametrize("school", SECTIONS)
def test_clauses_stay_short(school: str) -> None:
    lengths = [len(draft.text.split()) for draft in original(school).drafts]
    assert sum(lengths) / len(lengths) < 25
    assert max(lengths) <= 80


@pytest.mark.parametrize(
    ("school", "text"),
    [
        ("aet", "Prepared by: CEO"),
        ("aet", "Date: Autumn 2023"),
        ("step", "Review: May 2019"),
        ("leamington", "Review Date: 27th March 2024"),
        ("leamington", "Version 1 03 2019"),
        ("leading-edge", "Date for next review Summer 2024"),
        ("st-alphege", "Date of next review: September 2023"),
    ],
)
def test_dates_and_versions_are_clauses(school: str, text: str) -> None:
    assert clause(school, text).text == text


@pytest.mark.parametrize(
    ("school", "beginning", "across"),
    [
        ("aet", "Requests may be made", "access erroneously blocked content"),
        ("step", "Although social networking sites", "express frustrations or concerns about"),
        ("step", "Confidential information - If", '"conversations" are never private;'),
        ("leamington", "Individuals should never engage", "containing inaccurate, inappropriate or"),
        ("leamington", "be responsible for their words", "They are therefore advised to consider"),
        ("leamington", "Checks will be carried out", "removals are made. If the website(s)"),
    ],
)
def test_what_a_page_or_a_margin_cut_is_one_clause(school: str, beginning: str, across: str) -> None:
    assert across in clause(school, beginning).text


@pytest.mark.parametrize(
    ("school", "beginning", "lead_in"),
    [
        (
            "aet",
            "The post does not contain any illegal",
            "Staff will ensure that their posts meet the following",
        ),
        ("step", "breach copyright, for example:", "Any communications that employees make"),
        ("leamington", "is in any other way unlawful", "Individuals should not upload any content"),
        ("leading-edge", "Encourages the safe", "This policy"),
        ("leading-edge", "Progressive", "The Trust's tone and key messages:"),
        ("st-alphege", "Online Safety", "This policy links with several other policies"),
        ("st-alphege", "Using strong passwords.", "All members of staff are advised to safeguard"),
    ],
)
def test_items_keep_their_lead_in_over_gaps(school: str, beginning: str, lead_in: str) -> None:
    assert clause(school, beginning).lead_in.startswith(lead_in)


def test_nested_items_carry_every_lead_in_and_rules_in_a_list_none() -> None:
    nested = clause("step", "by failing to give acknowledgement")
    assert nested.depth == 2
    assert nested.lead_in.endswith("through social media must not: breach copyright, for example:")
    assert clause("leading-edge", "Only social media tools").lead_in == ""
    assert clause("st-alphege", "We require staff").lead_in == ""


def test_the_cells_of_forms_stay_whole_and_sentences_are_no_fields() -> None:
    assert clause("aet", "Names of administrators").text.endswith(
        "(the site must have at least two approved administrators)"
    )
    assert clause("aet", "Headteacher/principal I approve").text.endswith("brand and logo.")
    assert not clause("aet", "Approval from relevant people").form_field
    assert not clause("step", "Approval from relevant people").form_field
    assert clause("step", "Names of moderators").form_field


def test_an_address_survives_its_brackets() -> None:
    assert clause("st-alphege", "St Alphege CE Infant School and Sunbeams Nursery, official").text.endswith(
        " https://www.facebook.com/stalphege"
    )
