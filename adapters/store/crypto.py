"""Keys, and what they seal. Nothing here touches the database.

Three kinds of key, all 32 bytes:

* master keys come from the environment. The first seals, all of them open, so that a new one can
  be put in front of an old one;
* a data key of its own for each request, kept only wrapped by a master key. Who destroys the
  wrapped key has erased the request;
* a chain key for each school, a key for its registers, one for the conversations of chat platforms, one for
  their tokens and one for half-filled forms, derived from a master key and never stored.

A master key itself seals nothing: what wraps and what chains are derived from it (HKDF), so that
no key has two uses.

Sealing is AES-256-GCM. Everything sealed is bound to the row it belongs to (associated data), so
a ciphertext copied into another row does not open there.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.ports import Unreadable as Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12
BUTTONS = "policyclerk buttons"
"""What the key of sealed buttons is derived for: they lie in chats, where nobody can seal them anew."""


class BadKey(ValueError):
    """A master key is not 32 bytes in base64. The message does not repeat it."""


class DataKey:
    """Seals and opens what belongs to one request."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)

    def seal(self, plain: bytes, *place: str | int) -> bytes:
        """Ciphertext of `plain`, bound to `place`: the table and what identifies the row in it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, _bound_to(place))

    def open(self, sealed: bytes, *place: str | int) -> bytes:
        """What was sealed for this place. Unreadable when this is not it."""
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _bound_to(place))
        except (InvalidTag, ValueError) as error:
            raise Unreadable(f"what is stored at {_named(place)} is not what was sealed there") from error


@dataclass(frozen=True)
class WrappedKey:
    """A data key as stored: which master key wraps it, and the wrapping."""

    master: str
    wrapped: bytes


class Keys:
    """The master keys. `from_text` reads them as they stand in `POLICYCLERK_KEYS`."""

    def __init__(self, secrets: tuple[bytes, ...], retired: Mapping[tuple[str, str], bytes] = {}) -> None:
        """`secrets`: 32 bytes each; the first seals, all open. BadKey when that is not so. `retired`: what was
        derived from master keys that are not among them, by the key's name and what it is for."""
        if not secrets or any(len(secret) != KEY_BYTES for secret in secrets):
            raise BadKey(f"needs at least one key, each of {KEY_BYTES} bytes")
        self._masters = {_fingerprint(secret): secret for secret in secrets}
        self.current = _fingerprint(secrets[0])
        """Which master key seals now: its public name."""
        self._retired = retired
        self._derived = lru_cache(maxsize=1024)(self._derive)

    @classmethod
    def generate(cls) -> "Keys":
        """One new random master key."""
        return cls((os.urandom(KEY_BYTES),))

    @classmethod
    def from_text(cls, text: str) -> "Keys":
        """Base64 keys with commas between. BadKey says which one is wrong, not what it is."""
        return cls(tuple(_decoded(part.strip(), place) for place, part in enumerate(text.split(","), 1)))

    def to_text(self) -> str:
        """As `from_text` reads them. Secret: for the one place where an administrator keeps them."""
        return ",".join(base64.b64encode(secret).decode() for secret in self._masters.values())

    def __repr__(self) -> str:
        """The names alone, so that no log or traceback shows a key."""
        return f"Keys({', '.join(self._masters)})"

    @property
    def names(self) -> tuple[str, ...]:
        """The public names of the master keys, in order."""
        return tuple(self._masters)

    def with_new(self) -> "Keys":
        """These keys with a new random one in front."""
        return Keys((os.urandom(KEY_BYTES), *self._masters.values()))

    def without(self, name: str) -> "Keys":
        """These keys without the one of that name. BadKey when it is not among them, or the last one."""
        if name not in self._masters:
            raise BadKey(f"there is no key {name}; there are: {', '.join(self._masters)}")
        return Keys(tuple(secret for other, secret in self._masters.items() if other != name))

    def retire(self, master: str, use: str) -> bytes:
        """What was derived from that master key, wrapped by the current one: for when it is taken away."""
        secret = self._derived(master, use)
        return self._wrapping(self.current).seal(secret, "retired_keys", master, use)

    def knowing(self, retired: Mapping[tuple[str, str], WrappedKey]) -> "Keys":
        """These keys with what `retire` kept, by the retired key's name and what it is for. What a missing
        master key wraps is left out: whoever needs it is told so."""
        opened = {
            (name, use): self._wrapping(kept.master).open(kept.wrapped, "retired_keys", name, use)
            for (name, use), kept in retired.items()
            if kept.master in self._masters
        }
        return Keys(tuple(self._masters.values()), opened)

    def knows(self, master: str, school: str) -> bool:
        """Whether what was chained for a school with the master key of that name can be checked."""
        return master in self._masters or (master, chain_use(school)) in self._retired

    def is_retired(self, master: str, use: str) -> bool:
        """Whether a master key is not given any more, and only what it was used for is known."""
        return master not in self._masters and (master, use) in self._retired

    def new_data_key(self, request_id: str) -> tuple[DataKey, WrappedKey]:
        """A key for a new request, ready to use and ready to store."""
        secret = os.urandom(KEY_BYTES)
        return DataKey(secret), self._wrap(secret, request_id)

    def unwrap(self, stored: WrappedKey, request_id: str) -> DataKey:
        """A stored data key, ready to use. Unreadable when it is another request's."""
        return DataKey(self._unwrapped(stored, request_id))

    def rewrap(self, stored: WrappedKey, request_id: str) -> WrappedKey:
        """The same data key wrapped by the current master key: for putting an old one out of use."""
        return self._wrap(self._unwrapped(stored, request_id), request_id)

    def chain_key(self, school: str, master: str) -> bytes:
        """The key of a school's audit chain, derived from the master key of that name."""
        return self._derived(master, chain_use(school))

    def school_key(self, school: str, master: str) -> DataKey:
        """The key of a school's registers, derived from the master key of that name."""
        return DataKey(self._derived(master, registers_use(school)))

    def conversation_key(self, master: str) -> DataKey:
        """The key of what platforms need in order to speak first, derived from the master key of that name."""
        return DataKey(self._derived(master, "policyclerk conversations"))

    def seal_for(self, person: str, text: str) -> str:
        """The text for a button of that person's: whoever keeps or logs the button cannot read it."""
        sealed = self._button_key(self.current).seal(text.encode(), "button", person)
        return f"{self.current}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open_for(self, person: str, sealed: str) -> str:
        """What `seal_for` sealed for that person. Unreadable when it did not."""
        master, _, coded = sealed.partition(".")
        try:
            ciphertext = base64.urlsafe_b64decode(coded)
        except ValueError as error:
            raise Unreadable("this was not sealed for a button") from error
        return self._button_key(master).open(ciphertext, "button", person).decode()

    def _button_key(self, master: str) -> DataKey:
        return DataKey(self._derived(master, BUTTONS))

    def code_digest(self, person: str, code: str) -> str:
        """What is kept of a code that people type: too short to be safe under a digest without a key."""
        key = self._derived(self.current, "policyclerk sign-in codes")
        return hmac.new(key, f"{person}\0{code}".encode(), hashlib.sha256).hexdigest()

    def draft_key(self, master: str) -> DataKey:
        """The key of half-filled forms, derived from the master key of that name."""
        return DataKey(self._derived(master, "policyclerk drafts"))

    def installation_key(self, master: str) -> DataKey:
        """The key of the tokens by which the clerk speaks, derived from the master key of that name."""
        return DataKey(self._derived(master, "policyclerk installations"))

    def _wrap(self, secret: bytes, request_id: str) -> WrappedKey:
        return WrappedKey(self.current, self._wrapping(self.current).seal(secret, "request_keys", request_id))

    def _unwrapped(self, stored: WrappedKey, request_id: str) -> bytes:
        return self._wrapping(stored.master).open(stored.wrapped, "request_keys", request_id)

    def _wrapping(self, master: str) -> DataKey:
        return DataKey(self._derived(master, "policyclerk wrap"))

    def _derive(self, master: str, use: str) -> bytes:
        if kept := self._retired.get((master, use)):
            return kept
        if master not in self._masters:
            raise Unreadable(f"sealed with master key {master}, which is not among the keys given")
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=use.encode()).derive(self._masters[master])


def chain_use(school: str) -> str:
    """What the key of a school's audit chain is derived for."""
    return f"policyclerk chain {school}"


def registers_use(school: str) -> str:
    """What the key of a school's registers, and of its deeds in the audit chain, is derived for."""
    return f"policyclerk registers {school}"


def _fingerprint(secret: bytes) -> str:
    """A public name for a key: tells keys apart, says nothing about them."""
    return hashlib.sha256(b"policyclerk key name" + secret).hexdigest()[:12]


def _decoded(text: str, place: int) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise BadKey(f"key {place} is not {KEY_BYTES} bytes in base64") from None
    return secret


def _named(place: tuple[str | int, ...]) -> str:
    return "/".join(str(part) for part in place)


def _bound_to(place: tuple[str | int, ...]) -> bytes:
    """Unambiguous: every part with its length, so that ("a", "bc") is not ("ab", "c")."""
    return b"".join(b"%d:%b" % (len(part), part) for part in (str(p).encode() for p in place))
