"""Work in processes of its own: results, progress, failures, and an end when nobody wants it any more."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from quanyu.infra import work_child
from quanyu.infra.work_pool import WorkFailed, WorkPool
from support.processes import eventually


def add(one: int, other: int) -> tuple[int, int]:
    print("a library that prints")
    work_child.tell("adding", 0.5)
    return one + other, os.getpid()


def fail() -> None:
    raise ValueError("no such thing")


def die() -> None:
    os._exit(3)


def stay(started: str) -> None:
    Path(started).write_text(str(os.getpid()))
    time.sleep(600)


async def test_results_and_progress_come_from_another_process() -> None:
    heard: list[tuple[str, float]] = []
    total, pid = await WorkPool().run(
        add, 20, 22, on_progress=lambda step, share: heard.append((step, share))
    )
    assert (total, heard) == (42, [("adding", 0.5)])
    assert pid != os.getpid()


@pytest.mark.parametrize(("work", "words"), [(fail, "no such thing"), (die, r"without a result \(3\)")])
async def test_a_failure_is_told(work: object, words: str) -> None:
    with pytest.raises(WorkFailed, match=words):
        await WorkPool().run(work)  # type: ignore[arg-type]


async def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    task = asyncio.create_task(WorkPool().run(stay, str(started)))
    await asyncio.to_thread(eventually, lambda: started.exists() and started.read_text(), what="the work")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(_read(started)), 0)


def _read(path: Path) -> str:
    return path.read_text()
