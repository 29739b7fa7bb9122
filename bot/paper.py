"""A record of one request as it stands on paper: words in their order, no markup. `records.py` fills it
in; `adapters/printing` lays it out as a PDF, `as_text` as plain text."""

from datetime import datetime

from bot.model import Model


class Line(Model):
    """A line of a value. `ticked` is None for one that has no box."""

    text: str
    ticked: bool | None = None


class Row(Model):
    """A label and its value. `note`: what is said small below the label."""

    label: str
    lines: tuple[Line, ...]
    note: str = ""


class Section(Model):
    """A block of the form. Each group of rows stands apart from the next: one signature, say."""

    heading: str
    note: str = ""
    groups: tuple[tuple[Row, ...], ...]


class Cited(Model):
    """A clause the procedure rests on. `restated` wording is never put in quotation marks."""

    text: str
    citation: str
    restated: bool


class Record(Model):
    """Everything on the paper, in its order. `printed` is when, in the school's time."""

    reference: str
    title: str
    school: str
    status: str
    warning: str = ""
    printed: str
    printed_at: datetime
    printed_for: str
    about_people: bool = False
    """It must not be left where a chat platform keeps files."""
    sections: tuple[Section, ...]
    signed: str
    rests_on: tuple[Cited, ...]
    versions: tuple[Row, ...]


def as_text(record: Record) -> str:
    """The record as plain text, for those who read or keep no PDF."""
    lines = [record.school, record.title, "=" * len(record.title), ""]
    lines += [f"Reference: {record.reference}", f"Status: {record.status}"]
    lines += [record.warning] if record.warning else []
    for section in record.sections:
        lines += ["", section.heading, "-" * len(section.heading)]
        lines += [f"({section.note})"] if section.note else []
        for i, group in enumerate(section.groups):
            lines += [""] if i else []
            for row in group:
                lines += _row_as_text(row)
    lines += ["", record.signed, "", "Rests on", "--------"]
    for cited in record.rests_on:
        lines.append(f"{cited.citation}:")
        lines.append(f"  {said(cited)}")
    for row in record.versions:
        lines += _row_as_text(row)
    lines += ["", f"Printed {record.printed} for {record.printed_for}."]
    return "\n".join(lines) + "\n"


def said(cited: Cited) -> str:
    """A clause as it is printed. Restated wording is never in quotation marks."""
    return f"In short: {cited.text}" if cited.restated else f"“{cited.text}”"


def _row_as_text(row: Row) -> list[str]:
    boxes = {None: "", True: "[x] ", False: "[ ] "}
    lines = [f"{boxes[line.ticked]}{line.text}" for line in row.lines]
    head = f"{row.label}{'' if row.label.endswith('?') else ':'}"
    head += f" ({row.note.lower()})" if row.note else ""
    return [f"{head} {lines[0]}"] if len(lines) == 1 else [head, *(f"  {line}" for line in lines)]
