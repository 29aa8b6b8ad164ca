"""Computations everybody sees whole: a row per run, its scores in chunks, seen once the run is finished."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.people.contracts import AttributeWrite
from quanyu.modules.people.service import People

DROP_CHUNK: Final = 20_000


class RunQueries:
    """What every kind of run does with its two tables, which the heirs name."""

    RUNS: ClassVar[str]
    SCORES: ClassVar[str]

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._tenant = uow.tenant_id

    async def finish(self, run_id: int) -> None:
        """Make a run the one everybody sees."""
        await self._uow.execute(
            f"UPDATE {self.RUNS} SET finished_at = :now WHERE tenant_id = :tenant AND id = :id",  # noqa: S608
            {"tenant": self._tenant, "id": run_id, "now": self._uow.clock.now()},
        )

    async def list_scored(self, run_id: int) -> list[int]:
        """Return everybody a run scored."""
        found = await self._uow.execute(
            f"SELECT coalesce(array_agg(person_id), '{{}}') FROM {self.SCORES} "  # noqa: S608
            "WHERE tenant_id = :tenant AND run_id = :id",
            {"tenant": self._tenant, "id": run_id},
        )
        return list(found.scalar_one())

    async def drop_some(self, *, keep: int, limit: int) -> int:
        """Remove some scores of other runs than ``keep``; return how many."""
        found = await self._uow.execute(
            f"DELETE FROM {self.SCORES} WHERE tenant_id = :tenant AND (run_id, person_id) IN "  # noqa: S608
            f"(SELECT run_id, person_id FROM {self.SCORES} WHERE tenant_id = :tenant AND run_id <> :keep "
            "LIMIT :limit)",
            {"tenant": self._tenant, "keep": keep, "limit": limit},
        )
        return int(found.rowcount)

    async def drop_runs(self, *, keep: int) -> None:
        """Remove runs without scores."""
        await self._uow.execute(
            f"DELETE FROM {self.RUNS} WHERE tenant_id = :tenant AND id <> :keep",  # noqa: S608
            {"tenant": self._tenant, "keep": keep},
        )


async def drop_others(
    uows: UnitOfWorkFactory, tenant_id: TenantId, queries: type[RunQueries], *, keep: int
) -> None:
    """Remove every run but one, in chunks."""
    while True:
        async with uows.system(tenant_id) as uow:
            if not await queries(uow).drop_some(keep=keep, limit=DROP_CHUNK):
                await queries(uow).drop_runs(keep=keep)
                return


async def clear_attributes(
    uows: UnitOfWorkFactory,
    people: People,
    tenant_id: TenantId,
    whose: Sequence[int],
    *,
    keys: Sequence[str],
    source: str,
    at: datetime,
    chunk: int,
) -> None:
    """Take attributes from people who are no longer scored."""
    for part in parts(whose, chunk):
        writes = [
            AttributeWrite(person_id=PersonId(one), key=key, value=None) for one in part for key in keys
        ]
        async with uows.system(tenant_id) as uow:
            await people.set_attributes(uow, writes, source=source, occurred_at=at)


def parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Cut rows into chunks of at most ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
