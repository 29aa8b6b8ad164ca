"""The loop that does jobs about people."""

import asyncio
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.bulk.service import PeopleJobDesk

_log = get_logger("people.jobs")
_REST_S: Final = 3.0


class PeopleJobChores:
    """A loop of one brand; each slice is a transaction of its own."""

    def __init__(self, uows: UnitOfWorkFactory, desk: PeopleJobDesk) -> None:
        self._uows = uows
        self._desk = desk

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set; a slice that fails is tried again."""
        while not stopping.is_set():
            try:
                done = await self.run_once(tenant_id)
            except Exception as error:
                _log.error("people.jobs_failed", exc_info=error)
                done = 0
            if not done:
                await wait(stopping, _REST_S)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do the next slice; return 0 when nothing waits."""
        async with self._uows.system(tenant_id) as uow:
            done = await self._desk.run_slice(uow)
        if not done:
            async with self._uows.system(tenant_id) as uow:
                done = await self._desk.forget_old(uow)
        return done
