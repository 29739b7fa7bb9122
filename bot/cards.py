"""The neutral words in which the clerk speaks; each platform's `render.py` draws them.

Nothing here knows Slack, Teams or HTML, and nothing here carries markup: text is shown as
typed, and a renderer escapes it. Button values and form state carry ids only, never what
someone wrote, because platforms log and resend them.
"""

from typing import Literal

from bot.model import Model
from bot.paper import Record

Tone = Literal["plain", "strong", "quiet", "warning"]
Mood = Literal["plain", "safety", "waiting", "good", "bad"]
"""What a card is about. A renderer may colour it, but always shows the title in words."""
Style = Literal["primary", "danger", "plain"]
TextKind = Literal["text", "long_text", "date", "address", "lines", "room"]
Audience = Literal["person", "place"]
"""`person`: only the one who acted sees it. `place`: everyone where they acted does."""


class Text(Model):
    """A paragraph."""

    text: str
    tone: Tone = "plain"


class Quote(Model):
    """A clause. `restated` wording is the package's own and is never put in quotation marks."""

    text: str
    citation: str
    restated: bool


class Facts(Model):
    """Labels with their values, in order."""

    rows: tuple[tuple[str, str], ...]


class Link(Model):
    """An address someone can follow, shown whole beside its label: a telephone number (`tel:`, its groups
    parted by hyphens, shown as spaces) or a service's page."""

    label: str
    url: str

    @property
    def shown(self) -> str:
        """The address as a person reads it: `01632 960 001`, `https://report.iwf.org.uk`."""
        scheme, _, rest = self.url.partition(":")
        match scheme.lower():
            case "tel":
                return rest.replace("-", " ")
            case "mailto":
                return rest
        return self.url


class Button(Model):
    """What can be pressed. `action` names what happens, `target` the request or form it happens to.

    `version` is the request's version when the button was drawn: a click on an older drawing
    is answered with how things stand now.
    """

    action: str
    label: str
    target: str = ""
    version: int = 0
    style: Style = "plain"


Part = Text | Quote | Facts | Link


class Card(Model):
    """A message with a title, parts from top to bottom, and buttons at the end."""

    title: str
    parts: tuple[Part, ...] = ()
    buttons: tuple[Button, ...] = ()
    mood: Mood = "plain"


class Option(Model):
    """One choice. With `detail`, choosing it asks for more in a text input of that label,
    whose id is `{field}.{value}`."""

    value: str
    label: str
    detail: str = ""


class Field(Model):
    """Something to type. `lines` (addresses, names) takes one entry a line. `room`: a channel of the workspace in
    which the form is shown, by its id: picked where the platform has a picker, typed where it has none."""

    id: str
    label: str
    kind: TextKind = "text"
    hint: str = ""
    required: bool = True
    value: str = ""
    error: str = ""
    max_length: int = 3000


class Choice(Model):
    """One or several of a few options. `refreshes`: later fields depend on it, so a change
    is reported at once (`FormChanged`)."""

    id: str
    label: str
    options: tuple[Option, ...]
    several: bool = False
    hint: str = ""
    required: bool = True
    value: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    error: str = ""
    refreshes: bool = False


class PersonPicker(Model):
    """One of the school's staff. `people` are (person id, shown name)."""

    id: str
    label: str
    people: tuple[tuple[str, str], ...]
    hint: str = ""
    required: bool = True
    value: str = ""
    error: str = ""
    refreshes: bool = False


Input = Field | Choice | PersonPicker


class Form(Model):
    """A form or one step of it. `state` is an opaque token of ids that comes back unchanged."""

    id: str
    title: str
    intro: tuple[Part, ...] = ()
    inputs: tuple[Input, ...] = ()
    submit: str = "Send"
    state: str = ""
    private: bool = False
    """Nothing of it may be kept before it is sent."""


class Message(Model):
    """Say these cards, first things first."""

    cards: tuple[Card, ...]
    audience: Audience = "person"


class OpenForm(Model):
    """Open this form. `before` is shown ahead of it (a safety card)."""

    form: Form
    before: tuple[Card, ...] = ()
    audience: Audience = "person"


class UpdateForm(Model):
    """Replace the open form, keeping what was typed in inputs that stay. `before` as above."""

    form: Form
    before: tuple[Card, ...] = ()
    audience: Audience = "person"


class FieldErrors(Model):
    """The form stays open, with its input kept; each error stands at its field."""

    form: Form
    errors: tuple[tuple[str, str], ...]
    audience: Audience = "person"


class Redraw(Model):
    """Replace the card whose button was pressed, for all who see it; `notice` is said to the presser."""

    card: Card
    notice: str = ""
    audience: Audience = "place"


class Details(Model):
    """Show this to the person alone, apart from the card it belongs to (a dialog, a modal)."""

    card: Card
    audience: Audience = "person"


class Paper(Model):
    """Give the person this record of a request to keep or print: a file, to them alone."""

    record: Record
    audience: Audience = "person"


class Home(Model):
    """The person's own page: forms they can start, their requests, what waits for them."""

    cards: tuple[Card, ...]
    audience: Audience = "person"


class Results(Model):
    """A list that can be longer than a screen; `older` continues it."""

    title: str
    cards: tuple[Card, ...]
    older: Button | None = None
    audience: Audience = "person"


Shown = Message | OpenForm | UpdateForm | FieldErrors | Redraw | Details | Home | Results
"""What appears where people talk."""
Reply = Shown | Paper
