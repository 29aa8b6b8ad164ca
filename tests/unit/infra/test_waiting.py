"""Workers go on until they are told to stop."""

import asyncio

import pytest

from quanyu.infra import waiting
from quanyu.infra.waiting import rouse, wait, work_until


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


@pytest.mark.parametrize("rings", ["while it rests", "while it looks"])
async def test_a_change_ends_the_rest_of_who_found_nothing(
    rings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "IDLE_S", 3_600)
    stopping = asyncio.Event()
    looked = asyncio.Event()
    calls = 0

    async def work() -> int:
        nonlocal calls
        calls += 1
        if calls == 1 and rings == "while it looks":
            rouse()
        if calls == 2:
            stopping.set()
        looked.set()
        return 0

    working = asyncio.create_task(work_until(stopping, work, failed="tests.failed"))
    await looked.wait()
    if rings == "while it rests":
        await asyncio.sleep(0)
        rouse()

    await asyncio.wait_for(working, 30)
