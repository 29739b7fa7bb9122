"""Keys: read, hidden, rotated; and what they seal."""

import base64

import pytest

from adapters.store.crypto import BadKey, DataKey, Keys, Unreadable

TEXT = base64.b64encode(bytes(range(32))).decode()


def test_keys_are_read_as_they_are_written() -> None:
    keys = Keys.generate()
    again = Keys.from_text(keys.to_text())
    assert again.current == keys.current
    assert Keys.from_text(f" {TEXT} , {keys.to_text()}\n").to_text() == f"{TEXT},{keys.to_text()}"


def test_two_generated_keys_differ() -> None:
    assert Keys.generate().to_text() != Keys.generate().to_text()


@pytest.mark.parametrize("wrong", ["", "hunter2", TEXT[:-4], f"{TEXT}=", "é" * 44])
def test_a_wrong_key_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(BadKey) as refused:
        Keys.from_text(f"{TEXT},{wrong}")
    assert str(refused.value) == "key 2 is not 32 bytes in base64"


def test_no_key_shows_in_a_log() -> None:
    keys = Keys.from_text(TEXT)
    shown = f"{keys!r} {keys}"
    assert TEXT not in shown
    assert bytes(range(32)).hex() not in shown
    assert shown.startswith("Keys(")


def test_what_is_sealed_opens_in_its_place_alone() -> None:
    key = DataKey(bytes(32))
    sealed = key.seal(b"words", "requests", "r1", 12)
    assert key.open(sealed, "requests", "r1", 12) == b"words"
    for place in (("requests", "r1", 13), ("requests", "r11", 2), ("request", "sr1", 12), ("requests", "r1")):
        with pytest.raises(Unreadable):
            key.open(sealed, *place)


def test_the_same_words_are_never_sealed_the_same_way() -> None:
    key = DataKey(bytes(32))
    assert key.seal(b"words", "a") != key.seal(b"words", "a")


@pytest.mark.parametrize("garbage", [b"", b"short", b"x" * 40])
def test_garbage_is_unreadable(garbage: bytes) -> None:
    with pytest.raises(Unreadable, match="requests/r1"):
        DataKey(bytes(32)).open(garbage, "requests", "r1")


def test_an_old_master_key_still_opens_and_is_put_out_of_use_by_rewrapping() -> None:
    old, new = Keys.generate(), Keys.generate()
    both = Keys.from_text(f"{new.to_text()},{old.to_text()}")
    data_key, wrapped = old.new_data_key("r1")
    sealed = data_key.seal(b"words", "here")
    assert both.unwrap(wrapped, "r1").open(sealed, "here") == b"words"

    rewrapped = both.rewrap(wrapped, "r1")
    assert new.unwrap(rewrapped, "r1").open(sealed, "here") == b"words"
    with pytest.raises(Unreadable, match=old.current):
        new.unwrap(wrapped, "r1")


def test_a_wrapped_key_is_bound_to_its_request() -> None:
    keys = Keys.generate()
    _data_key, wrapped = keys.new_data_key("r1")
    with pytest.raises(Unreadable):
        keys.unwrap(wrapped, "r2")


def test_each_school_and_each_master_key_has_a_chain_key_of_its_own() -> None:
    one, two = Keys.generate(), Keys.generate()
    chain_keys = {
        one.chain_key("hill", one.current),
        one.chain_key("dale", one.current),
        two.chain_key("hill", two.current),
    }
    assert len(chain_keys) == 3
