"""The daily run: months of the warehouse first, then files of the archive, oldest first.

Each step is whole and can be repeated, so a run that was cut short begins again where nothing is done
twice: what is gone is not found. Only what every reader has passed goes.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from quanyu.infra.postgres import Database
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.errors import Unavailable
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.redaction import ArchiveBusy
from quanyu.modules.events.archive.retiring import ArchiveRetiring
from quanyu.modules.events.retention import queries, rules
from quanyu.modules.events.retention.contracts import RunState, RunStep
from quanyu.modules.events.retention.history import EventHistory
from quanyu.modules.events.retention.rules import Cuts

_log = get_logger("events.retention")

LOOK_EVERY_S: Final = 60.0
LOOK_AGAIN_S: Final = 5.0  # While something it needs is not there.
_BATCHES: Final = 20_000  # Whose sums are noted in one transaction.


class RetentionWorker:
    """Lets go of what rules no longer keep, once a day and after rules change."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        database: Database,
        warehouse: Warehouse,
        archive: Path,
        *,
        kept: Collection[str],
        consumers: Sequence[str],
    ) -> None:
        self._uows = uows
        self._history = EventHistory(warehouse)
        self._retiring = ArchiveRetiring(uows, database, archive)
        self._kept = kept
        self._consumers = consumers

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Look every minute until ``stopping`` is set."""
        while not stopping.is_set():
            rest_s = LOOK_EVERY_S
            try:
                await self.run_once(tenant_id, stopping)
            except (Unavailable, ArchiveBusy) as error:
                rest_s = LOOK_AGAIN_S
                await self._tell(tenant_id, state=str(RunState.WAITING), error=type(error).__name__)
                _log.info("retention.waits", error=type(error).__name__)
            await wait(stopping, rest_s)

    async def run_once(self, tenant_id: TenantId, stopping: asyncio.Event) -> bool:
        """Do the run of today unless it is done; tell whether there was one.

        Raises:
            Unavailable, ArchiveBusy: warehouse or archive cannot be changed now; call again later.
        """
        async with self._uows.system(tenant_id) as uow:
            today = rules.day_of(uow.clock.now())
            if not await _is_due(uow, today):
                return False
            await queries.begin_run(uow, today)
        await self._clear_history(tenant_id, today, stopping)
        if not stopping.is_set():
            await self._note_held(tenant_id, stopping)
        if not stopping.is_set():
            await self._clear_archive(tenant_id, today, stopping)
        if not stopping.is_set():
            async with self._uows.system(tenant_id) as uow:
                await queries.tell_run(uow, state=str(RunState.DONE), finished_at=uow.clock.now())
        return True

    async def _clear_history(self, tenant_id: TenantId, today: date, stopping: asyncio.Event) -> None:
        async with self._uows.system(tenant_id) as uow:
            keeps = await queries.list_keeps(uow)
            passed = await queries.passed_batch(uow, self._consumers)
            border = await queries.oldest_waiting(uow, passed)
        cuts = rules.warehouse_cuts(keeps, self._kept, today).no_later_than(border)
        if cuts.latest is None or passed == 0:
            return
        due = await self._history.due(tenant_id, cuts, passed)
        await self._count_pending(tenant_id, due)
        await self._tell(tenant_id, step=str(RunStep.WAREHOUSE), total=len(due), done=0)
        for done, (month, names) in enumerate(due.items(), start=1):
            if stopping.is_set():
                return
            async with self._uows.system(tenant_id) as uow:
                await queries.intend(uow, _before(cuts, names))
                await queries.set_pending(uow, month, names)
            await self._history.drop_month(tenant_id, cuts, passed, month)
            async with self._uows.system(tenant_id) as uow:
                await queries.count_dropped(uow, names)
                await queries.tell_run(uow, done=done, events=sum(names.values()))
                await queries.set_pending(uow, "", {})

    async def _count_pending(self, tenant_id: TenantId, due: Mapping[str, Mapping[str, int]]) -> None:
        """Count what a run that was cut short dropped of its last month: what it meant to, less the rest."""
        async with self._uows.system(tenant_id) as uow:
            month, names = await queries.get_pending(uow)
            left = due.get(month, {})
            gone = {name: max(0, events - left.get(name, 0)) for name, events in names.items()}
            await queries.count_dropped(uow, gone)
            await queries.tell_run(uow, events=sum(gone.values()))
            await queries.set_pending(uow, "", {})

    async def _note_held(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Write down what is left of each batch, so that a restore does not take it for lost."""
        async with self._uows.system(tenant_id) as uow:
            upto = await queries.passed_batch(uow, self._consumers)
            await queries.tell_run(uow, step=str(RunStep.NOTING), done=0, total=0)
        after = 0
        while not stopping.is_set():
            async with self._uows.system(tenant_id) as uow:
                last = await queries.batches_behind(uow, after, upto, _BATCHES)
            if last is None:
                return
            held = await self._history.held_of_batches(tenant_id, after=after, upto=last)
            async with self._uows.system(tenant_id) as uow:
                await queries.note_held(uow, after, last, held)
            after = last

    async def _clear_archive(self, tenant_id: TenantId, today: date, stopping: asyncio.Event) -> None:
        async with self._uows.system(tenant_id) as uow:
            keeps = await queries.list_keeps(uow)
        cuts: Cuts = rules.archive_cuts(keeps, self._kept, today)
        if cuts.latest is None:
            return

        async def tell(done: int, total: int, events: int) -> None:
            await self._tell(
                tenant_id, step=str(RunStep.ARCHIVE), done=done, total=total, archived=events, error=None
            )

        await self._retiring.retire(
            tenant_id,
            lambda day: rules.judge_day(cuts, day),
            before=cuts.latest.date(),
            tell=tell,
            stop=stopping,
        )

    async def _tell(self, tenant_id: TenantId, **values: object) -> None:
        async with self._uows.system(tenant_id) as uow:
            await queries.tell_run(uow, **values)


async def _is_due(uow: UnitOfWork, today: date) -> bool:
    """Whether there is anything to do: a new day, a change of rules, or a run that was cut short."""
    latest = await queries.get_run(uow)
    if latest is None:
        return bool(await queries.list_keeps(uow))
    run, is_due = latest
    return is_due or run.state is not RunState.DONE or run.day < today


def _before(cuts: Cuts, names: Collection[str]) -> dict[str, datetime]:
    return {name: cut for name in names if (cut := cuts.of(name)) is not None}
