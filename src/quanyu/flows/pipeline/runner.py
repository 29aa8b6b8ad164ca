"""Keeps the pipeline moving: wakes on new events, and looks by itself in case a wake-up was lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from quanyu.flows.pipeline.metrics import STAGE_SECONDS, STORED
from quanyu.flows.pipeline.passing import Passing
from quanyu.flows.pipeline.react import React, passes
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.store import Store
from quanyu.infra.telemetry import get_logger
from quanyu.kernel.ids import TenantId

_log = get_logger("pipeline")

IDLE_LOOK_S: Final = 1.0
# Reactions are woken by the store beside them; their own look only makes up for a wake-up that was lost.
REACT_LOOK_S: Final = 5.0
RETRY_MIN_S: Final = 0.2
RETRY_MAX_S: Final = 10.0
# After a commit, others that are about to commit get this long to join the batch.
GATHER_S: Final = 0.02
# Batches cost something each, however small. While events keep coming in less than this at a time, the next
# batch gathers for as long as the last one took, so that at most half the time goes into small ones.
GATHER_BELOW: Final = 2_500
GATHER_MAX_S: Final = 0.2
# An insert costs the warehouse the same however small. While it is slow, events gather before it instead of
# small batches; while it is away, so that identities keep up, a batch is resolved now and then.
OPEN_MAX: Final = 2
AHEAD_MAX_S: Final = 5.0


class Stage:
    """One step of one brand, run whenever there may be work."""

    def __init__(
        self,
        name: str,
        run_once: Callable[[], Awaitable[int]],
        *,
        gather_below: int = 0,
        hold: Callable[[], Awaitable[None]] | None = None,
        look_s: float = IDLE_LOOK_S,
    ) -> None:
        """Run ``run_once`` until it finds nothing, then rest; ``hold`` is waited for before each batch.

        Unless woken, it looks again after ``look_s``.
        """
        self.name = name
        self._run_once = run_once
        self._gather_below = gather_below
        self._hold = hold
        self._look_s = look_s
        self._seconds = STAGE_SECONDS.labels(name.partition(":")[0])
        self._wake = asyncio.Event()
        self.after: list[Stage] = []
        self.is_idle = False

    def wake(self) -> None:
        """Say that there may be work."""
        self.is_idle = False
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Trouble is waited out; nothing is given up."""
        retry_s = RETRY_MIN_S
        while True:
            try:
                worked = await self._drain()
                retry_s = RETRY_MIN_S
            except Exception as error:
                if _is_cancelled():
                    raise asyncio.CancelledError from error
                # Trouble that passes is told in a line; anything else is a defect, and told whole.
                _log.warning(
                    "pipeline.waiting",
                    stage=self.name,
                    retry_s=retry_s,
                    error=type(error).__name__,
                    exc_info=not passes(error),
                )
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, RETRY_MAX_S)
                continue
            self.is_idle = not self._wake.is_set()
            await self._wait(short=worked)

    async def _drain(self) -> bool:
        worked = False
        self._wake.clear()
        while True:
            if self._hold is not None:
                await self._hold()
            began = time.monotonic()
            count = await self._run_once()
            took_s = time.monotonic() - began
            self._seconds.observe(took_s)
            if not count:
                return worked
            worked = True
            for stage in self.after:
                stage.wake()
            if count < self._gather_below:
                await asyncio.sleep(min(max(3 * took_s, GATHER_S), GATHER_MAX_S))

    async def _wait(self, *, short: bool) -> None:
        # Not ``wait_for``: until Python 3.12 it forgets a cancellation that comes together with the wake-up.
        try:
            async with asyncio.timeout(self._look_s):
                await self._wake.wait()
        except TimeoutError:
            return
        if short:
            await asyncio.sleep(GATHER_S)


def _is_cancelled() -> bool:
    """Whether this task is to end: a statement that is cut off may fail in a way that hides it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Lead:
    """How far resolving may run ahead of storing: ``OPEN_MAX`` batches, or ``AHEAD_MAX_S`` a batch."""

    def __init__(self, count_open: Callable[[], Awaitable[int]], *, patience_s: float = AHEAD_MAX_S) -> None:
        self._count_open = count_open
        self._patience_s = patience_s
        self._stored = asyncio.Event()

    def note_stored(self) -> None:
        """Say that a batch was stored."""
        self._stored.set()

    async def wait(self) -> None:
        """Return when few batches wait to be stored, or patience has run out."""
        give_up_at = time.monotonic() + self._patience_s
        while True:
            self._stored.clear()
            if await self._count_open() < OPEN_MAX:
                return
            try:
                async with asyncio.timeout(give_up_at - time.monotonic()):
                    await self._stored.wait()
            except TimeoutError:
                return


class Pipeline:
    """All stages of all brands."""

    def __init__(self, resolve: Resolve, store: Store, reactions: Sequence[React], passing: Passing) -> None:
        self._resolve = resolve
        self._store = store
        self._reactions = reactions
        self._passing = passing
        self._stages: dict[TenantId, list[Stage]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, tenant_id: TenantId) -> None:
        """Run the stages of a brand; once per brand."""
        if tenant_id in self._stages:
            return
        stages = self._stages_of(tenant_id)
        self._stages[tenant_id] = stages
        self._tasks += [asyncio.create_task(stage.run(), name=stage.name) for stage in stages]

    def wake(self, tenant_id: TenantId) -> None:
        """Say that the log of a brand has grown."""
        for stage in self._stages.get(tenant_id, [])[:1]:
            stage.wake()

    def is_idle(self, tenant_id: TenantId) -> bool:
        """Whether every stage of the brand found nothing to do on its last look."""
        return all(stage.is_idle for stage in self._stages.get(tenant_id, []))

    async def stop(self) -> None:
        """Stop between two batches."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._stages.clear()

    def _stages_of(self, tenant_id: TenantId) -> list[Stage]:
        lead = Lead(lambda: self._store.count_open(tenant_id, up_to=OPEN_MAX))

        async def store_once() -> int:
            count = await self._store.run_once(tenant_id)
            STORED.inc(count)
            lead.note_stored()
            return count

        resolve = Stage(
            f"resolve:{tenant_id}",
            lambda: self._resolve.run_once(tenant_id),
            gather_below=GATHER_BELOW,
            hold=lead.wait,
        )
        store = Stage(f"store:{tenant_id}", store_once)
        reactions = {
            reaction.name: Stage(
                f"react:{reaction.name}:{tenant_id}", _runner(reaction, tenant_id), look_s=REACT_LOOK_S
            )
            for reaction in self._reactions
        }
        for reaction in self._reactions:
            for name in reaction.after:
                # Who waits for another looks again as soon as that one has moved.
                reactions[name].after.append(reactions[reaction.name])
        resolve.after = [store]
        passing = self._passing_stage(tenant_id, reactions)
        store.after = [passing]
        return [resolve, store, passing, *reactions.values()]

    def _passing_stage(self, tenant_id: TenantId, reactions: Mapping[str, Stage]) -> Stage:
        async def pass_once() -> int:
            behind: Collection[str] = reactions
            try:
                behind = await self._passing.run_once(tenant_id)
            finally:
                for name in behind:  # When it failed, each looks for itself.
                    reactions[name].wake()
            return 0

        return Stage(f"pass:{tenant_id}", pass_once, look_s=REACT_LOOK_S)


def _runner(reaction: React, tenant_id: TenantId) -> Callable[[], Awaitable[int]]:
    return lambda: reaction.run_once(tenant_id)
