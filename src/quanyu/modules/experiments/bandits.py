"""Bandits: every hour, the arms that do better get more of the people who come."""

import asyncio
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.experiments.analysis.service import Results
from quanyu.modules.experiments.contracts import ExperimentKind, ExperimentStatus
from quanyu.modules.experiments.queries import experiments

_log = get_logger("experiments.bandits")

EVERY_S: Final = 3_600.0
_BANDITS_MAX: Final = 500


class Bandits:
    """Shares out the people of every running bandit."""

    def __init__(self, uows: UnitOfWorkFactory, results: Results) -> None:
        self._uows = uows
        self._results = results

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work every hour until ``stopping`` is set."""
        while not stopping.is_set():
            await self.run_once(tenant_id)
            await wait(stopping, EVERY_S)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Share out once; return how many got their shares. One that cannot waits for the next hour."""
        async with self._uows.system(tenant_id) as uow:
            rows = await experiments.list_all(uow, _BANDITS_MAX)
        bandits = [
            row.id
            for row in rows
            if row.plan.kind is ExperimentKind.BANDIT and row.status is ExperimentStatus.RUNNING
        ]
        done = 0
        for experiment_id in bandits:
            try:
                await self._results.share_out(tenant_id, experiment_id)
                done += 1
            except Unavailable:
                _log.warning("experiments.bandit_waits", tenant=tenant_id, exc_info=True)
        return done
