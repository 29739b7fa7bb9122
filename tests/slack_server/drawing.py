"""What Slack makes of blocks: ids where the app gave none, what an input holds, and the words a person reads."""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

Drawn = dict[str, Any]
_ids = itertools.count(1)
CALLS = re.compile(r"<!(channel|here|everyone)(\|[^>]*)?>|<!subteam\^|<@U|<@W")
"""What in a parsed text pings somebody."""


def named(blocks: Sequence[Drawn]) -> list[Drawn]:
    """The blocks with a block_id each and an action_id for everything that can be used."""
    return [_named(block) for block in blocks]


def _named(block: Drawn) -> Drawn:
    block = {"block_id": f"b{next(_ids)}", **block}
    for slot in ("element", "accessory"):
        if slot in block:
            block[slot] = _usable(block[slot])
    if block["type"] == "actions":
        block["elements"] = [_usable(one) for one in block["elements"]]
    return block


def _usable(element: Drawn) -> Drawn:
    return element if element["type"] == "image" else {"action_id": f"a{next(_ids)}", **element}


def elements(blocks: Sequence[Drawn]) -> Iterator[tuple[Drawn, Drawn]]:
    """Everything that can be used, with its block."""
    for block in blocks:
        inside = [block[slot] for slot in ("element", "accessory") if slot in block]
        inside += block["elements"] if block["type"] == "actions" else []
        yield from ((block, one) for one in inside if one["type"] != "image")


def first_state(blocks: Sequence[Drawn]) -> dict[tuple[str, str], Drawn]:
    """What the inputs hold before anybody touches them."""
    return {
        (block["block_id"], one["action_id"]): held(one)
        for block, one in elements(blocks)
        if one["type"] not in ("button", "overflow")
    }


_HELD = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
}


def slot(kind: str) -> tuple[str, str]:
    """Under which name an input's value goes back to the app, and under which the app may set it."""
    return _HELD.get(kind, ("selected_option", "initial_option"))


def held(element: Drawn, value: Any = None) -> Drawn:
    """One entry of `state.values`: `value`, or what the app put there; nothing is null, or an empty list."""
    name, initial = slot(element["type"])
    several = name.endswith("s")
    return {
        "type": element["type"],
        name: value if value is not None else element.get(initial, [] if several else None),
    }


def parsed(text: str) -> str:
    """mrkdwn as it is read: `<!channel>` becomes a ping, `<url|words>` becomes words."""
    text = re.sub(r"<!(channel|here|everyone)(\|[^>]*)?>", r"@\1", text)
    text = re.sub(r"<((?:https?|mailto|tel):[^|>]+)\|([^>]*)>", r"\2", text)
    text = re.sub(r"<((?:https?|mailto|tel):[^|>]+)>", r"\1", text)
    return html.unescape(text)


def words(text: Drawn) -> str:
    """A text object as it is read."""
    return str(text["text"]) if text["type"] == "plain_text" else parsed(text["text"])


def lines(
    blocks: Sequence[Drawn],
    state: dict[tuple[str, str], Drawn] | None = None,
    errors: dict[str, str] | None = None,
) -> Iterator[str]:
    """Blocks as lines of text: inputs as `Label: [what it holds]`, buttons as `[Label]`, an error after its input."""
    for block in blocks:
        yield from filter(None, _lines(block, state or {}))
        if errors and block.get("block_id") in errors:
            yield f"! {errors[block['block_id']]}"


def _lines(block: Drawn, state: dict[tuple[str, str], Drawn]) -> Iterator[str]:
    match block["type"]:
        case "header" | "section":
            yield from (
                words(one)
                for one in [*([block["text"]] if "text" in block else []), *block.get("fields", [])]
            )
            if "accessory" in block:
                yield _used(block, block["accessory"], state)
        case "context":
            yield " ".join(words(one) if "text" in one else one["alt_text"] for one in block["elements"])
        case "actions":
            yield " ".join(_used(block, one, state) for one in block["elements"])
        case "input":
            optional = " (optional)" if block.get("optional") else ""
            yield f"{words(block['label'])}{optional}: {_used(block, block['element'], state)}"
            yield words(block["hint"]) if "hint" in block else ""
        case "rich_text":
            yield from ("".join(_runs(part)) for part in block["elements"])
        case "markdown":
            yield parsed(block["text"])
        case "image":
            yield block["alt_text"]


def _runs(part: Drawn) -> Iterator[str]:
    for one in part["elements"]:
        match one["type"]:
            case "text":
                yield one["text"]
            case "link":
                yield one.get("text", one["url"])
            case "broadcast":
                yield f"@{one['range']}"
            case "user":
                yield f"@{one['user_id']}"
            case "emoji":
                yield f":{one['name']}:"
            case kind if kind.startswith("rich_text"):
                yield "".join(_runs(one)) + "\n"


def _used(block: Drawn, one: Drawn, state: dict[tuple[str, str], Drawn]) -> str:
    if one["type"] == "image":
        return str(one["alt_text"])
    if one["type"] in ("button", "overflow"):
        return f"[{words(one['text'])}]" if "text" in one else "[…]"
    value = state.get((block["block_id"], one["action_id"]), held(one))[slot(one["type"])[0]]
    offered = [
        *one.get("options", []),
        *(o for group in one.get("option_groups", []) for o in group["options"]),
    ]
    shown = [_option(option, _chosen(option, value)) for option in offered]
    return " ".join(shown) or f"[{_plain(value)}]"


def _chosen(option: Drawn, value: Any) -> bool:
    held_ = value if isinstance(value, list) else [value] if value else []
    return any(one["value"] == option["value"] for one in held_)


def _option(option: Drawn, chosen: bool) -> str:
    more = f" {words(option['description'])}" if "description" in option else ""
    return f"({'x' if chosen else ' '}) {words(option['text'])}{more}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return words(value["text"]) if isinstance(value, dict) else str(value or "")


def links(blocks: Sequence[Drawn]) -> list[tuple[str, str]]:
    """Every link one could follow: its words and where it leads."""
    runs = [
        one
        for block in blocks
        if block["type"] == "rich_text"
        for part in block["elements"]
        for one in part["elements"]
    ]
    found = [(one.get("text", one["url"]), one["url"]) for one in runs if one["type"] == "link"]
    return found + [(words(one["text"]), one["url"]) for _, one in elements(blocks) if one.get("url")]


_SITE = re.compile(r"https?://[^\s<>|]+|\b(?:[\w-]+\.)+(?:com|org|net|uk|example)\b(?:/[^\s<>|]*)?")


def typed(text: str, bot: Any) -> str:
    """What somebody typed, as Slack hands it on: escaped, addresses in brackets, the app's name a mention."""
    text = html.escape(text, quote=False)
    text = _SITE.sub(lambda found: _bracketed(found[0]), text)
    return text.replace(f"@{bot.name}", f"<@{bot.id}>")


def runs(text: str, bot: Any) -> list[Drawn]:
    """What somebody typed as the elements of a rich text: the app's name becomes a mention."""
    mention = {"type": "user", "user_id": bot.id}
    parts = [{"type": "text", "text": part} if part else None for part in text.split(f"@{bot.name}")]
    mentions = itertools.chain.from_iterable((mention, part) for part in parts[1:])
    return [one for one in (parts[0], *mentions) if one]


def _bracketed(address: str) -> str:
    return f"<{address}>" if "://" in address else f"<http://{address}|{address}>"
