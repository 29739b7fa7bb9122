"""Who is asking, and for which school (DESIGN, who is asking).

A person is whoever a school's list says behind the identity that the platform vouches for. Nobody claims a
school: what an event carries only chooses among the schools that already have this person, or whose
workspace this is.
"""

from dataclasses import replace

from rapidfuzz import fuzz, process

from bot.cards import Button, Card, FieldErrors, Home, Message, OpenForm, Part, Reply, Text, UpdateForm
from bot.connecting import CONNECT, Connecting
from bot.events import (
    ButtonPressed,
    CardShown,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    Identity,
    typed,
)
from bot.formstate import FormState
from bot.people import UNLISTED, UNLISTED_NAME, Person
from bot.ports import Published, Unreadable
from bot.safeguarding import safety_card, signposts
from bot.triage import judge_all
from bot.visit import Services, Visit

MY_SCHOOL = "my-school"
"""The built-in command of somebody who works at several schools: which one the clerk answers for today."""
CHOOSE = "choose_school"
"""The button of a school in that question. Its target is the school's id, and the command that waits for it."""
OFFERED = 6
"""The most schools offered at once; among more, one is found by its name."""
NOT_ON_A_LIST = "You are not on a school's staff list here. Ask your school's administrator to add you."


class Reception:
    """Shows each event in as somebody of one school, or says what stands in the way."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._connecting = Connecting(services)

    def offers(self, event: Event) -> tuple[Card, ...]:
        """Schools to which this place can be connected by whoever this is: of none, for nearly everybody."""
        return self._connecting.offers(event)

    def admit(self, event: Event) -> Visit | Reply:
        """The visit this event belongs to, or what is said instead: signposts to guests, to people of another
        workspace and to everybody in a workspace that no school is connected to, with an offer to connect it
        for the administrator of one; the question which school
        to whoever has several and has not said so today."""
        if event.standing != "member":
            return self._only_signposts(event)
        if isinstance(event, ButtonPressed) and event.action == CONNECT:
            return self._connecting.pressed(event, event.target) or self._only_signposts(event)
        visits = self.of(event.who) or self._strangers(event.who)
        if event.again:
            visits = {school: replace(visit, again=True) for school, visit in visits.items()}
        if not visits:
            note = "This place is not connected to a school yet. Ask your school's administrator."
            unknown = NOT_ON_A_LIST if event.who.platform == "web" else note
            stranger = Card(title="I do not know you yet", parts=(Text(text=unknown),))
            return self._only_signposts(event, *(self.offers(event) or (stranger,)))
        if len(visits) == 1:
            return next(iter(visits.values()))
        match event:
            case ButtonPressed(action=action, target=target) if action == CHOOSE:
                return self._chosen(event, visits, *target.partition("/")[::2])
            case CommandCalled(command=command, text=text) if command == MY_SCHOOL:
                return self._question(event, visits, text)
        wanted = self._school_of(event) or self._services.directory.chosen(event.who)
        return visits[wanted] if wanted in visits else self._question(event, visits)

    def of(self, who: Identity) -> dict[str, Visit]:
        """School to what this person is there, of the schools that have them on their lists."""
        found = self._services.directory.memberships(who)
        now, several = self._services.clock.now(), len(found) > 1
        return {
            one.person.school: Visit(
                person=one.person,
                published=self._services.library.edition(one.person.school, one.version),
                staff=one.staff,
                now=now,
                several=several,
                who=who,
            )
            for one in found
        }

    def _strangers(self, who: Identity) -> dict[str, Visit]:
        """School to somebody not on its list, of the schools whose workspace this is."""
        nobody = Person(id=UNLISTED, school="", name=UNLISTED_NAME)
        schools = self._services.directory.schools_at(who)
        now, several = self._services.clock.now(), len(schools) > 1
        return {
            school: Visit(
                person=nobody.model_copy(update={"school": school}),
                published=self._services.library.published(school),
                staff=self._services.directory.staff(school),
                now=now,
                unlisted=who,
                several=several,
                who=who,
            )
            for school in schools
        }

    def _school_of(self, event: Event) -> str:
        """The school whose form or request this is about; empty when it could be any."""
        match event:
            case FormChanged(state=text) | FormSubmitted(state=text):
                state = FormState.read(text)
                return (state.school or self._school_of_request(state.request)) if state else ""
            case ButtonPressed(action=action, target=target) if action.startswith("setup_"):
                return target.partition("/")[0]
            case ButtonPressed(target=target) | CardShown(target=target):
                return self._school_of_request(target.partition("/")[0])
        return ""

    def _school_of_request(self, request_id: str) -> str:
        try:
            request = self._services.store.load(request_id) if request_id else None
        except Unreadable:
            return ""
        return request.school if request else ""

    def _chosen(self, event: Event, visits: dict[str, Visit], school: str, command: str) -> Visit | Reply:
        """The answer to the question: kept for today. A command that waited for it goes on."""
        if school not in visits:
            return self._question(event, visits)
        self._services.directory.choose(event.who, school)
        visit = visits[school]
        onward = Button(action="start", target=command, label="Go on", style="primary")
        said = Text(text=f"Today I answer for {visit.published.school.name}. Now ask your question.")
        if command:
            said = Text(text=f"Today I answer for {visit.published.school.name}.")
        change = Button(action="start", target=MY_SCHOOL, label="Change school")
        card = Card(
            title=visit.published.school.name,
            parts=(said,),
            buttons=(*((onward,) if command else ()), change),
            mood="good",
        )
        return Message(cards=(card,))

    def _question(self, event: Event, visits: dict[str, Visit], search: str = "") -> Reply:
        """Which school? Safety first when what was typed calls for it: then the card of each."""
        waiting = event.command if isinstance(event, CommandCalled) and event.command != MY_SCHOOL else ""
        if isinstance(event, ButtonPressed) and event.action == "start" and event.target != MY_SCHOOL:
            waiting = event.target
        names = {school: visit.published.school.name for school, visit in visits.items()}
        found = _named(names, search)
        parts: tuple[Part, ...] = (Text(text="I remember your answer until tomorrow."),)
        if len(found) > OFFERED:
            parts = (Text(text=f"There are {len(found)}. Type “/{MY_SCHOOL}” and the school's name."),)
            found = {}
        buttons = tuple(
            Button(action=CHOOSE, label=name[:75], target="/".join(filter(None, (school, waiting))))
            for school, name in found.items()
        )
        card = Card(title="Which school is this about?", parts=parts, buttons=buttons)
        if isinstance(event, HomeOpened):
            return Home(cards=(card, signposts()))
        return Message(cards=(*self._safety_first(event, visits), card))

    def _safety_first(self, event: Event, visits: dict[str, Visit]) -> tuple[Card, ...]:
        """What must not wait for the answer. Of many schools nobody reads every number: then who to go to
        anywhere."""
        judged = judge_all(typed(event))
        if not judged.card:
            return (signposts(),) if judged.unsure else ()
        if len(visits) > OFFERED // 2:
            return (signposts(),)
        return tuple(
            _at_school(visit.published, safety_card(visit.published.school, judged.card, closed=visit.closed))
            for visit in visits.values()
        )

    def _only_signposts(self, event: Event, *cards: Card) -> Reply:
        """Who to go to, and nothing of any school."""
        if isinstance(event, HomeOpened):
            return Home(cards=(signposts(), *cards))
        return Message(cards=(signposts(), *cards))


def for_school(reply: Reply, visit: Visit) -> Reply:
    """A reply to somebody with several schools: a form says which one it is for, and comes back to it."""
    if not isinstance(reply, OpenForm | UpdateForm | FieldErrors):
        return reply
    state = FormState.read(reply.form.state)
    if state is None:
        return reply
    school = visit.published.school
    said = Text(text=f"For {school.name}.", tone="strong")
    form = reply.form.model_copy(
        update={
            "state": state.model_copy(update={"school": school.id}).text(),
            "intro": (said, *reply.form.intro),
        }
    )
    return reply.model_copy(update={"form": form})


def _named(names: dict[str, str], search: str) -> dict[str, str]:
    """The schools that a few letters of their name find; all of them without any."""
    if not search.strip():
        return names
    near = process.extract(
        search.strip().lower(),
        {k: v.lower() for k, v in names.items()},
        scorer=fuzz.partial_ratio,
        limit=OFFERED,
        score_cutoff=70,
    )
    return {school: names[school] for _, _, school in near} or names


def _at_school(published: Published, card: Card) -> Card:
    return card.model_copy(
        update={"parts": (Text(text=f"At {published.school.name}:", tone="strong"), *card.parts)}
    )
