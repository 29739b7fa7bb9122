"""Replies as HTML: what someone wrote stays text, and every input can be found, named and mended."""

import re
from html.parser import HTMLParser

import pytest

from adapters.web import render
from adapters.web.cast import Persona, Playhouse, Visitor
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
    PersonPicker,
    Quote,
    Redraw,
    Reply,
    Results,
    Text,
    UpdateForm,
)

NASTY = """<script>alert("x")</script>'"--><img src=x onerror=alert(1)>{{ 7 * 7 }}"""
ARABIC = "هل يمكنني قبول طلب صداقة؟"
LONG = "word " * 600


class Markup(HTMLParser):
    """The elements of a page, to ask questions of. Refuses what is not well nested."""

    VOID = ("input", "meta", "link", "use", "path", "circle", "rect", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}: {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def ids(self) -> list[str | None]:
        return [found["id"] for _, found in self.elements if "id" in found]


def card_of(words: str) -> Card:
    return Card(
        title=words,
        mood="safety",
        parts=(
            Text(text=words),
            Text(text=words, tone="warning"),
            Quote(text=words, citation=words, restated=False),
            Quote(text=words, citation=words, restated=True),
            Facts(rows=((words, words),)),
            Link(label=words, url="https://example.org/" + words),
            Link(label=words, url=words),
        ),
        buttons=(Button(action=words, label=words, target=words),),
    )


def form_of(words: str) -> Form:
    return Form(
        id=words,
        title=words,
        state=words,
        submit=words,
        intro=(Text(text=words),),
        inputs=(
            *(
                Field(id=f"field_{kind}", kind=kind, label=words, hint=words, value=words, error=words)
                for kind in ("text", "long_text", "date", "address", "lines")
            ),
            Choice(
                id="one",
                label=words,
                hint=words,
                error=words,
                options=(Option(value="other", label=words, detail=words),),
                details=(("other", words),),
            ),
            Choice(
                id="many",
                several=True,
                label=words,
                options=(Option(value=words, label=words, detail=words),),
                value=(words,),
            ),
            PersonPicker(id="person", label=words, people=(("p1", words),), value="p1", error=words),
        ),
    )


def replies(words: str) -> list[Reply]:
    card, form = card_of(words), form_of(words)
    return [
        Message(cards=(card, card)),
        Home(cards=(card,)),
        Results(title=words, cards=(card,), older=Button(action="older", label=words)),
        OpenForm(form=form, before=(card,)),
        UpdateForm(form=form),
        FieldErrors(form=form, errors=(("one", words), ("one.other", words), ("", words))),
        Redraw(card=card, notice=words),
        Details(card=card),
    ]


@pytest.mark.parametrize("reply", replies(NASTY), ids=lambda reply: type(reply).__name__)
def test_what_someone_wrote_is_never_markup(reply: Reply) -> None:
    html = render.reply(reply).html
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html
    assert not [
        element for element in Markup(html).elements if any(name.startswith("on") for name in element[1])
    ]


@pytest.mark.parametrize(
    "words", [ARABIC, LONG, "שלום", "👩‍🏫", "a\nb"], ids=["arabic", "3000", "hebrew", "emoji", "lines"]
)
def test_any_words_come_through_whole_and_find_their_own_direction(words: str) -> None:
    for reply in replies(words):
        assert words in render.reply(reply).html.replace("&#39;", "'")
    assert render.cards((card_of(words),)).count('dir="auto"') >= 8


@pytest.mark.parametrize("reply", replies("Plain words"), ids=lambda reply: type(reply).__name__)
def test_markup_is_well_formed(reply: Reply) -> None:
    markup = Markup(render.reply(reply).html)
    assert len(set(markup.ids())) == len(markup.ids())


def test_each_reply_goes_to_its_place() -> None:
    targets = [render.reply(reply).target for reply in replies("Words")]
    assert targets == ["log", "log", "log", "form", "form", "errors", "card", "details"]
    assert render.reply(Redraw(card=Card(title="Done"), notice="Approved.")).say == "Approved."


def test_a_restated_clause_is_not_in_quotation_marks() -> None:
    restated = render.cards(
        (Card(title="A", parts=(Quote(text="Ask first.", citation="Section 2", restated=True),)),)
    )
    quoted = render.cards(
        (Card(title="A", parts=(Quote(text="Ask first.", citation="Section 2", restated=False),)),)
    )
    assert "“" not in restated
    assert "blockquote" not in restated
    assert "In short:" in restated
    assert "“Ask first.”" in quoted
    assert "<cite" in quoted


def test_a_mood_is_a_shape_and_words_and_safety_says_so() -> None:
    icons = {
        mood: set(re.findall(r'href="(#i-[a-z]+)"', render.cards((Card(title="T", mood=mood),))))
        for mood in ("safety", "waiting", "good", "bad")
    }
    assert len(set.union(*icons.values())) == 4
    assert "Safety first" in render.cards((Card(title="T", mood="safety"),))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//elsewhere.example", "http://[", "vbscript:x"]
)
def test_a_link_that_should_not_be_followed_is_text(url: str) -> None:
    html = render.cards((Card(title="T", parts=(Link(label="Go", url=url),)),))
    assert "<a " not in html
    assert url in html


def test_a_telephone_number_is_shown_whole() -> None:
    html = render.cards((Card(title="T", parts=(Link(label="DSL", url="tel:01632 960101"),)),))
    assert 'href="tel:01632 960101"' in html
    assert ">01632 960101<" in html
    assert "_blank" not in html


def test_every_input_has_a_label_and_its_hint_and_error_are_tied_to_it() -> None:
    markup = Markup(
        render.form(form_of("Words"), errors=(("many", "Choose one."), ("many.Words", "Say more.")))
    )
    labelled = {label["for"] for label in markup.all("label")}
    ids = set(markup.ids())
    for tag, found in markup.elements:
        if tag in ("input", "select", "textarea"):
            assert found["id"] in labelled
        for described in (found.get("aria-describedby") or "").split():
            assert described in ids
    assert len(markup.all("fieldset")) == len(markup.all("legend")) == 2
    assert markup.all("input", id="f-field_text")[0]["aria-invalid"] == "true"
    assert markup.all("fieldset", id="f-one", role="radiogroup")[0]["aria-required"] == "true"


def test_errors_are_gathered_with_a_way_to_each() -> None:
    form = Form(id="f", title="T", inputs=(Field(id="why", label="Why?"),))
    html = render.form(form, errors=(("why", "Say why."), ("", "Try again later.")))
    assert 'href="#f-why"' in html
    assert html.count("Say why.") == 2
    assert "Please put these right" in html
    assert "Try again later." in html
    assert "Please put" not in render.form(form)


def test_an_error_at_a_detail_stands_there() -> None:
    choice = Choice(
        id="who",
        label="Who?",
        options=(Option(value="other", label="Other", detail="Who?"),),
        details=(("who.other", "Mum"),),
    )
    markup = Markup(
        render.form(Form(id="f", title="T", inputs=(choice,)), errors=(("who.other", "Say who."),))
    )
    detail = markup.all("input", name="v:who.other")[0]
    assert detail["value"] == "Mum"
    assert detail["aria-invalid"] == "true"
    assert detail["aria-describedby"] in markup.ids()


def test_optional_inputs_say_so_in_words_and_required_ones_are_announced() -> None:
    form = Form(
        id="f", title="T", inputs=(Field(id="a", label="A"), Field(id="b", label="B", required=False))
    )
    html = render.form(form)
    assert html.count("(optional)</span>") == 1
    assert "except those marked (optional)" in html
    markup = Markup(html)
    assert "required" in markup.all("input", id="f-a")[0]
    assert "required" not in markup.all("input", id="f-b")[0]


def test_an_optional_single_choice_can_be_taken_back() -> None:
    choice = Choice(id="c", label="C", required=False, options=(Option(value="x", label="X"),))
    markup = Markup(render.form(Form(id="f", title="T", inputs=(choice,))))
    assert "checked" in markup.all("input", value="")[0]


def test_values_already_given_are_shown() -> None:
    form = Form(
        id="f",
        title="T",
        inputs=(
            Field(id="t", kind="long_text", label="T", value="\nkept"),
            Choice(
                id="c",
                label="C",
                several=True,
                value=("b",),
                options=(Option(value="a", label="A"), Option(value="b", label="B")),
            ),
            PersonPicker(id="p", label="P", people=(("1", "One"), ("2", "Two")), value="2"),
        ),
    )
    html = render.form(form)
    markup = Markup(html)
    assert ">\n\nkept</textarea>" in html, "a browser drops the first line break after the tag"
    assert [("checked" in box) for box in markup.all("input", type="checkbox")] == [False, True]
    assert [option["value"] for option in markup.all("option") if "selected" in option] == ["2"]


def test_safety_comes_before_the_form() -> None:
    html = render.reply(OpenForm(form=form_of("Words"), before=(Card(title="Call 999", mood="safety"),))).html
    assert html.index("Call 999") < html.index("<form")


def test_what_is_in_the_feed_is_not_said_twice() -> None:
    house = Playhouse(id="aet", name="A", policy="P", cast=(Persona(user="t", person="p", name="Teacher"),))
    waits, help_ = Card(title="Waits for you"), Card(title="What I can do")
    html = render.clerk(
        Visitor.player(house, house.cast[0]),
        commands=(),
        home=Home(cards=(waits, help_)),
        feed=(waits,),
        mark="1",
    )
    assert html.count('<span dir="auto">Waits for you') == html.count('<span dir="auto">What I can do') == 1


def test_a_card_is_recognised_from_one_drawing_to_the_next() -> None:
    first = Card(
        title="Waits for you", buttons=(Button(action="open", label="Open", target="r1", version=1),)
    )
    later = Card(
        title="Waits for you", buttons=(Button(action="open", label="Open", target="r1", version=2),)
    )
    done = Card(title="Approved", buttons=(Button(action="open", label="Open", target="r1", version=3),))
    assert render.key(first) == render.key(later) == render.key(done) == "r1"
    assert render.digest(first) != render.digest(later)
    assert render.news(first) == render.news(later) != render.news(done)
    staged = Card(title="T", buttons=(Button(action="approve", label="Approve", target="r1/decision"),))
    assert render.key(staged) == "r1"
    assert render.key(Card(title="A")) != render.key(Card(title="B"))
