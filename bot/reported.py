"""Messages of others that somebody reports, and files that somebody sends. Read in memory and dropped; what
hangs on them is never fetched (SAFEGUARDING, must 12)."""

from bot.cards import Button, Card, Message, Text
from bot.conversation import first_card
from bot.events import MessageReported
from bot.people import School
from bot.safeguarding import IMAGE_RULE, for_a_child, signposts
from bot.triage import triage
from bot.visit import Visit
from bot.workflows.definition import Values, Workflow

LINKED = ("address", "addresses")
"""Kinds of field that can hold where the message lies."""

LONGEST_LINK = 1000
"""Characters of an address. No platform makes longer ones, and a button that is too long would cost the whole card."""


def reported(event: MessageReported, visit: Visit) -> Message:
    """Who to go to about somebody's message, and the reports it may lead to. Its link goes along with the
    buttons, so that nobody has to copy it."""
    school = visit.published.school
    found = triage(event.text)
    card = first_card(visit.published, found, visit.closed) if found else signposts(school)
    reports = [w for w in visit.published.workflows if w.command.startswith("report-")]
    link = event.link if event.link.isascii() and len(event.link) <= LONGEST_LINK else ""
    buttons = tuple(Button(action="start", target=_target(w, link), label=w.title) for w in reports)
    first = (unopened(school),) if event.files else ()
    return Message(cards=(*first, card.model_copy(update={"buttons": buttons})))


def with_unopened(reply: Message, school: School) -> Message:
    """The reply to a message on which something hung: first, that nobody has looked at it."""
    return reply.model_copy(update={"cards": (unopened(school), *reply.cards), "audience": "person"})


def unopened(school: School) -> Card:
    """Files are not looked at; what to do if it is the worst (must 4)."""
    return Card(
        title="I have not opened the file",
        parts=(
            Text(text="I never open, keep or pass on pictures and files. Please delete it here."),
            Text(text="Might it be a sexual image of anyone under 18?", tone="strong"),
            Text(text=IMAGE_RULE),
            *for_a_child(school, "Ring or find the"),
        ),
        mood="safety",
    )


def _target(workflow: Workflow, link: str) -> str:
    """The command, and the link where the form has a place for it."""
    return f"{workflow.command} {link}" if first_values(workflow, link) else workflow.command


def first_values(workflow: Workflow, link: str) -> Values:
    """What stands in a form that a reported message led to: where that message lies."""
    field = next((f for f in workflow.fields if f.kind in LINKED), None)
    return {field.id: (link,)} if field and link else {}
