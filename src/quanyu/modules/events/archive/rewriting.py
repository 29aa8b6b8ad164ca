"""Writing files of the archive anew with some of their events emptied: whole or not at all, one by one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive import files
from quanyu.modules.events.archive.schema import SCHEMA, Table, compute

_LOCK: Final = 7107  # The archiver's.

Chosen = Callable[[Table], Any]  # Which rows of a table are emptied, as a mask.


class ArchiveBusy(Exception):
    """The archiver is at work; try again later."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive as PostgreSQL knows it."""

    day: date
    number: int
    file: str
    judged: str  # By which judgement of retention it was last looked at.
    is_alone: bool  # Whether the log let go of its events.


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file written beside the one it is to replace; ``events`` of it were emptied."""

    events: int
    file: files.WrittenFile


class ArchiveRewriting:
    """Holds the archive and replaces its files."""

    def __init__(self, uows: UnitOfWorkFactory, database: Database, directory: Path) -> None:
        self._uows = uows
        self._database = database
        self._directory = directory

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Hold the archive for as long as the block lasts.

        Raises:
            ArchiveBusy: somebody else holds it.
        """
        connection = await self._database.connect_system(autocommit=True)
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, 0)", (_LOCK,))
            row = await cursor.fetchone()
            if not (row and row[0]):
                raise ArchiveBusy
            yield
        finally:
            await connection.close()

    async def parts(self, tenant_id: TenantId, *, before: date | None = None) -> list[Part]:
        """Return the brand's files, oldest first, of all days or of those before one."""
        async with self._uows.system(tenant_id) as uow:
            rows = await uow.execute(
                "SELECT day, part, file, judged, dropped_at IS NOT NULL AS is_alone FROM log_archive "
                "WHERE tenant_id = :tenant AND (day < :before OR CAST(:before AS date) IS NULL) "
                "ORDER BY day, part",
                {"tenant": tenant_id, "before": before},
            )
            return [Part(row.day, row.part, row.file, row.judged, row.is_alone) for row in rows]

    async def rewrite(
        self,
        tenant_id: TenantId,
        part: Part,
        *,
        columns: Sequence[str],
        chosen: Chosen,
        values: Mapping[str, Any],
    ) -> Rewritten | None:
        """Write a file beside ``part`` with the chosen events emptied; ``None`` when there are none.

        ``columns`` are all that ``chosen`` looks at.

        Raises:
            ArchiveFileMissing, ArchiveDamaged: it cannot be read.
        """

        def work() -> Rewritten | None:
            return _rewritten(self._directory, tenant_id, part, columns, chosen, values)

        return await asyncio.to_thread(work)

    async def exchange(self, uow: UnitOfWork, part: Part, rewritten: Rewritten) -> None:
        """Let the new file stand for the part; the old one is nobody's after the commit."""
        await uow.execute(
            "UPDATE log_archive SET file = :new, bytes = :bytes, sha256 = :sha "
            "WHERE tenant_id = :tenant AND day = :day AND part = :part AND file = :old",
            {
                "tenant": uow.tenant_id,
                "day": part.day,
                "part": part.number,
                "old": part.file,
                "new": rewritten.file.name,
                "bytes": rewritten.file.size_bytes,
                "sha": rewritten.file.sha256,
            },
        )

    async def forget(self, part: Part) -> None:
        """Remove the file that was replaced."""
        await asyncio.to_thread((self._directory / part.file).unlink, missing_ok=True)


def _rewritten(
    directory: Path,
    tenant_id: int,
    part: Part,
    columns: Sequence[str],
    chosen: Chosen,
    values: Mapping[str, Any],
) -> Rewritten | None:
    with files.opened(directory / part.file) as source:
        parquet: Any = pq.ParquetFile(source)
        looked_at = parquet.read(columns=list(columns), use_threads=False)
        events = compute.sum(chosen(looked_at)).as_py() or 0
        if not events:
            return None
        file = files.PartFile(directory, tenant_id, part.day, part.number)
        try:
            for group in range(parquet.num_row_groups):
                table = parquet.read_row_group(group, use_threads=False)
                file.append(emptied(table, chosen(table), values))
            return Rewritten(events, file.finish())
        except BaseException:
            file.discard()
            raise


def emptied(table: Table, mask: Any, values: Mapping[str, Any]) -> Table:
    """Return a table whose masked rows have ``values`` in the columns named."""
    for name, value in values.items():
        field = SCHEMA.field(name)
        column = compute.if_else(mask, pa.scalar(value, field.type), table.column(name))
        table = table.set_column(table.schema.get_field_index(name), field, column)
    return table
