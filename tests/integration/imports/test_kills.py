"""The importing process killed again and again: the result is that of one quiet run."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from integration.imports.world import World, many_orders, revenue_of
from quanyu.flows.imports.contracts import ImportStatus
from quanyu.infra.crypto import KeyFile
from quanyu.infra.embedded_postgres import EmbeddedPostgres
from support import platform as engines

ORDERS = 30_000
KILLS = 5
SEED = 20_260_304


@pytest.mark.slow
async def test_killing_the_worker_neither_loses_nor_doubles_an_order(
    postgres: EmbeddedPostgres, database_name: str, world: World
) -> None:
    job = await world.start(world.file(many_orders(ORDERS)))
    urls = engines.urls(postgres, database_name)
    settings = {
        "urls": {"owner": urls.owner, "system": urls.system, "app": urls.app},
        "keys": KeyFile.new().serialise().decode(),
        "directory": str(world.worker.directory),
    }
    choices = random.Random(SEED)
    seen: list[int] = []

    for _ in range(KILLS):
        async with _running(settings) as process:
            # The first kill falls into the preparation, the others anywhere between two chunks or inside one.
            await _until(world, job.id, written=seen[-1] + 1 if seen else 0)
            await asyncio.sleep(choices.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        seen.append((await world.get(job.id)).events_written)
    async with _running(settings) as process:
        await _until_completed(world, job.id)
        process.terminate()
        assert await process.wait() == 0

    done = await world.get(job.id)
    assert seen[0] == 0
    assert sum(0 < written < ORDERS for written in seen) >= 2
    assert (done.status, done.events_written, done.events_duplicate) == (ImportStatus.COMPLETED, ORDERS, 0)
    rows = await world.log("order_id, revenue::text")
    assert len(rows) == ORDERS
    assert set(rows) == {(str(number), revenue_of(number)) for number in range(1, ORDERS + 1)}
    await _no_process_is_left(world.worker.directory)


@asynccontextmanager
async def _running(settings: dict[str, Any]) -> AsyncIterator[asyncio.subprocess.Process]:
    here = Path(__file__).parent
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(here / "worker_process.py"),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(here.parents[1])},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(settings).encode() + b"\n")
    await process.stdin.drain()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until_completed(world: World, job_id: str) -> None:
    """The last rows are written a moment before the job says that it is done."""
    async with asyncio.timeout(120):
        while True:
            if (await world.get(job_id)).status is ImportStatus.COMPLETED:
                return
            await asyncio.sleep(0.05)


async def _until(world: World, job_id: str, *, written: int) -> None:
    async with asyncio.timeout(120):
        while True:
            job = await world.get(job_id)
            is_begun = job.status is ImportStatus.RUNNING and job.events_written >= written
            if job.status is ImportStatus.COMPLETED or is_begun:
                return
            await asyncio.sleep(0.01)


async def _no_process_is_left(directory: Path) -> None:
    """Preparing processes end with the worker that started them."""
    async with asyncio.timeout(20):
        while True:
            left = [
                one.pid
                for one in psutil.process_iter(["cmdline"])
                if any(str(directory) in part for part in one.info["cmdline"] or ())
            ]
            if not left:
                return
            await asyncio.sleep(0.1)
