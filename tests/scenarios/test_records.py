"""The printable record: the policy's own form, its decisions as signatures, and only what one may see."""

from pathlib import Path
from typing import Any

import pytest

from adapters.exporting import CannotExport, export_request
from adapters.printing.pdf import pdf
from adapters.store.requests import SqlStore
from bot.cards import Button, Details, FieldErrors, Message, Paper, UpdateForm
from bot.paper import Record, as_text
from bot.records import record_of
from bot.workflows import answers
from tests.bot.test_routes import some_entries
from tests.school import Player, Stage, staged, text_of

PUPIL = "Llŷr Ŵyn ap Siôn"


def unblocked(aet: Stage) -> None:
    """A request for a blocked site, all the way."""
    teacher, ict, head = aet["class-teacher"], aet["ict-technician"], aet["headteacher"]
    teacher.sends(
        teacher.calls("unblock-request"),
        url="https://example.org/rivers",
        content="Films about rivers.",
        reasons="Year 5 cannot visit one.",
        risks="Links to other sites: shown on the board only.",
        for_pupils="no",
    )
    aet.deliver()
    ict.acts("Pass to headteacher", blocked="yes", technical_risks="Advertisements are filtered.")
    aet.deliver()
    head.acts("Approve", reason="A good use.")
    aet.deliver()
    ict.acts("Mark done", until="2026-12-18")
    aet.deliver()


def reported(aet: Stage, **about: str) -> None:
    """A report of content that somebody was looking at."""
    teacher = aet["class-teacher"]
    form = teacher.sends(teacher.calls("report-content"), danger="no", image="no")
    values = {"url": "https://example.org/film", "nature": "A film not for children.", **about}
    asked = teacher.sends(form, **values)
    assert isinstance(asked, UpdateForm | FieldErrors)
    assert isinstance(teacher.sends(asked, **values, about_receiver="no"), Message)
    aet.deliver()


def details(player: Player) -> Details:
    buttons = (b for card in player.feed() for b in card.buttons if b.action == "open")
    shown = player.presses(next(buttons))
    assert isinstance(shown, Details)
    return shown


def printed(player: Player) -> Record:
    button = next(b for b in details(player).card.buttons if b.action == "print")
    paper = player.presses(button)
    assert isinstance(paper, Paper)
    return paper.record


def request_of(aet: Stage) -> tuple[SqlStore, str, str]:
    request = aet.clerk.store.requested_by(aet["class-teacher"].id)[0]
    return aet.clerk.store, request.id, request.reference


def labels(record: Record) -> list[tuple[str, list[str]]]:
    return [(s.heading, [row.label for group in s.groups for row in group]) for s in record.sections]


def test_appendix_a_in_its_own_order_with_the_decision_as_its_signature(aet: Stage) -> None:
    unblocked(aet)
    record = printed(aet["class-teacher"])
    assert record.title == "Blocked content access request form"
    assert record.status == "Finished"
    assert labels(record)[:2] == [  # aet:265-280
        (
            "Requester",
            [
                "Staff name",
                "Date",
                "Full web address",
                "What is on the site",
                "Reasons for access",
                "Risks you see, and how you would control them",
            ],
        ),
        ("Authoriser", ["Approved?", "Reasons", "Staff name", "Date"]),
    ]
    text = as_text(record)
    for value in ("https://example.org/rivers", "A good use.", "18 Dec 2026", "Advertisements are filtered."):
        assert value in text
    assert "9 Nov 2026, 09:30" in text
    assert "section 7 Blocked content" in text
    assert record.versions[-1].lines[0].text.endswith(aet.published.workflow("unblock-request").version)


def test_who_stands_in_for_whom_is_said(aet: Stage) -> None:
    teacher, ict = aet["class-teacher"], aet["ict-technician"]
    aet.away("headteacher")
    values = dict.fromkeys(("content", "reasons", "risks"), "Rivers.")
    teacher.sends(teacher.calls("unblock-request"), url="https://e.org", for_pupils="no", **values)
    aet.deliver()
    ict.acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    aet["deputy-headteacher"].acts("Refuse", reason="Too many risks.")
    aet.deliver()
    text = as_text(printed(teacher))
    assert "Approved? No" in text
    assert "Standing in for: Headteacher" in text
    assert "Status: Refused" in text


def test_a_decision_not_made_yet_says_so(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    values = dict.fromkeys(("content", "reasons", "risks"), "Rivers.")
    teacher.sends(teacher.calls("unblock-request"), url="https://e.org", for_pupils="no", **values)
    text = as_text(printed(teacher))
    assert "Approved? Not reached" in text
    assert "Check by ICT" in text
    assert "Outcome: Not yet" in text


def test_appendix_b_in_its_own_order(aet: Stage) -> None:
    reported(aet, who="pupil", pupil_name=PUPIL)
    ict = aet["ict-technician"]
    done = next(b for b in details(ict).card.buttons if b.action == "done")
    ict.sends(ict.presses(done), action_taken="Blocked for everyone.")
    assert labels(printed(aet["dsl"]))[:2] == [  # aet:281-293
        (
            "Report",
            ["Staff name", "Name of the pupil", "Date", "Full web addresses", "What kind of content is it?"],
        ),
        ("To be completed by the ICT technician", ["Action taken", "Staff name", "Date"]),
    ]


@pytest.mark.parametrize(
    ("school", "headings"),
    [
        (
            "aet",  # Appendix C, aet:294-332
            [
                "Team details",
                "Purpose of using social media",
                "Proposed audience of the site",
                "Proposed contributors to the site",
                "Administration of the site",
                "Approval of aims, content, brand and logo: marketing officer",
                "Approval of aims, content, brand and logo: headteacher/principal",
            ],
        ),
        (
            "step",  # Appendix B, step:303-331
            [
                "Team details",
                "Purpose",
                "Proposed audiences",
                "Proposed contributors",
                "Administration of the site",
                "Approval of aims, content, brand and logo: business manager",
                "Approval: headteacher",
            ],
        ),
    ],
)
def test_the_form_for_a_new_account_in_its_own_order(home: Path, school: str, headings: list[str]) -> None:
    for stage in staged(home, school):
        teacher = stage["class-teacher"]
        workflow = stage.published.workflow("request-account")
        assert workflow is not None
        fields = (field for field in workflow.fields if field.kind != "person")
        values = {k.replace(".", "__"): v for field in fields for k, v in some_entries(field).items()}
        people = {f.id: stage["headteacher"].id for f in workflow.fields if f.kind == "person"}
        reply = teacher.sends(teacher.calls("request-account"), **values, **people)
        if isinstance(reply, UpdateForm):  # words this bare may mean anything
            reply = teacher.sends(reply, **values, **people)
        assert isinstance(reply, Message), text_of(reply)
        stage.deliver()
        record = printed(teacher)
        assert record.title == workflow.record
        own = [section.heading for section in record.sections if section.heading in headings]
        assert own == headings
        placed = {label for _, rows in labels(record) for label in rows}
        asked = {f.label for f in workflow.asked(answers.tidied(workflow.fields, filled(values, people)))}
        assert asked <= placed, "nothing that was asked is lost"


def filled(*given: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Values as a form sends them."""
    every = {key.replace("__", "."): v for values in given for key, v in values.items()}
    return {key: (v,) if isinstance(v, str) else v for key, v in every.items()}


def test_who_may_not_see_a_field_gets_nothing_of_it_on_paper(aet: Stage) -> None:
    reported(aet, who="pupil", pupil_name=PUPIL)
    for hidden in (PUPIL, "pupil", "Was somebody", "safeguarding"):
        assert hidden not in text_of(printed(aet["ict-technician"])).replace("Pupil social media use", "")
    assert PUPIL in as_text(printed(aet["dsl"]))
    assert "Designated safeguarding lead" not in as_text(printed(aet["ict-technician"]))


def test_who_may_not_open_it_cannot_print_it(aet: Stage) -> None:
    reported(aet, who="staff", staff_member=aet["office-manager"].id)
    store, request_id, _ = request_of(aet)
    for user in ("office-manager", "teaching-assistant", "dsl"):
        reply = aet[user].presses(Button(action="print", label="Print", target=request_id))
        assert isinstance(reply, Message)
        assert "You cannot open this." in text_of(reply)
    assert "printed" not in {taken.action for taken in store.history(request_id)}


def test_printing_is_recorded_and_seen_by_those_who_handle_it(aet: Stage) -> None:
    reported(aet, who="pupil", pupil_name=PUPIL)
    printed(aet["ict-technician"])
    store, request_id, _ = request_of(aet)
    last = store.history(request_id)[-1]
    assert (last.action, last.person) == ("printed", aet["ict-technician"].id)
    assert "ICT technician (printed)" in text_of(details(aet["dsl"]))
    assert "printed" not in text_of(details(aet["class-teacher"]))
    assert store.verify("aet") == []


def test_a_request_about_people_has_no_record_for_nobody(aet: Stage) -> None:
    reported(aet, who="pupil", pupil_name=PUPIL)
    store, request_id, _ = request_of(aet)
    request = store.load(request_id)
    ctx = aet.clerk.services.context(request)
    with pytest.raises(ValueError, match="for a person"):
        record_of(ctx, aet.published, request, (), None)


def test_the_record_keeps_the_policy_it_began_with(aet: Stage) -> None:
    unblocked(aet)
    policy = aet.published.policy.model_copy(update={"version": "Spring 2027"})
    later = aet.published.model_copy(update={"policy": policy, "version": "later"})
    aet.clerk.library.publish(later, aet.clock.now())
    text = as_text(printed(aet["class-teacher"]))
    assert "Autumn 2023" in text
    assert "Spring 2027" not in text


def with_address(aet: Stage, user: str) -> str:
    """Give somebody an e-mail address, by which the command line knows them."""
    person = next(p for p in aet.clerk.directory.staff("aet").people if p.id == aet[user].id)
    email = f"{user}@school.example"
    aet.clerk.directory.add_person(person.model_copy(update={"email": email}))
    return email


def test_the_command_line_writes_it_for_the_owner_of_the_file_alone(aet: Stage, tmp_path) -> None:
    unblocked(aet)
    store, request_id, reference = request_of(aet)
    out = tmp_path / "record.txt"
    export_request(aet.clerk, "aet", reference.lower(), "", out, text=True)
    assert "A good use." in out.read_text(encoding="utf-8")
    assert out.stat().st_mode & 0o077 == 0
    last = store.history(request_id)[-1]
    assert (last.action, last.reason) == ("printed", "the command line, for the school's administrator")
    with pytest.raises(CannotExport, match="already there"):
        export_request(aet.clerk, "aet", reference, "", out, text=True)
    assert store.history(request_id)[-1] == last
    export_request(aet.clerk, "aet", reference, "", tmp_path / "record.pdf", text=False)
    assert (tmp_path / "record.pdf").read_bytes().startswith(b"%PDF-")


def test_the_command_line_gives_a_request_about_people_only_for_who_may_open_it(aet: Stage, tmp_path) -> None:
    reported(aet, who="staff", staff_member=aet["office-manager"].id)
    _, _, reference = request_of(aet)
    out = tmp_path / "record.txt"
    for user, why in (("", "about people"), ("office-manager", "may not open"), ("dsl", "may not open")):
        email = with_address(aet, user) if user else ""
        with pytest.raises(CannotExport, match=why):
            export_request(aet.clerk, "aet", reference, email, out, text=True)
    with pytest.raises(CannotExport, match="Nobody on the staff list"):
        export_request(aet.clerk, "aet", reference, "nobody@school.example", out, text=True)
    assert not out.exists()
    export_request(aet.clerk, "aet", reference, with_address(aet, "headteacher"), out, text=True)
    assert "Office manager" in out.read_text(encoding="utf-8")


def test_a_request_of_another_school_is_not_there(aet: Stage, tmp_path) -> None:
    unblocked(aet)
    _, _, reference = request_of(aet)
    for school, name in (("step", reference), ("aet", "AET-XXXXX")):
        with pytest.raises(CannotExport, match="has no request"):
            export_request(aet.clerk, school, name, "", tmp_path / "r.pdf", text=False)


def test_the_whole_way_to_a_pdf(aet: Stage) -> None:
    unblocked(aet)
    assert pdf(printed(aet["headteacher"])).startswith(b"%PDF-")
