"""What stands on the paper: everything, as it was written, whatever was written."""

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from adapters.printing.pdf import BY_NUMBER, pdf, readable
from bot.paper import Cited, Line, Record, Row, Section

LONG = " ".join(f"word{n}" for n in range(430))[:3000]
MARKUP = r"#panic() *star* $x^2$ \ [link] @ref `code` <label> _u_ // c /* d */ = h #import https://e.org/#a"


def record(*values: str, label: str = "Reasons", **changed: object) -> Record:
    given: dict[str, object] = {
        "reference": "AET-7KM3Q",
        "title": "Blocked content access request form",
        "school": "Aspire Educational Trust",
        "status": "Finished",
        "printed": "9 Nov 2026, 09:30",
        "printed_at": datetime(2026, 11, 9, 9, 30, tzinfo=UTC),
        "printed_for": "Headteacher",
        "sections": (
            Section(
                heading="Requester",
                groups=((Row(label=label, lines=tuple(Line(text=value) for value in values)),),),
            ),
        ),
        "signed": "In place of a signature.",
        "rests_on": (Cited(text="Ask first.", citation="Policy, section 7", restated=True),),
        "versions": (Row(label="Procedure", lines=(Line(text="abc123"),)),),
    }
    return Record.model_validate({**given, **changed})


def read(paper: bytes) -> tuple[list[str], PdfReader]:
    """The text of each page with blanks left out: lines break where the column ends."""
    reader = PdfReader(io.BytesIO(paper))
    return ["".join((page.extract_text() or "").split()) for page in reader.pages], reader


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    "value",
    [
        MARKUP,
        "Siân Llŵyd-Ŷnyr, Gwenllïan Ŵyn ap Siôn",
        "W\u0302yn, typed as two characters",
        "Zażółć Gęślą-Jaźń, Αλέξανδρος, Владимир",
        "https://example.org/" + "averylongpathwithoutanyend" * 12 + "?a=1&b=2#c",
        "W" * 300,
        "aŵ" * 150,
    ],
)
def test_what_was_written_stands_on_the_page(value: str) -> None:
    pages, _ = read(pdf(record(value)))
    assert squeezed(readable(value)) in pages[0]


def test_markup_does_nothing_anywhere() -> None:
    everywhere = record(
        MARKUP, label=MARKUP, title=MARKUP, school=MARKUP, status=MARKUP, warning=MARKUP, printed_for=MARKUP
    )
    pages, _ = read(pdf(everywhere))
    assert "".join(pages).count("#panic()") >= 7


def test_an_arabic_name_has_its_letters() -> None:
    name = "عبد الرحمن الأنصاري"
    pages, reader = read(pdf(record(name)))
    assert not set(squeezed(name)) - set(pages[0])
    fonts = {str(font["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert any("Arabic" in font for font in fonts)


def test_emoji_are_drawn_and_what_no_font_has_is_given_by_number() -> None:
    pages, _ = read(pdf(record("Well done 👍🏽 🎉 👩‍🏫 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ❤️, 山")))
    assert "🎉" in pages[0]
    assert "[U+5C71]" in pages[0]
    assert squeezed(BY_NUMBER) in pages[0]
    assert squeezed(BY_NUMBER) not in read(pdf(record("[U+5C71] as typed")))[0][0]


def test_controls_are_left_out() -> None:
    assert readable("a\0b\u202ec\x1bd\ue000") == "abcd[U+E000]"


def test_marks_that_no_font_has_together_are_still_printed(caplog: pytest.LogCaptureFixture) -> None:
    pages, _ = read(pdf(record("Before ع\u0325\u20e3\u094d after Zwxy")))
    assert "Before" in pages[0]
    assert "Zwxy" not in caplog.text


def test_a_long_reason_turns_the_page_and_every_page_says_which_it_is() -> None:
    sections = tuple(
        Section(heading=f"Step {n}", groups=((Row(label="Reasons", lines=(Line(text=LONG),)),),))
        for n in range(3)
    )
    pages, _ = read(pdf(record(sections=sections)))
    assert len(pages) >= 3
    for number, page in enumerate(pages, 1):
        assert "AET-7KM3Q" in page
        assert f"Page{number}of{len(pages)}" in page
    whole = "".join(page.replace(f"Page{n}of{len(pages)}", "") for n, page in enumerate(pages, 1))
    assert whole.count("word311") >= 3


def test_boxes_are_ticked_in_the_text_too() -> None:
    lines = (Line(text="Pupils", ticked=True), Line(text="Public", ticked=False))
    row = Row(label="Audience", lines=lines)
    pages, _ = read(pdf(record(sections=(Section(heading="Audience", groups=((row,),)),))))
    assert "☑Pupils" in pages[0]
    assert "☐Public" in pages[0]


def test_it_is_tagged_titled_and_in_english() -> None:
    _, reader = read(pdf(record("Rivers.")))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert "AET-7KM3Q" in reader.metadata.title
    assert b"pdfuaid:part" in root["/Metadata"].get_data()


def test_every_font_is_in_the_file() -> None:
    _, reader = read(pdf(record("Rivers, عبد, 🎉")))
    for font in reader.pages[0]["/Resources"]["/Font"].values():
        descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_a_clock_that_counts_parts_of_a_second_does_no_harm() -> None:
    paper = pdf(record("Rivers.", printed_at=datetime(2026, 11, 9, 9, 30, 0, 123456, tzinfo=UTC)))
    assert read(paper)[1].metadata.creation_date == datetime(2026, 11, 9, 9, 30, tzinfo=UTC)


def test_the_same_record_makes_the_same_file() -> None:
    assert pdf(record("Rivers.")) == pdf(record("Rivers."))
