"""`hold`, `erase` and `export subject`, as they are typed."""

import csv
import zipfile
from pathlib import Path

import pytest

from tests.adapters.cli.shell import Clerk, only_sqlite
from tests.finished import unblocked
from tests.school import staged

WHY = ("--why", "A claim is expected.")


@pytest.fixture
def reference(home: Path) -> str:
    """Of a finished request in the home's own database."""
    for stage in staged(home):
        found = unblocked(stage).reference
    return found


def test_a_held_request_is_not_erased_until_the_hold_is_lifted(clerk: Clerk, reference: str) -> None:
    assert clerk("hold", "list").out == "Nothing is on legal hold.\n"
    assert clerk("hold", "set", reference, *WHY).out == f"{reference} is on legal hold.\n"
    listed = clerk("hold", "list").out
    assert f"aet            {reference}  on legal hold since" in listed
    assert "claim" not in listed
    refused = clerk("erase", reference, "--why", "Asked for.", "--yes")
    assert refused.status == 1
    assert f"policyclerk hold lift {reference}" in refused.err
    clerk("hold", "lift", reference, "--why", "Settled.")
    assert clerk("erase", reference, "--why", "Asked for.", "--yes").out.endswith(f"{reference} is erased.\n")
    gone = clerk("erase", reference, "--why", "Asked for.", "--yes")
    assert (gone.status, "or it was erased" in gone.err) == (1, True)
    assert "whole" in clerk("audit", "verify").out


def test_erasing_asks_first_and_says_what_stays(clerk: Clerk, reference: str) -> None:
    said = clerk("erase", reference, "--why", "Asked for.", answer="n\n")
    assert said.status == 1
    assert "What stays:" in said.out
    assert "Filtering decisions" in said.out
    assert clerk("hold", "set", reference, *WHY).status == 0, "it is still there"


def test_a_hold_and_an_erasure_need_a_reason(clerk: Clerk, reference: str) -> None:
    for words in (("hold", "set"), ("hold", "lift"), ("erase",)):
        assert clerk(*words, reference).status == 2
    assert "Say why" in clerk("hold", "set", reference, "--why", " ").err


def test_everything_about_a_person_is_written_once(clerk: Clerk, reference: str) -> None:
    words = ("export", "subject", "--school", "aet", "--person", "class teacher", "--out", "held.zip")
    said = clerk(*words)
    assert (said.status, said.err) == (0, "")
    assert "1 request among it" in said.out
    with zipfile.ZipFile("held.zip") as file:
        assert f"requests/{reference}.txt" in file.namelist()
    assert "already there" in clerk(*words).err
    assert "whole" in clerk("audit", "verify").out


@only_sqlite
def test_where_nothing_is_kept_it_is_said_and_nothing_is_made(clerk: Clerk, home: Path) -> None:
    for words in (
        ("hold", "list"),
        ("erase", "AET-7KM3Q", *WHY),
        ("export", "subject", "--school", "aet", "--person", "x", "--out", "x.zip"),
    ):
        said = clerk(*words)
        assert said.status == 1
        assert "nothing is kept there" in said.err
    assert list(home.iterdir()) == []


def test_a_period_for_a_procedure_that_is_not_there_is_a_mistake(clerk: Clerk, home: Path) -> None:
    clerk("school", "adopt", "aet")
    path = home / "schools" / "aet" / "school.yaml"
    whole = path.read_text(encoding="utf-8") if path.exists() else ""
    assert whole
    wrong = "retention:\n  requests: {unblok-request: 12, report-concern: 12}\n  about_people: {approve-post: 12}\n"
    path.write_text(whole + wrong, encoding="utf-8")
    said = clerk("check", "--school", "aet").out
    assert "`retention`: `requests` names `unblok-request`, which is none of: " in said
    assert "`requests` names `report-concern`" in said, "it is always about people"
    assert "`about_people` names `approve-post`" in said
    right = "retention:\n  requests: {unblock-request: 12}\n  about_people: {report-content: keep}\n"
    path.write_text(whole + right, encoding="utf-8")
    assert clerk("publish", "--school", "aet").status == 0


def test_the_governors_get_counts_and_the_head_of_the_chain(clerk: Clerk, home: Path) -> None:
    for stage in staged(home):
        said = ""
        for times in range(5):
            if times == 4:
                said = clerk("export", "governors", "--school", "aet").out
            unblocked(stage)
    assert "Access to a blocked site: fewer than 5\n" in said
    assert clerk("export", "governors", "--school", "aet", "--out", "report.csv").status == 0
    rows = dict(csv.reader(Path("report.csv").read_text("utf-8-sig").splitlines()))
    assert rows["Access to a blocked site"] == "5, half of them on the same day"
    assert rows["Requests about people, all kinds"] == "fewer than 5"
    assert not [row for row in rows.items() if "example.org" in str(row)]
    head = f"aet:{rows['Audit chain, events']}:{rows['Audit chain, code of the newest event']}"
    checked = rows["To check later that nothing was changed"].split()[1:]
    assert checked == ["audit", "verify", "--printed", head]
    assert clerk(*checked).status == 0
    forged = clerk("audit", "verify", "--printed", head.replace(":", ":9", 1))
    assert (forged.status, "aet: " in forged.out) == (1, True)
    assert "SCHOOL:EVENTS:CODE" in clerk("audit", "verify", "--printed", "aet").err
