"""A register, or the record of one request, on its way to a file, for whoever looks after the clerk."""

import os
from pathlib import Path
from typing import BinaryIO

from adapters.printing.pdf import pdf
from adapters.spreadsheet import as_csv
from adapters.store.audit import Printed
from adapters.wiring import Clerk
from bot.insights import governors
from bot.linking import links_known_to
from bot.paper import as_text
from bot.people import Person
from bot.records import record_of
from bot.registers import as_table
from bot.workflows import routing
from bot.workflows.entry import Deed
from bot.workflows.request import Request, Taken
from bot.workflows.routing import Context


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


def governors_report(clerk: Clerk, school: str, *, csv: bool) -> str:
    """The governors' report, as CSV or as plain text. CannotExport where the school is not in force."""
    if school not in clerk.library.schools():
        raise CannotExport(f"{school} is not in force: policyclerk publish --school {school}")
    published, store = clerk.library.published(school), clerk.store
    head = store.printed_head(school)
    gaps = store.gaps(school, published.policy.digest)
    today = clerk.services.clock.now().date()
    rows = governors(published, store.kept(school), gaps, (head.count, head.mac), today)
    return as_csv(rows) if csv else "".join(f"{label}: {value}\n" for label, value in rows)


def printed_head(text: str) -> tuple[str, Printed]:
    """The school and the head of its chain, from `aet:120:5f3c...`. CannotExport when it is none."""
    school, count, code = [*text.split(":"), "", ""][:3]
    if not count.isdecimal() or not code:
        raise CannotExport(f"{text}: give it as SCHOOL:EVENTS:CODE, such as aet:120:5f3c0a")
    return school, Printed(int(count), code.strip().lower())


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads: a register names people."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode("utf-8"))


def export_request(clerk: Clerk, school: str, reference: str, email: str, out: Path, *, text: bool) -> None:
    """Write the record to a new file that only its owner can read. That it was printed, and for whom,
    is kept in the request's history. CannotExport says why not."""
    request = clerk.store.find(school, reference.strip().upper())
    if request is None:
        raise CannotExport(f"{school} has no request {reference}, or it was erased.")
    services = clerk.services
    ctx = services.context(request)
    person = _reader(ctx, request, email)
    edition = services.library.edition(request.school, request.policy_version)
    history = clerk.store.history(request.id)
    links = links_known_to(services, request, person.id) if person else ()
    record = record_of(ctx, edition, request, history, person.id if person else None, links)
    content = as_text(record).encode() if text else pdf(record)
    whom = person.name if person else "the school's administrator"
    printed = Taken(at=ctx.now, action="printed", person="", reason=f"the command line, for {whom}")
    with new_file(out) as file:
        clerk.store.record(request.id, printed)  # first: better recorded and not written than the reverse
        file.write(content)


def _reader(ctx: Context, request: Request, email: str) -> Person | None:
    """Whoever the record is for; None is the administrator, who gets no request about people."""
    if not email:
        if request.about_people:
            raise CannotExport(
                f"{request.reference} is about people, so it is printed only for somebody who may open it: "
                "give their e-mail address with --for."
            )
        return None
    wanted = email.strip().casefold()
    person = next((p for p in ctx.staff.current if p.email and p.email.casefold() == wanted), None)
    if person is None:
        raise CannotExport(f"Nobody on the staff list of {ctx.school.name} has the address {email}.")
    if not routing.may_open(ctx, request, person.id):
        raise CannotExport(f"{person.name} may not open {request.reference}.")
    return person


def new_file(path: Path) -> BinaryIO:
    """A file that was not there, for its owner alone."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise CannotExport(f"{path} is already there: choose another name with --out.") from None
