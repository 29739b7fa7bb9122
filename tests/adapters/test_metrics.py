"""`/metrics`: counts that are right, and that say nothing of anybody."""

import re
from dataclasses import replace
from datetime import timedelta

from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from adapters.server import application
from tests.school import Stage, form_of

UNBLOCK = {
    "url": "https://example.org/volcanoes",
    "content": "A film about volcanoes.",
    "reasons": "Geography in year 5.",
    "risks": "Adverts; I load it before the lesson.",
    "for_pupils": "no",
}


def told(stage: Stage) -> dict[str, float]:
    """Name and labels to value, as Prometheus reads them."""
    text = stage.clerk.metrics.told().decode()
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_happened_is_counted(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    teacher.asks("Can I accept a parent's friend request?")
    teacher.asks("What is the best recipe for lemon cake?")
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    aet.clock.pass_by(timedelta(minutes=20))
    late = told(aet)
    assert late["policyclerk_questions_total outcome=answer"] == 1
    assert late["policyclerk_questions_total outcome=not_in_policy"] == 1
    assert late["policyclerk_requests_sent_total"] == 1
    assert late["policyclerk_outbox_waiting"] > 0
    assert late["policyclerk_outbox_age_seconds"] == 1200

    aet.deliver()
    aet.clock.pass_by(timedelta(hours=5))
    aet["ict-technician"].acts("Pass to headteacher", blocked="yes")
    aet.deliver()
    aet["headteacher"].acts("Refuse", reason="Not this term.")
    aet.deliver()
    ended = told(aet)
    assert ended["policyclerk_request_seconds_count"] == 1
    assert ended["policyclerk_request_seconds_sum"] == 5 * 3600 + 1200
    assert ended["policyclerk_messages_total platform=web result=sent"] >= 4
    assert ended["policyclerk_outbox_waiting"] == ended["policyclerk_outbox_age_seconds"] == 0


def test_a_concern_leaves_the_same_traces_as_anything_else(aet: Stage) -> None:
    """Nothing in it says that it was a concern, about whom, at which school, or who raised it."""
    teacher = aet["class-teacher"]
    teacher.sends(teacher.calls("unblock-request"), **UNBLOCK)
    aet.deliver()
    before = set(told(aet))
    teacher.asks("A pupil told me that he is being hit at home")
    form = form_of(teacher.calls("report-concern"))
    teacher.sends(form)
    aet.deliver()
    after = told(aet)
    assert set(after) - before <= {
        "policyclerk_questions_total outcome=answer",
        "policyclerk_questions_total outcome=not_in_policy",
    }
    words = aet.clerk.metrics.told().decode()
    school = aet.published.school
    names = (school.id, *school.roles, *(w.command for w in aet.published.workflows), *aet.players)
    assert [name for name in names if re.search(rf"\b{re.escape(name)}\b", words)] == []


async def test_who_is_let_in(aet: Stage) -> None:
    async with TestClient(TestServer(application(aet.clerk))) as here:
        assert (await here.get("/metrics")).status == 200
        assert (await here.get("/nothing")).status == 404
        through_a_proxy = await here.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
        assert through_a_proxy.status == 404
        text = await (await here.get("/metrics")).text()
        assert 'policyclerk_http_seconds_count{route="/metrics",status="404"} 1.0' in text
        assert 'policyclerk_http_seconds_count{route="none",status="404"} 1.0' in text


async def test_with_a_token_nobody_is_let_in_without(aet: Stage) -> None:
    settings = aet.clerk.settings.model_copy(update={"metrics_token": SecretStr("long and random")})
    async with TestClient(TestServer(application(replace(aet.clerk, settings=settings)))) as page:
        assert (await page.get("/metrics")).status == 404
        for given, status in (("Bearer wrong", 404), ("Bearer long and random", 200), ("Bearer ä", 404)):
            assert (await page.get("/metrics", headers={"Authorization": given})).status == status


def test_a_database_that_is_away_is_told(aet: Stage) -> None:
    aet.clerk.outbox.standing = _away  # type: ignore[method-assign, assignment]
    assert told(aet)["policyclerk_database_up"] == 0


def _away(_: object) -> None:
    raise OSError("away")
