"""A register as CSV opens in a spreadsheet, and nothing in it runs."""

import csv
import io

import pytest

from adapters.spreadsheet import as_csv, safe


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"], ids=repr)
def test_a_cell_that_would_run_is_only_read(sign: str) -> None:
    for cell in (f"{sign}HYPERLINK(1)", sign, f" {sign}1", f"\n{sign}1"):
        assert safe(cell) == f"'{cell}"
        (_, written) = csv.reader(io.StringIO(as_csv([["Why"], [cell]]).lstrip("\ufeff"), newline=""))
        assert written == [f"'{cell}"]


@pytest.mark.parametrize(
    "cell", ["", "Maps", "a=b", "2026-12-18", "https://example.org/?a=1", "Siân", "'quoted'"]
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert safe(cell) == cell


def test_commas_quotes_lines_and_other_alphabets_survive() -> None:
    rows = [["Who", "Why"], ["Sián ap Rhys, الطاهر", 'She said "no"\nand left']]
    text = as_csv(rows)
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == rows
    assert text.encode("utf-8").startswith(b"\xef\xbb\xbf")
