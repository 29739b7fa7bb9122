"""YAML that people edit: read as written, all mistakes at once, each with its line.

ruamel.yaml keeps where each key stands; pydantic says which key is wrong. `no` stays `no`
and `12:30` stays text, because every scalar is read as YAML 1.2.
"""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

M = TypeVar("M", bound=BaseModel)


class Mistake(BaseModel):
    """One thing to put right, and where. `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Mistakes(Exception):
    """What is wrong with the files of a school, all of it."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class Source:
    """A YAML document and the lines its parts stand on."""

    def __init__(self, name: str, text: str) -> None:
        """Parse `text`. Mistakes when it is not YAML at all."""
        self.name = name
        try:
            self.data: Any = YAML(typ="rt").load(text)
        except MarkedYAMLError as error:
            # What was never closed is noticed at the end of the file: its beginning helps.
            unclosed = "end of stream" in (error.problem or "")
            mark = (unclosed and error.context_mark) or error.problem_mark
            line = mark.line + 1 if mark else 1
            raise Mistakes(
                [Mistake(file=name, line=line, message=f"not readable as YAML: {error.problem}")]
            ) from error
        except YAMLError as error:
            unreadable = "not readable as YAML: it has a character that no text file should have"
            raise Mistakes([Mistake(file=name, line=_odd_line(text), message=unreadable)]) from error

    @classmethod
    def read(cls, path: Path) -> "Source":
        """The file at `path`, named by its last two parts (`workflows/unblock.yaml`)."""
        name = "/".join(path.parts[-2:])
        try:
            return cls(name, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            raise Mistakes([Mistake(file=name, line=line, message="save this file as UTF-8")]) from error

    def line(self, *loc: str | int) -> int:
        """The line on which the part at `loc` stands, or that of the nearest part above it."""
        node, line = self.data, 1
        for step in loc:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0] + 1
            else:
                continue  # pydantic names union members in `loc`; they are not in the file
            node = node[step]
        return line

    def mistake(self, message: str, *loc: str | int) -> Mistake:
        """A mistake at `loc`."""
        return Mistake(file=self.name, line=self.line(*loc), message=message)

    def validated(self, model: type[M]) -> M:
        """The document as `model`. Mistakes lists everything pydantic refuses, by line."""
        if not isinstance(self.data, CommentedMap):
            raise Mistakes([self.mistake("expected `name: value` lines")])
        try:
            return model.model_validate(plain(self.data))
        except ValidationError as error:
            found = error.errors()
            inner = {e["loc"][:n] for e in found for n in range(len(e["loc"]))}
            raise Mistakes(
                [
                    self.mistake(_in_words(e["type"], e["msg"], e["loc"]), *e["loc"])
                    for e in found
                    # pydantic counts only the parts it could read, and then finds too few
                    if e["type"] != "too_short" or e["loc"] not in inner
                ]
            ) from error


def _odd_line(text: str) -> int:
    """The first line with a control character."""
    odd = next((i for i, char in enumerate(text) if char < " " and char not in "\t\r\n"), 0)
    return text.count("\n", 0, odd) + 1


def plain(node: Any) -> Any:
    """A part of a document as dictionaries, lists and scalars."""
    if isinstance(node, CommentedMap):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [plain(value) for value in node]
    return node


def _in_words(kind: str, message: str, loc: tuple[str | int, ...]) -> str:
    where = ".".join(str(step) for step in loc)
    if kind == "extra_forbidden":
        return f"`{loc[-1]}` is not a known setting here"
    if kind == "missing":
        return f"`{loc[-1]}` is missing"
    return f"`{where}`: {message.removeprefix('Value error, ')}"
