"""One activity's turn: what happened goes to the clerk, what it says goes where it belongs.

Alone with somebody, a reply stands in the chat, in the place of the card pressed, or in a dialog. Where others
read along, only what the clerk says is for everyone stands in the channel; the rest goes to the person alone,
and the channel says no more than that (SAFEGUARDING, must 11).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botbuilder.core import TurnContext
from botbuilder.schema import Activity as SdkActivity

from adapters.edge import SENT_TO_YOU, Edge, for_everyone
from adapters.logs import described
from adapters.teams import inbound, render, replies
from adapters.teams.adapter import answer_invoke, as_json, card_message
from adapters.teams.connector import Connector, Room
from adapters.teams.inbound import Arrived, Kept, Removed, Searched, Unknown
from adapters.teams.paper import NOT_HERE, Papers
from adapters.teams.rooms import Rooms, Standings
from adapters.teams.wire import Activity, NotUnderstood
from bot.cards import (
    Button,
    Card,
    Details,
    Home,
    Message,
    OpenForm,
    Paper,
    PersonPicker,
    Redraw,
    Reply,
    Text,
    UpdateForm,
)
from bot.events import ButtonPressed, CardShown, Event, FormChanged, HomeOpened
from bot.ports import SendFailed

CANNOT_REACH_YOU = (
    "I could not write to you alone. In Teams, open Apps, add Policy Clerk for yourself, and ask me there. "
    "If anyone is in danger now, call 999."
)
"""The same words whatever it was about."""
HELLO_ALL = Card(
    title="Policy Clerk",
    parts=(
        Text(text="Ask me what your school's policy says: mention me and write your question."),
        Text(text="What is about a person, I answer to you alone. For forms, write to me in my own chat."),
    ),
    buttons=(Button(action="start", target="help", label="What I can do"),),
)
"""Said once where others read along."""
BELOW = "See below."
"""Said at a card whose button is answered by a message of its own."""
FOUND = 15
"""Results of a search in a long list: Teams shows no more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turns:
    """What every turn needs."""

    edge: Edge
    rooms: Rooms
    standings: Standings
    connector: Connector
    app_id: str
    opens: frozenset[str] = replies.OPENS
    """Buttons that open a dialog."""
    papers: Papers | None = None
    """None where no file can be handed over."""

    async def take(self, context: TurnContext, activity: Activity) -> None:
        """Deal with an activity that is known to come from Teams. NotUnderstood when it is none of ours."""
        happening = inbound.happened(activity)
        if isinstance(happening, Removed):
            await self.edge.run(self.rooms.forget, activity.who.tenant, _key(activity))
            return
        await self._remember(activity)
        match happening:
            case Unknown():
                if activity.type == "invoke":  # the SDK would say 501, which reads like a fault of ours
                    raise NotUnderstood("This is nothing that the clerk answers.")
            case Arrived():
                await self._welcome(context, activity)
            case Searched():
                await answer_invoke(context, await self._found(activity, happening))
            case Kept():
                await answer_invoke(context, {})
                await self._hand_over(context, activity, happening)
            case _:
                introduced = await self.standings.of(activity)
                event = happening.model_copy(update=introduced._asdict())
                # An invoke comes again when its answer was late or lost: it may be another process that is asked.
                reply = await self.edge.handle(event, again=activity.type == "invoke")
                await self._answer(context, activity, event, reply)

    async def _answer(
        self, context: TurnContext, activity: Activity, event: Event, reply: Reply | None
    ) -> None:
        if reply is None:
            return  # a message that Teams has sent twice, and that was answered once
        if isinstance(reply, Paper):
            reply = await self._ask_to_keep(activity, event, reply)
        match activity.surface:
            case "dialog":
                await answer_invoke(context, replies.as_task(reply, opening=activity.name == "task/fetch"))
            case "execute":
                await answer_invoke(context, await self._executed(context, activity, event, reply))
            case "message":
                await self._said(context, activity, event, reply)

    async def _executed(
        self, context: TurnContext, activity: Activity, event: Event, reply: Reply
    ) -> Mapping[str, Any]:
        """`Action.Execute` wants a card for the place of the one pressed, or a few words."""
        if isinstance(event, CardShown):
            return _shown(event, reply, self.opens)
        if activity.shared and not _stands_there(event, reply):
            return replies.text_answer(await self._to_shared(context, activity, event, reply) or "Done.")
        if _is_news(event, reply):
            await self._post(context, reply)
            return replies.text_answer(BELOW)
        return replies.card_answer(replies.in_chat(reply, self.opens))

    async def _said(self, context: TurnContext, activity: Activity, event: Event, reply: Reply) -> None:
        """What is typed, or pressed where Teams knows no `Action.Execute`, is answered by a message."""
        if activity.shared and not _stands_there(event, reply):
            if said := await self._to_shared(context, activity, event, reply):
                await self._sent(context, SdkActivity(type="message", text=said))
        elif activity.value is not None and activity.reply_to_id and not _is_news(event, reply):
            await self._replaced(activity, reply)
        else:
            await self._post(context, reply)

    async def _to_shared(self, context: TurnContext, activity: Activity, event: Event, reply: Reply) -> str:
        """Show a reply in a channel or group if it is for all of them, else to the person alone. What is
        then said for all to read; nothing where the reply says it."""
        if for_everyone(event, reply):
            await self._post(context, reply)
            return ""
        alone = await self._room_of(activity)
        if alone and await self._arrived(alone, reply):
            return SENT_TO_YOU
        return CANNOT_REACH_YOU

    async def _room_of(self, activity: Activity) -> Room | None:
        """The chat with the one who did this, opened if there is none; None when they do not have the app."""
        who = activity.who
        known = await self.edge.run(self.rooms.find, who.tenant, who.user)
        if known:
            return known
        try:
            room = await self.connector.open_chat(
                activity.service_url, who.tenant, self.app_id, activity.sender.id
            )
        except SendFailed as failed:
            _log.info("a chat could not be opened: %s", described(failed))
            return None
        await self.edge.run(self.rooms.remember, who.tenant, who.user, room)
        return room

    async def _arrived(self, room: Room, reply: Reply) -> bool:
        try:
            await self.connector.send(room, as_json(card_message(replies.in_chat(reply, self.opens))))
        except SendFailed as failed:
            _log.warning("a reply to one person did not arrive: %s", described(failed))
            return False
        return True

    async def _post(self, context: TurnContext, reply: Reply) -> None:
        await self._sent(context, card_message(replies.in_chat(reply, self.opens)))

    async def _sent(self, context: TurnContext, message: SdkActivity) -> None:
        try:
            await context.send_activity(message)
        except SendFailed as failed:
            _log.warning("a reply did not arrive: %s", described(failed))

    async def _replaced(self, activity: Activity, reply: Reply) -> None:
        """The message whose card was pressed now shows the reply; where it is gone, a new one does."""
        room = Room(activity.service_url, activity.conversation.id)
        drawn = as_json(card_message(replies.in_chat(reply, self.opens)))
        try:
            await self.connector.update(room, activity.reply_to_id, drawn)
        except SendFailed as failed:
            _log.info("a card could not be replaced: %s", described(failed))
            await self._arrived(room, reply)

    async def _ask_to_keep(self, activity: Activity, event: Event, reply: Paper) -> Message:
        """Ask the person, alone, whether the record may be put into their OneDrive."""
        room = await self._room_of(activity)
        if self.papers is None or room is None or not isinstance(event, ButtonPressed):
            return Message(cards=(NOT_HERE,))
        return await self.papers.ask(room, reply.record, event.target)

    async def _hand_over(self, context: TurnContext, activity: Activity, kept: Kept) -> None:
        """Print it afresh for whoever accepted, and upload it. Whatever stands in the way is said instead."""
        if kept.file is None or kept.pressed is None or self.papers is None:
            return
        introduced = await self.standings.of(activity)
        reply = await self.edge.handle(kept.pressed.model_copy(update=introduced._asdict()))
        if isinstance(reply, Paper):
            room = Room(activity.service_url, activity.conversation.id)
            reply = await self.papers.hand_over(room, reply.record, kept.file)
        if reply:
            await self._post(context, reply)

    async def _welcome(self, context: TurnContext, activity: Activity) -> None:
        """Once in each conversation, however often Teams says that the clerk has arrived there."""
        key = inbound.named("welcome", _channel(activity))
        if not await self.edge.first_time(key):
            return
        if activity.shared:
            await self._post(context, Message(cards=(HELLO_ALL,)))
            return
        introduced = await self.standings.of(activity)
        event = HomeOpened(id=key, who=activity.who, **introduced._asdict())
        reply = await self.edge.handle(event)
        if reply:
            await self._post(context, reply)

    async def _remember(self, activity: Activity) -> None:
        who, room = activity.who, Room(activity.service_url, _channel(activity))
        key = _key(activity)
        if key and who.tenant and not self.rooms.knows(who.tenant, key, room):
            await self.edge.run(self.rooms.remember, who.tenant, key, room)

    async def _found(self, activity: Activity, search: Searched) -> Mapping[str, Any]:
        """People of a long list whose names hold what has been typed so far."""
        event = FormChanged(
            id=inbound.named("search", activity.id),
            who=activity.who,
            place="private",
            **(await self.standings.of(activity))._asdict(),
            form=search.form,
            state=search.state,
            values=search.values,
        )
        reply = await self.edge.handle(event)
        words = search.text.casefold().split()
        people = _people(reply, search.input)
        found = [one for one in people if all(word in one[1].casefold() for word in words)][:FOUND]
        results = {"results": render.choices(found)}
        return {
            "statusCode": 200,
            "type": "application/vnd.microsoft.search.searchResponse",
            "value": results,
        }


def _stands_there(event: Event, reply: Reply) -> bool:
    """Whether a reply is the card of a channel itself, redrawn for all who read it because a button on it was
    pressed. What a form leads to is its sender's, whatever a client posts it from."""
    return isinstance(event, ButtonPressed) and isinstance(reply, Redraw)


def _shown(event: CardShown, reply: Reply, opens: frozenset[str]) -> Mapping[str, Any]:
    """The card for whoever looks at it. Nobody has asked for anything, so nobody is told anything else."""
    if not isinstance(reply, Redraw):
        return replies.as_it_was()
    return replies.card_answer(replies.request_card(reply.card, event.target, opens))


def _is_news(event: Event, reply: Reply) -> bool:
    """Whether a button's reply stands below its card, which stays: a form that comes back is replaced by what
    became of it, and a list by its next page."""
    news = Message | OpenForm | Paper | Home | Details
    return isinstance(event, ButtonPressed) and isinstance(reply, news)


def _people(reply: Reply | None, picker: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(reply, UpdateForm):
        return ()
    pickers = [item for item in reply.form.inputs if isinstance(item, PersonPicker) and item.id == picker]
    return pickers[0].people if pickers else ()


def _key(activity: Activity) -> str:
    """What a conversation is remembered by: whose it is, or itself where there are others."""
    return _channel(activity) if activity.shared else activity.who.user


def _channel(activity: Activity) -> str:
    """The conversation, without the thread in it."""
    return activity.conversation.id.partition(";")[0]
