"""Someone in a school's workspace who is on no list: who to go to, what the policy says, a form for a concern,
and nothing else of the school (DESIGN, who is asking)."""

from bot.cards import Button, Card, Home, Message, Reply, Text
from bot.conversation import Answer, first_card
from bot.events import (
    Asked,
    ButtonPressed,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    typed,
)
from bot.formstate import FormState
from bot.reception import NOT_ON_A_LIST
from bot.safeguarding import concern_button, signposts
from bot.triage import judge_all
from bot.unlisted_concern import CONCERN, UnlistedConcern, concern_form
from bot.visit import Services, Visit
from bot.workflows.change import Refused

_COMMANDS = (CONCERN, "report")


class Unlisted:
    """One turn of somebody who is not on the list of the school in whose workspace they are."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit

    def handle(self, event: Event) -> Reply:
        """An answer to a question, the form for a concern; to anything else, who to go to and how to get on
        the list."""
        try:
            return self._concern(event) or self._said(event)
        except Refused as refusal:
            refused = Card(title="That was not done", parts=(Text(text=str(refusal)),), mood="bad")
            return Message(cards=(*self._first(event), refused))

    def _said(self, event: Event) -> Reply:
        match event:
            case HomeOpened():
                return Home(cards=(self._signposts(), self._not_listed()))
            case Asked(text=text):
                return self._answer(text)
        return Message(cards=(*self._first(event), self._not_listed()))

    def _concern(self, event: Event) -> Reply | None:
        """What the concern form makes of it; None when it is not about that form."""
        workflow = concern_form(self._visit.published)
        if workflow is None:
            return None
        filling = UnlistedConcern(self._services, self._visit)
        match event:
            case CommandCalled(command=name, text=text) if name in _COMMANDS and not text.strip():
                return filling.start(workflow)
            case ButtonPressed(action="start", target=name) if name in _COMMANDS:
                return filling.start(workflow)
            case CommandCalled(command=name) if name in _COMMANDS:
                opened = filling.start(workflow)
                judged = judge_all(typed(event))
                return opened.model_copy(update={"before": self._first(event) if judged.card else ()})
            case FormChanged(state=text, values=values) | FormSubmitted(state=text, values=values):
                state = FormState.read(text)
                ours = state and state.workflow == CONCERN and not (state.request or state.action)
                if state and ours and state.step in ("gates", "fields", "confirm"):
                    sent = isinstance(event, FormSubmitted)
                    return filling.submitted(state, values) if sent else filling.changed(state, values)
        return None

    def _answer(self, text: str) -> Message:
        """What the policy says: clauses, without forms and without notes, which name those who signed them."""
        visit = self._visit
        answer = Answer(
            visit.published, self._services.retriever, text, visit.staff.today, closed=visit.closed
        )
        if answer.is_help:
            return Message(cards=(self._signposts(), self._not_listed()))
        reply = answer.reply()
        cards = tuple(self._with_concern(card) for card in reply.cards)
        return reply.model_copy(update={"cards": cards})

    def _first(self, event: Event) -> tuple[Card, ...]:
        """The safety card for what was typed, or who to go to."""
        judged = judge_all(typed(event))
        if not judged.card:
            return (self._signposts(),)
        card = first_card(self._visit.published, judged.card, self._visit.closed)
        return (self._with_concern(card),)

    def _with_concern(self, card: Card) -> Card:
        """A card of somebody on a list, with the one button that is left: beneath what is said first."""
        return card.model_copy(update={"buttons": self._button() if card.mood == "safety" else ()})

    def _button(self) -> tuple[Button, ...]:
        return concern_button(concern_form(self._visit.published) is not None)

    def _signposts(self) -> Card:
        return self._with_concern(signposts(self._visit.published.school))

    @staticmethod
    def _not_listed() -> Card:
        asking = Text(text="You can ask me what the school's policy says, and report a concern.")
        return Card(title="I do not know you yet", parts=(Text(text=NOT_ON_A_LIST), asking))
