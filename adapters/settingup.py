"""Setting a school up from the command line: its own folder, its workspaces, its first administrator, channels.

Whoever types these has the machine and its keys. What they do stands in the school's audit chain all the same.
"""

import re
from datetime import datetime
from uuid import UUID, uuid4

from adapters.schools import Folder, read_school
from adapters.stafflist import EMAIL
from adapters.store.places import Chat, NotAdopted
from adapters.wiring import Clerk
from bot.channelcards import wrong_channel
from bot.people import Channel, Person, School
from bot.ports import Published
from bot.workflows.entry import Deed, DeedAction

NONE = "none"
"""Typed instead of a channel: none any more."""
_SLACK_TEAM = re.compile(r"[TE][A-Z0-9]{2,}")


class CannotSetUp(Exception):
    """Why not, and what would be right."""


def adopt(clerk: Clerk, folder: Folder) -> Published:
    """Make a packaged school one's own: its parts that are not in the home are copied there, and it is put in
    force. Harmless to repeat. Mistakes when a part of it is wrong; nothing is copied then."""
    published = read_school(folder)
    for name in ("school.yaml", "policy.md"):
        if folder.read_own(name) is None:
            folder.write_own(name, folder.part(name).read_bytes())
    workflows = folder.part("workflows")
    if workflows.is_dir() and not (folder.own / "workflows").exists():
        (folder.own / "workflows").mkdir()
        for path in sorted(workflows.glob("*.yaml")):
            (folder.own / "workflows" / path.name).write_bytes(path.read_bytes())
    now = clerk.services.clock.now()
    clerk.library.publish(published, now)
    clerk.staff_book.adopt(folder.id, Deed(at=now, action="adopted"))
    return published


def connect(clerk: Clerk, school: str, team: str, tenant: str) -> tuple[str, ...]:
    """Let the school be talked to from a Slack workspace, a Teams tenant, or both. Returns what it is connected
    to now, in words."""
    _in_force(clerk, school)
    for platform, name in _workspaces(team, tenant):
        try:
            clerk.staff_book.join(school, platform, name, _deed(clerk, "connected", f"{platform} {name}"))
        except NotAdopted as error:
            raise CannotSetUp(
                f"{school} is not served yet: policyclerk school adopt {school} makes it your own"
            ) from error
    return connected(clerk, school)


def disconnect(clerk: Clerk, school: str, team: str, tenant: str) -> tuple[str, ...]:
    """The opposite: nobody is known from there any more, and no channel there is used."""
    _in_force(clerk, school)
    for platform, name in _workspaces(team, tenant):
        deed = _deed(clerk, "disconnected", f"{platform} {name}")
        if not clerk.staff_book.part(school, platform, name, deed):
            raise CannotSetUp(f"{school} is not connected to {name}.")
    return connected(clerk, school)


def connected(clerk: Clerk, school: str) -> tuple[str, ...]:
    """`Slack workspace T012AB3CD`, one for each place the school is talked to from."""
    names = {"slack": "Slack workspace", "teams": "Teams tenant"}
    return tuple(f"{names[c.platform]} {c.tenant}" for c in clerk.places.connections(school))


_BEGIN = "Next: policyclerk school adopt SCHOOL (policyclerk policy list names them)"


def reachable(clerk: Clerk) -> frozenset[str]:
    """Schools in force that somebody can reach: from a workspace or, where staff can sign in, on the page."""
    on_page = clerk.places.adopted() if clerk.settings.page else frozenset()
    return frozenset(clerk.library.schools()) & (on_page | frozenset(clerk.places.served()))


def served(clerk: Clerk) -> str:
    """Which schools are served, and which are not and why, a line each."""
    ready = set(clerk.places.served())
    adopted = clerk.places.adopted()
    page_alone = {school for school in adopted - ready if clerk.settings.page}
    lines = [f"Serving {', '.join(sorted(ready))}."] if ready else []
    for school in sorted(page_alone):
        lines.append(f"On the page alone: {school}. For chat: policyclerk school connect {school}")
    for school in clerk.library.schools():
        if school not in ready | page_alone:
            step = "connect" if school in adopted else "adopt"
            lines.append(f"Not served: {school}. Next: policyclerk school {step} {school}")
    if not ready | page_alone:
        lines.insert(0, "No school is served yet." if lines else f"No school is served yet. {_BEGIN}")
    if not clerk.settings.page:
        lines.append("Nobody can sign in to the page: set POLICYCLERK_PUBLIC_URL to its https address.")
    return "\n".join(lines)


def first_administrator(clerk: Clerk, school: str, email: str, name: str) -> Person:
    """Whoever sets the school up in chat from now on. CannotSetUp when somebody does already: they, or a staff
    list, name others."""
    published = _in_force(clerk, school)
    role = published.school.administrators
    staff = clerk.directory.staff(school)
    if there := staff.holders(role):
        raise CannotSetUp(
            f"{school} has an administrator already ({there[0].name}). They name others in chat, "
            "or you do: policyclerk people import."
        )
    if not EMAIL.fullmatch(email.strip()):
        raise CannotSetUp(f"“{email[:60]}” is no e-mail address.")
    folded = email.strip().casefold()
    known = next((p for p in staff.current if p.email.casefold() == folded), None)
    if any(p.email.casefold() == folded for p in staff.people) and not known:
        raise CannotSetUp("Whoever has that address has left, or has not begun, by the staff list.")
    person = known or Person(id=uuid4().hex, school=school, name=name or email.strip(), email=email.strip())
    deed = Deed(at=_now(clerk), action="role_set", role=role, people=(person.id,))
    clerk.staff_book.enter(school, () if known else (person,), {role: (person.id,)}, (), deed)
    return person


def set_channel(clerk: Clerk, school: str, role: str, channel: Channel) -> None:
    """A role's messages go there; `none` instead of a channel: to each holder alone."""
    settings = _in_force(clerk, school).school
    if role not in settings.roles:
        raise CannotSetUp(f"{school} has no role “{role}”. There are: {', '.join(settings.roles)}.")
    tenant = channel.tenant or _only_tenant(clerk, settings, channel.platform)
    if channel.channel != NONE and (why := wrong_channel(channel.platform, channel.channel)):
        raise CannotSetUp(why)
    wanted = channel.model_copy(
        update={"tenant": tenant, "channel": "" if channel.channel == NONE else channel.channel}
    )
    deed = Deed(at=_now(clerk), action="channel_set", role=role, place=f"{channel.platform} {wanted.channel}")
    try:
        clerk.staff_book.set_channel(school, wanted, deed)
    except ValueError as error:
        raise CannotSetUp(f"{error}: policyclerk school connect {school}") from error


def _only_tenant(clerk: Clerk, school: School, platform: Chat) -> str:
    tenants = [c.tenant for c in clerk.places.connections(school.id) if c.platform == platform]
    if len(tenants) == 1:
        return tenants[0]
    name, option = ("Slack", "--slack-team") if platform == "slack" else ("Teams", "--teams-tenant")
    if tenants:
        raise CannotSetUp(f"{school.id} is on {name} in {len(tenants)} places: say which one with {option}.")
    raise CannotSetUp(
        f"{school.id} is not on {name} yet: policyclerk school connect {school.id} {option} ..."
    )


def _workspaces(team: str, tenant: str) -> tuple[tuple[Chat, str], ...]:
    """What was named, checked for its shape. CannotSetUp when nothing was."""
    found: list[tuple[Chat, str]] = []
    if team:
        if not _SLACK_TEAM.fullmatch(team):
            raise CannotSetUp(
                f"“{team[:40]}” is no Slack workspace: its ID begins with T, such as T012AB3CD."
            )
        found.append(("slack", team))
    if tenant:
        try:
            found.append(("teams", str(UUID(tenant))))
        except ValueError:
            raise CannotSetUp(f"“{tenant[:40]}” is no Teams tenant: its ID is a GUID.") from None
    if not found:
        raise CannotSetUp("Say where from: --slack-team T..., --teams-tenant GUID, or both.")
    return tuple(found)


def _in_force(clerk: Clerk, school: str) -> Published:
    if school not in clerk.library.schools():
        raise CannotSetUp(f"{school} is not in force: policyclerk school adopt {school}")
    return clerk.library.published(school)


def _deed(clerk: Clerk, action: DeedAction, place: str) -> Deed:
    return Deed(at=_now(clerk), action=action, place=place)


def _now(clerk: Clerk) -> datetime:
    return clerk.services.clock.now()
