"""Stages of the pipeline end when they are told to, and none runs too far ahead of the next."""

import asyncio

from quanyu.flows.pipeline.runner import OPEN_MAX, Lead, Stage


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


async def test_a_stage_ends_though_what_it_was_cut_off_from_fails() -> None:
    """A database refuses to roll back while a statement runs, and says so instead of the cancellation."""
    at_work = asyncio.Event()

    async def fail_when_cut_off() -> int:
        at_work.set()
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError("another command is already in progress")

    running = asyncio.create_task(Stage("resolve:1", fail_when_cut_off).run())
    await at_work.wait()

    running.cancel()

    done, _ = await asyncio.wait({running}, timeout=3)
    assert done == {running}
    assert running.cancelled()


async def test_resolving_waits_for_storing_and_goes_on_when_a_batch_is_stored() -> None:
    waiting = OPEN_MAX

    async def count_open() -> int:
        return waiting

    lead = Lead(count_open, patience_s=60)
    held = asyncio.create_task(lead.wait())
    lead.note_stored()  # Of another batch than the one that counts.
    await asyncio.sleep(0.05)
    assert not held.done()

    waiting -= 1
    lead.note_stored()

    await asyncio.wait_for(held, 10)


async def test_resolving_goes_on_by_itself_while_nothing_can_be_stored() -> None:
    async def count_open() -> int:
        return OPEN_MAX

    await asyncio.wait_for(Lead(count_open, patience_s=0.05).wait(), 10)
