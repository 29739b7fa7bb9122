"""A staff list as a spreadsheet saves it: every row read and checked, all mistakes at once, each with its line.

    school,name,email,roles,line_manager,starts,ends,slack_user,teams_user,former_email

Commas, semicolons or tabs; UTF-8 with or without its mark, UTF-16 as Excel's "Unicode text", or what Windows
writes where it knows no better. Nothing is looked up and nothing changed here.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from bot.model import Model
from bot.yamlfile import Mistake, Mistakes

COLUMNS = (
    "school",
    "name",
    "email",
    "roles",
    "line_manager",
    "starts",
    "ends",
    "slack_user",
    "teams_user",
    "former_email",
)
NEEDED = COLUMNS[:3]
LARGEST = 5_000_000
"""Bytes: a staff list of the largest trust is a twentieth of it."""
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
SLACK_USER = re.compile(r"(?:[TE][A-Z0-9]{2,}/)?[UW][A-Z0-9]{2,}")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")


class Row(Model):
    """One person at one school, as the file has them. None: the file has no such column."""

    line: int
    school: str
    name: str
    email: str
    roles: tuple[str, ...] | None = None
    line_manager: str | None = None
    """An e-mail address; empty for nobody."""
    starts: date | None = None
    ends: date | None = None
    dated: frozenset[str] = frozenset()
    """Which of `starts` and `ends` the file has columns for."""
    slack_user: str = ""
    teams_user: str = ""
    former_email: str = ""
    """The address under which they are on the list, where it has changed."""


def read(path: Path) -> tuple[tuple[Row, ...], list[Mistake]]:
    """The rows, in order, and everything that is wrong with them as they stand: a row with a mistake has what
    could be read of it, so that the rest of it is looked at too. Mistakes when it is no staff list at all;
    OSError when there is no such file."""
    name = path.name
    if path.stat().st_size > LARGEST:
        raise Mistakes([Mistake(file=name, line=1, message="this is too large for a staff list")])
    lines = _text(path.read_bytes(), name).splitlines()
    skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0  # Excel's own first line
    table = _table(lines[skipped:])
    header = [cell.strip().lower().replace(" ", "_") for cell in table[0][1]] if table else []
    mistakes = list(_header_mistakes(name, skipped + 1, header))
    if mistakes:
        raise Mistakes(mistakes)
    rows: list[Row] = []
    for number, cells in table[1:]:
        if any(cell.strip() for cell in cells):
            given = {column: cell.strip() for column, cell in zip(header, cells, strict=False)}
            too_many = len(cells) > len(header)
            rows.append(_row(name, number + skipped, given, too_many, mistakes))
    mistakes += _twice(name, rows)
    if not rows:
        raise Mistakes([Mistake(file=name, line=1, message="there is nobody in it")])
    return tuple(rows), mistakes


def _text(content: bytes, name: str) -> str:
    """The file as text, whatever a spreadsheet made of it."""
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Mistakes([Mistake(file=name, line=1, message="this is no text: save the sheet as CSV")])
    for encoding in (
        ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Mistakes([Mistake(file=name, line=1, message="save this file as UTF-8")])


def _table(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Line number and cells of each row. The header says what parts the cells."""
    header = lines[0] if lines else ""
    parted_by = max((",", ";", "\t"), key=header.count)
    reader = csv.reader((line + "\n" for line in lines), delimiter=parted_by)
    table: list[tuple[int, list[str]]] = []
    begins = 1
    for cells in reader:
        table.append((begins, cells))
        begins = reader.line_num + 1
    return table


def _header_mistakes(name: str, line: int, header: list[str]) -> Iterator[Mistake]:
    known = f"The columns are: {', '.join(COLUMNS)}."
    for column in NEEDED:
        if column not in header:
            yield Mistake(file=name, line=line, message=f"there is no column “{column}”. {known}")
    for column in dict.fromkeys(header):
        if column and column not in COLUMNS:
            yield Mistake(file=name, line=line, message=f"“{column}” is no column of a staff list. {known}")
        if column and header.count(column) > 1:
            yield Mistake(file=name, line=line, message=f"the column “{column}” is there twice")


def _row(name: str, line: int, given: dict[str, str], too_many: bool, mistakes: list[Mistake]) -> Row:
    """The row; what is wrong with it goes to the others' mistakes."""
    wrong: list[str] = []
    if too_many:
        wrong.append("it has more cells than there are columns: put a cell with a comma in quotation marks")
    for column in NEEDED:
        if not given.get(column):
            wrong.append(f"the {column} is missing")
    if given.get("email") and not EMAIL.fullmatch(given["email"]):
        wrong.append(f"“{given['email'][:60]}” is no e-mail address")
    manager = given.get("line_manager")
    if manager and not EMAIL.fullmatch(manager):
        wrong.append("the line_manager is an e-mail address: that of somebody on the same school's list")
    days: dict[str, date | None] = {}
    for column in ("starts", "ends"):
        days[column] = _day(given.get(column, ""))
        if given.get(column) and days[column] is None:
            wrong.append(f"“{given[column][:20]}” is no day: write {column} as 2026-09-01 or 01/09/2026")
    if days["starts"] and days["ends"] and days["ends"] < days["starts"]:
        wrong.append("it ends before it starts")
    if given.get("slack_user") and not SLACK_USER.fullmatch(given["slack_user"]):
        wrong.append("the slack_user is the member ID in their Slack profile, such as U012AB3CD")
    if given.get("teams_user") and not _is_guid(given["teams_user"]):
        wrong.append("the teams_user is the object ID of their account, a GUID")
    mistakes += [Mistake(file=name, line=line, message=message) for message in wrong]
    roles = given.get("roles")
    return Row(
        line=line,
        school=given.get("school", ""),
        name=" ".join(given.get("name", "").split()),
        email=given.get("email", ""),
        roles=None if roles is None else tuple(filter(None, map(str.strip, re.split(r"[,;|\n]", roles)))),
        line_manager=manager,
        starts=days["starts"],
        ends=days["ends"],
        dated=frozenset(column for column in days if column in given),
        slack_user=given.get("slack_user", ""),
        teams_user=given.get("teams_user", "").lower(),
        former_email=given.get("former_email", ""),
    )


def _twice(name: str, rows: list[Row]) -> Iterator[Mistake]:
    """The same person, or the same account for two people, in two rows of a school."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        for column, value in (
            ("email", row.email.casefold()),
            ("slack_user", row.slack_user),
            ("teams_user", row.teams_user),
            ("former_email", row.former_email.casefold()),
        ):
            earlier = first.setdefault((column, row.school, value), row)
            if value and earlier is not row:
                message = f"the {column} stands on line {earlier.line} already"
                yield Mistake(file=name, line=row.line, message=message)


def _day(text: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
