"""`GET /metrics`: what this process has done since it started, and how the outbox stands, for Prometheus.

Sums over all schools and everyone in them. There is no label for a school, a procedure, a person or how urgent
something was: read every few seconds, "one more at 10:32" would tell a reader who may be nobody at the school
that somebody there has just raised a concern. Which procedure, whose and how far is in chat, for those who may
know. Several replicas each tell their own counts; what is read from the database is the same from each.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from adapters import logs
from adapters.store.crypto import Keys
from adapters.store.engine import Database
from adapters.store.queue import Outbox
from adapters.store.requests import SqlStore
from bot.cards import Card
from bot.guidance import NOTES
from bot.insights import ENDS
from bot.ports import Clock, Delivery, Place, Retriever, Sender, SendFailed
from bot.workflows.request import Change, Notice, Request
from knowledge.clauses import Policy
from knowledge.retriever import Found

HOUR, DAY = 3600, 86400

disable_created_metrics()  # type: ignore[no-untyped-call]  # when something happened first is nobody's business

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Metrics:
    """The counts of one process."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._registry = own = CollectorRegistry()
        self.questions = Counter(
            "policyclerk_questions", "Questions looked up in a policy.", ["outcome"], registry=own
        )
        self.sent = Counter("policyclerk_requests_sent", "Requests that were sent.", registry=own)
        self.ended = Histogram(
            "policyclerk_request_seconds",
            "From sending a request to its end, of those that have ended.",
            buckets=(HOUR, 4 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY, 28 * DAY),
            registry=own,
        )
        self.messages = Counter(
            "policyclerk_messages",
            "Messages of the outbox that were given to a platform: sent, failed (tried again), refused for good.",
            ["platform", "result"],
            registry=own,
        )
        self.answers = Histogram(
            "policyclerk_http_seconds",
            "How long answers took.",
            ["route", "status"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 3, 10),
            registry=own,
        )
        self._up = Gauge("policyclerk_database_up", "1 when the database answered just now.", registry=own)
        gauges = {
            "waiting": "Messages on their way: due or waiting for another attempt.",
            "age_seconds": "How long the message that has waited longest has been due.",
            "attempts": "The most attempts that a message on its way has had.",
            "set_aside": "Messages that were given up.",
        }
        self._gauges = {
            name: Gauge(f"policyclerk_outbox_{name}", words, registry=own) for name, words in gauges.items()
        }
        own.register(_Lines())

    def told(self) -> bytes:
        """Everything as Prometheus reads it. Asks the database: to be called in a thread."""
        try:
            standing = self._outbox.standing(self._clock.now())
        except OSError:
            self._up.set(0)
        else:
            self._up.set(1)
            for name, gauge in self._gauges.items():
                gauge.set(getattr(standing, name))
        return generate_latest(self._registry)

    @web.middleware
    async def watched(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """How long every answer took, by its route. A stream is no answer."""
        started, status = time.perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as refusal:
            status = refusal.status
            raise
        finally:
            route = logs.route_of(request)
            if not route.endswith("/live"):
                self.answers.labels(route, status).observe(time.perf_counter() - started)
        return response


def let_in(request: web.Request, token: str) -> bool:
    """Whether `/metrics` is for whoever asks: with the token, or, where none is set, from this machine and not
    through a proxy."""
    if token:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "Via", "X-Real-IP"))
    return request.remote in ("127.0.0.1", "::1") and not passed_on


class CountedStore(SqlStore):
    """The store, counting what is sent and how long it takes to its end."""

    def __init__(self, database: Database, keys: Keys, metrics: Metrics) -> None:
        super().__init__(database, keys)
        self._metrics = metrics

    def create(self, change: Change, token: str) -> None:
        """As the store's own."""
        super().create(change, token)
        self._metrics.sent.inc()

    def save(self, *changes: Change) -> None:
        """As the store's own."""
        super().save(*changes)
        for change in changes:
            if not change.request.is_open and change.taken.action in ENDS:
                self._metrics.ended.observe(_seconds(change.request.created_at, change.taken.at))


class CountedRetriever:
    """A retriever, counting questions and those it finds no answer to."""

    def __init__(self, retriever: Retriever, questions: Counter) -> None:
        self._retriever = retriever
        self._questions = questions

    def find(self, policy: Policy, question: str) -> Found:
        """As the retriever's own. Notes that colleagues left are looked through by the same question: those
        are no policy, and are not counted."""
        found = self._retriever.find(policy, question)
        if policy.title != NOTES:
            self._questions.labels(found.outcome).inc()
        return found


class CountedSender:
    """A sender, counting what became of each message."""

    def __init__(self, sender: Sender, platform: str, messages: Counter) -> None:
        self._sender = sender
        self._results = {r: messages.labels(platform, r) for r in ("sent", "failed", "refused")}

    def send(self, notice: Notice, request: Request | None, card: Card, to: Place) -> str:
        """As the sender's own."""
        with self._counted():
            return self._sender.send(notice, request, card, to)

    def redraw(self, delivery: Delivery, card: Card) -> None:
        """As the sender's own."""
        with self._counted():
            self._sender.redraw(delivery, card)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except SendFailed as failure:
            self._results["refused" if failure.permanent else "failed"].inc()
            raise
        self._results["sent"].inc()


class _Lines(Collector):
    """Warnings and errors that were logged, by the part of the program that did."""

    def collect(self) -> Iterator[CounterMetricFamily]:
        """As Prometheus's client asks for it."""
        words = "Lines logged, by level and the part of the program."
        family = CounterMetricFamily("policyclerk_log_lines", words, labels=["level", "where"])
        for (level, where), count in logs.counted().items():
            family.add_metric([level, where], count)
        yield family


def _seconds(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds(), 0.0)
