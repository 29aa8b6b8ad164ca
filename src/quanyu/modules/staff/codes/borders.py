"""Borders in time: when one comes, its code is decided anew. As rows, no restart loses one (CW-5)."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.ids import TenantId
from quanyu.modules.staff.codes.contracts import CodeStatus
from quanyu.modules.staff.codes.queries import KeptCode, LiveCodeQueries
from quanyu.modules.staff.codes.routing import Router
from quanyu.modules.staff.codes.states import LiveCodeId

_log = get_logger("staff.codes")
_AT_ONCE: Final = 100


class BorderWorker:
    """Decides codes anew when their borders come."""

    def __init__(self, uows: UnitOfWorkFactory, router: Router) -> None:
        self._uows = uows
        self._router = router

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.codes.borders_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Look at the codes whose border has come; return how many there were."""
        async with self._uows.system(tenant_id) as uow:
            due = await LiveCodeQueries(uow).due(now=uow.clock.now(), limit=_AT_ONCE)
        passed = [await self._pass(tenant_id, code_id) for code_id in due]
        return sum(passed)

    async def _pass(self, tenant_id: TenantId, code_id: LiveCodeId) -> bool:
        """One code, one transaction: trouble with one keeps no other from its border."""
        try:
            async with self._uows.system(tenant_id) as uow:
                code = (await LiveCodeQueries(uow).lock([code_id])).get(code_id)
                if code is None:
                    return False
                await self._router.settle(uow, [await _ended(uow, code, uow.clock.now())], cause="border")
        except Exception as error:
            _log.error("staff.codes.border_failed", code_id=code_id, exc_info=error)
            return False
        return True


async def _ended(uow: UnitOfWork, code: KeptCode, now: datetime) -> KeptCode:
    """End a code whose time is over; who scans it is led where it leads when nobody serves."""
    ends_at = code.draft.ends_at
    if code.status is not CodeStatus.LIVE or ends_at is None or ends_at > now:
        return code
    queries, redirect = LiveCodeQueries(uow), code.draft.fallback
    await queries.move(code, CodeStatus.ENDED, redirect)
    await queries.note(code.code_id, "ended", {"ends_at": ends_at.isoformat()})
    return replace(code, status=CodeStatus.ENDED, redirect=redirect)
