"""Waiting and working until the program stops."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from quanyu.infra.telemetry import get_logger

_log = get_logger("workers")

IDLE_S: Final = 1.0


async def wait(stopping: asyncio.Event, seconds: float) -> None:
    """Wait for ``seconds``, or until ``stopping`` is set."""
    # Not ``wait_for``: until Python 3.12 it forgets a cancellation that comes together with the event.
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return


async def work_until(stopping: asyncio.Event, work: Callable[[], Awaitable[int]], *, failed: str) -> None:
    """Call ``work`` until ``stopping`` is set; when it did nothing, rest for ``IDLE_S`` first.

    Trouble ends nobody's worker: it is logged as ``failed``, and what was claimed comes due again by itself.
    """
    while not stopping.is_set():
        try:
            done = await work()
        except Exception as error:
            _log.error(failed, exc_info=error)
            done = 0
        if not done:
            await wait(stopping, IDLE_S)
