"""Entries of registers made by hand: searched page by page, erased for good, tied to the account they are of."""

from pathlib import Path

import pytest

from adapters.store import tables
from bot.cards import Button, Message, OpenForm, Results
from bot.ports import Conflict
from bot.workflows.entry import Deed
from tests.school import Player, Stage, text_of

ACCOUNTS = "official-accounts"


def pressed(player: Player, action: str, target: str = ACCOUNTS) -> object:
    return player.presses(Button(action=action, label="?", target=target))


def entered(stage: Stage, **cells: str) -> str:
    """Its id."""
    office = stage["office-manager"]
    assert isinstance(office.sends(pressed(office, "register_add"), **cells), Message)  # type: ignore[arg-type]
    return stage.clerk.store.entries("aet", ACCOUNTS)[0].id


def test_a_search_in_a_register_goes_on_page_by_page(aet: Stage) -> None:
    for number in range(23):
        entered(aet, platform=f"Choir page {number:02}")
    head = aet["headteacher"]
    page = head.sends(pressed(head, "register_search"), words="choir")  # type: ignore[arg-type]
    seen: list[str] = []
    while isinstance(page, Results):
        seen += [card.title for card in page.cards]
        if page.older is None:
            break
        assert "choir" not in page.older.target
        assert "search again" in text_of(aet["ceo"].presses(page.older)), "another person's button"
        page = head.presses(page.older)
    assert len(seen) == len(set(seen)) == 23
    assert "search again" in text_of(pressed(head, "register_found", f"{ACCOUNTS}/2/made-up"))


def test_what_was_entered_by_hand_is_erased_and_the_chain_says_so_without_saying_what(
    aet: Stage, tmp_path: Path
) -> None:
    entry_id = entered(aet, platform="A page with somebody's name on it", closes="2026-12-01")
    office, head = aet["office-manager"], aet["headteacher"]
    aet.deliver()
    listed = pressed(head, "register_open")
    assert isinstance(listed, Results)
    assert "Erase" not in {b.label for c in listed.cards for b in c.buttons}, "only for the administrator"
    assert "Only the clerk" in text_of(
        pressed(head, "register_erase", entry_id)
    ) or "Only the school" in text_of(pressed(head, "register_erase", entry_id))
    form = pressed(office, "register_erase", entry_id)
    assert isinstance(form, OpenForm)
    assert "nobody can bring it back" in text_of(form)
    assert "somebody" in text_of(office.sends(form, sure="no"))
    count = aet.clerk.store.printed_head("aet").count
    assert "an entry was erased" in text_of(office.sends(form, sure="yes"))
    assert aet.clerk.store.entry(entry_id) is None
    assert aet.clerk.store.entries("aet", ACCOUNTS) == ()
    assert aet.clerk.store.printed_head("aet").count == count + 1
    assert aet.clerk.store.verify("aet") == []
    assert "That was not done" in text_of(office.sends(form, sure="yes"))
    with aet.clerk.database.read() as connection:
        row = connection.execute(
            tables.register_entries.select().where(tables.register_entries.c.id == entry_id)
        ).one()
        waiting = connection.execute(tables.deliveries.select()).all()
    assert (row.body, row.personal) == (b"", b"")
    assert entry_id not in str(waiting), "nor where a reminder of it went"


def test_tampering_with_what_is_left_of_an_erased_entry_is_found(aet: Stage) -> None:
    entry_id = entered(aet, platform="Our page")
    office = aet["office-manager"]
    office.sends(pressed(office, "register_erase", entry_id), sure="yes")  # type: ignore[arg-type]
    with aet.clerk.database.write() as connection:
        connection.execute(tables.register_entries.delete().where(tables.register_entries.c.id == entry_id))
    assert aet.clerk.store.verify("aet") == [f"entry {entry_id} of the register {ACCOUNTS} is gone"]


def test_what_a_request_left_is_erased_with_it_and_not_by_hand(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.sends(teacher.calls("acknowledge"), what="policy")
    (entry,) = aet.clerk.store.entries("aet", "acknowledgements")
    office = aet["office-manager"]
    assert "It goes when that request is erased" in text_of(pressed(office, "register_erase", entry.id))


def test_an_entry_that_changed_meanwhile_is_not_erased(aet: Stage) -> None:
    entry_id = entered(aet, platform="Our page")
    entry = aet.clerk.store.entry(entry_id)
    assert entry is not None
    end = pressed(aet["headteacher"], "register_end", entry_id)
    aet["headteacher"].sends(end, reason="Closed.")  # type: ignore[arg-type]
    deed = Deed(at=aet.clock.now(), action="erased", register_name=ACCOUNTS, entry=entry_id, version=2)
    with pytest.raises(Conflict):
        aet.clerk.store.erase_entry(entry, deed)
    assert aet.clerk.store.verify("aet") == []


def test_leave_to_post_is_tied_to_the_account_it_is_for(aet: Stage) -> None:
    account = entered(aet, platform="School page")
    teacher, head, officer = aet["class-teacher"], aet["headteacher"], aet["marketing-officer"]
    values = {
        "what": "post",
        "for_whom": "staff",
        "person": teacher.id,
        "reasons": "News.",
        "from_day": "2026-11-09",
    }
    form = teacher.calls("account-access")
    assert "School page" in text_of(form), "chosen from the register, not typed"
    teacher.sends(form, account=account, **values)
    aet.deliver()
    head.acts("Approve", reason="Trained.")
    aet.deliver()
    officer.acts("Record access given", trained="yes")
    (entry,) = aet.clerk.store.entries("aet", "authorised-people")
    assert (entry.cells["account"], entry.ties) == (("School page",), {"account": (account,)})
    assert "Class teacher: Post" in text_of(pressed(head, "register_open"))
    head.sends(pressed(head, "register_end", entry.id), reason="Left the team.")  # type: ignore[arg-type]
    assert "Class teacher: Post" not in text_of(pressed(head, "register_open"))


def test_what_the_policy_wants_considered_is_asked_and_printed(aet: Stage) -> None:
    """The policy's own list besides its form (aet:120-127)."""
    teacher = aet["class-teacher"]
    form = teacher.calls("request-account")
    assert isinstance(form, OpenForm)
    required = {field.id for field in form.form.inputs if field.required}
    assert {"aims", "worth", "engagement", "contributors", "effort", "success"} <= required
    workflow = aet.published.workflow("request-account")
    assert workflow is not None
    assert ("worth", "engagement", "effort", "success") in [section.rows for section in workflow.paper]
