"""Work for the processor, in processes of its own: the loop, its threads and chDB go on meanwhile.

Every piece of work gets a fresh interpreter (`python -m quanyu.infra.work_child`), so that nothing of this
process is copied, libraries it loads are gone with it, and stopping it is killing it.
"""

import asyncio
import os
import pickle
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")
OnProgress = Callable[[str, float], None]
HEADER: Final = struct.Struct("!BQ")  # What a frame is, and how many bytes follow.
RESULT, PROGRESS, FAILURE = range(3)


class WorkFailed(RuntimeError):
    """The process ended without a result; the message is its own."""


class WorkPool:
    """Runs plain functions of importable modules in other processes, a few at a time."""

    def __init__(self, *, processes: int = 1) -> None:
        self._room = asyncio.Semaphore(processes)

    async def run(self, work: Callable[..., T], *arguments: Any, on_progress: OnProgress | None = None) -> T:
        """Return what ``work(*arguments)`` returns; arguments and result can be pickled.

        Waits for room. ``on_progress`` hears what the work tells by ``work_child.tell``. Cancelling kills
        the process.

        Raises:
            WorkFailed: the work raised, or its process was killed.
        """
        async with self._room:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "quanyu.infra.work_child", stdin=PIPE, stdout=PIPE, env=_environment()
            )
            try:
                request = pickle.dumps((work, arguments))
                result: T = await _converse(process, request, on_progress)
                return result
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    async def run_small(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run what is done sooner than a process starts, in a thread of this one."""
        return await asyncio.to_thread(work, *arguments)


async def _converse(process: Process, request: bytes, on_progress: OnProgress | None) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(request)
        await process.stdin.drain()
        process.stdin.close()
        while True:
            kind, size = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
            content = await process.stdout.readexactly(size)
            if kind == RESULT:
                return pickle.loads(content)  # noqa: S301 - written by our own child
            if kind == FAILURE:
                raise WorkFailed(content.decode())
            if on_progress is not None:
                step, share = pickle.loads(content)  # noqa: S301 - written by our own child
                on_progress(step, share)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise WorkFailed(f"the process ended without a result ({await process.wait()})") from error


def _environment() -> dict[str, str]:
    # One thread each: several libraries with a thread per core only fight over the same two cores.
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    path = os.pathsep.join(place for place in sys.path if place)  # What can be imported here can be there.
    return {**os.environ, **dict.fromkeys(threads, "1"), "PYTHONPATH": path}
