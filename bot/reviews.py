"""The school's own policy in the register of policy reviews: entered by the clerk from its dates.

The entry is there as long as the dates are; once they change it is ended, and a new one entered. Other
policies are entered by hand.
"""

from collections.abc import Iterator
from datetime import datetime

from bot.people import PolicyReview, Staff
from bot.ports import Published, Store
from bot.workflows.entry import Deed, Entry


def reviews_to_keep(
    published: Published, staff: Staff, store: Store, now: datetime
) -> Iterator[tuple[Entry, Deed]]:
    """What is to be kept now, each with its deed: nothing once the register says what the policy says."""
    school = published.school
    for name, register in school.registers.items():
        if register.own_policy is None:
            continue
        own = [entry for entry in store.entries(school.id, name) if entry.by_clerk]
        entry = _entry(published, staff, name, register.own_policy, len(own), now)
        there = [old for old in own if old.ended_at is None and entry and old.cells == entry.cells]
        for old in own:
            if old.ended_at is None and old not in there:
                why = "The policy's dates, or who owns it, have changed."
                update = {"ended_at": now, "end_reason": why, "version": old.version + 1}
                over = old.model_copy(update=update)
                yield over, _deed("ended", over, now)
        if entry and not there:
            yield entry, _deed("recorded", entry, now)


def _entry(
    published: Published, staff: Staff, name: str, columns: PolicyReview, number: int, now: datetime
) -> Entry | None:
    """The policy as its dates stand; None while no review date is known."""
    policy, due = published.policy, published.school.policy.review_due
    owners = staff.holders(published.school.policy.owner)
    if due is None:
        return None
    names = tuple(person.name for person in owners)
    return Entry(
        id=f"{published.school.id}.{name}.{number}",
        school=published.school.id,
        name=name,
        at=now,
        cells={
            columns.policy: (f"{policy.title} ({policy.version})",),
            **({columns.owner: names} if names else {}),
            columns.due: (due.isoformat(),),
        },
        people={columns.owner: tuple(person.id for person in owners)} if owners else {},
        policy_version=published.version,
    )


def _deed(action: str, entry: Entry, now: datetime) -> Deed:
    given = {"at": now, "action": action, "register_name": entry.name, "entry": entry.id}
    return Deed.model_validate({**given, "version": entry.version})
