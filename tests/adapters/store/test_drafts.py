"""Half-filled forms: sealed, each person's own, gone after a day."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from adapters.store.crypto import Keys, Unreadable
from adapters.store.drafts import Drafts
from adapters.store.engine import Database
from adapters.store.tables import drafts
from bot.events import Identity
from tests.adapters.store.samples import StoppedClock

ONE = Identity(platform="slack", tenant="T1", user="U1")
OTHER = ONE.model_copy(update={"user": "U2"})
VALUES = {"purpose": ("what somebody typed",), "none": ()}


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def kept(database: Database, clock: StoppedClock) -> Drafts:
    made = Drafts(database, Keys.generate(), clock)
    made.keep(ONE, "request-account", VALUES)
    return made


def test_it_is_there_for_its_writer_and_its_form_alone(kept: Drafts) -> None:
    assert kept.kept(ONE, "request-account") == VALUES
    assert kept.kept(OTHER, "request-account") == {}
    assert kept.kept(ONE, "approve-post") == {}
    kept.forget(ONE, "request-account")
    assert kept.kept(ONE, "request-account") == {}


def test_after_a_day_it_is_gone(kept: Drafts, database: Database, clock: StoppedClock) -> None:
    clock.time += timedelta(hours=23)
    assert kept.kept(ONE, "request-account") == VALUES
    clock.time += timedelta(hours=1)
    assert kept.kept(ONE, "request-account") == {}
    assert kept.expire(clock.now()) == 1
    with database.read() as connection:
        assert connection.execute(select(drafts)).all() == []


def test_what_was_typed_and_by_whom_cannot_be_read_beside_it(kept: Drafts, database: Database) -> None:
    with database.read() as connection:
        row = connection.execute(select(drafts)).one()
    assert "somebody" not in str(row)
    assert "U1" not in str(row)
    with database.write() as connection:
        connection.execute(update(drafts).values(sealed=row.sealed[:-1] + b"x"))
    with pytest.raises(Unreadable):
        kept.kept(ONE, "request-account")
