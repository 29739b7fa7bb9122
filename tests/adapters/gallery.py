"""One of everything the clerk can say, in neutral words. `neutral.py` says what a reader must find of it.

Used by the tests of every renderer, so that no platform is tested with easier cards than another.
"""

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
    Input,
    Link,
    Option,
    PersonPicker,
    Quote,
    Results,
    Text,
)

NASTY = (
    "<!channel>",
    "<@U1>",
    "*bold*",
    "_it_ ~no~ `code`",
    "[a](http://evil.example)",
    "<http://evil.example|school>",
    "😀👩‍🏫",
    "مرحبا بالعالم",
    "a & b < c > d",
    "&amp; &lt;",
    "line one\nline two",
    "- item",
    "1. item",
    "# head",
    "{{DATE(2026-01-01T00:00:00Z, SHORT)}}",
    "{{TIME(2026-01-01T00:00:00Z)}}",
    "${x}",
    ":smile:",
    "\\*x\\*",
)
EVERYTHING_NASTY = " ".join(NASTY)

CARDS: dict[str, Card] = {
    "answer": Card(
        title="You must not accept it",
        parts=(
            Text(text="Staff must not accept a parent's friend request.", tone="strong"),
            Quote(
                text="Staff must not have contact with parents through a personal account.",
                citation="Social Media Policy, March 2023, section 2",
                restated=False,
            ),
            Quote(text="Decline, and say why in general terms.", citation="section 4.2", restated=True),
            Text(text="This policy was due for review on 27 March 2024.", tone="quiet"),
        ),
        buttons=(
            Button(action="form", label="Report the contact", target="report-contact", style="primary"),
            Button(action="ask-owner", label="Ask a person", target="q-17"),
            Button(action="not-meant", label="Not what I meant", target="q-17"),
        ),
    ),
    "abstains": Card(
        title="The policy does not say",
        parts=(
            Text(text="Nothing in the policy answers this."),
            Quote(text="Accounts are monitored.", citation="section 9", restated=True),
        ),
        buttons=(Button(action="ask-owner", label="Ask the policy's owner", target="q-18"),),
    ),
    "safety": Card(
        title="If someone is in danger now, call 999",
        mood="safety",
        parts=(
            Text(text="Then phone or find the DSL now. No one watches this chat.", tone="warning"),
            Facts(rows=(("DSL", "Designated safeguarding lead, 020 7946 0001"), ("Deputy", "020 7946 0002"))),
            Link(label="Police, fire, ambulance", url="tel:999"),
            Link(label="Report Harmful Content", url="https://reportharmfulcontent.com/"),
            Text(text="This is not a record.", tone="quiet"),
        ),
        buttons=(Button(action="form", label="Report a concern", target="report-concern", style="danger"),),
    ),
    "approver": Card(
        title="AET-12 Unblock a website",
        mood="waiting",
        parts=(
            Text(text="Headteacher decides", tone="strong"),
            Facts(
                rows=(
                    ("Asked by", "A. Teacher, Class teacher"),
                    ("Which site?", "https://www.example.org/a_b*c*"),
                    ("Why", EVERYTHING_NASTY),
                )
            ),
            Quote(text="The headteacher gives reasons.", citation="Appendix A", restated=True),
        ),
        buttons=(
            Button(action="approve", label="Approve", target="r-1/head", version=3, style="primary"),
            Button(action="refuse", label="Refuse", target="r-1/head", version=3, style="danger"),
            Button(action="send_back", label="Send back", target="r-1/head", version=3),
            Button(action="hand_on", label="Hand on", target="r-1/head", version=3),
        ),
    ),
    "front door": Card(
        title="What has happened?",
        parts=(
            Text(text="If anyone is in danger now, call 999.", tone="warning"),
            Link(label="Call 999", url="tel:999"),
            Link(label="Designated safeguarding lead", url="tel:01632-960-001"),
        ),
        buttons=(
            Button(action="start", label="I am worried about a child", target="report-concern"),
            Button(action="start", label="Someone's behaviour online", target="report-concern"),
            Button(action="start", label="A picture that should come down", target="remove-image"),
        ),
    ),
    "case": Card(
        title="LEA-12 Report abuse of staff",
        parts=(
            Text(text="Waiting for: The case (senior manager)."),
            Facts(
                rows=(
                    ("Ask the site to take it down", "☐ Not done yet, late: it was due 14 Nov 2026, 16:00"),
                    (
                        "Offer support",
                        "☒ Not needed: Senior manager, 13 Nov 2026, 16:20\nThe offer was declined.",
                    ),
                    (
                        EVERYTHING_NASTY,
                        f"☑ Done: Senior manager, 13 Nov 2026, 17:00\nWho was asked? {NASTY[4]}",
                    ),
                )
            ),
            Facts(
                rows=(
                    (
                        "Evidence added",
                        "Class teacher, 13 Nov 2026, 16:05\nWhere is it? https://a.example/*b*",
                    ),
                )
            ),
        ),
        buttons=(
            Button(
                action="receive", label="I am dealing with it", target="r-1/case", version=2, style="primary"
            ),
            Button(action="close", label="Close with an outcome", target="r-1/case", version=2),
            Button(action="hand_on", label="Hand on", target="r-1/case", version=2),
            Button(action="settle", label="Tick the checklist", target="r-1/case", version=2),
            Button(action="log", label="Add evidence", target="r-1/case"),
            Button(action="add", label="Add a note", target="r-1"),
            Button(action="name_subject", label="It is about someone on the staff", target="r-1"),
            Button(action="link", label="Link to another report", target="r-1"),
        ),
    ),
    "status": Card(
        title="AET-12 Unblock a website: finished",
        mood="good",
        parts=(
            Facts(
                rows=(("Sent", "1 May, 10:02"), ("Opened", "1 May, 11:40"), ("Approved by", "Headteacher"))
            ),
        ),
    ),
    "refused": Card(
        title="AET-13 New account: refused", mood="bad", parts=(Text(text="Reasons: none needed."),)
    ),
    "nasty": Card(
        title="Nasty <!channel> [a](http://evil.example) {{DATE(2026-01-01T00:00:00Z)}}",
        parts=(
            *(Text(text=text) for text in NASTY),
            Text(text=EVERYTHING_NASTY, tone="warning"),
            Text(text=EVERYTHING_NASTY, tone="quiet"),
            Quote(text=EVERYTHING_NASTY, citation=EVERYTHING_NASTY, restated=False),
            Link(label="*x*", url="javascript:alert(1)"),
        ),
        buttons=(Button(action="open", label="Open [a](http://evil.example) *x*", target="r-9"),),
    ),
    "many buttons": Card(
        title="Choose a form",
        buttons=tuple(
            Button(action="form", label=f"Form {n}", target=f"form-{n}", version=n) for n in range(30)
        ),
    ),
    "long": Card(
        title="A title of more than a hundred and fifty characters, " * 4,
        parts=(Text(text="A sentence of a long text. " * 130),),
        buttons=(
            Button(action="open", label="A label longer than seventy-five characters " * 3, target="r-1"),
        ),
    ),
}

PEOPLE = tuple((f"p-{n}", f"Person {n:03}") for n in range(40))
MANY_PEOPLE = tuple((f"p-{n}", f"Person number {n:04}") for n in range(400))
YES_NO = (Option(value="yes", label="Yes"), Option(value="no", label="No"))
LONG_LABEL = "I have looked at the site myself, have checked it for advertising, and believe that it is safe"

INPUTS: tuple[Input, ...] = (
    Field(id="site", label="Which site?", kind="address", hint="The whole address."),
    Field(id="title", label="Title", value=EVERYTHING_NASTY.replace("\n", " ")),
    Field(id="why", label="Why is it needed?", kind="long_text", value=EVERYTHING_NASTY, max_length=3000),
    Field(id="until", label="Until", kind="date", required=False, value="2026-05-01"),
    Field(id="from", label="From", kind="date", value="next Tuesday", error="Please give a date."),
    Field(
        id="sites", label="Other addresses", kind="lines", value="one.example\ntwo.example", required=False
    ),
    Choice(id="sure", label="Are you sure?", options=YES_NO, value=("no",), error="Please answer yes or no."),
    Choice(
        id="kind",
        label="What kind of site?",
        options=(
            Option(value="video", label="Video"),
            Option(value="other", label="Other", detail="Which kind?"),
        ),
        value=("other",),
        details=(("other", "a <!channel> of *sorts*"),),
        refreshes=True,
    ),
    Choice(
        id="risks",
        label="Which risks?",
        several=True,
        options=(
            Option(value="ads", label=LONG_LABEL),
            Option(value="chat,open", label="Chat, open to all"),
            Option(value="very", label=f"{LONG_LABEL}; {LONG_LABEL}"),
        ),
        value=("chat,open", "ads"),
        required=False,
    ),
    Choice(
        id="year",
        label="Year group",
        options=tuple(Option(value=f"y{n}", label=f"Year {n}") for n in range(14)),
    ),
    Choice(
        id="clubs",
        label="Clubs",
        several=True,
        options=tuple(Option(value=f"c{n}", label=f"Club {n}") for n in range(14)),
        value=("c2", "c13"),
    ),
    PersonPicker(id="approver", label="Who should decide?", people=PEOPLE, value="p-7", hint="Not yourself."),
    PersonPicker(id="nobody", label="Moderator", people=(), required=False),
)

FORMS: dict[str, Form] = {
    "every input": Form(
        id="unblock-request",
        title="Ask for a website to be unblocked",
        intro=(
            Text(text="This goes to the ICT technician first."),
            Facts(rows=(("Then", "the headteacher"),)),
            Quote(text="Staff ask on the form.", citation="section 8", restated=True),
        ),
        inputs=INPUTS,
        submit="Send to the ICT technician",
        state='{"school":"aet","step":"fields"}',
    ),
    "gates": Form(
        id="report-concern",
        title="Report a concern",
        inputs=(Choice(id="danger", label="Is anyone in danger now?", options=YES_NO),),
        submit="Continue",
        state="gates",
    ),
    "reasons": Form(
        id="unblock-request-refuse",
        title="Refuse AET-12",
        inputs=(Field(id="reason", label="Reasons", kind="long_text"),),
        submit="Refuse",
        state="r-1/head/3",
    ),
    "checklist": Form(
        id="report-abuse-settle",
        title="Tick: LEA-12",
        intro=(
            Text(text="Ask the site to take it down", tone="strong"),
            Quote(text="Asked at once.", citation="section 8", restated=True),
        ),
        inputs=(
            Choice(
                id="action",
                label="Which one?",
                options=(
                    Option(value="host", label=LONG_LABEL),
                    Option(value="support", label="Offer support"),
                ),
                value=("host",),
                refreshes=True,
            ),
            Choice(
                id="settled",
                label="Is it done?",
                options=(Option(value="done", label="Done"), Option(value="dropped", label="Not needed")),
                value=("dropped",),
                refreshes=True,
            ),
            Field(id="reason", label="Why is it not needed?", kind="long_text"),
        ),
        submit="Tick",
        state="r-1/case",
    ),
    "link": Form(
        id="report-abuse-link",
        title="Link: LEA-12",
        inputs=(
            Field(id="reference", label="Reference of the other report", error="There is no such report."),
        ),
        submit="Link",
        state="r-1/case",
    ),
    "words only": Form(
        id="note", title="Before you go on", intro=(Text(text="Read this."),), submit="Continue"
    ),
    "large school": Form(
        id="approve-post",
        title="Ask a colleague",
        inputs=(PersonPicker(id="colleague", label="Which colleague?", people=MANY_PEOPLE, value="p-399"),),
        state="fields",
    ),
}

HOME = Home(cards=(CARDS["safety"], CARDS["approver"], CARDS["status"], CARDS["many buttons"]))
RESULTS = Results(
    title="Your requests",
    cards=(CARDS["status"], CARDS["refused"]),
    older=Button(action="older", label="Older requests", target="before:AET-12"),
)
DETAILS = Details(card=CARDS["approver"])
ERRORS = FieldErrors(
    form=FORMS["every input"],
    errors=(
        ("site", "“x” is not a full web address."),
        ("kind.other", "Please say more: which kind?"),
        ("kind", "Please choose one."),
        ("elsewhere", "Someone else has changed this request."),
    ),
)
