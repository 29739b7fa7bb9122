"""Cards that Teams asks for again when somebody looks at them: the right buttons for whoever it is, nothing that
is not theirs, and nothing done by looking."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.store.places import Channel
from tests.adapters.seen import teams_actions
from tests.adapters.teams.deeds import ask_to_unblock, report_a_concern
from tests.adapters.teams.fake_teams import TENANT, Posted, User
from tests.adapters.teams.staff import CHANNEL, InTeams, Staffer, dialog, replaced, words
from tests.databases import rows


async def looks(person: Staffer, posted: Posted, channel: str = "") -> Any:
    """What Teams does when a card comes into somebody's sight: the answer."""
    action = posted.card["refresh"]["action"]
    assert "userIds" not in posted.card["refresh"]
    value = {"action": {"type": action["type"], "verb": action["verb"], "data": action["data"]}}
    rest = {"replyToId": posted.id, "channel": channel}
    return await person.posts(type="invoke", name="adaptiveCard/action", value=value, **rest)


def buttons(card: dict[str, Any]) -> list[str]:
    """The titles of the buttons on a card."""
    return [action["title"] for action in teams_actions(card) if "action" in action["data"]]


@contextmanager
def nothing_written(teams: InTeams) -> Iterator[None]:
    """Nothing is written to the database, and nobody is sent anything."""
    posted, before = len(teams.fake.posted), rows(teams.stage.clerk.database)
    yield
    assert rows(teams.stage.clerk.database) == before
    assert len(teams.fake.posted) == posted


async def test_in_a_channel_everybody_sees_the_buttons_they_can_use(teams: InTeams) -> None:
    technician, teacher, other = teams["ict-technician"], teams["class-teacher"], teams["teaching-assistant"]
    where = Channel(role="ict-technician", platform="teams", tenant=TENANT, channel=CHANNEL)
    teams.stage.clerk.places.set_channel("aet", where)
    visitor = User("u-visitor", "Visitor", role="guest")
    teams.fake.users[visitor.aad] = visitor
    everybody = {"ict-technician": technician, "class-teacher": teacher, "other": other}
    for person in everybody.values():
        await person.says("hello", CHANNEL)
    await Staffer(teams, visitor).says("hello", CHANNEL)
    await ask_to_unblock(teacher)
    asked = next(p for p in teams.fake.messages.values() if p.conversation == CHANNEL and "refresh" in str(p))
    theirs = ["Open details", "Pass to headteacher", "Send back", "Hand on"]
    assert buttons(asked.card) == theirs  # for whoever's Teams asks for nothing
    with nothing_written(teams):
        seen = {n: replaced(await looks(p, asked, CHANNEL)) for n, p in everybody.items()}
        assert [buttons(seen[name]) for name in everybody] == [theirs, ["Open details"], []]
        assert all("A lesson." not in str(card) for card in seen.values())
        assert (await looks(Staffer(teams, visitor), asked, CHANNEL))["statusCode"] == 400
    assert "refresh" in seen["ict-technician"]
    form = dialog(await technician.presses(asked.card, theirs[1], channel=CHANNEL, message=asked.id))
    await technician.fills(form, channel=CHANNEL, message=asked.id, blocked="yes")
    after = replaced(await looks(technician, asked, CHANNEL))
    assert "Check by ICT: ICT technician" in words(after)
    assert (buttons(after), "refresh" in after) == (["Open details"], False)


async def test_alone_a_card_shows_how_it_stands_and_what_is_anothers_stays_anothers(teams: InTeams) -> None:
    technician, teacher, head = teams["ict-technician"], teams["class-teacher"], teams["headteacher"]
    for person in (technician, head, teams["teaching-assistant"]):
        await person.greets()
    reference = await ask_to_unblock(teacher)
    asked, status = technician.card_about(reference), teacher.card_about("not opened yet")
    with nothing_written(teams):
        assert replaced(await looks(technician, asked)) == asked.card
        dialog(
            await technician.presses(asked.card, "Pass to headteacher", message=asked.id)
        )  # opening a form writes nothing either
        assert "not opened yet" in words(replaced(await looks(teacher, status)))
        assert reference not in words(replaced(await looks(teams["teaching-assistant"], asked)))
    await technician.acts(asked, "Pass to headteacher", blocked="yes")
    after = replaced(await looks(technician, asked))
    assert "Waiting for: Decision by the headteacher" in words(after)
    assert buttons(after) == ["Open details"]


async def test_of_a_concern_looking_shows_no_more_than_the_card_and_opens_nothing(teams: InTeams) -> None:
    dsl, teacher = teams["dsl"], teams["class-teacher"]
    for person in (dsl, teams["teaching-assistant"]):
        await person.greets()
    await dsl.says("hello", CHANNEL)
    await report_a_concern(teacher)
    await teams.deliver()
    asked = dsl.card_about("Urgency")
    with nothing_written(teams):
        assert replaced(await looks(dsl, asked)) == asked.card
        assert "AET-" not in words(replaced(await looks(teams["teaching-assistant"], asked)))
        assert "Urgency" not in words(replaced(await looks(dsl, asked, CHANNEL)))
    assert "not opened yet" in words(replaced(await looks(teacher, teacher.card_about("not opened yet"))))


async def test_only_teams_itself_asks_for_a_card(teams: InTeams) -> None:
    technician = teams["ict-technician"]
    await technician.greets()
    asked = technician.card_about(await ask_to_unblock(teams["class-teacher"]))
    data = asked.card["refresh"]["action"]["data"]
    for way in (
        {"type": "message", "value": data},
        {"type": "invoke", "name": "task/submit", "value": {"data": data}},
    ):
        status, _ = await teams.post({**technician.posted, **way, "id": f"again-{way['type']}"})
        assert status == 400
    unknown = {"action": {"type": "Action.Execute", "data": {"shown": "no-such-request/x"}}}
    answer = await technician.posts(type="invoke", name="adaptiveCard/action", value=unknown)
    assert answer["statusCode"] == 400
