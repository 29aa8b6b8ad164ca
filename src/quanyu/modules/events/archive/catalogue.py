"""What a brand's archive holds, what waits to go there, and whether its files are whole."""

import asyncio
from datetime import UTC, date, timedelta

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor, foreign_cursor
from quanyu.modules.events.archive import files, queries
from quanyu.modules.events.archive.contracts import (
    ArchivedDay,
    ArchivePart,
    ArchiveSettings,
    WaitingDay,
)
from quanyu.modules.events.archive.errors import ArchiveFileMissing


class Catalogue:
    """Reads PostgreSQL's list of the archive; changes nothing."""

    def __init__(
        self, uows: UnitOfWorkFactory, settings: ArchiveSettings, consumers: tuple[str, ...]
    ) -> None:
        self._uows = uows
        self.settings = settings
        self._consumers = consumers

    async def list_days(
        self, uow: UnitOfWork, *, cursor: str | None = None, limit: int | None = None
    ) -> Page[ArchivedDay]:
        """Return what the archive holds of the brand, newest day first."""
        before = _day_of(cursor) if cursor else None
        size = clamp_limit(limit)
        days = await queries.archived_days(await uow.raw(), uow.tenant_id, before=before, rows=size + 1)
        more = len(days) > size
        return Page(tuple(days[:size]), encode_cursor(days[size - 1].day.toordinal()) if more else None)

    async def list_waiting(self, tenant_id: TenantId) -> tuple[WaitingDay, ...]:
        """Return the days of the brand that are old enough to go and are still in the log, oldest first."""
        today = self._uows.clock.now().astimezone(UTC).date()
        waiting: list[WaitingDay] = []
        async with self._uows.system(tenant_id) as uow:
            connection = await uow.raw()
            before = today - timedelta(days=self.settings.keep_days)
            for day in await queries.list_days(connection, before=before):
                last = await queries.last_place(connection, tenant_id, day)
                if last is not None:
                    held_by = await queries.laggard(connection, tenant_id, last, self._consumers)
                    waiting.append(WaitingDay(day=day, held_by=held_by))
        return tuple(waiting)

    async def list_parts(self, uow: UnitOfWork, day: date) -> list[ArchivePart]:
        """Return the files of a day of the brand, in order."""
        return await queries.list_parts(await uow.raw(), day, tenant_id=uow.tenant_id)

    async def read_parts(self, tenant_id: TenantId, day: date) -> list[ArchivePart]:
        """Return the files of a day in a transaction of its own: reading them may take long."""
        async with self._uows.system(tenant_id) as uow:
            return await self.list_parts(uow, day)

    async def find_damaged(self, parts: list[ArchivePart]) -> tuple[str, ...]:
        """Read files and return the names of those that are missing or differ from what was written."""
        return tuple([part.file for part in parts if not await is_whole(self.settings, part)])


async def is_whole(settings: ArchiveSettings, part: ArchivePart) -> bool:
    """Compare a file with its row."""
    try:
        found = await asyncio.to_thread(files.checksum, settings.directory / part.file)
    except (ArchiveFileMissing, OSError):
        return False
    return found == (part.sha256, part.size_bytes)


def _day_of(cursor: str) -> date:
    (ordinal,) = decode_cursor(cursor, int)
    try:
        return date.fromordinal(ordinal)
    except (ValueError, OverflowError) as error:
        raise foreign_cursor() from error
