"""A table as CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula, wherever the cell came from."""

MARK = "\ufeff"
"""Without it Excel does not read UTF-8."""


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    """The rows as CSV, with the mark that says UTF-8. A cell that would run is prefixed with an apostrophe."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return MARK + text.getvalue()


def safe(cell: str) -> str:
    """The cell, so that it is read and never run. Spaces before the sign do not help an attacker either."""
    return f"'{cell}" if cell.startswith(RUNS) or cell.lstrip(" \n").startswith(RUNS) else cell
