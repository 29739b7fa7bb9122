"""What an import gives back, and how it refuses. No reading of documents here.

A `Preview` is shown to a person before anything is kept: they see the clauses found, what
was left out and why, and what looked doubtful.
"""

from pydantic import BaseModel, ConfigDict

from knowledge.clauses import Draft


class NotAPolicy(Exception):
    """This file cannot be read as a policy. The message says what would be right instead."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class PolicyFormatError(Exception):
    """A policy.md with mistakes: all of them, as (line in the file, what would be right)."""

    def __init__(self, mistakes: list[tuple[int, str]]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(f"line {line}: {message}" for line, message in self.mistakes))


class Dropped(BaseModel):
    """A line of the document that became no clause, and why."""

    model_config = ConfigDict(frozen=True)

    line: int
    text: str
    reason: str


class Preview(BaseModel):
    """A document as it would be imported. Empty strings where the document does not say.

    `adopted_line` and `review_line` are the printed lines that speak of adoption and review.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    school_name: str
    version: str
    adopted_line: str
    review_line: str
    drafts: tuple[Draft, ...]
    dropped: tuple[Dropped, ...]
    warnings: tuple[str, ...]
