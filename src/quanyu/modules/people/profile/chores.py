"""What goes on behind profiles: copies in the warehouse that follow a change of policy."""

import asyncio
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.profile.service import Profiles

_FAILED: Final = "people.profiles_failed"


class ProfileChores:
    """A loop of one brand; each step is a transaction of its own."""

    def __init__(self, uows: UnitOfWorkFactory, profiles: Profiles) -> None:
        self._uows = uows
        self._profiles = profiles

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed=_FAILED)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do the next part; return 0 when nothing waits."""
        async with self._uows.system(tenant_id) as uow:
            return await self._profiles.recopy_slice(uow)
