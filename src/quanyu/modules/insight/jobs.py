"""Daily computations: recency changes by itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants.service import Tenants

_log = get_logger("insight.daily")

DAY_S: Final = 86_400.0
RUSH_S_MAX: Final = 3_600.0  # Of real time: a brand that is always in a rush is computed as well.
LOOK_EVERY_S: Final = 60.0  # Real time: however fast the business clock runs, once a minute at most.


class Computation(Protocol):
    """Something computed for one brand at a time."""

    async def run_if_older(self, tenant_id: TenantId, *, than_s: float) -> Any | None:
        """Compute unless that was done lately; return ``None`` if so."""
        ...


async def _never(tenant_id: TenantId) -> bool:
    return False


class DailySchedule:
    """Computes things for each brand once a day, one after the other.

    A brand into which events pour waits, for ``RUSH_S_MAX`` at most: they need the processor, and what was
    computed in the middle of them would be computed again afterwards.
    """

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        computations: Sequence[Computation],
        tenants: Tenants,
        is_rushed: Callable[[TenantId], Awaitable[bool]] = _never,
    ) -> None:
        self._uows = uows
        self._computations = computations
        self._tenants = tenants
        self._is_rushed = is_rushed
        self._rushed_since: dict[TenantId, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look every minute until ``stop`` is set."""
        while not stop.is_set():
            await self.tick(stop)
            await wait(stop, LOOK_EVERY_S)

    async def tick(self, stop: asyncio.Event | None = None) -> int:
        """Compute what is a day old; return how much. Trouble with one thing or brand holds up no other."""
        done = 0
        try:
            brands = await self._tenants.list_brands(self._uows)
        except Exception:
            _log.warning("insight.brands_unavailable", exc_info=True)
            return 0
        for brand in brands:
            for computation in self._computations:
                if stop is None or not stop.is_set():
                    done += await self._compute(computation, brand.tenant_id)
        return done

    async def _compute(self, computation: Computation, tenant_id: TenantId) -> bool:
        what = getattr(computation, "name", type(computation).__name__.lower())
        try:
            if await self._waits(tenant_id):
                return False
            return await computation.run_if_older(tenant_id, than_s=DAY_S) is not None
        except Unavailable:
            _log.warning("insight.waiting", what=what, tenant=tenant_id)
        except Exception:
            _log.error("insight.failed", what=what, tenant=tenant_id, exc_info=True)
        return False

    async def _waits(self, tenant_id: TenantId) -> bool:
        if not await self._is_rushed(tenant_id):
            self._rushed_since.pop(tenant_id, None)
            return False
        since = self._rushed_since.setdefault(tenant_id, time.monotonic())
        return time.monotonic() - since < RUSH_S_MAX
