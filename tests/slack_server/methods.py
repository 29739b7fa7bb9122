"""The Web API methods for messages, conversations, people and files, with Slack's own names for each refusal.

A method takes the workspace and its arguments and returns what is added to `{"ok": true}`.
Sources: docs.slack.dev/reference/methods; what the reference leaves out is named where it is used.
"""

from collections.abc import Callable
from typing import Any

from tests.slack_server.blocks import MESSAGE_BLOCKS, MESSAGE_TEXT, Drawn, block_problems, too_long
from tests.slack_server.drawing import first_state, named
from tests.slack_server.shapes import length
from tests.slack_server.workspace import Channel, File, Message, Person, Refused, Workspace

Method = Callable[[Workspace, Drawn], Drawn]


def auth_test(workspace: Workspace, _: Drawn) -> Drawn:
    """Who the token is."""
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.domain,
        "user": "policyclerk",
        "team_id": workspace.id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def post_message(workspace: Workspace, said: Drawn) -> Drawn:
    """chat.postMessage. To somebody deactivated it succeeds, and nobody reads it (python-slack-sdk #1156)."""
    place = postable(workspace, _needed(said, "channel"))
    message = add(workspace, place, said)
    return {"channel": place.id, "ts": message.ts, "message": message.described(workspace)}


def post_ephemeral(workspace: Workspace, said: Drawn) -> Drawn:
    """chat.postEphemeral: somebody in the conversation sees it, for as long as their session lasts."""
    place, user = postable(workspace, _needed(said, "channel")), _needed(said, "user")
    if user not in place.members:
        raise Refused("user_not_in_channel")
    return {"message_ts": add(workspace, place, said, only_for=user).ts}


def update(workspace: Workspace, said: Drawn) -> Drawn:
    """chat.update, of the app's own messages. Ephemeral ones are not found."""
    message = _own(workspace, said, "cant_update_message")
    text, blocks = content(said)
    redraw(message, text, blocks)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": text,
        "message": message.described(workspace),
    }


def delete(workspace: Workspace, said: Drawn) -> Drawn:
    """chat.delete, of the app's own messages."""
    message = _own(workspace, said, "cant_delete_message")
    workspace.messages.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(workspace: Workspace, said: Drawn) -> Drawn:
    """chat.getPermalink."""
    place = readable(workspace, _needed(said, "channel"))
    ts = _needed(said, "message_ts")
    if not any(one.ts == ts and one.channel == place.id and not one.only_for for one in workspace.messages):
        raise Refused("message_not_found")
    return {"channel": place.id, "permalink": address(workspace, place.id, ts)}


def address(workspace: Workspace, channel: str, ts: str) -> str:
    """Where a message is found in a browser."""
    return f"https://{workspace.domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}"


def open_conversation(workspace: Workspace, said: Drawn) -> Drawn:
    """conversations.open: with one person, or a channel already known."""
    if "channel" in said:
        return {"channel": {"id": readable(workspace, said["channel"]).id}}
    users = _needed(said, "users", "users_list_not_supplied").split(",")
    for user in users:
        if _person(workspace, user).deleted:
            raise Refused("user_disabled")
    if len(users) > 1:
        raise Refused("not_enough_users")  # the clerk speaks with one person at a time
    return {"channel": {"id": workspace.direct(users[0]).id}}


def conversation(workspace: Workspace, said: Drawn) -> Drawn:
    """conversations.info."""
    place = readable(workspace, _needed(said, "channel"))
    return {
        "channel": {
            "id": place.id,
            "name": place.name,
            "is_channel": place.kind == "public",
            "is_group": place.kind == "private",
            "is_im": place.kind == "im",
            "is_private": place.kind != "public",
            "is_archived": place.archived,
            "is_member": workspace.bot.id in place.members,
            "is_ext_shared": place.shared,
            "context_team_id": workspace.id,
        }
    }


def members(workspace: Workspace, said: Drawn) -> Drawn:
    """conversations.members, in pages of `limit`."""
    place = readable(workspace, _needed(said, "channel"))
    start, size = int(said.get("cursor") or 0), int(said.get("limit") or 100)
    everyone = sorted(place.members)
    following = str(start + size) if start + size < len(everyone) else ""
    return {"members": everyone[start : start + size], "response_metadata": {"next_cursor": following}}


def user_info(workspace: Workspace, said: Drawn) -> Drawn:
    """users.info; people of a connected workspace are found too."""
    return {
        "user": _person(workspace, _needed(said, "user")).described(
            email=_granted(workspace, "users:read.email")
        )
    }


def by_email(workspace: Workspace, said: Drawn) -> Drawn:
    """users.lookupByEmail. Deactivated people are not found."""
    wanted = _needed(said, "email").casefold()
    found = [one for one in workspace.people.values() if one.email.casefold() == wanted and not one.deleted]
    if not found:
        raise Refused("users_not_found")
    return {"user": found[0].described(email=True)}


def group_members(workspace: Workspace, said: Drawn) -> Drawn:
    """usergroups.users.list."""
    group = _needed(said, "usergroup")
    if group not in workspace.groups:
        raise Refused("no_such_subteam")
    return {"users": workspace.groups[group]}


def upload_address(workspace: Workspace, said: Drawn) -> Drawn:
    """files.getUploadURLExternal. The server adds the address, which it alone knows."""
    size = int(_needed(said, "length"))
    file = File(id=workspace.new("F"), name=_needed(said, "filename"), length=size)
    workspace.files[file.id] = file
    return {"file_id": file.id}


def complete_upload(workspace: Workspace, said: Drawn) -> Drawn:
    """files.completeUploadExternal: what was sent to the address is now in the channel, if one is named."""
    listed = _needed(said, "files")
    files = [workspace.files.get(str(one.get("id"))) for one in listed]
    if any(file is None or len(file.content) != file.length for file in files):
        raise Refused("file_not_found")
    found = [file for file in files if file]
    for file, one in zip(found, listed, strict=True):
        file.title, file.shared = one.get("title") or file.name, True
    if said.get("channel_id"):
        comment = {**said, "text": said.get("initial_comment") or ""}
        add(workspace, postable(workspace, said["channel_id"]), comment, files=found)
    return {"files": [{"id": file.id, "title": file.title} for file in found]}


def content(said: Drawn) -> tuple[str, list[Drawn]]:
    """The text and blocks of a message, refused as Slack refuses them."""
    text, blocks = said.get("text") or "", said.get("blocks") or []
    if not text and not blocks:
        raise Refused("no_text")
    if length(text) > MESSAGE_TEXT:
        raise Refused("msg_too_long")
    problems = block_problems(blocks, MESSAGE_BLOCKS) if blocks else []
    if problems:
        raise Refused("invalid_blocks", problems, errors=problems)
    if too_long(blocks):
        raise Refused("msg_blocks_too_long")
    return text, named(blocks)


def add(
    workspace: Workspace, place: Channel, said: Drawn, *, only_for: str = "", files: list[File] | None = None
) -> Message:
    """A new message of the app."""
    text, blocks = content(said) if not files else (said["text"], [])
    if said.get("thread_ts") and not any(
        one.ts == said["thread_ts"] and one.channel == place.id for one in workspace.messages
    ):
        raise Refused("thread_not_found")
    message = Message(
        ts=workspace.ts(),
        channel=place.id,
        user=workspace.bot.id,
        text=text,
        thread_ts=said.get("thread_ts") or "",
        only_for=only_for,
        files=files or [],
        unfurls=said.get("unfurl_links") is not False or said.get("unfurl_media") is not False,
    )
    workspace.messages.append(message)
    redraw(message, text, blocks)
    message.edited = False
    return message


def redraw(message: Message, text: str, blocks: list[Drawn]) -> None:
    """What a message says from now on; inputs keep what was chosen."""
    message.text, message.blocks, message.edited = text, blocks, True
    message.state = first_state(blocks) | {
        key: value for key, value in message.state.items() if key in first_state(blocks)
    }


def postable(workspace: Workspace, channel: str) -> Channel:
    """Where the app may write; a person's id means their conversation with it."""
    if channel in workspace.people:
        return workspace.direct(channel)
    place = readable(workspace, channel)
    if place.archived:
        raise Refused("is_archived")
    if workspace.bot.id not in place.members:
        raise Refused("not_in_channel")
    return place


def readable(workspace: Workspace, channel: str) -> Channel:
    """A channel the app can know of: not deleted, and if private, one it is in."""
    place = workspace.channels.get(channel)
    if place is None or place.deleted or (place.kind != "public" and workspace.bot.id not in place.members):
        raise Refused("channel_not_found")
    return place


def _own(workspace: Workspace, said: Drawn, error: str) -> Message:
    place, ts = readable(workspace, _needed(said, "channel")), _needed(said, "ts", "message_not_found")
    found = [
        one for one in workspace.messages if one.ts == ts and one.channel == place.id and not one.only_for
    ]
    if not found:
        raise Refused("message_not_found")
    if found[0].user != workspace.bot.id:
        raise Refused(error)
    if place.archived:
        raise Refused("is_archived")
    return found[0]


def _person(workspace: Workspace, user: str) -> Person:
    if user not in workspace.people:
        raise Refused("user_not_found")
    return workspace.people[user]


def _granted(workspace: Workspace, scope: str) -> bool:
    return workspace.scopes is None or scope in workspace.scopes


def _needed(said: Drawn, name: str, error: str = "invalid_arguments") -> Any:
    if said.get(name) in (None, ""):
        raise Refused(error, [f"[ERROR] missing required field: {name}"])
    return said[name]


METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
    "conversations.open": open_conversation,
    "conversations.info": conversation,
    "conversations.members": members,
    "users.info": user_info,
    "users.lookupByEmail": by_email,
    "usergroups.users.list": group_members,
    "files.getUploadURLExternal": upload_address,
    "files.completeUploadExternal": complete_upload,
}
