"""Taking people out of the archive: the files that hold events of theirs are written anew without them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.archive.rewriting import ArchiveBusy, ArchiveRewriting
from quanyu.modules.events.archive.schema import Table, compute

__all__ = ["ArchiveBusy", "ArchiveRedaction"]

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


class ArchiveRedaction:
    """Rewrites files one after the other; each change is whole, so it can be cut short and begun again."""

    def __init__(self, uows: UnitOfWorkFactory, database: Database, directory: Path) -> None:
        self._uows = uows
        self._files = ArchiveRewriting(uows, database, directory)

    async def redact(self, tenant_id: TenantId, people: Sequence[int]) -> int:
        """Empty every archived event of ``people``; return how many events there were.

        Raises:
            ArchiveBusy: the archiver holds the archive.
            ArchiveFileMissing, ArchiveDamaged: a file cannot be read; nothing is skipped.
        """
        wanted = pa.array(people, pa.int32())

        def theirs(table: Table) -> Any:
            return compute.is_in(table.column("resolved_person_id"), value_set=wanted)

        events = 0
        async with self._files.alone():
            for part in await self._files.parts(tenant_id):
                rewritten = await self._files.rewrite(
                    tenant_id, part, columns=["resolved_person_id"], chosen=theirs, values=_EMPTIED
                )
                if rewritten is not None:
                    async with self._uows.system(tenant_id) as uow:
                        await self._files.exchange(uow, part, rewritten)
                    await self._files.forget(part)
                    events += rewritten.events
        return events
