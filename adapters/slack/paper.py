"""The record of a request as a file in the person's own conversation with the clerk."""

from collections.abc import Callable

from adapters.edge import Edge, kept_from_chat, not_taken
from adapters.slack.outbound import Outbound
from adapters.slack.spots import Spot
from bot.cards import Card, Message, Paper, Text
from bot.paper import Record
from bot.ports import SendFailed

Printer = Callable[[Record], bytes]

KEPT = "Slack keeps every file that is sent through it"
"""What becomes of a file here."""


async def handed_over(edge: Edge, outbound: Outbound, printer: Printer, spot: Spot, paper: Paper) -> Message:
    """Send the record to the person alone, and say so. Of a request about people nothing is sent."""
    record = paper.record
    if record.about_people:
        return kept_from_chat(KEPT)
    body = await edge.run(printer, record)
    try:
        await outbound.upload(spot.team, spot.user, f"{record.reference}.pdf", body)
    except SendFailed:
        return not_taken("Slack")
    said = Text(text="It is in your conversation with me, under Messages.")
    return Message(cards=(Card(title=f"The record of {record.reference}", parts=(said,), mood="good"),))
