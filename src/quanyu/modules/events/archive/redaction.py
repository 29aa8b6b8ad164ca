"""Taking people out of the archive: the files that hold events of theirs are written anew without them."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive import files
from quanyu.modules.events.archive.schema import SCHEMA, Table, compute

_LOCK: Final = 7107  # The archiver's.
_EMPTIED: Final[dict[str, Any]] = {
    "message_id": "erased",
    "person_id": None,
    "resolved_person_id": None,
    "tokens": b"",
    "identifiers": None,
    "sealed": None,
    "properties": "{}",
    "context": "{}",
    "trace": "",
}


class ArchiveBusy(Exception):
    """The archiver is at work; try again later."""


class ArchiveRedaction:
    """Rewrites files one after the other; each change is whole, so it can be cut short and begun again."""

    def __init__(self, uows: UnitOfWorkFactory, database: Database, directory: Path) -> None:
        self._uows = uows
        self._database = database
        self._directory = directory

    async def redact(self, tenant_id: TenantId, people: Sequence[int]) -> int:
        """Empty every archived event of ``people``; return how many events there were.

        Raises:
            ArchiveBusy: the archiver holds the archive.
            ArchiveFileMissing, ArchiveDamaged: a file cannot be read; nothing is skipped.
        """
        connection = await self._database.connect_system(autocommit=True)
        try:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, 0)", (_LOCK,))
            row = await cursor.fetchone()
            if not (row and row[0]):
                raise ArchiveBusy
            return sum(
                [await self._redact_part(tenant_id, one, people) for one in await self._parts(tenant_id)]
            )
        finally:
            await connection.close()

    async def _parts(self, tenant_id: TenantId) -> list[tuple[date, int, str]]:
        async with self._uows.system(tenant_id) as uow:
            rows = await uow.execute(
                "SELECT day, part, file FROM log_archive WHERE tenant_id = :tenant ORDER BY day, part",
                {"tenant": tenant_id},
            )
            return [(row.day, row.part, row.file) for row in rows]

    async def _redact_part(
        self, tenant_id: TenantId, part: tuple[date, int, str], people: Sequence[int]
    ) -> int:
        day, number, name = part
        rewritten = await asyncio.to_thread(_rewrite, self._directory, tenant_id, part, people)
        if rewritten is None:
            return 0
        events, file = rewritten
        async with self._uows.system(tenant_id) as uow:
            await uow.execute(
                "UPDATE log_archive SET file = :new, bytes = :bytes, sha256 = :sha "
                "WHERE tenant_id = :tenant AND day = :day AND part = :part AND file = :old",
                {
                    "tenant": tenant_id,
                    "day": day,
                    "part": number,
                    "old": name,
                    "new": file.name,
                    "bytes": file.size_bytes,
                    "sha": file.sha256,
                },
            )
        await asyncio.to_thread((self._directory / name).unlink, missing_ok=True)
        return events


def _rewrite(
    directory: Path, tenant_id: int, part: tuple[date, int, str], people: Sequence[int]
) -> tuple[int, files.WrittenFile] | None:
    """Write a part without ``people``; ``None`` when it holds nothing of theirs."""
    day, number, name = part
    wanted = pa.array(people, pa.int32())
    with (directory / name).open("rb") as source:
        parquet: Any = pq.ParquetFile(source)
        theirs = parquet.read(columns=["resolved_person_id"], use_threads=False).column(0)
        events = compute.sum(compute.is_in(theirs, value_set=wanted)).as_py() or 0
        if not events:
            return None
        file = files.PartFile(directory, tenant_id, day, number)
        try:
            for group in range(parquet.num_row_groups):
                file.append(emptied(parquet.read_row_group(group, use_threads=False), wanted))
            return events, file.finish()
        except BaseException:
            file.discard()
            raise


def emptied(table: Table, people: Any) -> Table:
    """Return the events of a table, with nothing left in those of ``people`` that says who or what it was."""
    is_theirs = compute.is_in(table.column("resolved_person_id"), value_set=people)
    for name, value in _EMPTIED.items():
        field = SCHEMA.field(name)
        column = compute.if_else(is_theirs, pa.scalar(value, field.type), table.column(name))
        table = table.set_column(table.schema.get_field_index(name), field, column)
    return table
