"""`policyclerk hold`, `erase` and `export subject`: what is kept, what may go, and whose data it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from adapters import disposing
from adapters.exporting import governors_report, new_file
from adapters.subjectaccess import export_subject
from adapters.terminal import has_database, plainly, read_settings, say
from adapters.wiring import Clerk, wire
from bot.workflows.change import Refused

hold_app = typer.Typer(no_args_is_help=True, help="Legal holds: what nobody erases.")

Reference = Annotated[str, typer.Argument(help="As people see it, such as AET-7KM3Q.")]
Why = Annotated[str, typer.Option("--why", help="Kept for good, so name nobody in it.")]


@hold_app.command("set")
def hold_set(reference: Reference, why: Why) -> None:
    """Put a request on legal hold: nothing and nobody erases it until that is lifted."""
    with _clerk() as clerk:
        request = disposing.put_on_hold(clerk, reference, why)
    say(f"{request.reference} is on legal hold.")


@hold_app.command("lift")
def hold_lift(reference: Reference, why: Why) -> None:
    """Lift a legal hold. The school's period for the request counts from when it was finished."""
    with _clerk() as clerk:
        request = disposing.lift_hold(clerk, reference, why)
    say(f"{request.reference} is on legal hold no more.")


@hold_app.command("list")
def hold_list() -> None:
    """Every request on legal hold, by its reference."""
    with _clerk() as clerk:
        lines = list(disposing.held(clerk))
    for line in lines or ["Nothing is on legal hold."]:
        say(line)


def erase(
    reference: Reference,
    why: Why,
    agreed_by: Annotated[
        str, typer.Option("--agreed-by", help="E-mail address of who agrees; needed for one about people.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before erasing.")] = False,
) -> None:
    """Erase one finished request for good. It says first what stays."""
    with _clerk() as clerk:
        request = disposing.the_request(clerk, reference)
        deed = disposing.erasure(clerk, request, why, agreed_by)
        for line in disposing.what_stays(clerk, request):
            say(line)
        if not yes and not typer.confirm(f"Erase {request.reference}?"):
            raise typer.Exit(1)
        disposing.erase(clerk, request, deed)
    say(f"{request.reference} is erased.")


def export_one_subject(
    school: Annotated[str, typer.Option("--school", help="The school's id, such as aet.")],
    person: Annotated[str, typer.Option("--person", help="Their e-mail address or name.")],
    out: Annotated[Path, typer.Option(help="The zip file to write; it must not be there yet.")],
    reviewer: Annotated[
        str, typer.Option("--reviewer", help="E-mail address of who reviews what is about people: the DSL.")
    ] = "",
) -> None:
    """Everything kept about one person, to look through before it answers their subject access request."""
    with _clerk() as clerk:
        requests = export_subject(clerk, school, person, out, reviewer)
    things = "1 request" if requests == 1 else f"{requests} requests"
    say(
        f"{out} holds what was found, {things} among it. Read READ-ME-FIRST.txt in it before you hand it out."
    )


def export_governors(
    school: Annotated[str, typer.Option("--school", help="The school's id, such as aet.")],
    out: Annotated[
        Path | None, typer.Option(help="A file that is not there yet; CSV where its name ends so.")
    ] = None,
) -> None:
    """The governors' report of the last year: counts that point to nobody, and the audit chain's head."""
    with _clerk() as clerk:
        text = governors_report(clerk, school, csv=out is not None and out.suffix == ".csv")
        if out is None:
            say(text.rstrip("\n"))
            return
        with new_file(out) as file:
            file.write(text.encode("utf-8"))
    say(f"The governors' report of {school} is in {out}.")


@contextmanager
def _clerk() -> Iterator[Clerk]:
    """The clerk of the environment's settings, where anything is kept. Mistakes are said plainly."""
    with plainly():
        settings = read_settings()
        if not has_database(settings):
            raise Refused(f"There is no database in {settings.folder}, so nothing is kept there.")
        clerk = wire(settings)
        try:
            yield clerk
        finally:
            clerk.close()
