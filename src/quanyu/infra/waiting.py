"""Waiting and working until the program stops."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from quanyu.infra.telemetry import get_logger

_log = get_logger("workers")

IDLE_S: Final = 1.0
LONG_IDLE_S: Final = 3.0  # After a while without work: dozens of workers look for some all the time.
_SLOWER: Final = 1.2


async def wait(stopping: asyncio.Event, seconds: float) -> None:
    """Wait for ``seconds``, or until ``stopping`` is set."""
    # Not ``wait_for``: until Python 3.12 it forgets a cancellation that comes together with the event.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()


class _Bell:
    """Ends the rests of this process's workers; what rings while a worker looks is not missed either."""

    def __init__(self) -> None:
        self.rung = 0
        self._resting: set[asyncio.Event] = set()

    def ring(self) -> None:
        self.rung += 1
        for woken in self._resting:
            woken.set()

    async def rest(self, stopping: asyncio.Event, seconds: float, *, since: int) -> None:
        """Wait like ``wait``, but no longer than until it rings again after the ``since``-th time."""
        if self.rung != since:
            return
        woken = asyncio.Event()
        self._resting.add(woken)
        stopped = asyncio.ensure_future(stopping.wait())
        stopped.add_done_callback(lambda _: woken.set())
        try:
            await wait(woken, seconds)
        finally:
            self._resting.discard(woken)
            stopped.cancel()


_bell: Final = _Bell()


def rouse() -> None:
    """Let every worker of this process look for work at once: somebody just changed something."""
    _bell.ring()


async def work_until(stopping: asyncio.Event, work: Callable[[], Awaitable[int]], *, failed: str) -> None:
    """Call ``work`` until ``stopping`` is set; when it did nothing, rest: ``IDLE_S``, later a little longer.

    ``rouse`` ends a rest. Trouble ends nobody's worker: it is logged as ``failed``, and what was claimed
    comes due again by itself.
    """
    rest_s = IDLE_S
    while not stopping.is_set():
        rung = _bell.rung
        try:
            done = await work()
        except Exception as error:
            _log.error(failed, exc_info=error)
            done = 0
        if not done:
            await _bell.rest(stopping, rest_s, since=rung)
        rest_s = IDLE_S if done or _bell.rung != rung else min(rest_s * _SLOWER, LONG_IDLE_S)
