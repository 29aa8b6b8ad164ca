"""Daily computations: recency changes by itself."""

import asyncio
from typing import Any, Final, Protocol

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants.service import Tenants

_log = get_logger("insight.daily")

DAY_S: Final = 86_400.0
LOOK_EVERY_S: Final = 60.0  # Real time: however fast the business clock runs, once a minute at most.


class Computation(Protocol):
    """Something computed for one brand at a time."""

    async def run_if_older(self, tenant_id: TenantId, *, than_s: float) -> Any | None:
        """Compute unless that was done lately; return ``None`` if so."""
        ...


class DailySchedule:
    """Computes something for each brand once a day."""

    def __init__(self, uows: UnitOfWorkFactory, computation: Computation, tenants: Tenants) -> None:
        self._uows = uows
        self._computation = computation
        self._what = getattr(computation, "name", type(computation).__name__.lower())
        self._tenants = tenants

    async def run(self, stop: asyncio.Event) -> None:
        """Look every minute until ``stop`` is set."""
        while not stop.is_set():
            await self.tick()
            await wait(stop, LOOK_EVERY_S)

    async def tick(self) -> int:
        """Compute what is a day old; return for how many brands. One brand's trouble holds up no other."""
        done = 0
        try:
            brands = await self._tenants.list_brands(self._uows)
        except Exception:
            _log.warning("insight.brands_unavailable", exc_info=True)
            return 0
        for brand in brands:
            try:
                done += await self._computation.run_if_older(brand.tenant_id, than_s=DAY_S) is not None
            except Unavailable:
                _log.warning("insight.waiting", what=self._what, tenant=brand.tenant_id)
            except Exception:
                _log.error("insight.failed", what=self._what, tenant=brand.tenant_id, exc_info=True)
        return done
