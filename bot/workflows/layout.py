"""How the policy's own form is laid out on paper: its headings, and what stands under each. Data only."""

from pydantic import Field as Setting
from pydantic import model_validator

from bot.model import Model

REQUESTER, SENT = "requester", "sent"
"""Rows that every form has and no field asks for: who sent it, and when."""


class PaperSection(Model):
    """One block of the form: rows that the requester fills in, or the signature of a stage."""

    heading: str = Setting(min_length=1, max_length=150)
    rows: tuple[str, ...] = ()
    """Ids of fields, `requester` or `sent`, in the order in which the form has them."""
    stage: str = ""
    """The stage whose signatures stand here."""

    @model_validator(mode="after")
    def _rows_or_stage(self) -> "PaperSection":
        if bool(self.rows) == bool(self.stage):
            raise ValueError("needs either `rows` or `stage`")
        return self
