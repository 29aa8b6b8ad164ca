"""A stage of the pipeline ends when it is told to, whatever happens at that moment."""

import asyncio

from quanyu.flows.pipeline.runner import Stage


async def test_a_stage_that_is_woken_and_cancelled_at_once_ends() -> None:
    looked = asyncio.Event()

    async def nothing_to_do() -> int:
        looked.set()
        return 0

    stage = Stage("store:1", nothing_to_do)
    running = asyncio.create_task(stage.run())
    await looked.wait()
    await asyncio.sleep(0)  # It waits for a wake-up now.

    stage.wake()
    running.cancel()

    done, _ = await asyncio.wait({running}, timeout=3)
    assert done == {running}
    assert running.cancelled()
