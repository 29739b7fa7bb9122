"""`policyclerk`: what the person who installs and looks after it types."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters import evaluation, importing
from adapters.checking import go_live_findings
from adapters.demo import stage
from adapters.schools import Folder, folders, read_school
from adapters.server import application
from adapters.server import serve as serve_application
from adapters.settings import Settings
from adapters.wiring import SystemClock, wire
from bot.conversation import Answer
from bot.ports import Published
from bot.yamlfile import Mistakes
from knowledge.retriever import WhooshRetriever

app = typer.Typer(no_args_is_help=True, add_completion=False, help="A clerk for a school's policies.")
policy_app = typer.Typer(no_args_is_help=True, help="Policies: import, show, list.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit chain.")
app.add_typer(policy_app, name="policy")
app.add_typer(audit_app, name="audit")

School = Annotated[str, typer.Option("--school", help="The school's id, such as aet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8080,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """The playground: five schools, an invented cast, no accounts, no keys. On this machine only."""
    settings = Settings()
    settings = settings.at(settings.folder / "demo").model_copy(update={"host": "127.0.0.1", "port": port})
    with _plainly():
        clerk = wire(settings)
        houses = stage(clerk)
    _run(serve_application(clerk, application(clerk, houses), open_browser=not no_browser))


@app.command()
def serve() -> None:
    """Serve the schools that have been published, from the environment's settings."""
    with _plainly():
        clerk = wire(Settings())
    _run(serve_application(clerk, application(clerk)))


@app.command()
def worker() -> None:
    """One more outbox worker beside a server, on the same database."""
    with _plainly():
        clerk = wire(Settings())
    _run(clerk.worker.run(asyncio.Event()))


@app.command()
def ask(question: str, school: School, as_json: AsJson = False) -> None:
    """Answer one question from a school's policy."""
    with _plainly():
        published = _in_force(school)
        started = time.perf_counter()
        answer = Answer(published, _retriever(), question, SystemClock().now().date())
        ms = (time.perf_counter() - started) * 1000
    if as_json:
        _say(json.dumps(evaluation.as_contract(answer, ms), ensure_ascii=False))
    else:
        _say(evaluation.as_text(answer))


@app.command()
def evaluate(
    questions: Annotated[Path, typer.Argument(help="JSON lines: id, policy, question or text.")],
    out: Annotated[Path, typer.Option(help="Where the predictions go.")],
) -> None:
    """Answer a file of questions, for a scorer."""
    with _plainly():
        count = evaluation.evaluate(questions, out, _in_force, _retriever(), SystemClock().now().date())
    _say(f"{count} questions answered; predictions in {out}")


@policy_app.command("import")
def policy_import(
    file: Path,
    school: School,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before putting it in force.")] = False,
) -> None:
    """Make a school's own document its policy, word for word, whole or not at all."""
    with _plainly():
        folder = _folder(school)
        proposal = importing.read(file, folder)
        _say(importing.described(proposal))
        if not yes and not typer.confirm(f"Put this in force for {school}?"):
            raise typer.Exit(1)
        published = importing.put_in_force(proposal, folder)
        _publish(published)
    _say(f"{school} now answers from {published.policy.title} ({published.policy.version}).")


@policy_app.command("show")
def policy_show(school: Annotated[str, typer.Argument()], as_json: AsJson = False) -> None:
    """A school's policy, clause by clause."""
    with _plainly():
        policy = _in_force(school).policy
    _say(
        json.dumps(evaluation.policy_as_contract(policy), ensure_ascii=False)
        if as_json
        else evaluation.policy_as_text(policy)
    )


@policy_app.command("list")
def policy_list() -> None:
    """Every school there is, with its policy."""
    with _plainly():
        for folder in folders(Settings().folder):
            published = _in_force(folder.id)
            review = published.school.policy.review_due
            due = f", review due {review:%d %b %Y}" if review else ""
            policy = published.policy
            _say(f"{folder.id:14} {published.school.name}: {policy.title} ({policy.version}){due}")


@app.command()
def publish(school: School) -> None:
    """Put a school's folder in force: its settings, policy and procedures, if all of them are right."""
    with _plainly():
        published = read_school(_known(school))
        _publish(published)
    _say(f"{school} is in force as version {published.version}.")


@app.command()
def check(school: Annotated[str, typer.Option("--school", help="Only this school.")] = "") -> None:
    """What keeps a school from going live, all of it. Exit status 1 when there is anything."""
    settings = Settings()
    found: list[str] = []
    for folder in folders(settings.folder):
        if school and folder.id != school:
            continue
        try:
            found += [f"{folder.id}: {finding}" for finding in go_live_findings(read_school(folder))]
        except Mistakes as mistakes:
            found += [f"{folder.id}: {mistake}" for mistake in mistakes.mistakes]
    for line in found:
        _say(line)
    _say(
        "Nothing stands in the way." if not found else f"{len(found)} things to put right before going live."
    )
    raise typer.Exit(1 if found else 0)


@audit_app.command("verify")
def audit_verify() -> None:
    """Whether any event was changed, removed, reordered or cut off. Exit status 1 when one was."""
    with _plainly():
        clerk = wire(Settings())
        findings = [
            f"{school}: {line}" for school in clerk.library.schools() for line in clerk.store.verify(school)
        ]
    for finding in findings:
        _say(finding)
    _say("The audit chain is whole." if not findings else f"{len(findings)} findings.")
    raise typer.Exit(1 if findings else 0)


def _in_force(school: str) -> Published:
    """What is in force: the published version where there is a database, else the folder."""
    settings = Settings()
    if settings.database_url or (settings.folder / "policyclerk.db").exists():
        clerk = wire(settings)
        try:
            if school in clerk.library.schools():
                return clerk.library.published(school)
        finally:
            clerk.close()
    return read_school(_known(school))


def _publish(published: Published) -> None:
    clerk = wire(Settings())
    try:
        clerk.library.publish(published, clerk.services.clock.now())
    finally:
        clerk.close()


def _folder(school: str) -> Folder:
    return Folder(school, Settings().folder)


def _known(school: str) -> Folder:
    folder = _folder(school)
    if not folder.known:
        known = ", ".join(f.id for f in folders(Settings().folder))
        raise importing.CannotImport(f"There is no school “{school}”. There are: {known}.")
    return folder


def _retriever() -> WhooshRetriever:
    return WhooshRetriever(Settings().folder / "index")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


class _plainly:
    """Mistakes of the person at the keyboard are said in words, without a traceback."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Mistakes | importing.CannotImport | OSError):
            typer.secho(str(error), err=True, fg="red")
            raise typer.Exit(1) from error


def _run(work: Any) -> None:
    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        _say("Stopped.")
    except OSError as error:
        typer.secho(
            f"Cannot listen there: {error.strerror or error}. Try another --port.", err=True, fg="red"
        )
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
