"""Computations everybody sees whole: a row per run, its scores in chunks, seen once the run is finished."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeVar

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.insight.activity import count_events
from quanyu.modules.people.contracts import AttributeWrite
from quanyu.modules.people.service import People

DROP_CHUNK: Final = 20_000
AGAIN_S: Final = 3_600.0  # Where nothing could be said the schedule asks again so often.
YOUNG: Final = 1_000_000  # Events; with more of them a day changes little.
GROWN: Final = 1.5
AT_LEAST: Final = 50  # Events more than before.


class RunQueries:
    """What every kind of run does with its two tables, which the heirs name."""

    RUNS: ClassVar[str]
    SCORES: ClassVar[str]
    MINE: ClassVar[str] = "tenant_id = :tenant"  # Which rows of the tables are of this kind.

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id
        self._mine: dict[str, Any] = {"tenant": self._tenant}

    async def finish(self, run_id: int) -> None:
        """Make a run the one everybody sees."""
        await self._uow.execute(
            f"UPDATE {self.RUNS} SET finished_at = :now WHERE {self.MINE} AND id = :id",  # noqa: S608
            {**self._mine, "id": run_id, "now": self._uow.clock.now()},
        )

    async def list_scored(self) -> list[int]:
        """Return everybody the last finished run scored."""
        found = await self._uow.execute(
            f"SELECT coalesce(array_agg(person_id), '{{}}') FROM {self.SCORES} WHERE {self.MINE} "  # noqa: S608
            f"AND run_id = (SELECT id FROM {self.RUNS} WHERE {self.MINE} AND finished_at IS NOT NULL "
            "ORDER BY id DESC LIMIT 1)",
            self._mine,
        )
        return list(found.scalar_one())

    async def drop_some(self, *, keep: int, limit: int) -> int:
        """Remove some scores of other runs than ``keep``; return how many."""
        found = await self._uow.execute(
            f"DELETE FROM {self.SCORES} WHERE {self.MINE} AND (run_id, person_id) IN "  # noqa: S608
            f"(SELECT run_id, person_id FROM {self.SCORES} WHERE {self.MINE} AND run_id <> :keep "
            "LIMIT :limit)",
            {**self._mine, "keep": keep, "limit": limit},
        )
        return int(found.rowcount)

    async def drop_runs(self, *, keep: int) -> None:
        """Remove runs without scores."""
        await self._uow.execute(
            f"DELETE FROM {self.RUNS} WHERE {self.MINE} AND id <> :keep",  # noqa: S608
            {**self._mine, "keep": keep},
        )


Score = TypeVar("Score")
QueriesT = TypeVar("QueriesT", bound=RunQueries)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes the scores of a run and the attributes they make, in the same commits."""

    uows: UnitOfWorkFactory
    people: People
    source: str
    attributes: tuple[str, ...]
    chunk: int  # People of one transaction.

    async def publish(
        self,
        tenant_id: TenantId,
        queries: Callable[[UnitOfWork], QueriesT],
        scores: Sequence[Score],
        *,
        run_id: int,
        at: datetime,
        start: Callable[[QueriesT], Awaitable[None]],
        add: Callable[[QueriesT, Sequence[Score]], Awaitable[None]],
        writes: Callable[[Sequence[Score]], Sequence[AttributeWrite]],
        whose: Callable[[Score], int],
    ) -> None:
        """Write a run, seen once all is there; whoever is no longer scored loses the attributes."""
        async with self.uows.system(tenant_id) as uow:
            before = await queries(uow).list_scored()
            await start(queries(uow))
        for part in parts(scores, self.chunk):
            async with self.uows.system(tenant_id) as uow:
                await add(queries(uow), part)
                told = writes(part)
                if told:
                    await self.people.set_attributes(uow, told, source=self.source, occurred_at=at)
        gone = sorted(set(before) - {whose(score) for score in scores})
        await self._clear(tenant_id, gone, at)
        async with self.uows.system(tenant_id) as uow:
            await queries(uow).finish(run_id)
        await drop_others(self.uows, tenant_id, queries, keep=run_id)

    async def _clear(self, tenant_id: TenantId, whose: Sequence[int], at: datetime) -> None:
        for part in parts(whose, self.chunk):
            writes = [
                AttributeWrite(person_id=PersonId(one), key=key, value=None)
                for one in part
                for key in self.attributes
            ]
            async with self.uows.system(tenant_id) as uow:
                await self.people.set_attributes(uow, writes, source=self.source, occurred_at=at)


class Turns:
    """One computation at a time per brand."""

    def __init__(self) -> None:
        self._running: dict[TenantId, asyncio.Lock] = {}

    def of(self, tenant_id: TenantId) -> asyncio.Lock:
        """Return the lock of a brand."""
        return self._running.setdefault(tenant_id, asyncio.Lock())


async def drop_others(
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    queries: Callable[[UnitOfWork], RunQueries],
    *,
    keep: int,
) -> None:
    """Remove every run but one, in chunks."""
    while True:
        async with uows.system(tenant_id) as uow:
            if not await queries(uow).drop_some(keep=keep, limit=DROP_CHUNK):
                await queries(uow).drop_runs(keep=keep)
                return


async def still_holds(gate: TenantWarehouse, *, age_s: float, enough_s: float, history: int | None) -> bool:
    """Tell whether a computation is young enough, and the brand's history about as long as it was then.

    ``history`` is how many events there were. Cheap: of histories beyond ``YOUNG`` nothing is asked.
    """
    if age_s >= enough_s:
        return False
    if history is None or history > YOUNG:
        return True
    return await count_events(gate) <= history * GROWN + AT_LEAST


def whole_ms(instant: datetime) -> datetime:
    """Return an instant as the warehouse knows it: UTC, whole milliseconds."""
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Cut rows into chunks of at most ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
