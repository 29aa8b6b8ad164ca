"""Exports of people: asked for, written slice by slice, taken, stopped, resumed, removed."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.infra.sealed_files import SealedFiles
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.bulk.errors import NobodyMeant
from quanyu.modules.people.bulk.service import PeopleJobDesk
from quanyu.modules.people.export.contracts import (
    EXPORT_PREFIX,
    ExportFetch,
    ExportFormat,
    ExportRegister,
    ExportState,
    ExportView,
    Removed,
    StartExport,
)
from quanyu.modules.people.export.errors import ExportGone, ExportOver
from quanyu.modules.people.export.pieces import Slice, piece_of
from quanyu.modules.people.export.queries import ExportQueries, ExportRow
from quanyu.modules.people.export.rows import ExportRows
from quanyu.modules.tenants.service import Tenants

SLICE: Final = 1_000  # People of one commit.
_SHOWN: Final = 100
_AT_ONCE: Final = 100
_TYPES: Final = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file on its way to whoever asked for it."""

    name: str
    media_type: str
    pieces: Iterator[bytes]


class PeopleExports:
    """The use cases; ``run_once`` is called by a loop of each brand."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        tenants: Tenants,
        desk: PeopleJobDesk,
        files: SealedFiles,
        rows: ExportRows,
    ) -> None:
        self._uows = uows
        self._tenants = tenants
        self._desk = desk
        self._files = files
        self._rows = rows

    async def start(self, tenant_id: TenantId, command: StartExport, *, actor: str) -> str:
        """Write people into a file in the background and return the export's id. Who is meant is settled now.

        Raises:
            NobodyMeant, TooManyMeant, and whatever a filter is refused for.
        """
        people, export_id = await self._desk.meant(tenant_id, command.audience), new_id()
        if not people:
            raise NobodyMeant("nobody is meant", message_zh="没有符合条件的客户")
        async with self._uows.app(tenant_id) as uow:
            await ExportQueries(uow).add(
                export_id,
                people,
                columns=list(dict.fromkeys(command.columns)),
                format=command.format.value,
                unmasked=command.unmasked,
                reason=command.reason,
                actor=actor,
                expires=uow.clock.now() + timedelta(days=command.keep_days),
            )
        return encode_id(EXPORT_PREFIX, export_id)

    async def register(self, uow: UnitOfWork) -> ExportRegister:
        """Return the latest exports with who took them, newest first."""
        queries = ExportQueries(uow)
        rows = await queries.latest(_SHOWN)
        taken = await queries.fetches([row.id for row in rows])
        return ExportRegister(items=tuple(_view(row, taken.get(row.id, ()), uow) for row in rows))

    async def get(self, uow: UnitOfWork, export: str) -> ExportView:
        """Return one export.

        Raises:
            ExportNotFound: there is none.
        """
        queries = ExportQueries(uow)
        row = await queries.get(decode_id(EXPORT_PREFIX, export))
        return _view(row, (await queries.fetches([row.id])).get(row.id, ()), uow)

    async def fetch(self, uow: UnitOfWork, export: str, *, actor: str) -> ExportFile:
        """Return the file, opened piece by piece, and note who took it.

        Raises:
            ExportNotFound: there is none.
            ExportGone: it is not whole yet, or was removed.
        """
        queries = ExportQueries(uow)
        row = await queries.get(decode_id(EXPORT_PREFIX, export), lock=True)
        if not _can_fetch(row, uow):
            raise ExportGone("the file is not ready, or was removed", message_zh="文件尚未完成，或已删除")
        try:
            pieces = self._files.read(uow.tenant_id, row.id, size=row.size)
        except FileNotFoundError as error:
            raise ExportGone("the file is not on this machine", message_zh="文件不在这台机器上") from error
        await queries.fetched(new_id(), row.id, actor=actor)
        kind = "clear" if row.is_unmasked else "masked"
        name = f"people-{row.created_at:%Y%m%d-%H%M}-{row.actor}-{kind}-{export}.{row.format}"
        return ExportFile(name, _TYPES[ExportFormat(row.format)], pieces)

    async def stop(self, uow: UnitOfWork, export: str) -> ExportView:
        """Stop a running export after the people it is at.

        Raises:
            ExportNotFound, ExportOver
        """
        return await self._turn(uow, export, ExportState.RUNNING, ExportState.STOPPED)

    async def resume(self, uow: UnitOfWork, export: str) -> ExportView:
        """Go on where it was stopped.

        Raises:
            ExportNotFound, ExportOver
        """
        return await self._turn(uow, export, ExportState.STOPPED, ExportState.RUNNING)

    async def remove(self, uow: UnitOfWork, export: str, *, actor: str) -> ExportView:
        """Delete the file now; the entry in the register stays. Idempotent.

        Raises:
            ExportNotFound: there is none.
        """
        row = await ExportQueries(uow).get(decode_id(EXPORT_PREFIX, export), lock=True)
        if row.removed is None:
            await self._drop(uow, row.id, Removed.BY_HAND, by=actor)
        return await self.get(uow, export)

    async def _turn(self, uow: UnitOfWork, export: str, now: ExportState, then: ExportState) -> ExportView:
        row = await ExportQueries(uow).get(decode_id(EXPORT_PREFIX, export), lock=True)
        if row.state != now or row.removed is not None:
            raise ExportOver(
                f"the export is {row.state}: it cannot become {then.value}",
                message_zh="导出当前状态不允许此操作",
            )
        await ExportQueries(uow).change(row.id, state=then.value)
        return await self.get(uow, export)

    # --- working ------------------------------------------------------------------------------------------

    async def run_once(self, tenant_id: TenantId) -> int:
        """Remove files whose time is over, then write the next people; return 0 when nothing waits."""
        async with self._uows.system(tenant_id) as uow:
            found = await ExportQueries(uow).to_remove(_AT_ONCE)
            for export_id, why in found:
                await self._drop(uow, export_id, Removed(why))
            claimed = await ExportQueries(uow).claim(SLICE)
        if claimed is None:
            return len(found)
        row, people = claimed
        async with self._uows.system(tenant_id) as uow:
            profiles = await _turns(uow, row, people)
            lines = await self._rows.read(uow, profiles, row.columns, unmasked=row.is_unmasked)
            zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        is_last = row.done + len(people) >= row.people
        piece = Slice(lines, row.rows + len(lines), is_last)
        content, book = await asyncio.to_thread(piece_of, row, piece, zone=zone)
        return await self._write(tenant_id, row, len(people), piece, content, book)

    async def _write(
        self, tenant_id: TenantId, read: ExportRow, people: int, piece: Slice, content: bytes, book: Any
    ) -> int:
        """Write a slice and note it. What a cut-off commit left behind the noted size is overwritten."""
        async with self._uows.system(tenant_id) as uow:
            queries = ExportQueries(uow)
            row = await queries.get(read.id, lock=True)
            is_mine = row.done == read.done and row.state == ExportState.RUNNING and row.removed is None
            if not is_mine:
                return 1  # Stopped or removed meanwhile.
            size = row.size
            if content:
                size = await asyncio.to_thread(self._files.append, tenant_id, row.id, content, at=row.size)
            await queries.note_written(
                row.id, done=row.done + people, rows=piece.people, size=size, book=book
            )
            if piece.is_last:
                await queries.change(row.id, state=ExportState.DONE.value, finished_at=uow.clock.now())
        return max(people, 1)

    async def _drop(self, uow: UnitOfWork, export_id: int, why: Removed, *, by: str = "") -> None:
        await asyncio.to_thread(self._files.delete, uow.tenant_id, export_id)
        await ExportQueries(uow).remove(export_id, why.value, by=by)


async def _turns(uow: UnitOfWork, row: ExportRow, people: Sequence[int]) -> list[int]:
    """Return the profiles to write now; whoever merged since stands where the first of their ids does."""
    canonical = await profile_queries.find_canonical(uow, people)
    members = await profile_queries.list_members(uow, sorted(set(canonical.values())))
    lesser = [one for one in members if one.id < max(people)]
    meant = await ExportQueries(uow).among(row.id, [one.id for one in lesser])
    first: dict[int, int] = {}
    for one in lesser:
        if one.id in meant:
            first[one.profile] = min(one.id, first.get(one.profile, one.id))
    return sorted({profile for one, profile in canonical.items() if first.get(profile, one) >= one})


def _can_fetch(row: ExportRow, uow: UnitOfWork) -> bool:
    return row.state == ExportState.DONE and row.removed is None and row.expires_at > uow.clock.now()


def _view(row: ExportRow, taken: Sequence[tuple[str, datetime]], uow: UnitOfWork) -> ExportView:
    return ExportView(
        id=encode_id(EXPORT_PREFIX, row.id),
        state=ExportState(row.state),
        format=ExportFormat(row.format),
        columns=tuple(row.columns),
        unmasked=row.is_unmasked,
        reason=row.reason,
        actor=row.actor,
        people=row.people,
        done=row.done,
        rows=row.rows,
        removed=None if row.removed is None else Removed(row.removed),
        removed_by=row.removed_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        can_fetch=_can_fetch(row, uow),
        fetches=tuple(ExportFetch(actor=actor, fetched_at=at) for actor, at in taken),
    )
