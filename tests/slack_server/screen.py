"""What is on somebody's screen, as text; where on it a button is; and what Slack itself says of a form."""

from typing import TYPE_CHECKING, Any

from tests.slack_server.drawing import CALLS, elements, lines, parsed, slot, words
from tests.slack_server.shapes import length
from tests.slack_server.workspace import Message, View

if TYPE_CHECKING:
    from tests.slack_server.actor import User

Drawn = dict[str, Any]
REQUIRED = "Please complete this required field."


def drawn(user: "User", where: str = "") -> str:
    """The screen, one place after another; a modal hides what it lies on, but here all is listed."""
    found = []
    if user.modal and where in ("", "modal"):
        found.append(view(user.modal))
    if user.home and where in ("", "home"):
        found.append(view(user.home))
    if where not in ("modal", "home"):
        channel = "" if where == "messages" else where
        found += [line(user, one) for one in user.messages(channel)]
    return "\n".join(found)


def view(one: View) -> str:
    """A modal or home as text."""
    head = [f"= {words(one.drawn['title'])} ="] if "title" in one.drawn else ["= Home ="]
    foot = [words(one.drawn[name]) for name in ("close", "submit") if name in one.drawn]
    trouble = [one.trouble] if one.trouble else []
    body = lines(one.drawn["blocks"], one.state, one.errors)
    return "\n".join([*head, *trouble, *body, *([f"({' | '.join(foot)})"] if foot else [])])


def line(user: "User", message: Message) -> str:
    """A message as text: where, who, whether only for them, and what."""
    place = user.workspace.channels[message.channel]
    where = "" if place.kind == "im" else f"#{place.name} "
    thread = "↳ " if message.thread_ts else ""
    only = " (only you)" if message.only_for else ""
    who = user.workspace.people[message.user].name if message.user in user.workspace.people else "Slackbot"
    body = list(lines(message.blocks, message.state)) or [parsed(message.text)]
    files = [f"📎 {one.title or one.name}" for one in message.files]
    return "\n".join([f"{thread}{where}{who}{only}:", *body, *files])


def button(user: "User", label: str, place: str) -> tuple[View | Message, Drawn, Drawn] | None:
    """The newest button of that label on what is in front."""
    if user.modal:
        return _in(user.modal, label)
    messages: list[View | Message] = list(
        reversed(user.messages("" if place in ("home", "messages") else place))
    )
    home: list[View | Message] = [user.home] if user.home and place in ("home", "messages") else []
    for source in [*home, *messages] if place == "home" else [*messages, *home]:
        if found := _in(source, label):
            return found
    return None


def _in(source: View | Message, label: str) -> tuple[View | Message, Drawn, Drawn] | None:
    blocks = source.drawn["blocks"] if isinstance(source, View) else source.blocks
    for block, one in elements(blocks):
        if one["type"] == "button" and words(one["text"]) == label:
            return source, block, one
    return None


def own_errors(view_: View) -> dict[str, str]:
    """What Slack says before it sends a form."""
    found = {}
    for block in view_.drawn["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = view_.state[block["block_id"], element["action_id"]][slot(element["type"])[0]]
        size = length(value) if isinstance(value, str) else 0
        if not value and not block.get("optional"):
            found[block["block_id"]] = REQUIRED
        elif size > element.get("max_length", 3000):
            found[block["block_id"]] = f"{size} characters: no more than {element.get('max_length', 3000)}"
        elif value and size < element.get("min_length", 0):
            found[block["block_id"]] = f"{size} characters: at least {element['min_length']}"
    return found


def notification(message: Message) -> str:
    """A message as a locked telephone shows it."""
    return parsed(message.text) if message.text else "\n".join(lines(message.blocks))


def notifies(user: "User", message: Message) -> bool:
    """Whether their telephone makes a sound: the app's conversation with them, or a call to all."""
    theirs = user.workspace.channels[message.channel].kind == "im" or message.only_for == user.id
    return message.user == user.workspace.bot.id and (theirs or pings(message))


def pings(message: Message) -> bool:
    """Whether a message calls people: a parsed `<!channel>` or `<@U…>`, or such an element in its blocks."""
    calls = [
        one
        for block in message.blocks
        for one in _objects(block)
        if one.get("type") in ("broadcast", "user", "usergroup")
    ]
    marked = [
        one["text"] for block in message.blocks for one in _objects(block) if one.get("type") == "mrkdwn"
    ]
    return bool(calls) or any(CALLS.search(text) for text in [message.text, *marked])


def _objects(tree: Any) -> list[Drawn]:
    inside = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [*([tree] if isinstance(tree, dict) else []), *(one for part in inside for one in _objects(part))]
