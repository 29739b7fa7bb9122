"""Blocks -> drafts: lead-ins joined to their items, long paragraphs split, forms marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from knowledge.clauses import Draft, Section
from knowledge.importers.blocks import Block, Break, Heading, Item, Paragraph
from knowledge.importers.sentences import pieces


@dataclass
class _Reading:
    """Where the assembly stands: the section, and the lead-ins open at each depth."""

    section: Section
    lead_ins: dict[int, str] = field(default_factory=dict)
    """Depth -> the text that introduces deeper items; 0 is the paragraph before the list."""


def assemble(blocks: Sequence[Block], title: str) -> tuple[Draft, ...]:
    """The drafts of a document. What stands before the first heading is in a section `title`."""
    reading = _Reading(Section(title=title))
    drafts: list[Draft] = []
    for block, follower in pairwise((*_without_gaps(blocks), None)):
        match block:
            case Heading(section=section):
                reading = _Reading(section)
            case Break():
                reading.lead_ins = {}
            case Paragraph():
                drafts.extend(_from_paragraph(block, follower, reading))
            case Item():
                drafts.append(_from_item(block, follower, reading))
    return tuple(drafts)


def _without_gaps(blocks: Sequence[Block]) -> Iterator[Block]:
    """Items nested one level at a time: "- 1. text" is one item, not an item in an empty one."""
    open_depths: list[int] = []
    for block in blocks:
        if not isinstance(block, Item):
            open_depths = []
            yield block
            continue
        open_depths = [*(depth for depth in open_depths if depth < block.depth), block.depth]
        yield replace(block, depth=len(open_depths))


def _from_paragraph(paragraph: Paragraph, follower: Block | None, reading: _Reading) -> Iterator[Draft]:
    leads = paragraph.introduces and isinstance(follower, Item)
    texts = [paragraph.text] if paragraph.whole else pieces(paragraph.text, introduces=leads)
    reading.lead_ins = {0: texts[-1]} if leads else {}
    for position, text in enumerate(texts, 1):
        last = position == len(texts)
        yield Draft(
            text=text,
            section=reading.section,
            key=paragraph.key if last else "",
            number=paragraph.number,
            is_lead_in=leads and last,
        )


def _from_item(item: Item, follower: Block | None, reading: _Reading) -> Draft:
    leads = isinstance(follower, Item) and follower.depth > item.depth
    reading.lead_ins = {depth: text for depth, text in reading.lead_ins.items() if depth < item.depth}
    lead_in = " ".join(reading.lead_ins[depth] for depth in sorted(reading.lead_ins))
    reading.lead_ins[item.depth] = item.text
    return Draft(
        text=item.text,
        section=reading.section,
        lead_in=lead_in,
        key=item.key,
        is_lead_in=leads,
        form_field=reading.section.form,
        depth=item.depth,
    )
