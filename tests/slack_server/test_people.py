"""What people do reaches a real bolt app, over HTTP and over Socket Mode, and they see what it answers."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from tests.slack_server import FakeSlack

Drawn = dict[str, Any]


def words(text: str) -> Drawn:
    return {"type": "plain_text", "text": text}


def field(name: str, label: str, **more: Any) -> Drawn:
    element = {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": name, "label": words(label), "element": element, **more}


def choice(name: str, label: str, *options: str, **more: Any) -> Drawn:
    offered = [{"text": words(one), "value": one.lower()} for one in options]
    element = {"type": "radio_buttons", "action_id": "choice", "options": offered}
    return {"type": "input", "block_id": name, "label": words(label), "element": element, **more}


def modal(*blocks: Drawn, **more: Any) -> Drawn:
    return {
        "type": "modal",
        "title": words("A form"),
        "submit": words("Send"),
        "blocks": list(blocks),
        **more,
    }


def button(label: str, value: str = "1") -> Drawn:
    return {
        "type": "actions",
        "elements": [{"type": "button", "text": words(label), "action_id": f"press.{label}", "value": value}],
    }


async def test_a_direct_message_is_answered(slack: FakeSlack, app: AsyncApp) -> None:
    heard = []

    @app.event("message")
    async def answer(event: Drawn, say: Any) -> None:
        heard.append(event["text"])
        await say(text="Hello <@U2> & all")

    await slack.user("U1").says("May I use <b> on https://example.org and youtube.com?")
    assert "Policy Clerk:\nHello" in await slack.user("U1").until("Hello")
    assert heard == [
        "May I use &lt;b&gt; on <https://example.org> and <http://youtube.com|youtube.com>?".replace(
            "org>", "org>"
        )
    ]
    assert "Hello" not in slack.user("U2").sees()


async def test_a_mention_is_heard_and_an_ephemeral_answer_is_for_one(slack: FakeSlack, app: AsyncApp) -> None:
    @app.event("app_mention")
    async def answer(event: Drawn, client: Any) -> None:
        await client.chat_postEphemeral(channel=event["channel"], user=event["user"], text="For you alone")
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="Sent to you")

    assert await slack.user("U1").says("not for the app", "C1") is None
    await slack.user("U1").says("@Policy Clerk what now?", "C1")
    assert "#staff Policy Clerk (only you):\nFor you alone" in await slack.user("U1").until("Sent to you")
    assert "For you alone" not in slack.user("U2").sees()
    assert "↳ #staff Policy Clerk:\nSent to you" in slack.user("U2").sees()


async def test_a_form_is_filled_in_corrected_and_sent(slack: FakeSlack, app: AsyncApp) -> None:
    sent = []

    @app.command("/form")
    async def opens(ack: Any, body: Drawn, client: Any) -> None:
        await ack()
        await client.views_open(
            trigger_id=body["trigger_id"],
            view=modal(choice("kind", "Which kind?", "A", "B", dispatch_action=True)),
        )

    @app.action("choice")
    async def changes(ack: Any, body: Drawn, client: Any) -> None:
        await ack()
        view, kept = body["view"], choice("kind", "Which kind?", "A", "B", dispatch_action=True)
        drawn = modal(kept, field("why", "Why?"), callback_id="done")
        await client.views_update(view_id=view["id"], hash=view["hash"], view=drawn)

    @app.view("done")
    async def submitted(ack: Any, view: Drawn) -> None:
        values = view["state"]["values"]
        sent.append((values["kind"]["choice"]["selected_option"]["value"], values["why"]["text"]["value"]))
        await (ack() if len(sent) > 1 else ack(response_action="errors", errors={"why": "Say more."}))

    teacher = slack.user("U1")
    await teacher.types("/form")
    await teacher.fills({"Which kind?": "B", "Why?": "because"})
    await teacher.submits()
    assert "Which kind?: ( ) A (x) B\nWhy?: [because]\n! Say more." in teacher.sees("modal")
    await teacher.fills({"why": "because of it"})
    await teacher.submits()
    assert teacher.modal is None
    assert sent == [("b", "because"), ("b", "because of it")]
    assert slack.refusals == []


async def test_what_slack_checks_itself_is_not_sent(slack: FakeSlack, app: AsyncApp) -> None:
    @app.command("/form")
    async def opens(ack: Any, body: Drawn, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(field("why", "Why?")))

    await slack.user("U1").types("/form")
    await slack.user("U1").until("Why?")
    await slack.user("U1").submits()
    assert "! Please complete this required field." in slack.user("U1").sees("modal")


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": {"type": "modal"}},
    ],
)
async def test_an_answer_slack_would_not_take_is_trouble(
    slack: FakeSlack, app: AsyncApp, body: Drawn
) -> None:
    @app.command("/form")
    async def opens(ack: Any, body: Drawn, client: Any) -> None:
        await ack()
        await client.views_open(
            trigger_id=body["trigger_id"], view=modal(field("why", "Why?"), callback_id="done")
        )

    @app.view("done")
    async def submitted(ack: Any) -> None:
        await ack(**body)

    teacher = slack.user("U1")
    await teacher.types("/form")
    await teacher.fills({"Why?": "because"})
    await teacher.submits()
    assert "We had some trouble connecting" in teacher.sees("modal")
    assert "because" in teacher.sees("modal")
    assert len(slack.refusals) == 1


async def test_buttons_in_messages_and_in_the_home(slack: FakeSlack, app: AsyncApp) -> None:
    @app.event("app_home_opened")
    async def home(event: Drawn, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [button("Ask")]})

    @app.action("press.Ask")
    async def ask(ack: Any, body: Drawn, client: Any) -> None:
        await ack()
        assert body["container"] == {"type": "view", "view_id": body["view"]["id"]}
        assert "response_url" not in body
        await client.chat_postMessage(
            channel=body["user"]["id"], text="A card", blocks=[button("Approve", "7")]
        )

    @app.action("press.Approve")
    async def approve(ack: Any, body: Drawn, action: Drawn, respond: Any) -> None:
        await ack()
        assert (action["value"], body["message"]["ts"]) == ("7", body["container"]["message_ts"])
        await respond(text="Decided", replace_original=True)

    head = slack.user("U2")
    await head.opens_home()
    await head.clicks("Ask")
    await head.clicks("Approve", where="messages")
    assert "[Approve]" not in await head.until("Decided")
    assert head.notifications() == ["Decided"]


async def test_shortcuts(slack: FakeSlack, app: AsyncApp) -> None:
    seen = []

    @app.shortcut("ask")
    async def ask(ack: Any, body: Drawn, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(field("q", "What?")))

    @app.shortcut("report")
    async def report(ack: Any, body: Drawn) -> None:
        await ack()
        seen.append((body["type"], body["message"]["text"], body["message_ts"], body["channel"]))

    await slack.user("U1").uses_shortcut("ask")
    assert "What?: []" in await slack.user("U1").until("What?")
    await slack.user("U2").says("Look at this", "C1")
    message = slack.user("U1").messages("C1")[-1]
    await slack.user("U1").uses_shortcut("report", message)
    assert seen == [("message_action", "Look at this", message.ts, {"id": "C1", "name": "staff"})]


async def test_a_menu_that_searches(slack: FakeSlack, app: AsyncApp) -> None:
    @app.command("/form")
    async def opens(ack: Any, body: Drawn, client: Any) -> None:
        await ack()
        menu = {"type": "external_select", "action_id": "who", "min_query_length": 1}
        asks = {"type": "input", "block_id": "w", "label": words("Who?"), "element": menu}
        await client.views_open(trigger_id=body["trigger_id"], view=modal(asks))

    @app.options("who")
    async def offers(ack: Any, payload: Drawn) -> None:
        await ack(options=[{"text": words(f"{payload['value']} {n}"), "value": str(n)} for n in range(3)])

    await slack.user("U1").types("/form")
    await slack.user("U1").fills({"Who?": "Person"})
    assert "Who?: [Person 0]" in slack.user("U1").sees("modal")


async def test_a_command_answered_at_once_and_one_not_known(slack: FakeSlack, app: AsyncApp) -> None:
    @app.command("/ok")
    async def ok(ack: Any) -> None:
        await ack("Fine")

    await slack.user("U1").types("/ok", "C1")
    assert "#staff Policy Clerk (only you):\nFine" in slack.user("U1").sees()
    assert "Fine" not in slack.user("U2").sees()
    if slack.wire is not slack.sockets:
        await slack.user("U1").types("/unknown")
        assert "/unknown failed with the error “dispatch_failed”" in slack.user("U1").sees()


async def test_events_that_are_not_acknowledged_come_again(slack: FakeSlack) -> None:
    from aiohttp import web

    came = []

    async def events(asked: web.Request) -> web.Response:
        body = await asked.json()
        came.append(
            (
                body["event_id"],
                asked.headers.get("X-Slack-Retry-Num"),
                asked.headers.get("X-Slack-Retry-Reason"),
            )
        )
        return web.Response(status=500 if len(came) < 3 else 200)

    server = web.Application()
    server.router.add_post("/", events)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.over_http(f"http://127.0.0.1:{runner.addresses[0][1]}/", "secret")
    await slack.user("U1").says("hello")
    await runner.cleanup()
    assert len({event for event, _, _ in came}) == 1
    assert [more for _, *more in came] == [[None, None], ["1", "http_error"], ["2", "http_error"]]
