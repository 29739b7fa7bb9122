"""Forms flattened into rows and blanks: which sections are forms, and their fields."""

import re
from collections.abc import Iterator, Sequence

from knowledge.importers.blocks import Block, Item, Paragraph
from knowledge.importers.sentences import sentences
from knowledge.importers.tables import Row, read_row
from knowledge.importers.unwrap import Chunk

_FORM_TITLE = re.compile(r"\bforms?\b", re.IGNORECASE)
_BLANK = re.compile(r"[_…]{2,}|\.{4,}|_{1}(?=\s|$)")
_LONGEST_LABEL = 8
"""Words: a longer text in a form is a sentence about the form, unless it asks or leaves a blank."""


def is_form(title: str, chunks: Sequence[Chunk]) -> bool:
    """A section is a form when it is called one and has fields, or when most of its rows are blanks."""
    rows = [read_row(chunk.raw, chunk.line) for chunk in chunks if chunk.row]
    fields = [row for row in rows if row.ticks or not all(row.cells)]
    blanks = [chunk for chunk in chunks if has_blank(chunk.raw)]
    if _FORM_TITLE.search(title):
        return bool(rows or blanks)
    listed = any(chunk.marker for chunk in chunks)
    return len(rows) >= 3 and len(fields) * 2 > len(rows) and not listed


def has_blank(text: str) -> bool:
    """`Signed: ______`: a line to write on, with few words around it."""
    words = _BLANK.sub(" ", text).split()
    return bool(re.search(r"_{3,}|\.{6,}|…{2,}", text)) and len(words) <= _LONGEST_LABEL


def form_blocks(chunks: Sequence[Chunk]) -> Iterator[Block]:
    """Fields as items, groups of fields as nested items, sentences as paragraphs."""
    for chunk in chunks:
        if chunk.row:
            yield from _row_blocks(read_row(chunk.raw, chunk.line))
        elif chunk.marker:
            yield Item(chunk.text, chunk.line)
        elif _is_label(chunk.text):
            labels = (part.strip(" :") for part in _BLANK.split(chunk.text))
            yield from (Item(label, chunk.line) for label in labels if label)
        else:
            yield Paragraph(chunk.text, chunk.line)


def _row_blocks(row: Row) -> Iterator[Block]:
    """The first cell is the field; further cells, and boxes to tick, are nested in it."""
    boxes_alone = row.ticks and bool(row.cells[0])
    for position, cell in enumerate(row.cells):
        if not cell:
            continue
        if len(sentences(cell)) > 1 and not row.ticks and position:
            yield Paragraph(cell, row.line)
        else:
            yield Item(cell, row.line, depth=2 if position or boxes_alone else 1)


def _is_label(text: str) -> bool:
    words = _BLANK.sub(" ", text).split()
    return (
        has_blank(text)
        or text.endswith(("?", ":"))
        or (len(words) <= _LONGEST_LABEL and text[-1] not in ".;")
    )
