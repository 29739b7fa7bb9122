"""What is past its time goes by itself."""

from datetime import timedelta

from bot.events import Identity
from tests.school import Stage

WHO = Identity(platform="slack", tenant="T1", user="U1")


def test_events_and_half_filled_forms_are_gone_after_a_day(aet: Stage) -> None:
    clerk = aet.clerk
    aet.deliver()
    clerk.store.first_time("e1", aet.clock.now())
    clerk.drafts.keep(WHO, "request-account", {"why": ("x",)})
    aet.clock.pass_by(timedelta(hours=23))
    aet.deliver()
    assert not clerk.store.first_time("e1", aet.clock.now())
    assert clerk.drafts.kept(WHO, "request-account")
    aet.clock.pass_by(timedelta(hours=2))
    aet.deliver()
    assert clerk.store.first_time("e1", aet.clock.now())
    assert clerk.drafts.expire(aet.clock.now()) == 0
