"""`/my-requests`: what waits, what is one's own, what is finished; pages of ten, and a search."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import update

from adapters.outbox import Worker
from adapters.store import bodies, tables
from bot.cards import Button, Form, Message, OpenForm, Results
from tests.school import Player, Stage, text_of

FILLED = {
    "url": "https://www.instagram.com/nasa",
    "content": "Pictures from space.",
    "reasons": "A science lesson.",
    "risks": "Comments.",
    "for_pupils": "no",
}


def send(player: Player, **values: str) -> None:
    player.sends(player.calls("unblock-request"), **(FILLED | values))


def listed(player: Player, text: str = "") -> Results:
    reply = player.asks(f"/my-requests {text}")
    assert isinstance(reply, Results)
    return reply


def titles(results: Results) -> list[str]:
    """The requests of a page, without the card of filters."""
    return [card.title.split(" ")[0] for card in results.cards[1:]]


def pressed(player: Player, button: Button | None) -> Results:
    assert button is not None
    reply = player.presses(button)
    assert isinstance(reply, Results)
    return reply


def test_pages_of_ten_hold_every_request_once(aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    for _ in range(23):
        send(teacher)
        aet.clock.pass_by(timedelta(minutes=1))
    aet.deliver()
    for player, text in ((teacher, "mine"), (technician, "waiting")):
        page, seen = listed(player, text), []
        sizes = []
        while True:
            seen += titles(page)
            sizes.append(len(titles(page)))
            if page.older is None:
                break
            page = pressed(player, page.older)
        assert sizes == [10, 10, 3]
        assert len(set(seen)) == 23


def test_a_page_opens_only_its_own_requests(aet: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = aet["class-teacher"]
    for _ in range(30):
        send(teacher)
    opened = []
    whole = bodies.open_request
    monkeypatch.setattr(bodies, "open_request", lambda row, keys: opened.append(row.id) or whole(row, keys))
    assert len(titles(listed(teacher, "mine"))) == 10
    assert len(opened) == 11, "one more, to know whether there is more"


def test_it_begins_with_what_waits_and_offers_the_rest(aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    send(teacher)
    send(technician)
    aet.deliver()
    page = listed(technician)
    assert page.title == "Waiting for you"
    assert len(titles(page)) == 1
    assert [button.label for button in page.cards[0].buttons] == ["Mine", "Finished", "Search"]
    assert pressed(technician, page.cards[0].buttons[0]).title == "Your open requests"
    assert listed(teacher).title == "Your open requests"
    assert listed(teacher, "finished").title == "You have no finished requests"


def test_what_is_next_and_with_whom_since_when(aet: Stage) -> None:
    teacher, technician, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]
    send(teacher)
    aet.deliver()
    aet.clock.pass_by(timedelta(days=1))
    technician.acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    aet.clock.pass_by(timedelta(days=3))
    says = "Sent 4 days ago. Next: decision by the headteacher, with the headteacher since Tuesday."
    assert says in text_of(listed(teacher, "mine"))
    assert "Sent 4 days ago. Waits for you since Tuesday." in text_of(listed(head, "waiting"))
    assert titles(listed(technician, "waiting")) == []
    head.acts("Refuse", reason="No.")
    assert "Finished just now." in text_of(listed(teacher, "finished"))
    assert "Finished just now." in text_of(listed(technician, "finished"))


def test_a_search_finds_references_titles_and_words_of_ones_own(aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    send(teacher, reasons="Volcanoes in geography.")
    send(teacher)
    aet.deliver()
    (first,) = titles(listed(teacher, "volcanoes"))
    assert titles(listed(teacher, first.lower())) == [first]
    assert len(titles(listed(teacher, "blocked"))) == 2
    assert titles(listed(technician, first)) == [first]
    assert titles(listed(technician, "volcanoes")) == [], "words of others are not searched"
    assert titles(listed(aet["dsl"], first)) == []
    search = next(b for b in listed(teacher).cards[0].buttons if b.label == "Search")
    form = teacher.presses(search)
    assert isinstance(form, OpenForm)
    found = teacher.sends(form, words="Volcanoes")
    assert isinstance(found, Results)
    assert titles(found) == [first]
    assert "olcanoes" not in repr([b for card in found.cards for b in card.buttons])


def test_safety_first_also_in_a_search(aet: Stage) -> None:
    found = listed(aet["class-teacher"], "a child told me her uncle touches her")
    assert found.cards[0].mood == "safety"


def test_nobody_finds_what_is_about_them(aet: Stage) -> None:
    teacher, technician = aet["class-teacher"], aet["ict-technician"]
    form: Form | Message | object = teacher.sends(teacher.calls("report-content"), danger="no", image="no")
    filled = {"url": "https://example.org/x", "nature": "Bad.", "who": "pupil"}
    asked = teacher.sends(form, **filled)  # type: ignore[arg-type]
    again = teacher.sends(asked, **filled, about_receiver=technician.id)
    teacher.sends(again, **filled, about_receiver="no")
    aet.deliver()
    (reference,) = titles(listed(teacher, "mine"))
    assert titles(listed(technician, reference)) == []
    assert "example.org" not in text_of(listed(aet["dsl"], "waiting"))


def test_one_that_cannot_be_read_hides_no_other(aet: Stage, caplog: pytest.LogCaptureFixture) -> None:
    teacher = aet["class-teacher"]
    send(teacher)
    send(teacher)
    broken = aet.clerk.store.requested_by(teacher.id)[0]
    with aet.clerk.database.write() as connection:
        mine = tables.requests.c.id == broken.id
        connection.execute(update(tables.requests).where(mine).values(body=b"scratched"))
    with caplog.at_level(logging.ERROR):
        text = text_of(listed(teacher, "mine"))
    assert f"{broken.reference} could not be read" in text
    assert broken.reference in caplog.text
    assert len(titles(listed(teacher, "mine"))) == 2
    assert len(teacher.feed()) == 2
    assert len(aet.clerk.store.open_in("aet")) == 1
    aet.deliver()
    waiting = [card.title for card in aet["ict-technician"].feed()]
    assert len(waiting) == 2, "the worker goes on with the rest"
    assert f"{broken.reference} could not be read" in waiting, "it was to be theirs: they can say so"


def test_a_search_goes_on_page_by_page_and_its_button_cannot_be_read(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    for _ in range(23):
        send(teacher)
    form = teacher.presses(Button(action="list", label="Search", target="search"))
    page, seen = teacher.sends(form, words="space"), []
    while isinstance(page, Results):
        seen += titles(page)
        if page.older is None:
            break
        assert "space" not in page.older.target
        assert len(page.older.target) < 300
        stolen = aet["teaching-assistant"].presses(page.older)
        assert "search again" in text_of(stolen), "another person's button"
        page = teacher.presses(page.older)
    assert len(seen) == len(set(seen)) == 23


def reach_nobody(stage: Stage) -> None:
    """A worker without a platform gives up on what waits."""
    worker = Worker(stage.clerk.services, stage.clerk.outbox, stage.clerk.directory, {})
    while worker.work():
        pass


@pytest.mark.parametrize("command", ["unblock-request", "report-content"])
def test_what_could_not_be_delivered_waits_in_the_list_and_is_stuck(aet: Stage, command: str) -> None:
    technician, office = aet["ict-technician"], aet["office-manager"]
    if command == "unblock-request":
        send(aet["class-teacher"])
    else:
        teacher = aet["class-teacher"]
        seen = {"url": "https://example.org/horrid", "nature": "Violent pictures.", "who": "pupil"}
        form = teacher.sends(teacher.calls("report-content"), danger="no", image="no")
        teacher.sends(teacher.sends(form, **seen), **seen, about_receiver="no")
    assert titles(listed(technician, "waiting")) == []
    reach_nobody(aet)
    (waiting,) = titles(listed(technician, "waiting"))
    assert waiting in [card.title.split()[0] for card in technician.feed()]
    assert titles(listed(aet["teaching-assistant"], "waiting")) == []
    stuck = office.calls("stuck-requests")
    assert isinstance(stuck, Results)
    assert "a message about it could not be delivered" in text_of(stuck)
    assert waiting in text_of(stuck)
    assert "ICT technician" not in text_of(stuck), "who it is with is not said"
