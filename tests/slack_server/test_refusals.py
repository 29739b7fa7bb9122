"""What our Slack refuses, asked through the real client, by Slack's own names."""

import time
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_server import FakeSlack, payloads
from tests.slack_server.conftest import SECRET
from tests.slack_server.wire import HttpWire, encoded, signed

Drawn = dict[str, Any]
HI = {"text": "hi"}


def words(text: str) -> Drawn:
    return {"type": "plain_text", "text": text}


def modal(**more: Any) -> Drawn:
    return {"type": "modal", "title": words("T"), "blocks": [{"type": "divider"}], **more}


def home(*blocks: Drawn) -> Drawn:
    return {"type": "home", "blocks": list(blocks) or [{"type": "divider"}]}


async def refusal(client: AsyncWebClient, method: str, **said: Any) -> str:
    with pytest.raises(SlackApiError) as no:
        await client.api_call(method, json=said)
    return str(no.value.response["error"])


@pytest.mark.parametrize(
    ("method", "said", "error"),
    [
        ("chat.postMessage", {"channel": "C9", **HI}, "channel_not_found"),
        ("chat.postMessage", {"channel": "G1", **HI}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C1"}, "no_text"),
        ("chat.postMessage", {"channel": "C1", "text": "x" * 4001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "C1", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "C1", "blocks": [{"type": "novelty"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "C1", "thread_ts": "1.2", **HI}, "thread_not_found"),
        ("chat.postMessage", HI, "invalid_arguments"),
        ("chat.postEphemeral", {"channel": "C1", "user": "U9", **HI}, "user_not_in_channel"),
        ("chat.update", {"channel": "C1", "ts": "1.2", **HI}, "message_not_found"),
        ("chat.delete", {"channel": "C1", "ts": "1.2"}, "message_not_found"),
        ("chat.getPermalink", {"channel": "C1", "message_ts": "1.2"}, "message_not_found"),
        ("conversations.open", {"users": "U9"}, "user_not_found"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.info", {"channel": "C9"}, "channel_not_found"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        ("users.lookupByEmail", {"email": "nobody@school.example"}, "users_not_found"),
        ("usergroups.users.list", {"usergroup": "S9"}, "no_such_subteam"),
        ("views.open", {"trigger_id": "1.2.x", "view": modal()}, "invalid_trigger_id"),
        ("views.update", {"view_id": "V9", "view": modal()}, "not_found"),
        ("views.publish", {"user_id": "U9", "view": home()}, "user_not_found"),
        ("views.publish", {"user_id": "U1", "view": modal()}, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": [{"id": "F9"}]}, "file_not_found"),
        ("admin.everything", {}, "unknown_method"),
    ],
)
async def test_each_refusal_has_slacks_name(
    client: AsyncWebClient, method: str, said: Drawn, error: str
) -> None:
    assert await refusal(client, method, **said) == error


async def test_too_many_characters_of_blocks(client: AsyncWebClient) -> None:
    text = {"type": "section", "text": words("x" * 2700)}
    await client.chat_postMessage(channel="C1", blocks=[text] * 4, text="x")
    assert await refusal(client, "chat.postMessage", channel="C1", blocks=[text] * 5) == "msg_blocks_too_long"


async def test_channels_archived_deleted_and_left(slack: FakeSlack, client: AsyncWebClient) -> None:
    place = slack.workspace.channels["C1"]
    place.archived = True
    assert await refusal(client, "chat.postMessage", channel="C1", **HI) == "is_archived"
    place.archived = False
    place.members.remove(slack.workspace.bot.id)
    assert await refusal(client, "chat.postMessage", channel="C1", **HI) == "not_in_channel"
    place.deleted = True
    assert await refusal(client, "chat.postMessage", channel="C1", **HI) == "channel_not_found"


async def test_somebody_deactivated_is_written_to_in_vain(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.workspace.people["U1"].deleted = True
    assert (await client.chat_postMessage(channel="U1", text="hi"))["ok"]
    assert (await client.users_info(user="U1"))["user"]["deleted"] is True
    assert await refusal(client, "conversations.open", users="U1") == "user_disabled"
    assert await refusal(client, "users.lookupByEmail", email="teacher@school.example") == "users_not_found"
    assert await refusal(client, "views.publish", user_id="U1", view=home()) == "user_not_found"


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_token_that_no_longer_works(slack: FakeSlack, client: AsyncWebClient, error: str) -> None:
    slack.workspace.token_error = error
    assert await refusal(client, "auth.test") == error


async def test_tokens_and_scopes(slack: FakeSlack) -> None:
    assert await refusal(AsyncWebClient("xoxb-other", base_url=slack.api_url), "auth.test") == "invalid_auth"
    assert await refusal(AsyncWebClient(base_url=slack.api_url), "auth.test") == "not_authed"
    slack.workspace.scopes = frozenset({"chat:write", "users:read"})
    granted = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    assert await refusal(granted, "conversations.open", users="U1") == "missing_scope"
    assert "email" not in (await granted.users_info(user="U1"))["user"]["profile"]


async def test_too_often(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.refuse("chat.postMessage", "ratelimited", retry_after=7, channel="C1")
    with pytest.raises(SlackApiError) as no:
        await client.chat_postMessage(channel="C1", text="hi")
    assert (no.value.response.status_code, no.value.response.headers["Retry-After"]) == (429, "7")
    await client.chat_postMessage(channel="C1", text="hi")
    assert [call.came for call in slack.calls] == ["ratelimited", "ok"]


async def test_triggers_work_once_and_for_three_seconds(slack: FakeSlack, client: AsyncWebClient) -> None:
    trigger = slack.workspace.trigger("U1")
    await client.views_open(trigger_id=trigger, view=modal())
    assert await refusal(client, "views.open", trigger_id=trigger, view=modal()) == "exchanged_trigger_id"
    late = slack.workspace.trigger("U1")
    slack.pass_by(3.1)
    assert await refusal(client, "views.open", trigger_id=late, view=modal()) == "expired_trigger_id"


async def test_views_lie_three_deep_and_keep_what_was_filled_in(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    asks = {
        "type": "input",
        "block_id": "a",
        "label": words("A"),
        "element": {"type": "plain_text_input", "action_id": "t"},
    }
    opened = await client.views_open(
        trigger_id=slack.workspace.trigger("U1"), view=modal(blocks=[asks], submit=words("Go"))
    )
    await slack.user("U1").fills({"a": "typed"})
    again = modal(blocks=[{"type": "divider"}, asks], submit=words("Go"))
    updated = await client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=again)
    assert updated["view"]["state"]["values"]["a"]["t"]["value"] == "typed"
    assert (
        await refusal(
            client, "views.update", view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=again
        )
        == "hash_conflict"
    )
    for _ in range(2):
        await client.views_push(trigger_id=slack.workspace.trigger("U1"), view=modal())
    trigger = slack.workspace.trigger("U1")
    assert await refusal(client, "views.push", trigger_id=trigger, view=modal()) == "push_limit_reached"
    await slack.user("U1").closes()
    await slack.user("U1").closes()
    assert "A: [typed]" in slack.user("U1").sees("modal")


async def test_a_view_too_large(slack: FakeSlack, client: AsyncWebClient) -> None:
    large = [{"type": "section", "text": words("x" * 3000)}] * 90
    trigger = slack.workspace.trigger("U1")
    assert (
        await refusal(client, "views.open", trigger_id=trigger, view=modal(blocks=large)) == "view_too_large"
    )


async def test_an_answer_address_serves_five_times_in_half_an_hour(slack: FakeSlack, app: AsyncApp) -> None:
    urls = []

    @app.command("/ok")
    async def ok(ack: Any, body: Drawn, respond: Any) -> None:
        await ack()
        urls.append([(await respond("again")).status_code for _ in range(6)])

    await slack.user("U1").types("/ok")
    assert await slack.until(lambda: urls) == [[200] * 5 + [404]]


async def test_a_file_is_where_it_was_shared(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.files_upload_v2(
        filename="record.pdf",
        content=b"%PDF-1.7",
        title="AET-1",
        channel=slack.workspace.direct("U1").id,
        initial_comment="Here",
    )
    assert "Here\n📎 AET-1" in slack.user("U1").sees()
    assert "AET-1" not in slack.user("U2").sees()
    assert slack.user("U1").messages()[-1].files[0].content == b"%PDF-1.7"


async def test_signatures_of_our_slack_are_slacks(slack: FakeSlack, app: AsyncApp) -> None:
    if not isinstance(slack.wire, HttpWire):
        pytest.skip("a socket has no signatures")
    what = payloads.event(
        slack.workspace, {"type": "message", "channel_type": "im", "user": "U1", "text": "x"}
    )
    body, kind = encoded("events_api", what)

    @app.event("message")
    async def heard() -> None: ...

    now = int(time.time())
    for secret, at, status in ((SECRET, now, 200), ("other", now, 401), (SECRET, now - 400, 401)):
        assert (await slack.wire.post(body, kind, signed(secret, body, at))).status == status
    assert (await slack.wire.post(body + b" ", kind, signed(SECRET, body, now))).status == 401


async def test_a_socket_told_to_go_comes_back(slack: FakeSlack, client: AsyncWebClient) -> None:
    app, came = AsyncApp(client=client, signing_secret=SECRET), []
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client)

    @app.event("message")
    async def message(event: Drawn) -> None:
        came.append(event["text"])

    sockets = slack.over_socket()
    await handler.connect_async()
    await sockets.disconnect()
    await slack.user("U1").says("again")
    assert await slack.until(lambda: came) == ["again"]
    await handler.close_async()
    wrong = AsyncSocketModeHandler(app, "xapp-other", web_client=client)
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await wrong.client.issue_new_wss_url()
    await wrong.close_async()
