"""The loop that does replays, also those a crash interrupted."""

import asyncio
from contextlib import suppress
from typing import Final

from quanyu.flows.pipeline.react import passes
from quanyu.flows.pipeline.replay import Replays
from quanyu.infra.telemetry import get_logger
from quanyu.kernel.ids import TenantId

_log = get_logger("pipeline.replay")

LOOK_EVERY_S: Final = 1.0
RETRY_S: Final = 5.0


class ReplayWorker:
    """Does every brand's replay, one step after another."""

    def __init__(self, replays: Replays) -> None:
        self._replays = replays
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Say that a replay was asked for."""
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; what is not finished goes on at the next start."""
        while not stop.is_set():
            self._news.clear()
            worked = False
            for tenant_id in await self._replays.list_running():
                worked |= await self._step(tenant_id)
            if not worked:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._news.wait()

    async def _step(self, tenant_id: TenantId) -> bool:
        try:
            return await self._replays.run_once(tenant_id)
        except Exception as error:
            _log.warning(
                "replay.waiting", tenant=tenant_id, error=type(error).__name__, exc_info=not passes(error)
            )
            await asyncio.sleep(RETRY_S)
            return False
