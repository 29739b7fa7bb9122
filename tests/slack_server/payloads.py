"""What Slack sends an app: events, slash commands, and the payloads of what people do with blocks and views.

Shapes as on docs.slack.dev/reference/interaction-payloads, /interactivity/implementing-slash-commands
and /apis/events-api, and as bolt-python's own scenario tests have them.
"""

import time
import uuid
from typing import Any

from tests.slack_server.workspace import Channel, Message, Person, View, Workspace

Drawn = dict[str, Any]
VERIFICATION = "not-to-be-trusted"
"""The old verification token, which nobody should look at."""


def who(person: Person) -> Drawn:
    """A person in an interaction's payload."""
    name = person.id.lower()
    return {"id": person.id, "username": name, "name": name, "team_id": person.team}


def _common(workspace: Workspace, person: Person, kind: str) -> Drawn:
    return {
        "type": kind,
        "user": who(person),
        "api_app_id": workspace.app_id,
        "token": VERIFICATION,
        "team": {"id": workspace.id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def event(workspace: Workspace, what: Drawn, shared: bool = False) -> Drawn:
    """An `event_callback`."""
    return {
        "token": VERIFICATION,
        "team_id": workspace.id,
        "context_team_id": workspace.id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": {**what, "event_ts": what.get("ts", f"{time.time():.6f}")},
        "type": "event_callback",
        "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{uuid.uuid4().hex}",
    }


def message_changed(workspace: Workspace, place: Channel, message: Message, before: Drawn) -> Drawn:
    """A message in a conversation with the app was changed (docs.slack.dev, "message_changed")."""
    edited = {"user": message.user, "ts": workspace.ts()}
    what: Drawn = {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": place.id,
        "channel_type": "im",
        "ts": edited["ts"],
        "message": {**message.described(workspace), "edited": edited},
        "previous_message": before,
    }
    return event(workspace, what)


def message_event(workspace: Workspace, person: Person, place: Channel, message: Message, kind: str) -> Drawn:
    """A `message` in a conversation with the app (`kind` message), or an `app_mention`."""
    what: Drawn = {
        "type": kind,
        "user": person.id,
        "text": message.text,
        "ts": message.ts,
        "client_msg_id": str(uuid.uuid4()),
        "team": workspace.id,
        "channel": place.id,
        "blocks": message.blocks,
    }
    if kind == "message":
        what["channel_type"] = "im"
    if message.thread_ts:
        what |= {"thread_ts": message.thread_ts}
    if person.team != workspace.id:
        what |= {"user_team": person.team, "source_team": person.team}
    if message.files:
        what |= {
            "subtype": "file_share",
            "files": [{"id": one.id, "name": one.name} for one in message.files],
        }
    return event(workspace, what, place.shared)


def command(
    workspace: Workspace, person: Person, place: Channel, name: str, text: str, trigger: str, answer: str
) -> Drawn:
    """A slash command's form."""
    return {
        "token": VERIFICATION,
        "team_id": workspace.id,
        "team_domain": workspace.domain,
        "channel_id": place.id,
        "channel_name": "directmessage" if place.kind == "im" else place.name,
        "user_id": person.id,
        "user_name": person.id.lower(),
        "command": name,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": answer,
        "trigger_id": trigger,
    }


def action(block: Drawn, element: Drawn, value: Drawn | None) -> Drawn:
    """One entry of `actions`: what was pressed or chosen."""
    done: Drawn = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    done |= {name: element[name] for name in ("text", "value", "style", "url") if name in element}
    return {**done, **(value or {}), "action_ts": f"{time.time():.6f}"}


def block_actions(
    workspace: Workspace, person: Person, done: Drawn, source: Message | View, trigger: str, answer: str
) -> Drawn:
    """Something pressed or chosen in a message, a modal or a home. Only a message has a `response_url`."""
    said = {**_common(workspace, person, "block_actions"), "trigger_id": trigger, "actions": [done]}
    if isinstance(source, View):
        view = workspace.described(source)
        return {**said, "container": {"type": "view", "view_id": source.id}, "view": view}
    place = workspace.channels[source.channel]
    container: Drawn = {
        "type": "message",
        "message_ts": source.ts,
        "channel_id": place.id,
        "is_ephemeral": bool(source.only_for),
    }
    if source.thread_ts:
        container["thread_ts"] = source.thread_ts
    said |= {
        "container": container,
        "channel": _channel(place),
        "response_url": answer,
        "state": _state(source),
    }
    return said if source.only_for else {**said, "message": source.described(workspace)}


def suggestion(
    workspace: Workspace, person: Person, block: Drawn, element: Drawn, typed: str, source: Message | View
) -> Drawn:
    """What a searching menu asks the app while somebody types."""
    said = _common(workspace, person, "block_suggestion")
    said |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
    if isinstance(source, View):
        return {
            **said,
            "container": {"type": "view", "view_id": source.id},
            "view": workspace.described(source),
        }
    container = {
        "type": "message",
        "message_ts": source.ts,
        "channel_id": source.channel,
        "is_ephemeral": False,
    }
    place = workspace.channels[source.channel]
    return {
        **said,
        "container": container,
        "channel": _channel(place),
        "message": source.described(workspace),
    }


def view_submission(workspace: Workspace, person: Person, view: View, trigger: str) -> Drawn:
    """A modal sent."""
    said = {**_common(workspace, person, "view_submission"), "trigger_id": trigger, "response_urls": []}
    return {**said, "view": workspace.described(view)}


def view_closed(workspace: Workspace, person: Person, view: View, *, cleared: bool) -> Drawn:
    """A modal closed, for an app that asked to be told."""
    return {
        **_common(workspace, person, "view_closed"),
        "view": workspace.described(view),
        "is_cleared": cleared,
    }


def message_action(
    workspace: Workspace, person: Person, callback: str, message: Message, trigger: str, answer: str
) -> Drawn:
    """A shortcut used on a message."""
    return {
        **_common(workspace, person, "message_action"),
        "callback_id": callback,
        "trigger_id": trigger,
        "response_url": answer,
        "action_ts": f"{time.time():.6f}",
        "message_ts": message.ts,
        "channel": _channel(workspace.channels[message.channel]),
        "message": message.described(workspace),
    }


def shortcut(workspace: Workspace, person: Person, callback: str, trigger: str) -> Drawn:
    """A shortcut used from anywhere."""
    said = {**_common(workspace, person, "shortcut"), "callback_id": callback, "trigger_id": trigger}
    return {**said, "action_ts": f"{time.time():.6f}"}


def _channel(place: Channel) -> Drawn:
    return {
        "id": place.id,
        "name": {"im": "directmessage", "private": "privategroup"}.get(place.kind, place.name),
    }


def _state(message: Message) -> Drawn:
    values: dict[str, Drawn] = {}
    for (block_id, action_id), value in message.state.items():
        values.setdefault(block_id, {})[action_id] = value
    return {"values": values}
