"""The daily computation of scores: recency changes by itself."""

import asyncio
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.errors import Unavailable
from quanyu.modules.insight.service import Rfm
from quanyu.modules.tenants.service import Tenants

_log = get_logger("insight.rfm")

DAY_S: Final = 86_400.0
LOOK_EVERY_S: Final = 60.0  # Real time: however fast the business clock runs, once a minute at most.


class RfmSchedule:
    """Computes each brand's scores once a day."""

    def __init__(self, uows: UnitOfWorkFactory, rfm: Rfm, tenants: Tenants) -> None:
        self._uows = uows
        self._rfm = rfm
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
                done += await self._rfm.run_if_older(brand.tenant_id, than_s=DAY_S) is not None
            except Unavailable:
                _log.warning("insight.waiting", tenant=brand.tenant_id)
            except Exception:
                _log.error("insight.rfm_failed", tenant=brand.tenant_id, exc_info=True)
        return done
