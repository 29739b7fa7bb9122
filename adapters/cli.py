"""`policyclerk`: what the person who installs and looks after it types."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from adapters import evaluation, importing, logs
from adapters.checking import go_live_findings, in_use_findings
from adapters.cli_db import db_app, keys_app
from adapters.cli_keeping import erase, export_governors, export_one_subject, hold_app
from adapters.cli_slack import slack_app
from adapters.cli_teams import teams_app
from adapters.cli_upkeep import audit_app, outbox_app
from adapters.demo import stage
from adapters.exporting import CannotExport, export_request, exported, write_private
from adapters.schools import Folder, folders, known, read_school
from adapters.server import application
from adapters.server import serve as serve_application
from adapters.settingup import served
from adapters.setupcommands import people_app, role_app, school_app, setup, sign_in, sign_out_everywhere
from adapters.terminal import has_database, plainly, read_settings, run, say
from adapters.wiring import SystemClock, model_missing, retriever, wire
from bot.conversation import Answer
from bot.ports import Published
from bot.triage import triage_ready
from bot.workflows.deadlines import day, in_school_hours
from bot.yamlfile import Mistakes
from knowledge.retriever import WhooshRetriever

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # a traceback must not show a key or what somebody asked
    help="A clerk for a school's policies.",
)
policy_app = typer.Typer(no_args_is_help=True, help="Policies: import, show, list.")
export_app = typer.Typer(no_args_is_help=True, help="What the clerk keeps, as files.")
for name, commands in {
    "policy": policy_app,
    "audit": audit_app,
    "outbox": outbox_app,
    "export": export_app,
    "db": db_app,
    "keys": keys_app,
    "hold": hold_app,
    "slack": slack_app,
    "teams": teams_app,
    "people": people_app,
    "role": role_app,
    "school": school_app,
}.items():
    app.add_typer(commands, name=name)
app.command()(setup)
app.command("sign-in")(sign_in)
app.command("sign-out")(sign_out_everywhere)
app.command()(erase)
export_app.command("subject")(export_one_subject)
export_app.command("governors")(export_governors)

School = Annotated[str, typer.Option("--school", help="The school's id, such as aet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def _every_command() -> None:
    logs.begin("text")


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8080,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """The playground: five schools, an invented cast, no accounts, no keys. On this machine only."""
    with plainly():
        home = read_settings().folder
        own = read_settings().at(home / "demo").model_copy(update={"host": "127.0.0.1", "port": port})
        clerk = wire(own, playground=True)
        houses = stage(clerk, home)
    run(serve_application(clerk, application(clerk, houses), open_browser=not no_browser), "--port")


@app.command()
def serve() -> None:
    """Serve adopted and connected schools, from the environment's settings."""
    with plainly():
        settings = read_settings()
        logs.begin(logs.style_for(settings.log), stays=True)
        clerk = wire(settings)
        say(served(clerk))
    run(serve_application(clerk, application(clerk)), "POLICYCLERK_PORT")


@app.command()
def worker() -> None:
    """One more outbox worker beside a server, on the same database."""
    with plainly():
        settings = read_settings()
        logs.begin(logs.style_for(settings.log), stays=True)
        clerk = wire(settings)
    run(clerk.worker.run(asyncio.Event()))


@app.command()
def ask(question: str, school: School, as_json: AsJson = False) -> None:
    """Answer one question from a school's policy."""
    with plainly():
        published = _in_force(school)
        started = time.perf_counter()
        now = SystemClock().now()
        closed = not in_school_hours(published.school.calendar, now)
        answer = Answer(published, _retriever(), question, now.date(), closed=closed)
        ms = (time.perf_counter() - started) * 1000
    if as_json:
        say(json.dumps(evaluation.as_contract(answer, ms), ensure_ascii=False))
    else:
        say(evaluation.as_text(answer))


@app.command()
def evaluate(
    questions: Annotated[Path, typer.Argument(help="JSON lines: id, policy, question or text.")],
    out: Annotated[Path, typer.Option(help="Where the predictions go.")],
) -> None:
    """Answer a file of questions, and print how good the answers are where it says what is right."""
    with plainly():
        say(evaluation.evaluate(questions, out, _in_force, _retriever(), SystemClock().now().date()))


@policy_app.command("import")
def policy_import(
    file: Path,
    school: School,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before putting it in force.")] = False,
) -> None:
    """Make a school's own document its policy, word for word, whole or not at all."""
    with plainly():
        folder = Folder(school, read_settings().folder)
        proposal = importing.read(file, folder)
        say(importing.described(proposal))
        if not yes and not typer.confirm(f"Put this in force for {school}?"):
            raise typer.Exit(1)
        published = importing.put_in_force(proposal, folder, _publish)
    say(f"{school} now answers from {published.policy.title} ({published.policy.version}).")
    say(f"Next: policyclerk check --school {school}")


@policy_app.command("show")
def policy_show(school: Annotated[str, typer.Argument()], as_json: AsJson = False) -> None:
    """A school's policy, clause by clause."""
    with plainly():
        policy = _in_force(school).policy
    say(
        json.dumps(evaluation.policy_as_contract(policy), ensure_ascii=False)
        if as_json
        else evaluation.policy_as_text(policy)
    )


@policy_app.command("list")
def policy_list() -> None:
    """Every school there is, with its policy."""
    with plainly():
        for folder in folders(read_settings().folder):
            try:
                published = _in_force(folder.id)
            except Mistakes:
                say(f"{folder.id:14} cannot be read: policyclerk check --school {folder.id} says why")
                continue
            review = published.school.policy.review_due
            due = f", review due {day(review)}" if review else ""
            policy = published.policy
            say(f"{folder.id:14} {published.school.name}: {policy.title} ({policy.version}){due}")


@app.command()
def publish(school: School) -> None:
    """Put a school's folder in force: its settings, policy and procedures, if all of them are right."""
    with plainly():
        published = read_school(known(school, read_settings().folder))
        _publish(published)
    say(f"{school} is in force as version {published.version}.")


@app.command()
def check(school: Annotated[str, typer.Option("--school", help="This school, whosever it is.")] = "") -> None:
    """What keeps your schools from going live, all of it. Exit status 1 when there is anything."""
    found: list[str] = []
    with plainly():
        home, today = read_settings().folder, SystemClock().now().date()
        if why := model_missing(read_settings()):
            found.append(f"answers come without the model, and are less good: {why}")
        if why := triage_ready():
            found.append(f"disclosures are recognised less well, and every reply carries the reminder: {why}")
        for folder in (known(school, home),) if school else _yours(home):
            try:
                published = read_school(folder)
                findings = (*go_live_findings(published, today), *_in_use(published))
                found += [f"{folder.id}: {finding}" for finding in findings]
            except Mistakes as mistakes:
                found += [f"{folder.id}: {mistake}" for mistake in mistakes.mistakes]
    for line in found:
        say(line)
    things = "1 thing" if len(found) == 1 else f"{len(found)} things"
    say(f"{things} to put right before going live." if found else "Nothing stands in the way.")
    raise typer.Exit(1 if found else 0)


@export_app.command("register")
def export_register(
    school: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Argument(help="The register's name in school.yaml.")],
    out: Annotated[Path | None, typer.Option(help="A CSV file; without it, it is printed.")] = None,
) -> None:
    """A register as CSV, without entries about people. That it was taken stands in the audit chain."""
    with plainly():
        known(school, read_settings().folder)
        clerk = wire(read_settings())
        try:
            text = exported(clerk, school, name)
        finally:
            clerk.close()
        if out is None:
            sys.stdout.buffer.write(text.encode("utf-8"))
        else:
            write_private(out, text)
    if out is not None:
        say(f"{name} is in {out}.")


@export_app.command("request")
def export_one(
    reference: Annotated[str, typer.Argument(help="As people see it, such as AET-7KM3Q.")],
    school: School,
    out: Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")],
    text: Annotated[bool, typer.Option("--text", help="Plain text instead of a PDF.")] = False,
    reader: Annotated[str, typer.Option("--for", help="E-mail address of whoever will read it.")] = "",
) -> None:
    """The printable record of one request. That it was printed is kept in its history."""
    with plainly():
        settings = read_settings()
        if not has_database(settings):
            raise CannotExport(f"There is no database in {settings.folder}, so there are no requests.")
        clerk = wire(settings)
        try:
            export_request(clerk, school, reference, reader, out, text=text)
        finally:
            clerk.close()
    say(f"The record of {reference} is in {out}.")


def _in_force(school: str) -> Published:
    """What is in force: the published version where there is a database, else the folder."""
    settings = read_settings()
    if has_database(settings):
        clerk = wire(settings)
        try:
            if school in clerk.library.schools():
                return clerk.library.published(school)
        finally:
            clerk.close()
    return read_school(known(school, settings.folder))


def _yours(home: Path) -> tuple[Folder, ...]:
    """Schools that somebody has begun to set up: a part of them is in the home, or they are in force. All of
    them where there is none yet."""
    settings, every = read_settings(), folders(home)
    in_force: tuple[str, ...] = ()
    if has_database(settings):
        clerk = wire(settings)
        in_force = clerk.library.schools()
        clerk.close()
    return tuple(f for f in every if f.own.exists() or f.id in in_force) or every


def _in_use(published: Published) -> list[str]:
    """What is missing in the database as it is today; nothing where the school is not in force yet."""
    settings = read_settings()
    if not has_database(settings):
        return []
    clerk = wire(settings)
    try:
        return list(in_use_findings(clerk, published))
    finally:
        clerk.close()


def _publish(published: Published) -> None:
    clerk = wire(read_settings())
    try:
        clerk.library.publish(published, clerk.services.clock.now())
    finally:
        clerk.close()


def _retriever() -> WhooshRetriever:
    return retriever(read_settings())


if __name__ == "__main__":
    app()
