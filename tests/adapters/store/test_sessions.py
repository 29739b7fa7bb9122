"""Signing in to the page, on both databases: once, in time, by whoever it was for, and no longer than it lasts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from adapters.store import sessions
from adapters.store.crypto import Keys
from adapters.store.engine import Database
from adapters.store.people import SqlDirectory
from adapters.store.places import Places
from adapters.store.sessions import CODE_LASTS, LINK_LASTS, OWN, SHARED, TRIES, SignIns
from adapters.store.tables import sign_ins, web_sessions
from bot.events import Identity
from bot.people import Person
from tests.school import StoppedClock

MARY = Person(id="hill:mary", school="hill", name="Mary", email="mary@hill.example")
AT_DALE = Person(id="dale:mary", school="dale", name="Mary", email="mary@hill.example")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 9, 9, 30, tzinfo=UTC))


@pytest.fixture
def directory(database: Database, clock: StoppedClock) -> SqlDirectory:
    directory = SqlDirectory(database, clock)
    for person in (MARY, AT_DALE):
        directory.add_person(person)
    return directory


@pytest.fixture
def signs(database: Database, keys: Keys, clock: StoppedClock, directory: SqlDirectory) -> SignIns:
    return SignIns(database, keys, clock)


def test_a_link_lets_in_once_as_the_person_at_each_of_their_schools(
    signs: SignIns, directory: SqlDirectory, clock: StoppedClock
) -> None:
    cookie = signs.enter_by_link(token := signs.link([MARY.id, AT_DALE.id]), own=False)
    session = signs.session(cookie, doing=True)
    assert session
    assert directory.who(session.who) == (AT_DALE, MARY)
    assert signs.enter_by_link(token, own=False) == ""
    directory.add_person(AT_DALE.model_copy(update={"ends": date(2026, 11, 8)}))
    assert directory.who(session.who) == (MARY,)  # a school that they left is theirs no more
    first, second = signs.link([MARY.id]), signs.link([MARY.id])
    assert signs.enter_by_link(first, own=False) == ""  # the newer one replaced it
    clock.pass_by(LINK_LASTS)
    assert signs.enter_by_link(second, own=False) == ""


@pytest.mark.parametrize("way", ["link", "code"])
def test_of_two_at_once_one_is_let_in(signs: SignIns, way: str) -> None:
    if way == "link":
        token = signs.link([MARY.id])
        tries = [lambda: signs.enter_by_link(token, own=False)] * 4
    else:
        code = signs.code(MARY.id)
        tries = [lambda: signs.enter_by_code([MARY.id], code, own=False)] * 4
    with ThreadPoolExecutor(4) as pool:
        let_in = [cookie for cookie in pool.map(lambda enter: enter(), tries) if cookie]
    assert len(let_in) == 1


def test_a_code_is_good_as_people_type_it_for_minutes_and_few_tries(
    signs: SignIns, clock: StoppedClock
) -> None:
    code = signs.code(MARY.id)
    assert signs.enter_by_code([AT_DALE.id], code, own=False) == ""  # somebody else's
    assert signs.enter_by_code([MARY.id], f" {code[:4].lower()} - {code[4:]}", own=False)
    assert signs.enter_by_code([MARY.id], code, own=False) == ""
    code = signs.code(MARY.id)
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    for _ in range(TRIES):
        assert signs.enter_by_code([MARY.id], wrong, own=False) == ""
    assert signs.enter_by_code([MARY.id], code, own=False) == ""
    code = signs.code(MARY.id)
    clock.pass_by(CODE_LASTS)
    assert signs.enter_by_code([MARY.id], code, own=False) == ""
    assert CODE_LASTS < LINK_LASTS


def test_nothing_that_lets_anybody_in_is_kept(signs: SignIns, database: Database) -> None:
    secrets = [
        signs.link([MARY.id]),
        signs.code(MARY.id),
        signs.enter_by_link(signs.link([AT_DALE.id]), own=False),
    ]
    with database.read() as connection:
        kept = [*connection.execute(select(sign_ins)).all(), *connection.execute(select(web_sessions)).all()]
    assert len(kept) == 3
    assert not any(secret in repr(kept) for secret in secrets)


@pytest.mark.parametrize(("own", "stay"), [(False, SHARED), (True, OWN)])
def test_a_session_ends_when_nothing_is_done_and_after_its_time_in_any_case(
    signs: SignIns, clock: StoppedClock, own: bool, stay: sessions.Stay
) -> None:
    cookie = signs.enter_by_link(signs.link([MARY.id]), own=own)
    step = stay.idle - timedelta(seconds=1)
    for _ in range(stay.at_most // step):
        clock.pass_by(step)
        assert signs.session(cookie, doing=True)
    clock.pass_by(stay.idle)
    assert signs.session(cookie, doing=True) is None
    cookie = signs.enter_by_link(signs.link([MARY.id]), own=own)
    for _ in range(2):
        clock.pass_by(stay.idle / 2)
        seen = signs.session(cookie, doing=False)  # a page that only listens keeps nobody signed in
    assert seen is None
    assert signs.expire(clock.now() + stay.at_most) == 2


def test_signing_out_here_and_everywhere(signs: SignIns) -> None:
    here, there, dale = (
        signs.enter_by_link(signs.link(ids), own=True) for ids in ([MARY.id], [MARY.id], [AT_DALE.id])
    )
    signs.end(here)
    assert signs.session(here, doing=False) is None
    assert signs.session(there, doing=False)
    code, both = signs.code(MARY.id), signs.enter_by_link(signs.link([MARY.id, AT_DALE.id]), own=False)
    assert signs.end_everywhere([MARY.id]) == 2
    assert [bool(signs.session(cookie, doing=False)) for cookie in (there, both, dale)] == [
        False,
        False,
        True,
    ]
    assert signs.enter_by_code([MARY.id], code, own=False) == ""


def test_somebody_on_a_chat_platform_is_told_there_and_not_by_a_page_they_once_used(
    signs: SignIns, directory: SqlDirectory, database: Database, clock: StoppedClock
) -> None:
    signs.enter_by_link(signs.link([MARY.id]), own=False)
    assert [place.platform for place in directory.places(MARY.id)] == ["web"]
    Places(database).adopt("hill", clock.now())
    Places(database).connect("slack", "T1", "hill")
    directory.link(Identity(platform="slack", tenant="T1", user="U1"), MARY.id)
    assert [place.platform for place in directory.places(MARY.id)] == ["slack"]
