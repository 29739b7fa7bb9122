"""The record of a request as a file in somebody's own OneDrive, and nowhere else."""

from typing import Any

from adapters.teams.paper import is_onedrive
from tests.adapters.teams.deeds import ask_to_unblock, report_a_concern
from tests.adapters.teams.fake_teams import Posted
from tests.adapters.teams.staff import InTeams, Staffer, dialog, words


async def printed(teams: InTeams, person: Staffer, reference: str) -> Posted:
    """Press Print in the details of a request. The consent card."""
    card = person.card_about(reference)
    label = next(t for t in ("Show what I sent", "Open details") if t in words(card))
    details = dialog(await person.presses(card.card, label, message=card.id))
    said = dialog(await person.presses(details, "Print", message=card.id))
    assert "OneDrive" in words(said)
    return person.newest()


def consent(teams: InTeams, asked: Posted, action: str = "accept", upload: str = "") -> dict[str, Any]:
    """What Teams posts when somebody answers the consent card."""
    (attachment,) = asked.activity["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.teams.card.file.consent"
    info = {
        "uploadUrl": upload or f"{teams.fake.url}/onedrive/{attachment['name']}",
        "contentUrl": "https://oak.sharepoint.com/record",
        "uniqueId": "u-1",
        "fileType": "pdf",
    }
    context = attachment["content"]["acceptContext"]
    return {"type": "fileUpload", "action": action, "context": context, "uploadInfo": info}


async def test_a_record_goes_into_the_persons_own_onedrive(teams: InTeams) -> None:
    teacher = teams["class-teacher"]
    reference = await ask_to_unblock(teacher)
    asked = await printed(teams, teacher, reference)
    assert teams.fake.files == {}
    await teacher.posts(type="invoke", name="fileConsent/invoke", value=consent(teams, asked))
    assert teams.fake.files == {f"{reference}.pdf": b"%PDF-a-record"}
    (shown,) = teacher.newest().activity["attachments"]
    assert shown["contentType"] == "application/vnd.microsoft.teams.card.file.info"
    assert shown["contentUrl"] == "https://oak.sharepoint.com/record"


async def test_a_record_goes_nowhere_else(teams: InTeams) -> None:
    teacher, other = teams["class-teacher"], teams["teaching-assistant"]
    asked = await printed(teams, teacher, await ask_to_unblock(teacher))
    elsewhere = consent(teams, asked, upload=f"{teams.fake.url}/elsewhere/a.pdf")
    await teacher.posts(type="invoke", name="fileConsent/invoke", value=elsewhere)
    assert "could not be sent" in words(teacher.newest())
    await teacher.posts(type="invoke", name="fileConsent/invoke", value=consent(teams, asked, "decline"))
    await other.posts(type="invoke", name="fileConsent/invoke", value=consent(teams, asked))
    assert "cannot open this" in words(other.newest())
    assert teams.fake.files == {}


async def test_the_record_of_a_concern_does_not_go_through_teams(teams: InTeams) -> None:
    dsl = teams["dsl"]
    await dsl.greets()
    await report_a_concern(teams["class-teacher"])
    await teams.deliver()
    card = dsl.card_about("AET-")
    details = dialog(await dsl.presses(card.card, "Open details", message=card.id))
    said = dialog(await dsl.presses(details, "Print", message=card.id))
    assert "does not go through chat" in words(said)
    target = card.card_data("target")
    forged = {
        "action": "accept",
        "context": {"print": target},
        "uploadInfo": {"uploadUrl": f"{teams.fake.url}/onedrive/x.pdf", "contentUrl": "x", "uniqueId": "x"},
    }
    await dsl.posts(type="invoke", name="fileConsent/invoke", value=forged)
    assert "does not go through chat" in words(dsl.newest())
    assert teams.fake.files == {}


def test_only_onedrive_is_onedrive() -> None:
    assert is_onedrive("https://oak-my.sharepoint.com/personal/a/upload")
    for address in (
        "http://oak-my.sharepoint.com/a", "https://sharepoint.com.evil.example/", "https://evilsharepoint.com/",
        "https://127.0.0.1/", "file:///etc/passwd", "https://x@evil.example/.sharepoint.com",
    ):  # fmt: skip
        assert not is_onedrive(address), address
