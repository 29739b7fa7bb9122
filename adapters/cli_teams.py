"""`policyclerk teams ...`."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.teams.package import CannotPackage, packaged
from adapters.terminal import plainly, read_settings, refuse, say

teams_app = typer.Typer(no_args_is_help=True, help="Microsoft Teams.")


@teams_app.callback()
def teams() -> None:
    """Microsoft Teams: see docs/how-to/connect-teams.md."""


@teams_app.command("package")
def package(
    address: Annotated[str, typer.Option(help="Where the clerk is reached, https://...")],
    out: Annotated[Path, typer.Option(help="The zip to write.")] = Path("policy-clerk-teams.zip"),
    privacy: Annotated[str, typer.Option(help="Your privacy notice; the address unless given.")] = "",
    terms: Annotated[str, typer.Option(help="Your terms of use; the address unless given.")] = "",
    developer: Annotated[str, typer.Option(help="Whose app this is: your school.")] = "Your school",
) -> None:
    """The app package to upload to Teams, for the app that TEAMS_APP_ID names."""
    with plainly():
        app_id = read_settings().teams.app_id
        try:
            content = packaged(app_id, address, privacy or address, terms or address, developer)
        except CannotPackage as why:
            refuse(str(why))
            raise typer.Exit(1) from why
        out.write_bytes(content)
    say(f"{out} is ready to upload to Teams.")
