"""`policyclerk export subject`: what is kept about one person, for whoever looks through it first."""

import csv
import io
import stat
import zipfile
from pathlib import Path

import pytest

from adapters.exporting import CannotExport
from adapters.subjectaccess import REVIEW, export_subject
from bot.workflows.entry import Deed, Entry
from tests.finished import closed_concern, give_address, unblocked
from tests.school import Stage


class Taken:
    """What is in the file."""

    def __init__(self, out: Path) -> None:
        with zipfile.ZipFile(out) as file:
            self.files = {name: file.read(name) for name in file.namelist()}

    def text(self, name: str) -> str:
        return self.files[name].decode("utf-8-sig")

    def rows(self, name: str = "requests.csv") -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text(name), newline="")))

    def everything(self) -> str:
        return "\n".join(self.text(name) for name in self.files if not name.endswith(".pdf"))


def take(aet: Stage, out: Path, who: str, reviewer: str = "") -> Taken:
    export_subject(aet.clerk, "aet", who, out, reviewer)
    return Taken(out)


def test_a_requester_gets_the_record_the_register_and_the_list(aet: Stage, tmp_path: Path) -> None:
    request = unblocked(aet)
    out = tmp_path / "held.zip"
    taken = take(aet, out, "class teacher")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (row,) = taken.rows()
    assert (row["Reference"], row["Their part in it"]) == (
        request.reference,
        "sent it; was sent a message about it",
    )
    assert row["Other people in it"] == "ICT technician; Headteacher"
    assert "look at what may be released" in row["Before release"]
    assert "A geography lesson." in taken.text(f"requests/{request.reference}.txt")
    assert taken.files[f"requests/{request.reference}.pdf"].startswith(b"%PDF-")
    assert "Class teacher" in taken.text("registers/filtering-decisions.csv")
    assert {"What": "Name", "As kept": "Class teacher"} in taken.rows("staff-list.csv")
    assert [m["What about"] for m in taken.rows("messages.csv")] == [request.reference] * len(
        taken.rows("messages.csv")
    )
    assert "NOT READY TO BE HANDED OUT" in taken.text("READ-ME-FIRST.txt")
    assert "Slack or Microsoft keep" in taken.text("READ-ME-FIRST.txt")


def test_a_decider_gets_what_they_decided(aet: Stage, tmp_path: Path) -> None:
    request = unblocked(aet)
    give_address(aet, "headteacher")
    (row,) = take(aet, tmp_path / "a.zip", "HEADTEACHER@school.example").rows()
    assert row["Reference"] == request.reference
    assert row["Their part in it"].startswith("acted on it")


def test_somebody_on_no_list_is_found_by_the_words_that_name_them(aet: Stage, tmp_path: Path) -> None:
    teacher = aet["class-teacher"]
    values = {"url": "https://example.org/", "content": "A film.", "risks": "None.", "for_pupils": "no"}
    teacher.sends(teacher.calls("unblock-request"), **values, reasons="Mrs Quill of the museum asked.")
    taken = take(aet, tmp_path / "a.zip", "quill")
    assert [row["Their part in it"] for row in taken.rows()] == ["named in it"]
    assert "not on the staff list" in taken.text("READ-ME-FIRST.txt")
    assert take(aet, tmp_path / "b.zip", "nobody of that name").rows() == []


def test_what_is_about_people_is_there_for_its_reviewer_alone_and_not_hinted_at(
    aet: Stage, tmp_path: Path
) -> None:
    ordinary, request = unblocked(aet), closed_concern(aet)
    without = take(aet, tmp_path / "a.zip", "class teacher")
    assert [row["Reference"] for row in without.rows()] == [ordinary.reference]
    assert request.reference not in without.everything()
    assert "NOT in here, whether there are any or not" in without.text("READ-ME-FIRST.txt")
    other = take(aet, tmp_path / "b.zip", "class teacher", give_address(aet, "office-manager"))
    assert request.reference not in other.everything(), "who may not open it does not review it"
    reviewed = take(aet, tmp_path / "c.zip", "class teacher", give_address(aet, "dsl"))
    assert "Sam Example" in reviewed.text(f"{REVIEW}/{request.reference}.txt")
    row = next(row for row in reviewed.rows() if row["Reference"] == request.reference)
    assert row["Before release"] == "The DSL decides what of it may be released"
    assert "REVIEWS EACH OF THEM" in reviewed.text("READ-ME-FIRST.txt")


def test_an_entry_about_somebody_goes_only_to_who_may_find_it(aet: Stage, tmp_path: Path) -> None:
    now, aide = aet.clock.now(), aet["teaching-assistant"].id
    entry = Entry(
        id="e1",
        school="aet",
        name="comments-log",
        at=now,
        cells={"what": ("A page about a colleague.",)},
        entered_by=aet["office-manager"].id,
        about_people=True,
        subjects=(aide,),
    )
    deed = Deed(at=now, action="entered", register_name="comments-log", entry="e1", version=1)
    aet.clerk.store.keep(entry, deed)
    assert "registers/comments-log.csv" not in take(aet, tmp_path / "a.zip", "teaching assistant").files
    head = give_address(aet, "headteacher")
    assert "registers/comments-log.csv" in take(aet, tmp_path / "b.zip", "teaching assistant", head).files
    own = give_address(aet, "teaching-assistant")
    assert "registers/comments-log.csv" not in take(aet, tmp_path / "c.zip", "teaching assistant", own).files


def test_that_it_was_taken_is_in_the_chain_and_in_each_request(aet: Stage, tmp_path: Path) -> None:
    request = unblocked(aet)
    take(aet, tmp_path / "a.zip", "class teacher")
    (deed,) = [d for d in aet.clerk.store.deeds("aet") if d.action == "held_data_exported"]
    assert deed.people == (aet["class-teacher"].id,)
    (printed,) = [t for t in aet.clerk.store.history(request.id) if t.action == "printed"]
    assert "subject access request" in printed.reason
    assert aet.clerk.store.verify("aet") == []


def test_what_cannot_be_taken_is_said_and_nothing_is_recorded(aet: Stage, tmp_path: Path) -> None:
    unblocked(aet)
    before = aet.clerk.store.printed_head("aet")
    for who, reviewer, why in (
        (" ", "", "Say whose data it is"),
        ("class teacher", "nobody@school.example", "Nobody on the staff list"),
    ):
        with pytest.raises(CannotExport, match=why):
            take(aet, tmp_path / "a.zip", who, reviewer)
    (tmp_path / "there.zip").write_bytes(b"mine")
    with pytest.raises(CannotExport, match="already there"):
        take(aet, tmp_path / "there.zip", "class teacher")
    with pytest.raises(CannotExport, match="nowhere is not in force"):
        export_subject(aet.clerk, "nowhere", "class teacher", tmp_path / "a.zip", "")
    assert aet.clerk.store.printed_head("aet") == before
    person = aet.clerk.directory.staff("aet").person(aet["headteacher"].id)
    assert person is not None
    aet.clerk.directory.add_person(person.model_copy(update={"id": "aet.namesake"}))
    with pytest.raises(CannotExport, match="2 people on the staff list are called"):
        take(aet, tmp_path / "a.zip", person.name)
