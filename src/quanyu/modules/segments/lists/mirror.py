"""Brings the warehouse's copy of a list's entries in line, under the list's own id."""

from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import TenantId
from quanyu.modules.segments.history import SegmentHistory
from quanyu.modules.segments.lists.contracts import REJECTS_KEPT_DAYS
from quanyu.modules.segments.lists.queries import ListQueries

CHUNK: Final = 20_000
WRITING_MAX: Final = timedelta(minutes=30)


class ListMirror:
    """Called before a list's segment is evaluated."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse) -> None:
        self._uows = uows
        self._warehouse = warehouse

    async def bring(self, tenant_id: TenantId, list_id: int) -> None:
        """Copy what has changed; entries that no longer count go. Idempotent.

        Raises:
            WarehouseUnavailable: the copy stays as it is, and is brought with the next evaluation.
        """
        history = SegmentHistory(self._warehouse, tenant_id)
        async with self._uows.system(tenant_id) as uow:
            queries = ListQueries(uow)
            row = await queries.find(list_id)
            if row is None or row.changed == row.mirrored:
                return
            wanted = set(await queries.current(list_id))
            now = uow.clock.now()
        stored = await history.stored_members(list_id)
        await history.write_members(
            list_id,
            added=dict.fromkeys(sorted(wanted - stored.keys()), now),
            removed=sorted(stored.keys() - wanted),
            at=now,
        )
        async with self._uows.system(tenant_id) as uow:
            await ListQueries(uow).note_mirrored(list_id, row.changed)
        await self._drop_replaced(tenant_id, list_id)

    async def _drop_replaced(self, tenant_id: TenantId, list_id: int) -> None:
        while True:
            async with self._uows.system(tenant_id) as uow:
                if not await ListQueries(uow).drop_replaced(list_id, CHUNK):
                    return

    async def purge(self, tenant_id: TenantId, segment_id: int) -> None:
        """Take the list of a deleted segment away, here and in the warehouse."""
        async with self._uows.system(tenant_id) as uow:
            lists = await ListQueries(uow).lists_of(segment_id)
        for list_id in lists:
            while True:
                async with self._uows.system(tenant_id) as uow:
                    if not await ListQueries(uow).drop_entries(list_id, CHUNK):
                        break
            await SegmentHistory(self._warehouse, tenant_id).forget(list_id)
            async with self._uows.system(tenant_id) as uow:
                await ListQueries(uow).forget(list_id)

    async def tidy(self, tenant_id: TenantId) -> None:
        """Give up versions nobody writes any more, and forget rejected rows after ``REJECTS_KEPT_DAYS``."""
        async with self._uows.system(tenant_id) as uow:
            queries, now = ListQueries(uow), uow.clock.now()
            await queries.give_up(now - WRITING_MAX)
            await queries.forget_rejects(now - timedelta(days=REJECTS_KEPT_DAYS))
