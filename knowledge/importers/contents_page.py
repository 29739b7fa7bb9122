"""Finds the contents page: it becomes no clause, but it names the document's headings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from knowledge.importers.inline import plain
from knowledge.importers.lines import Line, same_words
from knowledge.importers.numbering import split_number

CONTENTS = "contents page"
_MARKER = re.compile(r"(?:table of )?contents(?: page)?:?|in this (?:policy|document):?", re.IGNORECASE)
_LEADER = re.compile(r"\s*(?:[.…_·]{2,}[\s.…]*\d{0,3}|\s{2,}\d{1,3}|\t[\s.…]*\d{0,3})\s*$")
_PAGE = re.compile(r"\s+\d{1,3}$")
_LETTERED = re.compile(r"([A-Z])[.)]\s+(?=\S)")
_SMALL_WORDS = frozenset(["a", "an", "the", "of", "for", "to", "in", "on", "and"])
_LONGEST_ENTRY = 14
"""Words."""
_LONGEST_PAGE = 300
"""Lines: more than any policy has headings, and no contents page begins after so many."""
_CLOSE_ENOUGH = 85
"""Per cent: "Using phones on behalf of the trust" may be the entry "... of the academy"."""


@dataclass(frozen=True)
class Entry:
    number: str
    title: str


@dataclass(frozen=True)
class ContentsPage:
    """Its entries, and the lines (numbers) it takes up; both empty when there is none."""

    entries: tuple[Entry, ...] = ()
    lines: frozenset[int] = frozenset()

    def entry(self, title: str) -> Entry | None:
        """The entry for this heading, however spelt; None when the page does not name it."""
        for entry in self.entries:
            if _loose(entry.title) == _loose(title):
                return entry
        wanted = same_words(title)
        likely = [(fuzz.ratio(same_words(entry.title), wanted), i) for i, entry in enumerate(self.entries)]
        score, best = max(likely, default=(0.0, 0))
        return self.entries[best] if score >= _CLOSE_ENOUGH else None


def is_contents_title(text: str) -> bool:
    return bool(_MARKER.fullmatch(text))


def contents_page(lines: Sequence[Line]) -> ContentsPage:
    """The contents page of a text, found by its title or by its page numbers."""
    printed = [line for line in lines if not line.blank]
    for index, line in enumerate(printed[:_LONGEST_PAGE]):
        if is_contents_title(plain(line.text)):
            entries = list(_entries(printed[index + 1 : index + _LONGEST_PAGE]))
            if len(entries) >= 2:
                return _page([(line, None), *entries])
        if len(paged := _paged_run(printed[index : index + _LONGEST_PAGE])) >= 3:
            return _page([*paged])
    return ContentsPage()


def _page(found: Sequence[tuple[Line, Entry | None]]) -> ContentsPage:
    entries: list[Entry] = []
    appendices = False
    for _, entry in found:
        if entry is None:
            continue
        appendices = appendices or same_words(entry.title) in ("appendices", "annexes")
        lettered = _LETTERED.match(entry.title)
        if appendices and lettered:
            entry = Entry(f"Appendix {lettered[1]}", entry.title[lettered.end() :])
        entries.append(entry)
    return ContentsPage(tuple(entries), frozenset(line.number for line, _ in found))


def _entries(lines: Iterable[Line]) -> Iterator[tuple[Line, Entry]]:
    """Entries up to the first line that is none: a sentence, or a title for the second time."""
    seen: set[str] = set()
    first_number = ""
    for line in lines:
        entry, certain = _as_entry(line.text)
        key = same_words(entry.title)
        restarts = bool(entry.number) and entry.number == first_number
        if not certain and (key in seen or restarts or not _could_be_entry(entry.title)):
            return
        seen.add(key)
        first_number = first_number or entry.number
        yield line, entry


def _as_entry(text: str) -> tuple[Entry, bool]:
    """The entry on this line, and whether dot leaders or tabs prove that it is one."""
    certain = bool(_LEADER.search(text)) or "\t" in text
    bare = text
    while (shorter := _LEADER.sub("", bare)) != bare:
        bare = shorter
    bare = re.sub(r"^[-*•]\s+", "", plain(_PAGE.sub("", bare)))
    return Entry(*split_number(bare)), certain


def _could_be_entry(title: str) -> bool:
    return 0 < len(title.split()) <= _LONGEST_ENTRY and not title.endswith((".", ":", ";", ","))


def _paged_run(lines: Iterable[Line]) -> list[tuple[Line, Entry]]:
    """Lines from the first on that end in page numbers which never go down."""
    run: list[tuple[Line, Entry]] = []
    page = 0
    for line in lines:
        number = re.search(r"(?:[.…]{3,}|\t)[\s.…]*(\d{1,3})\s*$", line.text)
        if number is None or int(number[1]) < page:
            break
        page = int(number[1])
        run.append((line, _as_entry(line.text)[0]))
    return run


def _loose(title: str) -> str:
    """The words that carry a title, without plural endings: contents pages are seldom kept in step."""
    words = [word for word in same_words(title).split() if word not in _SMALL_WORDS]
    return " ".join(re.sub(r"(?<=[cs]h)es$|(?<=\w{3}[^s])s$", "", word) for word in words)
