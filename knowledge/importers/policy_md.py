"""The project's own format, policy.md: read strictly, written so that it reads back the same.

One paragraph or list item is one clause. A comment line `<!-- -->` parts a list from the
paragraph before it, where that paragraph is a rule of its own and not the list's lead-in.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode

from knowledge.clauses import Policy, Section, Wording, with_ids
from knowledge.importers.assemble import assemble
from knowledge.importers.blocks import Block, Break, Heading, Item, Paragraph
from knowledge.importers.markdown_pieces import Piece, read_pieces
from knowledge.importers.numbering import split_number, split_paragraph_number
from knowledge.importers.preview import PolicyFormatError

FRONT_MATTER: Final = {
    "title": "the policy's title as printed",
    "version": "its version or date as printed",
    "wording": "`restated` or `verbatim`",
}
WORDINGS: Final = ("restated", "verbatim")

_KEY = re.compile(r"(?:^|\s)(\{#([^{}]*)\})\s*$")
_KEY_ANYWHERE = re.compile(r"(?<!\\)\{#")
_GOOD_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FORM = re.compile(r"(?:^|\s+)\{form\}$")

Mistakes = list[tuple[int, str]]


def parse_policy_md(text: str, school: str) -> Policy:
    """A policy.md as a policy of `school`.

    PolicyFormatError carries every mistake, each with its line and what would be right.
    """
    mistakes: Mistakes = []
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body_at, meta = _front_matter(lines, mistakes)
    body = _Body(mistakes)
    blocks = list(body.blocks(read_pieces("\n".join(lines[body_at:]), first_line=body_at + 1)))
    if not any(isinstance(block, Paragraph | Item) for block in blocks):
        mistakes.append((body_at + 1, "there is no clause: write at least one paragraph or list item"))
    if mistakes:
        raise PolicyFormatError(mistakes)
    return Policy(
        school=school,
        title=meta["title"],
        version=meta["version"],
        wording=cast(Wording, meta["wording"]),
        clauses=with_ids(assemble(blocks, meta["title"])),
    )


def _front_matter(lines: list[str], mistakes: Mistakes) -> tuple[int, dict[str, str]]:
    """Index of the first line after the front matter, and its values as they are written."""
    if lines[0].rstrip() != "---":
        mistakes.append((1, "the file begins with a line `---`, then title, version and wording, then `---`"))
        return 0, {}
    closing = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if closing is None:
        mistakes.append((1, "the front matter opened by `---` is never closed: add a line `---` after it"))
        return len(lines), {}
    found = _yaml_pairs("\n".join(lines[1:closing]), mistakes)
    for name, (line, value) in found.items():
        if name not in FRONT_MATTER:
            mistakes.append((line, f"unknown name `{name}`: the front matter has {', '.join(FRONT_MATTER)}"))
        elif name == "wording" and value not in WORDINGS:
            mistakes.append((line, f"wording is {FRONT_MATTER['wording']}, not `{value}`"))
        elif not value:
            mistakes.append((line, f"`{name}` is empty: write {FRONT_MATTER[name]}"))
    missing = [name for name in FRONT_MATTER if name not in found]
    mistakes.extend((1, f"`{name}` is missing: write {FRONT_MATTER[name]}") for name in missing)
    return closing + 1, {name: value for name, (_, value) in found.items()}


def _yaml_pairs(source: str, mistakes: Mistakes) -> dict[str, tuple[int, str]]:
    """Name -> (line in the file, value). Values are not interpreted: `1.10` and `no` stay text."""
    try:
        node = YAML().compose(io.StringIO(source))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        right = "write `name: value`, in quotes if it has a colon"
        mistakes.append((line, f"this is not YAML ({error.problem}): {right}"))
        return {}
    if not isinstance(node, MappingNode):
        if node is not None:
            mistakes.append((2, "the front matter is lines of `name: value`"))
        return {}
    pairs: dict[str, tuple[int, str]] = {}
    for name, value in node.value:
        line = name.start_mark.line + 2
        if name.value in pairs:
            mistakes.append((line, f"`{name.value}` stands twice: keep one"))
        elif not isinstance(value, ScalarNode):
            mistakes.append((line, f"`{name.value}` is one line of text, not a list"))
            pairs[name.value] = (line, "?")
        else:
            pairs[name.value] = (line, " ".join(value.value.split()))
    return pairs


@dataclass
class _Body:
    """The blocks of the body, and the mistakes met on the way."""

    mistakes: Mistakes
    keys: dict[str, int] = field(default_factory=dict)
    """Key -> the line where it was given."""

    def blocks(self, pieces: Iterator[Piece]) -> Iterator[Block]:
        section = Section(title="")
        waiting: Block | None = None
        for piece in pieces:
            block = self._block(piece, waiting)
            if isinstance(block, Heading):
                section = block.section
            if isinstance(block, Item) and isinstance(waiting, Paragraph):
                leads = not section.form or waiting.text.endswith(":")
                waiting = replace(waiting, introduces=leads)
            if waiting and not (piece.more and isinstance(waiting, Item)):
                yield waiting
            waiting = block
        if waiting:
            yield waiting

    def _block(self, piece: Piece, before: Block | None) -> Block | None:
        match piece.kind:
            case "heading":
                return self._heading(piece)
            case "paragraph":
                text, key = self._text_and_key(piece)
                number = split_paragraph_number(piece.raw)[0]
                text = split_paragraph_number(text)[1] if number else text
                return Paragraph(text, piece.line, number=number, key=key, whole=True) if text else None
            case "item":
                text, key = self._text_and_key(piece)
                if piece.more and isinstance(before, Item):
                    return replace(before, text=f"{before.text} {text}".strip(), key=before.key or key)
                return Item(text, piece.line, depth=piece.level, key=key) if text else None
            case "break":
                return Break()
            case "row":
                self._wrong(piece, "tables are not read here: write each row as a list item")
            case "html":
                self._wrong(piece, "HTML is not read here: write plain text")
            case "code":
                self._wrong(piece, "code is not read here: write plain text, not indented by four spaces")
        return None

    def _heading(self, piece: Piece) -> Heading | None:
        if _KEY_ANYWHERE.search(piece.raw):
            self._wrong(piece, "a key belongs to a clause, not to a heading")
        form = bool(_FORM.search(piece.raw))
        source = _FORM.sub("", piece.raw)
        text = _FORM.sub("", piece.text) if form else piece.text
        number, rest = split_number(source)
        title = text[len(source) - len(rest) :]
        if not title:
            self._wrong(piece, "this heading has no title")
            return None
        return Heading(Section(title=title, number=number, level=piece.level, form=form), piece.line)

    def _text_and_key(self, piece: Piece) -> tuple[str, str]:
        match = _KEY.search(piece.raw)
        if match is None:
            if _KEY_ANYWHERE.search(piece.raw):
                self._wrong(piece, "a key `{#key}` stands at the end of its paragraph or item, after a space")
            return piece.text, ""
        key = match[2]
        if not _GOOD_KEY.fullmatch(key):
            self._wrong(piece, f"`{{#{key}}}`: a key is lower-case letters, figures and hyphens")
        elif key in self.keys:
            self._wrong(piece, f"the key `{{#{key}}}` is already on line {self.keys[key]}: choose another")
        self.keys.setdefault(key, piece.line)
        text = piece.text.removesuffix(match[1]).rstrip()
        if not text:
            self._wrong(piece, f"`{{#{key}}}` stands alone: put it at the end of its clause")
        return text, key

    def _wrong(self, piece: Piece, message: str) -> None:
        self.mistakes.append((piece.line, message))
