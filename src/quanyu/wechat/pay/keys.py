"""The platform's keys: which one signs is said by a serial, and new ones appear while we run.

Two modes: certificates, which are downloaded, and a public key, which a person copies from the merchant
console. While a merchant switches from one to the other both sign.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from quanyu.kernel.clock import Clock, business_span
from quanyu.wechat.errors import WechatError
from quanyu.wechat.pay.certificates import PlatformCertificate
from quanyu.wechat.pay.signing import same_serial

# An unknown serial makes us download, and anybody may write one: not more often than this.
LOOK_AGAIN: Final = timedelta(minutes=1)
REFRESH: Final = timedelta(hours=12)  # New certificates appear at least a day before they are used.


class UnknownKey(WechatError):
    """A serial that names no key of the platform."""

    code = "wechat.pay_unknown_key"


class CertificateStore(Protocol):
    """Where all processes find a merchant's platform certificates. Each method is one short transaction."""

    async def load(self) -> Sequence[PlatformCertificate]:
        """Return the stored certificates."""
        ...

    async def save(self, certificates: Sequence[PlatformCertificate]) -> None:
        """Add certificates; those that are stored already stay."""
        ...


class MemoryCertificateStore:
    """The certificates of one process."""

    def __init__(self) -> None:
        self._known: dict[str, PlatformCertificate] = {}

    async def load(self) -> Sequence[PlatformCertificate]:
        """Return the stored certificates."""
        return tuple(self._known.values())

    async def save(self, certificates: Sequence[PlatformCertificate]) -> None:
        """Add certificates."""
        self._known |= {one.serial: one for one in certificates}


Download = Callable[[], Awaitable[Sequence[PlatformCertificate]]]


class PlatformKeys:
    """The keys of the platform as one merchant sees them."""

    def __init__(
        self,
        store: CertificateStore,
        download: Download,
        clock: Clock,
        *,
        public_key_id: str = "",
        public_key: RSAPublicKey | None = None,
    ) -> None:
        self._store = store
        self._download = download
        self._clock = clock
        self.public_key_id = public_key_id
        self._public_key = public_key
        self._certificates: dict[str, PlatformCertificate] = {}
        self._keys: dict[str, RSAPublicKey] = {}
        self._looked_at: datetime | None = None
        self._flight = asyncio.Lock()

    async def key(self, serial: str) -> RSAPublicKey:
        """Return the key a signature names; an unknown one is looked for once, however many ask.

        Raises:
            UnknownKey: it is not found.
        """
        if self._public_key is not None and serial == self.public_key_id:
            return self._public_key
        wanted = same_serial(serial)
        if (found := self._keys.get(wanted)) is None and not wanted.startswith("PUB_KEY_ID_"):
            await self._look(wanted)
            found = self._keys.get(wanted)
        if found is None or self._has_ended(wanted):
            raise UnknownKey(f"the platform has no valid key {serial[:60]}", serial=serial[:60])
        return found

    async def encryption_key(self) -> tuple[str, RSAPublicKey]:
        """Return serial and key to encrypt a field with.

        Raises:
            UnknownKey: none can be had.
        """
        if self._public_key is not None:
            return self.public_key_id, self._public_key
        if (newest := self._newest()) is None or self._is_stale():
            await self._look("")
            newest = self._newest()
        if newest is None:
            raise UnknownKey("the platform has no valid certificate", message_zh="没有可用的平台证书")
        return newest.serial, self._keys[newest.serial]

    async def refresh(self) -> None:
        """Download the certificates if the last look is old; nothing to do with a public key alone."""
        if self._public_key is None and self._is_stale():
            await self._look("")

    async def _look(self, wanted: str) -> None:
        async with self._flight:
            if wanted in self._keys:
                return
            self._take(await self._store.load())
            if wanted in self._keys or self._looked_lately():
                return
            self._looked_at = self._clock.now()
            found = await self._download()
            await self._store.save(found)
            self._take(found)

    def _take(self, certificates: Sequence[PlatformCertificate]) -> None:
        for one in certificates:
            if one.serial not in self._keys:
                self._certificates[one.serial], self._keys[one.serial] = one, one.key

    def _looked_lately(self) -> bool:
        span = business_span(self._clock, LOOK_AGAIN)
        return self._looked_at is not None and self._clock.now() - self._looked_at < span

    def _is_stale(self) -> bool:
        return self._looked_at is None or self._clock.now() - self._looked_at >= REFRESH

    def _has_ended(self, serial: str) -> bool:
        return self._certificates[serial].expires_at <= self._clock.now()

    def _newest(self) -> PlatformCertificate | None:
        now = self._clock.now()
        valid = [one for one in self._certificates.values() if one.effective_at <= now < one.expires_at]
        return max(valid, key=lambda one: one.effective_at, default=None)
