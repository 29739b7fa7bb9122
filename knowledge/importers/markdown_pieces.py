"""Markdown, as markdown-it reads it, flattened into pieces with their line numbers.

What a piece means (a clause, a title, a mistake) is for `markdown` and `policy_md` to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.importers.characters import TICK_BOXES
from knowledge.importers.inline import plain, tidy, with_address

Kind = Literal["heading", "paragraph", "item", "row", "break", "html", "code"]


@dataclass(frozen=True)
class Piece:
    """One heading, paragraph, list item or table row. `line` counts from 1.

    `raw` is the source of the text, escapes and all; `level` is the heading's level or the
    item's depth; `bold` says that the whole piece is in bold; `more`: a further paragraph of
    the list item before it; `header`: the heading row of a table; `label`: an item's number, "4.".
    """

    kind: Kind
    text: str
    line: int
    raw: str = ""
    level: int = 0
    bold: bool = False
    more: bool = False
    header: bool = False
    label: str = ""
    cells: tuple[str, ...] = ()


@dataclass
class _Place:
    """Where in the document the walk stands."""

    items: list[int] = field(default_factory=list)
    """For each open list item: how many paragraphs it has had."""
    cells: list[str] = field(default_factory=list)
    in_header: bool = False
    label: str = ""


def read_pieces(text: str, first_line: int = 1) -> Iterator[Piece]:
    """The pieces of a Markdown text whose first line is `first_line` of its file."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    place = _Place()
    line = first_line
    for previous, token in zip([None, *tokens], tokens, strict=False):
        line = token.map[0] + first_line if token.map else line
        match token.type:
            case "list_item_open":
                place.items.append(0)
                place.label = f"{token.info}{token.markup}" if token.info else ""
            case "list_item_close":
                place.items.pop()
            case "thead_open" | "thead_close":
                place.in_header = token.type == "thead_open"
            case "tr_open":
                place.cells = []
            case "tr_close":
                yield Piece("row", "", line, cells=tuple(place.cells), header=place.in_header)
            case "inline" if previous and previous.type in ("th_open", "td_open"):
                place.cells.append(inline_text(token))
            case "inline" if previous and previous.type == "heading_open":
                level = int(previous.tag.removeprefix("h"))
                yield Piece("heading", inline_text(token), line, raw=token.content, level=level)
            case "inline":
                yield _running_text(token, line, place)
            case "hr":
                yield Piece("break", "", line)
            case "html_block" if token.content.lstrip().startswith("<!--"):
                yield Piece("break", "", line)
            case "html_block":
                yield Piece("html", plain(token.content), line)
            case "fence" | "code_block":
                yield Piece("code", tidy(token.content), line)


def _running_text(token: Token, line: int, place: _Place) -> Piece:
    text, bold = inline_text(token), _is_bold(token)
    if not place.items:
        return Piece("paragraph", text, line, raw=token.content, bold=bold)
    place.items[-1] += 1
    more = place.items[-1] > 1
    raw, depth = token.content, len(place.items)
    return Piece("item", text, line, raw=raw, level=depth, bold=bold, more=more, label=place.label)


def inline_text(token: Token) -> str:
    """The plain text of an inline token: no emphasis, no tags, links as text and real address."""
    parts: list[str] = []
    links: list[tuple[int, str]] = []
    for child in token.children or []:
        match child.type:
            case "text" | "code_inline":
                parts.append(child.content)
            case "softbreak" | "hardbreak":
                parts.append(" ")
            case "html_inline":
                parts.append(TICK_BOXES[0] if child.content.startswith("<input") else " ")
            case "image":
                parts.append(inline_text(child))
            case "link_open":
                links.append((len(parts), str(child.attrs.get("href", ""))))
            case "link_close":
                start, address = links.pop()
                parts[start:] = [with_address("".join(parts[start:]), address)]
    return tidy("".join(parts))


def _is_bold(token: Token) -> bool:
    children = [child for child in token.children or [] if child.type != "text" or child.content.strip()]
    types = [child.type for child in children]
    return types[:1] == ["strong_open"] and types[-1:] == ["strong_close"] and types.count("strong_open") == 1
