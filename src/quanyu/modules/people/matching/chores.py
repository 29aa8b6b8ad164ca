"""What goes on behind the review queue: comparing whoever changed, rolling bad runs back."""

import asyncio
import time
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.matching.finder import Finder
from quanyu.modules.people.matching.runs import MatchRuns

_log = get_logger("people.matching")
_IDLE_S: Final = 3.0
_REST: Final = 2.0  # Times as long as a step took: comparing never has more than a third of a core.


class MatchChores:
    """A loop of one brand; each step is a few short transactions, and a crash loses none of it."""

    def __init__(self, uows: UnitOfWorkFactory, finder: Finder, runs: MatchRuns) -> None:
        self._uows = uows
        self._finder = finder
        self._runs = runs

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        while not stopping.is_set():
            started = time.monotonic()
            try:
                done = await self.run_once(tenant_id)
            except Exception as error:
                _log.error("people.matching_failed", exc_info=error)
                done = 0
            took = time.monotonic() - started
            await wait(stopping, took * _REST if done else _IDLE_S)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do the next part of everything that waits; return 0 when nothing does."""
        async with self._uows.system(tenant_id) as uow:
            done = await self._runs.roll_back_some(uow)
        # Who comes apart is compared again: first the rollback to its end.
        return done or await self._finder.step(tenant_id)
