"""What a page carries besides its text: numbers, running headers and footers, rules."""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from knowledge.importers.characters import DASHES
from knowledge.importers.lines import Line, same_words

PAGE_NUMBER = "page number"
RUNNING_LINE = "running header or footer"
RULE = "ruled line"

_PAGE_NUMBER = re.compile(
    rf"[{DASHES}|\s]*(?:(?:page|pg\.?|p\.?)\s*\|?\s*\d{{1,3}}(?:\s*(?:of|/)\s*\d{{1,3}})?"
    rf"|\d{{1,3}}\s*of\s*\d{{1,3}}|\d{{1,3}}\s*\|\s*p\s?a\s?g\s?e)[{DASHES}|\s]*",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(rf"[{DASHES}\s]*\d{{1,3}}[{DASHES}\s]*")
_WITH_PAGE_COUNT = re.compile(r"\bpage\s+\d{1,3}\s+of\s+\d{1,3}\b", re.IGNORECASE)
_WITH_PAGE = re.compile(r"(?:^page\s+\d{1,3}\b.*|.*\bpage\s+\d{1,3})$", re.IGNORECASE)
_LONGEST_FOOTER = 14
"""Words."""
_COVER_LINES = 2
"""A document begins with its title and its school; either may run on top of every page."""


def furniture(lines: Sequence[Line]) -> dict[int, str]:
    """Line number -> why it is no part of the text."""
    found = {line.number: reason for line in lines if (reason := _certain(line))}
    found.update({number: PAGE_NUMBER for number in _bare_page_numbers(lines)})
    found.update({number: RUNNING_LINE for number in _running_lines(lines, found)})
    return found


def _certain(line: Line) -> str:
    text = line.text.strip()
    if not text:
        return ""
    if _PAGE_NUMBER.fullmatch(text):
        return PAGE_NUMBER
    if _WITH_PAGE_COUNT.search(text) and len(text.split()) <= _LONGEST_FOOTER and not text.endswith("."):
        return RUNNING_LINE
    if not any(character.isalnum() for character in text) and "\t" not in text:
        return RULE
    return ""


def _bare_page_numbers(lines: Sequence[Line]) -> list[int]:
    """Figures alone on a line that count upwards by one, as pages do: at least two of them."""
    alone = [line for line in lines if _BARE_NUMBER.fullmatch(line.text) and "\t" not in line.text]
    figures = [int(re.sub(r"\D", "", line.text)) for line in alone]
    counting = len(figures) >= 2 and all(after == before + 1 for before, after in pairwise(figures))
    return [line.number for line in alone] if counting else []


def _running_lines(lines: Sequence[Line], found: dict[int, str]) -> list[int]:
    """Lines that come back on page after page: beside page marks, or as the document began.

    The line the document begins with stays where it is printed first: it is the title, or the school.
    """
    printed = [line for line in lines if not line.blank]
    position = {line.number: index for index, line in enumerate(printed)}
    again: dict[str, list[Line]] = defaultdict(list)
    for line in printed:
        if line.number not in found and len(line.text.split()) <= _LONGEST_FOOTER and _masked(line):
            again[_masked(line)].append(line)

    def beside_page_mark(line: Line) -> bool:
        beside = printed[max(0, position[line.number] - 2) : position[line.number] + 3]
        return any(other.number in found or other.page_top for other in beside)

    running: list[int] = []
    for copies in again.values():
        marked = sum(map(beside_page_mark, copies))
        begins = position[copies[0].number] < _COVER_LINES
        names_page = len(copies) >= 2 and bool(_WITH_PAGE.match(copies[0].text.strip()))
        often = len(copies) >= 3 and (begins or marked * 2 >= len(copies))
        if names_page or often or (len(copies) == 2 and marked == 2):
            running.extend(line.number for line in copies[begins:])
    return running


def _masked(line: Line) -> str:
    """The line's words with figures masked, so that page numbers make no difference."""
    return re.sub(r"\d+", "0", same_words(line.text))
