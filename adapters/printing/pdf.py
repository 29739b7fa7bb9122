"""A `Record` as a PDF: tagged, with its title and language, every font embedded (PDF/UA-1).

What people wrote reaches the template as JSON and never as its source, so that nothing in it is
read as markup.
"""

import logging
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import typst
from fontTools.ttLib import TTFont

from bot.model import Model
from bot.paper import Record, said

TEMPLATE = Path(__file__).parent / "record.typ"
FONTS = (
    Path(str(files("fontpkg_noto_sans") / "files")),
    Path(str(files("fontpkg_noto_sans_arabic") / "files")),
    Path(__file__).parent / "fonts",
)
"""Latin (Welsh among it), Greek, Cyrillic, Devanagari; Arabic; emoji."""
NUMBERED = "[U+"
BY_NUMBER = "A character that cannot be printed here stands as its Unicode number in square brackets."
_UNSEEN = ("Cf", "Zl", "Zp", "Cs")
"""Categories that have no picture."""
_TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF")
"""Characters that make others appear in another order than they were written in."""
_log = logging.getLogger(__name__)


def pdf(record: Record) -> bytes:
    """The record as a PDF."""
    try:
        return _set(record, ["ua-1"])
    except typst.TypstError:
        # A mark on a letter that no font has both of: a box on paper, but the record is printed. The
        # error quotes the text, so it is not logged.
        _log.warning("a record holds characters that cannot be shown together; it is not PDF/UA")
        return _set(record, [])


def _set(record: Record, standards: list[Literal["ua-1"]]) -> bytes:
    compiler = typst.Compiler(
        input=TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"record": shown(record)},
    )
    at = record.printed_at.astimezone(UTC).replace(microsecond=0)  # Typst refuses a part of a second
    made = compiler.compile(format="pdf", pdf_standards=[*standards], timestamp=at)
    assert isinstance(made, bytes)  # one file: only pictures come as a list
    return made


def shown(record: Record) -> str:
    """The record as the template reads it: JSON, with characters that no font has by their number."""
    cited = [c.model_copy(update={"text": said(c)}) for c in record.rests_on]
    plain: Record = _each_text(record.model_copy(update={"rests_on": tuple(cited)}), readable)
    if plain.model_dump_json().count(NUMBERED) > record.model_dump_json().count(NUMBERED):
        plain = plain.model_copy(update={"signed": f"{plain.signed} {BY_NUMBER}"})
    return plain.model_dump_json()


def _each_text(part: Any, change: Callable[[str], str]) -> Any:
    """The same model with every text in it changed."""
    match part:
        case str():
            return change(part)
        case tuple():
            return tuple(_each_text(each, change) for each in part)
        case Model():
            fields = {name: _each_text(getattr(part, name), change) for name in type(part).model_fields}
            return part.model_copy(update=fields)
    return part


def readable(text: str) -> str:
    """The text as the fonts can show it: composed, and `[U+6F22]` for what none of them has."""
    return "".join(_spelt(unicodedata.normalize("NFC", text)))


def _spelt(text: str) -> Iterator[str]:
    for char in text:
        category = unicodedata.category(char)
        if char in "\n\t":
            yield " "
        elif category == "Cc" or unicodedata.bidirectional(char) in _TURNING:
            continue
        elif ord(char) in _drawn():
            yield char
        elif category == "Zs":
            yield " "
        elif category not in _UNSEEN:
            yield f"{NUMBERED}{ord(char):04X}]"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder) for folder in FONTS]
    )


@cache
def _drawn() -> frozenset[int]:
    """Every character that one of the fonts has."""
    paths = [path for folder in FONTS for path in sorted(folder.glob("*.ttf"))]
    codes: set[int] = set()
    for path in paths:
        with TTFont(path, lazy=True) as font:
            codes.update(font.getBestCmap())
    return frozenset(codes)
