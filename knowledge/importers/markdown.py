"""Any Markdown document -> a preview of its clauses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from knowledge.clauses import Section
from knowledge.importers.contents_page import CONTENTS, is_contents_title
from knowledge.importers.cover import (
    TITLE,
    Cover,
    dropped_from_cover,
    names_document,
    read_cover,
    title_from_name,
)
from knowledge.importers.headings import LONGEST_TITLE, could_be_title
from knowledge.importers.markdown_pieces import Piece, read_pieces
from knowledge.importers.numbering import level_of, split_number
from knowledge.importers.preview import Dropped, Preview
from knowledge.importers.sections import Body, preview_of
from knowledge.importers.unwrap import Chunk

_FRONT_MATTER = re.compile(r"\A---\n(?P<pairs>(?:.*\n)*?)---\n")
_PAIR = re.compile(r"^(\w+):[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}$")
_FORM = re.compile(r"(?:^|\s+)\{form\}$")


def read_markdown(text: str, filename: str) -> Preview:
    """The clauses of a Markdown document. `filename` stands in for a title that is nowhere printed."""
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(source)
    meta = {name.lower(): value for name, value in _PAIR.findall(front["pairs"])} if front else {}
    start = front.end() if front else 0
    pieces = list(read_pieces(source[start:], first_line=source.count("\n", 0, start) + 1))
    dropped: list[Dropped] = []
    pieces = _without_contents(_with_bold_headings(pieces), dropped)
    title = meta.get("title", "")
    if not title:
        title, pieces = _title_taken(pieces, dropped)
    bodies = list(_bodies(pieces))
    cover = Cover(title, "", {}) if title else read_cover(bodies[0].chunks, first_body_line=len(source))
    dropped += dropped_from_cover(cover, bodies[0].chunks)
    bodies[0].chunks = [chunk for index, chunk in enumerate(bodies[0].chunks) if index not in cover.used]
    return preview_of(
        title=cover.title or title_from_name(filename),
        school=meta.get("school", "") or cover.school,
        bodies=bodies,
        dropped=dropped,
        version=meta.get("version", ""),
    )


def _with_bold_headings(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces that are bold from end to end, short and without a verb, as the headings they stand for."""
    level = 1
    found: list[Piece] = []
    for piece in pieces:
        if piece.kind == "heading":
            level = piece.level + 1
        bold = piece.bold and piece.kind in ("paragraph", "item") and piece.level <= 1
        if bold and could_be_title(split_number(piece.text)[1].rstrip(":"), LONGEST_TITLE):
            text = f"{piece.label} {piece.text}".strip().rstrip(":")
            piece = replace(piece, kind="heading", text=text, level=level)
        found.append(piece)
    return found


def _without_contents(pieces: Sequence[Piece], dropped: list[Dropped]) -> list[Piece]:
    """The pieces without the contents page: from its title to the next heading or running sentence."""
    kept: list[Piece] = []
    inside = False
    for piece in pieces:
        if is_contents_title(piece.text):
            inside = True
        elif inside and (piece.kind == "heading" or piece.text.endswith(".")):
            inside = False
        if inside:
            dropped.append(Dropped(line=piece.line, text=piece.text, reason=CONTENTS))
        else:
            kept.append(piece)
    return kept


def _title_taken(pieces: Sequence[Piece], dropped: list[Dropped]) -> tuple[str, list[Piece]]:
    """The title, and the other pieces: the only heading of its level, or one on top that says "policy"."""
    headings = [piece for piece in pieces if piece.kind == "heading"]
    if not headings:
        return "", list(pieces)
    first = headings[0]
    alone = first.level < min((heading.level for heading in headings[1:]), default=first.level)
    if not alone and not (pieces[0] is first and names_document(first.text)):
        return "", list(pieces)
    dropped.append(Dropped(line=first.line, text=first.text, reason=TITLE))
    return first.text, [piece for piece in pieces if piece is not first]


def _bodies(pieces: Sequence[Piece]) -> Iterator[Body]:
    """Each heading with the chunks under it; first those before any heading."""
    highest = min((piece.level for piece in pieces if piece.kind == "heading"), default=1)
    body = Body(None)
    for piece in pieces:
        if piece.kind == "heading":
            section = _section(piece, highest)
            if section.title:
                yield body
                body = Body(section, line=piece.line, may_join_form=not section.number)
        elif piece.more and body.chunks and body.chunks[-1].depth:
            longer = f"{body.chunks[-1].text} {piece.text}"
            body.chunks[-1] = replace(body.chunks[-1], text=longer, raw=longer)
        elif chunk := _chunk(piece):
            body.chunks.append(chunk)
    yield body


def _section(piece: Piece, highest: int) -> Section:
    form = bool(_FORM.search(piece.text))
    number, title = split_number(_ATTRIBUTES.sub("", _FORM.sub("", piece.text)))
    level = max(level_of(number), piece.level - highest + 1)
    return Section(title=title, number=number, level=level, form=form)


def _chunk(piece: Piece) -> Chunk | None:
    """The piece as a chunk; None for a break, or for markup without text."""
    if piece.kind == "row":
        return Chunk("\t".join(piece.cells), " ".join(piece.cells), piece.line, row=True, header=piece.header)
    text = _ATTRIBUTES.sub("", piece.text)
    return Chunk(text, text, piece.line, depth=piece.level if piece.kind == "item" else 0) if text else None
