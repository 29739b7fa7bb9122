"""Whether an activity really comes from Microsoft: the token that came with it, checked by
botframework-connector against the Bot Framework's keys.

The connector's own key fetch blocks the event loop without a timeout and never sees a new key, so the
keys are fetched here. Tokens of the emulator and of skills, which the connector takes by default, are not
taken: they carry no service address to hold the activity against.
"""

import asyncio
import hashlib
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientTimeout
from botframework.connector.auth import (
    AuthenticationConstants,
    ChannelValidation,
    ClaimsIdentity,
    JwtTokenExtractor,
    SimpleCredentialProvider,
    VerifyOptions,
)
from jwt.algorithms import RSAAlgorithm

FRESH_SECONDS = 24 * 3600.0
"""How long keys are used before they are asked for again; Microsoft wants it daily."""
PATIENCE_SECONDS = 5.0
"""For the key fetch. Teams waits 15 seconds for an answer."""
ASK_AGAIN_SECONDS = 300.0
"""How soon a key nobody knows is asked for again: whoever invents key ids must not make us fetch."""
BELIEVED_SECONDS = 120.0
"""How long a token that held is not checked once more: Microsoft sends the same one for about an hour."""
REMEMBERED = 1000
TOLERANCE_SECONDS = 300
"""How far apart Microsoft's clock and ours may be."""

_log = logging.getLogger(__name__)


class Unauthorized(Exception):
    """This did not come from Microsoft, or not to us. The text is for the log and holds nothing of it."""


@dataclass(frozen=True)
class SigningKey:
    """As `JwtTokenExtractor` wants it."""

    public_key: Any
    endorsements: list[str]


FetchJson = Callable[[str], Awaitable[Any]]


def fetching(session: ClientSession) -> FetchJson:
    """A fetch of JSON with a timeout. OSError or ValueError when nothing useful came."""

    async def fetch(url: str) -> Any:
        timeout = ClientTimeout(total=PATIENCE_SECONDS)
        async with session.get(url, timeout=timeout, raise_for_status=True) as response:
            return json.loads(await response.read())

    return fetch


class SigningKeys:
    """The Bot Framework's signing keys, fetched once for everybody who waits and kept for a day."""

    def __init__(self, url: str, fetch: FetchJson, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched = self._tried = -FRESH_SECONDS
        self._one_fetch = asyncio.Lock()

    async def get(self, key_id: str | None) -> SigningKey:
        """The key of that id. Unauthorized when there is none, or when the keys cannot be had."""
        name = key_id or ""
        if self._stale or name not in self._keys:
            async with self._one_fetch:
                if self._stale or (name not in self._keys and self._may_ask):
                    await self._refresh()
        if name not in self._keys:
            raise Unauthorized("the token names a key that is not Microsoft's")
        return self._keys[name]

    @property
    def _stale(self) -> bool:
        return self._clock() - self._fetched > FRESH_SECONDS and self._may_ask

    @property
    def _may_ask(self) -> bool:
        return self._clock() - self._tried > (ASK_AGAIN_SECONDS if self._keys else 1.0)

    async def _refresh(self) -> None:
        self._tried = self._clock()
        try:
            metadata = await self._fetch(self._url)
            listed = (await self._fetch(metadata["jwks_uri"]))["keys"]
            self._keys = {key["kid"]: _signing_key(key) for key in listed if key.get("kty") == "RSA"}
        except (OSError, ValueError, KeyError, TypeError, TimeoutError) as error:
            _log.warning("Microsoft's signing keys cannot be fetched: %s", type(error).__name__)
            return  # yesterday's keys are better than none
        self._fetched = self._clock()


class Guard:
    """Lets through what Microsoft signed for this app."""

    def __init__(
        self,
        app_id: str,
        keys: SigningKeys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = SimpleCredentialProvider(app_id, "")
        self._keys = keys
        self._clock = clock
        self._held: OrderedDict[bytes, tuple[float, ClaimsIdentity]] = OrderedDict()
        """Digest of a token and what it was held against, until when, and who signed."""

    async def check(self, header: str, channel: str, service_url: str) -> ClaimsIdentity:
        """Who signed, if all of it holds: signature, issuer, audience, time, channel, service address.
        Unauthorized otherwise, whatever the connector raises."""
        digest = hashlib.sha256("\0".join((header, channel, service_url)).encode(errors="replace")).digest()
        until, identity = self._held.get(digest, (0.0, None))
        if identity is None or self._clock() > until:
            identity = await self._checked(header, channel, service_url)
            left = float(identity.claims["exp"]) + TOLERANCE_SECONDS - time.time()
            self._held[digest] = (self._clock() + min(BELIEVED_SECONDS, left), identity)
            while len(self._held) > REMEMBERED:
                self._held.popitem(last=False)
        return identity

    async def _checked(self, header: str, channel: str, service_url: str) -> ClaimsIdentity:
        options = VerifyOptions(
            issuer=[AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER],
            audience=None,  # looked at by validate_identity
            clock_tolerance=TOLERANCE_SECONDS,
            ignore_expiration=False,
        )
        try:
            extractor = JwtTokenExtractor(options, "", AuthenticationConstants.ALLOWED_SIGNING_ALGORITHMS)
            extractor.open_id_metadata = self._keys
            identity = await extractor.get_identity_from_auth_header(header, channel)
            identity = await ChannelValidation.validate_identity(identity, self._credentials)
        except Unauthorized:
            raise
        except Exception as error:  # noqa: BLE001  # the connector and PyJWT raise a dozen kinds
            raise Unauthorized(f"the token does not hold: {type(error).__name__}") from None
        if "exp" not in identity.claims:
            raise Unauthorized("the token never ends")
        if identity.get_claim_value(ChannelValidation.SERVICE_URL_CLAIM) != service_url:
            raise Unauthorized("the token is for another service address")
        return identity


def _signing_key(key: Mapping[str, Any]) -> SigningKey:
    return SigningKey(RSAAlgorithm.from_jwk(json.dumps(dict(key))), list(key.get("endorsements", ())))
