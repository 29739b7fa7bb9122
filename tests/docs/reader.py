"""Reads the documentation as examples that can be tried: fenced blocks, in order, with what they are for.

Two habits make a page testable. A block after a line ending in "as `NAME`:" is a file of that name;
"Delete `NAME`" takes one away. A comment `<!-- after: PAGE -->` says that a page goes on where another
ends, and `<!-- broken -->` that a block is wrong on purpose.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SAVED_AS = re.compile(r"\bas `([^`\s]+)`:\s*(?:<!-- broken -->\s*)?\Z")
_DELETED = re.compile(r"\bDelete `([^`]+\.(?:yaml|md))`")
_AFTER = re.compile(r"<!-- after: (\S+) -->")


@dataclass(frozen=True)
class Example:
    """A fenced block: where it stands, what kind it is, and the file it is saved as, if any."""

    page: Path
    line: int
    kind: str
    text: str
    saved_as: str = ""
    broken: bool = False

    @property
    def where(self) -> str:
        """For the name of a test: `how-to/add-a-school.md:12`."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Deletion:
    """The reader is told to delete a file."""

    name: str


def examples(page: Path) -> Iterator[Example | Deletion]:
    """What a reader of the page is shown and told to do, in order."""
    text = page.read_text(encoding="utf-8")
    end = 0
    for fence in _FENCE.finditer(text):
        before = text[end : fence.start()]
        yield from (Deletion(name) for name in _DELETED.findall(before))
        saved = _SAVED_AS.search(before)
        yield Example(
            page=page,
            line=text[: fence.start()].count("\n") + 1,
            kind=fence[1],
            text=fence[2],
            saved_as=saved[1] if saved else "",
            broken=before.rstrip().endswith("<!-- broken -->"),
        )
        end = fence.end()
    yield from (Deletion(name) for name in _DELETED.findall(text[end:]))


def pages_before(page: Path) -> tuple[Path, ...]:
    """The pages a page goes on from, first things first."""
    after = _AFTER.search(page.read_text(encoding="utf-8"))
    if after is None:
        return ()
    earlier = page.parent / after[1]
    return (*pages_before(earlier), earlier)


def of_kind(kind: str) -> list[Example]:
    """Every block of a kind, on all pages."""
    return [e for page in PAGES for e in examples(page) if isinstance(e, Example) and e.kind == kind]


def section(page: Path, heading: str) -> str:
    """The text below a heading, down to the next of the same level. KeyError when there is no such heading."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(heading)}$\n(.*?)(?=^\1 |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise KeyError(f"{page.name} has no heading “{heading}”")
    return found[2]
