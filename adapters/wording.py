"""What Slack and Teams say and ask alike, once the platform has been taken away. Pure.

Whatever a renderer adds to a card's own words is here, so that both add the same.
"""

import re
from datetime import date

from bot.cards import Choice, Field, Input, Quote

NAME = "Policy Clerk"
MORE = "There is more than fits here. Ask the clerk for the full record to see the rest."
NOTHING = "Nothing here yet."
OUR_FAULT = (
    "Something went wrong on the clerk's side. Nothing you typed is lost: please try again. "
    "If a child is in danger, do not wait: call 999, then find your safeguarding lead."
)

_WEB_PAGE = re.compile(r"https?://[!-~]+")


def quoted(part: Quote) -> str:
    """A clause as it is said. Restated wording is never in quotation marks (DESIGN.md)."""
    return f"In short: {part.text}" if part.restated else f"“{part.text}”"


def warned(text: str) -> str:
    """A warning is told by a sign, not by its colour."""
    return f"⚠️ {text}"


def labelled(label: str) -> str:
    """A fact's label as it stands before its value."""
    return f"{label} " if label.endswith((":", "?")) else f"{label}: "


def is_web_page(url: str) -> bool:
    """Whether it can safely be made a link: Slack refuses a whole message for an address it cannot read."""
    return bool(_WEB_PAGE.fullmatch(url))


def nothing_to_choose(item: Input) -> str:
    """Instead of a list without options, which neither platform draws."""
    return f"{item.label}: there is nothing to choose from."


def detail_fields(item: Choice) -> list[Field]:
    """A text input for each option that asks for more: always there, as neither platform can show it
    on demand, and never required, as the option may not be chosen."""
    typed = dict(item.details)
    return [
        Field(
            id=f"{item.id}.{option.value}",
            label=option.detail,
            hint=f"If you chose “{option.label}”.",
            required=False,
            value=typed.get(option.value, ""),
        )
        for option in item.options
        if option.detail
    ]


def is_date(value: str) -> bool:
    """Whether a date picker takes it: YYYY-MM-DD and a day that exists."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def hint(item: Input) -> str:
    """The hint, with a date that no date picker can show."""
    if isinstance(item, Field) and item.kind == "date" and item.value and not is_date(item.value):
        return f"{item.hint} You gave: {item.value}".strip()
    return item.hint


def lines(typed: str) -> tuple[str, ...]:
    """What was typed one entry a line."""
    return tuple(line.strip() for line in typed.splitlines() if line.strip())
