"""The loop that keeps the log short."""

import asyncio
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.waiting import wait
from quanyu.modules.events.archive.service import Archiver, DayState

_log = get_logger("events.archive")

LOOK_EVERY_S: Final = 60.0  # Real time: however fast the business clock runs, once a minute at most.
LOOK_AGAIN_S: Final = 5.0


class ArchiveSchedule:
    """Archives every minute what became old enough."""

    def __init__(self, archiver: Archiver) -> None:
        self._archiver = archiver

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set. Trouble is told and tried again: the log keeps what is not archived."""
        while not stop.is_set():
            wait_s = LOOK_EVERY_S
            try:
                states = await self._archiver.run_once(stop)
                if DayState.BUSY in states.values():
                    wait_s = LOOK_AGAIN_S
            except Exception as error:
                _log.error("archive.failed", error=type(error).__name__, exc_info=error)
            await wait(stop, wait_s)
