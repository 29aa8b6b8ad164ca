"""The loops that keep the platform working: started together, stopped together, none lost silently."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from quanyu.flows.pipeline.runner import Pipeline
from quanyu.infra.telemetry import get_logger
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId

_log = get_logger("workers")

Loop = Callable[[asyncio.Event], Awaitable[None]]
BrandLoop = Callable[[TenantId, asyncio.Event], Awaitable[None]]

_RESTART_AFTER_S: Final = 1.0
_LOOK_FOR_BRANDS_S: Final = 5.0
_STOP_LIMIT_S: Final = 20.0


class Workers:
    """Runs the pipeline and every loop, for all brands and for brands made later."""

    def __init__(
        self,
        pipeline: Pipeline,
        brands: Callable[[], Awaitable[Sequence[TenantId]]],
        *,
        everywhere: Sequence[Loop],
        per_brand: Sequence[BrandLoop],
    ) -> None:
        self._pipeline = pipeline
        self._brands = brands
        self._everywhere = everywhere
        self._per_brand = per_brand
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._known: set[TenantId] = set()

    async def start(self) -> None:
        """Start every loop."""
        await self._begin_brands()
        for loop in self._everywhere:
            self._tasks.append(asyncio.create_task(self._keep_running(loop)))
        self._tasks.append(asyncio.create_task(self._keep_running(self._watch_brands)))

    async def stop(self) -> None:
        """Let every loop end where it can be resumed; what does not end in time is cut off."""
        self._stopping.set()
        await self._pipeline.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_STOP_LIMIT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _begin_brands(self) -> None:
        for tenant_id in await self._brands():
            self._pipeline.start(tenant_id)
            if tenant_id not in self._known:
                self._known.add(tenant_id)
                for loop in self._per_brand:
                    running = self._keep_running(partial(loop, tenant_id))
                    self._tasks.append(asyncio.create_task(running))

    async def _watch_brands(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self._begin_brands()
            await wait(stopping, _LOOK_FOR_BRANDS_S)

    async def _keep_running(self, loop: Loop) -> None:
        """A loop that dies of a defect says so once and starts over; work waits in tables meanwhile."""
        while not self._stopping.is_set():
            try:
                await loop(self._stopping)
            except Exception as error:
                _log.error("workers.loop_failed", exc_info=error)
                await wait(self._stopping, _RESTART_AFTER_S)
