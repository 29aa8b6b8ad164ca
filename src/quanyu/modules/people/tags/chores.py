"""What goes on behind tags: ends that come, jobs under way, deleted tags to be taken from people."""

import asyncio
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.tags.queries.book import BookQueries
from quanyu.modules.people.tags.service import SLICE, PersonTags

_FAILED: Final = "people.tags_failed"


class TagChores:
    """A loop of one brand; each step is a transaction of its own."""

    def __init__(self, uows: UnitOfWorkFactory, tags: PersonTags) -> None:
        self._uows = uows
        self._tags = tags

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed=_FAILED)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do the next part of everything that waits; return 0 when nothing does."""
        done = 0
        async with self._uows.system(tenant_id) as uow:
            done += await self._tags.giving.end_expired(uow)
        async with self._uows.system(tenant_id) as uow:
            done += await self._tags.run_slice(uow)
        async with self._uows.system(tenant_id) as uow:
            deleted = await BookQueries(uow).deleted()
        for tag_id, group_id in deleted:
            done += await self._purge(tenant_id, tag_id, group_id)
        return done

    async def _purge(self, tenant_id: TenantId, tag_id: int, group_id: int) -> int:
        async with self._uows.system(tenant_id) as uow:
            taken = await self._tags.giving.take_from_some(uow, tag_id=tag_id, group_id=group_id, limit=SLICE)
            if not taken:
                await BookQueries(uow).forget(tag_id)
            return taken
