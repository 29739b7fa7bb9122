"""What people of one school do on the page, in Slack and in Teams at once, with a word of its own in everything that
can be typed."""

from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.assistant import Assistant
from bot.events import Event, typed
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_steps import FIRST
from tests.adapters.teams.staff import CHANNEL, InTeams, dialog, words
from tests.scenarios import test_slack_and_teams as together
from tests.scenarios.on_page import Sitter
from tests.scenarios.wiretap import WORDS, word
from tests.slack_server import User


@dataclass
class Everywhere:
    """One school, and people of it on the page, in Slack and in Teams."""

    slack: Office
    teams: InTeams
    browser: ClientSession
    page: dict[str, Sitter]

    async def sits_down(self, user: str) -> Sitter:
        """Somebody who has no chat signs in on the page."""
        clerk, person = self.teams.stage.clerk, self.teams.stage[user].id
        for identity in clerk.directory.identities_of(person):
            clerk.directory.unlink(identity)
        token = clerk.sign_ins.link([person])
        answer = await self.browser.post(f"{self.slack.url}/sign-in", json={"token": token})
        self.page[user] = Sitter(self.browser, self.slack.url, answer.cookies["policyclerk"].value)
        return self.page[user]


async def sends(user: User, **values: object) -> None:
    await user.fills(values)
    await user.submits()
    await user.slack.quiet(0.1)


async def clears(user: User) -> None:
    await user.slack.quiet(0.1)
    while user.modal:
        await user.closes(everything=True)


async def gates(user: User, command: str) -> None:
    await user.types(command)
    await sends(user, danger="No", image="No")


async def disclosures(school: Everywhere) -> None:
    """Typed to the clerk, in channels, and reported: on every platform."""
    slack, teams = school.slack, school.teams
    teacher, officer, technician = slack["class-teacher"], slack["marketing-officer"], teams["ict-technician"]
    told = "A girl in my class told me {} touches her"
    await teacher.says(told.format(word("disclosure")))
    await teacher.until("Designated safeguarding lead")
    await teacher.changes(
        teacher.messages("dm")[0], told.format(word("disclosure, changed")) + " and hits her"
    )
    slack.slack.channel("CSTAFF", teacher.id, officer.id)
    await teacher.says(f"@Policy Clerk can I post a picture of {word('question in a channel')}?", "CSTAFF")
    await teacher.says("@Policy Clerk " + told.format(word("disclosure in a channel")), "CSTAFF")
    await officer.until("I have sent the answer to you alone", "CSTAFF")
    await officer.says(told.format(word("message reported")), "CSTAFF")
    await teacher.uses_shortcut("report_message", on=teacher.messages("CSTAFF")[-1])
    await teacher.types(f"/my-requests {word('search')}")
    await clears(teacher)

    await technician.says(told.format(word("disclosure in Teams")))
    await technician.says(told.format(word("disclosure in a channel of Teams")), CHANNEL)
    changed = told.format(word("disclosure in Teams, changed"))
    await technician.posts(type="messageUpdate", text=changed, timestamp="1")
    message = {"body": {"content": f"<p>{told.format(word('message reported in Teams'))}</p>"}}
    value = {"commandId": "reportMessage", "messagePayload": message}
    await technician.posts(type="invoke", name="composeExtension/fetchTask", value=value, channel=CHANNEL)
    await technician.says(f"/my-requests {word('search in Teams')}")

    assistant = school.page["teaching-assistant"]
    await assistant.says(told.format(word("disclosure on the page")))
    await assistant.says(f"/my-requests {word('search on the page')}")


async def an_unblock_request(school: Everywhere) -> None:
    """From Slack, decided in Teams; and a long form that nobody finishes."""
    teacher = school.slack["class-teacher"]
    technician, head = school.teams["ict-technician"], school.teams["headteacher"]
    mine = ("class-teacher", "ict-technician", "headteacher")
    await teacher.types(f"/unblock-request {word('after a command')}")
    await sends(
        teacher,
        url=f"https://{word('address', *mine)}.example/a",
        content=word("content", *mine),
        reasons=word("reasons", *mine),
        risks=word("risks", *mine),
        for_pupils="No",
    )
    await teacher.closes(everything=True)
    checking = await together.until(technician, "Check by ICT")
    assert WORDS["reasons"] in words(checking)
    technical = word("technical risks", *mine)
    await technician.acts(checking, "Pass to headteacher", blocked="yes", technical_risks=technical)
    deciding = await together.until(head, "Decision by the headteacher")
    opened = dialog(await head.presses(deciding.card, "Approve", message=deciding.id))
    await head.fills(opened, message=deciding.id, reason=word("reason of a decision", *mine))
    await teacher.until(WORDS["reason of a decision"])
    await teacher.types("/request-account")
    await teacher.until("Step 1 of 2", "modal")
    await sends(teacher, **{**FIRST, "why": word("draft", "class-teacher")})
    await clears(teacher)
    (asked,) = await head.says("/ask-a-person")
    await head.fills(
        asked.card,
        message=asked.id,
        question=word("question to a person", "headteacher", "deputy-headteacher"),
    )


async def a_concern_about_a_pupil(school: Everywhere) -> None:
    """From the page: read in Slack by the safeguarding lead, and without the child by ICT in Teams."""
    assistant, dsl = school.page["teaching-assistant"], school.slack["dsl"]
    technician = school.teams["ict-technician"]
    both = ("dsl", "ict-technician")
    await assistant.says("/report-content")
    await assistant.fills(danger="no", image="no")
    filled = {
        "url": f"https://{word('address seen', 'teaching-assistant', *both)}.example",
        "nature": word("narrative", "teaching-assistant", *both),
        "who": "pupil",
        "pupil_name": word("name of a pupil", "teaching-assistant", "dsl"),
    }
    await assistant.fills(**filled)
    await assistant.fills(**filled, about_receiver="no")
    await assistant.presses("Add a note")
    await assistant.fills(reason=word("note", "teaching-assistant", "dsl"))
    await dsl.until("Urgency")
    await dsl.clicks("Open details")
    seen = await dsl.until(WORDS["name of a pupil"], "modal")
    assert WORDS["narrative"] in seen
    assert WORDS["note"] in seen
    await dsl.clicks("Close with an outcome")
    await sends(dsl, reason=word("outcome of a concern", "dsl", "teaching-assistant", "ict-technician"))
    await dsl.closes(everything=True)
    blocking = await together.until(technician, "Report inappropriate content")
    details = dialog(await technician.presses(blocking.card, "Open details", message=blocking.id))
    assert WORDS["narrative"] in words(details)
    await assistant.presses("Show what I sent")
    await assistant.presses("Print")
    assert assistant.front.startswith("%PDF")


async def a_concern_about_the_headteacher(school: Everywhere) -> None:
    """From one on the page to the chair, who is on the page too."""
    assistant, chair = school.page["teaching-assistant"], school.page["chair"]
    both = ("teaching-assistant", "chair")
    await assistant.says("/report-concern")
    await assistant.fills(danger="no", image="no")
    filled: dict[str, str | list[str]] = {"who": "headteacher", "kinds": ["contact"]}
    filled["reach"] = f"{word('where somebody is', *both)}"
    await assistant.fills(**filled)
    await assistant.fills(**filled, about_receiver="no")
    await school.slack.slack.until(lambda: waits(school, "chair"), "a concern for the chair")
    await chair.presses("Open details")
    assert WORDS["where somebody is"] in chair.front
    await chair.presses("Close with an outcome")
    await chair.fills(reason=word("outcome for the chair", *both))


def waits(school: Everywhere, user: str) -> bool:
    """Whether something has been brought to them."""
    stage = school.teams.stage
    return bool(stage.clerk.store.deliveries_to(stage[user].id))


async def a_case(school: Everywhere) -> None:
    """Evidence, a checklist and what was learnt of it, in Slack."""
    teacher, officer = school.slack["class-teacher"], school.slack["marketing-officer"]
    both = ("class-teacher", "marketing-officer")
    filled = {"url": f"https://{word('address of abuse', *both)}.example"}
    await teacher.types("/report-abuse")
    await sends(teacher, **filled)
    await sends(teacher, about_receiver="No")
    await clears(teacher)
    await officer.until("Open details", "dm")
    steps: tuple[tuple[str, tuple[dict[str, object], ...]], ...] = (
        ("Add evidence", ({"seen": f"https://{word('evidence', *both)}.example"},)),
        ("Tick the checklist", ({"action": "host", "settled": "Done", "told": word("checklist", *both)},)),
        ("Tick the checklist", ({"settled": "Not needed", "reason": word("why not", *both)},)),
        ("Add a note", ({"reason": word("note in a case", *both)},)),
        ("Link to another report", ({"reference": word("reference mistyped", *both)},)),
        ("Close with an outcome", ({"reason": word("outcome", *both), "lessons": word("lessons", *both)},)),
    )
    for label, forms in steps:
        await officer.clicks("Open details", where="messages")
        await officer.until("Add a note", "modal")
        await officer.clicks(label)
        for values in forms:
            await sends(officer, **values)
        await clears(officer)


async def a_register(school: Everywhere) -> None:
    """Entries by hand, on the page, and their way into a file."""
    office = school.page["office-manager"]
    readers = ("office-manager", "headteacher", "marketing-officer", "ceo", "deputy-headteacher")
    button = {"target": "official-accounts", "version": 0}
    await office.does("pressed", action="register_add", **button)
    await office.fills(platform=word("register entry", *readers))
    await office.does("pressed", action="register_search", **button)
    await office.fills(words=word("search in a register", "office-manager"))
    await office.does("pressed", action="register_open", **button)
    await office.presses("End this entry")
    await office.fills(reason=word("why an entry ends", *readers))
    status, table = await office.gets("/me/register/official-accounts.csv")
    assert (status, WORDS["register entry"] in table) == (200, True)


async def errors(school: Everywhere, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong says nothing of what it went wrong with: a fault of ours, and of whoever asks."""
    handle, page = Assistant.handle, school.page["teaching-assistant"]
    fault = word("fault")

    def breaks(self: Assistant, event: Event) -> Any:
        if any(fault in text for text in typed(event)):
            raise ValueError(f"cannot make anything of {fault}")
        return handle(self, event)

    monkeypatch.setattr(Assistant, "handle", breaks)
    assert await page.does("said", text=f"what about {fault}?") == 500
    await school.slack["class-teacher"].says(f"what about {fault}?")
    await school.teams["ict-technician"].says(f"what about {fault}?")
    wrong = word("what cannot be read")
    assert await page.does(wrong) == 400
    assert await page.does("said", text=f"{wrong}\0") == 400
    assert (await page.gets(f"/me/register/{wrong}.csv"))[0] == 403
    assert (await page.gets(f"/{wrong}"))[0] == 404
    del WORDS["what cannot be read"]  # an address that somebody makes up is seen by the server that they ask
