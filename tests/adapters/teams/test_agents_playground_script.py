"""Microsoft's own test client by script, before `policyclerk demo`: personal chat, group, channel, mentions, a
reported message, and what the clerk says unasked. Skipped where the npm package is not installed."""

from tests.adapters.seen import teams_words
from tests.adapters.teams.agents_playground import visiting
from tests.adapters.teams.deeds import SECRET, UNBLOCK
from tests.adapters.teams.staff import dialog


async def test_a_request_from_the_first_question_to_the_approval(agents_playground: str) -> None:
    async with visiting(agents_playground) as visitor:
        await visitor.becomes("class-teacher")
        await visitor.says("Can I accept a friend request from a pupil?")
        await visitor.sees("Not allowed")
        await visitor.says("/unblock-request")
        form = await visitor.sees("Reasons for access")
        sent = await visitor.presses(form, "Send", **UNBLOCK | {"reasons": "Told by script."})
        assert ": sent" in teams_words(sent["value"])
        waiting, _ = await visitor.sees("not opened yet")  # unasked: the outbox has brought it

        for person, button, values in (
            ("ict-technician", "Pass to headteacher", {"blocked": "yes"}),
            ("headteacher", "Approve", {"reason": "Approved by script."}),
        ):
            await visitor.becomes(person)
            await visitor.says("my-requests")
            listed = await visitor.sees("Told by script.")
            await visitor.presses(listed, button)
            done = await visitor.presses(await visitor.sees(f"{button}: AET-"), button, **values)
            assert "Waiting for: " in teams_words(done["value"])
        await visitor.sees("Approved by script.")
        assert "Approved by script." in str(visitor.standing[waiting])  # the same card, drawn again


async def test_where_others_read_along_the_policy_is_said_and_the_rest_is_not(agents_playground: str) -> None:
    async with visiting(agents_playground) as visitor:
        await visitor.becomes("class-teacher")
        for place in (visitor.group, visitor.channel):
            await visitor.says("Can I accept a friend request from a pupil?", place)
            await visitor.sees("Not allowed", place)
            await visitor.says(SECRET, place)
            await visitor.reads("I have sent the answer to you alone.", place)
            await visitor.sees("Tell your safeguarding lead now")


async def test_a_message_is_reported_and_help_is_there(agents_playground: str) -> None:
    async with visiting(agents_playground) as visitor:
        await visitor.becomes("class-teacher")
        message = {"id": "1", "body": {"contentType": "html", "content": f"<p>{SECRET}</p>"}}
        value = {"commandId": "reportMessage", "messagePayload": message}
        answer = await visitor.invokes("composeExtension/fetchTask", value)
        assert "safeguarding lead" in teams_words(dialog(answer))
        for text in ("hi", "hello", "help"):
            await visitor.says(text)
            await visitor.sees("Policy Clerk for")
