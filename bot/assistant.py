"""The one door: every platform's events come in here, and every reply goes out."""

from bot.calm_line import under
from bot.cards import Card, Home, Message, Redraw, Reply, Text
from bot.channelcards import SETUP
from bot.commands import offered
from bot.connecting import asks_to_set_up
from bot.contacts import to_check, unusable
from bot.conversation import REPORT, Answer, first_card, help_card
from bot.deciding import Deciding
from bot.events import (
    Asked,
    ButtonPressed,
    CardShown,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    Identity,
    MessageReported,
    typed,
)
from bot.filling import Filling
from bot.formstate import LOST, FormState
from bot.front_door import no_such_form, policy_card, report_card
from bot.gaps import Gaps
from bot.guidance import ASK, Note, in_force, notes
from bot.keeping import REGISTERS, Keeping
from bot.leavers import OPEN_ITEMS, open_items
from bot.lists import MY_REQUESTS, Lists
from bot.reception import Reception, for_school
from bot.registers import Table, export
from bot.reminding import Reminding
from bot.reported import reported, unopened, with_unopened
from bot.safeguarding import national_services, safety_card, signposts, urgent_line
from bot.settingup import SettingUp
from bot.setupcards import AWAY
from bot.showing import shown_again
from bot.signing_in import SIGN_IN, sign_in_card
from bot.stuck import STUCK, is_administrator, stuck
from bot.triage import judge, judge_all, triage, triage_ready
from bot.unlisted import Unlisted
from bot.visit import Services, Visit
from bot.workflows.change import NotYours, Refused
from bot.workflows.sending import GONE, channel_card
from knowledge.topics import default_topics

BEFORE = "This has reached me before"
"""Above what a repeated form or button cannot be answered with any more."""


class Assistant:
    """Turns an event into a reply. Synchronous; safe to call from several threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._reception = Reception(services)

    def handle(self, event: Event) -> Reply:
        """What the clerk says to this. Whatever it refuses, it refuses in words. Of a message that was changed it
        says nothing, a message without cards, unless safety comes first."""
        if isinstance(event, Asked) and event.before is not None:
            return self._changed(event, event.before)
        visit = self._reception.admit(event)
        if not isinstance(visit, Visit):
            return visit
        reply = self._handled(event, visit)
        reply = for_school(reply, visit) if visit.several else reply
        if isinstance(reply, Message) and asks_to_set_up(event):
            reply = reply.model_copy(update={"cards": (*reply.cards, *self._reception.offers(event))})
        if event.place == "shared":
            reply = self._in_a_channel(event, reply)
        return under(reply, urgent_line(visit.published.school)) if triage_ready() else reply

    def _changed(self, event: Asked, before: str) -> Message:
        """Only what must be said first, and once: no new question was asked (SAFEGUARDING, must 1)."""
        found = triage(event.text)
        if found is None or found == triage(before):
            return Message(cards=())
        reply = self.handle(event.model_copy(update={"before": None}))
        cards = reply.cards if isinstance(reply, Message) else ()
        return Message(cards=tuple(card for card in cards if card.mood == "safety"))

    def _handled(self, event: Event, visit: Visit) -> Reply:
        if visit.unlisted:
            return Unlisted(self._services, visit).handle(event)
        try:
            return self._answer(event, visit)
        except Refused as refusal:
            return self._refused(event, visit, str(refusal), isinstance(refusal, NotYours))

    def visit(self, who: Identity) -> Visit | None:
        """The person this is, at the school they ask for today, or at their first; None for someone on no
        list."""
        visits = self._reception.of(who)
        return visits.get(self._services.directory.chosen(who)) or next(iter(visits.values()), None)

    def feed(self, who: Identity) -> tuple[Card, ...]:
        """Cards of the requests this person has sent or been sent, as they now stand. What waits for
        them comes first, then the newest; last, days that are coming or have passed."""
        return tuple(card for visit in self._reception.of(who).values() for card in self._feed(visit))

    def commands(self, who: Identity) -> tuple[tuple[str, str, str], ...]:
        """(command, title, one line) of everything this person can type after a slash."""
        visit = self.visit(who)
        return offered(self._services, visit) if visit else ()

    def export(self, who: Identity, register: str) -> Table:
        """A register as this person may see it, to be kept elsewhere; recorded. Refused says why not."""
        visit = self.visit(who)
        if visit is None:
            raise NotYours("Only somebody on a school's staff list can download this.")
        return export(self._services, visit, register)

    def _feed(self, visit: Visit) -> tuple[Card, ...]:
        reminders = Reminding(self._services, visit.published.school.id).shown(visit)
        waiting = SettingUp(self._services, visit).waiting()
        return (*waiting, *Lists(self._services, visit).feed(), *reminders)

    def _answer(self, event: Event, visit: Visit) -> Reply:
        match event:
            case Asked(text=text) if text.strip().lstrip("/").split(" ")[0] in self._known_commands(visit):
                command, _, rest = text.strip().lstrip("/").partition(" ")
                return self._command(command, rest, visit)
            case Asked(files=True, text=text) if not text.strip():
                return Message(cards=(unopened(visit.published.school),))
            case Asked(text=text, files=files):
                answer = self._asked(text, visit)
                return with_unopened(answer, visit.published.school) if files else answer
            case CommandCalled(command=command, text=text):
                return self._command(command, text, visit)
            case FormChanged(state=text, values=values):
                state = self._state(text, visit)
                if state is None or state.step == "search":
                    raise Refused(LOST)
                if state.step == "action":
                    return Deciding(self._services, visit).changed(state, values)
                if state.step == "register":
                    return Keeping(self._services, visit).changed(state, values)
                if state.step == "setup":
                    return SettingUp(self._services, visit).changed(state, values)
                return Filling(self._services, visit).changed(state, values)
            case FormSubmitted(state=text, values=values):
                state = self._state(text, visit)
                if state is None:
                    raise Refused(LOST)
                if state.step == "search":
                    return self._command(MY_REQUESTS, " ".join(values.get("words", ())), visit)
                if state.step == "action":
                    return Deciding(self._services, visit).submitted(state, values)
                if state.step == "register":
                    return Keeping(self._services, visit).submitted(state, values)
                if state.step == "setup":
                    return SettingUp(self._services, visit).submitted(state, values)
                return Filling(self._services, visit).submitted(state, values)
            case ButtonPressed(action="list", target=target):
                return Lists(self._services, visit).pressed(target)
            case ButtonPressed(action="start", target=target):
                command, _, link = target.partition(" ")
                return self._command(command, "", visit, link)
            case ButtonPressed(action="still_right", target=target):
                return Gaps(self._services, visit).still_right(target)
            case ButtonPressed(action="not_meant", target=shown):
                return Gaps(self._services, visit).not_meant(shown)
            case ButtonPressed(action=action, target=target) if action.startswith("register_"):
                return Keeping(self._services, visit).pressed(action, target)
            case ButtonPressed(action=action, target=target) if action.startswith("setup_"):
                return SettingUp(self._services, visit).pressed(action, target)
            case ButtonPressed(action=action, target=target, version=revision):
                return Deciding(self._services, visit).pressed(action, target, revision)
            case CardShown(target=target, place=place):
                return shown_again(self._services, visit, target, shared=place == "shared")
            case HomeOpened():
                last = (help_card(visit.published), signposts(visit.published.school))
                return Home(cards=(*self._upkeep(visit), *self._feed(visit), *last))
            case MessageReported():
                return reported(event, visit)

    def _asked(self, text: str, visit: Visit) -> Message:
        """Answer a question, and count it where the policy is silent: by topic, without who or what."""
        published, store = visit.published, self._services.store

        def known() -> tuple[Note, ...]:
            answered = store.finished(published.school.id, ASK)
            return in_force(notes(published.school, answered), published.version)

        retriever, today = self._services.retriever, visit.staff.today
        answer = Answer(published, retriever, text, today, known, visit.closed)
        gap = next((t for t in answer.found.about[:1] if not default_topics().by_id(t).outside), None)
        if answer.outcome == "not_in_policy" and gap and not answer.safeguarding:
            store.count_gap(published.school.id, published.policy.digest, "silent", gap)
        return answer.reply()

    def _command(self, command: str, text: str, visit: Visit, link: str = "") -> Reply:
        """Open the command's form; safety first when what followed it calls for that. `link`: to the message
        that led there."""
        judged = judge(text)
        first = (first_card(visit.published, judged.card, visit.closed),) if judged.card else ()
        reply = self._called(command, text, first, visit, link)
        line = urgent_line(visit.published.school, judged.about_head)
        return under(reply, line) if judged.unsure else reply

    def _called(self, command: str, text: str, first: tuple[Card, ...], visit: Visit, link: str) -> Reply:
        """What the command shows, after the safety card that what was typed with it called for."""
        if command == MY_REQUESTS:
            found = Lists(self._services, visit).called(text)
            return found.model_copy(update={"cards": (*first, *found.cards)})
        if command == REPORT:
            return Message(cards=(*first, report_card(visit.published, urgent=not first)))
        if command == REGISTERS:
            listed = Keeping(self._services, visit).overview()
            return listed.model_copy(update={"cards": (*first, *listed.cards)})
        if command == STUCK:
            return Message(cards=first) if first else stuck(self._services, visit)
        if command == OPEN_ITEMS:
            return Message(cards=first) if first else open_items(self._services, visit)
        if command in (SETUP, AWAY):
            setting = SettingUp(self._services, visit)
            return (
                Message(cards=first) if first else setting.away() if command == AWAY else setting.overview()
            )
        if command == SIGN_IN:
            return Message(cards=(*first, sign_in_card(self._services, visit)))
        if command == "policy-gaps":
            return Message(cards=first) if first else Gaps(self._services, visit).listed()
        if command == "help":
            return Message(cards=(*first, help_card(visit.published), signposts(visit.published.school)))
        workflow = visit.published.workflow(command)
        if workflow is None:
            return Message(cards=(*first, no_such_form(command, visit.published)))
        if not workflow.has_form and not workflow.gates:
            return Message(cards=(*first, policy_card(visit.published, workflow, visit.staff.today)))
        opened = Filling(self._services, visit).start(workflow, link)
        return opened.model_copy(update={"before": first})

    def _known_commands(self, visit: Visit) -> set[str]:
        return {command for command, _, _ in offered(self._services, visit)}

    def _refused(self, event: Event, visit: Visit, why: str, mine_no_more: bool) -> Reply:
        """Say why not, with the card as it stands beside it when there is one to show. What was typed for
        nothing is triaged all the same."""
        judged = judge_all(typed(event))
        school = visit.published.school
        reply = self._shown_again(event, visit, why, mine_no_more)
        if reply is None:
            first = (safety_card(school, judged.card, closed=visit.closed),) if judged.card else ()
            title = BEFORE if event.again else "That was not done"
            refused = Card(title=title, parts=(Text(text=why),), mood="bad")
            reply = Message(cards=(*first, refused))
        return under(reply, urgent_line(school, judged.about_head)) if judged.unsure else reply

    def _shown_again(self, event: Event, visit: Visit, why: str, mine_no_more: bool) -> Reply | None:
        """The card that a button stood on as it now stands, which may be nothing any more; a form with what was typed
        in it, which has been triaged by then. None where there is nothing to show, or not to this person."""
        match event:
            case FormSubmitted() if why == LOST:
                return None
            case FormSubmitted(state=text, values=values) if not mine_no_more and not event.again:
                state = self._state(text, visit)
                if state and state.step in ("gates", "fields", "confirm"):
                    return Filling(self._services, visit).again(state, values, why)
                if state and state.step == "register":
                    return Keeping(self._services, visit).again(state, values, why)
                request = self._services.store.load(state.request) if state else None
                if state and state.step == "action" and request and request.school == visit.person.school:
                    return Deciding(self._services, visit).again(state, values, why)
            case ButtonPressed(target=target):
                request = self._services.store.load(target.partition("/")[0])
                if request and request.school == visit.person.school:
                    drawn = Deciding(self._services, visit).drawn(request, why)
                    if not isinstance(drawn, Message):
                        return drawn
                    return None if mine_no_more else Redraw(card=GONE, notice=why)
        return None

    def _state(self, text: str, visit: Visit) -> FormState | None:
        """The state a form came back with; None when it is none of ours, or of a procedure that never was."""
        state = FormState.read(text)
        if state and state.step in ("gates", "fields", "confirm"):
            try:
                self._services.library.workflow(visit.published.school.id, state.workflow, state.version)
            except KeyError:
                return None
        return state

    def _upkeep(self, visit: Visit) -> tuple[Card, ...]:
        """For the clerk's administrator: which telephone numbers to enter, or to check again."""
        school = visit.published.school
        if not is_administrator(visit):
            return ()
        late = to_check(school.contacts, national_services(), visit.staff.today)
        lines = (*unusable(school.contacts), *late)
        parts = tuple(Text(text=f"{line[:1].upper()}{line[1:]}.") for line in lines)
        return (Card(title="Telephone numbers to check", parts=parts, mood="waiting"),) if parts else ()

    def _in_a_channel(self, event: Event, reply: Reply) -> Reply:
        """A card redrawn where others read along shows what all of them may see, and no more."""
        if not isinstance(reply, Redraw) or not isinstance(event, ButtonPressed):
            return reply
        request_id, _, stage = event.target.partition("/")
        request = self._services.store.load(request_id)
        card = channel_card(self._services.context(request), request, stage) if request else GONE
        return reply.model_copy(update={"card": card})
