"""Rows of cells -> clauses. The text of a cell is never cut or spread over clauses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

from knowledge.importers.blocks import Block, Break, Item, Paragraph
from knowledge.importers.characters import TICK_BOXES
from knowledge.importers.inline import plain
from knowledge.importers.preview import Dropped

EMPTY_ROW = "empty table row"
HEADER_ROW = "heading row of a table"
_HEADER_WORDS = 5
"""A cell of a heading row is at most this long."""
_RULE_WORDS = 4
"""Cells longer than this, on average, are rules and not values."""


@dataclass(frozen=True)
class Row:
    """A row as printed: plain cells, empty ones included; `ticks`: it offers boxes to tick."""

    cells: tuple[str, ...]
    line: int
    ticks: bool = False

    @property
    def filled(self) -> tuple[str, ...]:
        return tuple(cell for cell in self.cells if cell)


def read_row(raw: str, line: int) -> Row:
    """Cells between tabs, still with their markup, as a row."""
    ticks = "<input" in raw or any(box in raw for box in TICK_BOXES)
    unticked = raw.translate(dict.fromkeys(map(ord, TICK_BOXES), " "))
    return Row(tuple(plain(cell) for cell in unticked.split("\t")), line, ticks=ticks)


def table_blocks(rows: Sequence[Row], header: bool | None = None) -> tuple[list[Block], list[Dropped]]:
    """A table of facts or rules. `header`: is its first row one? None where that must be guessed."""
    dropped = [Dropped(line=row.line, text="", reason=EMPTY_ROW) for row in rows if not row.filled]
    full = [row for row in rows if row.filled]
    if not full:
        return [], dropped
    head, body = full[0], full[1:]
    columns = max(len(row.cells) for row in full)
    if header is False or not body or not _could_be_header(head):
        return list(_pairs(full)), dropped
    if len(body) == 1 and all(cell.endswith(":") for cell in head.cells):
        pairs = zip(head.cells, body[0].cells, strict=False)
        return [_labelled(label, cell, head) for label, cell in pairs], dropped
    if _every_column_holds_rules(body, columns):
        return list(_columns(head, body)), dropped
    if columns > 2:
        return list(_rows_under(head, body)), dropped
    if header or _second_column_holds_rules(head, body):
        dropped.append(Dropped(line=head.line, text=" | ".join(head.filled), reason=HEADER_ROW))
        return [_labelled(row.filled[0], " ".join(row.filled[1:]), row) for row in body], dropped
    return list(_pairs(full)), dropped


def _could_be_header(row: Row) -> bool:
    return (
        all(row.cells)
        and len(row.cells) > 1
        and all(len(cell.split()) <= _HEADER_WORDS and not cell.endswith((".", ";")) for cell in row.cells)
    )


def _every_column_holds_rules(body: Sequence[Row], columns: int) -> bool:
    """A table of do and don't: columns that are lists of rules, side by side."""
    return len(body) > 1 and all(
        mean(len(cell.split()) for cell in cells) > _RULE_WORDS
        for column in range(columns)
        if (cells := _column(body, column))
    )


def _second_column_holds_rules(head: Row, body: Sequence[Row]) -> bool:
    lengths = [len(cell.split()) for cell in _column(body, 1)]
    return (
        len(body) > 1 and bool(lengths) and mean(lengths) > max(_RULE_WORDS, 2 * len(head.cells[1].split()))
    )


def _column(rows: Sequence[Row], column: int) -> list[str]:
    return [row.cells[column] for row in rows if column < len(row.cells) and row.cells[column]]


def _columns(head: Row, body: Sequence[Row]) -> Iterator[Block]:
    for column, name in enumerate(head.cells):
        yield Paragraph(f"{name.rstrip(':')}:", head.line, introduces=True, whole=True)
        for row in body:
            if column < len(row.cells) and row.cells[column]:
                yield Item(row.cells[column], row.line)
    yield Break()


def _rows_under(head: Row, body: Sequence[Row]) -> Iterator[Block]:
    """The heading row is the lead-in; the cells of a row stay together as printed."""
    yield Paragraph(f"{', '.join(head.cells)}:", head.line, introduces=True, whole=True)
    for row in body:
        yield Item(" ".join(row.filled), row.line)
    yield Break()


def _pairs(rows: Iterable[Row]) -> Iterator[Paragraph]:
    """`Date for next review` `Summer 2024` -> one clause, nothing added to what is printed."""
    for row in rows:
        yield Paragraph(" ".join(row.filled), row.line, whole=True)


def _labelled(label: str, text: str, row: Row) -> Paragraph:
    """`Headteacher: decides within two days`, so that the label does not run into a sentence."""
    joint = "" if not text else " " if label.endswith((":", "?")) else ": "
    return Paragraph(f"{label}{joint}{text}", row.line, whole=True)
