"""What finished requests leave behind: found by those entitled, kept from those it is about, exported."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.cards import Button, Choice, Details, FieldErrors, Message, OpenForm, Reply, Results, UpdateForm
from bot.events import HomeOpened
from bot.workflows import requests
from bot.workflows.change import NotYours
from tests.school import Player, Stage, staged, text_of

FILLED = {
    "url": "https://www.instagram.com/nasa",
    "content": "Pictures from space.",
    "reasons": "A science lesson about planets.",
    "risks": "Comments by strangers: I hide them.",
    "for_pupils": "no",
}
SITES = ("https://www.instagram.com/nasa", "https://www.example.org/rivers", "https://www.example.net/chess")


def decided(aet: Stage, url: str, *, refused: bool = False) -> None:
    """A request to unblock a site, from the form to its end."""
    teacher, technician, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]
    teacher.sends(teacher.calls("unblock-request"), **FILLED | {"url": url})
    aet.deliver()
    technician.acts("Pass to headteacher", blocked="yes", technical_risks="None beyond the usual.")
    aet.deliver()
    head.acts("Refuse" if refused else "Approve", reason="Not for lessons." if refused else "Good use.")
    aet.deliver()
    if not refused:
        technician.acts("Mark done", until="2026-12-18")
        aet.deliver()
    aet.clock.pass_by(timedelta(seconds=1))


def opened(player: Player, name: str = "filtering-decisions") -> Reply:
    return player.presses(Button(action="register_open", label="Open", target=name))


def button(reply: Reply, label: str) -> Button:
    found = [b for card in reply.cards for b in card.buttons if b.label == label]  # type: ignore[union-attr]
    assert found, f"no button “{label}” in {reply}"
    return found[0]


def test_three_requests_end_and_the_register_shows_them_to_those_entitled(aet: Stage) -> None:
    for url in SITES[:2]:
        decided(aet, url)
    decided(aet, SITES[2], refused=True)
    for user in ("ict-technician", "headteacher"):
        overview = aet[user].calls("registers")
        assert isinstance(overview, Results)
        filtering = next(card for card in overview.cards if card.title == "Filtering decisions")
        assert "3 entries." in text_of(filtering)
        listed = opened(aet[user])
        assert isinstance(listed, Results)
        assert [card.title for card in listed.cards] == list(reversed(SITES)), "newest first"
        first = text_of(listed.cards[0])
        for said in ("Class teacher", "Refused", "Not for lessons.", "Headteacher", "9 Nov 2026", "AET-"):
            assert said in first
        assert "18 Dec 2026" in text_of(listed.cards[1])
        assert "ICT technician" in text_of(listed.cards[1])


def test_others_are_told_whose_it_is_and_find_nothing(aet: Stage) -> None:
    decided(aet, SITES[0])
    entry = aet.clerk.store.entries("aet", "filtering-decisions")[0]
    teacher = aet["class-teacher"]
    assert "ict technician" in text_of(teacher.calls("registers"))
    assert "registers" not in {command for command, _, _ in aet.clerk.assistant.commands(teacher.who)}
    told = text_of(opened(teacher))
    assert "“Filtering decisions” is for: ICT technician, Headteacher" in told
    for action in ("register_open", "register_search", "register_add", "register_end", "register_details"):
        for target in ("filtering-decisions", entry.id):
            reply = teacher.presses(Button(action=action, label="?", target=target))
            assert isinstance(reply, Message), (action, target)
            assert "nasa" not in text_of(reply)


def test_a_request_that_is_not_finished_leaves_nothing(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(teacher.calls("unblock-request"), **FILLED)
    aet.deliver()
    assert aet.clerk.store.entries("aet", "filtering-decisions") == ()
    teacher.presses("Withdraw")
    assert aet.clerk.store.entries("aet", "filtering-decisions") == ()


def test_search_finds_every_word_in_any_cell(aet: Stage) -> None:
    for url in SITES:
        decided(aet, url)
    head = aet["headteacher"]
    form = head.presses(Button(action="register_search", label="Search", target="filtering-decisions"))
    for words, many in (("CHESS", 1), ("example planets", 2), ("18 dec", 3), ("chess nasa", 0), ("aet-", 3)):
        reply = head.sends(form, words=words)
        assert isinstance(reply, Results)
        assert len(reply.cards) == many, words
    assert isinstance(head.sends(form, words=" "), FieldErrors)


def test_whatever_is_typed_into_the_forms_of_a_register_is_looked_at_for_safety(aet: Stage) -> None:
    told = "a girl in my class told me her uncle touches her"
    office = aet["office-manager"]
    entry = office.presses(Button(action="register_add", label="Add", target="official-accounts"))
    (card,) = getattr(office.sends(entry, platform="Our page"), "cards", ())
    (end,) = (button for button in card.buttons if button.action == "register_end")
    forms = (
        (Button(action="register_search", label="Search", target="official-accounts"), {"words": told}),
        (Button(action="register_add", label="Add", target="official-accounts"), {"purpose": told}),
        (Button(action="register_add", label="Add", target="official-accounts"), {"administrators": told}),
        (end, {"reason": told}),
    )
    for button, values in forms:
        form = office.presses(button)
        for act in (office.sends, office.changes):
            reply = act(form, **values)
            assert isinstance(reply, UpdateForm), values
            assert reply.before[0].mood == "safety", values
            assert told in text_of(reply.form), "what was typed is kept"
        assert not isinstance(office.sends(reply, **values), UpdateForm), "not in the way a second time"


def test_pages_of_ten(aet: Stage) -> None:
    office = aet["office-manager"]
    for number in range(12):
        form = office.presses(Button(action="register_add", label="Add", target="official-accounts"))
        office.sends(form, platform=f"Page {number}")
        aet.clock.pass_by(timedelta(seconds=1))
    first = opened(aet["headteacher"], "official-accounts")
    assert isinstance(first, Results)
    assert "12 entries" in first.title
    assert [card.title for card in first.cards] == [f"Page {n}" for n in range(11, 1, -1)]
    assert first.older is not None
    second = aet["headteacher"].presses(first.older)
    assert isinstance(second, Results)
    assert [card.title for card in second.cards] == ["Page 1", "Page 0"]
    assert second.older is None


def test_what_existed_before_is_entered_once_by_the_administrator(aet: Stage) -> None:
    office, head = aet["office-manager"], aet["headteacher"]
    add = button(office.calls("registers"), "Add an entry")
    form = office.presses(add)
    assert isinstance(form, OpenForm)
    assert isinstance(office.sends(form, url="x"), FieldErrors), "the first column is needed"
    wrong = office.sends(form, address="not an address", ends="soon")
    assert isinstance(wrong, FieldErrors)
    assert {field for field, _ in wrong.errors} == {"address", "ends"}
    filled = {
        "address": "https://old.example.org",
        "decided_by": "headteacher\nSomebody before",
        "why": "Maps.",
    }
    for _ in range(2):
        office.sends(form, **filled)
    listed = opened(head)
    assert isinstance(listed, Results)
    assert len(listed.cards) == 1, "sent twice is one entry"
    said = text_of(listed)
    assert "Entered by Office manager, on 9 Nov 2026, 09:30." in said
    entry = aet.clerk.store.entries("aet", "filtering-decisions")[0]
    assert entry.people == {"decided_by": (head.id,)}
    refused = head.presses(add)
    assert "Only the school's administrator" in text_of(refused)


def test_an_entry_is_ended_with_a_reason_and_never_deleted(aet: Stage) -> None:
    decided(aet, SITES[0])
    head, technician = aet["headteacher"], aet["ict-technician"]
    end = button(opened(head), "End this entry")
    form = technician.presses(end)
    assert isinstance(technician.sends(form, reason=" "), FieldErrors)
    late = head.presses(end)
    technician.sends(form, reason="The site is gone.")
    listed = opened(head)
    assert isinstance(listed, Results)
    assert "1 entry, 1 of them ended" in listed.title
    assert "Ended 9 Nov 2026, 09:30 by ICT technician: The site is gone." in text_of(listed)
    assert not any(b.label == "End this entry" for card in listed.cards for b in card.buttons)
    assert "ended already" in text_of(head.sends(late, reason="Again."))
    assert aet.clerk.store.verify("aet") == []


def test_a_reminder_stands_on_the_page_of_those_who_see_the_register(aet: Stage) -> None:
    office = aet["office-manager"]
    form = office.presses(Button(action="register_add", label="Add", target="official-accounts"))
    office.sends(form, platform="School blog", closes="2026-12-01")
    form = office.presses(Button(action="register_add", label="Add", target="official-accounts"))
    office.sends(form, platform="Choir page", closes="2027-12-01")

    def home(user: str) -> str:
        who = aet[user].who
        return text_of(aet.clerk.assistant.handle(HomeOpened(id="home", who=who)))

    assert "Coming up: Official accounts\nSchool blog\nCloses on: 1 Dec 2026" in home("headteacher")
    assert "Choir page" not in home("headteacher")
    assert "School blog" not in home("class-teacher")


def declared(stage: Stage, user: str) -> None:
    """A relationship declared and talked over."""
    form = stage[user].calls("declare-relationship")
    values = {"tie": "friends", "to": "dsl", "contact": "We share a photo group."}
    asked = stage[user].sends(form, **values)
    stage[user].sends(asked, **values, about_receiver="no")
    stage.deliver()
    lead = stage["dsl"]
    details = lead.presses("Open details")
    receive = next(b for b in details.card.buttons if b.action == "close")  # type: ignore[union-attr]
    lead.sends(
        lead.presses(receive), reason="Settled.", decision="Stays in touch.", advice="Not on school days."
    )
    stage.deliver()


def test_an_entry_about_people_shows_only_that_it_is_there_until_it_is_opened(home: Path) -> None:
    for stage in staged(home, "leading-edge"):
        declared(stage, "class-teacher")
        lead = stage["dsl"]
        listed = opened(lead, "relationships")
        assert isinstance(listed, Results)
        assert len(listed.cards) == 1
        assert "friend" not in text_of(listed)
        assert "Class teacher" not in text_of(listed)
        before = stage.clerk.store.printed_head("leading-edge").count
        details = lead.presses(button(listed, "Open details"))
        assert isinstance(details, Details)
        for said in ("Class teacher", "A parent is a friend", "Stays in touch.", "Not on school days."):
            assert said in text_of(details)
        assert stage.clerk.store.printed_head("leading-edge").count == before + 1, "the opening is recorded"
        assert "is for" in text_of(opened(stage["class-teacher"], "relationships"))


def test_somebody_an_entry_is_about_never_finds_it(home: Path) -> None:
    """By list, count, search, button or export; also when they are named only after it was closed, and
    whoever deputises for a head it is about."""
    for stage in staged(home, "leading-edge"):
        declared(stage, "class-teacher")
        office, head = stage["office-manager"], stage["headteacher"]
        listed = opened(head, "relationships")
        assert isinstance(listed, Results)
        details = button(listed, "Open details")
        request = stage.clerk.store.entries("leading-edge", "relationships")[0].request
        assert "no entries" in opened(office, "relationships").title  # type: ignore[union-attr]
        known = stage.clerk.store.load(request)
        assert known is not None
        ctx = stage.clerk.services.context(known)
        lead = stage["dsl"].id
        stage.clerk.store.save(requests.name_subject(ctx, known, lead, head.id))
        cards = {card.title: text_of(card) for card in head.calls("registers").cards}  # type: ignore[union-attr]
        assert "No entries." in cards["Relationships declared"]
        assert "no entries" in opened(head, "relationships").title  # type: ignore[union-attr]
        search = head.presses(Button(action="register_search", label="Search", target="relationships"))
        assert head.sends(search, words="friend").cards == ()  # type: ignore[union-attr]
        assert text_of(head.presses(details)) == text_of(
            head.presses(details.model_copy(update={"target": "no-such-entry"}))
        )
        table = stage.clerk.assistant.export(head.who, "relationships")
        assert len(table.rows) == 1, "the header alone"
        assert len(stage.clerk.assistant.export(stage["dsl"].who, "relationships").rows) == 2


def test_what_the_administrator_enters_about_somebody_is_kept_from_them(home: Path) -> None:
    for stage in staged(home, "leading-edge"):
        office, head = stage["office-manager"], stage["headteacher"]
        form = office.presses(Button(action="register_add", label="Add", target="relationships"))
        office.sends(form, who="Class teacher", tie="A parent.", about_person=head.id)
        assert "1 entry" in opened(stage["dsl"], "relationships").title  # type: ignore[union-attr]
        assert "no entries" in opened(head, "relationships").title  # type: ignore[union-attr]


def test_the_share_of_staff_who_have_read_the_policy_in_force(aet: Stage) -> None:
    for user in ("class-teacher", "dsl"):
        aet[user].sends(aet[user].calls("acknowledge"), what=("policy", "acceptable_use"))
    aet["ceo"].sends(aet["ceo"].calls("acknowledge"), what="acceptable_use")
    staff = len(aet.clerk.directory.staff("aet").current)
    overview = text_of(aet["headteacher"].calls("registers"))
    assert (
        f"2 of {staff} staff ({200 // staff}%) have an entry for the policy in force (Autumn 2023)."
        in overview
    )
    clause = aet.published.policy.clauses[0].model_copy(update={"text": "Another rule."})
    policy = aet.published.policy.model_copy(update={"clauses": (clause,), "version": "Autumn 2027"})
    changed = aet.published.model_copy(update={"policy": policy, "version": "next"})
    aet.clerk.library.publish(changed, aet.clock.now())
    assert f"0 of {staff} staff (0%)" in text_of(aet["headteacher"].calls("registers"))


def test_an_export_is_recorded_without_what_stands_in_it(aet: Stage) -> None:
    decided(aet, SITES[0])
    before = aet.clerk.store.printed_head("aet").count
    table = aet.clerk.assistant.export(aet["headteacher"].who, "filtering-decisions")
    assert SITES[0] in table.rows[1]
    assert aet.clerk.store.printed_head("aet").count == before + 1
    with pytest.raises(NotYours):
        aet.clerk.assistant.export(aet["class-teacher"].who, "filtering-decisions")
    assert aet.clerk.store.printed_head("aet").count == before + 1
    assert aet.clerk.store.verify("aet") == []


def test_the_moderators_on_the_register_are_asked_about_a_follower(home: Path) -> None:
    for stage in staged(home, "step"):
        office, teacher = stage["office-manager"], stage["class-teacher"]
        form = office.presses(Button(action="register_add", label="Add", target="official-accounts"))
        office.sends(form, platform="School blog", moderators="Teaching assistant\nA. Volunteer")
        form = office.presses(Button(action="register_add", label="Add", target="official-accounts"))
        office.sends(form, platform="Choir page")
        asked = teacher.calls("vet-follower")
        assert isinstance(asked, OpenForm)
        sites = next(i for i in asked.form.inputs if i.id == "account")
        assert isinstance(sites, Choice)
        offered = {option.label: option.value for option in sites.options}
        assert list(offered) == ["Choir page", "School blog", "Another one, not on the register"]
        follower = {"follower": "https://www.example.org/somebody"}
        assert isinstance(teacher.sends(asked, account="made-up", **follower), FieldErrors)
        teacher.sends(asked, account=offered["School blog"], **follower)
        stage.deliver()
        assert "School blog" in stage["teaching-assistant"].sees()
        assert "School blog" in text_of(stage["teaching-assistant"].calls("my-requests"))
        assert not stage["moderator"].feed()
        teacher.sends(teacher.calls("vet-follower"), account=offered["Choir page"], **follower)
        stage.deliver()
        assert "Choir page" in stage["deputy-headteacher"].sees(), "nobody moderates it"
        other = {"account": "not_listed", "account__not_listed": "A forum"}
        assert isinstance(teacher.sends(teacher.calls("vet-follower"), account="not_listed"), FieldErrors)
        teacher.sends(teacher.calls("vet-follower"), **other, **follower)
        stage.deliver()
        assert "A forum" in stage["moderator"].sees()
