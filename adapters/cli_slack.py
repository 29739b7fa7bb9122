"""`policyclerk slack ...`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from adapters.schools import folders, read_school
from adapters.setupcommands import working_clerk
from adapters.slack.installing import invitation
from adapters.slack.manifest import INSTALL, CannotWrite, manifest
from adapters.terminal import plainly, read_settings, refuse, say

slack_app = typer.Typer(no_args_is_help=True, help="Slack.")


@slack_app.callback()
def slack() -> None:
    """Slack: see docs/how-to/connect-slack.md."""


@slack_app.command("invite")
def invite(
    address: Annotated[
        str, typer.Option(help="Where the clerk is reached, unless POLICYCLERK_PUBLIC_URL says so.")
    ] = "",
) -> None:
    """A link by which one more workspace can install the app, for a week (SLACK_CLIENT_ID)."""
    with working_clerk() as clerk:
        if not clerk.settings.slack.client_id:
            refuse(
                "SLACK_CLIENT_ID is not set: with SLACK_BOT_TOKEN there is one workspace, and it is there."
            )
            raise typer.Exit(1)
        where = address or clerk.settings.public_url
        if not where.startswith("https://"):
            refuse("Say where the clerk is reached: --address https://clerk.school.example")
            raise typer.Exit(1)
        shown = invitation(clerk.store, clerk.services.clock.now())
    say(f"{where.rstrip('/')}{INSTALL}?invitation={shown}")


@slack_app.command("manifest")
def write(
    address: Annotated[str, typer.Option(help="Where the clerk is reached, https://...")] = "",
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("policy-clerk-slack.json"),
) -> None:
    """The manifest to make the app from: for an address, or for Socket Mode where none is given."""
    with plainly():
        workflows = (w for folder in folders(read_settings().folder) for w in read_school(folder).workflows)
        commands = {workflow.command: workflow.title for workflow in workflows}
        try:
            content = manifest(address, commands)
        except CannotWrite as why:
            refuse(str(why))
            raise typer.Exit(1) from why
        out.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    say(f"{out} is ready, for {address or 'Socket Mode'}.")
