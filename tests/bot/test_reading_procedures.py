"""What people write in a school's files is read, and every mistake is named with its line."""
# ruff: noqa: E501 (a row of a table reads better whole)

from pathlib import Path

import pytest

from bot.workflows.checks import load_school, load_workflows
from bot.workflows.definition import Workflow
from bot.yamlfile import Mistakes
from knowledge.importers import parse_policy_md
from tests.bot.small import PACKAGED, POLICY, SCHOOL, concern


def read(text: str, tmp_path: Path, name: str = "ask.yaml") -> tuple[Workflow, ...]:
    folder = tmp_path / "workflows"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return load_workflows(folder, SCHOOL, POLICY)


def mistakes(text: str, tmp_path: Path) -> list[tuple[int, str]]:
    with pytest.raises(Mistakes) as refusal:
        read(text, tmp_path)
    assert all(m.file == "workflows/ask.yaml" for m in refusal.value.mistakes)
    return [(m.line, m.message) for m in refusal.value.mistakes]


GOOD = """\
id: ask
title: Ask for something
summary: To ask.
clauses: [asking]
fields:
  - {id: what, kind: text, label: What}
  - {id: pupils, kind: yes_no, label: For pupils?}
  - {id: who, kind: person, label: Who, required: false}
stages:
  - id: decision
    kind: decide
    title: Decision
    who: {role: head}
  - id: carry_out
    kind: act
    title: Carry out
    who: {role: ict}
    asks:
      - {id: until, kind: date, label: Until}
"""


def test_the_good_file_is_read(tmp_path: Path) -> None:
    assert [stage.id for stage in read(GOOD, tmp_path)[0].stages] == ["decision", "carry_out"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        # form
        ("title: Ask for something", "titel: Ask for something", 2, "`titel` is not a known setting here"),
        ("title: Ask for something\n", "", 1, "`title` is missing"),
        ("id: what, kind: text", "id: what, kind: txt", 6, "`fields.0.kind`"),
        ("id: what, kind: text", "id: What, kind: text", 6, "`fields.0.id`"),
        ("label: What}", "label: What, options: [{value: a, label: A}]}", 6, "`options` belong to"),
        ("label: What}", "label: What, subject: true}", 6, "`subject: true` belongs to a `person` field"),
        ("label: What}", "label: What, max_length: 4000}", 6, "`fields.0.max_length`"),
        ("kind: yes_no", "kind: choice", 7, "`options` belong to `choice`"),
        ("    kind: decide", "    kind: decides", 11, "`stages.0.kind`"),
        ("    who: {role: head}\n", "", 10, "`who` is missing"),
        ("who: {role: head}", "who: {rôle: head}", 13, "`rôle` is not a known setting here"),
        ("who: {role: head}", "who: []", 13, "`stages.0.who`"),
        ("who: {role: head}", "who: [{role: head, when: {field: what, equals: x}}]", 10, "`otherwise: true`"),
        ("who: {role: head}", "who: {any_of: []}", 13, "any_of"),
        ("    title: Decision", "    title: Decision\n    due_days: 0", 13, "due_days"),
        ("    title: Decision", "    title: Decision\n    when: {field: what}", 13, "exactly one of `equals`"),
        ("    title: Decision", "    title: Decision\n    when: {field: what, in: []}", 13, "in"),
        ("clauses: [asking]", "clauses: []", 4, "clauses"),
        ("summary: To ask.", "summary: To ask.\nsummary: Again.", 4, "not readable as YAML"),
        ("summary: To ask.", "summary: 'To ask.", 3, "not readable as YAML"),
        ("summary: To ask.", "summary: To ask.\x07", 3, "not readable as YAML"),
        # sense
        ("id: ask\n", "id: asks\n", 1, "`id` is `asks`, but the file is named ask.yaml"),
        ("clauses: [asking]", "clauses: [asking, aksing]", 4, "policy.md has no clause {#aksing}"),
        ("id: pupils", "id: what", 7, "two fields have the id `what`"),
        ("id: pupils", "id: about_person", 7, "`about_person` is an id the clerk uses itself"),
        ("label: Who,", "label: Who, subject: true,", 8, "that needs `about_people`"),
        ("label: What}", "label: What, when: {field: pupils, equals: 'yes'}}", 6, "`pupils`, which is not asked before"),
        ("label: Who,", "label: Who, when: {field: pupils, equals: maybe},", 8, "has no option `maybe`; it has: no, yes"),
        ("label: Who,", "label: Who, when: {field: pupils, in: ['no', maybe]},", 8, "has no option `maybe`"),
        ("kind: yes_no, label: For pupils?", "kind: choice, label: C, options: [{value: a, label: A}, {value: a, label: B}]", 7, "two options have the value `a`"),
        ("kind: yes_no, label: For pupils?", "kind: choice, label: C, options: [{value: a, label: A, subject_role: hed}]", 7, "there is no role `hed`"),
        ("id: carry_out", "id: decision", 10, "two stages have the id `decision`"),
        ("who: {role: head}", "who: {role: hed}", 13, "there is no role `hed`; the roles are: head, deputy-head"),
        ("who: {role: head}", "who: {any_of: [head, hed]}", 13, "there is no role `hed`"),
        ("who: {role: head}", "who: {all_of: [head]}", 13, "two or more roles, all different"),
        ("who: {role: head}", "who: {all_of: [head, manager, head]}", 13, "two or more roles, all different"),
        ("who: {role: head}", "who: {chosen_in: what}", 13, "must name a field of kind `person`"),
        ("who: {role: head}", "who: {listed_in: {name: accounts, column: moderators, entry: c}}", 13, "`entry: c` must name a field"),
        ("who: {role: head}", "who: {listed_in: {name: a, column: b, entry: c}}", 13, "there is no register `a`; there are: accounts"),
        ("who: {role: head}", "who: [{role: head, when: {field: x, equals: y}}, {otherwise: true, role: dsl}]", 13, "`x`, which is not asked"),
        ("    kind: decide", "    kind: decide\n    hides: [wat]", 12, "`hides` names `wat`"),
        ("    kind: decide", "    kind: decide\n    when: {field: x, equals: y}", 12, "`x`, which is not asked"),
        ("    kind: decide", "    kind: decide\n    asks: [{id: a, kind: text, label: A}]", 12, "`asks` belong to"),
        ("    kind: decide", "    kind: acknowledge\n    may_send_back: true", 12, "only `decide` and `act` can be sent back"),
        ("label: Until}", "label: Until, when: {field: x, equals: y}}", 19, "`x`, which is not asked"),
        ("id: until,", "id: reason,", 19, "`reason` is an id the clerk uses itself"),
        ("      - {id: until", "      - {id: until, kind: text, label: A}\n      - {id: until", 20, "two fields have the id `until`"),
        ("kind: date, label: Until", "kind: person, label: Until, subject: true", 19, "the form does"),
        ("summary: To ask.", "summary: To ask.\nabout_people: true", 12, "nobody approves a request about people"),
        ("summary: To ask.", "summary: To ask.\nabout_people: {field: x, equals: y}", 4, "`x`, which is not asked"),
        ("summary: To ask.", "summary: To ask.\nleads_to: [elsewhere]", 4, "there is no command `elsewhere`; there are: ask-a-person"),
        ("summary: To ask.", "summary: To ask.\nleads_to: [ask]", 4, "cannot lead to itself"),
        ("    kind: act", "    kind: act\n    log: [{id: a, kind: text, label: A}]", 16, "`log` belongs to `receive`"),
        ("    kind: act", "    kind: act\n    actions: [{id: a, label: A}]", 16, "`actions` belongs to `receive`"),
        ("    kind: act", "    kind: receive\n    actions: [{id: a, label: A}, {id: a, label: B}]", 16, "two actions have the id `a`"),
        ("    kind: act", "    kind: receive\n    actions: [{id: a, label: A, when: {field: x, equals: y}}]", 16, "`x`, which is not asked"),
        ("    kind: act", "    kind: receive\n    actions: [{id: a, label: A, clauses: [asking, aksing]}]", 16, "no clause {#aksing}"),
        ("    kind: act", "    kind: receive\n    actions: [{id: a, label: A, due_hours: 0}]", 16, "due_hours"),
        ("    kind: act", "    kind: receive\n    actions: [{id: a, label: A, asks: [{id: settled, kind: text, label: S}]}]", 16, "`settled` is an id the clerk uses itself"),
        ("    kind: act", "    kind: receive\n    log: [{id: reason, kind: text, label: S}]", 16, "`reason` is an id the clerk uses itself"),
        ("label: Until}", "label: Until, told_to_requester: true}", 19, "`told_to_requester` belongs to `receive`"),
        # registers
        ("stages:", "register: {name: accounts, columns: {name: wat}}\nstages:", 9, "`wat` is not known here"),
        ("stages:", "register: {name: accounts, columns: {name: carry_out.wat}}\nstages:", 9, "`carry_out.wat` is not known"),
        ("stages:", "register:\n  name: accounts\n  columns:\n    name: what\n    nmae: what\nstages:", 13, "no column `nmae`; it has: name, moderators"),
        ("stages:", "register: {name: acounts, columns: {name: what}}\nstages:", 9, "there is no register `acounts`; there are: accounts"),
        ("stages:", "register: {name: accounts, columns: {closes: what}}\nstages:", 9, "`what` is of kind `text`; a column of kind `date` takes: date"),
        ("stages:", "register: {name: accounts, columns: {closes: requester}}\nstages:", 9, "`requester` does not fit a column of kind `date`"),
        ("stages:", "register: {name: accounts, columns: {moderators: decided_on}}\nstages:", 9, "`decided_on` does not fit a column of kind `people`"),
        ("stages:", "register: {name: accounts, columns: {site: [what, reference]}}\nstages:", 9, "`reference` does not fit"),
        ("stages:", "register: {name: accounts, columns: {name: what}, when: {field: x, equals: y}}\nstages:", 9, "`x`, which is not asked"),
        ("stages:", "register: {name: accounts, columns: {}}\nstages:", 9, "columns"),
        ("stages:", "register: {columns: {name: what}}\nstages:", 9, "`name` is missing"),
        ("id: pupils, kind: yes_no", "id: pupils, kind: entry", 7, "`register` belongs to an `entry` field"),
        ("kind: yes_no,", "kind: entry, register: acounts,", 7, "there is no register `acounts`; there are: accounts"),
        ("kind: yes_no,", "kind: yes_no, register: accounts,", 7, "`register` belongs to an `entry` field"),
        ("kind: date, label", "kind: entry, register: accounts, label", 19, "`entry` belongs to the form's own fields"),
        ("stages:", "tells: [{who: {role: hed}}]\nstages:", 9, "there is no role `hed`"),
        ("stages:", "tells: [{who: {line_manager: true}}]\nstages:", 9, "`tells` names roles only"),
    ],
)  # fmt: skip
def test_every_mistake_is_named_with_its_line(
    old: str, new: str, line: int, words: str, tmp_path: Path
) -> None:
    assert GOOD.count(old) == 1
    found = mistakes(GOOD.replace(old, new), tmp_path)
    assert any(at == line and words in message for at, message in found), found


def test_what_one_window_does_not_hold_is_named_where_it_begins_to_be_too_much(tmp_path: Path) -> None:
    more = "".join(f"  - {{id: more{n}, kind: text, label: More}}\n" for n in range(36))
    long = GOOD.replace("stages:", f"{more}stages:", 1)
    about = long.replace("summary: To ask.", "summary: To ask.\nabout_people: {field: pupils, equals: 'yes'}")
    words = "more than one window holds"
    found = [one for one in mistakes(about, tmp_path) if words in one[1]]
    assert [(line, message.split("`")[1]) for line, message in found] == [(40, "more30")]


def test_a_case_and_a_procedure_without_a_form_can_be_said(tmp_path: Path) -> None:
    receive = """    kind: receive
    log: [{id: seen, kind: address, label: Where}]
    actions: [{id: a, label: A, due_hours: 24, clauses: [asking], when: {field: pupils, equals: 'yes'}}]"""
    (case,) = read(GOOD.replace("    kind: act", receive), tmp_path)
    assert case.stage("carry_out").actions[0].due_hours == 24
    assert case.stage("carry_out").asks, "asked on closing"
    text = GOOD.partition("fields:")[0] + "leads_to: [ask-a-person]\ngates: [danger]\n"
    (shown,) = read(text, tmp_path)
    assert not shown.has_form


@pytest.mark.parametrize("more", ["about_people: true\n", "tells: [{who: {role: head}}]\n"])
def test_a_procedure_without_a_form_sends_nothing(more: str, tmp_path: Path) -> None:
    assert mistakes(GOOD.partition("fields:")[0] + more, tmp_path)


def test_stages_need_fields(tmp_path: Path) -> None:
    text = GOOD.partition("fields:")[0] + "stages:" + GOOD.partition("stages:")[2]
    assert any("`fields`" in message for _, message in mistakes(text, tmp_path))


def test_somebody_sees_whom_it_is_about(tmp_path: Path) -> None:
    text = GOOD.replace("summary: To ask.", "summary: To ask.\nabout_people: true")
    text = text.replace("    kind: decide", "    kind: act\n    hides: [who]")
    text = text.replace("    kind: act\n    title", "    kind: act\n    hides: [who]\n    title")
    assert any("nobody would see whom it is about" in message for _, message in mistakes(text, tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seen_by: [headteacher]", "seen_by: [hed]", "there is no role `hed`"),
        ("seen_by: [headteacher]", "seen_by: []", "seen_by"),
        ("column: until", "column: utnil", "the register has no column `utnil`; it has: what, until"),
        ("column: until", "column: what", "`what` must be a column of kind `date`; it is `text`"),
        ("share_of_staff: who", "share_of_staff: what", "`what` must be a column of kind `people`"),
        ("id: until, label: Until", "id: what, label: Until", "two columns have the id `what`"),
        ("  loans:", "  Loans:", "write small letters, digits and hyphens"),
        ("kind: date", "kind: day", "kind"),
    ],
)
def test_mistakes_in_a_register_stand_at_their_lines(old: str, new: str, words: str, tmp_path: Path) -> None:
    registers = """registers:
  loans:
    title: Loans
    columns:
      - {id: what, label: What}
      - {id: until, label: Until, kind: date}
      - {id: who, label: Who, kind: people}
    seen_by: [headteacher]
    remind: {column: until, days_before: 3}
    share_of_staff: who
"""
    school = (PACKAGED / "aet" / "school.yaml").read_text(encoding="utf-8").partition("registers:")[0]
    path = tmp_path / "school.yaml"
    path.write_text(school + registers, encoding="utf-8")
    assert load_school(path).registers["loans"].share_of_staff == "who"
    wrong = registers.replace(old, new)
    path.write_text(school + wrong, encoding="utf-8")
    with pytest.raises(Mistakes) as refusal:
        load_school(path)
    line = (school + wrong).count("\n", 0, (school + wrong).index(new)) + 1
    assert any(m.line == line and words in m.message for m in refusal.value.mistakes), refusal.value


def test_the_id_of_a_role_stands_in_addresses(tmp_path: Path) -> None:
    school = (PACKAGED / "aet" / "school.yaml").read_text(encoding="utf-8")
    path = tmp_path / "school.yaml"
    path.write_text(school.replace("\nroles:\n", "\nroles:\n  site manager: {title: Site manager}\n"))
    with pytest.raises(Mistakes, match="`site manager`: write small letters, digits and hyphens"):
        load_school(path)


def test_a_register_with_entries_about_people_is_offered_in_no_form(tmp_path: Path) -> None:
    read(GOOD, tmp_path)
    private = "id: tell\nabout_people: true\nregister: {name: accounts, columns: {name: what}}\n"
    stage = "  - {id: one, kind: receive, title: One, who: {role: dsl}}\n"
    fields = GOOD.replace("id: ask\n", private).partition("stages:")[0]
    (tmp_path / "workflows" / "tell.yaml").write_text(f"{fields}stages:\n{stage}", encoding="utf-8")
    found = mistakes(GOOD.replace("kind: yes_no,", "kind: entry, register: accounts,"), tmp_path)
    assert [line for line, _ in found] == [7]
    assert "`tell` leaves entries about people in it" in found[0][1]


def test_an_act_that_is_sent_back_about_people_is_a_mistake(tmp_path: Path) -> None:
    text = GOOD.replace("summary: To ask.", "summary: To ask.\nabout_people: true")
    text = text.replace("kind: decide", "kind: act").replace(
        "title: Carry out", "title: Out\n    may_send_back: true"
    )
    assert mistakes(text, tmp_path) == [(18, "a request about people is never sent back")]


def test_a_procedure_that_could_ask_nobody_is_a_mistake(tmp_path: Path) -> None:
    text = GOOD.replace("    kind: ", "    when: {field: pupils, equals: 'yes'}\n    kind: ")
    assert mistakes(text, tmp_path) == [(9, "every stage has a `when`, so a request could end with nobody")]


@pytest.mark.parametrize(
    "changes",
    [
        [("label: What}", "label: What, colour: red}"), ("    kind: decide", "    kind: decides"), ("clauses: [asking]", "clauses: []")],
        [("label: What}", "label: What, colour: red}"), ("{role: head}", "{role: hed}"), ("[asking]", "[aksing]")],
        [("kind: yes_no", "kind: yesno"), ("{role: ict}", "{role: itc}"), ("label: Until}", "label: Until, when: {field: x, equals: y}}")],
        [("    kind: decide", "    kind: decides"), ("who: {role: head}", "who: {role: hed}"), ("id: carry_out", "id: Carry_out")],
        [("title: Ask for something\n", ""), ("    who: {role: head}\n", ""), ("{role: ict}", "{role: itc}")],
    ],
)  # fmt: skip
def test_three_mistakes_of_any_kind_are_named_at_once(changes: list[tuple[str, str]], tmp_path: Path) -> None:
    text, lines = GOOD, set()
    for old, new in changes:
        assert text.count(old) == 1
        lines.add(text[: text.index(old)].count("\n") + 1)
        text = text.replace(old, new)
    found = mistakes(text, tmp_path)
    assert len({message for _, message in found}) == 3, found
    if all(new for _, new in changes):
        assert {line for line, _ in found} == lines


def test_two_files_with_mistakes_are_both_named(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "one.yaml").write_text("id: one", encoding="utf-8")
    (folder / "two.yaml").write_bytes(b"id: two\ntitle: Caf\xe9")
    (folder / "three.yaml").write_text("", encoding="utf-8")
    (folder / "four.yaml").write_text("- a\n- b\n", encoding="utf-8")
    with pytest.raises(Mistakes) as refusal:
        load_workflows(folder, SCHOOL, POLICY)
    by_file = {mistake.file: str(mistake) for mistake in refusal.value.mistakes}
    assert set(by_file) == {f"workflows/{n}.yaml" for n in ("one", "two", "three", "four")}
    assert by_file["workflows/two.yaml"] == "workflows/two.yaml:2: save this file as UTF-8"


def test_words_and_times_are_read_as_written(tmp_path: Path) -> None:
    text = GOOD.replace("summary: To ask.", "summary: no").replace("title: Decision", "title: 12:30")
    text = text.replace("kind: decide", "kind: decide\n    when: {field: pupils, equals: yes}")
    workflow = read(text, tmp_path)[0]
    assert workflow.summary == "no"
    assert workflow.stages[0].title == "12:30"
    assert workflow.stages[0].when[0].equals == "yes"


def test_dates_in_a_school_are_dates_and_words_stay_words(tmp_path: Path) -> None:
    text = (PACKAGED / "step" / "school.yaml").read_text(encoding="utf-8")
    (tmp_path / "school.yaml").write_text(text.replace("annual", "2027-01-31"), encoding="utf-8")
    school = load_school(tmp_path / "school.yaml")
    assert school.policy.adopted is not None
    assert school.policy.adopted.isoformat() == "2016-05-01"
    assert school.policy.adopted_as_printed == "May 2016"
    (tmp_path / "school.yaml").write_text(text.replace("May 2016", "2016-05-01"), encoding="utf-8")
    with pytest.raises(Mistakes, match=r"school.yaml:6: `policy.adopted_as_printed`"):
        load_school(tmp_path / "school.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("dsl: dsl", "dsl: dls", "dsl: dls", "there is no role `dls`"),
        ("chair: chair\n", "chair: headteacher\n", "chair: headteacher", "the chair must not be a head"),
        ("chair: chair\n", "chair: chairs\n", "chair: chairs", "there is no role `chairs`"),
        ("deputies: [deputy-dsl]", "deputies: [deputy-dls]", "  dsl: {title", "there is no role `deputy-dls`"),
        ("escalation: [", "escalation: [boss, ", "escalation:", "there is no role `boss`"),
        ("escalation: [deputy-headteacher, business-manager, chair]", "escalation: []", "escalation:", "at least one role"),
        (", head: true}", "}", "roles:", "a concern about the head would reach the head"),
        ("owner: headteacher", "owner: boss", "  owner: boss", "there is no role `boss`"),
    ],
)  # fmt: skip
def test_mistakes_in_a_school(old: str, new: str, line: str, words: str, tmp_path: Path) -> None:
    text = (PACKAGED / "step" / "school.yaml").read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new)
    (tmp_path / "school.yaml").write_text(text, encoding="utf-8")
    at = next(i for i, row in enumerate(text.splitlines(), 1) if row.startswith(line))
    with pytest.raises(Mistakes) as refusal:
        load_school(tmp_path / "school.yaml")
    assert (at, True) in [(m.line, words in m.message) for m in refusal.value.mistakes]


def test_an_imported_policy_without_keys_cites_its_sections(tmp_path: Path) -> None:
    imported = parse_policy_md(
        "---\ntitle: P\nversion: '1'\nwording: verbatim\n---\n# One\n\nDogs stay out.\n", "x"
    )
    (tmp_path / "ask.yaml").write_text(GOOD, encoding="utf-8")
    assert load_workflows(tmp_path, SCHOOL, imported)


def test_a_concern_that_works_is_no_mistake() -> None:
    assert concern().concerns_people({"who": ("pupil",)})
