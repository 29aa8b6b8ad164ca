"""What goes on behind consent: grants that end are written down; old opt-outs are told to history."""

import asyncio
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.consent.endings import end_grants
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.consent.untold import tell_untold

_FAILED: Final = "people.consent_failed"


class ConsentChores:
    """A loop of one brand; each step is a transaction of its own."""

    def __init__(self, uows: UnitOfWorkFactory, consent: Consent) -> None:
        self._uows = uows
        self._consent = consent

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed=_FAILED)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Write down the next grants that ended; return 0 when there are none."""
        async with self._uows.system(tenant_id) as uow:
            if told := await tell_untold(uow):
                return told
            return await end_grants(uow, self._consent)
