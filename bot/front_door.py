"""The first card of a way in: `/report`, what a policy says where there is no form, and commands a school
does not have. Never a dead end."""

from datetime import date

from rapidfuzz import fuzz, process

from bot.cards import Button, Card, Part, Text
from bot.conversation import ask_button, form_buttons, overdue, quotes
from bot.guidance import ASK
from bot.ports import Published
from bot.safeguarding import urgent_parts
from bot.workflows.definition import Workflow

HAPPENED = (
    ("I am worried about a child", "report-concern"),
    ("Someone's behaviour online", "report-concern"),
    ("A pupil or parent contacted me", "report-contact"),
    ("Something unsuitable on the internet", "report-content"),
    ("Abuse of staff, or comments about the school", "report-abuse"),
    ("A picture that should come down", "remove-image"),
)
"""What has happened, in plain words, and the report it leads to (WORKFLOWS, the front door)."""
INSTEAD = {
    "account-access": ("request-account",),
    "approve-post": (),
    "complaints": (),
    "contact-permission": ("report-contact", "declare-relationship"),
    "declare-relationship": ("contact-permission", "report-contact"),
    "media-enquiry": (),
    "request-account": (),
    "unblock-request": (),
    "vet-follower": ("account-access",),
}
"""Commands that not every school has, and what comes nearest; somebody to ask is always offered beside it."""


def report_card(published: Published, urgent: bool = True) -> Card:
    """One question; a command the school lacks leads to the nearest it has. Without `urgent` where a safety
    card has just said it, and perhaps of somebody else than the safeguarding lead."""
    buttons = tuple(
        Button(action="start", target=_nearest(published, command), label=label)
        for label, command in HAPPENED
    )
    parts = urgent_parts(published.school) if urgent else ()
    return Card(title="What has happened?", parts=parts, buttons=buttons)


def policy_card(published: Published, workflow: Workflow, today: date) -> Card:
    """A procedure without a form: what the policy says, and where to go from there."""
    policy = published.policy
    said = quotes(policy, workflow.clauses)
    parts: tuple[Part, ...] = (
        Text(text=workflow.summary),
        *(said or (Text(text=f"See {policy.title} ({policy.version}).", tone="quiet"),)),
        *overdue(published.school, today),
    )
    found = (published.workflow(command) for command in workflow.leads_to if command != ASK)
    buttons = form_buttons(w for w in found if w)
    return Card(title=workflow.title, parts=parts, buttons=(*buttons, *ask_button(published)))


def no_such_form(command: str, published: Published) -> Card:
    """What this school has instead: for a command of another school's policy what comes nearest in meaning,
    for a slip of the keyboard what comes nearest in spelling."""
    by_name = {w.command: w for w in published.workflows if w.id != ASK}
    near: list[str] = [name for name in INSTEAD.get(command, ()) if name in by_name]
    if command not in INSTEAD:
        spelt = process.extract(command, list(by_name), scorer=fuzz.partial_ratio, limit=2, score_cutoff=60)
        near = [name for name, _, _ in spelt] or list(by_name)
    buttons = (*form_buttons(by_name[name] for name in near), *ask_button(published))
    owner = published.school.title(published.school.policy.owner)
    then = "The nearest it has:" if near else "You can ask instead:"
    parts = (
        Text(text=f"{published.school.name} has no /{command} in its policy."),
        Text(text=then if buttons else f"Ask me a question, or speak to the {owner.lower()}."),
    )
    help_ = Button(action="start", target="help", label="Help")
    return Card(title="No such form here", parts=parts, buttons=buttons or (help_,))


def _nearest(published: Published, command: str) -> str:
    """The command, or what this school has instead of it."""
    return next((c for c in (command, "report-concern", ASK) if published.workflow(c)), "help")
