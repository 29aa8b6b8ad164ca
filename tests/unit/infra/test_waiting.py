"""Workers go on until they are told to stop."""

import asyncio

from quanyu.infra.waiting import wait, work_until


async def test_waiting_ends_when_the_program_stops() -> None:
    stopping = asyncio.Event()
    waiting = asyncio.create_task(wait(stopping, 3_600))
    await asyncio.sleep(0)

    stopping.set()

    await asyncio.wait_for(waiting, 10)


async def test_trouble_does_not_end_a_worker() -> None:
    stopping = asyncio.Event()
    calls = 0

    async def work() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("the database is away")
        if calls == 4:
            stopping.set()
        return 1

    await asyncio.wait_for(work_until(stopping, work, failed="tests.failed"), 30)

    assert calls == 4
