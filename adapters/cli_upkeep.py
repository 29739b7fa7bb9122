"""`policyclerk audit` and `policyclerk outbox`: is the history whole, and what could not be delivered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from adapters.exporting import printed_head
from adapters.importing import CannotImport
from adapters.store.queue import OutboxRow
from adapters.terminal import has_database, plainly, read_settings, refuse, say
from adapters.wiring import Clerk, wire
from bot.ports import Unreadable
from bot.workflows.deadlines import moment

audit_app = typer.Typer(no_args_is_help=True, help="The audit chain.")
outbox_app = typer.Typer(no_args_is_help=True, help="Messages that could not be delivered.")


@audit_app.command("verify")
def audit_verify(
    printed: Annotated[
        list[str] | None, typer.Option(help="SCHOOL:EVENTS:CODE, as an earlier governors' report has them.")
    ] = None,
) -> None:
    """Whether any event of any school was changed, removed, reordered or cut off. Exit status 1 when one was."""
    with plainly():
        heads = dict(map(printed_head, printed or ()))
    with _clerk("nothing was verified") as clerk:
        schools, store = clerk.store.chained(), clerk.store
        findings = [f"{s}: {line}" for s in schools for line in store.verify(s, heads.pop(s, None))]
        events = sum(store.printed_head(school).count for school in schools)
    findings += [f"{school}: nothing was ever recorded there" for school in heads]
    if not events and not findings:
        refuse("No event was ever recorded in this database, so nothing was verified.")
        raise typer.Exit(1)
    for finding in findings:
        say(finding)
    say(f"{len(findings)} findings." if findings else f"The audit chain is whole; events checked: {events}.")
    raise typer.Exit(1 if findings else 0)


@outbox_app.command("list")
def outbox_list() -> None:
    """Every message that was set aside: its number, what it is about, since when and why."""
    with _clerk("nothing waits") as clerk:
        lines = [_described(clerk, row) for row in clerk.outbox.set_aside_rows()]
    for line in lines or ["Nothing was set aside."]:
        say(line)


@outbox_app.command("retry")
def outbox_retry(
    number: Annotated[int, typer.Argument(help="As `outbox list` shows it; without it, every one.")] = 0,
) -> None:
    """Try messages that were set aside again, as if for the first time. A running clerk sends them at once."""
    with _clerk("nothing waits") as clerk:
        revived = int(clerk.outbox.revive(number)) if number else clerk.outbox.revive_all()
    if number and not revived:
        refuse(f"There is no message {number} that was set aside: policyclerk outbox list")
        raise typer.Exit(1)
    say("1 message is tried again." if revived == 1 else f"{revived} messages are tried again.")


def _described(clerk: Clerk, row: OutboxRow) -> str:
    """Whom it is for is left out: whoever looks after the program need not know."""
    about = row.notice.item
    if row.request:
        try:
            request = clerk.store.load(row.request)
            about = request.reference if request else "erased"
        except Unreadable:
            about = f"request {row.request}, which cannot be read"
    since = moment(row.set_aside_at) if row.set_aside_at else ""
    return f"{row.id}: {row.notice.kind} {about}, since {since} ({row.last_error})"


@contextmanager
def _clerk(without: str) -> Iterator[Clerk]:
    """The clerk of a database that is there."""
    with plainly():
        settings = read_settings()
        if not has_database(settings):
            raise CannotImport(f"There is no database in {settings.folder}: {without}.")
        clerk = wire(settings)
        try:
            yield clerk
        finally:
            clerk.close()
