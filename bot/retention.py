"""How long a school keeps what is finished: its setting in `school.yaml`, and what holds without one."""

from calendar import monthrange
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.model import Model

Months = Annotated[int, Field(ge=1, le=1200)] | Literal["keep"]
"""`keep`: until a person decides. The clerk erases nothing of that kind by itself."""

DEFAULT_MONTHS: dict[str, int] = {
    # Useful while it is fresh: whom an account let in, what the press was told.
    "vet-follower": 12,
    "media-enquiry": 12,
    # What may be looked at again in a review of filtering or of consent: this school year and the last.
    "unblock-request": 24,
    "approve-post": 24,
    "report-content": 24,
    "ask-a-person": 24,
    "acknowledge": 24,
    # Who allowed an account or a contact can be asked while a claim can still be brought: six years
    # (Limitation Act 1980, sections 2 and 5).
    "request-account": 72,
    "account-access": 72,
    "contact-permission": 72,
}
"""Command to months after the last thing done with a finished request that is not about people.

Of a command that is not named here or by the school, and of every request about people unless the school
has said otherwise, nothing is erased by itself: inquiries into abuse have needed such records decades
later, and how long is the school's decision, not a program's.
"""


class Retention(Model):
    """Months by command; `keep` for none. Requests about people have periods of their own, so that one for
    ordinary reports never ends a concern."""

    requests: dict[str, Months] = Field(default_factory=dict)
    about_people: dict[str, Months] = Field(default_factory=dict)

    def months(self, command: str, about_people: bool) -> int | None:
        """How long a finished request is kept; None when that is for a person to decide."""
        chosen: int | str | None = DEFAULT_MONTHS.get(command)
        if about_people:
            chosen = self.about_people.get(command)
        elif command in self.requests:
            chosen = self.requests[command]
        return chosen if isinstance(chosen, int) else None


def months_before(now: datetime, months: int) -> datetime:
    """The same day and time so many months earlier, or the last day of that month."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)
