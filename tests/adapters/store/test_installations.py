"""The tokens of workspaces: sealed, each for its own workspace, and forgotten with the app."""

import pytest
from sqlalchemy import select, update

from adapters.store.crypto import Keys, Unreadable
from adapters.store.engine import Database
from adapters.store.installations import Installations
from adapters.store.tables import installations
from tests.adapters.store.samples import StoppedClock


def test_each_workspaces_token_can_be_read_by_the_clerk_alone(database: Database) -> None:
    kept, now = Installations(database, Keys.generate()), StoppedClock().now()
    kept.keep("slack", "T1", "xoxb-one", now)
    kept.keep("slack", "T2", "xoxb-two", now)
    assert (kept.token("slack", "T1"), kept.token("slack", "T9")) == ("xoxb-one", "")
    kept.keep("slack", "T1", "xoxb-again", now)
    assert not kept.forget("slack", "T1", "xoxb-one")
    assert kept.token("slack", "T1") == "xoxb-again"
    with database.read() as connection:
        rows = connection.execute(select(installations).order_by(installations.c.tenant)).all()
    assert b"xoxb" not in b"".join(row.sealed for row in rows)
    with database.write() as connection:
        connection.execute(
            update(installations).where(installations.c.tenant == "T2").values(sealed=rows[0].sealed)
        )
    with pytest.raises(Unreadable):
        kept.token("slack", "T2")
    assert kept.forget("slack", "T1", "xoxb-again")
    assert kept.token("slack", "T1") == ""
