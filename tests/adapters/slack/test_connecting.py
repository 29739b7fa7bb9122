"""A workspace that is no school's yet: its school's administrator connects it in chat, and nobody else can."""

import pytest

from adapters.slack import people
from adapters.store.registers import deeds
from tests.adapters.slack.conftest import Office, clean


def unknown_here(office: Office) -> None:
    """No school is connected to the workspace, and nobody has written from it."""
    office.stage.clerk.places.disconnect("slack", "T1", "aet")
    office.nobody_has_written()


async def test_only_the_administrator_is_offered_it_and_then_everybody_is_known(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "STRANGER_SECONDS", 0.0)
    unknown_here(office)
    admin, teacher, head = office["office-manager"], office["class-teacher"], office["headteacher"]
    office.slack.workspace.people[head.id].email = "office-manager@aet.example"
    office.slack.workspace.people[head.id].confirmed = False
    for somebody in (teacher, head):
        await somebody.types("/policyclerk setup")
        seen = await somebody.until("not connected to a school yet")
        assert "999" in seen
        assert "Aspire" not in seen
    await admin.says("hello")
    offer = await admin.until("Connect Aspire Educational Trust?")
    assert "999" in offer
    # A press of somebody else's, made up from what the button carries, does nothing.
    (card,) = [message for message in admin.messages("dm") if "Connect Aspire" in str(message.blocks)]
    (row,) = [block for block in card.blocks if "connect_place" in str(block)]
    await teacher.presses(card, row, row["elements"][0])
    await office.slack.quiet()
    assert office.stage.clerk.places.connections("aet") == ()
    await admin.clicks("Connect")
    await admin.until("Aspire Educational Trust is connected")
    assert [c.tenant for c in office.stage.clerk.places.connections("aet")] == ["T1"]
    with office.stage.clerk.database.read() as connection:
        every = tuple(deeds(connection, office.stage.clerk.store._keys, "aet"))
    (deed,) = [one for one in every if one.action == "connected"]
    assert (deed.place, deed.person) == ("slack T1", office.stage["office-manager"].id)
    await admin.clicks("Set up")
    await admin.until("Setting up Aspire Educational Trust")
    await teacher.types("/unblock-request")
    await teacher.until("Access to a blocked site", "modal")
    assert clean(office.slack)
