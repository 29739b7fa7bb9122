"""What Slack sends, turned into an `Event` and the spot it came from. Translation only: nothing is decided here.

    message in a conversation with the app   -> Asked           id: event_id
    such a message, changed by its writer    -> Asked, before   id: event_id
    @mention in a channel                    -> Asked, shared   id: event_id
    slash command                            -> CommandCalled   id: trigger_id
    shortcut on a message                    -> MessageReported id: trigger_id
    button                                   -> ButtonPressed   id: user and action_ts
    input that others depend on              -> FormChanged     id: view, hash and action_ts
    modal sent                               -> FormSubmitted   id: view and hash
    home opened                              -> HomeOpened      id: event_id

Who it is comes from the authenticated envelope: its user, and the workspace they belong to.
"""

from collections.abc import Mapping
from typing import Any

from adapters.slack import render
from adapters.slack.blocks import as_drawn
from adapters.slack.spots import Happening, Kind, Spot
from adapters.slack.typed import as_typed
from bot.events import (
    Asked,
    ButtonPressed,
    CommandCalled,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    Identity,
    MessageReported,
    Standing,
)

Body = Mapping[str, Any]

_NOT_SAID = {None, "file_share", "thread_broadcast", "me_message"}
"""Subtypes of a message that somebody has just written; changes, deletions and bots' messages have others."""


def message(body: Body) -> Happening | None:
    """A message in a conversation with the app, or a change of one. None for what nobody has written just now:
    joins, bots."""
    said = body["event"]
    if said.get("subtype") == "message_changed":
        return _changed(body, said)
    if said.get("subtype") not in _NOT_SAID or said.get("bot_id") or not said.get("user"):
        return None
    spot = _said_spot(body, "direct", said.get("thread_ts", ""))
    who, standing, files = _writer(body), _standing(body), bool(said.get("files"))
    text = as_typed(said.get("text", ""))
    return Happening(Asked(id=body["event_id"], who=who, standing=standing, text=text, files=files), spot)


def _changed(body: Body, said: Body) -> Happening | None:
    """What somebody wrote, as they have changed it. None where the words are as they were: Slack says that a message
    was changed when it has looked at its links, too."""
    new, old = said["message"], said.get("previous_message") or {}
    happening = message({**body, "event": {**new, "channel": said["channel"], "subtype": None}})
    if happening is None or new.get("text") == old.get("text"):
        return None
    before = as_typed(old.get("text") or "")
    return Happening(happening.event.model_copy(update={"before": before}), happening.spot)


def mention(body: Body) -> Happening | None:
    """An @mention in a channel, without the mention itself. In a channel shared with another workspace,
    nothing is said to the place. None for a bot's."""
    said = body["event"]
    if said.get("subtype") not in _NOT_SAID or said.get("bot_id") or not said.get("user"):
        return None
    spot = _said_spot(body, "mention", said.get("thread_ts") or said["ts"])
    clerk = next((one["user_id"] for one in body.get("authorizations", ()) if one.get("is_bot")), "")
    text, files = as_typed(said.get("text", "").replace(f"<@{clerk}>", " ")).strip(), bool(said.get("files"))
    asked = Asked(
        id=body["event_id"],
        who=_writer(body),
        standing=_standing(body),
        place="private" if body.get("is_ext_shared_channel") else "shared",
        text=text if text or files else "hello",
        files=files,
    )
    return Happening(asked, spot)


def home(body: Body) -> Happening | None:
    """The app's home opened; None for its other tabs."""
    if body["event"].get("tab") != "home":
        return None
    user = body["event"]["user"]
    who = Identity(platform="slack", tenant=_team(body), user=user)
    return Happening(HomeOpened(id=body["event_id"], who=who), Spot("home", _team(body), user))


def command(body: Body) -> Happening:
    """A slash command. `/policyclerk help` calls `help`, as the workspace may have another app's `/help`."""
    name, text = body["command"].lstrip("/").lower(), body.get("text", "").strip()
    if name == "policyclerk":
        name, _, text = (text or "help").partition(" ")
    who = Identity(platform="slack", tenant=body["team_id"], user=body["user_id"])
    spot = Spot(
        kind="command",
        team=body["team_id"],
        user=body["user_id"],
        channel=body["channel_id"],
        trigger=body["trigger_id"],
        answer_to=body.get("response_url", ""),
    )
    called = CommandCalled(id=body["trigger_id"], who=who, command=name.lower(), text=text.strip())
    return Happening(called, spot)


def reported(body: Body) -> Happening:
    """The shortcut on a message. Its files are not looked at; `link` names it where it lies."""
    said, channel = body["message"], body["channel"]["id"]
    link = f"https://{body['team']['domain']}.slack.com/archives/{channel}/p{body['message_ts'].replace('.', '')}"
    event = MessageReported(
        id=body["trigger_id"],
        who=_presser(body),
        standing=_standing(body),
        text=as_typed(said.get("text", "")),
        link=link,
        files=bool(said.get("files")),
    )
    return Happening(event, shortcut_spot(body))


def pressed(body: Body) -> Happening:
    """A button of ours. Raises KeyError or ValueError for what no button of ours says."""
    (done,) = body["actions"]
    action, target, version = render.button(done)
    spot = _used_spot(body)
    event = ButtonPressed(
        id=_used(body),
        who=_presser(body),
        standing=_standing(body),
        place="shared" if _read_by_others(body) else "private",
        action=action,
        target=target,
        version=version,
    )
    return Happening(event, spot)


def changed(body: Body) -> Happening:
    """An input that others depend on was changed in a modal."""
    view = body["view"]
    form, state = render.opened(view)
    event = FormChanged(
        id=f"{view['id']}.{view.get('hash', '')}.{_used(body)}",
        who=_presser(body),
        standing=_standing(body),
        form=form,
        state=state,
        values=render.values(view["state"]),
    )
    return Happening(event, _used_spot(body, "input"))


def submitted(body: Body) -> Happening:
    """A modal was sent; the box of the global shortcut asks a question."""
    view = body["view"]
    form, state = render.opened(view)
    values = render.values(view["state"])
    name = f"{view['id']}.{view.get('hash', '')}"
    spot = Spot(
        kind="modal",
        team=_team(body),
        user=body["user"]["id"],
        trigger=body.get("trigger_id", ""),
        blocks=as_drawn(view["blocks"]),
        view=view["id"],
        view_hash=view.get("hash", ""),
        depth=_depth(view),
    )
    who, standing = _presser(body), _standing(body)
    if form == render.QUESTION:
        asked = Asked(id=name, who=who, standing=standing, text="".join(values.get(render.QUESTION, ())))
        return Happening(asked, spot)
    event = FormSubmitted(id=name, who=who, standing=standing, form=form, state=state, values=values)
    return Happening(event, spot)


def asked_at_home(body: Body) -> Happening | None:
    """A question typed into the box of the home; None when it is empty."""
    (done,) = body["actions"]
    text = (done.get("value") or "").strip()
    event = Asked(id=_used(body), who=_presser(body), standing=_standing(body), text=text)
    return Happening(event, _used_spot(body)) if text else None


def searched(body: Body) -> tuple[Happening, str, str]:
    """What somebody types into a searching menu of a form: the form as it stands, the input's id, what they
    have typed so far."""
    form = changed({**body, "actions": [{"action_ts": "searched"}]})
    return form, body["block_id"], body.get("value", "")


def _said_spot(body: Body, kind: Kind, thread: str) -> Spot:
    said = body["event"]
    return Spot(kind=kind, team=_team(body), user=said["user"], channel=said["channel"], thread=thread)


def shortcut_spot(body: Body) -> Spot:
    """Where a shortcut was used."""
    return Spot(
        kind="shortcut",
        team=_team(body),
        user=body["user"]["id"],
        channel=body.get("channel", {}).get("id", ""),
        trigger=body["trigger_id"],
        answer_to=body.get("response_url", ""),
    )


def _used_spot(body: Body, modal: Kind = "modal") -> Spot:
    """Where a button or an input was used: in a message, a modal or the home."""
    container, view = body["container"], body.get("view") or {}
    shown = view.get("blocks") or body.get("message", {}).get("blocks") or ()
    kind: Kind = "button"
    if view:
        kind = "home" if view["type"] == "home" else modal
    return Spot(
        kind=kind,
        team=_team(body),
        user=body["user"]["id"],
        channel=container.get("channel_id", ""),
        thread=container.get("thread_ts", ""),
        message="" if container.get("is_ephemeral") else container.get("message_ts", ""),
        block=next((done["block_id"] for done in body["actions"] if "block_id" in done), ""),
        blocks=as_drawn(shown),
        trigger=body.get("trigger_id", ""),
        answer_to=body.get("response_url", ""),
        view=view.get("id", ""),
        view_hash=view.get("hash", ""),
        depth=_depth(view) if kind == modal else 0,
    )


def _read_by_others(body: Body) -> bool:
    """Whether a button stands where others see it: not alone with the app, not shown to one person."""
    channel: str = body["container"].get("channel_id", "")
    return bool(channel) and not channel.startswith("D") and not body["container"].get("is_ephemeral")


def _used(body: Body) -> str:
    return f"{body['user']['id']}.{body['actions'][0].get('action_ts', '')}"


def _depth(view: Body) -> int:
    """1 for a modal on its own, 2 for one on top of it, 3 for one on top of that."""
    before = view.get("previous_view_id")
    return 1 if not before else 2 if before == view.get("root_view_id") else 3


def _team(body: Body) -> str:
    """The workspace in which the app is installed and was used: in a channel shared with another one,
    `team_id` may be theirs."""
    installed: Mapping[str, Any] = next(iter(body.get("authorizations") or ()), {})
    view = body.get("view") or {}
    own: str = installed.get("team_id") or view.get("app_installed_team_id") or body.get("team_id") or ""
    return own or (body.get("team") or {}).get("id", "")


def _presser(body: Body) -> Identity:
    team = body["user"].get("team_id") or _team(body)
    return Identity(platform="slack", tenant=team, user=body["user"]["id"])


def _writer(body: Body) -> Identity:
    """Who wrote a message. People of a connected workspace belong to that one."""
    said = body["event"]
    return Identity(platform="slack", tenant=said.get("user_team") or _team(body), user=said["user"])


def _standing(body: Body) -> Standing:
    """`outside` where the envelope says so; whether somebody is a guest stands in their profile alone."""
    who = _writer(body) if "event" in body else _presser(body)
    return "member" if who.tenant == _team(body) else "outside"
