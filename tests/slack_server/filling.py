"""Filling in what a form asks: by label or block id, with what Slack sends while somebody does."""

from typing import TYPE_CHECKING, Any

from tests.slack_server import payloads
from tests.slack_server.blocks import block_problems
from tests.slack_server.drawing import elements, held, slot, words
from tests.slack_server.wire import Delivered
from tests.slack_server.workspace import Message, View

if TYPE_CHECKING:
    from tests.slack_server import FakeSlack

Drawn = dict[str, Any]
OFFERED = 100
PICKED = {
    "users_select",
    "channels_select",
    "conversations_select",
    "datepicker",
    "timepicker",
    "datetimepicker",
}


class Filling:
    """The part of a person that fills in forms."""

    def __init__(self, slack: "FakeSlack", user: str) -> None:
        self.slack, self.id = slack, user
        self.workspace = slack.workspace_of(user)
        self.person = self.workspace.people[user]

    @property
    def modal(self) -> View | None:
        """The modal in front."""
        stack = self.workspace.stacks.get(self.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        """The app's home, as last published to them."""
        return self.workspace.homes.get(self.id)

    async def fills(self, values: dict[str, Any]) -> None:
        """Put in each value, in order. A key is an input's label or its block id; a value is words, an option's
        label or value, several of those, a date, or the id of a person or channel. Waits for inputs that only
        appear once another is filled in."""
        for name, value in values.items():
            source, block, element = await self.slack.until(
                lambda name=name: self._input(name),
                f"an input “{name}” for {self.id}",
                self.sees,  # type: ignore[attr-defined]
            )
            await self._put(source, block, element, value)

    async def enters(self, name: str, text: str) -> Delivered:
        """Type into an input that tells the app when Enter is pressed, and press it."""
        found = self._input(name)
        assert found, f"no input “{name}” for {self.id}"
        source, block, element = found
        asks = element.get("dispatch_action_config", {}).get("trigger_actions_on", [])
        assert block.get("dispatch_action"), "this input tells the app nothing"
        assert "on_enter_pressed" in asks, "Enter tells the app nothing here"
        source.state[block["block_id"], element["action_id"]] = held(element, text)
        return await self._acts(source, payloads.action(block, element, {"value": text}))

    async def _put(self, source: View | Message, block: Drawn, element: Drawn, value: Any) -> None:
        filled = held(element, await self._meant(source, block, element, value))
        source.state[block["block_id"], element["action_id"]] = filled
        if block["type"] != "input" or (
            block.get("dispatch_action") and element["type"] != "plain_text_input"
        ):
            done = payloads.action(block, element, {key: one for key, one in filled.items() if key != "type"})
            await self._acts(source, done)

    async def _acts(self, source: View | Message, done: Drawn) -> Delivered:
        raise NotImplementedError

    def _input(self, name: str) -> tuple[View | Message, Drawn, Drawn] | None:
        """An input of that block id or label on what is in front."""
        sources: list[View | Message] = [self.modal] if self.modal else [*([self.home] if self.home else [])]
        if not self.modal:
            sources += reversed(list(self.workspace.visible(self.id)))
        for source in sources:
            blocks = source.drawn["blocks"] if isinstance(source, View) else source.blocks
            usable = [(source, b, e) for b, e in elements(blocks) if e["type"] not in ("button", "overflow")]
            for test in (_has_block_id, _has_label, _label_begins, _has_action_id):
                for one in usable:
                    if test(one[1], one[2], name):
                        return one
        return None

    async def _meant(self, source: View | Message, block: Drawn, element: Drawn, value: Any) -> Any:
        kind = element["type"]
        if kind.startswith("multi_") or kind == "checkboxes":
            listed = [value] if isinstance(value, str) else list(value)
            if kind in ("multi_users_select", "multi_channels_select", "multi_conversations_select"):
                return listed
            return [await self._option(source, block, element, one) for one in listed]
        if kind in PICKED or slot(kind)[0] == "value":
            assert kind != "users_select" or value in self.workspace.people, f"nobody has the id {value}"
            assert kind != "conversations_select" or value in self.offered(element), f"{value} is not offered"
            return value
        return await self._option(source, block, element, value)

    def element(self, name: str) -> Drawn | None:
        """The input of that block id or label on what is in front, as the app drew it."""
        found = self._input(name)
        return found[2] if found else None

    def offered(self, element: Drawn) -> list[str]:
        """The channels in a picker: what its filter lets through, of what this person can see."""
        only = element.get("filter", {})
        kinds = only.get("include", ("public", "private", "im"))
        return [
            place.id
            for place in self.workspace.channels.values()
            if place.kind in kinds
            and not (place.archived or place.deleted)
            and not (place.shared and only.get("exclude_external_shared_channels"))
            and (place.kind == "public" or self.id in place.members)
        ]

    async def _option(self, source: View | Message, block: Drawn, element: Drawn, wanted: str) -> Drawn:
        offered = [
            *element.get("options", []),
            *(o for g in element.get("option_groups", []) for o in g["options"]),
        ]
        if element["type"].endswith("external_select"):
            offered = await self._search(source, block, element, wanted)
        found = [one for one in offered if wanted in (one["value"], words(one["text"]))]
        found = found or [one for one in offered if words(one["text"]).startswith(wanted)]
        assert found, f"“{wanted}” is none of {[words(one['text']) for one in offered]}"
        return dict(found[0])

    async def _search(self, source: View | Message, block: Drawn, element: Drawn, typed: str) -> list[Drawn]:
        """What the app offers for what was typed."""
        assert len(typed) >= element.get("min_query_length", 3), "Slack asks only once enough is typed"
        sent = payloads.suggestion(self.workspace, self.person, block, element, typed, source)
        answer = await self.slack.wire.deliver("interactive", sent)
        assert answer.acknowledged, f"no options came: {answer}"
        offered: list[Drawn] = answer.body.get("options", [])
        assert len(offered) <= OFFERED, "Slack shows no more than 100 options"
        menu = {"type": "static_select", "options": offered}
        label = {"type": "plain_text", "text": "x"}
        problems = block_problems([{"type": "input", "label": label, "element": menu}], 1) if offered else []
        assert not problems, problems
        return offered


def _has_block_id(block: Drawn, _: Drawn, name: str) -> bool:
    return bool(block["block_id"] == name)


def _has_action_id(_: Drawn, element: Drawn, name: str) -> bool:
    return bool(element["action_id"] == name)


def _has_label(block: Drawn, _: Drawn, name: str) -> bool:
    return "label" in block and words(block["label"]) == name


def _label_begins(block: Drawn, _: Drawn, name: str) -> bool:
    return "label" in block and words(block["label"]).startswith(name)
