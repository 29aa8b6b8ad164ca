"""Keeping questions waiting while rows are exchanged: nobody sees half of a history."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from quanyu.infra.warehouse.errors import WarehouseUnavailable

_is_exchanging: ContextVar[bool] = ContextVar("_is_exchanging", default=False)


class ReadGate:
    """Open unless somebody exchanges rows. Of this process only."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._reading = 0
        self._exchange = asyncio.Lock()

    @asynccontextmanager
    async def reading(self, *, wait_s: float) -> AsyncIterator[None]:
        """Read inside the block.

        Raises:
            WarehouseUnavailable: rows have been exchanged for longer than ``wait_s``.
        """
        if _is_exchanging.get():
            yield
            return
        if not self._open.is_set():
            try:
                async with asyncio.timeout(wait_s):
                    await self._open.wait()
            except TimeoutError as error:
                raise WarehouseUnavailable(
                    "The warehouse is exchanging rows; try again later.",
                    message_zh="数据仓库正在更换数据，请稍后再试。",
                ) from error
        self._reading += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._reading -= 1
            if not self._reading:
                self._idle.set()

    @asynccontextmanager
    async def exchanging(self) -> AsyncIterator[None]:
        """Let questions under way end, and have all others wait until the block ends."""
        async with self._exchange:
            self._open.clear()
            mark = _is_exchanging.set(True)
            try:
                await self._idle.wait()
                yield
            finally:
                _is_exchanging.reset(mark)
                self._open.set()
