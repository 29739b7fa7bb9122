"""Whole stories of aet in Slack: signed requests through real bolt to a real clerk, and what each person sees."""

from adapters import disposing
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
    await teacher.until("is not a full web address", "modal")
    await teacher.fills({"url": UNBLOCK["url"]})
    await teacher.submits()
    await teacher.until("Waiting for: Check by ICT", "modal")
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

    # Erased, nothing of it is left in Slack either.
    clerk = office.stage.clerk
    (request,) = clerk.store.requested_by(office.stage["class-teacher"].id)
    disposing.erase(clerk, request, disposing.erasure(clerk, request, "Asked for.", ""))
    for reader in (teacher, technician, head):
        await reader.until("no longer shown here")
        assert "science lesson" not in reader.sees()
    assert clean(office.slack)


@both_ways
async def test_a_concern_about_the_headteacher_from_the_report_to_its_outcome(office: Office) -> None:
    """aet:225: it goes to the chair, and the headteacher sees nothing of it."""
    teacher, head, chair = office["class-teacher"], office["headteacher"], office["chair"]
    office.channel("chair", "C7", "chair", "headteacher")

    await teacher.types("/report")
    await teacher.until("What has happened?")
    await teacher.clicks("Someone's behaviour online")
    await teacher.fills({"danger": "No", "image": "No"})
    await teacher.submits()
    await teacher.fills({"who": "The headteacher", "kinds": ["Contact with a pupil"], "reach": "Room 4"})
    await teacher.submits()
    asked = await teacher.until("Is it about any of them", "modal")
    assert "This goes to: Chair of the board of trustees." in asked
    await teacher.fills({"about_receiver": "No"})
    await teacher.submits()
    await teacher.until("sent", "modal")
    await teacher.closes()

    # Requests about people go to the person alone, whatever channel the role has; and say next to nothing.
    await chair.until("Urgency")
    assert "Room 4" not in chair.sees()
    assert chair.sees("C7") == ""
    await chair.clicks("Open details")
    assert "Room 4" in await chair.until("Contact with a pupil", "modal")
    await chair.clicks("I am dealing with it")
    await chair.until("Recorded: you are dealing with it.", "modal")
    await chair.closes(everything=True)
    await teacher.until("opened")
    await chair.clicks("Open details")
    await chair.clicks("Close with an outcome")
    await chair.fills({"reason": "Spoken to. Nothing further."})
    await chair.submits()
    await chair.closes(everything=True)
    await teacher.until("closed")
    await office.slack.quiet()
    assert "Room 4" not in "".join(message.text + str(message.blocks) for message in chair.messages())
    await head.opens_home()
    (request,) = office.stage.clerk.store.requested_by(office.stage["class-teacher"].id)
    assert request.reference in chair.sees()
    await head.until("Policy Clerk for", "home")
    assert request.reference not in head.sees()
    assert clean(office.slack)
