"""The record of a request as a file in the person's own OneDrive.

Teams asks them first: a consent card, then an invoke with an address to upload to, then a card with the file
(learn.microsoft.com, "Send and receive files through a bot"). The right to the record is looked at when they
press the button and again when they accept.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from adapters.edge import Edge, kept_from_chat, not_taken
from adapters.logs import described
from adapters.teams.connector import Connector, Room
from bot.cards import Card, Message, Text
from bot.paper import Record
from bot.ports import SendFailed

Printer = Callable[[Record], bytes]
CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"

KEPT = "Teams would keep the file in your OneDrive"
"""What becomes of a file here."""
NOT_HERE = Card(
    title="Print it on the clerk's own page",
    parts=(Text(text="A record cannot be handed over as a file here."),),
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Accepted:
    """Somebody wants the file, and this is where Teams says it goes."""

    target: str
    """As the button named the request."""
    upload_url: str
    content_url: str
    unique_id: str


def accepted(value: Mapping[str, Any]) -> Accepted | None:
    """The invoke of a consent card; None where the file was declined. KeyError or TypeError for another's."""
    if value["action"] != "accept":
        return None
    upload = value["uploadInfo"]
    return Accepted(
        target=str(value["context"]["print"]),
        upload_url=str(upload["uploadUrl"]),
        content_url=str(upload["contentUrl"]),
        unique_id=str(upload["uniqueId"]),
    )


def is_onedrive(address: str) -> bool:
    """Whether a file may be uploaded there: a record goes nowhere else, whatever an invoke says."""
    parts = urlsplit(address)
    return parts.scheme == "https" and (parts.hostname or "").endswith(".sharepoint.com")


class Papers:
    """Records on their way to somebody's OneDrive."""

    def __init__(
        self,
        edge: Edge,
        connector: Connector,
        printer: Printer,
        uploads: Callable[[str], bool] = is_onedrive,
    ) -> None:
        """`uploads`: whether a file may go to that address."""
        self._edge = edge
        self._connector = connector
        self._printer = printer
        self._uploads = uploads

    async def ask(self, room: Room, record: Record, target: str) -> Message:
        """Ask the one whose room this is whether to keep the record, and say so. `target` names the request."""
        if record.about_people:
            return kept_from_chat(KEPT)
        body = await self._edge.run(self._printer, record)
        content = {
            "description": "The record of a request",
            "sizeInBytes": len(body),
            "acceptContext": {"print": target},
            "declineContext": {},
        }
        try:
            await self._connector.send(room, _file(CONSENT, record, content))
        except SendFailed as failed:
            _log.warning("a consent card did not arrive: %s", described(failed))
            return not_taken("OneDrive")
        said = Text(text="In your own chat with me, Teams asks whether to keep it in your OneDrive.")
        return Message(cards=(Card(title=f"The record of {record.reference}", parts=(said,)),))

    async def hand_over(self, room: Room, record: Record, where: Accepted) -> Message | None:
        """Upload the record and show the file; or what stood in the way."""
        if record.about_people:
            return kept_from_chat(KEPT)
        body = await self._edge.run(self._printer, record)
        shown = _file(INFO, record, {"uniqueId": where.unique_id, "fileType": "pdf"}, where.content_url)
        try:
            if not self._uploads(where.upload_url):
                raise SendFailed("not an address of OneDrive", permanent=True)
            await self._connector.upload(where.upload_url, body)
            await self._connector.send(room, shown)
        except SendFailed as failed:
            _log.warning("a record was not handed over: %s", described(failed))
            return not_taken("OneDrive")
        return None


def _file(kind: str, record: Record, content: Mapping[str, Any], url: str = "") -> dict[str, Any]:
    """A message with a file's card. The file's name is the reference, and says nothing else."""
    card = {"contentType": kind, "name": f"{record.reference}.pdf", "content": content}
    return {"type": "message", "attachments": [{**card, **({"contentUrl": url} if url else {})}]}
