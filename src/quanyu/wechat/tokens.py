"""Access tokens: fetched once for all processes, renewed early, replaced when the platform refuses one.

Fetching is a *single flight*: within a process by a lock, between processes by a lease in the
``TokenStore``. Nobody holds a transaction while the platform is asked.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from quanyu.kernel.clock import Clock
from quanyu.wechat.errors import NotSent

RENEW_BEFORE: Final = timedelta(minutes=5)  # The platform rotates then, and keeps the old one as long.
LEASE_S: Final = 30.0  # Longer than a fetch may take, so a lease lapses only when its holder died.
_POLL_S: Final = 0.05
_WAIT_MAX_S: Final = LEASE_S + 5.0


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and the instants, of the business clock, that bound its use."""

    value: str
    fetched_at: datetime
    expires_at: datetime

    @property
    def renew_at(self) -> datetime:
        """Five minutes before the end, but never in the first half: a short token would renew for ever."""
        return max(self.expires_at - RENEW_BEFORE, self.fetched_at + (self.expires_at - self.fetched_at) / 2)


class TokenStore(Protocol):
    """Where all processes find one account's token. Each method is one short transaction."""

    async def find(self) -> AccessToken | None:
        """Return the stored token."""
        ...

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        """Become the one who fetches, unless another holds the lease."""
        ...

    async def save(self, holder: str, token: AccessToken) -> None:
        """Store the token and give the lease back; ignored if ``holder`` lost the lease meanwhile."""
        ...

    async def give_lease_back(self, holder: str) -> None:
        """Let another try; after a failed fetch."""
        ...


# Asks the platform: (force) -> token. ``force`` voids the stable token the platform would repeat.
FetchToken = Callable[[bool], Awaitable[AccessToken]]


class AccessTokens:
    """One account's token, as the client uses it."""

    def __init__(self, store: TokenStore, fetch: FetchToken, clock: Clock, *, holder: str) -> None:
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._holder = holder
        self._kept: AccessToken | None = None
        self._flight = asyncio.Lock()

    async def current(self) -> str:
        """Return a token that is good now; renew it when its end is near.

        While one caller renews, the others go on with the old one as long as it lasts.
        """
        kept, now = self._kept, self._clock.now()
        if kept is not None and (now < kept.renew_at or (now < kept.expires_at and self._flight.locked())):
            return kept.value
        return await self._renew(rejected=None)

    async def replace(self, rejected: str) -> str:
        """Return a token other than ``rejected``, which the platform has just refused."""
        return await self._renew(rejected=rejected)

    async def _renew(self, *, rejected: str | None) -> str:
        async with self._flight:
            if self._kept is None or not self._is_good(self._kept, rejected):
                self._kept = await self._fetch_once_for_all(rejected)
            return self._kept.value

    def _is_good(self, token: AccessToken, rejected: str | None) -> bool:
        return token.value != rejected and self._clock.now() < token.renew_at

    async def _fetch_once_for_all(self, rejected: str | None) -> AccessToken:
        deadline_s = time.monotonic() + _WAIT_MAX_S
        while time.monotonic() < deadline_s:
            stored = await self._store.find()
            if stored is not None and self._is_good(stored, rejected):
                return stored
            if await self._store.take_lease(self._holder, seconds=LEASE_S):
                return await self._fetch_and_save(rejected)
            await asyncio.sleep(_POLL_S)
        raise NotSent("another process is fetching the access token and does not finish")

    async def _fetch_and_save(self, rejected: str | None) -> AccessToken:
        try:
            stored = await self._store.find()
            if stored is not None and self._is_good(stored, rejected):
                # Another fetched between our look and our lease.
                await self._store.give_lease_back(self._holder)
                return stored
            token = await self._fetch(False)
            if token.value == rejected:
                # The platform repeats the token it refuses, so only a forced one can help.
                token = await self._fetch(True)
        except BaseException:
            await asyncio.shield(self._store.give_lease_back(self._holder))
            raise
        await self._store.save(self._holder, token)
        return token
