"""Somebody using Slack: what they do reaches the app as Slack would send it, and `sees` is what they can read now."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.slack_server import drawing, payloads, screen
from tests.slack_server.filling import Filling
from tests.slack_server.server import Answer, respond
from tests.slack_server.views import answered, closed
from tests.slack_server.wire import Delivered, with_retries
from tests.slack_server.workspace import Channel, File, Message, Refused, View

if TYPE_CHECKING:
    from tests.slack_server import FakeSlack

Drawn = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again?"
DISPATCH = {False: "operation_timeout", True: "dispatch_failed"}


class User(Filling):
    """One person at their Slack. What they do waits for the app's answer, not for what it does afterwards:
    `until` waits for something to be seen."""

    def __init__(self, slack: "FakeSlack", user: str) -> None:
        super().__init__(slack, user)
        self._place = "messages"

    async def says(
        self, text: str, channel: str = "", *, thread: str = "", files: Sequence[str] = ()
    ) -> Delivered | None:
        """Type a message to the app, or in a channel. There the app hears of it where `@Policy Clerk` is in it."""
        place = self.workspace.channels[channel] if channel else self.workspace.direct(self.id)
        self._place = "messages"
        message = self._wrote(place, text, thread, files)
        bot = f"<@{self.workspace.bot.id}>"
        if place.kind != "im" and (bot not in message.text or self.workspace.bot.id not in place.members):
            return None
        kind = "message" if place.kind == "im" else "app_mention"
        sent = payloads.message_event(self.workspace, self.person, place, message, kind)
        return await self._event(sent, "message.im" if kind == "message" else kind)

    async def changes(self, message: Message, text: str) -> Delivered | None:
        """Change what they wrote to the app."""
        assert message.user == self.id, "Slack lets nobody change what others wrote"
        place, before = self.workspace.channels[message.channel], message.described(self.workspace)
        message.text, message.edited = drawing.typed(text, self.workspace.bot), True
        message.blocks = []
        return await self._event(
            payloads.message_changed(self.workspace, place, message, before), "message.im"
        )

    async def types(self, line: str, channel: str = "") -> Delivered:
        """Type a slash command, in the app's conversation or in a channel."""
        place = self.workspace.channels[channel] if channel else self.workspace.direct(self.id)
        self._place = "messages"
        name, _, text = line.partition(" ")
        assert self._offered(name), f"{name} is no command of the app"
        trigger, url = self.workspace.trigger(self.id), self._answer_address(place.id)
        sent = payloads.command(self.workspace, self.person, place, name, text, trigger, url)
        answer = await self.slack.wire.deliver("slash_commands", sent)
        if not answer.acknowledged:
            self.slack.told(
                self.workspace,
                self.id,
                place,
                f"{name} failed with the error “{DISPATCH[bool(answer.status)]}”",
            )
        elif answer.body:
            said = answer.body if isinstance(answer.body, dict) else {"text": answer.body}
            respond(self.workspace, self.id, place.id, said, None)
        return answer

    async def clicks(self, label: str, *, where: str = "") -> Delivered:
        """Press the newest button of that label on what is in front: a modal, else the home or the messages,
        whichever was looked at last. `where`: `home`, `messages`, or a channel."""
        source, block, button = await self.slack.until(
            lambda: screen.button(self, label, where or self._place),
            f"a button “{label}” for {self.id}",
            self.sees,
        )
        return await self.presses(source, block, button)

    async def presses(self, source: Message | View, block: Drawn, button: Drawn) -> Delivered:
        """Press this very button, kept from earlier perhaps."""
        return await self._acts(source, payloads.action(block, button, None))

    async def submits(self) -> Delivered:
        """Send the modal in front. What Slack itself checks first (something required, too long) it says itself."""
        view = await self.slack.until(lambda: self.modal, f"a modal for {self.id}", self.sees)
        view.errors, view.trouble = screen.own_errors(view), ""
        if view.errors:
            return Delivered(0, "not sent")
        sent = payloads.view_submission(
            self.workspace, self.person, view, self.workspace.trigger(self.id, view.id)
        )
        answer = await self.slack.wire.deliver("interactive", sent)
        try:
            if not answer.acknowledged:
                raise Refused("operation_timeout")
            answered(self.workspace, view, answer.body)
        except Refused as no:
            view.trouble = TROUBLE
            self.slack.refusals.append(f"answer to a submission: {no.error} {no.messages}")
        return answer

    async def closes(self, *, everything: bool = False) -> Delivered | None:
        """Close the modal in front, or all of them."""
        view = self.modal
        assert view, f"{self.id} has no modal open"
        cleared = everything or bool(view.drawn.get("clear_on_close"))
        closed(self.workspace, view, everything=cleared)
        if not view.drawn.get("notify_on_close"):
            return None
        sent = payloads.view_closed(self.workspace, self.person, view, cleared=cleared)
        return await self.slack.wire.deliver("interactive", sent)

    async def opens_home(self, tab: str = "home") -> Delivered | None:
        """Open the app's page: its home, or its messages."""
        self._place = tab
        place = self.workspace.direct(self.id)
        what: Drawn = {"type": "app_home_opened", "user": self.id, "channel": place.id, "tab": tab}
        if tab == "home" and self.home:
            what["view"] = self.workspace.described(self.home)
        return await self._event(payloads.event(self.workspace, what), "app_home_opened")

    async def uses_shortcut(self, callback: str, on: Message | None = None) -> Delivered:
        """Use a shortcut of the app, on a message where one is given."""
        assert self._offered(callback), f"{callback} is no shortcut of the app"
        trigger = self.workspace.trigger(self.id)
        if on is None:
            sent = payloads.shortcut(self.workspace, self.person, callback, trigger)
        else:
            assert not on.only_for, "Slack offers no shortcuts on ephemeral messages"
            url = self._answer_address(on.channel, on)
            sent = payloads.message_action(self.workspace, self.person, callback, on, trigger, url)
        return await self.slack.wire.deliver("interactive", sent)

    async def until(self, words: str, where: str = "") -> str:
        """Wait until they see these words; what they see then."""
        await self.slack.until(lambda: words in self.sees(where), f"“{words}” for {self.id}", self.sees)
        return self.sees(where)

    def sees(self, where: str = "") -> str:
        """Everything on their screen: modal, home and messages; or one of them, or one channel."""
        return screen.drawn(self, where)

    def messages(self, channel: str = "") -> list[Message]:
        """The messages they can read, oldest first; those of their conversation with the app for `dm`."""
        wanted = self.workspace.direct(self.id).id if channel == "dm" else channel
        return [one for one in self.workspace.visible(self.id) if wanted in ("", one.channel)]

    def notifications(self) -> list[str]:
        """What their locked telephone shows: the plain text of each message of the app in their conversation,
        and of others that call them."""
        return [screen.notification(one) for one in self.messages() if screen.notifies(self, one)]

    def _offered(self, name: str) -> bool:
        return self.slack.offered is None or name in self.slack.offered

    async def _event(self, sent: Drawn, name: str) -> Delivered | None:
        if self.slack.events is not None and name not in self.slack.events:
            return None
        return await with_retries(self.slack.wire, sent)

    async def _acts(self, source: Message | View, done: Drawn) -> Delivered:
        view = source.id if isinstance(source, View) else ""
        trigger = self.workspace.trigger(self.id, view)
        url = "" if isinstance(source, View) else self._answer_address(source.channel, source)
        sent = payloads.block_actions(self.workspace, self.person, done, source, trigger, url)
        answer = await self.slack.wire.deliver("interactive", sent)
        if not answer.acknowledged:
            self.slack.refusals.append(f"no answer to {done['action_id']}: {answer.status}")
        return answer

    def _answer_address(self, channel: str, message: Message | None = None) -> str:
        made = Answer(self.workspace, self.id, channel, self.workspace.clock(), message)
        return self.slack.server.answer_address(made)

    def _wrote(self, place: Channel, text: str, thread: str, files: Sequence[str]) -> Message:
        assert self.id in place.members, f"{self.id} is not in {place.id}"
        kept = [File(self.workspace.new("F"), name, 1, shared=True) for name in files]
        runs = drawing.runs(text, self.workspace.bot)
        text = drawing.typed(text, self.workspace.bot)
        blocks = drawing.named(
            [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": runs}]}]
        )
        message = Message(self.workspace.ts(), place.id, self.id, text, blocks, thread, files=kept)
        self.workspace.messages.append(message)
        return message
