"""Who may hold what: roles that a second person has to confirm, and who may. Pure.

An administrator sets the clerk up and must not, by that, come to see a safeguarding request: every role that
could be asked about one is guarded (DESIGN, contracts).
"""

from bot.people import Person, RoleChange, School, Staff
from bot.ports import Published


def guarded(published: Published) -> frozenset[str]:
    """Roles whose holders could be asked about a person: heads, DSL and chair, whoever a procedure about
    people names, the escalation order, and everybody's deputies."""
    school = published.school
    asked = {
        role
        for workflow in published.workflows
        if workflow.about_people
        for stage in workflow.stages
        if not stage.hides
        for route in stage.who
        for role in route.roles
    }
    found = {*school.head_roles, school.dsl, school.chair, *school.escalation, *asked}
    while further := {d for role in found for d in school.roles[role].deputies} - found:
        found |= further
    return frozenset(found)


def confirmers(school: School, staff: Staff, change: RoleChange) -> tuple[Person, ...]:
    """Who may say yes to it: the holders of head, DSL, chair and administrator, but neither whoever asked nor
    anybody it gives the role to."""
    trusted = {*school.head_roles, school.dsl, school.chair, school.administrators}
    holding = {person for role, person in staff.holdings if role in trusted}
    return tuple(p for p in staff.current if p.id in holding - {change.asked_by, *change.gains})


def after(staff: Staff, change: RoleChange) -> tuple[str, ...]:
    """Ids of those who hold the role once it is confirmed: whoever has left meanwhile does not gain it."""
    held = {person for role, person in staff.holdings if role == change.role}
    gains = {person for person in change.gains if staff.person(person)}
    return tuple(sorted((held | gains) - set(change.losses)))
