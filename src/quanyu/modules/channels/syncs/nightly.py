"""Syncs nobody asks for: the first one after a company is connected, and those of the night."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.syncs.contracts import SyncKind
from quanyu.modules.channels.syncs.queries import SyncQueries
from quanyu.modules.channels.syncs.service import AccountSyncs
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.tenants.service import Tenants

_log = get_logger("channels.nightly_syncs")

_LOOK_EVERY_S: Final = 5.0  # Real time: who has just connected a company waits for its staff to appear.
_FROM_HOUR, _TO_HOUR = 2, 6  # Of the brand's night.
_SLACK: Final = timedelta(hours=6)  # Last night's may have begun late, and this one may begin early.


@dataclass(frozen=True, slots=True)
class Nightly:
    """A kind of sync that every company has once in a while."""

    kind: SyncKind
    every: timedelta


def is_due(last: datetime | None, now: datetime, zone: str, every: timedelta) -> bool:
    """Tell whether a sync is to begin: at once if there never was one, else at night when one is due."""
    if last is None:
        return True
    hour = now.astimezone(ZoneInfo(zone)).hour
    return _FROM_HOUR <= hour < _TO_HOUR and now - last > every - _SLACK


class NightlySyncs:
    """Starts syncs of companies; the workers of each kind run them."""

    def __init__(
        self, uows: UnitOfWorkFactory, corps: Corps, tenants: Tenants, plan: Sequence[Nightly]
    ) -> None:
        self._uows = uows
        self._corps = corps
        self._tenants = tenants
        self._plan = plan

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Look now and then until ``stopping`` is set."""
        while not stopping.is_set():
            try:
                await self.run_once(tenant_id)
            except Exception as error:
                _log.error("channels.nightly_syncs_failed", exc_info=error)
            await wait(stopping, _LOOK_EVERY_S)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Start what is due; return how many were started."""
        async with self._uows.system(tenant_id) as uow:
            corp_ids = await self._corps.corp_ids(uow)
            if not corp_ids:
                return 0
            zone = (await self._tenants.get_brand(uow)).time_zone
            return sum([await self._start(uow, corp_id, zone) for corp_id in corp_ids])

    async def _start(self, uow: UnitOfWork, corp_id: AccountId, zone: str) -> int:
        started = 0
        for one in self._plan:
            last = await SyncQueries(uow).last_started(corp_id, one.kind)
            if is_due(last, uow.clock.now(), zone, one.every):
                await AccountSyncs().start(uow, corp_id, one.kind, by_hand=False)
                started += 1
        return started
