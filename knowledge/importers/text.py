"""Plain text, as extracted from Word or PDF, -> a preview of its clauses."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from knowledge.importers.contents_page import CONTENTS, ContentsPage, contents_page
from knowledge.importers.cover import dropped_from_cover, read_cover, title_from_name
from knowledge.importers.furniture import furniture
from knowledge.importers.headings import find_headings
from knowledge.importers.lines import numbered_lines, without
from knowledge.importers.preview import Preview
from knowledge.importers.sections import Body, preview_of
from knowledge.importers.unwrap import Chunk, chunks


def read_text(text: str, filename: str) -> Preview:
    """The clauses of an extracted text. `filename` stands in for a title that is nowhere printed."""
    printed = numbered_lines(text)
    lines, furnished = without(printed, furniture(printed))
    contents = contents_page(lines)
    lines, listed = without(lines, dict.fromkeys(contents.lines, CONTENTS))
    found = chunks(lines, stands_alone=frozenset(entry.title.casefold() for entry in contents.entries))
    cover = read_cover(found, first_body_line=min(contents.lines, default=len(lines) + 1))
    body = [chunk for index, chunk in enumerate(found) if index not in cover.used]
    return preview_of(
        title=cover.title or title_from_name(filename),
        school=cover.school,
        bodies=list(_bodies(body, contents)),
        dropped=[*furnished, *listed, *dropped_from_cover(cover, found)],
    )


def _bodies(found: Sequence[Chunk], contents: ContentsPage) -> Iterator[Body]:
    """Each heading with the chunks under it; first those before any heading."""
    headings = find_headings(found, contents)
    starts = sorted(headings)
    yield Body(None, chunks=list(found[: starts[0]] if starts else found))
    for start, end in pairwise([*starts, len(found)]):
        heading = headings[start]
        yield Body(
            heading.section,
            line=found[start].line,
            chunks=list(found[start + heading.chunks : end]),
            may_join_form=not (heading.numbered or heading.listed),
        )
