"""Someone in a school's workspace who is on no list: who to go to, what the policy says, and nothing else of
the school (DESIGN, who is asking)."""

from bot.cards import Card, Home, Message, Reply, Text
from bot.conversation import Answer, first_card
from bot.events import Asked, Event, HomeOpened, typed
from bot.reception import NOT_ON_A_LIST
from bot.safeguarding import signposts
from bot.triage import judge_all
from bot.visit import Services, Visit


class Unlisted:
    """One turn of somebody who is not on the list of the school in whose workspace they are."""

    def __init__(self, services: Services, visit: Visit) -> None:
        self._services = services
        self._visit = visit

    def handle(self, event: Event) -> Reply:
        """An answer to a question; to anything else, who to go to and how to get on the list."""
        match event:
            case HomeOpened():
                return Home(cards=(self._signposts(), self._not_listed()))
            case Asked(text=text):
                return self._answer(text)
        return Message(cards=(*self._first(event), self._not_listed()))

    def _answer(self, text: str) -> Message:
        """What the policy says: clauses, without forms and without notes, which name those who signed them."""
        visit = self._visit
        answer = Answer(
            visit.published, self._services.retriever, text, visit.staff.today, closed=visit.closed
        )
        if answer.is_help:
            return Message(cards=(self._signposts(), self._not_listed()))
        reply = answer.reply()
        cards = tuple(card.model_copy(update={"buttons": ()}) for card in reply.cards)
        return reply.model_copy(update={"cards": cards})

    def _first(self, event: Event) -> tuple[Card, ...]:
        """The safety card for what was typed, or who to go to."""
        judged = judge_all(typed(event))
        if not judged.card:
            return (self._signposts(),)
        card = first_card(self._visit.published, judged.card, self._visit.closed)
        return (card.model_copy(update={"buttons": ()}),)

    def _signposts(self) -> Card:
        return signposts(self._visit.published.school)

    @staticmethod
    def _not_listed() -> Card:
        asking = Text(text="You can ask me what the school's policy says.")
        return Card(title="I do not know you yet", parts=(Text(text=NOT_ON_A_LIST), asking))
