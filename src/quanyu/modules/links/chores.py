"""What goes on behind links: copies that ended are forgotten after a while."""

import asyncio
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.links.service import ShortLinks

_log = get_logger("links.chores")
_EVERY_S: Final = 3_600.0


class LinkChores:
    """A loop of one brand."""

    def __init__(self, uows: UnitOfWorkFactory, links: ShortLinks) -> None:
        self._uows = uows
        self._links = links

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        while not stopping.is_set():
            try:
                while await self.run_once(tenant_id) and not stopping.is_set():
                    pass
            except Exception as error:
                _log.warning("links.chores_failed", error=type(error).__name__)
            await wait(stopping, _EVERY_S)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Forget some copies; return 0 when none is left to forget."""
        async with self._uows.system(tenant_id) as uow:
            return await self._links.forget_over(uow)
