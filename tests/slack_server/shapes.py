"""Words in which Slack's rules for a JSON object are written down. What Slack's objects are: `blocks.py`.

A rule takes a value and the JSON pointer to it, and yields what Slack would say is wrong, in the
form of its `response_metadata.messages`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

Rule = Callable[[Any, str], Iterator[str]]


def length(text: str) -> int:
    """Slack counts as JavaScript does: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def said(problem: str, at: str) -> str:
    """A complaint as Slack words it."""
    return f"[ERROR] {problem} [json-pointer:{at}]"


def string(most: int, least: int = 1, pattern: str = "") -> Rule:
    """A string of `least` to `most` characters."""

    def rule(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield said("must be a string", at)
        elif length(value) < least:
            yield said(f"must be more than {least - 1} characters", at)
        elif length(value) > most:
            yield said(f"must be less than {most + 1} characters", at)
        elif not re.fullmatch(pattern or "(?s).*", value):
            yield said("invalid format", at)

    return rule


def boolean(value: Any, at: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield said("must be a boolean", at)


def day(value: Any, at: str) -> Iterator[str]:
    """YYYY-MM-DD."""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        yield said("invalid date format", at)


def anything(_: Any, __: str) -> Iterator[str]:
    """Whatever it is."""
    yield from ()


def number(least: int, most: int) -> Rule:
    """A whole number between the two."""

    def rule(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield said(f"must be a number from {least} to {most}", at)

    return rule


def one_of(*allowed: str) -> Rule:
    """One of these words."""

    def rule(value: Any, at: str) -> Iterator[str]:
        if value not in allowed:
            yield said(f"must be one of: {', '.join(allowed)}", at)

    return rule


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of `least` to `most` things."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield said("must be an array", at)
            return
        if len(value) > most:
            yield said(f"no more than {most} items allowed", at)
        if len(value) < least:
            yield said(f"no fewer than {least} items allowed" if least > 1 else "must not be empty", at)
        for number_, one in enumerate(value):
            yield from rule(one, f"{at}/{number_}")

    return check


def fields(needed: Mapping[str, Rule], allowed: Mapping[str, Rule] | None = None) -> Rule:
    """An object that has `needed`, may have `allowed`, and nothing else. `type` is checked by whoever
    chose this rule."""
    rules = {**needed, **(allowed or {})}

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield said("must be an object", at)
            return
        yield from (said(f"missing required field: {name}", at) for name in needed if name not in value)
        for name, inner in value.items():
            if name in rules:
                yield from rules[name](inner, f"{at}/{name}")
            elif name != "type":
                yield said(f"invalid additional property: {name}", at)

    return check


def both(*rules: Rule) -> Rule:
    """All of these rules."""

    def check(value: Any, at: str) -> Iterator[str]:
        for rule in rules:
            yield from rule(value, at)

    return check


def by_type(kinds: Mapping[str, Rule], what: str) -> Rule:
    """An object whose `type` says which of the rules it must meet."""

    def check(value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in kinds:
            yield said(f"unsupported type: {what} {kind}", f"{at}/type")
        else:
            yield from kinds[kind](value, at)

    return check


def unlike(values: Sequence[str], what: str, at: str) -> Iterator[str]:
    """No two the same."""
    for value, count in Counter(values).items():
        if count > 1:
            yield said(f"`{what}` {value} already exists", at)
