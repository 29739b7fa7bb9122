"""What setting up looks like where it is about places: channels of roles, workspaces of a school. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.cards import Button, Card, Choice, Facts, Field, Form, Input, Option, Text, TextKind
from bot.formstate import FormState
from bot.people import Channel, Chat, School
from bot.workflows.deadlines import moment
from bot.workflows.definition import Values

SETUP = "setup"
"""The built-in command of the administrator."""
PLATFORMS = {"slack": "Slack", "teams": "Teams"}
ALONE = Text(text="Requests about people always go to each holder alone.", tone="quiet")
MEND = Text(
    text="It was archived or deleted, or I am not in it any more. Take me in again and save it once more, or "
    "choose another channel."
)
_SHAPES = {
    "slack": (
        r"[CG][A-Z0-9]{2,}",
        "A Slack channel's ID begins with C: see the end of the channel's details.",
    ),
    "teams": (r"19:\S+", "A Teams conversation's ID begins with 19: and stands in the link to the channel."),
}


def choice_of_role(school: School, role: str, label: str, errors: Mapping[str, str]) -> Choice:
    """Which of the school's roles; the rest of the form depends on it."""
    return Choice(
        id="role",
        label=label,
        options=tuple(Option(value=key, label=school.title(key)) for key in school.roles),
        value=(role,) if role in school.roles else (),
        error=errors.get("role", ""),
        refreshes=True,
    )


def wrong_channel(platform: str, channel: str) -> str:
    """What is wrong with a channel's ID; empty when it looks right."""
    shape, words = _SHAPES[platform]
    return "" if re.fullmatch(shape, channel) else words


def messages_go(channel: Channel) -> str:
    platform = PLATFORMS[channel.platform]
    if channel.lost_at:
        return f"; the channel in {platform} cannot be reached"
    return f"; messages go to a channel in {platform}"


def lost_card(school: School, channel: Channel) -> Card:
    """For the administrator: a role's channel takes nothing any more."""
    change = Button(action="setup_channel", label="Channels", target=school.id, style="primary")
    title = f"A channel cannot be reached: {school.title(channel.role)}"
    return Card(title=title, parts=(lost_line(school, channel), MEND), buttons=(change,), mood="bad")


def lost_line(school: School, channel: Channel) -> Text:
    """Since when, and what becomes of the role's messages meanwhile."""
    since = f", since {moment(channel.lost_at)}" if channel.lost_at else ""
    where = f"the channel of the {school.title(channel.role)} in {PLATFORMS[channel.platform]}"
    each = "Each holder gets the messages alone meanwhile."
    return Text(text=f"Nothing can be put into {where}{since}. {each}", tone="warning")


def place_card(school: School, platform: str, tenant: str, by: str) -> Card:
    """The school is talked to from one more place, and who has seen to that."""
    rows = ((PLATFORMS[platform], tenant), *((("Connected by", by),) if by else ()))
    why = Text(text="If that should not be so, ask whoever looks after the clerk to disconnect it.")
    return Card(title=f"{school.name} can be talked to from one more place", parts=(Facts(rows=rows), why))


def welcome_card(school: School, role: str) -> Card:
    """The first message in a role's channel, which shows that there can be one."""
    here = Text(text=f"Messages for the {school.title(role)} of {school.name} come here from now on.")
    return Card(title="This is the place", parts=(here, ALONE), mood="good")


def channel_form(
    school: School,
    channels: Iterable[Channel],
    workspaces: Sequence[tuple[Chat, str]],
    here: tuple[str, str],
    state: FormState,
    values: Values,
    errors: dict[str, str],
) -> Form:
    """Where a role's messages go, in each workspace of the school. `here`: the platform and tenant in which the
    form is shown, whose channels can be picked."""
    role = "".join(values.get("role", ()))
    now = {(c.platform, c.tenant): c for c in channels if c.role == role}
    inputs: list[Input] = [choice_of_role(school, role, "Whose messages?", errors)]
    if role in school.roles:
        for number, (platform, tenant) in enumerate(workspaces):
            field = f"channel_{number}"
            among = f" {tenant}" if [p for p, _ in workspaces].count(platform) > 1 else ""
            kind: TextKind = "room" if (platform, tenant) == here else "text"
            set_to = now.get((platform, tenant))
            # A picker may know nothing of a channel that is gone.
            standing = "" if set_to is None or (kind == "room" and set_to.lost_at) else set_to.channel
            known = "".join(values.get(field, ())) or standing
            inputs.append(
                Field(
                    id=field,
                    label=f"Channel in {PLATFORMS[platform]}{among}",
                    kind=kind,
                    hint=_room_hint(platform, kind),
                    required=False,
                    value=known,
                    error=errors.get(field, ""),
                    max_length=200,
                )
            )
            if kind == "room" and known:  # what was picked cannot always be unpicked
                inputs.append(
                    Choice(
                        id=f"none_{number}",
                        label="Or",
                        options=(Option(value="none", label="No channel: to each holder alone"),),
                        several=True,
                        required=False,
                    )
                )
    return Form(
        id=SETUP, title="Channels", intro=(ALONE,), inputs=tuple(inputs), submit="Save", state=state.text()
    )


def _room_hint(platform: Chat, kind: TextKind) -> str:
    where = _SHAPES[platform][1]
    if platform == "slack" and kind == "room":
        where = "I can only write in a channel that I am in: invite me there first."
    return f"{where} Leave it empty, and messages go to each holder alone."
