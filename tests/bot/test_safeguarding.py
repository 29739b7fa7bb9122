"""SAFEGUARDING.md, line by line, as far as triage and cards go; each test is named after its line."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import events, safeguarding
from bot import triage as triage_module
from bot.cards import Card, Form, Link, Message, Quote, Text
from bot.conversation import first_card
from bot.people import Contact, School
from bot.safeguarding import image_card, national_services, safety_card, signposts, urgent_line
from bot.triage import Triage
from tests.school import Stage, packaged, staged, text_of

SCHOOLS = ("aet", "step", "leamington", "leading-edge", "st-alphege")
LEVELS = ("emergency", "dsl", "headteacher")
DISCLOSURE = "A girl in my class told me her uncle touches her and she is scared to go home"
EMERGENCY = "She has just taken all of her mum's tablets"
STAFF = "A teacher is sending a Year 10 girl private messages at night asking for photos"


@pytest.fixture
def aet(home: Path) -> Iterator[Stage]:
    """The Aspire Educational Trust and its cast."""
    yield from staged(home)


def school(name: str, tmp_path: Path) -> School:
    """A packaged school's settings."""
    return packaged(name).school


def cards(name: str, tmp_path: Path) -> list[Card]:
    """Every safety card of a school."""
    it = school(name, tmp_path)
    every = [
        safety_card(it, Triage(level=level, about_head=head, image=image), closed=closed)
        for level in LEVELS
        for head in (False, True)
        for image in (False, True)
        for closed in (False, True)
    ]
    return [*every, image_card(it), image_card(it, closed=True)]


def labels(card: Card) -> list[str]:
    """The people and services on a card, from top to bottom."""
    return [part.label for part in card.parts if isinstance(part, Link)]


@pytest.mark.parametrize("name", SCHOOLS)
def test_must_2_action_first(name: str, tmp_path: Path) -> None:
    it = school(name, tmp_path)
    card = safety_card(it, Triage(level="emergency"))
    assert card.title == "If anyone is in danger now: call 999"
    assert card.parts[0] == Link(label="Emergency services", url="tel:999")
    assert labels(card)[1] == it.contacts.dsl.title
    for level in LEVELS:
        shown = safety_card(it, Triage(level=level))
        last, demo = shown.parts[-2:]
        assert demo == Text(text=safeguarding.INVENTED, tone="quiet")
        assert isinstance(last, Text)
        assert "No one watches this chat. No one has been told. This is not a record" in last.text
        assert all(part.url.startswith("tel:") for part in shown.parts if isinstance(part, Link))
        assert "call 999" in text_of(shown).casefold()


def test_must_2_each_level_begins_in_its_own_way(tmp_path: Path) -> None:
    titles = {safety_card(school("aet", tmp_path), Triage(level=level)).title for level in LEVELS}
    assert len(titles) == 3


@pytest.mark.parametrize("name", SCHOOLS)
@pytest.mark.parametrize("level", ["emergency", "dsl"])
def test_must_3_deputy_then_senior_leadership_then_social_care(name: str, level: str, tmp_path: Path) -> None:
    it = school(name, tmp_path)
    found = Triage.model_validate({"level": level})
    wanted = [c.title for c in (it.contacts.dsl, *it.contacts.deputies, it.contacts.headteacher)]
    wanted += [it.contacts.social_care.title, it.contacts.out_of_hours.title]
    open_now, closed_now = (safety_card(it, found, closed=closed) for closed in (False, True))
    assert [label for label in labels(open_now) if label != "Emergency services"] == wanted[:-1]
    assert [label for label in labels(closed_now) if label != "Emergency services"] == wanted
    assert "School is closed now" in text_of(closed_now)
    assert "School is closed" not in text_of(open_now)


@pytest.mark.parametrize("name", SCHOOLS)
def test_must_3_never_somebody_will_already_know(name: str, tmp_path: Path) -> None:
    for card in cards(name, tmp_path):
        assert not re.search(
            r"already (know|been told|aware)|will have been told", text_of(card), re.IGNORECASE
        )


def test_must_4_image_rule(tmp_path: Path) -> None:
    it = school("aet", tmp_path)
    for verb in ("view", "copy", "print", "forward", "save", "screenshot", "show"):
        assert verb in safeguarding.IMAGE_RULE
    for level in LEVELS:
        card = safety_card(it, Triage(level=level, image=True))
        place = next(
            i
            for i, part in enumerate(card.parts)
            if part == Text(text=safeguarding.IMAGE_RULE, tone="strong")
        )
        assert place <= 1
        assert "Is an adult sharing it? Call 999 now." in text_of(card)
        assert it.contacts.dsl.title in labels(card)
        assert safeguarding.IMAGE_RULE not in text_of(safety_card(it, Triage(level=level)))


def test_must_4_the_image_gate_ends_the_form_and_names_the_police_for_an_adult(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    reply = teacher.sends(teacher.calls("report-content"), danger="no", image="yes")
    assert isinstance(reply, Message)
    said = text_of(reply)
    assert "This form has been closed. Nothing was sent or kept." in said
    assert "Is an adult sharing it? The police must know at once:" in said
    assert "Report Remove" in said
    assert "Internet Watch Foundation" in said


def test_must_4_the_triage_sees_an_image(aet: Stage) -> None:
    told = "a boy in year 9 has sent round a naked picture of a girl in his class"
    reply = aet["class-teacher"].asks(told)
    assert safeguarding.IMAGE_RULE in text_of(reply)


@pytest.mark.parametrize("name", SCHOOLS)
def test_must_5_about_staff_the_head_about_the_head_the_chair(name: str, tmp_path: Path) -> None:
    it = school(name, tmp_path)
    staff = labels(safety_card(it, Triage(level="headteacher")))
    assert it.contacts.headteacher.title in staff
    assert staff[-2:] == [it.contacts.chair.title, it.contacts.lado.title]
    head = safety_card(it, Triage(level="headteacher", about_head=True))
    assert head.title == "Tell the chair, not the head"
    assert labels(head) == [it.contacts.chair.title, it.contacts.lado.title]
    assert Triage(level="headteacher", about_head=True).to(it) == (it.chair,)


def test_must_5_leading_edge_shows_its_policy_and_the_national_guidance(tmp_path: Path) -> None:
    it = school("leading-edge", tmp_path)
    card = safety_card(it, Triage(level="headteacher"))
    said = text_of(card)
    assert said.index("Your school's policy says:") < said.index("National guidance says:")
    assert labels(card)[:3] == ["Designated safeguarding lead", "Deputy safeguarding lead", "Headteacher"]
    assert Triage(level="headteacher").to(it) == ("dsl", "headteacher")
    assert "National guidance" not in text_of(
        safety_card(school("aet", tmp_path), Triage(level="headteacher"))
    )


@pytest.mark.parametrize("name", SCHOOLS)
@pytest.mark.parametrize("level", LEVELS)
def test_must_5_when_the_head_is_spoken_of_no_card_names_the_head(
    name: str, level: str, tmp_path: Path
) -> None:
    it = school(name, tmp_path)
    shown = labels(safety_card(it, Triage.model_validate({"level": level, "about_head": True})))
    assert it.contacts.chair.title in shown
    assert not [label for label in shown if re.search(r"head ?teacher|head of school", label, re.IGNORECASE)]


def test_must_6_a_nagging_doubt_is_welcome_without_a_verdict(tmp_path: Path) -> None:
    said = text_of(safety_card(school("aet", tmp_path), Triage(level="headteacher")))
    assert "welcome, however small" in said
    assert "You do not have to be sure" in said
    assert "It can be about yourself" in said


def test_must_7_signposts_from_one_dated_file(tmp_path: Path) -> None:
    names = {service.name for service in national_services()}
    assert {
        "Emergency services",
        "Police",
        "Professionals Online Safety Helpline",
        "Report Harmful Content",
        "CEOP Safety Centre",
        "Internet Watch Foundation",
        "Report Remove",
        "NSPCC helpline",
    } <= names
    assert "checked" in safeguarding.Service.model_fields
    for at in (signposts(), signposts(school("aet", tmp_path))):
        assert len([label for label in labels(at) if any(name in label for name in names)]) == len(names)


def test_must_8_the_account_belongs_in_the_safeguarding_system(tmp_path: Path) -> None:
    for level in LEVELS:
        said = text_of(safety_card(school("aet", tmp_path), Triage(level=level)))
        assert "write down what happened in your school's safeguarding system" in said


@pytest.mark.parametrize("name", SCHOOLS)
def test_must_10_only_the_schools_own_numbers_and_the_national_ones(name: str, tmp_path: Path) -> None:
    it = school(name, tmp_path)
    own = {re.sub(r"\D", "", contact.phone) for contact in it.contacts.everyone} | {"999"}
    assert it.contacts.fictional
    assert all(contact.phone.startswith("01632 960") for contact in it.contacts.everyone)
    for card in cards(name, tmp_path)[:-2]:
        assert safeguarding.INVENTED in text_of(card)
        assert {re.sub(r"\D", "", part.url) for part in card.parts if isinstance(part, Link)} <= own


def test_must_12_the_triages_encoder_keeps_no_text() -> None:
    triage_module.triage("she says that her uncle hurts her, frobozz")
    encoder = triage_module._own_judge()._encoder
    assert encoder is None or not getattr(encoder, "_kept", ())


@pytest.mark.parametrize("name", SCHOOLS)
def test_must_never_2_3_4_ask_for_detail_promise_or_judge(name: str, tmp_path: Path) -> None:
    for card in cards(name, tmp_path):
        said = text_of(card).casefold()
        assert not re.search(
            r"what happened\?|tell (me|us) more|describe|name of the child|child's name", said
        )
        assert not re.search(r"confidential|anonym|in confidence|between us", said)
        verdicts = r"\b(crime|criminal|abuse|breach|guilty|allegation|victim|offence)\b"
        assert not re.search(verdicts, plain(card).casefold())
        assert not re.search(r"(speak|talk) to (him|her|them|the person|your colleague)", said)
        for part in card.parts:
            assert (
                not isinstance(part, Text)
                or "?" not in part.text
                or ":" in part.text
                or "Not there?" in part.text
                or part.text == safeguarding.BY_AN_ADULT
            )


def test_must_never_6_put_what_was_typed_on_a_card_or_in_a_button(aet: Stage) -> None:
    for told in (DISCLOSURE, EMERGENCY, STAFF):
        reply = aet["class-teacher"].asks(told)
        assert isinstance(reply, Message)
        assert told not in text_of(reply)
        assert told not in reply.model_dump_json()


def test_must_never_6_write_a_log_or_a_file_in_triage() -> None:
    source = inspect.getsource(triage_module)
    assert not re.search(r"\b(logging|structlog|print|open|write_text)\(", source)


def test_must_never_8_hide_help_behind_a_list(aet: Stage) -> None:
    nobody = events.Identity(platform="web", tenant="aet", user="nobody-we-know")
    reply = aet.clerk.assistant.handle(events.Asked(id="s1", who=nobody, text=EMERGENCY))
    assert isinstance(reply, Message)
    assert reply.cards[0].mood == "safety"
    assert "999" in text_of(reply.cards[0])


def test_must_never_9_let_an_emergency_read_as_a_policy_question_or_the_reverse(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    urgent = teacher.asks("She has swallowed a lot of pills, what does the policy say I should do?")
    lesson = teacher.asks("What does the policy say about cyberbullying?")
    assert isinstance(urgent, Message)
    assert isinstance(lesson, Message)
    assert urgent.cards[0].title == "If anyone is in danger now: call 999"
    assert all(card.mood != "safety" for card in lesson.cards)
    assert urgent_line(aet.published.school).text not in text_of(lesson)


@pytest.mark.parametrize("name", SCHOOLS)
def test_must_5_whoever_stands_in_for_the_head_is_on_no_card_about_the_head(
    name: str, tmp_path: Path
) -> None:
    """A deputy head who is also a deputy DSL, and a contact named as a deputy of the head."""
    it = school(name, tmp_path)
    head = next(it.roles[key] for key in sorted(it.head_roles))
    stands_in = [Contact(title="Deputy headteacher", phone="01632 960 008")]
    stands_in += [Contact(title=it.title(key), phone="01632 960 009") for key in head.deputies]
    contacts = it.contacts.model_copy(update={"deputies": (*stands_in, *it.contacts.deputies)})
    it = it.model_copy(update={"contacts": contacts})
    for level in LEVELS:
        shown = labels(safety_card(it, Triage(level=level, about_head=True)))
        assert not {contact.title for contact in stands_in} & set(shown)


def test_must_5_where_the_head_is_the_safeguarding_lead_the_chair_stands_in_for_both(tmp_path: Path) -> None:
    """St Alphege's Head of School is its safeguarding lead, and the lead's deputy is a deputy of hers."""
    it = school("st-alphege", tmp_path)
    card = safety_card(it, Triage(level="dsl", about_head=True))
    assert card.title == "Tell the chair of governors now"
    assert labels(card) == [it.contacts.chair.title, it.contacts.social_care.title]
    assert Triage(level="dsl", about_head=True).to(it)[0] == it.chair
    assert safety_card(it, Triage(level="dsl")).title == "Tell your safeguarding lead now"


@pytest.mark.parametrize(
    ("name", "whom", "says"),
    [
        ("aet", Triage(level="dsl"), "handled as the Child Protection and Safeguarding Policy"),  # aet:223
        ("aet", Triage(level="headteacher"), "reported to the headteacher/principal"),  # aet:225
        ("aet", Triage(level="headteacher", about_head=True), "Chair of the Board of Trustees"),  # aet:225
        ("step", Triage(level="dsl"), "authorities must be informed immediately"),  # step:255
        ("step", Triage(level="headteacher"), "responsibility to report it to the Headteacher"),  # step:144
        ("leamington", Triage(level="dsl"), "lead safeguarding officer"),  # leamington:154
        ("leamington", Triage(level="headteacher"), "lead safeguarding officer"),  # leamington:154
        ("leading-edge", Triage(level="dsl"), "reported to the DSL, or the deputy"),  # leading-edge:103
        (
            "leading-edge",
            Triage(level="headteacher"),
            "reported to the DSL, or the deputy",
        ),  # leading-edge:103
        (
            "st-alphege",
            Triage(level="dsl"),
            "Inform the DSL (or deputy), their line manager",
        ),  # st-alphege:109
        ("st-alphege", Triage(level="headteacher"), "allegations against staff"),  # st-alphege:59
    ],
)
def test_the_card_quotes_what_the_policy_says_to_do(
    name: str, whom: Triage, says: str, tmp_path: Path
) -> None:
    quoted = first_card(packaged(name), whom, False).parts[-1]
    assert isinstance(quoted, Quote)
    assert says in quoted.text


@pytest.mark.parametrize("name", [name for name in SCHOOLS if name != "aet"])
def test_no_clause_sends_a_concern_about_the_head_to_the_head(name: str, tmp_path: Path) -> None:
    """Only aet's policy says whom to tell (aet:225)."""
    card = first_card(packaged(name), Triage(level="headteacher", about_head=True), False)
    assert not [part for part in card.parts if isinstance(part, Quote)]


@pytest.mark.parametrize("name", SCHOOLS)
def test_wording_reading_age_is_eleven_or_less(name: str, tmp_path: Path) -> None:
    """Eleven is grade 6; the bar is grade 7."""
    for card in cards(name, tmp_path):
        assert reading_age(plain(card)) <= 11, plain(card)


@pytest.mark.parametrize("name", SCHOOLS)
def test_wording_is_short_and_calm(name: str, tmp_path: Path) -> None:
    for card in cards(name, tmp_path):
        said = plain(card).replace(safeguarding.INVENTED, "")
        assert len(said.split()) <= (130 if safeguarding.IMAGE_RULE in said else 100), said
        assert len(card.title) <= 48
        assert "!" not in plain(card)
        for sentence in re.split(r"[.?:]\s", plain(card)):
            assert len(sentence.split()) <= 16, sentence


def plain(card: Card) -> str:
    """The card's sentences. Names of people and services are the school's, not ours."""
    return " ".join([f"{card.title}.", *(part.text for part in card.parts if isinstance(part, Text))])


def reading_age(text: str) -> float:
    """Flesch-Kincaid grade and five, which is about the age in England. Syllables by groups of vowels."""
    sentences = [s for s in re.split(r"[.?!:]+(?:\s|$)", text) if s.strip()]
    words = re.findall(r"[A-Za-z']+", text)
    syllables = sum(
        max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.casefold())))) for word in words
    )
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59 + 5


def test_the_reading_age_measure_itself() -> None:
    assert reading_age("Ring your lead now. Do not wait for me.") < 8
    assert (
        reading_age(
            "Notwithstanding organisational accountability, practitioners should consider escalation."
        )
        > 16
    )
    assert isinstance(Form(id="f", title="t"), Form)
