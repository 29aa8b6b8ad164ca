"""Letting go of archived events whose time is over.

Of such an event its place stays (batch and position), and nothing else: files keep saying that they
hold every event of their batches, so whoever reads batches still knows that nothing was lost.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa

from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.rewriting import ArchiveRewriting, Part
from quanyu.modules.events.archive.schema import RETIRED, SCHEMA, Table, compute

_PLACE: Final = ("tenant_id", "xid", "position", "batch_id", "kind")
_EMPTIED: Final[dict[str, Any]] = {
    "kind": RETIRED,
    **{field.name: None for field in SCHEMA if field.name not in _PLACE},
}


class Judgement(Protocol):
    """What goes of a day."""

    def goes(self, name: str) -> bool:
        """Whether events of a name go."""
        ...

    @property
    def spares_all(self) -> bool:
        """Whether nothing goes."""
        ...

    @property
    def mark(self) -> str:
        """Names the judgement; a file judged by the same one is not opened again."""
        ...


Tell = Callable[
    [int, int, int], Awaitable[None]
]  # Files done, files in all, events gone since the last call.


class ArchiveRetiring:
    """Rewrites files one after the other; each change is whole, so it can be cut short and begun again."""

    def __init__(self, uows: UnitOfWorkFactory, database: Database, directory: Path) -> None:
        self._uows = uows
        self._files = ArchiveRewriting(uows, database, directory)

    async def retire(
        self,
        tenant_id: TenantId,
        judge: Callable[[date], Judgement],
        *,
        before: date,
        tell: Tell,
        stop: asyncio.Event,
    ) -> None:
        """Let go of what ``judge`` says of the days before ``before`` that the archive alone holds.

        Raises:
            ArchiveBusy: somebody else holds the archive.
            ArchiveFileMissing, ArchiveDamaged: a file cannot be read; nothing is skipped.
        """
        async with self._files.alone():
            judged = [(part, judge(part.day)) for part in await self._files.parts(tenant_id, before=before)]
            due = [
                (part, verdict)
                for part, verdict in judged
                if part.is_alone and not verdict.spares_all and part.judged != verdict.mark
            ]
            await tell(0, len(due), 0)
            for done, (part, verdict) in enumerate(due, start=1):
                if stop.is_set():
                    return
                await tell(done, len(due), await self._retire_part(tenant_id, part, verdict))

    async def _retire_part(self, tenant_id: TenantId, part: Part, verdict: Judgement) -> int:
        rewritten = await self._files.rewrite(
            tenant_id, part, columns=["kind", "name"], chosen=lambda one: _gone(one, verdict), values=_EMPTIED
        )
        events = rewritten.events if rewritten else 0
        async with self._uows.system(tenant_id) as uow:
            if rewritten is not None:
                await self._files.exchange(uow, part, rewritten)
            await uow.execute(
                "UPDATE log_archive SET judged = :mark, retired = retired + :events "
                "WHERE tenant_id = :tenant AND day = :day AND part = :part",
                {
                    "tenant": tenant_id,
                    "day": part.day,
                    "part": part.number,
                    "mark": verdict.mark,
                    "events": events,
                },
            )
        if rewritten is not None:
            await self._files.forget(part)
        return events


def _gone(table: Table, verdict: Judgement) -> Any:
    names = [name for name in compute.unique(table.column("name")).to_pylist() if name is not None]
    due = pa.array([name for name in names if verdict.goes(name)], pa.string())
    return compute.and_(
        compute.is_in(table.column("name"), value_set=due), compute.not_equal(table.column("kind"), RETIRED)
    )
