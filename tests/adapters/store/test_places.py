"""Where schools are talked to from, and what platforms need in order to speak first."""

import pytest
from sqlalchemy import text, update

from adapters.store.crypto import Keys, Unreadable
from adapters.store.engine import Database
from adapters.store.places import Channel, Connection, Conversations, NotAdopted, Places
from adapters.store.tables import conversations
from tests.adapters.store.samples import NOW


@pytest.fixture
def places(database: Database) -> Places:
    places = Places(database)
    places.adopt("hill", NOW)
    return places


def test_only_an_adopted_school_is_connected(places: Places) -> None:
    with pytest.raises(NotAdopted, match="dale"):
        places.connect("slack", "T1", "dale")
    places.adopt("dale", NOW)
    for school in ("hill", "dale", "hill"):
        places.connect("slack", "T1", school)
    places.connect("teams", "G1", "hill")
    assert places.adopted() == {"hill", "dale"}
    assert places.served() == ("dale", "hill")
    assert places.connections("hill") == (
        Connection(platform="slack", tenant="T1", school="hill"),
        Connection(platform="teams", tenant="G1", school="hill"),
    )
    assert places.disconnect("teams", "G1", "hill")
    assert not places.disconnect("teams", "G1", "hill")
    assert len(places.connections()) == 2


def test_a_role_has_one_channel_on_each_platform_of_a_connected_workspace(places: Places) -> None:
    places.connect("slack", "T1", "hill")
    first = Channel(role="ict", platform="slack", tenant="T1", channel="C1")
    with pytest.raises(ValueError, match="hill is not connected to T2 on slack"):
        places.set_channel("hill", first.model_copy(update={"tenant": "T2"}))
    places.set_channel("hill", first)
    moved = first.model_copy(update={"channel": "C2"})
    places.set_channel("hill", moved)
    assert (places.channels("hill"), places.channels("dale")) == ((moved,), ())
    places.disconnect("slack", "T1", "hill")
    assert places.channels("hill") == ()


def test_a_conversation_is_sealed_and_opens_only_where_it_belongs(database: Database, keys: Keys) -> None:
    kept = Conversations(database, keys)
    assert kept.reference("teams", "G1", "29:abc") is None
    kept.remember("teams", "G1", "29:abc", '{"serviceUrl": "https://one.example"}')
    kept.remember("teams", "G1", "29:abc", '{"serviceUrl": "https://two.example"}')
    kept.remember("teams", "G1", "29:def", "other")
    assert kept.reference("teams", "G1", "29:abc") == '{"serviceUrl": "https://two.example"}'
    with database.read() as connection:
        stored = bytes(connection.execute(text("SELECT sealed FROM conversations LIMIT 1")).scalar_one())
    assert b"example" not in stored
    with database.write() as connection:
        connection.execute(update(conversations).values(sealed=stored))
    with pytest.raises(Unreadable):
        kept.reference("teams", "G1", "29:def")
    kept.forget("teams", "G1", "29:def")
    assert kept.reference("teams", "G1", "29:def") is None


def test_a_conversation_opens_after_the_keys_were_changed(database: Database, keys: Keys) -> None:
    Conversations(database, keys).remember("teams", "G1", "u", "old")
    both = Keys.from_text(f"{Keys.generate().to_text()},{keys.to_text()}")
    assert Conversations(database, both).reference("teams", "G1", "u") == "old"
