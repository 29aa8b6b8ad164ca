"""Running syncs of any kind step by step: claimed, taken, and held back while the platform's limits say so.

A step reads one page from the platform and writes it together with the place of the next, in one commit; so
a killed process costs at most the page it was at, and reading a page twice changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.syncs.contracts import SyncKind, SyncState
from quanyu.modules.channels.syncs.queries import KeptSync, SyncQueries
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action

Step = Callable[[TenantId, KeptSync], Awaitable[None]]

# Longer than the slowest call with its repeats: what outlives its claim is only done twice.
_CLAIM: Final = timedelta(minutes=1)


class SyncRunner:
    """Takes one step of one sync at a time, of the kinds it was given steps for."""

    def __init__(self, uows: UnitOfWorkFactory, steps: Mapping[SyncKind, Step]) -> None:
        self._uows = uows
        self._steps = steps

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="channels.sync_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Take one step of the sync that is due; return how many steps were taken."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            sync = await SyncQueries(uow).claim(self._steps, now=now, until=until)
        if sync is None:
            return 0
        try:
            await self._steps[sync.kind](tenant_id, sync)
        except WechatError as error:
            await self._hold_back(tenant_id, sync, error)
        except NotFound:
            async with self._uows.system(tenant_id) as uow:
                await SyncQueries(uow).finish(sync, SyncState.FAILED, reason="no_account")
        return 1

    async def _hold_back(self, tenant_id: TenantId, sync: KeptSync, error: WechatError) -> None:
        is_final = isinstance(error, PlatformRefusal) and error.action is Action.GIVE_UP
        reason = str(error.errcode) if isinstance(error, PlatformRefusal) else error.code
        async with self._uows.system(tenant_id) as uow:
            queries = SyncQueries(uow)
            if is_final and not is_about_pace(error):
                await queries.finish(sync, SyncState.FAILED, reason=reason)
                return
            now = uow.clock.now()
            await queries.move(
                sync,
                stage=sync.stage,
                cursor=sync.cursor,
                next_step_at=retry_at(error, now),
                reason=reason,
            )
