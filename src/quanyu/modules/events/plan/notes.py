"""What was not as planned, counted in memory by the door and written as sums by a loop.

Counts of the last two seconds are lost in a crash; events never are. A flood of names or refusals costs a
bounded number of rows an hour.
"""

import asyncio
from datetime import timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.plan import queries

_log = get_logger("events.plan")

KINDS_MAX: Final = 2_000  # Of one writing; what comes beyond is counted without name and property.
NAMES_MAX: Final = 300  # Of events without a plan, by brand: a sender makes names up.
_WRITE_EVERY_S: Final = 2.0
_KEPT: Final = timedelta(days=32)

_Kind = tuple[TenantId, str, str, str, str, str]


class IssueNotes:
    """Counts in memory, written by ``run``."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._noted: dict[_Kind, tuple[int, str]] = {}
        self._made_up: dict[TenantId, set[str]] = {}

    def add(
        self,
        tenant_id: TenantId,
        source: str,
        *,
        outcome: str,
        problem: str,
        name: str = "",
        key: str = "",
        sample: str = "",
        is_planned: bool = True,
    ) -> None:
        """Note one thing that was not as planned."""
        if not is_planned and name:
            known = self._made_up.setdefault(tenant_id, set())
            if len(known) < NAMES_MAX:
                known.add(name)
            elif name not in known:
                name = ""
        kind = (tenant_id, source, name, outcome, problem, key)
        if kind not in self._noted and len(self._noted) >= KINDS_MAX:
            kind = (tenant_id, source, "", outcome, problem, "")
        count, last = self._noted.get(kind, (0, ""))
        self._noted[kind] = (count + 1, sample.replace("\0", "") or last)

    async def run(self, stopping: asyncio.Event) -> None:
        """Write sums until ``stopping`` is set, and then what is left."""
        while not stopping.is_set():
            await wait(stopping, _WRITE_EVERY_S)
            try:
                await self.write()
            except Exception as error:
                _log.warning("plan.issues_not_written", error=type(error).__name__)

    async def write(self) -> None:
        """Write what was noted; kept in memory when that fails."""
        noted, self._noted = self._noted, {}
        try:
            for tenant_id in sorted({kind[0] for kind in noted}):
                await self._write(
                    tenant_id, {kind: one for kind, one in noted.items() if kind[0] == tenant_id}
                )
                noted = {kind: one for kind, one in noted.items() if kind[0] != tenant_id}
        except BaseException:
            for kind, (count, sample) in noted.items():
                more, latest = self._noted.get(kind, (0, ""))
                self._noted[kind] = (count + more, latest or sample)
            raise

    async def _write(self, tenant_id: TenantId, noted: dict[_Kind, tuple[int, str]]) -> None:
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            for (_, source, name, outcome, problem, key), (count, sample) in sorted(noted.items()):
                await queries.add_issue(
                    uow,
                    source=source,
                    name=name,
                    outcome=outcome,
                    problem=problem,
                    key=key,
                    count=count,
                    sample=sample,
                )
            await uow.execute(
                "DELETE FROM event_issue WHERE tenant_id = :tenant AND hour < :old",
                {"tenant": tenant_id, "old": now - _KEPT},
            )
