"""Printed numbers of headings and paragraphs: "2", "4.1", "Appendix A", "4.2.1"."""

import re

from knowledge.importers.characters import DASHES

_LABEL = r"(?i:appendix|annex|schedule|section|part|chapter)\s+(?:\d{1,2}|[IVX]{1,4}|[A-Z])"
_NUMBERED = re.compile(rf"(?P<number>{_LABEL}|\d{{1,2}}(?:\.\d{{1,2}})*)(?:[.:)]|\s*[{DASHES}])?\s+(?=\S)")
_PARAGRAPH_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})+)[.)]?\s+(?=\S)")
_LABEL_ALONE = re.compile(rf"{_LABEL}[.:]?")


def split_number(text: str) -> tuple[str, str]:
    """`2. Scope` -> ("2", "Scope"), `APPENDIX B: Form` -> ("Appendix B", "Form"); "" without one."""
    match = _NUMBERED.match(text)
    if match is None:
        return "", text
    return as_cited(match["number"]), text[match.end() :]


def split_paragraph_number(text: str) -> tuple[str, str]:
    """`4.2.1 Staff must ...` -> ("4.2.1", "Staff must ..."). A single "4." is a list marker, not this."""
    match = _PARAGRAPH_NUMBER.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)


def is_label_alone(text: str) -> bool:
    """`APPENDIX A` on a line of its own: its title is on the next line."""
    return bool(_LABEL_ALONE.fullmatch(text.strip()))


def as_cited(number: str) -> str:
    """`APPENDIX  a` is cited as "Appendix A"; figures stay as they are."""
    word, _, mark = number.strip(" .:").partition(" ")
    return f"{word.capitalize()} {mark.strip()}" if mark else word


def level_of(number: str) -> int:
    """`4.2` stands on the second level, `4` and `Appendix A` on the first."""
    return number.count(".") + 1
