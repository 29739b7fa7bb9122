"""One aiohttp application: the page, the chat platforms, health, and the outbox worker beside them."""

import asyncio
import contextlib
import gc
import logging
import webbrowser
from collections.abc import AsyncIterator, Sequence
from functools import partial

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from adapters import logs
from adapters.edge import Edge
from adapters.metrics import let_in
from adapters.printing.pdf import pdf
from adapters.settingup import reachable
from adapters.signing_in import doors
from adapters.slack.app import SLACK
from adapters.slack.app import serve as serve_slack
from adapters.teams.playground import Stage
from adapters.teams.side import serve as serve_teams
from adapters.web.cast import Playhouse
from adapters.web.pages import routes
from adapters.web.security import ORIGIN
from adapters.wiring import Clerk
from bot.assistant import Assistant
from bot.safeguarding import signposts
from bot.triage import triage_ready

MAX_BODY = 256 * 1024
COLLECTING = 20_000, 20, 20
"""How seldom Python looks for garbage in circles. Left alone, it does so several times an answer, and finds next to
none."""
FINISHING_SECONDS = 15.0
"""How long a server that is told to stop finishes what has begun: Teams waits as long for an answer."""


def application(clerk: Clerk, playground: Sequence[Playhouse] = ()) -> web.Application:
    """Everything under one roof. With a `playground` the page lets anyone be anyone of its cast."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[clerk.metrics.watched])
    app[ORIGIN] = clerk.settings.public_url
    app.router.add_get("/healthz", _healthy)
    app.router.add_get("/readyz", partial(_ready, clerk, playground))
    app.router.add_get("/metrics", partial(_metrics, clerk))
    routes(
        app,
        assistant=clerk.assistant,
        store=clerk.store,
        schools=playground,
        playground=bool(playground),
        signposts=(signposts(),),
        doors=None if playground else doors(clerk),
    )
    if clerk.slack:
        edge = Edge(clerk.assistant, clerk.store, clerk.services.clock)
        serve_slack(
            app, clerk.slack, edge, clerk.directory, clerk.drafts, pdf, clerk.store, clerk.services.clock
        )
    if clerk.teams:
        edge = Edge(_in_teams(clerk, playground), clerk.store, clerk.services.clock)
        serve_teams(app, clerk.teams, edge, clerk.directory, pdf)
    app.cleanup_ctx.append(partial(_working, clerk))
    return app


def _in_teams(clerk: Clerk, playground: Sequence[Playhouse]) -> Assistant | Stage:
    """The clerk as Teams talks to it; in the playground, Microsoft's test client chooses who to be."""
    if not playground:
        return clerk.assistant

    def connect(tenant: str, school: str) -> None:
        clerk.places.adopt(school, clerk.services.clock.now())
        clerk.places.connect("teams", tenant, school)

    troupe = [(h.id, h.name, [(p.user, p.person, p.name) for p in h.cast]) for h in playground]
    return Stage(clerk.assistant, clerk.directory, connect, troupe)


async def serve(clerk: Clerk, app: web.Application, *, open_browser: bool = False) -> None:
    """Serve until cancelled; says the address once it is listening."""
    gc.set_threshold(*COLLECTING)
    runner = web.AppRunner(
        app,
        shutdown_timeout=FINISHING_SECONDS,
        access_log_class=logs.AccessLog,
        access_log=logging.getLogger(logs.__name__),
    )
    await runner.setup()
    settings = clerk.settings
    site = web.TCPSite(runner, settings.host, settings.port)
    await site.start()
    address = f"http://{settings.host}:{runner.addresses[0][1]}/"
    print(f"Policy Clerk is at {address}  (stop with Ctrl+C)", flush=True)  # noqa: T201
    if open_browser:
        await asyncio.to_thread(webbrowser.open, address)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _healthy(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


async def _ready(clerk: Clerk, playground: Sequence[Playhouse], request: web.Request) -> web.Response:
    """The database answers, and at least one school is in force. How many are served, and Slack's troubles, are
    said beside it."""
    database = "ready"
    try:
        ready = bool(await asyncio.to_thread(clerk.library.schools))
        served = len(playground) or len(await asyncio.to_thread(reachable, clerk))
    except OSError as error:
        ready, served, database = False, 0, f"away: {type(error).__name__}"
    triage = await asyncio.to_thread(triage_ready)
    said = {"ready": ready, "schools": served, "database": database, "triage": triage or "ready"}
    if slack := request.app.get(SLACK):
        said["slack"] = await slack.trouble() or "ready"
    return web.json_response(said, status=200 if ready else 503)


async def _metrics(clerk: Clerk, request: web.Request) -> web.Response:
    """Counts for Prometheus; 404 for whoever they are not for."""
    if not let_in(request, clerk.settings.metrics_token.get_secret_value()):
        raise web.HTTPNotFound
    told = await asyncio.to_thread(clerk.metrics.told)
    return web.Response(body=told, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _working(clerk: Clerk, _: web.Application) -> AsyncIterator[None]:
    """The outbox worker runs as long as the application does; the triage is loaded at once."""
    stop = asyncio.Event()
    # Whoever types first may be the one who cannot wait.
    warming = asyncio.create_task(asyncio.to_thread(triage_ready))
    worker = asyncio.create_task(clerk.worker.run(stop))
    yield
    stop.set()
    await warming
    with contextlib.suppress(asyncio.CancelledError):
        await worker
