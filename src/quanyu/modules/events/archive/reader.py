"""Reading archived events again, by batch."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive import files, queries
from quanyu.modules.events.archive.schema import Table

_ORDER: Final = ("batch_id", "xid", "position")


class LogArchive:
    """What the log let go of. Reads only what PostgreSQL says is there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    async def read_batches(
        self,
        uows: UnitOfWorkFactory,
        tenant_id: TenantId,
        *,
        first: int,
        last: int,
        columns: Sequence[str],
    ) -> list[Table]:
        """Return the archived events of the batches ``first`` to ``last``, in the order accepted.

        The tables have ``columns``, and batch_id, xid and position. They may hold events that are still in
        the log: a day is archived before it is dropped. Call it with no transaction open: reading files
        may take longer than one lasts.

        Raises:
            ArchiveFileMissing, ArchiveDamaged: nothing is skipped; call again when the file is back.
        """
        async with uows.system(tenant_id) as uow:
            parts = await queries.parts_of_batches(await uow.raw(), tenant_id, first=first, last=last)
        if not parts:
            return []
        wanted = [*_ORDER, *(name for name in columns if name not in _ORDER)]

        def read() -> list[Table]:
            return [
                table
                for part in parts
                for table in files.read_batches(
                    self.directory / part.file, first=first, last=last, columns=wanted
                )
                if table.num_rows
            ]

        return await asyncio.to_thread(read)

    async def read_people(
        self,
        uows: UnitOfWorkFactory,
        tenant_id: TenantId,
        people: Sequence[int],
        *,
        after: str | None,
        columns: Sequence[str],
    ) -> tuple[str | None, list[Mapping[str, Any]]]:
        """Return people's events in the next file that alone holds its days, and what to call again behind.

        Nothing behind ``after``: ``None`` and no events. Call it with no transaction open.

        Raises:
            ArchiveFileMissing, ArchiveDamaged: nothing is skipped; call again when the file is back.
        """
        async with uows.system(tenant_id) as uow:
            part = await queries.next_alone(await uow.raw(), tenant_id, after=after or "")
        if part is None:
            return None, []
        place, file = part
        return place, await asyncio.to_thread(
            files.read_people, self.directory / file, people, columns=columns
        )
