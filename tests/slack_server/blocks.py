"""What Slack takes as blocks, messages and views, and what it refuses: types, lengths, counts, ids.

Written from docs.slack.dev ("Block Kit": blocks, block elements, composition objects; "Views") and
PLATFORM.md, not from our renderer. Kinds of block the clerk has no use for (video, file, table) are
refused as unknown. The problems read as Slack's `response_metadata.messages`; an empty list is a yes.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.slack_server.elements import (
    ADDRESS,
    ELEMENTS,
    IDENTIFIER,
    PICKERS,
    SELECTS,
    SEVERAL,
    TYPED,
    Drawn,
    any_of,
    plain,
    text,
)
from tests.slack_server.shapes import (
    Rule,
    anything,
    boolean,
    both,
    by_type,
    fields,
    items,
    length,
    number,
    one_of,
    said,
    string,
    unlike,
)

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_CHARACTERS = 13_200
"""Of a message's blocks as JSON: more is `msg_blocks_too_long`, below any documented limit (bolt-js #2509)."""
MESSAGE_TEXT = 4_000
"""More is `msg_too_long` (chat.update; of late chat.postMessage too)."""
VIEW_BYTES = 250_000
METADATA = 3_000
TITLE = 24


_block_id = {"block_id": string(IDENTIFIER)}
_style = fields({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
RUNS: dict[str, Rule] = {
    "text": fields({"text": string(12_000)}, {"style": _style}),
    "link": fields({"url": ADDRESS}, {"text": string(12_000), "style": _style, "unsafe": boolean}),
    "emoji": fields({"name": string(100)}, {"unicode": string(100), "style": _style, "skin_tone": anything}),
    "user": fields({"user_id": string(IDENTIFIER)}, {"style": _style}),
    "usergroup": fields({"usergroup_id": string(IDENTIFIER)}, {"style": _style}),
    "channel": fields({"channel_id": string(IDENTIFIER)}, {"style": _style}),
    "broadcast": fields({"range": one_of("here", "channel", "everyone")}, {"style": _style}),
    "date": fields(
        {"timestamp": number(0, 10**10), "format": string(500)}, {"url": ADDRESS, "fallback": anything}
    ),
}
_runs = items(by_type(RUNS, "rich text element"), 1000, 0)
_section = fields({"elements": _runs})
_bordered = fields({"elements": _runs}, {"border": number(0, 1)})
PARAGRAPHS: dict[str, Rule] = {
    "rich_text_section": _section,
    "rich_text_quote": _bordered,
    "rich_text_preformatted": _bordered,
    "rich_text_list": fields(
        {"style": one_of("bullet", "ordered"), "elements": items(_section, 1000)},
        {"indent": number(0, 8), "offset": number(0, 10_000), "border": number(0, 1)},
    ),
}


def _says_something(value: Drawn, at: str) -> Iterator[str]:
    if not value.get("text") and not value.get("fields"):
        yield said("missing required field: text or fields", at)


def _ids_differ(value: Drawn, at: str) -> Iterator[str]:
    named = [one["action_id"] for one in value.get("elements", []) if "action_id" in one]
    yield from unlike(named, "action_id", at)


BLOCKS: dict[str, Rule] = {
    "section": both(
        fields(
            {},
            {
                **_block_id,
                "text": text(3000),
                "fields": items(text(2000), 10),
                "accessory": any_of(SELECTS | PICKERS | {"button", "overflow", "image"}),
                "expand": boolean,
            },
        ),
        _says_something,
    ),
    "header": fields({"text": plain(150)}, _block_id),
    "divider": fields({}, _block_id),
    "image": fields(
        {"alt_text": string(2000)},
        {**_block_id, "image_url": ADDRESS, "slack_file": anything, "title": plain(2000)},
    ),
    "context": fields(
        {
            "elements": items(
                by_type(
                    {"image": ELEMENTS["image"], "plain_text": plain(2000), "mrkdwn": text(2000)}, "element"
                ),
                10,
            )
        },
        _block_id,
    ),
    "actions": both(
        fields(
            {
                "elements": items(
                    any_of((SELECTS - SEVERAL) | PICKERS | {"button", "overflow", "datetimepicker"}),
                    25,
                )
            },
            _block_id,
        ),
        _ids_differ,
    ),
    "input": fields(
        {"label": plain(2000), "element": any_of(SELECTS | PICKERS | TYPED | {"datetimepicker"})},
        {**_block_id, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": fields({"elements": items(by_type(PARAGRAPHS, "rich text"), 1000)}, _block_id),
    "markdown": fields({"text": string(12_000)}, _block_id),
}
_VIEW: dict[str, Rule] = {
    "callback_id": string(IDENTIFIER, 0),
    "external_id": string(IDENTIFIER, 0),
    "private_metadata": string(METADATA, 0),
}
_MODAL = {
    **_VIEW,
    "submit": plain(TITLE),
    "close": plain(TITLE),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}


def block_problems(blocks: Any, most: int, at: str = "/blocks") -> list[str]:
    """Everything wrong with a list of blocks."""
    found = [*items(by_type(BLOCKS, "block"), most)(blocks, at)]
    if isinstance(blocks, list):
        named = [str(one["block_id"]) for one in blocks if isinstance(one, dict) and "block_id" in one]
        found += unlike(named, "block_id", at)
        focused = [one for one in blocks if "focus_on_load" in json.dumps(one)]
        found += [said("only one element may have focus_on_load", at)] if len(focused) > 1 else []
    return found


def view_problems(view: Any, kind: str = "") -> list[str]:
    """Everything wrong with a modal or a home, `kind` where only one of them will do."""
    if not isinstance(view, dict):
        return [said("must be an object", "/view")]
    which = view.get("type")
    rules = {
        "modal": fields({"title": plain(TITLE), "blocks": anything}, _MODAL),
        "home": fields({"blocks": anything}, _VIEW),
    }
    if which not in rules or (kind and which != kind):
        return [said(f"must be one of: {kind or 'modal, home'}", "/view/type")]
    found = [*rules[which](view, "/view"), *block_problems(view.get("blocks"), VIEW_BLOCKS, "/view/blocks")]
    asks = any(isinstance(one, dict) and one.get("type") == "input" for one in view.get("blocks") or [])
    if which == "modal" and asks and "submit" not in view:
        found.append(said("missing required field: submit", "/view"))
    return found


def too_large(view: Any) -> bool:
    """More than a view may weigh: `view_too_large`."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def too_long(blocks: Any) -> bool:
    """More than a message's blocks may weigh: `msg_blocks_too_long`."""
    return length(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MESSAGE_CHARACTERS
