"""History that is stored anew — by a replay, after a restore — lets go of what it had let go of before."""

from collections.abc import Collection

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.retention import queries, rules
from quanyu.modules.events.retention.history import EventHistory
from quanyu.modules.events.retention.rules import Cuts


class DroppedBefore:
    """What the pipeline asks when it stores old events once more."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse, kept: Collection[str]) -> None:
        self._uows = uows
        self._history = EventHistory(warehouse)
        self._kept = kept

    async def drop_of_batch(self, tenant_id: TenantId, batch_id: int, count: int) -> None:
        """Let go of what of a batch, stored anew, was gone before. Idempotent.

        Raises:
            WarehouseUnavailable: call again before the batch is closed.
        """
        async with self._uows.system(tenant_id) as uow:
            cuts, began = await self._cuts(uow), await queries.batch_began(uow, batch_id)
        if cuts.latest is None or began is None or began >= cuts.latest:
            return
        held = await self._history.drop_of_batch(tenant_id, cuts, batch_id)
        async with self._uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE log_batch SET dropped = greatest(0, :count - :held) "
                "WHERE tenant_id = :tenant AND batch_id = :batch",
                {"tenant": tenant_id, "batch": batch_id, "count": count, "held": held},
            )

    async def drop_beside(self, tenant_id: TenantId, table: str) -> None:
        """Let go of the same in a table that a replay filled. Idempotent."""
        async with self._uows.system(tenant_id) as uow:
            cuts = await self._cuts(uow)
        if cuts.latest is not None:
            await self._history.drop_beside(tenant_id, cuts, table)

    async def count_to_drop(self, tenant_id: TenantId, table: str) -> int:
        """Return how many events ``drop_beside`` would drop."""
        async with self._uows.system(tenant_id) as uow:
            cuts = await self._cuts(uow)
        return 0 if cuts.latest is None else await self._history.count_beside(tenant_id, cuts, table)

    async def _cuts(self, uow: UnitOfWork) -> Cuts:
        dropped = {name: before for name, (before, _) in (await queries.list_dropped(uow)).items()}
        today = rules.day_of(uow.clock.now())
        return rules.again(dropped, await queries.list_keeps(uow), self._kept, today)
