"""The record of a request as a file in the person's own conversation with the clerk."""

from collections.abc import Callable

from adapters.edge import Edge
from adapters.slack.inbound import Spot
from adapters.slack.outbound import Outbound
from bot.cards import Card, Message, Paper, Text
from bot.paper import Record
from bot.ports import SendFailed

Printer = Callable[[Record], bytes]

NOT_BY_CHAT = Card(
    title="This record does not go through chat",
    parts=(
        Text(text="It is about a person, and Slack keeps every file that is sent through it."),
        Text(text="Ask the clerk's administrator for it: they can print it for you."),
    ),
    mood="bad",
)
NOT_SENT = Card(
    title="The record could not be sent",
    parts=(Text(text="Slack did not take the file. Please try again, or ask the clerk's administrator."),),
    mood="bad",
)


async def handed_over(edge: Edge, outbound: Outbound, printer: Printer, spot: Spot, paper: Paper) -> Message:
    """Send the record to the person alone, and say so. Of a request about people nothing is sent."""
    record = paper.record
    if record.about_people:
        return Message(cards=(NOT_BY_CHAT,))
    body = await edge.run(printer, record)
    try:
        await outbound.upload(spot.team, spot.user, f"{record.reference}.pdf", body)
    except SendFailed:
        return Message(cards=(NOT_SENT,))
    said = Text(text="It is in your conversation with me, under Messages.")
    return Message(cards=(Card(title=f"The record of {record.reference}", parts=(said,), mood="good"),))
