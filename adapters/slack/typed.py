"""What somebody typed in Slack, without the marks that Slack puts around links, people and channels. Pure."""

import html
import re

_MARKED = re.compile(r"<([^<>]*)>")


def as_typed(text: str) -> str:
    """A message's text as its writer saw it: Slack's marks for links, people and channels taken off."""
    return html.unescape(_MARKED.sub(_unmarked, text))


def _unmarked(mark: re.Match[str]) -> str:
    """`<https://x|shown>` -> shown; `<mailto:a@b|a@b>` -> a@b; `<!channel>` -> @channel; `<@U1>` -> nothing."""
    address, _, shown = mark[1].partition("|")
    if address.startswith("@"):
        return f"@{shown}" if shown else ""
    if address.startswith("!"):
        return shown or f"@{address[1:].partition('^')[0]}"
    return shown or address
