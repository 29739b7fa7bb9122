"""Who holds a role today, and who is asked when nobody who may does."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.model import Model
from bot.people import School, Staff
from bot.workflows.definition import Workflow
from bot.workflows.entry import Listed


class Context(Model):
    """All that routing looks at besides the request."""

    school: School
    staff: Staff
    workflow: Workflow
    now: datetime
    registers: Mapping[str, tuple[Listed, ...]] = {}
    """Register to its entries, of those that fields of the workflow name."""
    policy_version: str = ""
    """The version printed on the policy that the request began with."""


class Holder(Model):
    """Somebody who may act, and in which role. `stands_in_for` names the role that was empty or
    excluded when this is a deputy or a further role."""

    person: str
    role: str = ""
    stands_in_for: str = ""


def holding(ctx: Context, role: str, out: Iterable[str], away: bool = False) -> tuple[Holder, ...]:
    """Who holds the role and is not kept out; those who are away only with `away`."""
    kept_out = set(out)
    people = ctx.staff.holders(role)
    there = people if away else ctx.staff.present(people)
    return tuple(Holder(person=p.id, role=role) for p in there if p.id not in kept_out)


def ask(
    ctx: Context, roles: tuple[str, ...], chain: Iterable[str], out: Iterable[str], further: int
) -> tuple[Holder, ...]:
    """Of the holders of `roles` and then of each role of the chain: the first group with somebody in it,
    and as many `further` groups behind it. People who are away are asked only where all are."""
    for away in (False, True):
        groups = []
        asked_before = set(out)
        for group_roles in (roles, *((role,) for role in chain)):
            group = distinct(h for role in group_roles for h in holding(ctx, role, asked_before, away))
            stand_in = {} if group_roles == roles else {"stands_in_for": roles[0] if roles else ""}
            if group:
                groups.append(tuple(holder.model_copy(update=stand_in) for holder in group))
                asked_before |= {holder.person for holder in group}
        if groups:
            return tuple(holder for group in groups[: 1 + further] for holder in group)
    return ()


def distinct(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    first: dict[str, Holder] = {}
    for holder in holders:
        first.setdefault(holder.person, holder)
    return tuple(first.values())
