"""Sections of chunks -> the preview: lists, tables, forms and running text become blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from knowledge.clauses import Section
from knowledge.importers.assemble import assemble
from knowledge.importers.blocks import Block, Heading, Item, Paragraph
from knowledge.importers.cover import read_dates, school_in_text
from knowledge.importers.doubts import doubts_about
from knowledge.importers.forms import form_blocks, has_blank, is_form
from knowledge.importers.lists import Entry, depths
from knowledge.importers.numbering import split_paragraph_number
from knowledge.importers.preview import Dropped, Preview
from knowledge.importers.sentences import introduces_list, is_finished
from knowledge.importers.tables import read_row, table_blocks
from knowledge.importers.unwrap import Chunk

BLANK = "blank to fill in"
BARE_HEADING = "heading with no text of its own"


@dataclass
class Body:
    """What stands under one heading; `section` is None before the first."""

    section: Section | None
    line: int = 0
    """Where the heading stands."""
    chunks: list[Chunk] = field(default_factory=list)
    may_join_form: bool = False
    """Neither numbered nor in the contents: inside a form this is a label and no section."""


def preview_of(
    title: str, school: str, bodies: Sequence[Body], dropped: Sequence[Dropped], version: str = ""
) -> Preview:
    """The preview of a document read into sections; what they leave out joins `dropped`."""
    left_out = list(dropped)
    blocks = [block for body in _forms_joined(bodies) for block in _blocks(body, left_out)]
    drafts = assemble(blocks, title)
    dates = read_dates(drafts)
    version = version or dates.version
    return Preview(
        title=title,
        school_name=school or school_in_text([title, *(draft.text for draft in drafts)]),
        version=version,
        adopted_line=dates.adopted_line,
        review_line=dates.review_line,
        drafts=drafts,
        dropped=tuple(sorted(left_out, key=lambda line: line.line)),
        warnings=doubts_about(drafts, version, headed=any(body.section for body in bodies)),
    )


def _forms_joined(bodies: Sequence[Body]) -> list[Body]:
    """A title inside a form, over more of its fields, is a label of that form and opens no section."""
    joined: list[Body] = []
    for body in bodies:
        before = joined[-1] if joined else None
        in_form = before and before.section and is_form(before.section.title, before.chunks)
        if before and body.section and in_form and body.may_join_form and any(c.row for c in body.chunks):
            label = Chunk(body.section.title, body.section.title, body.line)
            before.chunks += [label, *body.chunks]
        else:
            joined.append(replace(body, chunks=list(body.chunks)))
    return joined


def _blocks(body: Body, dropped: list[Dropped]) -> Iterator[Block]:
    if body.section is None:
        yield from _prose(body.chunks, dropped)
        return
    form = body.section.form or is_form(body.section.title, body.chunks)
    yield Heading(body.section.model_copy(update={"form": form}), body.line)
    if not body.chunks:
        dropped.append(Dropped(line=body.line, text=body.section.heading, reason=BARE_HEADING))
    yield from form_blocks(body.chunks) if form else _prose(body.chunks, dropped)


def _prose(chunks: Sequence[Chunk], dropped: list[Dropped]) -> Iterator[Block]:
    """The blocks of a section that is no form."""
    runs = [(kind, list(run)) for kind, run in groupby(_with_tails(chunks), key=lambda chunk: chunk.kind)]
    kinds = [kind for kind, _ in runs]
    for (kind, run), follower in zip(runs, [*kinds[1:], ""], strict=False):
        match kind:
            case "item":
                yield from _list(run)
            case "row":
                yield from _tables(run, dropped)
            case "text":
                yield from _paragraphs(run, before_list=follower == "item", dropped=dropped)


def _with_tails(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    """`...the following policies:` and the unfinished line under it are one chunk."""
    waiting: Chunk | None = None
    for chunk in chunks:
        introduced = waiting is not None and waiting.kind == "text" and waiting.text.endswith(":")
        if waiting and introduced and chunk.kind == "text" and not is_finished(chunk.text):
            chunk = replace(waiting, text=f"{waiting.text} {chunk.text}", raw=f"{waiting.raw} {chunk.raw}")
        elif waiting:
            yield waiting
        waiting = chunk
    if waiting:
        yield waiting


def _paragraphs(run: Sequence[Chunk], before_list: bool, dropped: list[Dropped]) -> Iterator[Paragraph]:
    for chunk in run:
        if has_blank(chunk.raw):
            dropped.append(Dropped(line=chunk.line, text=chunk.text, reason=BLANK))
            continue
        number, text = split_paragraph_number(chunk.text)
        introduces = before_list and chunk is run[-1] and introduces_list(text)
        yield Paragraph(text, chunk.line, number=number, introduces=introduces)


def _list(run: Sequence[Chunk]) -> Iterator[Item]:
    entries = [Entry(chunk.marker, chunk.text, chunk.after_gap) for chunk in run if chunk.marker]
    found = [chunk.depth for chunk in run] if len(entries) < len(run) else depths(entries)
    for chunk, depth in zip(run, found, strict=True):
        yield Item(chunk.text, chunk.line, depth=depth)


def _tables(run: Sequence[Chunk], dropped: list[Dropped]) -> Iterator[Block]:
    """Rows that follow one another without a gap are one table."""
    tables: list[list[Chunk]] = []
    for chunk in run:
        if chunk.after_gap or chunk.header or not tables:
            tables.append([])
        tables[-1].append(chunk)
    for table in tables:
        rows = [read_row(chunk.raw, chunk.line) for chunk in table]
        blocks, left_out = table_blocks(rows, header=True if table[0].header else None)
        dropped += left_out
        yield from blocks
