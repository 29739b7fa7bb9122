"""The app's manifest with a school's own address and commands, as Slack takes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PACKAGED = Path(__file__).resolve().parents[2] / "app_manifest" / "slack" / "manifest.json"
PATH, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"
COMMANDS, NAME = 50, 31
"""How many commands one app may have, and how long one may be without its slash (slackapi/manifest-schema)."""


class CannotWrite(Exception):
    """What Slack would refuse, in words."""


def scopes() -> tuple[str, ...]:
    """What the app may do."""
    return tuple(_packaged()["oauth_config"]["scopes"]["bot"])


def _packaged() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(PACKAGED.read_text(encoding="utf-8"))
    return whole


def manifest(address: str, commands: Mapping[str, str]) -> dict[str, Any]:
    """The manifest for a clerk at `address`, or for Socket Mode where there is none. `commands` (name to what
    it is for) are those of the schools; the package's have their own words. CannotWrite where Slack would
    refuse it."""
    parts = urlsplit(address)
    if address and (parts.scheme != "https" or not parts.hostname):
        raise CannotWrite(f"--address: “{address}” is not a whole https address")
    whole = _packaged()
    listed = whole["features"]["slash_commands"]
    there = {one["command"] for one in listed}
    listed += [
        {"command": f"/{name}", "url": "", "description": about, "should_escape": False}
        for name, about in sorted(commands.items())
        if f"/{name}" not in there
    ]
    if len(listed) > COMMANDS:
        raise CannotWrite(f"Slack takes {COMMANDS} commands, and these schools have {len(listed)}")
    if long := [one["command"] for one in listed if len(one["command"]) > NAME + 1]:
        raise CannotWrite(f"Slack takes commands of at most {NAME} letters: {', '.join(long)} is longer")
    whole["settings"]["socket_mode_enabled"] = not address
    _address(whole, f"{address.rstrip('/')}{PATH}" if address else "")
    del whole["oauth_config"]["redirect_urls"]
    if address:
        whole["oauth_config"]["redirect_urls"] = [f"{address.rstrip('/')}{REDIRECT}"]
    return whole


def _address(tree: Any, url: str) -> None:
    """Put the address wherever there is one, or take it away for Socket Mode, which has none."""
    inside = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))
    for key, value in inside:
        if isinstance(value, dict | list):
            _address(value, url)
        elif str(key).endswith("url") and url:
            tree[key] = url
        elif str(key).endswith("url"):
            del tree[key]
