"""Somebody at the page under `serve`, as far as a server can tell: what they send, and all that they were sent."""

from html.parser import HTMLParser
from uuid import uuid4

from aiohttp import ClientSession

Attributes = dict[str, str]
TYPED = ("text", "date")
"""Inputs whose value is what somebody typed; of the others it is an id of ours."""


class Drawn(HTMLParser):
    """What of a page is not read by people: its tags. Of its buttons, the words on them too."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Attributes]] = []
        self.buttons: list[tuple[str, Attributes]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "button":
            self.buttons.append(("", found))

    def handle_data(self, data: str) -> None:
        if self.buttons and not self.buttons[-1][0]:
            self.buttons[-1] = (data.strip(), self.buttons[-1][1])

    def carried(self) -> list[str]:
        """Everything in the tags, but for what is read out, and what somebody typed into a form and finds again."""
        return [
            value
            for tag, found in self.tags
            for name, value in found.items()
            if name not in ("aria-label", "title")
            and not (name == "value" and tag == "input" and found.get("type") in TYPED)
        ]


class Sitter:
    """Somebody who is signed in."""

    def __init__(self, session: ClientSession, address: str, cookie: str) -> None:
        self._session, self._address = session, address
        self._headers = {"Cookie": f"policyclerk={cookie}"}
        self.sent: list[str] = []
        """Everything their browser was given."""
        self.front = ""
        """The last answer: a form, details, or what was said."""

    async def gets(self, path: str) -> tuple[int, str]:
        """Ask for an address."""
        async with self._session.get(self._address + path, headers=self._headers) as answer:
            self.sent.append(await answer.text(errors="replace"))
            return answer.status, self.sent[-1]

    async def does(self, kind: str, **body: object) -> int:
        """What the page posts; the answer stands in `front`."""
        told = {"id": str(uuid4()), "kind": kind, **body}
        address = f"{self._address}/me/event"
        async with self._session.post(address, json=told, headers=self._headers) as answer:
            self.sent.append(await answer.text(errors="replace"))
            drawn = answer.content_type == "application/json"
            self.front = (await answer.json()).get("html", "") if drawn else self.sent[-1]
            return answer.status

    async def says(self, text: str) -> None:
        """Type a message or a command."""
        assert await self.does("said", text=text) == 200, self.front

    async def fills(self, **values: str | list[str]) -> None:
        """Fill in the form in front, and send it."""
        (form,) = (found for _, found in Drawn(self.front).tags if "data-form" in found)
        given = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
        names = {"form": form["data-form"], "state": form["data-state"]}
        assert await self.does("submitted", **names, values=given) == 200, self.front

    async def presses(self, label: str) -> None:
        """Press a button of what is in front, or else of the requests."""
        page = self.front + (await self.gets("/me"))[1]
        found = [found for words, found in Drawn(page).buttons if words == label and "data-action" in found]
        assert found, f"no “{label}” among {[words for words, _ in Drawn(page).buttons]}"
        names = {name: found[0][f"data-{name}"] for name in ("action", "target")}
        done = await self.does("pressed", **names, version=int(found[0]["data-version"]))
        assert done == 200, self.front
