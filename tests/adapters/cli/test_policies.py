"""`policy import`, `policy show`, `policy list` and `publish`: what becomes of a school's files."""

import re
from pathlib import Path

import pytest

from knowledge.importers import parse_policy_md
from tests.adapters.cli.shell import BIKES, FRIEND, PHONES, Clerk, answers_from, saved

ORIGINALS = Path(__file__).resolve().parents[4] / "shared" / "policies"


class TestImporting:
    def test_an_unknown_school_becomes_a_bare_one_and_says_so(self, clerk: Clerk) -> None:
        said = clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        assert said.status == 0
        assert "Lakeside Junior School is new here: questions work at once" in said.out
        assert "lakeside now answers from Mobile Phones Policy (3 March 2026)." in said.out
        answer = clerk("ask", "--school", "lakeside", "may staff use a phone in a classroom?").out
        assert "“Staff must not use a phone in a classroom.”" in answer
        assert "lakeside       Lakeside Junior School: Mobile Phones Policy" in clerk("policy", "list").out

    def test_it_asks_first_and_no_changes_nothing(self, clerk: Clerk, home: Path) -> None:
        file = saved("phones.txt", PHONES)
        said = clerk("policy", "import", file, "--school", "lakeside", answer="n\n")
        assert said.status == 1
        assert "Put this in force for lakeside? [y/N]" in said.out
        assert not (home / "schools").exists()
        assert not (home / "policyclerk.db").exists()
        assert clerk("policy", "import", file, "--school", "lakeside", answer="y\n").status == 0

    def test_a_new_version_takes_the_place_of_the_old(self, clerk: Clerk) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        said = clerk("policy", "import", saved("bikes.txt", BIKES), "--school", "lakeside", "--yes")
        assert "is new here" not in said.out
        assert answers_from(clerk, "lakeside") == "Bicycles Policy"

    def test_a_packaged_school_keeps_its_settings_and_procedures(self, clerk: Clerk, home: Path) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "aet", "--yes")
        assert answers_from(clerk, "aet") == "Mobile Phones Policy"
        assert sorted(path.name for path in (home / "schools" / "aet").iterdir()) == ["policy.md"]
        assert clerk("policy", "show", "aet", "--json").json["wording"] == "verbatim"

    @pytest.mark.parametrize(
        ("name", "content", "why"),
        [
            ("empty.txt", b"", "empty"),
            ("blank.txt", b"  \n\n ", "empty"),
            ("scan.pdf", b"%PDF-1.7 \x00\x01", "a PDF"),
            ("letter.txt", b"PK\x03\x04 word/document.xml", "a Word document"),
            ("noise.txt", bytes(range(256)) * 4, "binary"),
            ("huge.txt", b"Staff will ask. \n" * 400_000, "5 MB"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_policy_is_refused_and_the_old_one_stays(
        self, clerk: Clerk, home: Path, name: str, content: bytes, why: str
    ) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        before = (home / "schools" / "lakeside" / "policy.md").read_bytes()
        said = clerk("policy", "import", saved(name, content), "--school", "lakeside", "--yes")
        assert said.status == 1
        assert said.err.startswith(name)
        assert why in said.err
        assert (home / "schools" / "lakeside" / "policy.md").read_bytes() == before
        assert answers_from(clerk, "lakeside") == "Mobile Phones Policy"

    def test_text_without_headings_is_warned_of(self, clerk: Clerk) -> None:
        said = clerk(
            "policy", "import", saved("note.txt", "Staff will ask.\n"), "--school", "x", answer="n\n"
        )
        assert "Warning: No headings were found" in said.out

    @pytest.mark.parametrize("school", ["Lake Side", "../lake", "LAKE", "-", ""])
    def test_an_id_that_cannot_be_a_folder_is_refused(self, clerk: Clerk, home: Path, school: str) -> None:
        said = clerk("policy", "import", saved("phones.txt", PHONES), f"--school={school}", "--yes")
        assert said.status == 1
        assert "cannot be a school's id" in said.err
        assert not (home / "schools").exists()

    def test_a_file_or_folder_that_cannot_be_read_is_named(self, clerk: Clerk, home: Path) -> None:
        (home / "folder").mkdir()
        assert (
            clerk("policy", "import", "none.txt", "--school", "x").err
            == "none.txt: No such file or directory\n"
        )
        assert clerk("policy", "import", "folder", "--school", "x").err == "folder: Is a directory\n"

    def test_when_it_cannot_be_published_the_folder_is_as_it_was(self, clerk: Clerk, home: Path) -> None:
        saved("schools/lakeside/workflows/bad.yaml", "id: bad\n")
        said = clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        assert said.status == 1
        assert "workflows/bad.yaml" in said.err
        assert [path.name for path in (home / "schools" / "lakeside").iterdir()] == ["workflows"]

    @pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the five original policies are not on this machine")
    @pytest.mark.parametrize("school", ["aet", "leading-edge", "leamington", "st-alphege", "step"])
    def test_the_originals_are_imported_and_quoted(self, clerk: Clerk, school: str) -> None:
        said = clerk("policy", "import", str(ORIGINALS / f"{school}.txt"), "--school", school, "--yes")
        assert said.status == 0
        assert clerk("policy", "show", school, "--json").json["wording"] == "verbatim"
        assert "“" in clerk("ask", "--school", school, FRIEND).out


class TestShowing:
    def test_json_is_the_contract(self, clerk: Clerk) -> None:
        policy = clerk("policy", "show", "aet", "--json").json
        assert list(policy) == ["school", "title", "version", "wording", "clauses"]
        assert (policy["school"], policy["wording"]) == ("aet", "restated")
        keys = ["id", "lead_in", "text", "section", "citation", "form_field"]
        assert all(list(clause) == keys for clause in policy["clauses"])
        assert {type(clause["form_field"]) for clause in policy["clauses"]} == {bool}
        assert len({clause["id"] for clause in policy["clauses"]}) == len(policy["clauses"])

    def test_text_has_headings_ids_and_form_fields(self, clerk: Clerk) -> None:
        said = clerk("policy", "show", "aet").out
        assert said.startswith("Policy for Social Media (Autumn 2023), restated, ")
        assert "\n2 Staff use of personal social media\n" in said
        assert re.search(r"^  c[0-9a-f]{10}  .*\[form field\]$", said, re.MULTILINE)

    def test_what_an_import_wrote_reads_back_the_same(self, clerk: Clerk, home: Path) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        written = (home / "schools" / "lakeside" / "policy.md").read_text(encoding="utf-8")
        shown = clerk("policy", "show", "lakeside", "--json").json
        ids = [clause.id for clause in parse_policy_md(written, "lakeside").clauses]
        assert [clause["id"] for clause in shown["clauses"]] == ids

    def test_the_list_goes_on_past_a_school_that_cannot_be_read(self, clerk: Clerk) -> None:
        saved("schools/aet/school.yaml", "id: [")
        said = clerk("policy", "list")
        assert said.status == 0
        assert "aet            cannot be read: policyclerk check --school aet says why" in said.out
        assert [line.split()[0] for line in said.out.splitlines()] == [
            "aet",
            "leading-edge",
            "leamington",
            "st-alphege",
            "step",
        ]


THREE_MISTAKES = """\
id: three
title: Three mistakes
summary: A role, a kind and a clause that there are not.
clauses: [no-such-clause]
fields:
  - {id: why, kind: txt, label: Why?}
stages:
  - id: decision
    kind: decide
    title: Decision
    who: {role: caretaker}
"""


class TestPublishing:
    def test_three_mistakes_are_all_named_and_the_old_version_stays(self, clerk: Clerk) -> None:
        before = clerk("publish", "--school", "aet").out
        saved("schools/aet/workflows/three.yaml", THREE_MISTAKES)
        said = clerk("publish", "--school", "aet")
        assert (said.status, said.out) == (1, "")
        clause, kind, role = said.err.splitlines()
        assert clause == "workflows/three.yaml:4: policy.md has no clause {#no-such-clause}"
        assert kind.startswith("workflows/three.yaml:6: `fields.0.kind`: Input should be ")
        assert role.startswith("workflows/three.yaml:11: there is no role `caretaker`; the roles are: ")
        Path("schools/aet/workflows/three.yaml").unlink()
        Path("schools/aet/workflows").rmdir()
        assert clerk("publish", "--school", "aet").out == before

    def test_what_is_in_force_answers_while_the_folder_is_broken(self, clerk: Clerk) -> None:
        clerk("publish", "--school", "aet")
        saved("schools/aet/policy.md", "no front matter")
        assert clerk("publish", "--school", "aet").status == 1
        assert answers_from(clerk, "aet") == "Policy for Social Media"

    @pytest.mark.parametrize(
        ("file", "content", "why"),
        [
            ("school.yaml", b"id: [", "aet/school.yaml:1: not readable as YAML"),
            ("school.yaml", b"", "aet/school.yaml:1: expected `name: value` lines"),
            ("school.yaml", b"\xff\xfe\x00", "aet/school.yaml:1: save this file as UTF-8"),
            ("school.yaml", b"id: aet\nname: A\n", "aet/school.yaml:1: `roles` is missing"),
            ("policy.md", b"\xff\xfe\x00", "aet/policy.md:1: save this file as UTF-8"),
            ("policy.md", b"---\ntitle: A\n---\nA rule.\n", "aet/policy.md:1: `version` is missing"),
            ("workflows/a.yaml", b"\xff", "workflows/a.yaml:1: save this file as UTF-8"),
            ("workflows/a.yaml", b"- a\n", "workflows/a.yaml:1: expected `name: value` lines"),
        ],
    )
    def test_malformed_files_are_named(self, clerk: Clerk, file: str, content: bytes, why: str) -> None:
        saved(f"schools/aet/{file}", content)
        said = clerk("publish", "--school", "aet")
        assert said.status == 1
        assert why in said.err
        checked = clerk("check", "--school", "aet")
        assert checked.status == 1
        assert why in checked.out

    def test_a_school_without_a_policy_says_how_to_make_one(self, clerk: Clerk) -> None:
        clerk("policy", "import", saved("phones.txt", PHONES), "--school", "lakeside", "--yes")
        Path("schools/lakeside/policy.md").unlink()
        said = clerk("publish", "--school", "lakeside")
        assert said.status == 1
        assert "`policyclerk policy import FILE --school lakeside` makes it" in said.err
