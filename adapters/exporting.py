"""A register on its way to a file, for whoever looks after the clerk."""

import os
from pathlib import Path

from adapters.spreadsheet import as_csv
from adapters.wiring import Clerk
from bot.registers import as_table
from bot.workflows.entry import Deed


class CannotExport(Exception):
    """Why there is nothing to export, and what would be right."""


def exported(clerk: Clerk, school: str, name: str) -> str:
    """A register as CSV. Entries about people stay out: at the keyboard nobody knows who is asking, and it
    might be somebody one of them is about. The audit chain keeps that it was taken, not what stood in it."""
    if school not in clerk.library.schools():
        raise CannotExport(f"{school} is not in force: policyclerk publish --school {school}")
    registers = clerk.library.published(school).school.registers
    if name not in registers:
        there = ", ".join(registers) or "none"
        raise CannotExport(f"{school} has no register “{name}”. There are: {there}.")
    entries = clerk.store.entries(school, name)
    table = as_table(registers[name], (e for e in entries if not e.about_people and not e.subjects))
    deed = Deed(at=clerk.services.clock.now(), action="exported", register_name=name)
    clerk.store.note(school, deed)
    return as_csv(table.rows)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads: a register names people."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode("utf-8"))
