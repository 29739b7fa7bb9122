"""The pieces a document is read into before it becomes clauses.

Every reader (text, Markdown, the project's own policy.md) produces a sequence of these;
`assemble` turns them into drafts. Texts are plain: no markup, single spaces.
"""

from dataclasses import dataclass

from knowledge.clauses import Section


@dataclass(frozen=True)
class Heading:
    """Everything after it, up to the next heading, stands in its section."""

    section: Section
    line: int


@dataclass(frozen=True)
class Paragraph:
    """Running text. `introduces`: its last sentence is the lead-in of the list that follows.

    `whole`: one clause however long (a table row, or a paragraph of policy.md).
    """

    text: str
    line: int
    number: str = ""
    key: str = ""
    introduces: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Item:
    """A list item, or a field of a form. `depth` is 1 at the outermost level."""

    text: str
    line: int
    depth: int = 1
    key: str = ""


@dataclass(frozen=True)
class Break:
    """Ends a list: items after it are introduced by nothing that stands before it."""


Block = Break | Heading | Paragraph | Item
