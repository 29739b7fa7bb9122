"""Signing in to the page: one-time links and codes, and who is signed in. Only digests are kept.

A link is 256 random bits. A code is short enough to be typed, so it dies sooner, and after a few wrong tries.
Either is used once: whoever's statement removes its row is in, and nobody else.
"""

import contextlib
import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import Connection, delete, insert, or_, select, update

from adapters.store.crypto import Keys
from adapters.store.engine import Database, Unavailable
from adapters.store.people import put_identity
from adapters.store.tables import identities, sign_ins, web_sessions
from bot.events import Identity
from bot.people import PAGE
from bot.ports import Clock

LINK_LASTS = timedelta(minutes=15)
CODE_LASTS = timedelta(minutes=10)
TRIES = 5
"""How often a code may be typed wrongly before it is good for nothing."""
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Of a code: none that is taken for another."""
CODE_LENGTH = 8
SEEN_AGAIN = timedelta(seconds=30)
"""How exactly the last deed of a session is known: not every click writes."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stay:
    """How long somebody stays signed in: at most, and without doing anything."""

    at_most: timedelta
    idle: timedelta


SHARED = Stay(timedelta(hours=8), timedelta(minutes=15))
"""On a computer that others use: a school day, and not for long when nobody is there."""
OWN = Stay(timedelta(days=30), timedelta(days=14))
"""On one that is somebody's alone, and they said so."""


@dataclass(frozen=True)
class Session:
    """Somebody signed in. `who` is for events; the directory says who that is, at each request anew."""

    digest: str
    who: Identity
    own: bool

    @property
    def idle(self) -> timedelta:
        """How long it lasts when nothing is done."""
        return (OWN if self.own else SHARED).idle


class SignIns:
    """Every method is one transaction."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def link(self, people: Sequence[str]) -> str:
        """A one-time token for these people: one person, under an id for each of their schools. It replaces
        one that has not been used."""
        token = secrets.token_urlsafe(32)
        self._put(_digest(token), people, "", LINK_LASTS)
        return token

    def code(self, person: str) -> str:
        """A one-time code for this person, to be typed with their e-mail address. It replaces one that has
        not been used."""
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        self._put(_code_key(person), (person,), self._keys.code_digest(person, code), CODE_LASTS)
        return code

    def enter_by_link(self, token: str, *, own: bool) -> str:
        """Spend a link: what the cookie holds from now on. Empty when it was used, is too old or never was."""
        with self._database.write() as connection:
            return self._entered(connection, _digest(token), "", own)

    def enter_by_code(self, people: Sequence[str], code: str, *, own: bool) -> str:
        """Spend a code that one of these people was given: what the cookie holds. Empty when it is wrong, was
        used, is too old, or was typed wrongly too often."""
        typed = "".join(letter for letter in code.upper() if letter in LETTERS)
        now = self._clock.now()
        for person in people:
            key = _code_key(person)
            live = (sign_ins.c.key == key, sign_ins.c.until > now, sign_ins.c.tries < TRIES)
            with self._database.read() as connection:
                if connection.execute(select(sign_ins.c.key).where(*live)).first() is None:
                    continue
            with self._database.write() as connection:
                tried = update(sign_ins).where(*live).values(tries=sign_ins.c.tries + 1)
                row = connection.execute(tried.returning(sign_ins.c.digest)).first()
                if row and compare_digest(row.digest, self._keys.code_digest(person, typed)):
                    return self._entered(connection, key, row.digest, own)
        return ""

    def session(self, cookie: str, *, doing: bool) -> Session | None:
        """Whoever this cookie signed in, while it lasts. `doing`: it is asked because they did something."""
        if not cookie:
            return None
        now, digest = self._clock.now(), _digest(cookie)
        with self._database.read() as connection:
            row = connection.execute(select(web_sessions).where(web_sessions.c.digest == digest)).first()
        if row is None or now >= row.until:
            return None
        session = Session(digest, _identity(row.account), row.own)
        if now - row.seen >= session.idle:
            return None
        if doing and now - row.seen >= SEEN_AGAIN:
            self._seen(digest, now)
        return session

    def end(self, cookie: str) -> None:
        """Sign out whoever this cookie signed in."""
        with self._database.write() as connection:
            connection.execute(delete(web_sessions).where(web_sessions.c.digest == _digest(cookie)))

    def end_everywhere(self, people: Sequence[str]) -> int:
        """Sign out wherever one of these people is signed in, and void their links and codes. How many."""
        theirs = select(identities.c.user).where(
            identities.c.platform == "web", identities.c.tenant == PAGE, identities.c.person.in_(people)
        )
        issued = [account(people), *(account((person,)) for person in people)]
        with self._database.write() as connection:
            for table in (sign_ins, web_sessions):
                gone = delete(table).where(or_(table.c.account.in_(theirs), table.c.account.in_(issued)))
                ended = connection.execute(gone).rowcount
        return ended

    def expire(self, now: datetime) -> int:
        """Throw away what is over. How many."""
        with self._database.write() as connection:
            connection.execute(delete(sign_ins).where(sign_ins.c.until <= now))
            return connection.execute(delete(web_sessions).where(web_sessions.c.until <= now)).rowcount

    def _put(self, key: str, people: Sequence[str], digest: str, lasts: timedelta) -> None:
        whose = account(people)
        row = {
            "key": key,
            "account": whose,
            "people": json.dumps(sorted(people)),
            "digest": digest,
            "until": self._clock.now() + lasts,
            "tries": 0,
        }
        same_kind = (sign_ins.c.digest == "") if not digest else (sign_ins.c.digest != "")
        with self._database.write() as connection:
            connection.execute(delete(sign_ins).where(sign_ins.c.account == whose, same_kind))
            connection.execute(insert(sign_ins).values(row))

    def _entered(self, connection: Connection, key: str, digest: str, own: bool) -> str:
        """Remove the row of a link or code, which one caller alone can do, and begin a session."""
        now, stay = self._clock.now(), OWN if own else SHARED
        spent = delete(sign_ins).where(
            sign_ins.c.key == key, sign_ins.c.digest == digest, sign_ins.c.until > now
        )
        row = connection.execute(spent.returning(sign_ins.c.account, sign_ins.c.people)).first()
        if row is None:
            return ""
        for person in json.loads(row.people):
            with contextlib.suppress(KeyError):  # taken off the list meanwhile: not let in as them
                put_identity(connection, _identity(row.account), person)
        cookie = secrets.token_urlsafe(32)
        begun = {"digest": _digest(cookie), "account": row.account, "own": own}
        times = {"began": now, "seen": now, "until": now + stay.at_most}
        connection.execute(insert(web_sessions).values(begun | times))
        return cookie

    def _seen(self, digest: str, now: datetime) -> None:
        """A database that cannot be written to signs nobody out before their time."""
        try:
            with self._database.write() as connection:
                connection.execute(
                    update(web_sessions).where(web_sessions.c.digest == digest).values(seen=now)
                )
        except Unavailable as why:
            _log.warning("a session was used, which could not be noted: %s", type(why).__name__)


def account(people: Sequence[str]) -> str:
    """The user of a web identity that is these people."""
    return sha256("\0".join(sorted(people)).encode()).hexdigest()[:32]


def _identity(whose: str) -> Identity:
    return Identity(platform="web", tenant=PAGE, user=whose)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _code_key(person: str) -> str:
    return _digest(f"code\0{person}")
