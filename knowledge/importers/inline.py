"""Marks inside a line: emphasis, links, tags, entities and odd spaces become plain text."""

import html
import re

_LINK = re.compile(r"!?\[([^\]]*)\]\(\s*([^)\s]*)[^)]*\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+|[\w.+-]+@[\w.-]+\.\w+)>")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>")
_BOLD = re.compile(r"(\*\*|(?<!\w)__)(?=[^\s_*])(.+?)(?<=[^\s_])\1(?!_)")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=\S)\*(?![\w*])")
_ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")


def tidy(text: str) -> str:
    """Text on one line with single spaces, as every clause is kept."""
    return " ".join(_ZERO_WIDTH.sub("", text).split())


def plain(text: str) -> str:
    """A line without the Markdown and HTML left in it; addresses people could open stay."""
    text = _AUTOLINK.sub(r"\1", text)
    text = _LINK.sub(lambda link: with_address(link[1], link[2]), text)
    text = _TAG.sub(" ", text)
    text = _EMPHASIS.sub(r"\1", _BOLD.sub(r"\2", text))
    return tidy(html.unescape(text))


def with_address(text: str, address: str) -> str:
    """`Education People (https://...)`; the text alone where the address leads nowhere."""
    leads_somewhere = address.startswith(("http://", "https://", "mailto:"))
    bare = address.removeprefix("mailto:")
    if not leads_somewhere or bare in text:
        return text
    return f"{text} ({bare})" if text else bare
