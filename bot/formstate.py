"""What a form carries with it from step to step: ids and flags, never what somebody wrote.

Platforms keep and log this (Slack's private_metadata, a dialog's data), so nothing sensitive
may stand in it.
"""

from typing import Literal

from pydantic import ValidationError

from bot.model import Model
from bot.triage import Level

LOST = "This form cannot be read any more. Please open it again; what you typed is still on your screen."
"""What is said to a form that this clerk cannot have drawn."""


class FormState(Model):
    """`token` makes one form one request, however often it is sent."""

    token: str
    workflow: str
    version: str
    step: Literal["gates", "fields", "confirm", "action", "register", "search", "setup"] = "fields"
    danger: bool = False
    warned: tuple[Level, ...] = ()
    """Levels whose safety card this form has shown: with no others, sending again sends."""
    subjects: tuple[str, ...] = ()
    """People ids the reporter named when asked who must not receive it."""
    shown: tuple[str, ...] = ()
    """People ids the reporter was shown as receiving it."""
    link: str = ""
    """Where the reported message lies that led to this form: an address of the platform's, made of ids."""
    request: str = ""
    stage: str = ""
    action: str = ""
    revision: int = 0
    school: str = ""
    """The school it is filled in for, of somebody who has several. It must be one of theirs."""

    def text(self) -> str:
        """As carried by a form; defaults left out, to stay within Slack's 3,000 characters."""
        return self.model_dump_json(exclude_defaults=True)

    @classmethod
    def read(cls, text: str) -> "FormState | None":
        """The state a form came back with; None when it is none of ours."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None
