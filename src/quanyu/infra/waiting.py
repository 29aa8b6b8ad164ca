"""Waiting that ends when the program stops."""

import asyncio


async def wait(stopping: asyncio.Event, seconds: float) -> None:
    """Wait for ``seconds``, or until ``stopping`` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
