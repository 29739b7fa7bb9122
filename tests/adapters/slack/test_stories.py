"""Whole stories of aet in Slack: signed requests through real bolt to a real clerk, and what each person sees."""

from tests.adapters.slack.conftest import Office, both_ways, clean

UNBLOCK = {
    "url": "https://www.instagram.com/nasa",
    "content": "Pictures from space.",
    "reasons": "A science lesson about planets.",
    "risks": "Comments by strangers: I hide them.",
    "for_pupils": "No",
}


@both_ways
async def test_a_blocked_site_from_the_form_to_open_access(office: Office) -> None:
    """aet:245-247, Appendix A: teacher, ICT technician, headteacher."""
    teacher, technician, head = office["class-teacher"], office["ict-technician"], office["headteacher"]

    await teacher.types("/unblock-request")
    await teacher.fills(UNBLOCK | {"url": "not an address"})
    await teacher.submits()
    assert "web address" in str(teacher.modal and teacher.modal.errors)
    await teacher.fills({"url": UNBLOCK["url"]})
    await teacher.submits()
    assert "Waiting for: Check by ICT" in await teacher.until("sent", "modal")
    await teacher.closes()
    assert "Waiting for: Check by ICT" in await teacher.until("sent", "dm")

    await technician.until("Check by ICT")
    assert "A science lesson about planets." in technician.sees()
    assert "Check by ICT" not in head.sees()
    await technician.clicks("Pass to headteacher")
    await technician.fills({"blocked": "Yes", "technical_risks": "None beyond the usual."})
    await technician.submits()
    await technician.until("Decision by the headteacher")
    await technician.closes(everything=True)

    await head.until("Decision by the headteacher")
    assert "None beyond the usual." in head.sees()
    await teacher.until("Waiting for: Decision by the headteacher")
    await head.clicks("Approve")
    await head.submits()
    assert "reason" in str(head.modal and head.modal.errors)
    await head.fills({"reason": "Good use, risks in hand."})
    await head.submits()
    await head.closes(everything=True)
    await teacher.until("Good use, risks in hand.")

    await technician.until("Access opened by ICT")
    await technician.clicks("Mark done")
    await technician.fills({"until": "2026-12-18"})
    await technician.submits()
    assert "18 Dec 2026" in await teacher.until("finished")
    assert clean(office.slack)
