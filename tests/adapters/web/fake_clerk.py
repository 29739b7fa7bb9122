"""A clerk and a store in one, with hand-built replies: every word of bot/cards.py is spoken by it.

It decides almost nothing. `unblock-request` has two safety gates' worth of everything a form can
do; what is sent appears in the technician's feed, who refuses or approves it.
"""

import threading
from datetime import UTC, datetime

from bot.cards import (
    Button,
    Card,
    Choice,
    Details,
    Facts,
    Field,
    FieldErrors,
    Form,
    Home,
    Link,
    Message,
    OpenForm,
    Option,
    Paper,
    PersonPicker,
    Quote,
    Redraw,
    Reply,
    Results,
    Text,
    UpdateForm,
)
from bot.events import (
    Asked,
    ButtonPressed,
    CommandCalled,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    Identity,
    MessageReported,
)
from bot.paper import Record
from bot.registers import Table
from bot.workflows.change import NotYours

RECORD = Record(
    reference="AET-7KM3Q",
    title="Blocked content access request form",
    school="Aspire Educational Trust",
    status="Finished",
    printed="9 Nov 2026, 09:30",
    printed_at=datetime(2026, 11, 9, 9, 30, tzinfo=UTC),
    printed_for="Headteacher",
    sections=(),
    signed="",
    rests_on=(),
    versions=(),
)
SAFETY = Card(
    title="If anyone is in danger now: call 999, then find your safeguarding lead",
    mood="safety",
    parts=(
        Text(text="Phone or find the designated safeguarding lead now. If you cannot reach them, a deputy."),
        Link(label="Designated safeguarding lead", url="tel:01632 960101"),
        Link(label="Deputy safeguarding lead", url="tel:01632 960102"),
        Text(
            text="No one watches this chat, and it is not a record. The numbers are invented.", tone="quiet"
        ),
    ),
    buttons=(Button(action="start", target="report", label="Report a concern"),),
)
ANSWER = Card(
    title="Advised against",
    mood="bad",
    parts=(
        Quote(
            text="Staff are strongly advised not to accept friend requests from parents.",
            citation="Policy for Social Media (Autumn 2023), section 4, Staff personal use",
            restated=True,
        ),
        Text(text="This policy was due for review in autumn 2024.", tone="warning"),
        Quote(
            text="Staff must not accept friend requests from pupils over a personal account.",
            citation="Section 4",
            restated=False,
        ),
        Text(text="Nothing here is legal advice.", tone="quiet"),
    ),
    buttons=(
        Button(action="start", target="report-contact", label="Report contact from a pupil", style="primary"),
        Button(action="ask", target="owner", label="Ask a person"),
        Button(action="missed", target="q1", label="Not what I meant"),
    ),
)
MAY = Card(
    title="You may, if the headteacher has agreed",
    mood="good",
    parts=(Text(text="Ask before you post.", tone="strong"),),
)
WELCOME = Card(
    title="Ask what the social media policy says",
    parts=(
        Text(text="For example: “Can I accept a parent’s friend request?” You get the rule and its place."),
    ),
    buttons=(
        Button(action="start", target="unblock-request", label="Ask to unblock a website", style="primary"),
        Button(action="start", target="report", label="Report something"),
    ),
)
COMMANDS = (
    ("unblock-request", "Ask to unblock a website", "A site you need for teaching is blocked."),
    (
        "report-content",
        "Report inappropriate content",
        "You or a pupil saw something that should not be there.",
    ),
    (
        "report-concern",
        "Report a concern about someone’s conduct online",
        "It goes to one person, never to a channel.",
    ),
    ("my-requests", "My requests", "What you have sent, and what waits for you."),
)


class FakeClerk:
    """`Assistant` and the store's `feed_mark` for five people of one school."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.requests: dict[str, dict[str, str]] = {}
        self.lock = threading.Lock()
        self.mark = 0
        self.fail = False
        """The assistant raises."""
        self.broken = False
        """The store raises."""

    def feed_mark(self, person: str) -> str:
        if self.broken:
            raise RuntimeError("the disk is full")
        return f"{self.mark}"

    def feed(self, who: Identity) -> tuple[Card, ...]:
        role = who.user
        with self.lock:
            known = list(self.requests.items())[::-1]
        return tuple(
            self._card(name, request, role)
            for name, request in known
            if role == "ict" or request["by"] == role
        )

    def export(self, who: Identity, register: str) -> Table:
        if who.user != "head":
            raise NotYours("“Filtering decisions” is for: Headteacher. Ask one of them.")
        return Table(
            title="Filtering decisions", rows=(("Address", "Why"), ("=1+1", f"{register}, for maps"))
        )

    def commands(self, who: Identity) -> tuple[tuple[str, str, str], ...]:
        return COMMANDS

    def handle(self, event: Event) -> Reply:
        if self.fail:
            raise RuntimeError("the database is on fire")
        with self.lock:
            self.events.append(event)
            match event:
                case HomeOpened():
                    return Home(cards=(WELCOME,))
                case Asked(text=text):
                    return self._answer(text)
                case CommandCalled(command=command):
                    return self._command(command)
                case FormChanged(form=form, values=values):
                    return self._changed(form, values)
                case FormSubmitted():
                    return self._submitted(event)
                case ButtonPressed():
                    return self._pressed(event)
                case MessageReported():
                    return Message(cards=(SAFETY,))

    def _answer(self, text: str) -> Reply:
        if "friend" in text:
            return Message(cards=(SAFETY, ANSWER) if "pupil" in text else (ANSWER,))
        if "post" in text:
            return Message(cards=(MAY,))
        if "list" in text:
            return Results(
                title="Filtering decisions",
                cards=(MAY, ANSWER),
                older=Button(action="older", target="2", label="Older"),
            )
        return Message(
            cards=(Card(title="The policy does not say", parts=(Text(text=f"You asked: {text}"),)),)
        )

    def _command(self, command: str) -> Reply:
        if command == "unblock-request":
            return OpenForm(form=self._form({}))
        if command == "report-content":
            gate = Choice(
                id="image",
                label="Might this be a sexual image of anyone under 18?",
                options=(Option(value="yes", label="Yes, or I am not sure"), Option(value="no", label="No")),
            )
            return OpenForm(
                form=Form(id="gate", title="Before you start", inputs=(gate,), submit="Go on"),
                before=(SAFETY,),
            )
        return Message(
            cards=(
                Card(
                    title=f"There is no /{command} here",
                    parts=(Text(text="The nearest is “Ask to unblock a website”."),),
                ),
            )
        )

    def _form(self, values: dict[str, tuple[str, ...]]) -> Form:
        inputs: list[Field | Choice | PersonPicker] = [
            Field(
                id="address",
                kind="lines",
                label="Which addresses?",
                hint="The whole address, such as https://example.org/page",
            ),
            Field(id="why", kind="long_text", label="What will you use it for?"),
            Choice(
                id="who",
                label="Who will use it?",
                refreshes=True,
                options=(
                    Option(value="staff", label="Staff only"),
                    Option(value="pupils", label="Pupils"),
                    Option(value="other", label="Someone else", detail="Who?"),
                ),
            ),
        ]
        if "pupils" in values.get("who", ()):
            inputs.append(
                Choice(
                    id="years",
                    several=True,
                    label="Which years?",
                    options=tuple(Option(value=str(y), label=f"Year {y}") for y in (1, 2, 3)),
                )
            )
        inputs += [
            PersonPicker(
                id="colleague",
                label="Who has looked at it with you?",
                required=False,
                people=(("p1", "Class teacher"), ("p2", "Teaching assistant")),
            ),
            Field(id="until", kind="date", label="Until when?", required=False),
            Field(id="site", kind="address", label="A page about it", required=False),
        ]
        return Form(
            id="unblock",
            title="Ask to unblock a website",
            state="s1",
            intro=(Text(text="This goes to the ICT technician, then to the headteacher."),),
            inputs=tuple(inputs),
            submit="Send the request",
        )

    def _changed(self, form: str, values: dict[str, tuple[str, ...]]) -> Reply:
        danger = any("danger" in entry for entry in values.get("why", ()))
        return UpdateForm(form=self._form(values), before=(SAFETY,) if danger else ())

    def _submitted(self, event: FormSubmitted) -> Reply:
        values = event.values
        if event.form == "gate":
            return (
                Message(cards=(SAFETY,))
                if values.get("image") == ("yes",)
                else UpdateForm(form=self._form({}))
            )
        if event.form.startswith("decide:"):
            request = self.requests[event.form.removeprefix("decide:")]
            if not values.get("reason"):
                return FieldErrors(
                    form=self._reason(event.form),
                    errors=(("reason", "Say why: the person who asked will read it."),),
                )
            request["status"], request["reason"] = "approved", values["reason"][0]
            self.mark += 1
            return Redraw(
                card=self._card(event.form.removeprefix("decide:"), request, "ict"),
                notice="Approved. The class teacher is being told.",
            )
        errors = [
            (name, words)
            for name, words in (
                ("address", "Give at least one address."),
                ("why", "Say what you will use it for."),
                ("who", "Choose who will use it."),
            )
            if not values.get(name)
        ]
        if values.get("who") == ("other",) and not values.get("who.other"):
            errors.append(("who.other", "Say who."))
        if errors:
            return FieldErrors(form=self._form(values), errors=tuple(errors))
        name = event.id
        if name not in self.requests:
            self.requests[name] = {
                "by": event.who.user,
                "address": "\n".join(values["address"]),
                "why": values["why"][0],
                "status": "open",
            }
            self.mark += 1
        return Message(
            cards=(
                Card(
                    title="Sent to the ICT technician",
                    mood="waiting",
                    parts=(Text(text="Reference AET-7KM3Q. You will see each step under Requests."),),
                ),
            )
        )

    def _reason(self, form: str) -> Form:
        return Form(
            id=form,
            title="Approve",
            inputs=(Field(id="reason", kind="long_text", label="Why?"),),
            submit="Approve",
        )

    def _pressed(self, event: ButtonPressed) -> Reply:
        request = self.requests.get(event.target)
        if event.action == "approve" and request is not None:
            return OpenForm(form=self._reason(f"decide:{event.target}"))
        if event.action == "refuse" and request is not None:
            request["status"] = "refused"
            self.mark += 1
            return Redraw(card=self._card(event.target, request, "ict"), notice="Refused.")
        if event.action == "details" and request is not None:
            return Details(
                card=Card(
                    title="Request AET-7KM3Q",
                    parts=(Facts(rows=(("Addresses", request["address"]), ("Why", request["why"]))),),
                    buttons=(
                        *self._card(event.target, request, "ict").buttons[:1],
                        Button(action="print", label="Print", target=event.target),
                    ),
                )
            )
        if event.action == "print" and request is not None:
            return Paper(record=RECORD)
        if event.action == "start":
            return self._command(event.target)
        return Message(cards=(Card(title="Noted", parts=(Text(text="Thank you."),)),))

    def _card(self, name: str, request: dict[str, str], role: str) -> Card:
        rows = (("From", "Class teacher"), ("Addresses", request["address"]), ("Why", request["why"]))
        see = Button(action="details", label="See details", target=name, version=self.mark)
        status = request["status"]
        if status != "open":
            words = {
                "approved": "Approved by the ICT technician",
                "refused": "Refused by the ICT technician",
            }[status]
            return Card(
                title=f"{words} · AET-7KM3Q",
                mood="good" if status == "approved" else "bad",
                parts=(Facts(rows=(*rows, ("Reason", request.get("reason", "none given")))),),
                buttons=(see,),
            )
        if role != "ict":
            return Card(
                title="With the ICT technician · AET-7KM3Q",
                mood="waiting",
                parts=(Facts(rows=rows),),
                buttons=(see,),
            )
        return Card(
            title="Waits for you: unblock a website · AET-7KM3Q",
            mood="waiting",
            parts=(
                Facts(rows=rows),
                Text(text="This step is set by your school, not in the policy.", tone="quiet"),
            ),
            buttons=(
                Button(action="approve", label="Approve", target=name, version=self.mark, style="primary"),
                Button(action="refuse", label="Refuse", target=name, version=self.mark, style="danger"),
                see,
            ),
        )
