"""What the page posts, turned into an `Event`. Translation only: nothing is decided here.

The body is one JSON object. Every one has `kind` and `id`, a UUID the page made: a message
keeps it when it is sent again, and a form keeps one for its whole life, so that a double
submit is one request.

    {"kind": "said",      "id", "text"}                     -> CommandCalled after a slash, else Asked
    {"kind": "pressed",   "id", "action", "target", "version"} -> ButtonPressed
    {"kind": "changed",   "id", "form", "state", "values"}  -> FormChanged
    {"kind": "submitted", "id", "form", "state", "values"}  -> FormSubmitted
    {"kind": "home",      "id"}                             -> HomeOpened

`values` maps an input's id to an array of strings. Who it is never stands in the body.
"""

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Discriminator, Field, TypeAdapter, ValidationError

from bot.events import (
    Asked,
    ButtonPressed,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    Identity,
)
from bot.model import Model

LONGEST_MESSAGE = 10_000
COMMAND = re.compile(r"/([a-z][a-z0-9-]*)(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)


class NotUnderstood(ValueError):
    """The body is not something our page sends. The text is plain, and repeats nothing that was typed."""


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a null character, which cannot be kept")
    return text.replace("\r\n", "\n")


Typed = Annotated[str, AfterValidator(_storable)]
Name = Annotated[str, Field(max_length=300), AfterValidator(_storable)]


class _Said(Model):
    kind: Literal["said"]
    id: UUID
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE), AfterValidator(_storable)]


class _Pressed(Model):
    kind: Literal["pressed"]
    id: UUID
    action: Name
    target: Annotated[str, Field(max_length=1500), AfterValidator(_storable)] = ""
    version: int = Field(default=0, ge=0, lt=2**31)


class _Filled(Model):
    kind: Literal["changed", "submitted"]
    id: UUID
    form: Name
    state: Annotated[str, Field(max_length=10_000), AfterValidator(_storable)] = ""
    values: dict[Name, tuple[Typed, ...]]


class _Home(Model):
    kind: Literal["home"]
    id: UUID


_POSTED: TypeAdapter[_Said | _Pressed | _Filled | _Home] = TypeAdapter(
    Annotated[_Said | _Pressed | _Filled | _Home, Discriminator("kind")]
)


def event(body: bytes, who: Identity) -> Event:
    """The event in a posted body, as something `who` did. NotUnderstood says what is wrong with it."""
    try:
        posted = _POSTED.validate_json(body)
    except ValidationError as error:
        raise NotUnderstood(_plainly(error)) from None
    name = str(posted.id)
    match posted:
        case _Said(text=text):
            return _said(name, who, text)
        case _Pressed(action=action, target=target, version=version):
            return ButtonPressed(id=name, who=who, action=action, target=target, version=version)
        case _Filled(form=form, state=state, values=values):
            if posted.kind == "changed":
                return FormChanged(id=name, who=who, form=form, state=state, values=values)
            return FormSubmitted(id=name, who=who, form=form, state=state, values=values)
        case _Home():
            return HomeOpened(id=name, who=who)


def _said(name: str, who: Identity, text: str) -> Event:
    """A slash and a name is a command, in whatever case it was typed; anything else is a message."""
    command = COMMAND.fullmatch(text.strip())
    if command is None:
        return Asked(id=name, who=who, text=text)
    return CommandCalled(id=name, who=who, command=command[1].lower(), text=(command[2] or "").strip())


def _plainly(error: ValidationError) -> str:
    """The first mistake in words. Pydantic's own text may quote the input, so it is asked not to."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "string_too_long" and first["loc"][-1:] == ("text",):
        return (
            f"That message is too long: the clerk reads up to {LONGEST_MESSAGE:,} characters. "
            "If a child is in danger, call 999, then find your safeguarding lead."
        )
    if first["type"] == "json_invalid":
        return "The page sent something that is not JSON."
    where = ".".join(
        str(step) for step in first["loc"] if step not in ("said", "pressed", "changed", "submitted")
    )
    return f"The page sent something the clerk cannot read: {where or 'the body'}: {first['msg']}."
