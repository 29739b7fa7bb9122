"""Files that are no policy, refused in words that say what would be right."""

import codecs

from knowledge.importers.preview import NotAPolicy

_MEGABYTE = 1024 * 1024
LARGEST = 5 * _MEGABYTE
"""Bytes. The text of a policy of 100 pages is a tenth of this."""

_WANTED = "Save the policy as plain text (.txt) or Markdown (.md) and import that."
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Word, Excel or PowerPoint document"),
    (b"{\\rtf", "a Rich Text (RTF) document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
)
_ZIPPED = (
    (b"word/", "a Word document"),
    (b"xl/", "an Excel workbook"),
    (b"ppt/", "a PowerPoint presentation"),
    (b"opendocument", "an OpenDocument file"),
)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with a byte order mark, or Windows' cp1252.

    NotAPolicy for files too large, empty or not of text; size is looked at first.
    """
    if len(data) > LARGEST:
        size, most = len(data) / _MEGABYTE, LARGEST // _MEGABYTE
        raise NotAPolicy(f"This file is {size:.1f} MB; a policy is at most {most} MB. {_WANTED}")
    if not data.strip():
        raise NotAPolicy("This file is empty. Choose the file that holds the policy's text.")
    if kind := _known_format(data):
        raise NotAPolicy(f"This is {kind}, which cannot be read yet. {_WANTED}")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _text(data, encoding)
    if b"\0" in data:
        raise NotAPolicy(f"This is not a text file: it holds binary data. {_WANTED}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _text(data, "cp1252")


def _known_format(data: bytes) -> str:
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return next((kind for part, kind in _ZIPPED if part in data), "a ZIP archive")
    start = data[:500].lstrip().lower()
    return "a web page (HTML)" if start.startswith((b"<!doctype html", b"<html")) else ""


def _text(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise NotAPolicy(
            f"This file's characters cannot be read: it is neither UTF-8, UTF-16 nor Windows text. {_WANTED}"
        ) from None
    if "\0" in text:
        raise NotAPolicy(f"This is not a text file: it holds binary data. {_WANTED}")
    return text
