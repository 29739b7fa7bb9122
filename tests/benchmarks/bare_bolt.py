"""A bolt app that does nothing of its own: what `slack.py` sets the clerk beside.

    SLACK_BOT_TOKEN=... SLACK_SIGNING_SECRET=... SLACK_API_BASE_URL=... python tests/benchmarks/bare_bolt.py

`/unblock-request` opens one form, always the same; a message gets one answer, always the same; `/ok` is
only acknowledged. Prints its address.
"""

import asyncio
import os
from typing import Any

from aiohttp import ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

WORDS = {"type": "plain_text", "text": "Full web address", "emoji": False}
INPUT = {"type": "plain_text_input", "action_id": "text"}
ASKS = {"type": "input", "block_id": "url", "label": WORDS, "element": INPUT}
FORM = {"type": "modal", "title": WORDS, "submit": WORDS, "blocks": [ASKS]}


def bare(client: AsyncWebClient) -> AsyncApp:
    """Bolt with three listeners."""
    app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.command("/unblock-request")
    async def opens(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.event("message")
    async def answers(event: dict[str, Any]) -> None:
        await client.chat_postMessage(channel=event["channel"], text="An answer.")

    @app.command("/ok")
    async def acknowledges(ack: Any) -> None:
        await ack("ok")

    return app


async def main() -> None:
    """Serve until stopped."""
    async with ClientSession() as session:
        base, token = os.environ["SLACK_API_BASE_URL"], os.environ["SLACK_BOT_TOKEN"]
        app = bare(AsyncWebClient(token, base_url=base, session=session))

        async def received(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        server = web.Application()
        server.router.add_post("/slack/events", received)
        runner = web.AppRunner(server)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"http://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
