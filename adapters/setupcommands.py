"""`policyclerk setup`, `people`, `role`, `school`: what is typed to set a school up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from adapters import enrolling, settingup
from adapters.schools import known
from adapters.signing_in import issue_code, sign_out
from adapters.terminal import plainly, read_settings, say
from adapters.wiring import Clerk, wire
from bot.appointing import guarded
from bot.people import Channel

people_app = typer.Typer(no_args_is_help=True, help="The staff list.")
role_app = typer.Typer(no_args_is_help=True, help="Where a role's messages go.")
school_app = typer.Typer(no_args_is_help=True, help="Schools: one's own, and connected.")

Named = Annotated[str, typer.Argument(metavar="SCHOOL", help="The school's id, such as aet.")]
Team = Annotated[str, typer.Option("--slack-team", help="A Slack workspace, such as T012AB3CD.")]
Tenant = Annotated[str, typer.Option("--teams-tenant", help="A Teams tenant's GUID.")]


def setup(
    school: Annotated[str, typer.Option("--school", help="The school's id, such as aet.")],
    admin: Annotated[str, typer.Option("--admin", help="Their e-mail address, as the platform knows it.")],
    name: Annotated[str, typer.Option("--name", help="Their name, if they are not on the list yet.")] = "",
) -> None:
    """Name a school's first administrator: whoever sets it up in chat."""
    with working_clerk() as clerk:
        person = settingup.first_administrator(clerk, school, admin, name)
        title = clerk.library.published(school).school
    say(f"{person.name} is the {title.title(title.administrators).lower()} of {school}.")


def sign_in(
    school: Annotated[str, typer.Option("--school", help="The school's id, such as aet.")],
    email: Annotated[str, typer.Argument(help="Their e-mail address on the staff list.")],
) -> None:
    """A one-time code with which somebody signs in to the page. Hand it to them in person or by telephone."""
    with working_clerk() as clerk:
        person, code = issue_code(clerk, school, email)
        page = clerk.settings.page
    say(f"For {person.name}, at {page}")
    say(f"  e-mail address: {person.email}")
    say(f"  code:           {code[:4]}-{code[4:]}")
    say("It works once, in the next 10 minutes. That it was issued stands in the audit chain.")


def sign_out_everywhere(
    school: Annotated[str, typer.Option("--school", help="The school's id, such as aet.")],
    email: Annotated[str, typer.Argument(help="Their e-mail address on the staff list.")],
) -> None:
    """Sign somebody out of the page wherever they are signed in: a telephone was lost, a window left open."""
    with working_clerk() as clerk:
        person, places = sign_out(clerk, school, email)
    many = "1 browser" if places == 1 else f"{places} browsers"
    say(f"{person.name} is signed out of {many}; links and codes they have not used are void.")


@people_app.command("import")
def people_import(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")] = False,
) -> None:
    """Bring staff lists up to date from a CSV file, whole or not at all. Nobody is deleted."""
    with working_clerk() as clerk:
        found = enrolling.enrolments(clerk, file)
        for enrolment in found:
            for line in enrolling.described(enrolment):
                say(line)
        if not any(enrolment.changes for enrolment in found):
            return
        if not yes and not typer.confirm("Do this?"):
            raise typer.Exit(1)
        for enrolment in found:
            enrolling.enrol(clerk, enrolment)
    say("Done.")


@role_app.command("set")
def role_set(
    school: Named,
    role: Annotated[str, typer.Argument(help="The role's id in school.yaml.")],
    slack_channel: Annotated[str, typer.Option(help="A Slack channel's ID (C...), or “none”.")] = "",
    teams_conversation: Annotated[
        str, typer.Option(help="A Teams conversation's ID (19:...), or “none”.")
    ] = "",
    slack_team: Team = "",
    teams_tenant: Tenant = "",
) -> None:
    """Send a role's messages to a channel. Requests about people still go to each holder alone."""
    with working_clerk() as clerk:
        wanted = (
            Channel(role=role, platform="slack", tenant=slack_team, channel=slack_channel),
            Channel(role=role, platform="teams", tenant=teams_tenant, channel=teams_conversation),
        )
        if not slack_channel and not teams_conversation:
            raise settingup.CannotSetUp(
                "Say where: --slack-channel C..., --teams-conversation 19:..., or both."
            )
        for channel in filter(lambda c: c.channel, wanted):
            settingup.set_channel(clerk, school, role, channel)
        published = clerk.library.published(school)
    say(f"{published.school.title(role)}: set.")
    if role in guarded(published):
        say("Requests about people still go to each holder alone.")


@school_app.command("adopt")
def school_adopt(school: Named) -> None:
    """Make a school your own, and put it in force. Of a packaged one, what your home does not have is copied there."""
    with working_clerk() as clerk:
        folder = known(school, clerk.settings.folder)
        published = settingup.adopt(clerk, folder)
    say(f"{school} is your own: {folder.own}")
    say(f"In force as version {published.version}. Next: policyclerk check --school {school}")


@school_app.command("connect")
def school_connect(school: Named, slack_team: Team = "", teams_tenant: Tenant = "") -> None:
    """Let a school be talked to from a Slack workspace or a Teams tenant."""
    with working_clerk() as clerk:
        now = settingup.connect(clerk, school, slack_team, teams_tenant)
    say(f"{school} is connected to: {', '.join(now)}.")


@school_app.command("disconnect")
def school_disconnect(school: Named, slack_team: Team = "", teams_tenant: Tenant = "") -> None:
    """The opposite: from there nobody is known any more."""
    with working_clerk() as clerk:
        now = settingup.disconnect(clerk, school, slack_team, teams_tenant)
    say(f"{school} is connected to: {', '.join(now) or 'nothing'}.")


@contextmanager
def working_clerk() -> Iterator[Clerk]:
    """The clerk of the environment's settings, its mistakes said plainly."""
    with plainly():
        clerk = wire(read_settings())
        try:
            yield clerk
        finally:
            clerk.close()
